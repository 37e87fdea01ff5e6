"""What the events of talkback add up to. That a talk ends with its call is in `bridge.apply_calls`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import talkback_events as events
from bridge.calls import TRAIL_NOTES_MAX, Call
from bridge.errors import corrupt_record
from bridge.state import State
from bridge.talkback import Talk

TRAIL_SHARE: Final = TRAIL_NOTES_MAX // 2
"""From so many remarks on, a trail takes none of a talk: what the point's machine reports must still find room."""


def _started(state: State, event: events.TalkbackStarted) -> None:
    call = state.calls.get(event.call)
    if call is None or call.is_over or call.id in state.talks:
        raise corrupt_record(f"nobody can begin to speak in {event.call}")
    state.talks[call.id] = Talk(call.id, event.by, event.at, event.deadline)
    _remark(call, event.at, "talkback", event.by)
    state.replan()


def _renewed(state: State, event: events.TalkbackRenewed) -> None:
    _running(state, event.call).deadline = event.deadline


def _stopped(state: State, event: events.TalkbackStopped) -> None:
    talk = _running(state, event.call)
    del state.talks[talk.call]
    _remark(state.calls[talk.call], event.at, "talkback_over", event.by)
    state.replan()


def _running(state: State, call: str) -> Talk:
    talk = state.talks.get(call)
    if talk is None:
        raise corrupt_record(f"nobody speaks in {call}")
    return talk


def _remark(call: Call, at: int, what: str, by: str) -> None:
    if call.notes < TRAIL_SHARE:
        call.remark(at, what, by)


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    events.TalkbackStarted: _started,
    events.TalkbackRenewed: _renewed,
    events.TalkbackStopped: _stopped,
}
