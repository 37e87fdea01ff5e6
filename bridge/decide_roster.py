"""Rosters: what is asked of them, as events."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import errors, matter_commands, matter_events, roster_errors
from bridge.events import Event
from bridge.roster import NAME_MAX_CHARS, checked_shifts
from bridge.state import State
from bridge.words import clip


def set_roster(state: State, command: matter_commands.SetRoster, now: int) -> list[Event]:
    """Replace the shifts of a point; the same again change nothing."""
    shifts = checked_shifts(state.directory, command.point, command.shifts)
    roster = state.rosters.get(command.point)
    if shifts == (roster.shifts if roster is not None else ()):
        return []
    return [matter_events.RosterSet(now, command.point, shifts, clip(command.by))]


def confirm_shift(state: State, command: matter_commands.ConfirmShift, now: int) -> list[Event]:
    """Take up the present shift, or the next one when it starts soon. A second confirmation changes nothing."""
    point = state.directory.point(command.point)
    name = clip(command.name, NAME_MAX_CHARS)
    if not name:
        raise errors.name_missing()
    roster = state.rosters.get(point.code)
    shift = roster.to_confirm(now) if roster is not None else None
    if roster is None or shift is None:
        raise roster_errors.no_shift(point.name)
    if shift.start in roster.confirmed:
        return []
    return [matter_events.ShiftConfirmed(now, point.code, shift.start, name, clip(command.by))]


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    matter_commands.SetRoster: set_roster,
    matter_commands.ConfirmShift: confirm_shift,
}
