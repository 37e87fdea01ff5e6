"""The rows of a report: calls, points, roll calls, directives; and the window of time it is about."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from bridge.machine import Cause

FOREVER: Final = 2**53


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` up to, and without, ``end``; milliseconds since the Unix epoch."""

    start: int = 0
    end: int = FOREVER

    def has(self, at: int) -> bool:
        """Say whether a moment lies within."""
        return self.start <= at < self.end

    def length_ms(self, start: int, end: int) -> int:
        """Give how much of a time lies within, in milliseconds."""
        return max(0, min(end, self.end) - max(start, self.start))


@dataclass(slots=True)
class StepRow:
    """Somebody who was tried when a point could not be reached."""

    at: int
    kind: str
    """``phone``, ``point`` or ``above`` (`bridge.escalation`)."""
    name: str
    target: str
    outcome: str = ""
    """What came of it; empty while nobody knows."""
    note: str = ""
    """What was said about it."""


@dataclass(slots=True)
class CallRow:
    """One call as the report has it; times are None where the thing never happened."""

    session: str
    call: str
    point: str
    by: str
    placed_at: int
    record: str
    rang_at: int | None = None
    answered_at: int | None = None
    connected_at: int | None = None
    ended_at: int | None = None
    on_air_ms: int = 0
    cause: Cause | None = None
    last_seen: int | None = None
    """Of a failed call: when anything had last been heard from the point."""
    offline_since: int | None = None
    detail: str = ""
    explanations: list[tuple[int, str, str]] = field(default_factory=list)
    """``(at, name, text)``."""
    steps: list[StepRow] = field(default_factory=list)
    """Who else was tried, on the record's first call."""
    called_back_at: int | None = None

    @property
    def answer_ms(self) -> int | None:
        """From the ring at the desk to the answer."""
        return None if self.answered_at is None or self.rang_at is None else self.answered_at - self.rang_at


@dataclass(slots=True)
class PointRow:
    """One point as the report has it."""

    point: str
    live_ms: int = 0
    arrivals: int = 0
    first_live_at: int | None = None
    last_left_at: int | None = None
    asked: int = 0
    present: int = 0
    late: int = 0
    calls: int = 0
    answered: int = 0
    answer_ms: list[int] = field(default_factory=list)
    causes: Counter[str] = field(default_factory=Counter)
    explained: int = 0
    """Calls that failed and were explained."""
    unexplained: int = 0
    on_air_ms: int = 0
    speeches: int = 0
    speaking_ms: int = 0
    directives: int = 0
    acknowledged: int = 0
    acknowledged_late: int = 0

    @property
    def absent(self) -> int:
        """Roll calls that were never confirmed."""
        return self.asked - self.present - self.late


@dataclass(slots=True)
class RollCallRow:
    """One roll call as the report has it."""

    session: str
    roll_call: str
    by: str
    started_at: int
    points: tuple[str, ...]
    confirmed: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    """``(at, name, function)`` of those who confirmed, in the order of confirming."""
    late: set[str] = field(default_factory=set)
    closed_at: int | None = None

    def is_in_time(self, point: str) -> bool | None:
        """Say whether a point confirmed in time; None when it did not confirm."""
        return point not in self.late if point in self.confirmed else None


@dataclass(slots=True)
class DirectiveRow:
    """One directive as the report has it."""

    session: str
    directive: str
    title: str
    by: str
    issued_at: int
    deadline: int
    points: tuple[str, ...]
    acknowledged: dict[str, int] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    """Who of those acknowledged after the deadline: the order of the log decides, not that of clocks."""
    is_due: bool = False
    """Whether the deadline has passed."""


NOT_OF_THE_POINT: Final = frozenset({Cause.CANCELLED, Cause.ENGAGED_ABOVE})
"""Causes that a point need not explain: they are the center's doing."""
