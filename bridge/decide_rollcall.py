"""What a roll call is asked to do, as events. Nothing in here changes anything; `bridge.decide` calls it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import commands, errors, events
from bridge.errors import BridgeError
from bridge.events import Event
from bridge.machine import SessionState
from bridge.rollcall import (
    GRACE_MS,
    MAX_DURATION_MS,
    MAX_ROLL_CALL_UNITS,
    MIN_DURATION_MS,
    PERSON_MAX_CHARS,
    Presence,
    RollCall,
    outermost,
    points_asked,
)
from bridge.state import State
from bridge.words import clip

CLOCK = "clock"


def start_roll_call(state: State, command: commands.StartRollCall, now: int) -> list[Event]:
    """Ask every point of some units, none of which is being asked already."""
    if state.session.state is not SessionState.OPEN:
        raise errors.session_state(state.session.state)
    if not MIN_DURATION_MS <= command.duration_ms <= MAX_DURATION_MS:
        raise errors.roll_call_duration(MIN_DURATION_MS // 1000, MAX_DURATION_MS // 1000)
    if len(command.units) > MAX_ROLL_CALL_UNITS:
        raise _too_many_units()
    for unit in command.units:
        state.directory.unit(unit)
    units = outermost(state.directory, command.units)
    points = tuple(point for point in points_asked(state.directory, units) if state.covers(point))
    if not points:
        raise errors.roll_call_nobody()
    asked = next((point for point in points if point in state.asked), None)
    if asked is not None:
        raise errors.roll_call_running(state.directory.point(asked).name)
    roll_call = state.new_id("r", state.roll_calls_started)
    return [events.RollCallStarted(now, roll_call, clip(command.by), units, points, now + command.duration_ms)]


def confirm_presence(state: State, command: commands.ConfirmPresence, now: int) -> list[Event]:
    """Take a confirmation: in time, late, or for the second time, which changes nothing."""
    roll_call = state.roll_call(command.roll_call)
    presence = roll_call.presence(command.point)
    if presence is None:
        raise errors.not_asked(state.directory.point(command.point).name)
    if presence in {Presence.PRESENT, Presence.LATE}:
        return []
    if state.session.state is not SessionState.OPEN:
        raise errors.session_state(state.session.state)
    name, function = clip(command.name, PERSON_MAX_CHARS), clip(command.function, PERSON_MAX_CHARS)
    if not name:
        raise errors.name_missing()
    known = state.record(command.point).report
    report = None if command.report is None or command.report.is_like(known) else command.report
    confirmed = events.PresenceConfirmed(now, roll_call.id, command.point, name, function, report)
    # An answer that overtakes the timer of the deadline is late all the same.
    return [*roll_calls_due(state, now, roll_call), confirmed]


def close_roll_call(state: State, command: commands.CloseRollCall, now: int) -> list[Event]:
    """End the asking before its time."""
    roll_call = state.roll_call(command.roll_call)
    if not roll_call.is_asking:
        raise errors.roll_call_over()
    return [events.RollCallClosed(now, roll_call.id, clip(command.by))]


def close_roll_calls(state: State, now: int, by: str) -> list[Event]:
    """End all of them, because the session ends."""
    return [events.RollCallClosed(now, roll_call.id, by) for roll_call in state.asking()]


def roll_calls_due(state: State, now: int, only: RollCall | None = None) -> list[Event]:
    """Close those whose deadline has passed."""
    return [
        events.RollCallClosed(now, roll_call.id, CLOCK)
        for roll_call in ([only] if only is not None else state.asking())
        if roll_call.is_asking and roll_call.deadline <= now
    ]


def roll_calls_next_due(state: State) -> int | None:
    """Give the earliest deadline of those that ask."""
    return min((roll_call.deadline for roll_call in state.asking()), default=None)


def roll_calls_regained(state: State, now: int, by: str) -> list[Event]:
    """After a takeover: give those who could not answer meanwhile some time, as much as they had been given at most."""
    decided: list[Event] = []
    for roll_call in state.asking():
        deadline = now + min(GRACE_MS, roll_call.deadline - roll_call.started_at)
        if deadline > roll_call.deadline:
            decided.append(events.RollCallExtended(now, roll_call.id, deadline, by))
    return decided


def _too_many_units() -> BridgeError:
    return BridgeError(
        "roll_call_units",
        f"Mỗi lần điểm danh chọn tối đa {MAX_ROLL_CALL_UNITS} đơn vị.",
        f"A roll call takes {MAX_ROLL_CALL_UNITS} units at most.",
        "user",
    )


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    commands.StartRollCall: start_roll_call,
    commands.ConfirmPresence: confirm_presence,
    commands.CloseRollCall: close_roll_call,
}
