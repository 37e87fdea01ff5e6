"""What is asked about the record of calls, as events: calling again and together, call backs, explanations."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import commands, events, matter_commands, matter_errors, matter_events
from bridge.calls import Call
from bridge.events import Event
from bridge.machine import CallState
from bridge.matters import EXPLANATION_MAX_CHARS, MAX_CALL_BACKS, MAX_CALLS, MAX_EXPLANATIONS, Matter
from bridge.placing import Caller, next_call_id, place
from bridge.roster import NAME_MAX_CHARS
from bridge.rules import MONITOR_SLOTS
from bridge.state import State
from bridge.words import clip, clip_lines

AUTO = "auto"


def place_call(state: State, command: commands.PlaceCall, now: int) -> list[Event]:
    """Call a point, about a new matter."""
    return place(state, command.point, Caller(clip(command.by), command.level), now)


def retry_call(state: State, command: matter_commands.RetryCall, now: int) -> list[Event]:
    """Call the point of a call again, on its record."""
    call = state.call(command.call)
    if len(matter_of(state, call).calls) >= MAX_CALLS:
        raise matter_errors.record_full(MAX_CALLS)
    return place(state, call.point, Caller(clip(command.by), command.level, call.record), now)


def place_calls(state: State, command: matter_commands.PlaceCalls, now: int) -> list[Event]:
    """Call several points at once, all or none."""
    if not 1 <= len(command.points) <= MONITOR_SLOTS or len(set(command.points)) < len(command.points):
        raise matter_errors.call_count(MONITOR_SLOTS)
    together = next_call_id(state) if command.together else ""
    caller = Caller(clip(command.by), command.level, "", together)
    decided: list[Event] = []
    for point in command.points:
        decided += place(state, point, caller, now, decided)
    return decided


def call_back(state: State, command: matter_commands.CallBack, now: int) -> list[Event]:
    """Take a call back. While one waits for an answer, another changes nothing."""
    call = _failed(state, command.call)
    matter = matter_of(state, call)
    if any(each.answered_by is None for each in matter.call_backs):
        return []
    if len(matter.call_backs) >= MAX_CALL_BACKS:
        raise matter_errors.record_full(MAX_CALL_BACKS)
    return [matter_events.PointCalledBack(now, call.id, clip(command.by), clip(command.note))]


def explain_call(state: State, command: matter_commands.ExplainCall, now: int) -> list[Event]:
    """Take an explanation; the same words by the same name again change nothing."""
    call = _failed(state, command.call)
    name, text = clip(command.name, NAME_MAX_CHARS), clip_lines(command.text, EXPLANATION_MAX_CHARS)
    if not name or not text:
        raise matter_errors.explanation_missing()
    matter = matter_of(state, call)
    if any((each.call, each.name, each.text) == (call.id, name, text) for each in matter.explanations):
        return []
    if len(matter.explanations) >= MAX_EXPLANATIONS:
        raise matter_errors.record_full(MAX_EXPLANATIONS)
    return [matter_events.CallExplained(now, call.id, clip(command.by), name, text)]


def matter_of(state: State, call: Call) -> Matter:
    """Give the matter of a call in memory."""
    return state.matters.by_id[call.record]


def together_following(state: State, now: int) -> list[Event]:
    """Whoever was called together with others goes on air when it is connected, once, as far as there is room."""
    for call in state.active.values():
        if call.together and call.on_air_at is None and call.is_talking:
            taken = {other.guest for other in state.active.values()}
            free = [number for number in range(1, state.rules.max_on_air + 1) if number not in taken]
            if not free:
                return []
            return [events.CallTaken(now, call.id, AUTO, free[0])]
    return []


def _failed(state: State, call_id: str) -> Call:
    call = state.call(call_id)
    if call.state is not CallState.FAILED:
        raise matter_errors.not_missed(call.point_name)
    return call


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    commands.PlaceCall: place_call,
    matter_commands.RetryCall: retry_call,
    matter_commands.PlaceCalls: place_calls,
    matter_commands.CallBack: call_back,
    matter_commands.ExplainCall: explain_call,
}
