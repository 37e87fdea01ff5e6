"""How each event changes a report: one function a kind of event. Kinds that no figure comes from are not in the table."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import events, report_matters
from bridge.directive_events import DirectiveAcknowledged, DirectiveDue, DirectiveIssued
from bridge.events import Event
from bridge.report import Report
from bridge.report_rows import CallRow, DirectiveRow, RollCallRow


def add(report: Report, session: str, event: Event) -> None:
    """Add one event of a session's log to a report; those of one session in the order of its log."""
    report.count(event.at)
    fold = FOLDS.get(type(event))
    if fold is not None:
        fold(report, session, event)


def add_directive_of(report: Report, session: str, event: Event) -> None:
    """Add an event of the standing line's log to the report of a session, when it is about a directive given in that session."""
    if isinstance(event, DirectiveIssued):
        is_of_session = event.session == session
    else:
        is_of_session = getattr(event, "directive", None) in report.directives
    if is_of_session and type(event) in DIRECTIVE_EVENTS:
        add(report, session, event)


def _session_prepared(report: Report, session: str, event: events.SessionPrepared) -> None:
    report.titles[session] = event.title


def _session_opened(report: Report, session: str, event: events.SessionOpened) -> None:
    report.titles[session] = event.title
    report.opened_at[session] = event.at


def _session_closed(report: Report, session: str, event: events.SessionClosed) -> None:
    report.closed_at[session] = event.at


def _point_arrived(report: Report, session: str, event: events.PointArrived) -> None:
    report.live_begins(session, event.point, event.at)


def _point_left(report: Report, session: str, event: events.PointLeft) -> None:
    report.live_ends(session, event.point, event.at)


def _call_placed(report: Report, session: str, event: events.CallPlaced) -> None:
    record = event.record or event.call
    report.calls[event.call] = CallRow(session, event.call, event.point, event.by, event.at, record)


def _call_delivered(report: Report, _session: str, event: events.CallDelivered) -> None:
    report.calls[event.call].rang_at = event.at


def _call_answered(report: Report, _session: str, event: events.CallAnswered) -> None:
    report.calls[event.call].answered_at = event.at


def _call_connected(report: Report, _session: str, event: events.CallConnected) -> None:
    report.calls[event.call].connected_at = event.at


def _call_taken(report: Report, _session: str, event: events.CallTaken) -> None:
    report.air_begins(event.call, event.at)


def _call_taken_off_air(report: Report, _session: str, event: events.CallTakenOffAir) -> None:
    report.air_ends(event.call, event.at)


def _call_ended(report: Report, _session: str, event: events.CallEnded) -> None:
    report.air_ends(event.call, event.at)
    report.calls[event.call].ended_at = event.at


def _call_failed(report: Report, _session: str, event: events.CallFailed) -> None:
    report.air_ends(event.call, event.at)
    row, evidence = report.calls[event.call], event.evidence
    row.ended_at, row.cause = event.at, event.cause
    row.last_seen, row.offline_since, row.detail = evidence.last_seen, evidence.offline_since, evidence.detail


def _roll_call_started(report: Report, session: str, event: events.RollCallStarted) -> None:
    report.roll_calls[event.roll_call] = RollCallRow(session, event.roll_call, event.by, event.at, event.points)


def _presence_confirmed(report: Report, _session: str, event: events.PresenceConfirmed) -> None:
    roll_call = report.roll_calls[event.roll_call]
    roll_call.confirmed[event.point] = (event.at, event.name, event.function)
    if roll_call.closed_at is not None:  # the order of the log decides, not that of clocks
        roll_call.late.add(event.point)


def _roll_call_closed(report: Report, _session: str, event: events.RollCallClosed) -> None:
    report.roll_calls[event.roll_call].closed_at = event.at


def _floor_asked(report: Report, _session: str, event: events.FloorAsked) -> None:
    report.floor_asked(event.request, event.point)


def _floor_started(report: Report, _session: str, event: events.FloorStarted) -> None:
    report.speech_begins(event.request, event.at)


def _floor_taken_back(report: Report, _session: str, event: events.FloorTakenBack) -> None:
    report.speech_ends(event.request, event.at)


def _directive_issued(report: Report, session: str, event: DirectiveIssued) -> None:
    report.directives[event.directive] = DirectiveRow(
        event.session or session, event.directive, event.title, event.by, event.at, event.deadline, event.points
    )


def _directive_acknowledged(report: Report, _session: str, event: DirectiveAcknowledged) -> None:
    directive = report.directives[event.directive]
    directive.acknowledged[event.point] = event.at
    if directive.is_due:
        directive.late.add(event.point)


def _directive_due(report: Report, _session: str, event: DirectiveDue) -> None:
    report.directives[event.directive].is_due = True


DIRECTIVE_EVENTS: Final[frozenset[type]] = frozenset({DirectiveIssued, DirectiveAcknowledged, DirectiveDue})

FOLDS: Final[Mapping[type, Callable[[Report, str, Any], None]]] = {
    events.SessionPrepared: _session_prepared,
    events.SessionOpened: _session_opened,
    events.SessionClosed: _session_closed,
    events.PointArrived: _point_arrived,
    events.PointLeft: _point_left,
    events.CallPlaced: _call_placed,
    events.CallDelivered: _call_delivered,
    events.CallAnswered: _call_answered,
    events.CallConnected: _call_connected,
    events.CallTaken: _call_taken,
    events.CallTakenOffAir: _call_taken_off_air,
    events.CallEnded: _call_ended,
    events.CallFailed: _call_failed,
    DirectiveIssued: _directive_issued,
    DirectiveAcknowledged: _directive_acknowledged,
    DirectiveDue: _directive_due,
    events.RollCallStarted: _roll_call_started,
    events.PresenceConfirmed: _presence_confirmed,
    events.RollCallClosed: _roll_call_closed,
    events.FloorAsked: _floor_asked,
    events.FloorStarted: _floor_started,
    events.FloorTakenBack: _floor_taken_back,
    **report_matters.FOLDS,
}
