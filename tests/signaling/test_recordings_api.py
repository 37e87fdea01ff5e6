"""Recordings over HTTP: who may have them, by ranges, by a cookie for one file, with what happened beside them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from signaling.recordings_api import COOKIE, TICKET_S
from tests.signaling.world import FAR_WARD, NOW_S, WARD, World

PATH = "/api/sessions/main/recordings"
DATA = bytes(range(256)) * 40


def put(world: World, name: str, **more: Any) -> Path:
    """Lays a part on the shelf, as the recorder does."""
    folder = world.service.settings.recordings_dir / "main"
    folder.mkdir(parents=True, exist_ok=True)
    is_call = name.startswith("call-")
    said = {
        "session": "main",
        "part": name,
        "kind": "call" if is_call else "programme",
        "call": name[5:].rpartition("-")[0] if is_call else None,
        "point": WARD if is_call else None,
        "title": "Phường 10" if is_call else "main",
        "state": "ready",
        "started_at": NOW_S * 1000 - 1_000,
        "length_ms": 600_000,
        "bytes": len(DATA),
        "codec": "VP8",
        "pictures": 10,
        "shown": [{"feed": "center", "name": "Trung tâm", "from_ms": 0, "to_ms": 600_000}],
    } | more
    (folder / f"{name}.json").write_text(json.dumps(said))
    path = folder / f"{name}.mkv"
    path.write_bytes(DATA)
    return path


def later(world: World, seconds: int) -> None:
    """So much later for the routes of recordings."""
    recordings = world.service.recordings
    recordings._desk = dataclasses.replace(recordings._desk, now_ms=lambda: (NOW_S + seconds) * 1000)


async def listed(world: World, **query: str) -> dict[str, Any]:
    answer = await world.client.get(PATH, headers=world.bearer("center"), params=query)
    assert answer.status == 200, await answer.text()
    body: dict[str, Any] = await answer.json()
    return body


async def test_the_list(world: World) -> None:
    assert (await listed(world))["parts"] == []
    put(world, "programme-001")
    put(world, "call-c1-001", started_at=NOW_S * 1000, state="recording")
    (world.service.settings.recordings_dir / "main" / "stray.mkv").write_bytes(b"")
    body = await listed(world)
    assert [part["part"] for part in body["parts"]] == ["programme-001", "call-c1-001"]
    assert body["parts"][1]["state"] == "recording"
    assert body["parts"][1]["call"] == "c1"
    assert (body["is_recording"], body["recording_since"], body["notice"]) == (False, None, None)


async def test_hours_and_gigabytes_are_listed(world: World) -> None:
    hours_ms, large = 3 * 3_600_000, 5 * 2**30
    put(
        world,
        "programme-001",
        length_ms=hours_ms,
        bytes=large,
        shown=[{"feed": "center", "name": "Trung tâm", "from_ms": 2 * 3_600_000, "to_ms": hours_ms}],
    )
    (part,) = (await listed(world))["parts"]
    assert (part["length_ms"], part["bytes"], part["shown"][0]["to_ms"]) == (hours_ms, large, hours_ms)


@pytest.mark.parametrize("what", ["", "/programme-001", "/programme-001/index", "/programme-001/ticket"])
async def test_who_may(world: World, what: str) -> None:
    put(world, "programme-001")
    method = world.client.post if what.endswith("ticket") else world.client.get
    assert (await method(PATH + what, headers=world.bearer("observer"))).status == 200
    assert (await method(PATH + what, headers=world.bearer("operator", scope=("79",)))).status == 403, "it is over the country"
    assert (await method(PATH + what, headers=world.bearer("viewer"))).status == 403
    assert (await method(PATH + what)).status == 401


@pytest.mark.parametrize(
    "name", ["programme-002", "..%2Fkeys", "programme-001.index", "status", "call-..-001", "-001", "x" * 200]
)
async def test_what_is_no_part_is_not_found(world: World, name: str) -> None:
    put(world, "programme-001")
    assert (await world.client.get(f"{PATH}/{name}", headers=world.bearer("center"))).status == 404


async def test_a_file_by_ranges(world: World) -> None:
    put(world, "programme-001")
    whole = await world.client.get(f"{PATH}/programme-001", headers=world.bearer("center"))
    assert await whole.read() == DATA
    assert whole.headers["Content-Type"] == "video/webm"
    assert 'filename="main-programme-001.mkv"' in whole.headers["Content-Disposition"]
    some = await world.client.get(f"{PATH}/programme-001", headers=world.bearer("center") | {"Range": "bytes=100-199"})
    assert (some.status, await some.read()) == (206, DATA[100:200])
    assert some.headers["Content-Range"] == f"bytes 100-199/{len(DATA)}"
    past = await world.client.get(f"{PATH}/programme-001", headers=world.bearer("center") | {"Range": "bytes=99999-"})
    assert past.status == 416
    put(world, "programme-002", codec="H264")
    other = await world.client.get(f"{PATH}/programme-002", headers=world.bearer("center"))
    assert other.headers["Content-Type"] == "video/x-matroska"


async def ticket(world: World, part: str) -> tuple[str, str]:
    """The path that a player is given, and the cookie's value."""
    answer = await world.client.post(f"{PATH}/{part}/ticket", headers=world.bearer("center"))
    assert answer.status == 200
    cookie = answer.cookies[COOKIE]
    body = await answer.json()
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (body["path"], True, "Strict")
    assert cookie["secure"], "pages of this service come over TLS"
    assert int(cookie["max-age"]) == TICKET_S
    assert cookie.value not in json.dumps(body), "nothing that opens it is in an address"
    return body["path"], cookie.value


async def play(world: World, path: str, cookie: str) -> int:
    return (await world.client.get(path, headers={"Cookie": f"{COOKIE}={cookie}", "Range": "bytes=0-9"})).status


async def test_a_cookie_is_for_one_file_and_ten_minutes(world: World) -> None:
    put(world, "programme-001")
    put(world, "programme-002")
    path, cookie = await ticket(world, "programme-001")
    assert await play(world, path, cookie) == 206
    assert await play(world, path.replace("001", "002"), cookie) == 401
    assert (await world.client.get(path)).status == 401
    expires, _, seal = cookie.partition(".")
    for forged in (f"{int(expires) + 1}.{seal}", f"{expires}.{seal[:-1]}", f"{expires}.", seal, "", "9" * 40 + f".{seal}"):
        assert await play(world, path, forged) == 401
    later(world, TICKET_S)
    assert await play(world, path, cookie) == 401


async def test_what_happened_stands_beside_a_part_that_is_ready(world: World) -> None:
    put(world, "programme-001", state="recording")
    center = await world.console()
    desk = await world.desk(WARD)
    await center.command(1, kind="start_recording")
    await center.command(2, kind="place_call", point=WARD)
    await center.command(3, kind="place_call", point=FAR_WARD)
    del desk
    began = (world.service.owners["main"].bridge.session.recording_since or 0) - 500
    folder = put(world, "programme-001", started_at=began).parent
    put(world, "call-c1-001")
    put(world, "call-c2-001", state="recording")
    await world.service.recordings._recordings.write(folder)
    index = await (await world.client.get(f"{PATH}/programme-001/index", headers=world.bearer("center"))).json()
    told = [(event["what"], event["name"]) for event in index["events"]]
    assert told == [
        ("recording_started", None),
        ("call_placed", "Phường 10"),
        ("call_placed", "Phường 5"),
        ("call_failed", "Phường 5"),
    ]
    assert all(event["from_ms"] == event["at"] - index["started_at"] for event in index["events"])
    trail = await (await world.client.get(f"{PATH}/call-c1-001/trail", headers=world.bearer("center"))).json()
    assert trail["call"] == "c1"
    assert [entry["what"] for entry in trail["trail"]][:2] == ["call_placed", "call_ringing"]
    page = await world.client.get(f"{PATH}/call-c1-001/trail", params={"format": "html"}, headers=world.bearer("center"))
    assert "Phường 10" in await page.text()
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (await world.client.get(f"{PATH}/programme-001/trail", headers=world.bearer("center"))).status == 404
    (programme,) = [part for part in (await listed(world))["parts"] if part["kind"] == "programme"]
    assert (programme["has_index"], programme["has_trail"]) == (True, False)
    assert not (folder / "call-c2-001.index.json").exists(), "it is not ready"


async def test_the_order_is_on_the_stage_and_its_notice_in_the_list(world: World) -> None:
    center = await world.console()
    await center.command(1, kind="start_recording")
    put(world, "programme-001")
    status = world.service.settings.recordings_dir / "main" / "status.json"
    status.write_text(json.dumps({"is_recording": False, "notice": "disk_low", "at": NOW_S * 1000}))
    body = await listed(world)
    assert body["recording_since"] is not None
    assert (body["is_recording"], body["notice"]) == (False, "disk_low")
    later(world, 10**6)
    assert (await listed(world))["notice"] == "no_recorder", "whoever should say how it goes is silent"
