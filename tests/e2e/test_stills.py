"""Stills in the real service: from a real camera to a console's sheet, a whole crowd's badges, and the desk check killed."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import numpy as np
import pytest

from stills.looks import BLACK, COVERED, FROZEN
from tests.harness.browser import Browsers
from tests.harness.crowd import SILENT, Crowd, stills_of
from tests.harness.nation import evenly, points_of_5_september
from tests.harness.service import Service, start_service
from tests.harness.wait import until

pytestmark = [pytest.mark.service]

CAMERA = (200, 90, 40)
POINT = "26740"
EVERY_S = 2
"""As often as the settings allow: half of it is the least that is taken."""
SEND = """async ({ secret, code, everyMs }) => {
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 } });
  await video.play();
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const canvas = document.createElement("canvas");
  canvas.width = 320; canvas.height = 180;
  const ws = (window.__ws = new WebSocket(`ws://${location.host}/ws`));
  window.__heard = [];
  ws.onopen = () => ws.send(JSON.stringify({ type: "hello", protocol: 1, credential: { kind: "point", code, secret } }));
  const send = () => {
    canvas.getContext("2d").drawImage(video, 0, 0, 320, 180);
    canvas.toBlob((blob) => ws.send(blob), "image/jpeg", 0.6);
  };
  ws.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    window.__heard.push(message);
    if (message.type === "welcome") ws.send(JSON.stringify({ type: "stills", on: true }));
    if (message.type === "stills" && message.on) { send(); window.__timer = setInterval(send, everyMs); }
    if (message.type === "stills" && !message.on) clearInterval(window.__timer);
  };
}"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with start_service(tmp_path_factory.mktemp("service"), {"STILLS__EVERY_S": str(EVERY_S)}) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


class Wall:
    """A console's wall, as far as it is asked for: the newest row and tile of each point."""

    def __init__(self, http: aiohttp.ClientSession, service: Service, scope: tuple[str, ...] = ("VN",)) -> None:
        self._http, self._service, self._token = http, service, service.token("operator", scope)
        self.after = 0
        self.rows: dict[int, list[int]] = {}
        self.tiles: dict[int, Any] = {}

    async def turn(self) -> bool:
        """Ask once for what is newer; whether the service could say."""
        url = f"{self._service.base_url}/api/sessions/main/stills?after={self.after}"
        async with self._http.get(url, headers={"Authorization": f"Bearer {self._token}"}) as response:
            if response.status == 503:
                return False
            assert response.status == 200, await response.text()
            body = await response.read()
        length = int.from_bytes(body[:4])
        head, at = json.loads(body[4 : 4 + length]), 4 + length
        sheets = []
        for size in head["sheets"]:
            sheets.append(cv2.imdecode(np.frombuffer(body[at : at + size], np.uint8), cv2.IMREAD_COLOR))
            at += size
        for row in head["stills"]:
            self.rows[row[0]] = row
            if row[4] >= 0:
                top, left = row[5] // 16 * 36, row[5] % 16 * 64
                self.tiles[row[0]] = sheets[row[4]][top : top + 36, left : left + 64]
        for index in head["gone"]:
            self.rows.pop(index, None)
            self.tiles.pop(index, None)
        self.after = head["next"]
        return True

    async def shows(self, what: str, count: int, within_s: float = 30) -> None:
        """Waits until so many points have a tile."""

        async def try_once() -> bool:
            return await self.turn() and len(self.tiles) == count

        await until(what, try_once, within_s)


@pytest.mark.browser
async def test_a_real_camera_on_the_wall_a_killed_desk_check_and_a_withdrawal(
    service: Service, browsers: Browsers, http: aiohttp.ClientSession
) -> None:
    point = await browsers.open("point", CAMERA, 700)
    await point.goto(service.base_url + "/healthz")
    wall = Wall(http, service)
    await wall.turn()
    assert wall.tiles == {}
    await point.evaluate(SEND, {"secret": service.point_secret(POINT), "code": POINT, "everyMs": 1100})
    await wall.shows("the point is on the wall", 1)
    (tile,) = wall.tiles.values()
    seen = tile[10:26, 20:44].reshape(-1, 3).mean(axis=0)[::-1]
    assert np.abs(seen - CAMERA).max() < 20, seen
    elsewhere = Wall(http, service, ("01",))
    await elsewhere.turn()
    assert elsewhere.tiles == {}
    status, _ = service.get(f"/api/stills/{POINT}", service.token("operator", ("01",)))
    assert status == 403
    headers = {"Authorization": f"Bearer {service.token('operator')}"}
    async with http.get(f"{service.base_url}/api/stills/{POINT}", headers=headers) as response:
        still = cv2.imdecode(np.frombuffer(await response.read(), np.uint8), cv2.IMREAD_COLOR)
    assert still is not None
    assert still.shape == (180, 320, 3)

    old = service.kill("stills")
    await until("it runs again", lambda: service.is_replaced("stills", old), within_s=30)
    before = wall.after
    await until("the point is back by itself", lambda: came_back(wall, before), within_s=30)
    assert len(wall.tiles) == 1

    await point.evaluate("() => window.__ws.send(JSON.stringify({ type: 'stills', on: false }))")
    await wall.shows("the point is gone", 0)
    heard: list[dict[str, Any]] = []

    async def has_heard() -> bool:
        heard[:] = await point.evaluate("() => window.__heard")
        return [message["on"] for message in heard if message["type"] == "stills"] == [True, False]

    await until("the point has heard that it is so", has_heard)
    assert "error" not in {message["type"] for message in heard}
    assert not any("still" in str(event) for event in service.event_log())


async def came_back(wall: Wall, before: int) -> bool:
    return await wall.turn() and wall.after > before and len(wall.tiles) == 1


async def test_a_crowd_has_its_badges(service: Service, http: aiohttp.ClientSession) -> None:
    codes = evenly(points_of_5_september(), 150)
    async with Crowd(service) as crowd:
        await crowd.join(codes, SILENT)
        async with stills_of(crowd, codes, every_s=1.2) as sender:
            wall = Wall(http, service)
            await wall.shows("all are on the wall", len(codes), within_s=60)

            async def has_all() -> bool:
                await wall.turn()
                flags = Counter(row[2] for row in wall.rows.values())
                chairs = Counter(np.sign(row[3]) for row in wall.rows.values())
                assert {BLACK, FROZEN, COVERED} <= flags.keys(), flags
                assert chairs[1] > 60, chairs
                assert chairs[-1] > 5, chairs
                return True

            await until("every badge is there", has_all, within_s=60)
            await until("each sent more than two", lambda: sender.sent > 2 * len(codes), within_s=60)

            async def are_counted() -> bool:
                status, metrics = await asyncio.to_thread(service.get, "/metrics")
                numbers = dict(line.split() for line in metrics.splitlines() if line and not line.startswith("#"))
                assert status == 200
                assert float(numbers["diemcau_desk_check_points"]) == len(codes)
                return float(numbers["diemcau_stills_bad_total"]) == 0

            await until("all are counted, and none is bad", are_counted)
        await crowd.leave(codes)


def test_nothing_of_a_still_is_in_the_data_folder(service: Service) -> None:
    """Runs after the others: what they sent is on no disk."""
    files = [path for path in Path(service.data_dir).rglob("*") if path.is_file()]
    assert files
    assert not [path.name for path in files if b"JFIF" in path.read_bytes()]
