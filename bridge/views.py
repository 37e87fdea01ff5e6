"""The domain as pages see it: plain dictionaries, ready for JSON."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from bridge.asking_views import counts_view, points_in, tally_view
from bridge.calls import Call
from bridge.floor import Request
from bridge.machine import CallState
from bridge.rollcall import Presence, RollCall
from bridge.state import State
from bridge.units import Directory

if TYPE_CHECKING:
    from bridge.bridge import Bridge


def call_view(call: Call) -> dict[str, object]:
    """Give a call with its trail. Deadlines are None unless their clock runs; times are milliseconds since the Unix epoch."""
    return {
        "id": call.id,
        "point": call.point,
        "point_name": call.point_name,
        "state": call.state.value,
        "cause": call.cause.value if call.cause else None,
        "by": call.by,
        "monitor": call.monitor,
        "placed_at": call.placed_at,
        "ringing_at": call.ringing_at,
        "delivered_at": call.delivered_at,
        "answered_at": call.answered_at,
        "connected_at": call.connected_at,
        "connected_by": call.connected_by,
        "preview_at": call.preview_at,
        "on_air_at": call.on_air_at,
        "off_air_at": call.off_air_at,
        "air_at": call.air_at,
        "interrupted_at": call.interrupted_at,
        "ended_at": call.ended_at,
        "deliver_deadline": call.deadline if call.state in {CallState.QUEUED, CallState.RINGING} else None,
        "answer_deadline": call.deadline if call.state is CallState.DELIVERED else None,
        "record": call.record,
        "together": call.together or None,
        "called_back_at": call.called_back_at,
        "explained_at": call.explained_at,
        "evidence": call.evidence.to_dict() if call.evidence else None,
        "trail": [entry.to_dict() for entry in call.trail],
    }


def calls_view(bridge: "Bridge", finished: int = 50) -> list[dict[str, object]]:
    """Give the calls in progress and the newest ``finished`` finished ones, in the order of placing."""
    over = [call.id for call in bridge.calls.values() if call.is_over]
    shown = set(over[max(0, len(over) - finished) :])
    return [call_view(call) for call in bridge.calls.values() if not call.is_over or call.id in shown]


def session_view(bridge: "Bridge") -> dict[str, object]:
    """Give the session's id, title and state."""
    session = bridge.session
    return {"id": session.id, "title": session.title, "state": session.state.value}


def stage_view(bridge: "Bridge") -> dict[str, object]:
    """Give what every page shows of the stage: the session's state, the center's, who is on air, the newest first, and
    whether it is recorded."""
    return {
        "session_state": bridge.session.state.value,
        "center_live": bridge.is_center_live,
        "on_air": [{"call": call.id, "point": call.point, "name": call.point_name} for call in bridge.on_air()],
        "recording": bridge.session.recording_since is not None,
    }


def frame_view(bridge: "Bridge") -> dict[str, object]:
    """Give the states of all points: their number, and one nibble each in directory order, high nibble first, in base64."""
    return {
        "version": bridge.state.states.version,
        "count": bridge.state.states.count,
        "states": base64.b64encode(bridge.state_frame()).decode("ascii"),
    }


def question_view(roll_call: RollCall, point: str) -> dict[str, object]:
    """Give a roll call as one of its points sees it: its own state and nobody else's."""
    presence, cause = roll_call.presence(point), roll_call.cause(point)
    confirmation = roll_call.confirmed.get(point)
    return {
        "id": roll_call.id,
        "state": roll_call.state.value,
        "started_at": roll_call.started_at,
        "deadline": roll_call.deadline,
        "presence": presence.value if presence else None,
        "cause": cause.value if cause else None,
        "confirmed_at": confirmation.at if confirmation else None,
        "name": confirmation.name if confirmation else None,
        "function": confirmation.function if confirmation else None,
    }


def board_view(roll_call: RollCall, directory: Directory, scope: Sequence[str]) -> dict[str, object] | None:
    """Give the counters of a roll call for a scope (`bridge.asking_views.counts_view`); None when it is none of its business."""
    counts = counts_view(roll_call, directory, scope, tally_view)
    if counts is None:
        return None
    return {
        "id": roll_call.id,
        "by": roll_call.by,
        "state": roll_call.state.value,
        "started_at": roll_call.started_at,
        "deadline": roll_call.deadline,
        "closed_at": roll_call.closed_at,
        **counts,
    }


def attendance_view(
    roll_call: RollCall, directory: Directory, units: Sequence[str], wanted: frozenset[Presence], reached: bool | None = None
) -> Iterator[dict[str, object]]:
    """Give the points of a roll call below some units that are in one of the wanted states, in directory order.

    ``reached`` as of `points_in`.
    """
    for point in points_in(roll_call, directory, units, wanted, reached):
        question = question_view(roll_call, point.code)
        kept = ("presence", "cause", "confirmed_at", "name", "function")
        yield {"point": point.code, "point_name": point.name, **{key: question[key] for key in kept}}


def request_view(request: Request, directory: Directory, place: int | None) -> dict[str, object]:
    """Give a request to speak; ``place`` is its number in the queue, None when it does not wait."""
    name = directory.point(request.point).name if directory.has_point(request.point) else request.point
    return {
        "id": request.id,
        "point": request.point,
        "point_name": name,
        "subject": request.subject,
        "state": request.state.value,
        "place": place,
        "asked_at": request.asked_at,
        "started_at": request.started_at,
        "deadline": request.deadline,
        "warned_at": request.warned_at,
    }


def snapshot_view(state: State) -> dict[str, object]:
    """Give a session's whole state as plain data, to compare or to look at; pending changes are not part of it."""
    return {
        "session": asdict(state.session),
        "records": {point: asdict(record) for point, record in sorted(state.records.items())},
        "states": state.states.frame().hex(),
        "states_version": state.states.version,
        "live_count": state.live_count,
        "calls": [asdict(call) for call in state.calls.values()],
        "active": {point: call.id for point, call in state.active.items()},
        "on_air": list(state.on_air),
        "calls_placed": state.calls_placed,
        "media": {feed: sorted(kinds) for feed, kinds in sorted(state.media.items())},
        "plan": state.plan().to_dict(),
        "talks": [asdict(talk) for talk in state.talks.values()],
        "roll_calls": [roll_call.to_plain() for roll_call in state.roll_calls.values()],
        "roll_calls_started": state.roll_calls_started,
        "floor": state.floor.to_plain(),
        "matters": state.matters.to_plain(),
        "call_lists": [asdict(call_list) for call_list in state.call_lists.values()],
        "call_lists_started": state.call_lists_started,
        "rosters": {point: roster.to_plain() for point, roster in sorted(state.rosters.items())},
        "agenda": state.agenda.to_plain(),
        "directives": state.directives.to_plain(),
        "proposals": state.proposals.to_plain(),
        "draws": state.draws.to_plain(),
        "last_called": dict(sorted(state.last_called.items())),
        "asked": {point: roll_call.id for point, roll_call in sorted(state.asked.items())},
    }
