"""Lists of calls: what is asked of them, as events, and what follows when a call of one is over."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import errors, events, matter_commands, matter_errors, matter_events
from bridge.call_lists import MAX_LIST_POINTS, MAX_RUNNING_LISTS, CallList, ListState
from bridge.errors import BridgeError
from bridge.events import Event
from bridge.failure import failure
from bridge.machine import CALL_TABLE, CallInput, Cause, SessionState, may_advance
from bridge.placing import Caller, next_call_id, place
from bridge.state import State
from bridge.words import clip

AUTO: Final = "auto"
WAITS: Final = "too_many_calls"
"""The refusal that is no reason to skip a point: a monitor becomes free."""


def start_call_list(state: State, command: matter_commands.StartCallList, now: int) -> list[Event]:
    """Begin a list; its first point is called as soon as a monitor is free."""
    if state.session.state is not SessionState.OPEN:
        raise errors.session_not_open(state.session.state)
    points = command.points
    if not 1 <= len(points) <= MAX_LIST_POINTS or len(set(points)) < len(points):
        raise matter_errors.call_count(MAX_LIST_POINTS)
    for point in points:
        name = state.directory.point(point).name
        if not state.covers(point):
            raise errors.outside_session(name)
    if sum(each.is_running for each in state.call_lists.values()) >= MAX_RUNNING_LISTS:
        raise matter_errors.too_many_lists(MAX_RUNNING_LISTS)
    call_list = state.new_id("l", state.call_lists_started)
    return [matter_events.CallListStarted(now, call_list, points, command.auto, clip(command.by), command.level)]


def next_call(state: State, command: matter_commands.NextCall, now: int) -> list[Event]:
    """End the current call and call the next point. Refused, changing nothing, while no monitor is free for it."""
    call_list = _running(state, command.call_list)
    by = clip(command.by)
    decided: list[Event] = []
    call = state.calls.get(call_list.items[call_list.current].call) if call_list.current is not None else None
    if call is not None and not call.is_over:
        if may_advance(CALL_TABLE, call.state, CallInput.END):
            decided.append(events.CallEnded(now, call.id, by))
        else:
            decided.append(failure(state, call, Cause.CANCELLED, now, by))
    coming = call_list.next_place()
    if coming is not None:
        try:
            place(state, call_list.items[coming].point, Caller(call_list.by, call_list.level), now, decided)
        except BridgeError as error:
            if error.code == WAITS:
                raise
    return [*decided, matter_events.CallListContinued(now, call_list.id, by)]


def stop_call_list(state: State, command: matter_commands.StopCallList, now: int) -> list[Event]:
    """Call nobody else."""
    call_list = _running(state, command.call_list)
    return [matter_events.CallListEnded(now, call_list.id, ListState.STOPPED.value, clip(command.by))]


def call_lists_closed(state: State, by: str, now: int) -> list[Event]:
    """The session ends, and its lists with it."""
    running = [each.id for each in state.call_lists.values() if each.is_running]
    return [matter_events.CallListEnded(now, call_list, ListState.STOPPED.value, by) for call_list in running]


def call_lists_following(state: State, now: int) -> list[Event]:
    """Give what follows for the first list that wants its next point: a call, a point skipped, or its end."""
    for call_list in state.call_lists.values():
        if not (call_list.is_running and call_list.wants_next and call_list.current is None):
            continue
        coming = call_list.next_place()
        if coming is None:
            return [matter_events.CallListEnded(now, call_list.id, ListState.DONE.value, AUTO)]
        try:
            placed = place(state, call_list.items[coming].point, Caller(call_list.by, call_list.level), now)
        except BridgeError as error:
            if error.code == WAITS:
                continue
            return [matter_events.CallListSkipped(now, call_list.id, coming, error.code)]
        return [matter_events.CallListMoved(now, call_list.id, coming, next_call_id(state)), *placed]
    return []


def _running(state: State, call_list: str) -> CallList:
    found = state.call_list(call_list)
    if not found.is_running:
        raise matter_errors.call_list_over()
    return found


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    matter_commands.StartCallList: start_call_list,
    matter_commands.NextCall: next_call,
    matter_commands.StopCallList: stop_call_list,
}
