"""The console's wall with stills that desks really send: through the desk check and its sheets to each point's place."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from tests.e2e.pages import ConsolePage
from tests.e2e.test_console_views import order_of_cells, shows
from tests.harness.axe import assert_accessible
from tests.harness.browser import Browsers, Screen
from tests.harness.crowd import SILENT, Crowd, stills_of
from tests.harness.nation import evenly, points_of_5_september
from tests.harness.service import Service, start_service
from tests.harness.wait import until

pytestmark = [pytest.mark.browser, pytest.mark.service]

EVERY_S = 2
"""As often as the settings allow."""
NEAR = 30
"""Of 255, the mean colour of a still: its tile is a fifth as wide, and the camera's noise is another one."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with start_service(tmp_path_factory.mktemp("service"), {"STILLS__EVERY_S": str(EVERY_S)}) as running:
        yield running


def still_of(service: Service, code: str) -> tuple[float, ...]:
    """The mean colour of the newest still of a point."""
    url = f"{service.base_url}/api/stills/{code}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {service.token('operator')}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        picture = cv2.imdecode(np.frombuffer(response.read(), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return tuple(float(value) for value in picture.reshape(-1, 3).mean(axis=0)[::-1])


async def drawn_at(screen: Screen, cell: int) -> tuple[float, ...]:
    """The mean colour of what stands in a cell of the wall."""
    return tuple(
        await screen.evaluate(
            """(cell) => {
                const canvas = document.querySelector(".wall-canvas");
                const tile = Number(document.querySelector("#wall").dataset.tile);
                const gap = tile >= 48 ? 4 : tile >= 24 ? 2 : 1;
                const height = Math.round(tile * 9 / 16);
                const columns = Math.floor(canvas.clientWidth / (tile + gap));
                const ratio = canvas.width / canvas.clientWidth;
                const pitch = height + (tile >= 96 ? 20 : 0) + gap;
                const corner = [cell % columns * (tile + gap), Math.floor(cell / columns) * pitch];
                const { data } = canvas.getContext("2d").getImageData(...[...corner, tile, height].map((each) => each * ratio));
                return [0, 1, 2].map((colour) => {
                    let sum = 0;
                    for (let at = colour; at < data.length; at += 4) sum += data[at];
                    return sum / (data.length / 4);
                });
            }""",
            cell,
        )
    )


async def test_what_desks_send_stands_on_the_wall(service: Service, browsers: Browsers) -> None:
    cast = evenly(points_of_5_september(), 120)
    async with Crowd(service) as crowd:
        await crowd.join(cast, SILENT, within_s=60)
        async with stills_of(crowd, cast, every_s=EVERY_S):
            screen = await browsers.open("console", (30, 60, 160), 500, size=(1920, 1080))
            page = screen.page
            await ConsolePage(screen, service, "operator").open()
            await page.click("#view-wall")
            await page.click("#views-wide")
            await until("all are on the wall", lambda: says(screen, "#wall-count", str(len(cast))), within_s=60)

            cells = await order_of_cells(screen, cast)
            for code in cast[::17]:

                async def stands(code: str = code) -> bool:
                    sent = await asyncio.to_thread(still_of, service, code)
                    drawn = await drawn_at(screen, cells.index(code))
                    assert max(abs(a - b) for a, b in zip(sent, drawn, strict=True)) < NEAR, f"{code}: {sent} sent, {drawn} drawn"
                    return True

                await until(f"the still of {code} stands at its place", stands, within_s=60)

            await page.select_option("#badge", "black")
            await until("the black ones are found", lambda: fewer(screen, len(cast)), within_s=60)
            await assert_accessible(screen)
            await screen.assert_quiet()
        await page.select_option("#badge", "")
        await crowd.leave(cast)
        await shows(screen, "#found", "Không")


async def says(screen: Screen, selector: str, text: str) -> bool:
    """Whether an element's text has `text` in it."""
    assert text in (said := await screen.page.text_content(selector) or ""), said
    return True


async def fewer(screen: Screen, than: int) -> bool:
    """Whether some points are found, and fewer than all."""
    found = int(await screen.page.get_attribute("#wall", "data-cells") or 0)
    assert 0 < found < than, found
    return True
