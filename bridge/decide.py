"""From a command to the events it causes. Nothing in here changes anything.

Every function looks at the state, refuses with a `BridgeError` or gives the events, in order. What *follows* from the state,
whoever caused it (an answered call becomes connected when media flows, a connected one is interrupted when none does), is
`bridge.follow`.
"""

from collections.abc import Callable
from typing import Any, Final

from bridge import (
    agenda_commands,
    commands,
    decide_agenda,
    decide_air,
    decide_call_lists,
    decide_directives,
    decide_draw,
    decide_escalation,
    decide_floor,
    decide_matters,
    decide_proposals,
    decide_rollcall,
    decide_roster,
    decide_session,
    decide_talkback,
    errors,
    events,
)
from bridge.calls import Call
from bridge.commands import Command
from bridge.decide_agenda import next_speaker
from bridge.decide_air import countdowns_missed
from bridge.decide_escalation import escalations_regained
from bridge.decide_floor import give_floor
from bridge.decide_matters import place_call
from bridge.decide_rollcall import roll_calls_regained
from bridge.events import Event
from bridge.failure import failure
from bridge.ids import CENTER_FEED, point_feed, point_of_feed
from bridge.machine import CALL_TABLE, OVER, CallInput, CallMove, CallState, Cause, may_advance
from bridge.points import Report
from bridge.state import RECONCILED, State
from bridge.words import clip

DEVICES: Final = frozenset({"camera", "microphone"})
MEDIA_KINDS: Final = frozenset({"video", "audio"})


def decide(state: State, command: Command, now: int) -> list[Event]:
    """Give the events that ``command`` causes at ``now``; an empty list when it changes nothing.

    Raises:
        BridgeError: the command is refused.
    """
    return _DECISIONS[type(command)](state, command, now)


def _point_arrived(state: State, command: commands.PointArrived, now: int) -> list[Event]:
    state.directory.index_of(command.point)
    return [events.PointArrived(now, command.point, command.report)] if state.covers(command.point) else []


def _point_left(state: State, command: commands.PointLeft, now: int) -> list[Event]:
    state.directory.index_of(command.point)
    if not state.record(command.point).is_live:
        return []
    return [events.PointLeft(now, command.point, clip(command.reason))]


def _point_reported(state: State, command: commands.PointReported, now: int) -> list[Event]:
    state.directory.index_of(command.point)
    record = state.record(command.point)
    if not record.is_live or command.report.is_like(record.report):
        return []
    return [events.PointReported(now, command.point, command.report)]


def _give_floor(state: State, command: commands.GiveFloor, now: int) -> list[Event]:
    return give_floor(state, command, now, place_call)


def _next_speaker(state: State, command: agenda_commands.NextSpeaker, now: int) -> list[Event]:
    return next_speaker(state, command, now, place_call)


def _ring_sent(state: State, command: commands.RingSent, now: int) -> list[Event]:
    call = _in_progress(state, command.call)
    if call.state in {CallState.QUEUED, CallState.RINGING} and call.rings_sent < state.rules.max_rings:
        return [events.CallRinging(now, call.id, now + state.rules.deliver_timeout_ms)]
    if call.state in {CallState.RINGING, CallState.DELIVERED}:
        return _note(call, now, "rung_again", "server", "", None)
    return []


def _confirm_ring(state: State, command: commands.ConfirmRing, now: int) -> list[Event]:
    call = _in_progress(state, command.call, at_desk=True)
    if call.state is CallState.DELIVERED:
        return _note(call, now, "confirmed_again", point_feed(call.point), "", command.report)
    if call.state in {CallState.QUEUED, CallState.RINGING}:
        return _rang(state, call, now, command.report)
    return []


def _answer_call(state: State, command: commands.AnswerCall, now: int) -> list[Event]:
    call = _in_progress(state, command.call, at_desk=True)
    if call.answered_at is not None:
        return []
    rang = _rang(state, call, now, command.report)
    return [*rang, events.CallAnswered(now, call.id, now + state.rules.media_timeout_ms, command.report)]


def _decline_call(state: State, command: commands.DeclineCall, now: int) -> list[Event]:
    call = _in_progress(state, command.call, at_desk=True)
    rang = _rang(state, call, now, command.report)
    if not rang:
        _require(call, Cause.DECLINED)
    by, detail = point_feed(call.point), clip(command.reason)
    return [*rang, failure(state, call, Cause.DECLINED, now, by, detail=detail, report=command.report, rang=rang)]


def _report_device_failure(state: State, command: commands.ReportDeviceFailure, now: int) -> list[Event]:
    """A lost microphone fails a call that is not connected; a lost camera does not while the page has a working microphone."""
    call = _in_progress(state, command.call, at_desk=True)
    if command.device not in DEVICES:
        raise errors.bad_device(command.device)
    by, detail, report = point_feed(call.point), clip(command.error), command.report
    voice_remains = command.device == "camera" and report is not None and report.microphone == "ok"
    if call.is_talking or voice_remains:
        return _note(call, now, "device_failed", by, clip(f"{command.device} {detail}"), report)
    rang = _rang(state, call, now, report)
    return [
        *rang,
        failure(state, call, Cause.NO_DEVICE, now, by, device=command.device, detail=detail, report=report, rang=rang),
    ]


def _report_media(state: State, command: commands.ReportMedia, now: int) -> list[Event]:
    point = point_of_feed(command.feed)
    if command.kind not in MEDIA_KINDS or (point is None and command.feed != CENTER_FEED):
        raise errors.bad_feed(command.feed)
    if point is not None:
        state.directory.index_of(point)
    if (command.kind in state.media.get(command.feed, frozenset())) == command.flowing:
        return []
    if command.flowing:
        return [events.MediaStarted(now, command.feed, command.kind)]
    return [events.MediaStopped(now, command.feed, command.kind, clip(command.reason))]


def _preview_call(state: State, command: commands.PreviewCall, now: int) -> list[Event]:
    call = _in_progress(state, command.call)
    _require(call, CallInput.PREVIEW)
    return [events.CallPreviewed(now, call.id, clip(command.by))]


def _end_call(state: State, command: commands.EndCall, now: int) -> list[Event]:
    call = _in_progress(state, command.call, at_desk=command.by == point_feed(state.call(command.call).point))
    _require(call, CallInput.END)
    return [events.CallEnded(now, call.id, clip(command.by))]


def _cancel_call(state: State, command: commands.CancelCall, now: int) -> list[Event]:
    call = _in_progress(state, command.call)
    _require(call, Cause.CANCELLED)
    return [failure(state, call, Cause.CANCELLED, now, clip(command.by))]


def _reconcile(state: State, command: commands.Reconcile, now: int) -> list[Event]:
    gone = [code for code, record in state.records.items() if record.is_live and code not in command.live_points]
    known = (code for code in sorted(command.live_points) if state.directory.has_point(code) and state.covers(code))
    new = [code for code in known if not state.record(code).is_live]
    decided: list[Event] = [events.PointLeft(now, code, RECONCILED) for code in gone]
    decided.extend(events.PointArrived(now, code, None) for code in new)
    for call in state.active.values():
        period_ms = clock_of(state, call)
        if period_ms is not None:
            decided.append(events.CallClockRestarted(now, call.id, now + period_ms, clip(command.by)))
    decided += countdowns_missed(state, now, clip(command.by))
    decided += escalations_regained(state, now, clip(command.by))
    return [*decided, *roll_calls_regained(state, now, clip(command.by))]


def clock_of(state: State, call: Call) -> int | None:
    """Give the length in milliseconds of the clock that a call's state runs; None when it runs none."""
    rules = state.rules
    if call.is_talking:
        return rules.reconnect_grace_ms if call.interrupted_at is not None else None
    return {
        CallState.QUEUED: rules.deliver_timeout_ms,
        CallState.RINGING: rules.deliver_timeout_ms,
        CallState.DELIVERED: rules.answer_timeout_ms,
        CallState.ANSWERED: rules.media_timeout_ms,
    }.get(call.state)


def expire(state: State, call: Call, now: int) -> Event:
    """Give the event that the end of a call's clock causes."""
    cause = {
        CallState.QUEUED: Cause.UNDELIVERED if state.record(call.point).is_live else Cause.OFFLINE,
        CallState.RINGING: Cause.UNDELIVERED,
        CallState.DELIVERED: Cause.NO_ANSWER,
        CallState.ANSWERED: Cause.MEDIA_FAILED,
    }.get(call.state, Cause.NETWORK_LOST)
    flowing = state.media_of(call.point)
    if cause is Cause.MEDIA_FAILED and flowing:
        return events.CallConnected(now, call.id, min(flowing))
    return failure(state, call, cause, now, "clock", deadline=call.deadline)


def _in_progress(state: State, call_id: str, *, at_desk: bool = False) -> Call:
    call = state.call(call_id)
    if call.state in OVER:
        raise errors.call_over(call.point_name, call.state, call.cause, at_desk=at_desk)
    return call


def _require(call: Call, move: CallMove) -> None:
    if not may_advance(CALL_TABLE, call.state, move):
        raise errors.wrong_state(call.point_name, call.state, move)


def _rang(state: State, call: Call, now: int, report: Report | None) -> list[Event]:
    """Give the steps that the page's word proves to have happened: who confirms, answers or declines was rung."""
    decided: list[Event] = []
    if call.state is CallState.QUEUED:
        decided.append(events.CallRinging(now, call.id, now + state.rules.deliver_timeout_ms))
    if call.state in {CallState.QUEUED, CallState.RINGING}:
        decided.append(events.CallDelivered(now, call.id, now + state.rules.answer_timeout_ms, report))
    return decided


def _note(call: Call, now: int, what: str, by: str, note: str, report: Report | None) -> list[Event]:
    return [events.CallNoted(now, call.id, what, by, note, report)] if call.can_note else []


_DECISIONS: Final[dict[type, Callable[[State, Any, int], list[Event]]]] = {
    **decide_session.DECISIONS,
    commands.PointArrived: _point_arrived,
    commands.PointLeft: _point_left,
    commands.PointReported: _point_reported,
    **decide_matters.DECISIONS,
    **decide_call_lists.DECISIONS,
    **decide_escalation.DECISIONS,
    **decide_roster.DECISIONS,
    commands.RingSent: _ring_sent,
    commands.ConfirmRing: _confirm_ring,
    commands.AnswerCall: _answer_call,
    commands.DeclineCall: _decline_call,
    commands.ReportDeviceFailure: _report_device_failure,
    commands.ReportMedia: _report_media,
    commands.PreviewCall: _preview_call,
    **decide_air.DECISIONS,
    commands.EndCall: _end_call,
    commands.CancelCall: _cancel_call,
    commands.GiveFloor: _give_floor,
    agenda_commands.NextSpeaker: _next_speaker,
    **decide_rollcall.DECISIONS,
    **decide_floor.DECISIONS,
    **decide_agenda.DECISIONS,
    **decide_directives.DECISIONS,
    **decide_proposals.DECISIONS,
    **decide_draw.DECISIONS,
    **decide_talkback.DECISIONS,
    commands.Reconcile: _reconcile,
}
