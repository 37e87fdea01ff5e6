"""Escalations: what is asked of them, as events; what their clocks cause, and what follows when somebody answers."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import errors, matter_commands, matter_errors, matter_events
from bridge.errors import BridgeError
from bridge.escalation import (
    MARKED,
    MAX_STEPS,
    STEP_KINDS,
    STEP_TABLE,
    Ladder,
    LadderState,
    Outcome,
    StepInput,
)
from bridge.events import Event
from bridge.failure import failure
from bridge.ids import point_feed
from bridge.machine import CALL_TABLE, CallState, Cause, SessionState, may_advance
from bridge.matters import EXPLANATION_MAX_CHARS, MAX_LADDERS
from bridge.placing import Caller, next_call_id, place
from bridge.roster import NAME_MAX_CHARS
from bridge.state import State
from bridge.words import clip, clip_lines

AUTO: Final = "auto"
CLOCK: Final = "clock"


def escalate(state: State, command: matter_commands.Escalate, now: int) -> list[Event]:
    """Begin a ladder for the point of a failed call."""
    call = state.call(command.call)
    if state.session.state is not SessionState.OPEN:
        raise errors.session_not_open(state.session.state)
    if call.state is not CallState.FAILED:
        raise matter_errors.not_missed(call.point_name)
    matter = state.matters.by_id[call.record]
    busy = state.active.get(matter.point)
    if busy is not None:
        raise errors.point_busy(matter.point_name, busy.state)
    ladder = state.matters.ladder_of(matter.id)
    if ladder is not None and ladder.is_running:
        raise matter_errors.escalation_running(matter.point_name)
    if len(matter.ladders) >= MAX_LADDERS:
        raise matter_errors.record_full(MAX_LADDERS)
    steps = tuple(step for step in command.steps[:MAX_STEPS] if step.kind in STEP_KINDS)
    if not steps:
        raise matter_errors.nobody_to_try(matter.point_name)
    escalation = state.new_id("e", state.matters.escalations_started)
    return [matter_events.EscalationStarted(now, escalation, matter.id, steps, clip(command.by))]


def mark_contact(state: State, command: matter_commands.MarkContact, now: int) -> list[Event]:
    """Take what came of the current step; or that somebody whose clock ran out was reached all the same."""
    ladder = _running(state, command.call)
    if command.outcome not in MARKED:
        raise matter_errors.bad_outcome()
    if not 0 <= command.step < len(ladder.rungs):
        raise matter_errors.step_not_current()
    rung = ladder.rungs[command.step]
    is_reached = command.outcome == Outcome.REACHED
    if not may_advance(STEP_TABLE, rung.state, StepInput.REACH if is_reached else StepInput.MISS):
        raise matter_errors.step_not_current()
    by, note = clip(command.by), clip(command.note)
    hung_up = _hung_up(state, ladder, by, now) if command.step == ladder.current else []
    return [*hung_up, matter_events.ContactMarked(now, ladder.id, command.step, command.outcome, note, by)]


def confirm_alert(state: State, command: matter_commands.ConfirmAlert, now: int) -> list[Event]:
    """Take the word of an alerted desk: on record in any case, the end of the ladder when it says that somebody was reached."""
    alerts = state.matters.alerts_about(command.point, command.record)
    if not alerts:
        raise matter_errors.alert_over()
    name = clip(command.name, NAME_MAX_CHARS)
    if not name:
        raise errors.name_missing()
    text = clip_lines(command.text, EXPLANATION_MAX_CHARS)
    by = point_feed(command.point)
    return [matter_events.AlertConfirmed(now, ladder, step, command.reached, name, text, by) for ladder, step in alerts]


def stop_escalation(state: State, command: matter_commands.StopEscalation, now: int) -> list[Event]:
    """Try nobody else."""
    ladder, by = _running(state, command.call), clip(command.by)
    return [*_hung_up(state, ladder, by, now), matter_events.EscalationEnded(now, ladder.id, LadderState.STOPPED.value, by)]


def escalations_closed(state: State, by: str, now: int) -> list[Event]:
    """The session ends, and its ladders with it."""
    return [matter_events.EscalationEnded(now, each.id, LadderState.STOPPED.value, by) for each in state.matters.running()]


def escalations_regained(state: State, now: int, by: str) -> list[Event]:
    """After a takeover running clocks start afresh."""
    return [
        matter_events.EscalationClockRestarted(now, ladder.id, now + state.rules.escalation_step_ms, by)
        for ladder in state.matters.running()
        if ladder.deadline is not None
    ]


def escalations_due(state: State, now: int) -> list[Event]:
    """End the steps whose clocks have run out; the next ones follow."""
    due: list[Event] = []
    for ladder in state.matters.running():
        if ladder.current is not None and ladder.deadline is not None and ladder.deadline <= now:
            marked = matter_events.ContactMarked(now, ladder.id, ladder.current, Outcome.TIMEOUT.value, "", CLOCK)
            due += [*_hung_up(state, ladder, CLOCK, now), marked]
    return due


def escalations_next_due(state: State) -> int | None:
    """Give the earliest end of a step's clock."""
    clocks = (ladder.deadline for ladder in state.matters.running())
    return min((clock for clock in clocks if clock is not None), default=None)


def escalations_following(state: State, now: int) -> list[Event]:
    """Give what follows for the first ladder that is not at rest.

    It ends when somebody was reached; its next step begins when none is current; a step whose ring is over has failed.
    """
    for ladder in state.matters.running():
        if ladder.reached_by:
            hung_up = _hung_up(state, ladder, AUTO, now)
            return [*hung_up, matter_events.EscalationEnded(now, ladder.id, LadderState.REACHED.value, ladder.reached_by)]
        if ladder.current is None:
            return _stepped(state, ladder, now)
        ring = ladder.rungs[ladder.current].ring
        call = state.calls.get(ring)
        if ring and (call is None or call.is_over):
            note = call.cause.value if call is not None and call.cause is not None else ""
            return [matter_events.ContactMarked(now, ladder.id, ladder.current, Outcome.NO_ANSWER.value, note, AUTO)]
    return []


def _stepped(state: State, ladder: Ladder, now: int) -> list[Event]:
    number = ladder.next_step()
    if number is None:
        return [matter_events.EscalationEnded(now, ladder.id, LadderState.EXHAUSTED.value, AUTO)]
    deadline = now + state.rules.escalation_step_ms
    step = ladder.rungs[number].step
    if step.kind != "point":
        return [matter_events.EscalationStepped(now, ladder.id, number, deadline, "")]
    try:
        placed = place(state, step.target, Caller(ladder.by, ladder.level, ladder.matter), now)
    except BridgeError as error:
        not_placed = matter_events.ContactMarked(now, ladder.id, number, Outcome.NOT_PLACED.value, error.code, AUTO)
        return [matter_events.EscalationStepped(now, ladder.id, number, deadline, ""), not_placed]
    return [matter_events.EscalationStepped(now, ladder.id, number, deadline, next_call_id(state)), *placed]


def _hung_up(state: State, ladder: Ladder, by: str, now: int) -> list[Event]:
    """Call off the current step's ring, unless somebody answered it."""
    if ladder.current is None:
        return []
    call = state.calls.get(ladder.rungs[ladder.current].ring)
    if call is None or call.is_over or call.answered_at is not None or not may_advance(CALL_TABLE, call.state, Cause.CANCELLED):
        return []
    return [failure(state, call, Cause.CANCELLED, now, by)]


def _running(state: State, call_id: str) -> Ladder:
    """Give the ladder that runs for the record of a call."""
    call = state.calls.get(call_id)
    matter = state.matters.by_id.get(call.record if call is not None else call_id)
    if matter is None:
        raise errors.unknown_call(call_id)
    ladder = state.matters.ladder_of(matter.id)
    if ladder is None or not ladder.is_running:
        raise matter_errors.escalation_over(matter.point_name)
    return ladder


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    matter_commands.Escalate: escalate,
    matter_commands.MarkContact: mark_contact,
    matter_commands.ConfirmAlert: confirm_alert,
    matter_commands.StopEscalation: stop_escalation,
}
