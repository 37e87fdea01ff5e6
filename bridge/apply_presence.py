"""What arrivals, departures, reports and media add up to.

Each function adds one event to the state, or raises `BridgeError` and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import events
from bridge.errors import corrupt_record
from bridge.ids import point_feed, point_of_feed
from bridge.points import PointRecord
from bridge.state import NO_MEDIA, RECONCILED, State


def _point_arrived(state: State, event: events.PointArrived) -> None:
    record = state.records.setdefault(event.point, PointRecord())
    if not record.is_live:
        state.live_count += 1
    record.is_live = True
    record.live_since = record.last_seen = event.at
    record.offline_since = record.left_reason = None
    record.report = event.report or record.report
    call = state.active.get(event.point)
    if call is not None:
        call.remark(event.at, "point_arrived", point_feed(event.point), "", event.report)
    roll_call = state.asked.get(event.point)
    if roll_call is not None:
        roll_call.reach(event.point, state.directory)
    for directive in state.directives.running.values():
        directive.reach(event.point, state.directory)
    state.refresh(event.point)


def _point_left(state: State, event: events.PointLeft) -> None:
    record = state.records.get(event.point)
    if record is None or not record.is_live:
        raise corrupt_record(f"{event.point} left without having arrived")
    state.live_count -= 1
    record.is_live = False
    record.live_since = None
    record.offline_since, record.left_reason = event.at, event.reason
    if event.reason != RECONCILED:
        record.last_seen = event.at
    call = state.active.get(event.point)
    if call is not None:
        call.remark(event.at, "point_left", "server", event.reason)
    state.refresh(event.point)


def _point_reported(state: State, event: events.PointReported) -> None:
    record = state.records.setdefault(event.point, PointRecord())
    record.last_seen, record.report = event.at, event.report
    call = state.active.get(event.point)
    if call is not None:
        call.remark(event.at, "reported", point_feed(event.point), "", event.report)


def _point_engaged(state: State, event: events.PointEngaged) -> None:
    record = state.records.setdefault(event.point, PointRecord())
    record.engaged_in, record.engaged_level = event.session, event.level
    state.refresh(event.point)


def _point_released(state: State, event: events.PointReleased) -> None:
    record = state.records.get(event.point)
    if record is None or record.engaged_in != event.session:
        raise corrupt_record(f"{event.point} was not engaged in {event.session}")
    record.engaged_in = None
    state.refresh(event.point)


def _media_started(state: State, event: events.MediaStarted) -> None:
    state.media[event.feed] = state.media.get(event.feed, NO_MEDIA) | {event.kind}
    _remark_media(state, event.feed, event.at, f"{event.kind}_started", "")


def _media_stopped(state: State, event: events.MediaStopped) -> None:
    left = state.media.get(event.feed, NO_MEDIA) - {event.kind}
    if left:
        state.media[event.feed] = left
    else:
        state.media.pop(event.feed, None)
    _remark_media(state, event.feed, event.at, f"{event.kind}_stopped", event.reason)


def _remark_media(state: State, feed: str, at: int, what: str, note: str) -> None:
    call = state.active.get(point_of_feed(feed) or "")
    if call is not None:
        call.remark(at, what, "node", note)


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    events.PointArrived: _point_arrived,
    events.PointLeft: _point_left,
    events.PointReported: _point_reported,
    events.PointEngaged: _point_engaged,
    events.PointReleased: _point_released,
    events.MediaStarted: _media_started,
    events.MediaStopped: _media_stopped,
}
