"""What a client says, as a command of the domain. Pure; whether it may is asked elsewhere.

Two tables, one for points' messages and one for consoles' orders; each family of orders adds its own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridge import commands, points
from bridge.commands import Command
from bridge.policy import Account
from signaling import console_orders, point_messages
from signaling.auth import Identity
from signaling.message_fields import Report
from signaling.messages import CommandMessage
from signaling.point_messages import PointMessage


@dataclass(frozen=True, slots=True)
class Orderer:
    """Who orders: what goes on record, what an order is about that names no units, and how far below the root that is."""

    subject: str
    scope: tuple[str, ...] = ()
    level: int = 0


def report_of(report: Report | None) -> points.Report | None:
    """The domain's form of a page's report."""
    if report is None:
        return None
    return points.Report(report.visible, report.camera, report.microphone, report.rtt_ms, report.device)


def command_of_point(message: PointMessage, point: str) -> Command:
    """The command that a point's message asks for."""
    return OF_POINTS[type(message)](message, point)


def command_of_console(message: CommandMessage, orderer: Orderer) -> Command:
    """The command that an operator orders."""
    return command_of_order(message.command, orderer)


def command_of_order(order: Any, orderer: Orderer) -> Command:
    """The command that an order of PROTOCOL.md §2.5 asks for."""
    return OF_CONSOLES[type(order)](order, orderer)


THINGS: Final = ("call", "roll_call", "record")
"""The fields of points' messages that name something of a session."""


def thing_of(message: Any) -> str | None:
    """What a point's message speaks of; None where it names nothing."""
    named = (getattr(message, field, None) for field in THINGS)
    return next((name for name in named if isinstance(name, str)), None)


LINE_COMMANDS: Final[frozenset[type]] = frozenset()
"""Commands about what the whole line keeps, whatever session they are given in: they go to the standing line."""


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
    point_messages.WithdrawFloor: lambda _, point: commands.WithdrawFloor(point, f"point:{point}"),
}

_CALL_ORDERS: Final[Mapping[str, Callable[[str, str], Command]]] = {
    "preview": commands.PreviewCall,
    "take": commands.TakeCall,
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


OF_CONSOLES: Final[Mapping[type, Callable[[Any, Orderer], Command]]] = {
    console_orders.PlaceCallOrder: lambda order, who: commands.PlaceCall(order.point, who.subject, who.level),
    console_orders.CallOrder: lambda order, who: _CALL_ORDERS[order.kind](order.call, who.subject),
    console_orders.StartRollCallOrder: _start_roll_call,
    console_orders.CloseRollCallOrder: lambda order, who: commands.CloseRollCall(order.roll_call, who.subject),
    console_orders.GiveFloorOrder: _give_floor,
    console_orders.ExtendFloorOrder: lambda order, who: commands.ExtendFloor(order.point, order.seconds * 1000, who.subject),
    console_orders.FloorOrder: _floor,
}
