"""What a client says, as a command of the domain. Pure; whether it may is asked elsewhere.

Two tables, one for points' messages and one for consoles' orders; each family of orders adds its own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bridge import (
    agenda_commands,
    commands,
    directive_commands,
    directive_events,
    draw_events,
    matter_events,
    points,
    proposal_commands,
    proposal_events,
)
from bridge.commands import Command
from bridge.events import Event
from bridge.policy import Account
from signaling import (
    agenda_messages,
    console_orders,
    directive_messages,
    draw_messages,
    matter_orders,
    point_messages,
    proposal_messages,
    talkback_messages,
)
from signaling.auth import Identity
from signaling.drawing import Drawing
from signaling.errors import ServiceError
from signaling.message_fields import Report
from signaling.point_messages import PointMessage


@dataclass(frozen=True, slots=True)
class Orderer:
    """Who orders: what goes on record, what an order is about that names no units, and how far below the root that is."""

    subject: str
    scope: tuple[str, ...] = ()
    level: int = 0
    session: str = "main"
    """The session in which it is ordered."""
    drawing: Drawing | None = None
    """What draws are made from, where there are any."""


def report_of(report: Report | None) -> points.Report | None:
    """The domain's form of a page's report."""
    if report is None:
        return None
    return points.Report(report.visible, report.camera, report.microphone, report.rtt_ms, report.device)


def command_of_point(message: PointMessage, point: str) -> Command:
    """The command that a point's message asks for."""
    return OF_POINTS[type(message)](message, point)


def command_of_order(order: Any, orderer: Orderer) -> Command:
    """The command that an order of PROTOCOL.md §2.5 asks for."""
    return OF_CONSOLES[type(order)](order, orderer)


THINGS: Final = ("call", "roll_call", "record")
"""The fields of points' messages that name something of a session."""


def thing_of(message: Any) -> str | None:
    """What a point's message speaks of; None where it names nothing."""
    named = (getattr(message, field, None) for field in THINGS)
    return next((name for name in named if isinstance(name, str)), None)


def account_of(identity: Identity) -> Account:
    """The domain's form of who asks."""
    return Account(identity.role, identity.scope, identity.session, identity.subject)


def _required(report: Report) -> points.Report:
    return points.Report(report.visible, report.camera, report.microphone, report.rtt_ms, report.device)


def _confirm_presence(message: point_messages.Present, point: str) -> Command:
    return commands.ConfirmPresence(message.roll_call, point, message.name, message.function, _required(message.report))


OF_POINTS: Final[Mapping[type, Callable[[Any, str], Command]]] = {
    point_messages.ReportMessage: lambda message, point: commands.PointReported(point, _required(message.report)),
    point_messages.Ringing: lambda message, _: commands.ConfirmRing(message.call, report_of(message.report)),
    point_messages.Answer: lambda message, _: commands.AnswerCall(message.call, report_of(message.report)),
    point_messages.Decline: lambda message, _: commands.DeclineCall(
        message.call, message.reason or "", report_of(message.report)
    ),
    point_messages.DeviceFailed: lambda message, _: commands.ReportDeviceFailure(
        message.call, message.device, message.error, report_of(message.report)
    ),
    point_messages.HangUp: lambda message, point: commands.EndCall(message.call, f"point:{point}"),
    point_messages.Present: _confirm_presence,
    point_messages.AskFloor: lambda message, point: commands.AskFloor(point, message.subject, f"point:{point}"),
    **matter_orders.OF_POINTS,
    point_messages.WithdrawFloor: lambda _, point: commands.WithdrawFloor(point, f"point:{point}"),
    directive_messages.AcknowledgeDirective: lambda message, point: directive_commands.AcknowledgeDirective(
        message.directive, point, message.name, message.function
    ),
    proposal_messages.SendProposal: lambda message, point: proposal_commands.SendProposal(point, message.text),
}

_CALL_ORDERS: Final[Mapping[str, Callable[[str, str], Command]]] = {
    "preview": commands.PreviewCall,
    "off_air": commands.TakeOffAir,
    "end_call": commands.EndCall,
    "cancel_call": commands.CancelCall,
}


def _start_roll_call(order: console_orders.StartRollCallOrder, who: Orderer) -> Command:
    units = who.scope if order.units is None else tuple(order.units)
    return commands.StartRollCall(units, order.seconds * 1000, who.subject)


def _give_floor(order: console_orders.GiveFloorOrder, who: Orderer) -> Command:
    return commands.GiveFloor(order.point, (order.seconds or 0) * 1000, who.subject, who.level)


def _floor(order: console_orders.FloorOrder, who: Orderer) -> Command:
    kind = commands.TakeBackFloor if order.kind == "take_back_floor" else commands.WithdrawFloor
    return kind(order.point, who.subject)


def _set_agenda(order: agenda_messages.SetAgendaOrder, who: Orderer) -> Command:
    entries = (
        agenda_commands.AgendaEntry(entry.point, entry.subject, (entry.seconds or 0) * 1000, entry.item or "")
        for entry in order.items
    )
    return agenda_commands.SetAgenda(tuple(entries), who.subject)


def _issue_directive(order: directive_messages.IssueDirectiveOrder, who: Orderer) -> Command:
    units = who.scope if order.units is None else tuple(order.units)
    return directive_commands.IssueDirective(order.title, order.text, units, order.deadline, who.session, who.subject)


def _answer_proposal(order: proposal_messages.AnswerProposalOrder, who: Orderer) -> Command:
    return proposal_commands.AnswerProposal(order.proposal, order.text, order.outcome, who.subject)


def _forward_proposal(order: proposal_messages.ForwardProposalOrder, who: Orderer) -> Command:
    return proposal_commands.ForwardProposal(order.proposal, order.unit, order.text, who.subject)


def _draw_points(order: draw_messages.DrawPointsOrder, who: Orderer) -> Command:
    if who.drawing is None:
        raise ServiceError("unavailable", retry_after_s=1)
    return who.drawing.command_of(order, who.scope, who.subject)


def _record(order: console_orders.RecordingOrder, who: Orderer) -> Command:
    kind = commands.StartRecording if order.kind == "start_recording" else commands.StopRecording
    return kind(who.subject)


OF_CONSOLES: Final[Mapping[type, Callable[[Any, Orderer], Command]]] = {
    console_orders.PlaceCallOrder: lambda order, who: commands.PlaceCall(order.point, who.subject, who.level),
    console_orders.CallOrder: lambda order, who: _CALL_ORDERS[order.kind](order.call, who.subject),
    console_orders.TakeOrder: lambda order, who: commands.TakeCall(order.call, who.subject, order.delay_s * 1000),
    console_orders.StartRollCallOrder: _start_roll_call,
    console_orders.CloseRollCallOrder: lambda order, who: commands.CloseRollCall(order.roll_call, who.subject),
    console_orders.GiveFloorOrder: _give_floor,
    console_orders.ExtendFloorOrder: lambda order, who: commands.ExtendFloor(order.point, order.seconds * 1000, who.subject),
    console_orders.FloorOrder: _floor,
    console_orders.RecordingOrder: _record,
    **matter_orders.OF_CONSOLES,
    agenda_messages.SetAgendaOrder: _set_agenda,
    agenda_messages.NextSpeakerOrder: lambda _, who: agenda_commands.NextSpeaker(who.subject, who.level),
    agenda_messages.SkipSpeakerOrder: lambda order, who: agenda_commands.SkipSpeaker(order.item, who.subject),
    directive_messages.IssueDirectiveOrder: _issue_directive,
    directive_messages.WithdrawDirectiveOrder: lambda order, who: directive_commands.WithdrawDirective(
        order.directive, who.subject
    ),
    proposal_messages.AnswerProposalOrder: _answer_proposal,
    proposal_messages.ForwardProposalOrder: _forward_proposal,
    draw_messages.DrawPointsOrder: _draw_points,
    talkback_messages.TalkbackOrder: lambda order, who: order.command(who.subject),
}

LINE_COMMANDS: Final[frozenset[type]] = frozenset(
    {
        directive_commands.IssueDirective,
        directive_commands.AcknowledgeDirective,
        directive_commands.WithdrawDirective,
        proposal_commands.SendProposal,
        proposal_commands.AnswerProposal,
        proposal_commands.ForwardProposal,
        *matter_orders.LINE_COMMANDS,
    }
)
"""Commands that the standing line carries out, whatever session they were given in: its log keeps what they are about."""

MADE: Final[Mapping[type, str]] = {
    directive_events.DirectiveIssued: "directive",
    proposal_events.ProposalSent: "proposal",
    draw_events.PointsDrawn: "draw",
    matter_events.CallListStarted: "call_list",
    matter_events.EscalationStarted: "escalation",
}
"""Events that begin something, and the field that has its id."""


def made_by(events: Iterable[Event]) -> str | None:
    """The id of what a command began besides calls and roll calls."""
    return next((getattr(event, MADE[type(event)]) for event in events if type(event) in MADE), None)


def said_in(command: Command, session: str) -> Command:
    """A point's command with the session in which it was said, where that is kept."""
    return replace(command, session=session) if isinstance(command, proposal_commands.SendProposal) else command
