"""The domain as pages see it: plain dictionaries, ready for JSON."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from bridge.calls import Call
from bridge.floor import Request
from bridge.machine import CallState
from bridge.rollcall import MAX_BOARD_UNITS, Presence, RollCall, Tally, shown_units
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
    """Give what every page shows of the stage: the session's state, the center's, and who is on air, the newest first."""
    return {
        "session_state": bridge.session.state.value,
        "center_live": bridge.is_center_live,
        "on_air": [{"call": call.id, "point": call.point, "name": call.point_name} for call in bridge.on_air()],
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
    """Give the counters of a roll call for a scope: in all and by top unit, those with most missing first.

    The top units are the ones right below, where the roll call and the scope meet in one unit; else the units where they meet. A
    unit that has a desk of its own stands beside those below it. None when scope and roll call have nothing in common.
    """
    tops = [unit for unit in shown_units(directory, roll_call.units, scope) if unit in roll_call.tallies]
    if not tops:
        return None
    total = _sum_of(roll_call.tallies[unit] for unit in tops)
    rows = _rows_below(roll_call, directory, tops[0]) if len(tops) == 1 else [(unit, roll_call.tallies[unit]) for unit in tops]
    rows.sort(key=lambda row: -row[1].missing)
    return {
        "id": roll_call.id,
        "by": roll_call.by,
        "state": roll_call.state.value,
        "started_at": roll_call.started_at,
        "deadline": roll_call.deadline,
        "closed_at": roll_call.closed_at,
        "total": _tally_view(total),
        "units": [
            {"unit": unit, "name": directory.unit(unit).name, **_tally_view(tally)} for unit, tally in rows[:MAX_BOARD_UNITS]
        ],
        "units_left_out": max(0, len(rows) - MAX_BOARD_UNITS),
    }


def attendance_view(
    roll_call: RollCall, directory: Directory, units: Sequence[str], wanted: frozenset[Presence]
) -> Iterator[dict[str, object]]:
    """Give the points of a roll call below some units that are in one of the wanted states, in directory order."""
    ranges = [directory.points_within(unit) for unit in units if directory.has_unit(unit)]
    for place in sorted({place for one in ranges for place in one}):
        point = directory.points[place]
        presence = roll_call.presence(point.code)
        if presence not in wanted:
            continue
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


def _rows_below(roll_call: RollCall, directory: Directory, top: str) -> list[tuple[str, Tally]]:
    rows = [(unit.code, roll_call.tallies[unit.code]) for unit in directory.children(top) if unit.code in roll_call.tallies]
    below, all_of_it = _sum_of(tally for _, tally in rows), roll_call.tallies[top]
    own = Tally(
        all_of_it.asked - below.asked,
        all_of_it.present - below.present,
        all_of_it.late - below.late,
        all_of_it.silent - below.silent,
    )
    return [(top, own), *rows] if own.asked else rows


def _sum_of(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.asked += tally.asked
        total.present += tally.present
        total.late += tally.late
        total.silent += tally.silent
    return total


def _tally_view(tally: Tally) -> dict[str, object]:
    return {
        "asked": tally.asked,
        "present": tally.present,
        "late": tally.late,
        "no_answer": tally.silent,
        "offline": tally.unreached,
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
        "roll_calls": [roll_call.to_plain() for roll_call in state.roll_calls.values()],
        "roll_calls_started": state.roll_calls_started,
        "floor": state.floor.to_plain(),
        "matters": state.matters.to_plain(),
        "call_lists": [asdict(call_list) for call_list in state.call_lists.values()],
        "call_lists_started": state.call_lists_started,
        "rosters": {point: roster.to_plain() for point, roster in sorted(state.rosters.items())},
        "asked": {point: roll_call.id for point, roll_call in sorted(state.asked.items())},
    }
