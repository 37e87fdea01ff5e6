"""What a client says, as a command of the domain. Pure; whether it may is asked elsewhere."""

from __future__ import annotations

from bridge import commands, points
from bridge.commands import Command
from bridge.policy import Account
from signaling.auth import Identity
from signaling.console_orders import (
    CloseRollCallOrder,
    ExtendFloorOrder,
    FloorOrder,
    GiveFloorOrder,
    Order,
    PlaceCallOrder,
    StartRollCallOrder,
)
from signaling.message_fields import Report
from signaling.messages import (
    Answer,
    AskFloor,
    CommandMessage,
    Decline,
    DeviceFailed,
    HangUp,
    PointMessage,
    Present,
    ReportMessage,
    Ringing,
    WithdrawFloor,
)

_CALL_ORDERS: dict[
    str, type[commands.PreviewCall | commands.TakeCall | commands.TakeOffAir | commands.EndCall | commands.CancelCall]
]
_CALL_ORDERS = {
    "preview": commands.PreviewCall,
    "take": commands.TakeCall,
    "off_air": commands.TakeOffAir,
    "end_call": commands.EndCall,
    "cancel_call": commands.CancelCall,
}


def report_of(report: Report | None) -> points.Report | None:
    """The domain's form of a page's report."""
    if report is None:
        return None
    return points.Report(report.visible, report.camera, report.microphone, report.rtt_ms, report.device)


def command_of_point(message: PointMessage, point: str) -> Command:
    """The command that a point's message asks for."""
    match message:
        case ReportMessage():
            return commands.PointReported(point, _required(message.report))
        case Ringing():
            return commands.ConfirmRing(message.call, report_of(message.report))
        case Answer():
            return commands.AnswerCall(message.call, report_of(message.report))
        case Decline():
            return commands.DeclineCall(message.call, message.reason or "", report_of(message.report))
        case DeviceFailed():
            return commands.ReportDeviceFailure(message.call, message.device, message.error, report_of(message.report))
        case Present():
            return commands.ConfirmPresence(message.roll_call, point, message.name, message.function, _required(message.report))
        case AskFloor():
            return commands.AskFloor(point, message.subject, f"point:{point}")
        case WithdrawFloor():
            return commands.WithdrawFloor(point, f"point:{point}")
        case HangUp():
            return commands.EndCall(message.call, f"point:{point}")


def command_of_console(message: CommandMessage, subject: str, scope: tuple[str, ...] = ()) -> Command:
    """The command that an operator orders; ``scope`` is what an order is about that names no units."""
    order: Order = message.command
    if isinstance(order, PlaceCallOrder):
        return commands.PlaceCall(order.point, subject)
    if isinstance(order, StartRollCallOrder):
        return commands.StartRollCall(scope if order.units is None else tuple(order.units), order.seconds * 1000, subject)
    if isinstance(order, CloseRollCallOrder):
        return commands.CloseRollCall(order.roll_call, subject)
    if isinstance(order, GiveFloorOrder):
        return commands.GiveFloor(order.point, (order.seconds or 0) * 1000, subject)
    if isinstance(order, ExtendFloorOrder):
        return commands.ExtendFloor(order.point, order.seconds * 1000, subject)
    if isinstance(order, FloorOrder):
        kind = commands.TakeBackFloor if order.kind == "take_back_floor" else commands.WithdrawFloor
        return kind(order.point, subject)
    return _CALL_ORDERS[order.kind](order.call, subject)


def account_of(identity: Identity) -> Account:
    """The domain's form of who asks."""
    return Account(identity.role, identity.scope, identity.session, identity.subject)


def _required(report: Report) -> points.Report:
    return points.Report(report.visible, report.camera, report.microphone, report.rtt_ms, report.device)
