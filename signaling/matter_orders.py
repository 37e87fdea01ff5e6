"""What is said and ordered about the record of calls, as commands of the domain. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import matter_commands
from bridge.commands import Command
from bridge.ids import point_feed
from signaling import call_orders, matter_messages

LINE_COMMANDS: Final[frozenset[type]] = frozenset({matter_commands.SetRoster, matter_commands.ConfirmShift})
"""Rosters are the whole service's: the standing line keeps them."""


def _confirm_alert(message: matter_messages.ConfirmAlert, point: str) -> Command:
    return matter_commands.ConfirmAlert(message.record, point, message.reached, message.name, message.text)


OF_POINTS: Final[Mapping[type, Callable[[Any, str], Command]]] = {
    matter_messages.CallBack: lambda message, point: matter_commands.CallBack(message.call, point_feed(point), message.note),
    matter_messages.Explain: lambda message, point: matter_commands.ExplainCall(
        message.call, message.name, message.text, point_feed(point)
    ),
    matter_messages.ConfirmAlert: _confirm_alert,
    matter_messages.ConfirmShift: lambda message, point: matter_commands.ConfirmShift(point, message.name, point_feed(point)),
}


def _list(order: call_orders.CallListOrder, who: Any) -> Command:
    kind = matter_commands.NextCall if order.kind == "next_call" else matter_commands.StopCallList
    return kind(order.list, who.subject)


def _escalation(order: call_orders.EscalationOrder, who: Any) -> Command:
    """The steps of a ladder come from the rosters, which `signaling.room_matters` knows."""
    if order.kind == "stop_escalation":
        return matter_commands.StopEscalation(order.call, who.subject)
    return matter_commands.Escalate(order.call, (), who.subject)


OF_CONSOLES: Final[Mapping[type, Callable[[Any, Any], Command]]] = {
    call_orders.RetryCallOrder: lambda order, who: matter_commands.RetryCall(order.call, who.subject, who.level),
    call_orders.PlaceCallsOrder: lambda order, who: matter_commands.PlaceCalls(
        tuple(order.points), order.together, who.subject, who.level
    ),
    call_orders.StartCallListOrder: lambda order, who: matter_commands.StartCallList(
        tuple(order.points), order.auto, who.subject, who.level
    ),
    call_orders.CallListOrder: _list,
    call_orders.EscalationOrder: _escalation,
    call_orders.MarkContactOrder: lambda order, who: matter_commands.MarkContact(
        order.call, order.step, order.outcome, order.note, who.subject
    ),
}
