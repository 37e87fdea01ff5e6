"""Taking calls on air, at once or after a countdown, and off again.

A countdown is announced by an event that holds the moment it ends, so that the desk and every console count down to the same
one; the call stays where it is until then. It is a promise of a guest slot: what counts down has its place on the stage.
Whoever takes a call that counts takes it at once; taking it off air stops the countdown, and so does the call's end. When it
ends while nothing arrives from the point, nothing goes on air: ten thousand desks are not shown a dead line.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import commands, errors, events
from bridge.calls import Call
from bridge.events import Event
from bridge.machine import CALL_TABLE, OVER, CallInput, may_advance
from bridge.state import State
from bridge.words import clip

AUTO: Final = "auto"

MAX_COUNTDOWN_MS: Final = 10_000
"""Longer is no countdown but a plan; a longer delay is cut to this."""


def take_call(state: State, command: commands.TakeCall, now: int) -> list[Event]:
    """Put a call on air, or announce when it will be."""
    call = _in_progress(state, command.call, CallInput.TAKE)
    counting = [each for each in state.active.values() if each.air_at is not None and each is not call]
    free = _free(state)
    if len(free) <= len(counting):
        raise errors.stage_full(state.rules.max_on_air)
    delay_ms = min(command.delay_ms, MAX_COUNTDOWN_MS)
    if delay_ms > 0 and call.air_at is None:
        return [events.CallTakeAnnounced(now, call.id, clip(command.by), now + delay_ms)]
    return [events.CallTaken(now, call.id, clip(command.by), free[0])]


def take_off_air(state: State, command: commands.TakeOffAir, now: int) -> list[Event]:
    """Take a call off air, or stop its countdown."""
    call = state.call(command.call)
    if call.air_at is not None:
        return [events.CallTakeCancelled(now, call.id, clip(command.by))]
    call = _in_progress(state, command.call, CallInput.OFF_AIR)
    return [events.CallTakenOffAir(now, call.id, clip(command.by))]


def countdowns_due(state: State, now: int) -> list[Event]:
    """Put those on air whose countdown has ended."""
    happened: list[Event] = []
    free = _free(state)
    for call in sorted(state.active.values(), key=lambda call: call.air_at or 0):
        if call.air_at is None or call.air_at > now:
            continue
        if call.interrupted_at is not None:
            happened.append(events.CallTakeCancelled(now, call.id, AUTO, "interrupted"))
        elif not free:  # others went on air without a countdown: given the floor, called together
            happened.append(events.CallTakeCancelled(now, call.id, AUTO, "stage_full"))
        else:
            happened.append(events.CallTaken(now, call.id, call.air_by, free.pop(0)))
    return happened


def countdowns_next_due(state: State) -> int | None:
    """Give when the next countdown ends."""
    return min((call.air_at for call in state.active.values() if call.air_at is not None), default=None)


def countdowns_missed(state: State, now: int, by: str) -> list[Event]:
    """Stop the countdowns that ended while nobody served the session: nobody expects them any more."""
    missed = [call for call in state.active.values() if call.air_at is not None and call.air_at <= now]
    return [events.CallTakeCancelled(now, call.id, by, "missed") for call in missed]


def _free(state: State) -> list[int]:
    taken = {other.guest for other in state.active.values()}
    return [number for number in range(1, state.rules.max_on_air + 1) if number not in taken]


def _in_progress(state: State, call_id: str, move: CallInput) -> Call:
    call = state.call(call_id)
    if call.state in OVER:
        raise errors.call_over(call.point_name, call.state, call.cause, at_desk=False)
    if not may_advance(CALL_TABLE, call.state, move):
        raise errors.wrong_state(call.point_name, call.state, move)
    return call


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    commands.TakeCall: take_call,
    commands.TakeOffAir: take_off_air,
}
