"""Messages as commands of the domain."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from bridge import commands, points
from bridge import matter_commands as mc
from bridge.commands import Command
from bridge.policy import Account
from signaling.auth import Identity
from signaling.console_orders import Order
from signaling.message_fields import Report
from signaling.messages import CommandMessage, Hello, parse_client_message
from signaling.orders import OF_CONSOLES, OF_POINTS, Orderer, account_of, command_of_console, command_of_point, report_of
from signaling.point_messages import PointMessage
from tests.signaling.world import REPORT

SEEN = points.Report(True, "ok", "ok", 20.0, "test")


@pytest.mark.parametrize(
    ("message", "command"),
    [
        ({"type": "report", "report": REPORT}, commands.PointReported("1", SEEN)),
        ({"type": "ringing", "call": "c1", "report": REPORT}, commands.ConfirmRing("c1", SEEN)),
        ({"type": "answer", "call": "c1", "report": REPORT}, commands.AnswerCall("c1", SEEN)),
        ({"type": "decline", "call": "c1", "reason": "bận", "report": REPORT}, commands.DeclineCall("c1", "bận", SEEN)),
        ({"type": "decline", "call": "c1", "report": {}}, commands.DeclineCall("c1", "", points.Report())),
        (
            {"type": "device_failed", "call": "c1", "device": "camera", "error": "NotAllowedError", "report": REPORT},
            commands.ReportDeviceFailure("c1", "camera", "NotAllowedError", SEEN),
        ),
        ({"type": "hang_up", "call": "c1"}, commands.EndCall("c1", "point:1")),
        (
            {"type": "present", "roll_call": "r1", "name": "Lan", "function": "Chủ tịch", "report": REPORT},
            commands.ConfirmPresence("r1", "1", "Lan", "Chủ tịch", SEEN),
        ),
        ({"type": "ask_floor", "subject": "ô-xy"}, commands.AskFloor("1", "ô-xy", "point:1")),
        ({"type": "withdraw_floor"}, commands.WithdrawFloor("1", "point:1")),
        ({"type": "call_back", "call": "c1", "note": "có người rồi"}, mc.CallBack("c1", "point:1", "có người rồi")),
        ({"type": "call_back", "call": "c1"}, mc.CallBack("c1", "point:1", "")),
        (
            {"type": "explain", "call": "c1", "name": "Lan", "text": "mất\nđiện"},
            mc.ExplainCall("c1", "Lan", "mất\nđiện", "point:1"),
        ),
        (
            {"type": "confirm_alert", "record": "c1", "reached": True, "name": "Lan", "text": "đã gặp"},
            mc.ConfirmAlert("c1", "1", True, "Lan", "đã gặp"),
        ),
        ({"type": "confirm_shift", "name": "Lan"}, mc.ConfirmShift("1", "Lan", "point:1")),
        (
            {"type": "present", "roll_call": "r1", "name": "Lan", "report": {}},
            commands.ConfirmPresence("r1", "1", "Lan", "", points.Report()),
        ),
    ],
)
def test_of_a_point(message: dict[str, Any], command: Command) -> None:
    parsed = parse_client_message(json.dumps(message))
    assert not isinstance(parsed, Hello | CommandMessage)
    assert command_of_point(parsed, "1") == command


@pytest.mark.parametrize(
    ("order", "command"),
    [
        ({"kind": "place_call", "point": "1"}, commands.PlaceCall("1", "lan", 1)),
        ({"kind": "preview", "call": "c1"}, commands.PreviewCall("c1", "lan")),
        ({"kind": "take", "call": "c1"}, commands.TakeCall("c1", "lan")),
        ({"kind": "off_air", "call": "c1"}, commands.TakeOffAir("c1", "lan")),
        ({"kind": "end_call", "call": "c1"}, commands.EndCall("c1", "lan")),
        ({"kind": "cancel_call", "call": "c1"}, commands.CancelCall("c1", "lan")),
        ({"kind": "start_roll_call", "seconds": 60}, commands.StartRollCall(("79", "80"), 60_000, "lan")),
        ({"kind": "start_roll_call", "seconds": 5, "units": None}, commands.StartRollCall(("79", "80"), 5_000, "lan")),
        ({"kind": "start_roll_call", "seconds": 5, "units": ["801"]}, commands.StartRollCall(("801",), 5_000, "lan")),
        ({"kind": "give_floor", "point": "1"}, commands.GiveFloor("1", 0, "lan", 1)),
        ({"kind": "give_floor", "point": "1", "seconds": 90}, commands.GiveFloor("1", 90_000, "lan", 1)),
        ({"kind": "extend_floor", "point": "1", "seconds": 60}, commands.ExtendFloor("1", 60_000, "lan")),
        ({"kind": "take_back_floor", "point": "1"}, commands.TakeBackFloor("1", "lan")),
        ({"kind": "withdraw_floor", "point": "1"}, commands.WithdrawFloor("1", "lan")),
        ({"kind": "close_roll_call", "roll_call": "r1"}, commands.CloseRollCall("r1", "lan")),
        ({"kind": "retry_call", "call": "c1"}, mc.RetryCall("c1", "lan", 1)),
        ({"kind": "place_calls", "points": ["1", "2"], "together": True}, mc.PlaceCalls(("1", "2"), True, "lan", 1)),
        ({"kind": "place_calls", "points": ["1"]}, mc.PlaceCalls(("1",), False, "lan", 1)),
        ({"kind": "start_call_list", "points": ["1", "2"], "auto": True}, mc.StartCallList(("1", "2"), True, "lan", 1)),
        ({"kind": "next_call", "list": "l1"}, mc.NextCall("l1", "lan")),
        ({"kind": "stop_call_list", "list": "l1"}, mc.StopCallList("l1", "lan")),
        ({"kind": "escalate", "call": "c1"}, mc.Escalate("c1", (), "lan")),
        ({"kind": "stop_escalation", "call": "c1"}, mc.StopEscalation("c1", "lan")),
        (
            {"kind": "mark_contact", "call": "c1", "step": 2, "outcome": "refused", "note": "bận"},
            mc.MarkContact("c1", 2, "refused", "bận", "lan"),
        ),
    ],
)
def test_of_a_console(order: dict[str, Any], command: Command) -> None:
    parsed = parse_client_message(json.dumps({"type": "command", "id": 1, "command": order}))
    assert isinstance(parsed, CommandMessage)
    assert command_of_console(parsed, Orderer("lan", ("79", "80"), 1)) == command


def test_no_report_stays_none() -> None:
    assert report_of(None) is None
    assert report_of(Report()) == points.Report()


def test_account_of() -> None:
    identity = Identity("point:1", "point", "main", ("1",), 9)
    assert account_of(identity) == Account("point", ("1",), "main", "point:1")


def test_every_order_and_every_message_of_a_point_has_a_row() -> None:
    assert set(OF_CONSOLES) == set(get_args(get_args(Order)[0]))
    assert set(OF_POINTS) == set(get_args(PointMessage))
