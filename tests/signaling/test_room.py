"""Rooms without sockets: who hears what, scopes, views."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from bridge import commands
from bridge.bridge import Bridge
from bridge.points import Report
from bridge.rules import Rules
from signaling.auth import Identity
from signaling.messages import MAX_TRAIL_ENTRIES, MediaState, Tick
from signaling.room import Listener, Room, Scope, calls_listed, view_of
from signaling.session import Outgoing, SignalingSession
from tests.signaling.test_session import HELLO, welcome
from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, directory

NOW_MS = 1_795_000_000_000


class Line:
    """A welcomed connection without a socket."""

    def __init__(self, identity: Identity) -> None:
        self.identity: Identity | None = identity
        self.session = SignalingSession(now=0.0, hello_timeout_s=5, slow_close_s=8, queue_limit=256)
        self.woken = 0
        self.session.receive_message(HELLO, 0.0)
        self.session.events()
        self.session.welcome(welcome(), 0.0)
        self.session.messages_to_send()

    @property
    def wake(self) -> Callable[[Any], None]:
        def count(_line: Any) -> None:
            self.woken += 1

        return count

    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.session.messages_to_send()]

    def kinds(self) -> list[str]:
        return [message["type"] for message in self.heard()]


class Stand:
    """A room over a real domain."""

    def __init__(self) -> None:
        self.bridge = Bridge("main", directory(), Rules())
        self.media = MediaState(ready=True, epoch="e1")
        self.lines: dict[str, Listener] = {}
        self.room = Room("main", lambda: self.bridge, lambda: self.media, self.lines)
        self.do(commands.OpenSession("Họp", "center"))

    def do(self, command: commands.Command, at: int = NOW_MS) -> list[str]:
        return self.room.receive_events(self.bridge.handle(command, at), 0.0)

    def point(self, code: str) -> Line:
        line = Line(Identity(f"point:{code}", "point", "main", (code,), 9))
        self.do(commands.PointArrived(code, Report()))
        self.lines[code] = line
        return line

    def console(self, *scope: str) -> Line:
        line = Line(Identity("operator", "operator", "main", scope or ("VN",), 9))
        self.room.add_console(line, scope or ("VN",), 0.0)
        return line

    def fan_out(self) -> int:
        return sum(1 for _ in self.room.fan_out(0.0))


@pytest.fixture
def stand() -> Stand:
    made = Stand()
    made.fan_out()
    return made


def test_a_console_starts_with_a_frame_and_the_calls(stand: Stand) -> None:
    assert stand.console().kinds() == ["frame", "calls"]


def test_changes_go_to_consoles_whose_scope_they_are_in(stand: Stand) -> None:
    whole, part, desk = stand.console(), stand.console("80"), stand.point(WARD)
    for line in (whole, part, desk):
        line.heard()
    stand.point(FAR_WARD)
    stand.fan_out()
    assert [message["changes"] for message in whole.heard() if message["type"] == "changes"] == [[[2, 1], [5, 1]]]
    assert [message["changes"] for message in part.heard() if message["type"] == "changes"] == [[[5, 1]]]
    assert desk.kinds() == []


def test_nothing_changed_nothing_is_sent(stand: Stand) -> None:
    console = stand.console()
    console.heard()
    stand.fan_out()
    assert console.kinds() == []
    assert stand.fan_out() == 0


def test_stage_and_media_go_to_all_and_only_when_they_changed(stand: Stand) -> None:
    desk, console = stand.point(WARD), stand.console()
    stand.fan_out()
    desk.heard(), console.heard()
    stand.do(commands.ReportMedia("center", "video", True))
    stand.media = MediaState(ready=False, epoch="e1")
    stand.fan_out()
    assert desk.kinds() == ["stage", "media"]
    assert console.kinds() == ["stage", "media"]
    assert stand.fan_out() == 0


def test_a_ring_is_handed_to_the_point_and_reported(stand: Stand) -> None:
    desk, other, console = stand.point(WARD), stand.point(OTHER_WARD), stand.console()
    console.heard()
    assert stand.do(commands.PlaceCall(WARD, "lan")) == ["c1"]
    assert desk.kinds() == ["ring", "call"]
    assert other.kinds() == []
    assert console.kinds() == ["call"]


def test_no_ring_without_a_welcomed_connection(stand: Stand) -> None:
    stand.do(commands.PointArrived(WARD, Report()))
    assert stand.do(commands.PlaceCall(WARD, "lan")) == []
    unwelcomed = Line(Identity(f"point:{OTHER_WARD}", "point", "main", (), 9))
    unwelcomed.session = SignalingSession(now=0.0, hello_timeout_s=5, slow_close_s=8, queue_limit=8)
    stand.do(commands.PointArrived(OTHER_WARD, Report()))
    stand.lines[OTHER_WARD] = unwelcomed
    assert stand.do(commands.PlaceCall(OTHER_WARD, "lan")) == []


def test_ring_of_a_call_that_needs_none(stand: Stand) -> None:
    desk = stand.point(WARD)
    stand.do(commands.PlaceCall(WARD, "lan"))
    stand.do(commands.AnswerCall("c1", Report()))
    desk.heard()
    assert not stand.room.ring("c1", 0.0)
    assert not stand.room.ring("c9", 0.0)
    assert desk.kinds() == []


def test_an_arrival_elsewhere_replaces_the_connection_here(stand: Stand) -> None:
    desk = stand.point(WARD)
    stand.do(commands.PointArrived(WARD, Report()))
    (refused,) = desk.heard()
    assert refused["error"]["code"] == "replaced"
    assert desk.session.close_code == 4409
    assert WARD not in stand.room.points


def test_an_arrival_of_a_take_over_replaces_nothing(stand: Stand) -> None:
    desk = stand.point(WARD)
    stand.do(commands.PointArrived(WARD, None))
    assert desk.kinds() == []
    assert stand.room.points[WARD] is desk


def test_reset_shows_everything_again(stand: Stand) -> None:
    console, desk = stand.console(), stand.point(WARD)
    console.heard()
    stand.room.reset()
    stand.fan_out()
    assert console.kinds() == ["frame", "calls"]
    assert desk.kinds() == []


def test_remove_names_the_point_only_for_its_newest_connection(stand: Stand) -> None:
    old = stand.point(WARD)
    new = Line(Identity(f"point:{WARD}", "point", "main", (WARD,), 9))
    stand.lines[WARD] = new
    assert stand.room.remove(old) is None
    assert stand.room.remove(new) == WARD
    assert stand.room.remove(new) is None
    console = stand.console()
    assert stand.room.remove(console) is None
    assert len(stand.room) == 0


def test_broadcast(stand: Stand) -> None:
    lines = [stand.console(), stand.point(WARD)]
    for line in lines:
        line.heard()
    assert sum(1 for _ in stand.room.broadcast(Outgoing(Tick(at=1), "tick"), 0.0)) == 2
    assert [line.kinds() for line in lines] == [["tick"], ["tick"]]


def nibbles(states: str, count: int) -> list[int]:
    packed = base64.b64decode(states)
    return [packed[index >> 1] >> (0 if index & 1 else 4) & 15 for index in range(count)]


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (("VN",), [0, 0, 1, 0, 0, 1]),
        (("80",), [15, 15, 15, 15, 0, 1]),
        (("773",), [15, 0, 1, 0, 15, 15]),
        (("27289", "80"), [15, 15, 15, 0, 0, 1]),
        (("nowhere",), [15] * 6),
        ((), [15] * 6),
    ],
)
def test_frames_hide_what_is_out_of_scope(stand: Stand, units: tuple[str, ...], expected: list[int]) -> None:
    stand.point(WARD)
    stand.point(FAR_WARD)
    within = Scope(stand.bridge.directory, units)
    frame = stand.room.frame(within)
    assert nibbles(frame.states, frame.count) == expected
    assert [within.has_index(index) for index in range(6)] == [state != 15 for state in expected]
    assert [within.has(point.code) for point in stand.bridge.directory.points] == [state != 15 for state in expected]


def test_calls_listed_shows_what_is_going_on_before_what_is_over(stand: Stand) -> None:
    stand.point(WARD)
    stand.do(commands.PlaceCall(WARD, "lan"))
    for _ in range(5):
        stand.do(commands.PlaceCall(FAR_WARD, "lan"))
    everything = Scope(stand.bridge.directory, ("VN",))
    assert [view.id for view in calls_listed(stand.bridge, everything)] == ["c6", "c5", "c4", "c3", "c2", "c1"]
    assert [view.id for view in calls_listed(stand.bridge, everything, limit=2)] == ["c6", "c1"]
    assert calls_listed(stand.bridge, Scope(stand.bridge.directory, ("773",)))[0].id == "c1"


def test_a_very_long_trail_is_cut_at_its_old_end(stand: Stand) -> None:
    stand.point(WARD)
    stand.do(commands.PlaceCall(WARD, "lan"))
    stand.do(commands.AnswerCall("c1", Report()))
    stand.do(commands.ReportMedia(f"point:{WARD}", "video", True))
    for number in range(MAX_TRAIL_ENTRIES):
        stand.do(commands.TakeCall("c1", "lan"), NOW_MS + number)
        stand.do(commands.TakeOffAir("c1", "lan"), NOW_MS + number)
    view = view_of(stand.bridge.calls["c1"])
    assert len(view.trail) == MAX_TRAIL_ENTRIES
    assert view.trail[-1].what == "off_air"


def test_every_state_of_a_call_fits_its_view(stand: Stand) -> None:
    stand.point(WARD)
    for command in (
        commands.PlaceCall(WARD, "x" * 500),
        commands.RingSent("c1"),
        commands.ConfirmRing("c1", Report(device="d" * 200)),
        commands.DeclineCall("c1", "r" * 1000, Report()),
        commands.PlaceCall(WARD, "lan"),
        commands.ReportDeviceFailure("c2", "microphone", "e" * 1000, Report()),
        commands.PlaceCall(FAR_WARD, "lan"),
    ):
        stand.do(command)
        for call in stand.bridge.calls.values():
            assert view_of(call).id == call.id
