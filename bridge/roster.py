"""Rosters: who answers for a point, in which order, in which shift; and whether the shift was confirmed.

A shift is confirmed by the point itself, from an hour before it starts to its end. Nothing happens by a clock here: whether a
shift counts as unconfirmed follows from the time at which somebody asks.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from bridge import roster_errors
from bridge.escalation import Step
from bridge.units import Directory
from bridge.words import clip

MAX_SHIFTS: Final = 31
MAX_CONTACTS: Final = 10
MAX_SHIFT_MS: Final = 7 * 86_400_000
EARLY_MS: Final = 3_600_000
"""How long before its start a shift may be confirmed."""
NAME_MAX_CHARS: Final = 100
CONTACT_NOTE_MAX_CHARS: Final = 200
CONTACT_KINDS: Final = frozenset({"point", "phone"})

_NUMBER: Final = re.compile(r"\+?[0-9][0-9 .()-]{2,23}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to be tried. ``target`` is a telephone number, or the code of a point of the same unit."""

    name: str
    function: str
    kind: str
    target: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """From ``start`` until ``end`` (milliseconds since the Unix epoch) these answer, in this order."""

    start: int
    end: int
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class ShiftConfirmation:
    """Somebody took a shift up."""

    at: int
    name: str
    by: str


@dataclass(slots=True)
class Roster:
    """The roster of one point. Only applied events change it."""

    point: str
    shifts: tuple[Shift, ...] = ()
    set_at: int = 0
    set_by: str = ""
    confirmed: dict[int, ShiftConfirmation] = field(default_factory=dict)
    """By the start of the shift."""

    def at(self, now: int) -> Shift | None:
        """Give the present shift."""
        return next((shift for shift in self.shifts if shift.start <= now < shift.end), None)

    def to_confirm(self, now: int) -> Shift | None:
        """Give the shift that can be confirmed: the next one when it starts within the hour and the present one is confirmed."""
        present = self.at(now)
        if present is not None and present.start not in self.confirmed:
            return present
        coming = next((shift for shift in self.shifts if now < shift.start <= now + EARLY_MS), None)
        return coming or present

    def to_plain(self) -> dict[str, object]:
        """Give everything as plain data, to compare."""
        return asdict(self)


class Duty(StrEnum):
    """How it stands with a point's duty at a moment."""

    UNCONFIRMED = "unconfirmed"
    """Its shift is under way for longer than the time to confirm, and nobody did."""
    NO_ROSTER = "no_roster"
    """There is no shift at that moment."""
    WAITING = "waiting"
    """Its shift began a moment ago and is not confirmed yet."""
    CONFIRMED = "confirmed"


def duty_of(roster: Roster | None, now: int, confirm_ms: int) -> Duty:
    """Say how it stands with a point's duty at ``now``."""
    shift = roster.at(now) if roster is not None else None
    if roster is None or shift is None:
        return Duty.NO_ROSTER
    if shift.start in roster.confirmed:
        return Duty.CONFIRMED
    return Duty.WAITING if now < shift.start + confirm_ms else Duty.UNCONFIRMED


def checked_shifts(directory: Directory, point: str, shifts: Iterable[Shift]) -> tuple[Shift, ...]:
    """Give shifts as they are kept: in order of time, texts cut to their size.

    Raises:
        BridgeError: ``unknown_point``; ``bad_roster`` when they overlap, are too many or too long, have no contacts or too many,
            or a contact that cannot be reached that way.
    """
    unit = directory.point(point).unit
    kept = tuple(sorted((_checked(directory, unit, shift) for shift in shifts), key=lambda shift: shift.start))
    if len(kept) > MAX_SHIFTS:
        raise roster_errors.too_many_shifts(MAX_SHIFTS)
    for earlier, later in pairwise(kept):
        if later.start < earlier.end:
            raise roster_errors.shifts_overlap()
    return kept


def _checked(directory: Directory, unit: str, shift: Shift) -> Shift:
    if not 0 <= shift.start < shift.end <= shift.start + MAX_SHIFT_MS:
        raise roster_errors.bad_shift(MAX_SHIFT_MS // 86_400_000)
    if not 1 <= len(shift.contacts) <= MAX_CONTACTS:
        raise roster_errors.contact_count(MAX_CONTACTS)
    return Shift(shift.start, shift.end, tuple(checked_contact(directory, unit, contact) for contact in shift.contacts))


def checked_contact(directory: Directory, unit: str, contact: Contact) -> Contact:
    """Give a contact as it is kept, or raise ``bad_roster``."""
    name, target = clip(contact.name, NAME_MAX_CHARS), contact.target.strip()
    if not name:
        raise roster_errors.contact_without_name()
    if contact.kind not in CONTACT_KINDS:
        raise roster_errors.contact_kind()
    if contact.kind == "phone" and not _NUMBER.fullmatch(target):
        raise roster_errors.bad_number(target)
    if contact.kind == "point" and not (directory.has_point(target) and directory.point(target).unit == unit):
        raise roster_errors.foreign_desk(target)
    function, note = clip(contact.function, NAME_MAX_CHARS), clip(contact.note, CONTACT_NOTE_MAX_CHARS)
    return Contact(name, function, contact.kind, target, note)


def ladder_of(rosters: Mapping[str, Roster], directory: Directory, point: str, now: int, level: int) -> tuple[Step, ...]:
    """Give whom to try for a point, in order.

    The contacts of its present shift; then the first desk of each unit above the point's own that is below the caller's level:
    the caller itself knows already.

    Args:
        rosters: by point.
        directory: where the units above are.
        point: the one that was not reached; raises ``unknown_point``.
        now: milliseconds since the Unix epoch.
        level: how far the caller is below the root.
    """
    unit = directory.point(point).unit
    roster = rosters.get(point)
    shift = roster.at(now) if roster is not None else None
    steps = [Step(each.kind, each.name, each.function, each.target, each.note) for each in (shift.contacts if shift else ())]
    for above in reversed(directory.path(unit)[level + 1 : -1]):
        place = next(iter(directory.points_within(above.code)), None)
        desk = directory.points[place] if place is not None else None
        if desk is not None and desk.unit == above.code:
            steps.append(Step("above", desk.name, "", desk.code, ""))
    return tuple(steps)
