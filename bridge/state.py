"""What the events of a session add up to. `State.apply` is the only place where anything changes.

Applying an event that contradicts the tables, or speaks of a call that was never placed, raises `BridgeError` and changes
nothing. A point that the directory no longer has keeps its call and its record; it only has no index, and so no state in the
frame.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Final

from bridge import events
from bridge.calls import Call
from bridge.errors import corrupt_record, unknown_call, unknown_roll_call
from bridge.events import Event
from bridge.floor import Floor, FloorInput, Request
from bridge.ids import CENTER_FEED, point_feed, point_of_feed
from bridge.machine import CALL_TABLE, MISSED, SESSION_TABLE, CallInput, CallState, SessionInput, advance
from bridge.points import PointRecord, PointState, PointStates
from bridge.rollcall import RollCall
from bridge.rules import Rules
from bridge.sessions import SessionRecord
from bridge.stage import Plan, slots_of
from bridge.units import Directory

RECONCILED: Final = "reconciled"
"""The reason of a `PointLeft` that nobody saw happen: the point was last seen before, not now."""

NO_MEDIA: Final[frozenset[str]] = frozenset()

_STATE_OF_CALL: Final = {
    CallState.RINGING: PointState.RINGING,
    CallState.DELIVERED: PointState.DELIVERED,
    CallState.ANSWERED: PointState.ANSWERED,
    CallState.CONNECTED: PointState.CONNECTED,
    CallState.PREVIEW: PointState.PREVIEW,
    CallState.ON_AIR: PointState.ON_AIR,
}
"""A queued call is not in here: nothing has been sent, so the point is still what it was."""


class State:
    """The whole state of one session."""

    def __init__(self, session_id: str, directory: Directory, rules: Rules) -> None:
        self.directory = directory
        self.rules = rules
        self.session = SessionRecord(session_id)
        self.records: dict[str, PointRecord] = {}
        self.states = PointStates(len(directory.points))
        self.live_count = 0
        self.calls: dict[str, Call] = {}
        """By id, in the order of placing: the active ones and the newest finished ones."""
        self.active: dict[str, Call] = {}
        """The calls in progress, by point."""
        self.on_air: list[str] = []
        """Calls on air in the order of their taking."""
        self.calls_placed = 0
        self.media: dict[str, frozenset[str]] = {}
        """What flows, by feed; feeds of which nothing flows are absent."""
        self.roll_calls: dict[str, RollCall] = {}
        """By id, in the order of starting: those that ask and the newest closed ones."""
        self.roll_calls_started = 0
        self.asked: dict[str, RollCall] = {}
        """The roll call that asks a point, by point: one at most."""
        self.floor = Floor()
        self.plan_version = 0
        self._slots = slots_of(self.session.state, (), self.on_air)

    def record(self, point: str) -> PointRecord:
        """Give what is known of a point; a fresh record, not kept, for one that never came."""
        return self.records.get(point) or PointRecord()

    def media_of(self, point: str) -> frozenset[str]:
        """Give the kinds of media that flow from a point."""
        return self.media.get(point_feed(point), NO_MEDIA)

    @property
    def is_center_live(self) -> bool:
        """Whether anything flows from the center."""
        return CENTER_FEED in self.media

    def call(self, call: str) -> Call:
        """Give a call, or raise ``unknown_call``."""
        found = self.calls.get(call)
        if found is None:
            raise unknown_call(call)
        return found

    def roll_call(self, roll_call: str) -> RollCall:
        """Give a roll call, or raise ``unknown_roll_call``."""
        found = self.roll_calls.get(roll_call)
        if found is None:
            raise unknown_roll_call(roll_call)
        return found

    def asking(self) -> list[RollCall]:
        """Give the roll calls that ask, in the order of starting."""
        return [roll_call for roll_call in self.roll_calls.values() if roll_call.is_asking]

    def plan(self) -> Plan:
        """Give the present forwarding plan."""
        return Plan(self.session.id, self.plan_version, self._slots)

    def apply(self, event: Event) -> None:
        """Add one event to the state.

        Raises:
            BridgeError: the event contradicts what came before it; nothing has changed.
        """
        self._APPLY[type(event)](self, event)

    def _session_opened(self, event: events.SessionOpened) -> None:
        self.session.state = advance(SESSION_TABLE, self.session.state, SessionInput.OPEN)
        self.session.title = event.title
        self.session.opened_at, self.session.opened_by = event.at, event.by
        self._replan()

    def _session_closed(self, event: events.SessionClosed) -> None:
        self.session.state = advance(SESSION_TABLE, self.session.state, SessionInput.CLOSE)
        self.session.closed_at, self.session.closed_by = event.at, event.by
        self.floor.clear()
        self._replan()

    def _point_arrived(self, event: events.PointArrived) -> None:
        record = self.records.setdefault(event.point, PointRecord())
        if not record.is_live:
            self.live_count += 1
        record.is_live = True
        record.live_since = record.last_seen = event.at
        record.offline_since = record.left_reason = None
        record.report = event.report or record.report
        call = self.active.get(event.point)
        if call is not None:
            call.remark(event.at, "point_arrived", point_feed(event.point), "", event.report)
        roll_call = self.asked.get(event.point)
        if roll_call is not None:
            roll_call.reach(event.point, self.directory)
        self._refresh(event.point)

    def _point_left(self, event: events.PointLeft) -> None:
        record = self.records.get(event.point)
        if record is None or not record.is_live:
            raise corrupt_record(f"{event.point} left without having arrived")
        self.live_count -= 1
        record.is_live = False
        record.live_since = None
        record.offline_since, record.left_reason = event.at, event.reason
        if event.reason != RECONCILED:
            record.last_seen = event.at
        call = self.active.get(event.point)
        if call is not None:
            call.remark(event.at, "point_left", "server", event.reason)
        self._refresh(event.point)

    def _point_reported(self, event: events.PointReported) -> None:
        record = self.records.setdefault(event.point, PointRecord())
        record.last_seen, record.report = event.at, event.report
        call = self.active.get(event.point)
        if call is not None:
            call.remark(event.at, "reported", point_feed(event.point), "", event.report)

    def _media_started(self, event: events.MediaStarted) -> None:
        self.media[event.feed] = self.media.get(event.feed, NO_MEDIA) | {event.kind}
        self._remark_media(event.feed, event.at, f"{event.kind}_started", "")

    def _media_stopped(self, event: events.MediaStopped) -> None:
        left = self.media.get(event.feed, NO_MEDIA) - {event.kind}
        if left:
            self.media[event.feed] = left
        else:
            self.media.pop(event.feed, None)
        self._remark_media(event.feed, event.at, f"{event.kind}_stopped", event.reason)

    def _remark_media(self, feed: str, at: int, what: str, note: str) -> None:
        call = self.active.get(point_of_feed(feed) or "")
        if call is not None:
            call.remark(at, what, "node", note)

    def _call_placed(self, event: events.CallPlaced) -> None:
        if event.call in self.calls or event.point in self.active:
            raise corrupt_record(f"{event.call} was placed over another call")
        name = self.directory.point(event.point).name if self.directory.has_point(event.point) else event.point
        call = Call(event.call, event.point, name, event.by, event.at, monitor=event.monitor, deadline=event.deadline)
        record = self.record(event.point)
        call.step(event.at, "placed", event.by, "", record.report)
        self.calls[call.id] = call
        self.active[event.point] = call
        self.calls_placed += 1
        self._refresh(event.point)

    def _call_ringing(self, event: events.CallRinging) -> None:
        call = self._moved(event.call, CallInput.RING)
        if call.ringing_at is None:
            call.ringing_at = event.at
            call.step(event.at, "ringing", "server")
        else:
            call.remark(event.at, "rung_again", "server")
        call.rings_sent += 1
        call.deadline = event.deadline
        self._changed(call)

    def _call_delivered(self, event: events.CallDelivered) -> None:
        call = self._moved(event.call, CallInput.CONFIRM)
        call.delivered_at, call.deadline = event.at, event.deadline
        call.step(event.at, "delivered", point_feed(call.point), "", event.report)
        self._seen(call, event.at)
        self._changed(call)

    def _call_answered(self, event: events.CallAnswered) -> None:
        call = self._moved(event.call, CallInput.ANSWER)
        call.answered_at, call.deadline = event.at, event.deadline
        call.step(event.at, "answered", point_feed(call.point), "", event.report)
        self._seen(call, event.at).has_missed = False
        self._changed(call)

    def _call_connected(self, event: events.CallConnected) -> None:
        call = self._moved(event.call, CallInput.CONNECT)
        call.connected_at, call.connected_by, call.deadline = event.at, event.kind, None
        call.step(event.at, "connected", "node", event.kind)
        self._changed(call)

    def _call_previewed(self, event: events.CallPreviewed) -> None:
        call = self._moved(event.call, CallInput.PREVIEW)
        call.preview_at = event.at
        call.step(event.at, "preview", event.by)
        self._changed(call)

    def _call_taken(self, event: events.CallTaken) -> None:
        call = self._moved(event.call, CallInput.TAKE)
        call.on_air_at, call.off_air_at, call.guest = event.at, None, event.guest
        call.step(event.at, "on_air", event.by)
        self.on_air.append(call.id)
        self._changed(call)

    def _call_taken_off_air(self, event: events.CallTakenOffAir) -> None:
        call = self._moved(event.call, CallInput.OFF_AIR)
        self._leave_air(call, event.at)
        call.step(event.at, "off_air", event.by)
        self._changed(call)

    def _call_interrupted(self, event: events.CallInterrupted) -> None:
        call = self._moved(event.call, CallInput.INTERRUPT)
        call.interrupted_at, call.deadline = event.at, event.deadline
        call.remark(event.at, "interrupted", "node", event.reason)

    def _call_resumed(self, event: events.CallResumed) -> None:
        call = self._moved(event.call, CallInput.RESUME)
        call.interrupted_at = call.deadline = None
        call.remark(event.at, "resumed", "node", event.kind)

    def _call_ended(self, event: events.CallEnded) -> None:
        call = self._moved(event.call, CallInput.END)
        self._finish(call, event.at)
        call.step(event.at, "ended", event.by)
        self._changed(call)

    def _call_failed(self, event: events.CallFailed) -> None:
        call = self._moved(event.call, event.cause)
        call.cause, call.evidence = event.cause, event.evidence
        self._finish(call, event.at)
        call.step(event.at, "failed", event.by, event.cause.value, event.evidence.report)
        if event.cause in MISSED:
            self.records.setdefault(call.point, PointRecord()).has_missed = True
        self._changed(call)

    def _call_noted(self, event: events.CallNoted) -> None:
        call = self._active_call(event.call)
        call.remark(event.at, event.what, event.by, event.note, event.report)

    def _call_clock_restarted(self, event: events.CallClockRestarted) -> None:
        call = self._active_call(event.call)
        call.deadline = event.deadline
        call.remark(event.at, "clock_restarted", event.by)

    def _roll_call_started(self, event: events.RollCallStarted) -> None:
        if event.roll_call in self.roll_calls or any(point in self.asked for point in event.points):
            raise corrupt_record(f"{event.roll_call} was started over another roll call")
        roll_call = RollCall(event.roll_call, event.by, event.units, event.at, event.deadline)
        roll_call.ask(event.points, (point for point in event.points if self.record(point).is_live), self.directory)
        self.roll_calls[roll_call.id] = roll_call
        self.asked.update(dict.fromkeys(event.points, roll_call))
        self.roll_calls_started += 1

    def _presence_confirmed(self, event: events.PresenceConfirmed) -> None:
        roll_call = self._known_roll_call(event.roll_call)
        roll_call.confirm(event.point, event.at, event.name, event.function, self.directory)
        record = self.records.setdefault(event.point, PointRecord())
        record.last_seen = event.at
        record.report = event.report or record.report

    def _roll_call_extended(self, event: events.RollCallExtended) -> None:
        roll_call = self._known_roll_call(event.roll_call)
        if not roll_call.is_asking:
            raise corrupt_record(f"{event.roll_call} was extended after its end")
        roll_call.deadline = event.deadline

    def _roll_call_closed(self, event: events.RollCallClosed) -> None:
        roll_call = self._known_roll_call(event.roll_call)
        roll_call.close(event.at, event.by)
        for point in roll_call.points:
            self.asked.pop(point, None)
        closed = [kept.id for kept in self.roll_calls.values() if not kept.is_asking]
        for oldest in closed[: max(0, len(closed) - self.rules.kept_roll_calls)]:
            del self.roll_calls[oldest]

    def _known_roll_call(self, roll_call_id: str) -> RollCall:
        roll_call = self.roll_calls.get(roll_call_id)
        if roll_call is None:
            raise corrupt_record(f"{roll_call_id} was never started")
        return roll_call

    def _floor_asked(self, event: events.FloorAsked) -> None:
        self.floor.add(Request(event.request, event.point, event.subject, event.at))

    def _floor_withdrawn(self, event: events.FloorWithdrawn) -> None:
        self.floor.move(event.request, FloorInput.WITHDRAW)

    def _floor_given(self, event: events.FloorGiven) -> None:
        request = self.floor.move(event.request, FloorInput.GIVE)
        request.given_by, request.duration_ms = event.by, event.duration_ms

    def _floor_started(self, event: events.FloorStarted) -> None:
        request = self.floor.move(event.request, FloorInput.START)
        request.started_at, request.deadline = event.at, event.deadline

    def _floor_warned(self, event: events.FloorWarned) -> None:
        self.floor.move(event.request, FloorInput.WARN).warned_at = event.at

    def _floor_extended(self, event: events.FloorExtended) -> None:
        request = self.floor.move(event.request, FloorInput.EXTEND)
        request.duration_ms = event.deadline - event.at
        request.deadline, request.warned_at = event.deadline, None

    def _floor_missed(self, event: events.FloorMissed) -> None:
        self.floor.move(event.request, FloorInput.MISS)

    def _floor_taken_back(self, event: events.FloorTakenBack) -> None:
        self.floor.move(event.request, FloorInput.TAKE_BACK)

    def _active_call(self, call_id: str) -> Call:
        call = self.calls.get(call_id)
        if call is None or call.is_over:
            raise corrupt_record(f"{call_id} is not in progress")
        return call

    def _moved(self, call_id: str, move: Any) -> Call:
        call = self.calls.get(call_id)
        if call is None:
            raise corrupt_record(f"{call_id} was never placed")
        call.state = advance(CALL_TABLE, call.state, move)
        return call

    def _seen(self, call: Call, at: int) -> PointRecord:
        record = self.records.setdefault(call.point, PointRecord())
        record.last_seen = at
        record.report = call.report or record.report
        return record

    def _leave_air(self, call: Call, at: int) -> None:
        if call.id in self.on_air:
            self.on_air.remove(call.id)
            call.off_air_at, call.guest = at, None

    def _finish(self, call: Call, at: int) -> None:
        self._leave_air(call, at)
        call.ended_at = at
        call.deadline = call.interrupted_at = call.monitor = None
        del self.active[call.point]
        finished = len(self.calls) - len(self.active)
        if finished > self.rules.kept_calls:
            del self.calls[next(kept.id for kept in self.calls.values() if kept.is_over)]

    def _changed(self, call: Call) -> None:
        self._refresh(call.point)
        self._replan()

    def _refresh(self, point: str) -> None:
        if self.directory.has_point(point):
            call = self.active.get(point)
            state = _STATE_OF_CALL.get(call.state) if call else None
            self.states.set(self.directory.index_of(point), self.record(point).idle_state() if state is None else state)

    def _replan(self) -> None:
        slots = slots_of(self.session.state, self.active.values(), self.on_air)
        if slots != self._slots:
            self._slots = slots
            self.plan_version += 1

    _APPLY: ClassVar[dict[type, Callable[["State", Any], None]]] = {
        events.SessionOpened: _session_opened,
        events.SessionClosed: _session_closed,
        events.PointArrived: _point_arrived,
        events.PointLeft: _point_left,
        events.PointReported: _point_reported,
        events.MediaStarted: _media_started,
        events.MediaStopped: _media_stopped,
        events.CallPlaced: _call_placed,
        events.CallRinging: _call_ringing,
        events.CallDelivered: _call_delivered,
        events.CallAnswered: _call_answered,
        events.CallConnected: _call_connected,
        events.CallPreviewed: _call_previewed,
        events.CallTaken: _call_taken,
        events.CallTakenOffAir: _call_taken_off_air,
        events.CallInterrupted: _call_interrupted,
        events.CallResumed: _call_resumed,
        events.CallEnded: _call_ended,
        events.CallFailed: _call_failed,
        events.CallNoted: _call_noted,
        events.CallClockRestarted: _call_clock_restarted,
        events.RollCallStarted: _roll_call_started,
        events.PresenceConfirmed: _presence_confirmed,
        events.RollCallExtended: _roll_call_extended,
        events.RollCallClosed: _roll_call_closed,
        events.FloorAsked: _floor_asked,
        events.FloorWithdrawn: _floor_withdrawn,
        events.FloorGiven: _floor_given,
        events.FloorStarted: _floor_started,
        events.FloorWarned: _floor_warned,
        events.FloorExtended: _floor_extended,
        events.FloorMissed: _floor_missed,
        events.FloorTakenBack: _floor_taken_back,
    }
