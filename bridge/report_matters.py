"""How the events of a matter change a report: call backs, explanations, and who else was tried. One function a kind of event."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import matter_events
from bridge.report import Report
from bridge.report_rows import StepRow

ALERTED: Final = "alerted"
"""What came of an alert that was confirmed by somebody who had not reached the point yet."""


def _called_back(report: Report, _session: str, event: matter_events.PointCalledBack) -> None:
    call = report.calls[event.call]
    for row in (call, report.calls[call.record]):
        row.called_back_at = event.at


def _explained(report: Report, _session: str, event: matter_events.CallExplained) -> None:
    report.calls[event.call].explanations.append((event.at, event.name, event.text))


def _escalation_started(report: Report, _session: str, event: matter_events.EscalationStarted) -> None:
    report.ladders[event.escalation] = (event.record, event.steps)


def _escalation_stepped(report: Report, _session: str, event: matter_events.EscalationStepped) -> None:
    record, steps = report.ladders[event.escalation]
    step = steps[event.step]
    row = report.steps[event.escalation, event.step] = StepRow(event.at, step.kind, step.name, step.target)
    report.calls[record].steps.append(row)


def _contact_marked(report: Report, _session: str, event: matter_events.ContactMarked) -> None:
    row = report.steps[event.escalation, event.step]
    row.outcome = event.outcome
    row.note = event.note or row.note


def _alert_confirmed(report: Report, _session: str, event: matter_events.AlertConfirmed) -> None:
    row = report.steps[event.escalation, event.step]
    row.outcome = "reached" if event.reached else ALERTED
    row.note = ": ".join(text for text in (event.name, event.text) if text)


FOLDS: Final[Mapping[type, Callable[[Report, str, Any], None]]] = {
    matter_events.PointCalledBack: _called_back,
    matter_events.CallExplained: _explained,
    matter_events.EscalationStarted: _escalation_started,
    matter_events.EscalationStepped: _escalation_stepped,
    matter_events.ContactMarked: _contact_marked,
    matter_events.AlertConfirmed: _alert_confirmed,
}
