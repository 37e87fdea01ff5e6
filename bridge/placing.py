"""Placing calls: which monitor, in whose place, and failing at once where nobody is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge import errors, events
from bridge.calls import evidence_of
from bridge.events import CallEnded, CallFailed, CallPlaced, Event
from bridge.failure import failure
from bridge.machine import Cause, SessionState
from bridge.state import State


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, how far below the root, on which record ("" begins one) and in which company."""

    by: str
    level: int = 0
    record: str = ""
    together: str = ""


def next_call_id(state: State, before: Sequence[Event] = ()) -> str:
    """Name the next call, when ``before`` are the events that were decided already and are not applied yet."""
    return state.new_id("c", state.calls_placed + sum(isinstance(event, CallPlaced) for event in before))


def place(state: State, code: str, caller: Caller, now: int, before: Sequence[Event] = ()) -> list[Event]:
    """Call a point. One that a lower level's call has is taken out of that call.

    Args:
        state: as it is.
        code: the point.
        caller: who calls.
        now: milliseconds since the Unix epoch.
        before: events of the same decision that come first: calls in them that are over free their monitors.

    Returns:
        The call placed; and failed, in the same breath, when the point is not connected.

    Raises:
        BridgeError: ``session_not_open``, ``unknown_point``, ``outside_session``, ``point_busy``, ``too_many_calls``.
    """
    point = state.directory.point(code)
    if state.session.state is not SessionState.OPEN:
        raise errors.session_not_open(state.session.state)
    if not state.covers(point.code):
        raise errors.outside_session(point.name)
    over = {event.call for event in before if isinstance(event, CallEnded | CallFailed)}
    placed = [event for event in before if isinstance(event, CallPlaced) and event.call not in over]
    if any(event.point == point.code for event in placed):
        raise errors.point_busy(point.name, "queued")
    call = next_call_id(state, before)
    decided: list[Event] = []
    busy = state.active.get(point.code)
    if busy is not None and busy.id not in over:
        if busy.level <= caller.level:
            raise errors.point_busy(point.name, busy.state)
        decided.append(failure(state, busy, Cause.ENGAGED_ABOVE, now, caller.by))
        over.add(busy.id)
    record = state.record(point.code)
    cause = None if record.is_live else Cause.OFFLINE
    if record.engaged_in is not None and record.engaged_level <= caller.level:
        cause = Cause.ENGAGED_ABOVE
    if cause is not None:
        evidence = evidence_of(None, record, state.media_of(point.code), detail=record.engaged_in or "")
        return [
            *decided,
            _placed(now, call, point.code, caller, None, None),
            events.CallFailed(now, call, cause, "server", evidence),
        ]
    taken = {each.monitor for each in state.active.values() if each.id not in over} | {event.monitor for event in placed}
    free = [number for number in range(1, state.rules.monitors + 1) if number not in taken]
    if not free:
        raise errors.too_many_calls(state.rules.monitors)
    return [*decided, _placed(now, call, point.code, caller, free[0], now + state.rules.deliver_timeout_ms)]


def _placed(now: int, call: str, point: str, caller: Caller, monitor: int | None, deadline: int | None) -> CallPlaced:
    return events.CallPlaced(now, call, point, caller.by, monitor, deadline, caller.level, caller.record, caller.together)
