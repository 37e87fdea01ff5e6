"""What the steps of calls add up to.

Each function adds one event to the state, or raises `BridgeError` and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import events
from bridge.calls import Call
from bridge.errors import corrupt_record
from bridge.ids import point_feed
from bridge.machine import CALL_TABLE, MISSED, CallInput, CallState, advance
from bridge.points import PointRecord
from bridge.state import State


def _call_placed(state: State, event: events.CallPlaced) -> None:
    if event.call in state.calls or event.point in state.active:
        raise corrupt_record(f"{event.call} was placed over another call")
    name = state.directory.point(event.point).name if state.directory.has_point(event.point) else event.point
    call = Call(
        event.call, event.point, name, event.by, event.at, monitor=event.monitor, deadline=event.deadline, level=event.level
    )
    call.record, call.together = event.record or event.call, event.together
    record = state.record(event.point)
    call.step(event.at, "placed", event.by, "", record.report)
    state.calls[call.id] = call
    state.active[event.point] = call
    state.calls_placed += 1
    state.matters.add_call(call)
    state.last_called[event.point] = event.at
    state.refresh(event.point)


def _call_ringing(state: State, event: events.CallRinging) -> None:
    call = _moved(state, event.call, CallInput.RING)
    if call.ringing_at is None:
        call.ringing_at = event.at
        call.step(event.at, "ringing", "server")
    else:
        call.remark(event.at, "rung_again", "server")
    call.rings_sent += 1
    call.deadline = event.deadline
    _changed(state, call)


def _call_delivered(state: State, event: events.CallDelivered) -> None:
    call = _moved(state, event.call, CallInput.CONFIRM)
    call.delivered_at, call.deadline = event.at, event.deadline
    call.step(event.at, "delivered", point_feed(call.point), "", event.report)
    _seen(state, call, event.at)
    _changed(state, call)


def _call_answered(state: State, event: events.CallAnswered) -> None:
    call = _moved(state, event.call, CallInput.ANSWER)
    call.answered_at, call.deadline = event.at, event.deadline
    call.step(event.at, "answered", point_feed(call.point), "", event.report)
    _seen(state, call, event.at).has_missed = False
    state.matters.call_answered(call, point_feed(call.point))
    _changed(state, call)


def _call_connected(state: State, event: events.CallConnected) -> None:
    call = _moved(state, event.call, CallInput.CONNECT)
    call.connected_at, call.connected_by, call.deadline = event.at, event.kind, None
    call.step(event.at, "connected", "node", event.kind)
    _changed(state, call)


def _call_previewed(state: State, event: events.CallPreviewed) -> None:
    call = _moved(state, event.call, CallInput.PREVIEW)
    call.preview_at = event.at
    call.step(event.at, "preview", event.by)
    _changed(state, call)


def _call_taken(state: State, event: events.CallTaken) -> None:
    call = _moved(state, event.call, CallInput.TAKE)
    call.on_air_at, call.off_air_at, call.guest, call.air_at = event.at, None, event.guest, None
    call.step(event.at, "on_air", event.by)
    state.on_air.append(call.id)
    _changed(state, call)


def _call_take_announced(state: State, event: events.CallTakeAnnounced) -> None:
    call = _active_call(state, event.call)
    advance(CALL_TABLE, call.state, CallInput.TAKE)
    call.air_at, call.air_by = event.air_at, event.by
    call.remark(event.at, "air_announced", event.by, f"{(event.air_at - event.at) / 1000:g} s")


def _call_take_cancelled(state: State, event: events.CallTakeCancelled) -> None:
    call = _active_call(state, event.call)
    if call.air_at is None:
        raise corrupt_record(f"{call.id} has no countdown")
    call.air_at = None
    call.remark(event.at, "air_cancelled", event.by, event.reason)


def _call_taken_off_air(state: State, event: events.CallTakenOffAir) -> None:
    call = _moved(state, event.call, CallInput.OFF_AIR)
    _leave_air(state, call, event.at)
    call.step(event.at, "off_air", event.by)
    _changed(state, call)


def _call_interrupted(state: State, event: events.CallInterrupted) -> None:
    call = _moved(state, event.call, CallInput.INTERRUPT)
    call.interrupted_at, call.deadline = event.at, event.deadline
    call.remark(event.at, "interrupted", "node", event.reason)


def _call_resumed(state: State, event: events.CallResumed) -> None:
    call = _moved(state, event.call, CallInput.RESUME)
    call.interrupted_at = call.deadline = None
    call.remark(event.at, "resumed", "node", event.kind)


def _call_ended(state: State, event: events.CallEnded) -> None:
    call = _moved(state, event.call, CallInput.END)
    _finish(state, call, event.at)
    call.step(event.at, "ended", event.by)
    _changed(state, call)


def _call_failed(state: State, event: events.CallFailed) -> None:
    call = _moved(state, event.call, event.cause)
    call.cause, call.evidence = event.cause, event.evidence
    state.matters.call_failed(call)
    _finish(state, call, event.at)
    call.step(event.at, "failed", event.by, event.cause.value, event.evidence.report)
    if event.cause in MISSED:
        state.records.setdefault(call.point, PointRecord()).has_missed = True
    _changed(state, call)


def _call_noted(state: State, event: events.CallNoted) -> None:
    call = _active_call(state, event.call)
    call.remark(event.at, event.what, event.by, event.note, event.report)


def _call_clock_restarted(state: State, event: events.CallClockRestarted) -> None:
    call = _active_call(state, event.call)
    call.deadline = event.deadline
    call.remark(event.at, "clock_restarted", event.by)


def _active_call(state: State, call_id: str) -> Call:
    call = state.calls.get(call_id)
    if call is None or call.is_over:
        raise corrupt_record(f"{call_id} is not in progress")
    return call


def _moved(state: State, call_id: str, move: Any) -> Call:
    call = state.calls.get(call_id)
    if call is None:
        raise corrupt_record(f"{call_id} was never placed")
    call.state = advance(CALL_TABLE, call.state, move)
    return call


def _seen(state: State, call: Call, at: int) -> PointRecord:
    record = state.records.setdefault(call.point, PointRecord())
    record.last_seen = at
    record.report = call.report or record.report
    return record


def _leave_air(state: State, call: Call, at: int) -> None:
    if call.id in state.on_air:
        state.on_air.remove(call.id)
        call.off_air_at, call.guest = at, None


def _finish(state: State, call: Call, at: int) -> None:
    _leave_air(state, call, at)
    call.ended_at = at
    call.deadline = call.interrupted_at = call.monitor = call.air_at = None
    del state.active[call.point]
    state.talks.pop(call.id, None)
    for call_list in state.call_lists.values():
        call_list.call_over(call.id, failed=call.state is CallState.FAILED)
    finished = len(state.calls) - len(state.active)
    if finished > state.rules.kept_calls:
        forgotten = state.calls.pop(next(kept.id for kept in state.calls.values() if kept.is_over))
        state.matters.drop_unexplained(forgotten)
        state.matters.forget_if_done(forgotten.record, state.calls)


def _changed(state: State, call: Call) -> None:
    state.refresh(call.point)
    state.replan()


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    events.CallPlaced: _call_placed,
    events.CallRinging: _call_ringing,
    events.CallDelivered: _call_delivered,
    events.CallAnswered: _call_answered,
    events.CallConnected: _call_connected,
    events.CallPreviewed: _call_previewed,
    events.CallTaken: _call_taken,
    events.CallTakeAnnounced: _call_take_announced,
    events.CallTakeCancelled: _call_take_cancelled,
    events.CallTakenOffAir: _call_taken_off_air,
    events.CallInterrupted: _call_interrupted,
    events.CallResumed: _call_resumed,
    events.CallEnded: _call_ended,
    events.CallFailed: _call_failed,
    events.CallNoted: _call_noted,
    events.CallClockRestarted: _call_clock_restarted,
}
