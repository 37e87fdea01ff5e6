"""What call backs, explanations, lists, escalations and rosters add up to.

Each function adds one event to the state, or raises `BridgeError` and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import matter_events
from bridge.call_lists import KEPT_LISTS, LIST_ENDINGS, LIST_TABLE, CallList, Item, ItemInput, ListInput, ListState
from bridge.calls import Call
from bridge.errors import corrupt_record
from bridge.escalation import ENDINGS, LADDER_TABLE, Ladder, LadderInput, LadderState, Outcome, Rung, StepInput, StepState
from bridge.machine import CallState, advance
from bridge.matters import CalledBack, Explanation
from bridge.roster import Roster, ShiftConfirmation
from bridge.state import State


def _called_back(state: State, event: matter_events.PointCalledBack) -> None:
    call = _failed_call(state, event.call)
    state.matters.by_id[call.record].call_backs.append(CalledBack(event.at, call.id, event.by, event.note))
    call.called_back_at = event.at
    state.matters.point_called_back(call.record, event.by)


def _explained(state: State, event: matter_events.CallExplained) -> None:
    call = _failed_call(state, event.call)
    matter = state.matters.by_id[call.record]
    matter.explanations.append(Explanation(event.at, call.id, event.by, event.name, event.text))
    call.explained_at = event.at
    state.matters.drop_unexplained(call)


def _list_started(state: State, event: matter_events.CallListStarted) -> None:
    if event.call_list in state.call_lists:
        raise corrupt_record(f"{event.call_list} was started twice")
    items = [Item(point) for point in event.points]
    state.call_lists[event.call_list] = CallList(event.call_list, items, event.auto, event.by, event.level, event.at)
    state.call_lists_started += 1


def _list_continued(state: State, event: matter_events.CallListContinued) -> None:
    _list(state, event.call_list, ListInput.NEXT).wants_next = True


def _list_moved(state: State, event: matter_events.CallListMoved) -> None:
    call_list = _list(state, event.call_list, ListInput.NEXT)
    if call_list.current is not None:
        raise corrupt_record(f"{call_list.id} calls two points")
    call_list.move(event.place, ItemInput.CALL).call = event.ring
    call_list.current, call_list.wants_next = event.place, False


def _list_skipped(state: State, event: matter_events.CallListSkipped) -> None:
    _list(state, event.call_list, ListInput.NEXT).move(event.place, ItemInput.SKIP).reason = event.reason


def _list_ended(state: State, event: matter_events.CallListEnded) -> None:
    ending = LIST_ENDINGS.get(ListState(event.state)) if event.state in set(ListState) else None
    if ending is None:
        raise corrupt_record(f"{event.call_list} ended as {event.state!r}")
    call_list = _list(state, event.call_list, ending)
    call_list.state, call_list.wants_next = ListState(event.state), False
    call_list.ended_at, call_list.ended_by = event.at, event.by
    over = [each.id for each in state.call_lists.values() if not each.is_running]
    for forgotten in over[: max(0, len(over) - KEPT_LISTS)]:
        del state.call_lists[forgotten]


def _escalation_started(state: State, event: matter_events.EscalationStarted) -> None:
    matters = state.matters
    matter = matters.by_id.get(event.record)
    if matter is None or event.escalation in matters.ladders:
        raise corrupt_record(f"{event.escalation} was started for no record, or twice")
    known = [state.calls[call] for call in matter.calls if call in state.calls]
    failed = [call for call in known if call.state is CallState.FAILED and call.point == matter.point]
    cause = failed[-1].cause if failed else None
    ladder = Ladder(
        event.escalation, matter.id, matter.point, matter.point_name, cause.value if cause else "", event.by, event.at
    )
    ladder.level = known[0].level if known else 0
    ladder.rungs = [Rung(step) for step in event.steps]
    matters.ladders[ladder.id] = ladder
    matter.ladders.append(ladder.id)
    matters.escalations_started += 1


def _escalation_stepped(state: State, event: matter_events.EscalationStepped) -> None:
    ladder = _ladder(state, event.escalation, LadderInput.STEP)
    if ladder.current is not None:
        raise corrupt_record(f"{ladder.id} is on two steps")
    rung = _rung(ladder, event.step)
    rung.advance(StepInput.BEGIN)
    rung.started_at, rung.deadline, rung.ring = event.at, event.deadline, event.ring
    ladder.current = event.step
    if rung.step.kind == "above":
        state.matters.add_alert(rung.step.target, ladder.id, event.step)


def _contact_marked(state: State, event: matter_events.ContactMarked) -> None:
    ladder = _ladder(state, event.escalation, LadderInput.STEP)
    rung = _rung(ladder, event.step)
    is_reached = event.outcome == Outcome.REACHED
    rung.advance(StepInput.REACH if is_reached else StepInput.MISS)
    rung.outcome, rung.note, rung.by = event.outcome, event.note, event.by
    rung.ended_at, rung.deadline = event.at, None
    if ladder.current == event.step:
        ladder.current = None
    if is_reached:
        ladder.reached_by = ladder.reached_by or event.by


def _alert_confirmed(state: State, event: matter_events.AlertConfirmed) -> None:
    ladder = state.matters.ladders.get(event.escalation)
    if ladder is None:
        raise corrupt_record(f"{event.escalation} is no escalation")
    rung = _rung(ladder, event.step)
    rung.confirmed_at, rung.confirmed_name, rung.confirmed_text = event.at, event.name, event.text
    state.matters.drop_alert(rung.step.target, ladder.id)
    if not (event.reached and ladder.is_running):
        return
    if rung.state in {StepState.CURRENT, StepState.FAILED}:
        rung.advance(StepInput.REACH)
        rung.outcome, rung.by, rung.ended_at, rung.deadline = Outcome.REACHED.value, event.by, event.at, None
    if ladder.current == event.step:
        ladder.current = None
    ladder.reached_by = ladder.reached_by or event.by


def _escalation_ended(state: State, event: matter_events.EscalationEnded) -> None:
    ending = ENDINGS.get(LadderState(event.state)) if event.state in set(LadderState) else None
    if ending is None:
        raise corrupt_record(f"{event.escalation} ended as {event.state!r}")
    ladder = _ladder(state, event.escalation, ending)
    if ladder.current is not None:
        rung = ladder.rungs[ladder.current]
        rung.advance(StepInput.LEAVE)
        rung.ended_at, rung.deadline = event.at, None
        ladder.current = None
    ladder.state, ladder.ended_at, ladder.ended_by = LadderState(event.state), event.at, event.by
    if ladder.state is not LadderState.EXHAUSTED:
        state.matters.drop_alerts(ladder)
    state.matters.forget_if_done(ladder.matter, state.calls)


def _escalation_clock_restarted(state: State, event: matter_events.EscalationClockRestarted) -> None:
    ladder = _ladder(state, event.escalation, LadderInput.STEP)
    if ladder.current is None:
        raise corrupt_record(f"{ladder.id} runs no clock")
    ladder.rungs[ladder.current].deadline = event.deadline


def _roster_set(state: State, event: matter_events.RosterSet) -> None:
    if not event.shifts:
        state.rosters.pop(event.point, None)
        return
    before = state.rosters.get(event.point)
    spans = {(shift.start, shift.end) for shift in event.shifts}
    kept = {shift.start for shift in (before.shifts if before else ()) if (shift.start, shift.end) in spans}
    confirmed = {start: word for start, word in before.confirmed.items() if start in kept} if before else {}
    state.rosters[event.point] = Roster(event.point, event.shifts, event.at, event.by, confirmed)


def _shift_confirmed(state: State, event: matter_events.ShiftConfirmed) -> None:
    roster = state.rosters.get(event.point)
    if roster is None or all(shift.start != event.start for shift in roster.shifts):
        raise corrupt_record(f"{event.point} has no shift at {event.start}")
    roster.confirmed[event.start] = ShiftConfirmation(event.at, event.name, event.by)


def _failed_call(state: State, call_id: str) -> Call:
    call = state.calls.get(call_id)
    if call is None or call.state is not CallState.FAILED:
        raise corrupt_record(f"{call_id} has not failed")
    return call


def _list(state: State, call_list: str, move: ListInput) -> CallList:
    found = state.call_lists.get(call_list)
    if found is None:
        raise corrupt_record(f"{call_list} is no list of calls")
    advance(LIST_TABLE, found.state, move)
    return found


def _ladder(state: State, escalation: str, move: LadderInput) -> Ladder:
    found = state.matters.ladders.get(escalation)
    if found is None:
        raise corrupt_record(f"{escalation} is no escalation")
    advance(LADDER_TABLE, found.state, move)
    return found


def _rung(ladder: Ladder, step: int) -> Rung:
    if not 0 <= step < len(ladder.rungs):
        raise corrupt_record(f"{ladder.id} has no step {step}")
    return ladder.rungs[step]


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    matter_events.PointCalledBack: _called_back,
    matter_events.CallExplained: _explained,
    matter_events.CallListStarted: _list_started,
    matter_events.CallListContinued: _list_continued,
    matter_events.CallListMoved: _list_moved,
    matter_events.CallListSkipped: _list_skipped,
    matter_events.CallListEnded: _list_ended,
    matter_events.EscalationStarted: _escalation_started,
    matter_events.EscalationStepped: _escalation_stepped,
    matter_events.ContactMarked: _contact_marked,
    matter_events.AlertConfirmed: _alert_confirmed,
    matter_events.EscalationEnded: _escalation_ended,
    matter_events.EscalationClockRestarted: _escalation_clock_restarted,
    matter_events.RosterSet: _roster_set,
    matter_events.ShiftConfirmed: _shift_confirmed,
}
