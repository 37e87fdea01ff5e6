"""Messages as commands of the domain."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from bridge import commands, points
from bridge import matter_commands as mc
from bridge.agenda_commands import AgendaEntry, NextSpeaker, SetAgenda, SkipSpeaker
from bridge.bridge import Bridge
from bridge.commands import Command
from bridge.directive_commands import AcknowledgeDirective, IssueDirective, WithdrawDirective
from bridge.directive_events import DirectiveDue, DirectiveIssued
from bridge.draw_commands import DrawPoints
from bridge.policy import Account
from bridge.proposal_commands import AnswerProposal, ForwardProposal, SendProposal
from signaling.auth import Identity
from signaling.console_orders import Order
from signaling.drawing import Drawing
from signaling.errors import ServiceError
from signaling.message_fields import Report
from signaling.messages import CommandMessage, Hello, parse_client_message
from signaling.orders import (
    OF_CONSOLES,
    OF_POINTS,
    Orderer,
    account_of,
    command_of_order,
    command_of_point,
    made_by,
    report_of,
    said_in,
)
from signaling.point_messages import LimitPicture, PointMessage, StillsConsent
from tests.signaling.world import REPORT, directory

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
            {"type": "acknowledge_directive", "directive": "d1", "name": "Lan", "function": "Chủ tịch"},
            AcknowledgeDirective("d1", "1", "Lan", "Chủ tịch"),
        ),
        ({"type": "send_proposal", "text": "Cần ô-xy"}, SendProposal("1", "Cần ô-xy")),
        (
            {"type": "present", "roll_call": "r1", "name": "Lan", "report": {}},
            commands.ConfirmPresence("r1", "1", "Lan", "", points.Report()),
        ),
    ],
)
def test_of_a_point(message: dict[str, Any], command: Command) -> None:
    parsed = parse_client_message(json.dumps(message))
    assert not isinstance(parsed, Hello | CommandMessage | LimitPicture | StillsConsent)
    assert command_of_point(parsed, "1") == command


@pytest.mark.parametrize(
    ("order", "command"),
    [
        ({"kind": "place_call", "point": "1"}, commands.PlaceCall("1", "lan", 1)),
        ({"kind": "preview", "call": "c1"}, commands.PreviewCall("c1", "lan")),
        ({"kind": "take", "call": "c1"}, commands.TakeCall("c1", "lan")),
        ({"kind": "take", "call": "c1", "delay_s": 3}, commands.TakeCall("c1", "lan", 3000)),
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
        (
            {"kind": "set_agenda", "items": [{"point": "1", "subject": "ô-xy", "seconds": 90}, {"point": "2", "item": "i1"}]},
            SetAgenda((AgendaEntry("1", "ô-xy", 90_000), AgendaEntry("2", "", 0, "i1")), "lan"),
        ),
        ({"kind": "next_speaker"}, NextSpeaker("lan", 1)),
        ({"kind": "skip_speaker", "item": "i1"}, SkipSpeaker("i1", "lan")),
        (
            {"kind": "issue_directive", "title": "Trực", "text": "24/7", "deadline": 9},
            IssueDirective("Trực", "24/7", ("79", "80"), 9, "s7", "lan"),
        ),
        (
            {"kind": "issue_directive", "title": "Trực", "text": "24/7", "deadline": 9, "units": ["801"]},
            IssueDirective("Trực", "24/7", ("801",), 9, "s7", "lan"),
        ),
        ({"kind": "withdraw_directive", "directive": "d1"}, WithdrawDirective("d1", "lan")),
        (
            {"kind": "answer_proposal", "proposal": "p1", "outcome": "noted", "text": "Đã rõ"},
            AnswerProposal("p1", "Đã rõ", "noted", "lan"),
        ),
        ({"kind": "forward_proposal", "proposal": "p1", "unit": "VN"}, ForwardProposal("p1", "VN", "", "lan")),
    ],
)
def test_of_a_console(order: dict[str, Any], command: Command) -> None:
    parsed = parse_client_message(json.dumps({"type": "command", "id": 1, "command": order}))
    assert isinstance(parsed, CommandMessage)
    assert command_of_order(parsed.command, Orderer("lan", ("79", "80"), 1, "s7")) == command


def test_a_draw_is_made_from_what_is_around() -> None:
    parsed = parse_client_message(json.dumps({"type": "command", "id": 1, "command": {"kind": "draw_points", "count": 1}}))
    assert isinstance(parsed, CommandMessage)
    with pytest.raises(ServiceError):
        command_of_order(parsed.command, Orderer("lan", ("VN",)))
    bridge = Bridge("main", directory())
    command = command_of_order(parsed.command, Orderer("lan", ("79",), drawing=Drawing(bridge, [bridge], lambda: "5eed")))
    assert command == DrawPoints(1, ("79",), (), (), "5eed", "ready", "lan"), "nobody is there"


def test_what_a_command_began() -> None:
    issued = DirectiveIssued(1, "d7", "", "", (), (), 2, "main", "x")
    assert made_by([DirectiveDue(1, "d6"), issued]) == "d7"
    assert made_by([DirectiveDue(1, "d6")]) is None


def test_a_proposal_says_in_which_session_it_was_sent() -> None:
    assert said_in(SendProposal("1", "x"), "s7") == SendProposal("1", "x", "s7")
    other = commands.WithdrawFloor("1", "x")
    assert said_in(other, "s7") is other


def test_no_report_stays_none() -> None:
    assert report_of(None) is None
    assert report_of(Report()) == points.Report()


def test_account_of() -> None:
    identity = Identity("point:1", "point", "main", ("1",), 9)
    assert account_of(identity) == Account("point", ("1",), "main", "point:1")


def test_every_order_and_every_message_of_a_point_has_a_row() -> None:
    assert set(OF_CONSOLES) == set(get_args(get_args(Order)[0]))
    assert set(OF_POINTS) == set(get_args(PointMessage))
