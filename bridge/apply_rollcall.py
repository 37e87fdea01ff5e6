"""What roll calls add up to.

Each function adds one event to the state, or raises `BridgeError` and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import events
from bridge.errors import corrupt_record
from bridge.points import PointRecord
from bridge.rollcall import RollCall
from bridge.state import State


def _roll_call_started(state: State, event: events.RollCallStarted) -> None:
    if event.roll_call in state.roll_calls or any(point in state.asked for point in event.points):
        raise corrupt_record(f"{event.roll_call} was started over another roll call")
    roll_call = RollCall(event.roll_call, event.by, event.units, event.at, event.deadline)
    roll_call.ask(event.points, (point for point in event.points if state.record(point).is_live), state.directory)
    state.roll_calls[roll_call.id] = roll_call
    state.asked.update(dict.fromkeys(event.points, roll_call))
    state.roll_calls_started += 1


def _presence_confirmed(state: State, event: events.PresenceConfirmed) -> None:
    roll_call = _known_roll_call(state, event.roll_call)
    roll_call.confirm(event.point, event.at, event.name, event.function, state.directory)
    record = state.records.setdefault(event.point, PointRecord())
    record.last_seen = event.at
    record.report = event.report or record.report


def _roll_call_extended(state: State, event: events.RollCallExtended) -> None:
    roll_call = _known_roll_call(state, event.roll_call)
    if not roll_call.is_asking:
        raise corrupt_record(f"{event.roll_call} was extended after its end")
    roll_call.deadline = event.deadline


def _roll_call_closed(state: State, event: events.RollCallClosed) -> None:
    roll_call = _known_roll_call(state, event.roll_call)
    roll_call.close(event.at, event.by)
    for point in roll_call.points:
        state.asked.pop(point, None)
    closed = [kept.id for kept in state.roll_calls.values() if not kept.is_asking]
    for oldest in closed[: max(0, len(closed) - state.rules.kept_roll_calls)]:
        del state.roll_calls[oldest]


def _known_roll_call(state: State, roll_call_id: str) -> RollCall:
    roll_call = state.roll_calls.get(roll_call_id)
    if roll_call is None:
        raise corrupt_record(f"{roll_call_id} was never started")
    return roll_call


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    events.RollCallStarted: _roll_call_started,
    events.PresenceConfirmed: _presence_confirmed,
    events.RollCallExtended: _roll_call_extended,
    events.RollCallClosed: _roll_call_closed,
}
