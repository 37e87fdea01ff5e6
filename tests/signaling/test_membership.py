"""Points and sessions, without sockets: who follows what, and who is told."""

from __future__ import annotations

from typing import Any

from bridge import commands
from bridge.bridge import Bridge
from bridge.points import Report
from signaling.auth import Identity
from signaling.errands import Errands
from signaling.membership import Membership
from signaling.messages import MediaState
from signaling.room import Listener, Room
from tests.signaling.test_room import Line
from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, directory

DIRECTORY = directory()


class Owner:
    """A session that decides at once, here or (``is_owner`` false) elsewhere."""

    def __init__(self, stand: Stand, name: str) -> None:
        self.bridge = Bridge(name, DIRECTORY)
        self.is_owner = True
        self.stand = stand

    async def submit(self, command: Any) -> list[Any]:
        return self.do(command)

    def do(self, command: Any) -> list[Any]:
        happened = self.bridge.handle(command, self.stand.now)
        self.stand.rooms[self.bridge.session_id].receive_events(happened, 0.0)
        self.stand.membership.receive_events(self.bridge.session_id, happened)
        return happened


class Stand:
    """The standing line and a city's meeting in one process."""

    def __init__(self) -> None:
        self.now = 1_000
        self.lines: dict[str, Listener] = {}
        self.rooms: dict[str, Room] = {}
        self.owners: dict[str, Owner] = {}
        self.errands = Errands()
        self.membership = Membership(self.rooms, self.owners, self.lines, self.errands, lambda: 0.0)
        self.main = self.serve("main", "standing", "VN")

    def serve(self, name: str, kind: str, unit: str) -> Owner:
        owner = self.owners[name] = Owner(self, name)
        media = MediaState(ready=True, epoch="e1")
        member = self.membership
        self.rooms[name] = Room(name, lambda: owner.bridge, lambda: media, self.lines, member.told, member.has_point)
        owner.do(commands.PrepareSession(f"Phiên {name}", kind, (unit,), unit, "x"))
        owner.do(commands.OpenSession("", "x"))
        return owner

    def point(self, code: str) -> Line:
        line = Line(Identity(f"point:{code}", "point", "main", (code,), 9))
        self.main.do(commands.PointArrived(code, Report(camera="ok")))
        self.lines[code] = line
        self.membership.welcome(code)
        return line

    async def rest(self) -> None:
        for _ in self.membership.work():
            pass
        while len(self.errands):
            assert await self.errands.turn()


async def test_an_open_session_follows_who_is_live_of_its_own_points() -> None:
    stand = Stand()
    stand.point(WARD)
    city = stand.serve("s1", "meeting", "79")
    await stand.rest()
    stand.point(OTHER_WARD)
    stand.point(FAR_WARD)
    await stand.rest()
    assert [city.bridge.is_live(code) for code in (WARD, OTHER_WARD, FAR_WARD)] == [True, True, False]
    assert city.bridge.state.record(OTHER_WARD).report == Report(camera="ok")
    stand.main.do(commands.PointLeft(WARD, "closed 1001"))
    await stand.rest()
    assert city.bridge.state.record(WARD).left_reason == "closed 1001"
    city.do(commands.CloseSession("x"))
    stand.main.do(commands.PointArrived(WARD))
    await stand.rest()
    assert not city.bridge.is_live(WARD)


async def test_reports_go_only_where_the_point_is_called_or_asked() -> None:
    stand = Stand()
    stand.point(WARD)
    city, district = stand.serve("s1", "meeting", "79"), stand.serve("s2", "meeting", "773")
    await stand.rest()
    city.do(commands.PlaceCall(WARD, "x", 1))
    stand.main.do(commands.PointReported(WARD, Report(camera="refused")))
    await stand.rest()
    assert city.bridge.state.record(WARD).report == Report(camera="refused")
    assert district.bridge.state.record(WARD).report == Report(camera="ok")


async def test_only_the_owner_tells_a_session() -> None:
    stand = Stand()
    city = stand.serve("s1", "meeting", "79")
    city.is_owner = False
    stand.point(WARD)
    await stand.rest()
    assert not city.bridge.is_live(WARD)
    city.is_owner = True
    for _ in stand.membership.compare_presence("s1"):
        pass
    await stand.rest()
    assert city.bridge.is_live(WARD)


async def test_a_page_is_told_once_of_each_change_and_only_where_it_is_connected() -> None:
    stand = Stand()
    moved: list[tuple[str, str]] = []
    stand.membership.on_attending = lambda point, session: moved.append((point, session))
    stand.membership.has_viewers = lambda point: point == OTHER_WARD
    line = stand.point(WARD)
    line.heard()
    city = stand.serve("s1", "meeting", "79")
    await stand.rest()
    await stand.rest()
    assert [message["session"]["id"] for message in line.heard() if message["type"] == "attending"] == ["s1"]
    assert set(moved) == {(WARD, "s1"), (OTHER_WARD, "s1")}
    assert stand.membership.told(WARD) == "s1"
    city.do(commands.CloseSession("x"))
    await stand.rest()
    assert stand.membership.told(WARD) == "main"


async def test_a_call_that_has_lost_its_point_already_is_not_rung() -> None:
    stand = Stand()
    line = stand.point(WARD)
    city = stand.serve("s1", "meeting", "79")
    await stand.rest()
    stand.main.do(commands.PlaceCall(WARD, "nation", 0))
    line.heard()
    city.do(commands.PlaceCall(WARD, "city", 1))  # before it was told that the point is engaged
    assert "ring" not in line.kinds()
    await stand.rest()
    assert city.bridge.active_call(WARD) is None
    assert stand.main.bridge.active_call(WARD) is not None


async def test_a_shared_message_tells_the_stage_as_it_is() -> None:
    stand = Stand()
    line = stand.point(WARD)
    before = stand.membership.message_of(stand.membership.attending(WARD))
    assert stand.membership.message_of(stand.membership.attending(WARD)) is before
    stand.main.do(commands.ReportMedia("center", "video", flowing=True))
    assert '"center_live":true' in stand.membership.message_of(stand.membership.attending(WARD)).text
    line.heard()
