"""What a session is asked to be, as events; and which of its points a higher level has. Nothing in here changes anything."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import commands, errors, events
from bridge.calls import Call
from bridge.decide_call_lists import call_lists_closed
from bridge.decide_escalation import escalations_closed
from bridge.decide_floor import floor_closed
from bridge.decide_rollcall import close_roll_calls
from bridge.events import Event
from bridge.failure import failure
from bridge.machine import CALL_TABLE, SESSION_TABLE, CallInput, Cause, SessionInput, SessionState, may_advance
from bridge.sessions import KINDS, RECORDINGS
from bridge.state import State
from bridge.words import clip

MAX_SESSION_UNITS: Final = 1_000


def prepare_session(state: State, command: commands.PrepareSession, now: int) -> list[Event]:
    """Say what the session is, once, before it opens."""
    if state.session.state is not SessionState.PREPARED or state.session.prepared_by is not None:
        raise errors.already_prepared()
    if command.kind not in KINDS:
        raise errors.bad_session("Loại phiên họp không hợp lệ.", "There is no such kind of session.")
    if command.recording not in RECORDINGS:
        raise errors.bad_session("Cách ghi hình không hợp lệ.", "There is no such way of recording.")
    if not 1 <= len(command.units) <= MAX_SESSION_UNITS:
        raise errors.bad_session(
            f"Phiên họp cần từ 1 đến {MAX_SESSION_UNITS} đơn vị.", f"A session is over 1 to {MAX_SESSION_UNITS} units."
        )
    center = state.directory.unit(command.center)
    for code in command.units:
        unit = state.directory.unit(code)
        if command.kind != "standing" and not state.directory.is_within(code, (center.code,)):
            raise errors.bad_session(
                f"{unit.name} không thuộc {center.name}, nên {center.name} không thể chủ trì.",
                f"{unit.name} is not below {center.name}, whose center therefore cannot preside.",
            )
    level = len(state.directory.path(center.code)) - 1
    units = tuple(dict.fromkeys(command.units))
    by, recording = clip(command.by), command.recording
    return [events.SessionPrepared(now, clip(command.title), command.kind, units, center.code, level, by, recording)]


def open_session(state: State, command: commands.OpenSession, now: int) -> list[Event]:
    """Open it, and record it from the first moment where that was said."""
    if not may_advance(SESSION_TABLE, state.session.state, SessionInput.OPEN):
        raise errors.session_state(state.session.state)
    by = clip(command.by)
    opened: list[Event] = [events.SessionOpened(now, clip(command.title) or state.session.title, by)]
    return [*opened, events.RecordingStarted(now, by)] if state.session.recording == "from_open" else opened


def start_recording(state: State, command: commands.StartRecording, now: int) -> list[Event]:
    """Record it, its calls too; nothing where it is recorded already."""
    if state.session.state is not SessionState.OPEN:
        raise errors.session_state(state.session.state)
    return [] if state.session.recording_since is not None else [events.RecordingStarted(now, clip(command.by))]


def stop_recording(state: State, command: commands.StopRecording, now: int) -> list[Event]:
    """Record it no more; nothing where it is not recorded."""
    return [] if state.session.recording_since is None else [events.RecordingStopped(now, clip(command.by))]


def close_session(state: State, command: commands.CloseSession, now: int) -> list[Event]:
    """Close it, and everything that goes on in it first."""
    if not may_advance(SESSION_TABLE, state.session.state, SessionInput.CLOSE):
        raise errors.session_state(state.session.state)
    if state.session.kind == "standing" and state.session.prepared_by is not None:
        raise errors.standing_line()
    by = clip(command.by)
    closing: list[Event] = [
        *call_lists_closed(state, by, now),
        *escalations_closed(state, by, now),
        *floor_closed(state, by, now),
    ]
    for call in state.active.values():
        if may_advance(CALL_TABLE, call.state, CallInput.END):
            closing.append(events.CallEnded(now, call.id, by))
        else:
            closing.append(failure(state, call, Cause.CANCELLED, now, by, detail="session closed"))
    stopped = stop_recording(state, commands.StopRecording(by), now)
    return [*closing, *close_roll_calls(state, now, by), *stopped, events.SessionClosed(now, by)]


def engage_point(state: State, command: commands.EngagePoint, now: int) -> list[Event]:
    """A higher level calls the point: a lower call to it here fails with that cause, and the point is taken out."""
    state.directory.index_of(command.point)
    if state.session.state is not SessionState.OPEN or not state.covers(command.point):
        return []
    decided: list[Event] = []
    call = state.active.get(command.point)
    if call is not None:
        if _goes_before(call, state.session.id, command):
            return []
        decided.append(failure(state, call, Cause.ENGAGED_ABOVE, now, clip(command.by), detail=clip(command.title)))
    record = state.record(command.point)
    if record.engaged_in == command.session:
        return decided
    if record.engaged_in is not None:
        decided.append(events.PointReleased(now, command.point, record.engaged_in))
    title, by = clip(command.title), clip(command.by)
    return [*decided, events.PointEngaged(now, command.point, command.session, title, command.level, by)]


def _goes_before(call: Call, session: str, above: commands.EngagePoint) -> bool:
    """Equals do not take each other's points: of two calls of one level that crossed each other, the earlier stays."""
    if call.level != above.level or not above.since:
        return call.level <= above.level
    return (call.placed_at, session) <= (above.since, above.session)


def release_point(state: State, command: commands.ReleasePoint, now: int) -> list[Event]:
    """The higher level has done: the point is given back. Saying it again changes nothing."""
    if state.record(command.point).engaged_in != command.session:
        return []
    return [events.PointReleased(now, command.point, command.session)]


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    commands.PrepareSession: prepare_session,
    commands.OpenSession: open_session,
    commands.CloseSession: close_session,
    commands.StartRecording: start_recording,
    commands.StopRecording: stop_recording,
    commands.EngagePoint: engage_point,
    commands.ReleasePoint: release_point,
}
