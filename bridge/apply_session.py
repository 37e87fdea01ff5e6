"""What a session's own events add up to.

Each function adds one event to the state, or raises `BridgeError` and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import events
from bridge.errors import corrupt_record
from bridge.machine import SESSION_TABLE, SessionInput, SessionState, advance
from bridge.state import State


def _session_prepared(state: State, event: events.SessionPrepared) -> None:
    session = state.session
    if session.prepared_by is not None or session.state is not SessionState.PREPARED:
        raise corrupt_record(f"{session.id} was prepared twice")
    session.title, session.kind, session.units = event.title, event.kind, event.units
    session.center, session.level, session.prepared_by = event.center, event.level, event.by
    session.recording = event.recording


def _session_opened(state: State, event: events.SessionOpened) -> None:
    state.session.state = advance(SESSION_TABLE, state.session.state, SessionInput.OPEN)
    state.session.title = event.title
    state.session.opened_at, state.session.opened_by = event.at, event.by
    state.replan()


def _recording_started(state: State, event: events.RecordingStarted) -> None:
    if state.session.state is not SessionState.OPEN or state.session.recording_since is not None:
        raise corrupt_record(f"{state.session.id}: recording started while it could not be")
    state.session.recording_since, state.session.recording_by = event.at, event.by
    state.replan()


def _recording_stopped(state: State, _event: events.RecordingStopped) -> None:
    if state.session.recording_since is None:
        raise corrupt_record(f"{state.session.id}: recording stopped while there was none")
    state.session.recording_since = state.session.recording_by = None
    state.replan()


def _session_closed(state: State, event: events.SessionClosed) -> None:
    state.session.state = advance(SESSION_TABLE, state.session.state, SessionInput.CLOSE)
    state.session.closed_at, state.session.closed_by = event.at, event.by
    state.session.recording_since = state.session.recording_by = None
    state.floor.clear()
    for point, record in state.records.items():
        if record.engaged_in is not None:
            record.engaged_in = None
            state.refresh(point)
    state.replan()


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    events.SessionPrepared: _session_prepared,
    events.SessionOpened: _session_opened,
    events.SessionClosed: _session_closed,
    events.RecordingStarted: _recording_started,
    events.RecordingStopped: _recording_stopped,
}
