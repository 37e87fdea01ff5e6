"""What a room tells of talkback: each beginning and end once, whatever ended it."""

from __future__ import annotations

import json
from typing import Any

from bridge import commands
from bridge.bridge import Bridge
from bridge.talkback import TALK_MS
from bridge.talkback_commands import StartTalkback, StopTalkback
from signaling.room_talkback import TalkbackNews
from signaling.session import Outgoing
from signaling.talkback_messages import talkback_of
from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, directory

NOW_MS = 1_795_000_000_000
LAN = "operator:lan"


def answered(*points: str) -> tuple[Bridge, list[str]]:
    bridge = Bridge("main", directory())
    bridge.handle(commands.OpenSession("Họp", "center"), NOW_MS)
    for point in points:
        bridge.handle(commands.PointArrived(point), NOW_MS)
        bridge.handle(commands.PlaceCall(point, "center"), NOW_MS)
    calls = [call.id for call in bridge.active_calls()]
    for call in calls:
        bridge.handle(commands.AnswerCall(call), NOW_MS)
    return bridge, calls


def said(news: list[tuple[str, Outgoing]]) -> list[tuple[str, bool, str]]:
    told: list[tuple[str, dict[str, Any]]] = [(point, json.loads(outgoing.text)) for point, outgoing in news]
    return [(point, message["on"], message["by"]) for point, message in told]


def test_a_beginning_and_an_end_are_told_once() -> None:
    bridge, (call,) = answered(WARD)
    news = TalkbackNews(lambda: bridge)
    assert news.take() == []
    bridge.handle(StartTalkback(call, LAN), NOW_MS)
    assert said(news.take()) == [(WARD, True, LAN)]
    bridge.handle(StartTalkback(call, LAN), NOW_MS + 60_000)
    assert news.take() == [], "a renewal is no news"
    bridge.handle(StopTalkback(call, LAN), NOW_MS + 61_000)
    assert said(news.take()) == [(WARD, False, LAN)]
    assert news.take() == []


def test_an_end_by_the_clock_or_with_the_call_is_told_too() -> None:
    bridge, (first, second) = answered(WARD, OTHER_WARD)
    news = TalkbackNews(lambda: bridge)
    bridge.handle(commands.ReportMedia(f"point:{WARD}", "video", flowing=True), NOW_MS)
    bridge.handle(StartTalkback(first, LAN), NOW_MS)
    bridge.handle(StartTalkback(second, "center"), NOW_MS)
    assert said(news.take()) == [(WARD, True, LAN), (OTHER_WARD, True, "center")]
    bridge.handle(commands.EndCall(second, "center"), NOW_MS)
    assert said(news.take()) == [(OTHER_WARD, False, "center")]
    bridge.handle_timeout(NOW_MS + TALK_MS)
    assert said(news.take()) == [(WARD, False, LAN)]


def test_another_talker_in_between_is_an_end_and_a_beginning() -> None:
    bridge, (call,) = answered(WARD)
    news = TalkbackNews(lambda: bridge)
    bridge.handle(StartTalkback(call, LAN), NOW_MS)
    news.take()
    bridge.handle(StopTalkback(call, LAN), NOW_MS)
    bridge.handle(StartTalkback(call, "center"), NOW_MS)
    assert said(news.take()) == [(WARD, False, LAN), (WARD, True, "center")]


def test_a_state_built_anew_ends_what_it_does_not_have() -> None:
    bridge, (call,) = answered(WARD)
    states = [bridge]
    news = TalkbackNews(lambda: states[-1])
    bridge.handle(StartTalkback(call, LAN), NOW_MS)
    news.take()
    states.append(answered(WARD)[0])
    assert said(news.take()) == [(WARD, False, LAN)]


def test_who_has_no_name_is_what_it_is() -> None:
    subjects = ("operator:lan", "center:minh", "center", "operator", "x" * 200)
    names = {by: talkback_of("c1", by, on=True).by_name for by in subjects}
    assert list(names.values()) == ["lan", "minh", "Trung tâm", "Điều hành viên", "Điều hành viên"]


def test_who_comes_hears_of_what_runs_within_its_scope() -> None:
    bridge, (first, _) = answered(WARD, FAR_WARD)
    news = TalkbackNews(lambda: bridge)
    assert news.for_point(WARD) == news.for_console({WARD}.__contains__) == []
    bridge.handle(StartTalkback(first, LAN), NOW_MS)
    assert [outgoing.kind for outgoing in news.for_point(WARD)] == ["talkback"]
    assert news.for_point(FAR_WARD) == []
    (shown,) = news.for_console({WARD}.__contains__)
    assert json.loads(shown.text) == {"type": "talkback", "call": first, "on": True, "by": LAN, "by_name": "lan"}
    assert news.for_console({FAR_WARD}.__contains__) == []
