"""Asking every point of a scope something before a deadline, and counting who has answered.

What roll calls and directives share. Who is waiting or absent is not stored: a point that was asked and that nobody confirmed
*is* absent once the time is over. So starting and ending touch each point once, and an answer costs one entry and a handful of
counters, however many points were asked.

An absent point has one of two causes. ``no_answer``: the question reached a live connection of the point and nobody answered it.
``offline``: from the start to the end of the time the point had no connection, so that nobody there can have seen it.

Counters are kept for every unit above an asked point, so that the numbers of any unit are a look-up.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bridge.errors import corrupt_record
from bridge.machine import advance
from bridge.units import Directory

PERSON_MAX_CHARS: Final = 100
"""Longest name or function of whoever confirms."""
MAX_BOARD_UNITS: Final = 100
"""Units on a board: 63 provinces, or the districts of the largest. Of more, those with most missing are shown."""


class Presence(StrEnum):
    """What became of one point that is asked."""

    WAITING = "waiting"
    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"


class PresenceInput(StrEnum):
    """What moves a point; ``miss`` is the end of the time."""

    CONFIRM = "confirm"
    MISS = "miss"


class AbsenceCause(StrEnum):
    """Why a point is absent."""

    OFFLINE = "offline"
    NO_ANSWER = "no_answer"


PRESENCE_TABLE: Final[Mapping[Presence, Mapping[PresenceInput, Presence]]] = MappingProxyType(
    {
        Presence.WAITING: {PresenceInput.CONFIRM: Presence.PRESENT, PresenceInput.MISS: Presence.ABSENT},
        Presence.PRESENT: {},
        Presence.ABSENT: {PresenceInput.CONFIRM: Presence.LATE},
        Presence.LATE: {},
    }
)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who answered for the point, and when."""

    at: int
    state: Presence
    name: str
    function: str


@dataclass(slots=True)
class Tally:
    """The numbers of one unit."""

    asked: int = 0
    present: int = 0
    late: int = 0
    silent: int = 0
    """Reached by the question and not confirmed."""

    @property
    def missing(self) -> int:
        """Points that have not confirmed."""
        return self.asked - self.present - self.late

    @property
    def unreached(self) -> int:
        """Points without any connection while it was asked, and not confirmed."""
        return self.missing - self.silent


@dataclass(slots=True)
class Asking(ABC):
    """One question to many points. Only applied events change it."""

    id: str
    by: str
    units: tuple[str, ...]
    started_at: int
    deadline: int
    points: dict[str, None] = field(default_factory=dict)
    """Who is asked, in directory order."""
    reached: set[str] = field(default_factory=set)
    """Who had a live connection at some moment while answers were in time."""
    confirmed: dict[str, Confirmation] = field(default_factory=dict)
    total: Tally = field(default_factory=Tally)
    tallies: dict[str, Tally] = field(default_factory=dict)
    """The numbers by unit, for every unit above an asked point."""

    @property
    @abstractmethod
    def is_asking(self) -> bool:
        """Whether answers are still in time."""

    def presence(self, point: str) -> Presence | None:
        """Say what became of a point; None for one that was not asked."""
        if point not in self.points:
            return None
        confirmation = self.confirmed.get(point)
        if confirmation is not None:
            return confirmation.state
        return Presence.WAITING if self.is_asking else advance(PRESENCE_TABLE, Presence.WAITING, PresenceInput.MISS)

    def cause(self, point: str) -> AbsenceCause | None:
        """Say why a point is absent; None when it is not."""
        if self.presence(point) is not Presence.ABSENT:
            return None
        return AbsenceCause.NO_ANSWER if point in self.reached else AbsenceCause.OFFLINE

    def ask(self, points: Iterable[str], live: Iterable[str], directory: Directory) -> None:
        """Enter who is asked, and which of them are there to be asked."""
        for point in points:
            self.points[point] = None
            for tally in self._tallies_of(point, directory):
                tally.asked += 1
        for point in live:
            self.reach(point, directory)

    def reach(self, point: str, directory: Directory) -> None:
        """The question reached a connection of the point."""
        if point in self.reached or point not in self.points or not self.is_asking:
            return
        self.reached.add(point)
        if point not in self.confirmed:
            for tally in self._tallies_of(point, directory):
                tally.silent += 1

    def confirm(self, point: str, at: int, name: str, function: str, directory: Directory) -> None:
        """Somebody at the point confirmed.

        Raises:
            BridgeError: ``illegal_move`` when it had confirmed before, ``corrupt_record`` when it was not asked.
        """
        presence = self.presence(point)
        if presence is None:
            raise corrupt_record(f"{point} confirmed and was not asked")
        state = advance(PRESENCE_TABLE, presence, PresenceInput.CONFIRM)
        self.confirmed[point] = Confirmation(at, state, name, function)
        was_reached = point in self.reached
        for tally in self._tallies_of(point, directory):
            if state is Presence.LATE:
                tally.late += 1
            else:
                tally.present += 1
            if was_reached:
                tally.silent -= 1

    def _tallies_of(self, point: str, directory: Directory) -> list[Tally]:
        above = directory.units_above(point) if directory.has_point(point) else ()
        found = [self.total]
        for unit in above:
            tally = self.tallies.get(unit)
            if tally is None:
                tally = self.tallies[unit] = Tally()
            found.append(tally)
        return found

    def answers_plain(self) -> dict[str, object]:
        """Give who was asked and who answered as plain data, to compare."""
        return {
            "points": list(self.points),
            "reached": sorted(self.reached),
            "confirmed": {point: asdict(confirmation) for point, confirmation in sorted(self.confirmed.items())},
            "total": asdict(self.total),
            "tallies": {unit: asdict(tally) for unit, tally in sorted(self.tallies.items())},
        }


def points_asked(directory: Directory, units: Sequence[str]) -> tuple[str, ...]:
    """Give the points of units and of everything below them, once each, in directory order.

    Raises:
        BridgeError: ``unknown_unit``.
    """
    places = sorted({place for unit in units for place in directory.points_within(unit)})
    return tuple(directory.points[place].code for place in places)


def outermost(directory: Directory, units: Iterable[str]) -> tuple[str, ...]:
    """Give the units that no other of them contains, once each, in the order given."""
    once = [unit for unit in dict.fromkeys(units) if directory.has_unit(unit)]
    return tuple(unit for unit in once if not any(other != unit and directory.is_within(unit, (other,)) for other in once))


def shown_units(directory: Directory, asked: Sequence[str], scope: Sequence[str]) -> tuple[str, ...]:
    """Give the part of a question that a scope may see, as units: where each of the two meets the other."""
    meeting = [
        inner
        for unit in asked
        for top in scope
        for inner in ((unit,) if directory.is_within(unit, (top,)) else (top,) if directory.is_within(top, (unit,)) else ())
    ]
    return outermost(directory, meeting)
