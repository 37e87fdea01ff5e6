"""Records of calls, lists, escalations and rosters as pages see them: plain dictionaries, ready for JSON."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bridge.call_lists import CallList
from bridge.calls import Call
from bridge.escalation import Ladder, Rung
from bridge.matters import MAX_MISSED_SHOWN, Matter
from bridge.roster import Duty, Roster, Shift, duty_of
from bridge.state import State
from bridge.units import Directory, Unit
from bridge.views import call_view

MAX_LINES = 2_000


def rung_view(rung: Rung, number: int) -> dict[str, object]:
    """Give one step of a ladder."""
    step = rung.step
    return {
        "step": number,
        "kind": step.kind,
        "name": step.name,
        "function": step.function,
        "target": step.target,
        "contact_note": step.note,
        "state": rung.state.value,
        "started_at": rung.started_at,
        "deadline": rung.deadline,
        "ended_at": rung.ended_at,
        "outcome": rung.outcome or None,
        "note": rung.note,
        "by": rung.by or None,
        "ring": rung.ring or None,
        "confirmed_at": rung.confirmed_at,
        "confirmed_name": rung.confirmed_name,
        "confirmed_text": rung.confirmed_text,
    }


def ladder_view(ladder: Ladder) -> dict[str, object]:
    """Give a ladder with its steps and the clock of the current one."""
    return {
        "id": ladder.id,
        "record": ladder.matter,
        "point": ladder.point,
        "point_name": ladder.point_name,
        "cause": ladder.cause or None,
        "by": ladder.by,
        "state": ladder.state.value,
        "current": ladder.current,
        "deadline": ladder.deadline,
        "started_at": ladder.started_at,
        "ended_at": ladder.ended_at,
        "ended_by": ladder.ended_by or None,
        "steps": [rung_view(rung, number) for number, rung in enumerate(ladder.rungs)],
    }


def call_list_view(call_list: CallList, directory: Directory) -> dict[str, object]:
    """Give a list of calls: who was called, who is being called and who waits."""
    return {
        "id": call_list.id,
        "by": call_list.by,
        "auto": call_list.is_auto,
        "state": call_list.state.value,
        "current": call_list.current,
        "started_at": call_list.started_at,
        "ended_at": call_list.ended_at,
        "items": [
            {
                "point": item.point,
                "point_name": _name_of(directory, item.point),
                "state": item.state.value,
                "call": item.call or None,
                "reason": item.reason or None,
            }
            for item in call_list.items
        ],
    }


def missed_calls(state: State, point: str) -> list[Call]:
    """Give the calls that a point missed and has not explained, the newest first, ten at most."""
    waiting = list(state.matters.unexplained.get(point, ()))
    return [state.calls[call] for call in reversed(waiting[-MAX_MISSED_SHOWN:])]


def record_view(state: State, matter: Matter) -> dict[str, object]:
    """Give a whole record: what is in memory of it, and all of that once more as lines in the order of time."""
    calls = [state.calls[call] for call in matter.calls if call in state.calls]
    ladders = [state.matters.ladders[ladder] for ladder in matter.ladders]
    return {
        "record": matter.id,
        "point": matter.point,
        "point_name": matter.point_name,
        "calls": [call_view(call) for call in calls],
        "calls_left_out": len(matter.calls) - len(calls),
        "call_backs": [
            {"at": each.at, "call": each.call, "by": each.by, "note": each.note, "answered_by": each.answered_by}
            for each in matter.call_backs
        ],
        "explanations": [
            {"at": each.at, "call": each.call, "by": each.by, "name": each.name, "text": each.text}
            for each in matter.explanations
        ],
        "escalations": [ladder_view(ladder) for ladder in ladders],
        "lines": _lines(matter, calls, ladders)[:MAX_LINES],
    }


def _lines(matter: Matter, calls: Iterable[Call], ladders: Iterable[Ladder]) -> list[dict[str, object]]:
    """Everything on a record in the order of time; lines of one moment in the order in which they are written here."""
    lines: list[tuple[int, dict[str, object]]] = []

    def add(at: int | None, about: str, what: str, by: str, note: str) -> None:
        if at is not None:
            lines.append((at, {"at": at, "about": about, "what": what, "by": by, "note": note}))

    for call in calls:
        for entry in call.trail:
            add(entry.at, call.id, entry.what, entry.by, entry.note)
    for back in matter.call_backs:
        add(back.at, back.call, "called_back", back.by, back.note)
    for word in matter.explanations:
        add(word.at, word.call, "explained", word.by, f"{word.name}: {word.text}")
    for ladder in ladders:
        add(ladder.started_at, ladder.id, "escalation_started", ladder.by, ladder.cause)
        for rung in ladder.rungs:
            who = " · ".join(part for part in (rung.step.name, rung.step.function, rung.step.target) if part)
            add(rung.started_at, ladder.id, f"step_{rung.step.kind}", "server", who)
            add(rung.confirmed_at, ladder.id, "alert_confirmed", f"point:{rung.step.target}", _said(rung))
            if rung.outcome:
                add(rung.ended_at, ladder.id, f"outcome_{rung.outcome}", rung.by, " · ".join(filter(None, (who, rung.note))))
        add(ladder.ended_at, ladder.id, f"escalation_{ladder.state.value}", ladder.ended_by, "")
    return [line for _, line in sorted(lines, key=lambda each: each[0])]


def _said(rung: Rung) -> str:
    return ": ".join(part for part in (rung.confirmed_name, rung.confirmed_text) if part)


def shift_view(shift: Shift, roster: Roster) -> dict[str, object]:
    """Give a shift with its contacts and its confirmation."""
    confirmation = roster.confirmed.get(shift.start)
    return {
        "start": shift.start,
        "end": shift.end,
        "contacts": [
            {"name": each.name, "function": each.function, "kind": each.kind, "target": each.target, "note": each.note}
            for each in shift.contacts
        ],
        "confirmed_at": confirmation.at if confirmation else None,
        "confirmed_by": confirmation.name if confirmation else None,
    }


def roster_view(directory: Directory, point: str, roster: Roster | None) -> dict[str, object]:
    """Give the roster of a point; without any, one that is empty."""
    return {
        "point": point,
        "point_name": _name_of(directory, point),
        "shifts": [shift_view(shift, roster) for shift in roster.shifts] if roster is not None else [],
        "set_at": roster.set_at if roster is not None else None,
        "set_by": roster.set_by if roster is not None else None,
    }


def duty_board(state: State, unit: str, now: int) -> dict[str, object]:
    """Give how many points of a unit, and of those right below it, have confirmed their shift; those with most missing first.

    A unit that has a desk of its own stands beside those below it.
    """
    directory = state.directory
    rows: list[tuple[Unit, Sequence[int]]] = [(each, directory.points_within(each.code)) for each in directory.children(unit)]
    below = {place for _, places in rows for place in places}
    own = [place for place in directory.points_within(unit) if place not in below]
    if own:
        rows.insert(0, (directory.unit(unit), own))
    counted = [(each, _duties(state, places, now)) for each, places in rows if len(places)]
    total = {duty.value: sum(counts[duty.value] for _, counts in counted) for duty in Duty}
    counted.sort(key=lambda row: -(row[1][Duty.UNCONFIRMED.value] + row[1][Duty.NO_ROSTER.value]))
    return {
        "unit": unit,
        "name": directory.unit(unit).name,
        "at": now,
        "total": total,
        "units": [{"unit": each.code, "name": each.name, **counts} for each, counts in counted],
    }


def duties_within(state: State, unit: str, wanted: frozenset[Duty], now: int) -> Iterator[dict[str, object]]:
    """Give the points below a unit whose duty stands in one of these ways, in directory order."""
    for place in state.directory.points_within(unit):
        point = state.directory.points[place]
        roster = state.rosters.get(point.code)
        duty = duty_of(roster, now, state.rules.shift_confirm_ms)
        if duty not in wanted:
            continue
        shift = roster.at(now) if roster is not None else None
        yield {
            "point": point.code,
            "point_name": point.name,
            "duty": duty.value,
            "shift_start": shift.start if shift is not None else None,
            "shift_end": shift.end if shift is not None else None,
        }


def _duties(state: State, places: Iterable[int], now: int) -> Mapping[str, int]:
    counts = {duty.value: 0 for duty in Duty}
    points = state.directory.points
    for place in places:
        counts[duty_of(state.rosters.get(points[place].code), now, state.rules.shift_confirm_ms).value] += 1
    return counts


def _name_of(directory: Directory, point: str) -> str:
    return directory.point(point).name if directory.has_point(point) else point
