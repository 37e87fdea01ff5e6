"""Stills from a point's WebSocket to a console's sheets, with the desk check in this process on a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from config.model import Stills as StillsSettings
from rehearsal.rooms import jpegs_of
from signaling.stills_views import TURN_S
from stills.process import DeskCheck
from tests.signaling.conftest import MakeWorld
from tests.signaling.world import FAR_WARD, KEYS, OTHER_WARD, WARD, Client, World, eventually, settings
from tests.stills.test_album import likeness, tile

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
ROOM = jpegs_of("empty", 1)
DESK = jpegs_of("person", 2)


class Now:
    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
async def now() -> Now:
    return Now()


@pytest.fixture
async def desk_check(tmp_path: Path, now: Now) -> AsyncIterator[DeskCheck]:
    made = settings(tmp_path / "data")
    made.ensure_run_dir()
    desk_check = DeskCheck(KEYS.control_secret, None, chair_every_s=60, clock=now, now_ms=lambda: 1_795_000_000_000)
    await desk_check.start(made.stills_address)
    working = asyncio.create_task(desk_check.work())
    yield desk_check
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await desk_check.close()


@pytest.fixture
async def world(make_world: MakeWorld, desk_check: DeskCheck, now: Now) -> World:
    made = await make_world(clock=now)
    await eventually(lambda: made.service.stills.link.is_up)
    return made


async def agree(world: World, code: str = WARD) -> Client:
    """A point that sends stills."""
    desk = await world.desk(code)
    await desk.say({"type": "stills", "on": True})
    assert await desk.hear("stills") == {"type": "stills", "on": True, "every_s": 10, "max_bytes": 24_576}
    return desk


async def send(world: World, desk_check: DeskCheck, desk: Client, still: bytes) -> None:
    """Send one and wait until it was decoded."""
    before = desk_check.received
    await desk.ws.send_bytes(still)
    await eventually(lambda: desk_check.received > before)


async def sheets(
    world: World, after: int = 0, role: str = "operator", query: str = "", **claims: Any
) -> tuple[dict[str, Any], list[Any]]:
    url = f"/api/sessions/main/stills?after={after}{query}"
    response = await world.client.get(url, headers=world.bearer(role, **claims))
    assert response.status == 200, await response.text()
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content_type == "application/octet-stream"
    body = await response.read()
    length = int.from_bytes(body[:4])
    head, at, found = json.loads(body[4 : 4 + length]), 4 + length, []
    for size in head["sheets"]:
        found.append(cv2.imdecode(np.frombuffer(body[at : at + size], np.uint8), cv2.IMREAD_COLOR))
        at += size
    assert at == len(body)
    return head, found


def index(world: World, code: str) -> int:
    directory = world.service.directory
    assert directory is not None
    return directory.index_of(code)


async def test_a_still_is_seen_on_a_sheet_and_as_it_was_sent(world: World, desk_check: DeskCheck) -> None:
    desk = await agree(world)
    await send(world, desk_check, desk, DESK[0])
    head, found = await sheets(world)
    place = index(world, WARD)
    assert head["stills"] == [[place, 1_795_000_000_000, 0, 0, 0, 0]]
    assert head["directory"] == world.service.directory.version  # type: ignore[union-attr]
    assert likeness(tile(head, found, place), DESK[0]) < 7
    head, found = await sheets(world, query=f"&size=medium&points={WARD}")
    assert head["tile"] == [160, 90]
    assert likeness(tile(head, found, place), DESK[0]) < 5
    response = await world.client.get(f"/api/stills/{WARD}", headers=world.bearer("observer"))
    assert (await response.read(), response.content_type) == (DESK[0], "image/jpeg")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Last-Modified"] == "Wed, 18 Nov 2026 11:06:40 GMT"


async def test_who_sees_it_is_scope_and_session(world: World, desk_check: DeskCheck) -> None:
    for code in (WARD, FAR_WARD):
        desk = await agree(world, code)
        await send(world, desk_check, desk, ROOM[0])
    for role in ("center", "operator", "observer"):
        head, _ = await sheets(world, role=role)
        assert [row[0] for row in head["stills"]] == [index(world, WARD), index(world, FAR_WARD)]
    head, _ = await sheets(world, scope=["773"])
    assert [row[0] for row in head["stills"]] == [index(world, WARD)]
    head, _ = await sheets(world, query="&unit=80")
    assert [row[0] for row in head["stills"]] == [index(world, FAR_WARD)]
    get = world.client.get
    here = world.bearer("operator", scope=["773"])
    for path in (
        "/api/sessions/main/stills?unit=80",
        f"/api/sessions/main/stills?size=medium&points={WARD},{FAR_WARD}",
        "/api/sessions/main/stills?size=medium&points=nobody",
        f"/api/stills/{FAR_WARD}",
        "/api/stills/nobody",
    ):
        assert (await get(path, headers=here)).status == 403, path
    for path in ("/api/sessions/main/stills", f"/api/stills/{WARD}"):
        assert (await get(path)).status == 401
        assert (await get(path, headers=world.bearer("viewer"))).status == 403
        token = desk.welcome["token"]
        assert (await get(path, headers={"Authorization": f"Bearer {token}"})).status == 403
    assert (await get(f"/api/stills/{OTHER_WARD}", headers=here)).status == 404
    assert (await get("/api/sessions/none/stills", headers=world.bearer("operator", session="none"))).status == 404


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "size=huge",
        "size=medium",
        f"points={WARD}",
        f"size=medium&unit=79&points={WARD}",
        "size=medium&points=,",
        "x=1",
    ],
)
async def test_strange_questions(world: World, query: str) -> None:
    response = await world.client.get(f"/api/sessions/main/stills?{query}", headers=world.bearer("operator"))
    assert (response.status, (await response.json())["code"]) == (400, "bad_message")


async def refused(desk: Client) -> str:
    error = (await desk.hear("error"))["error"]
    return str(error["code"])


async def test_without_consent_nothing_is_taken_and_the_connection_lives(world: World, desk_check: DeskCheck) -> None:
    desk = await world.desk()
    await desk.ws.send_bytes(ROOM[0])
    assert await refused(desk) == "bad_still"
    await desk.say({"type": "stills", "on": True})
    await desk.hear("stills")
    await send(world, desk_check, desk, ROOM[0])
    assert desk_check.received == 1


@pytest.mark.parametrize(
    "still", [b"", b"GIF89a", ROOM[0][:-2], jpegs_of("empty", 1)[0][:2] + b"\xff\xd9", b"\xff\xd8" + b"x" * 30_000]
)
async def test_what_is_no_still_is_refused_and_the_connection_lives(
    world: World, desk_check: DeskCheck, still: bytes, now: Now
) -> None:
    desk = await agree(world)
    await desk.ws.send_bytes(still)
    assert await refused(desk) == "bad_still"
    now.s += 6
    await send(world, desk_check, desk, ROOM[0])
    assert world.service.stills.intake.counts == {"bad": 1, "taken": 1}


async def test_what_only_the_decoder_finds_broken_is_told_too(world: World, desk_check: DeskCheck) -> None:
    desk = await agree(world)
    at = ROOM[0].index(b"\xff\xc4")  # the first table of codes: broken, and the head is still good
    await desk.ws.send_bytes(ROOM[0][: at + 5] + b"\xff" * 16 + ROOM[0][at + 21 :])
    assert await refused(desk) == "bad_still"
    assert desk_check.broken == 1


async def test_too_often_is_dropped_and_counted(world: World, desk_check: DeskCheck, now: Now) -> None:
    desk = await agree(world)
    await send(world, desk_check, desk, ROOM[0])
    now.s += 4.9
    await desk.ws.send_bytes(ROOM[1])
    await eventually(lambda: world.service.stills.intake.counts["too_often"] == 1)
    now.s += 0.2
    await send(world, desk_check, desk, ROOM[2])
    assert desk_check.received == 2


async def test_consoles_send_none(world: World) -> None:
    console = await world.console()
    await console.ws.send_bytes(ROOM[0])
    assert await refused(console) == "forbidden"
    await console.say({"type": "stills", "on": True})
    assert await refused(console) == "forbidden"
    assert (await console.command(1, kind="place_call", point="nobody"))["type"] == "error", "the connection lives"


async def test_a_flood_of_binary_ends_the_connection(world: World) -> None:
    desk = await agree(world)
    for _ in range(70):
        await desk.ws.send_bytes(ROOM[0])
    assert await desk.hear_close() == 4429


async def test_in_a_call_none_is_taken(world: World, desk_check: DeskCheck, now: Now) -> None:
    desk = await agree(world)
    console = await world.console()
    ack = await console.command(1, kind="place_call", point=WARD)
    await desk.hear("ring")
    await desk.ws.send_bytes(ROOM[0])
    await eventually(lambda: world.service.stills.intake.counts["in_call"] == 1)
    await console.command(2, kind="cancel_call", call=ack["call"])
    now.s += 6
    await send(world, desk_check, desk, ROOM[0])


async def test_withdrawn_is_gone_within_a_second(world: World, desk_check: DeskCheck, now: Now) -> None:
    desk = await agree(world)
    await send(world, desk_check, desk, DESK[0])
    head, _ = await sheets(world)
    await desk.say({"type": "stills", "on": False})
    assert (await desk.hear("stills"))["on"] is False
    assert (await world.client.get(f"/api/stills/{WARD}", headers=world.bearer("operator"))).status == 404
    begins, _ = await sheets(world)
    assert begins["stills"] == [], "an answer that was kept for others is not given any more"
    now.s += TURN_S
    later, _ = await sheets(world, after=head["next"])
    assert (later["stills"], later["gone"]) == ([], [index(world, WARD)])
    await desk.ws.send_bytes(ROOM[0])
    assert await refused(desk) == "bad_still"


async def test_a_point_that_went_is_kept_for_half_a_minute(world: World, desk_check: DeskCheck, now: Now) -> None:
    desk = await agree(world)
    await send(world, desk_check, desk, DESK[0])
    await desk.ws.close()
    intake = world.service.stills.intake
    await eventually(lambda: intake.consenting == 0)
    now.s += 29
    intake.forget_gone()
    await eventually(lambda: len(world.service.hub.lines) == 0)
    assert (await world.client.get(f"/api/stills/{WARD}", headers=world.bearer("operator"))).status == 200
    await eventually(lambda: not world.service.owners["main"].bridge.is_live(WARD))
    now.s += 2
    intake.forget_gone()
    assert (await world.client.get(f"/api/stills/{WARD}", headers=world.bearer("operator"))).status == 404


async def test_a_page_that_is_loaded_again_keeps_its_still(world: World, desk_check: DeskCheck, now: Now) -> None:
    desk = await agree(world)
    await send(world, desk_check, desk, DESK[0])
    again = await agree(world)
    await desk.hear_close()
    await eventually(lambda: world.service.door.ended == 1)
    now.s += 31
    world.service.stills.intake.forget_gone()
    assert (await world.client.get(f"/api/stills/{WARD}", headers=world.bearer("operator"))).status == 200
    await send(world, desk_check, again, DESK[1])


async def test_nothing_of_it_is_on_any_record(world: World, desk_check: DeskCheck) -> None:
    desk = await agree(world)
    await send(world, desk_check, desk, DESK[0])
    await desk.say({"type": "stills", "on": False})
    await desk.hear("stills")
    response = await world.client.get("/api/sessions/main/log", headers=world.bearer("center"))
    kinds = [json.loads(line)["type"] for line in (await response.text()).splitlines()]
    assert kinds
    assert set(kinds) <= {"session_prepared", "session_opened", "point_arrived"}, kinds


async def test_the_desk_check_away_is_unavailable_and_back_by_itself(world: World, desk_check: DeskCheck, now: Now) -> None:
    desk = await agree(world)
    await desk_check.close()
    stills = world.service.stills
    await eventually(lambda: not stills.link.is_up)
    response = await world.client.get("/api/sessions/main/stills", headers=world.bearer("operator"))
    assert (response.status, response.headers["Retry-After"]) == (503, "1")
    await desk.ws.send_bytes(ROOM[0])
    await eventually(lambda: stills.intake.counts["dropped"] == 1)
    again = DeskCheck(KEYS.control_secret, None, chair_every_s=60, clock=now)
    await again.start(world.service.settings.stills_address)
    working = asyncio.create_task(again.work())
    await eventually(lambda: stills.link.is_up)
    now.s += 10
    await send(world, again, desk, ROOM[1])
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await again.close()


async def test_metrics_tell_of_both_processes(world: World, desk_check: DeskCheck) -> None:
    desk = await agree(world)
    await send(world, desk_check, desk, ROOM[0])
    await sheets(world)
    text = await (await world.client.get("/metrics")).text()
    found = {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}
    assert found["diemcau_desk_check_up"] == found["diemcau_stills_consenting"] == found["diemcau_stills_taken_total"] == 1
    assert found["diemcau_desk_check_received"] == found["diemcau_desk_check_points"] == found["diemcau_stills_views"] == 1
    section = PAGE.read_text().split("## The desk check")[1].split("## The process of signaling")[0]
    told = {word for word in section.replace("`", " ` ").split() if word.replace("_", "").isalpha()}
    own = {name.removeprefix("diemcau_desk_check_") for name in found if name.startswith("diemcau_desk_check_")} - {"up"}
    assert own == set(desk_check.numbers())
    assert own <= told, f"say in docs/operations.md what these tell: {own - told}"


async def test_switched_off_none_is_taken(tmp_path: Path, web_root: Path, npm_root: Path) -> None:
    off = settings(tmp_path / "data").model_copy(update={"stills": StillsSettings(enabled=False)})
    world = World(off, web_root, npm_root)
    await world.start()
    desk = await world.desk()
    await desk.say({"type": "stills", "on": True})
    assert (await desk.hear("stills"))["on"] is False
    await desk.ws.send_bytes(ROOM[0])
    assert await refused(desk) == "bad_still"
    await world.stop()
