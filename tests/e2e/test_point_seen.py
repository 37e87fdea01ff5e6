"""What the point's page and the others see of one another: its still on the operator's wall, a voice to it alone, a recording."""

from __future__ import annotations

import pytest

from tests.e2e.pages import ConsolePage, PointPage
from tests.e2e.test_console_views import colour_at
from tests.harness.browser import Browsers
from tests.harness.desks import WsConsole
from tests.harness.service import Service
from tests.harness.wait import until
from tests.harness.webrtc import TestPublisher, TestVoice, is_near

pytestmark = [pytest.mark.browser, pytest.mark.service]

CENTER, CENTER_HZ = (200, 40, 40), 500
DESK, DESK_HZ = (40, 170, 60), 800
TALK_HZ = 1300
CODE = "26740"
STILL_WITHIN_S = 40
"""A first one within 10 s, a sheet a second, and a page that has just been loaded."""


async def test_its_still_is_on_the_operators_wall_until_it_ends_that(browsers: Browsers, service: Service) -> None:
    desk = PointPage(await browsers.open("desk", DESK, DESK_HZ), service, CODE)
    page = desk.screen.page
    await desk.open()
    await page.wait_for_selector("label[for=choose-camera] .device-ok")
    await page.check("#choose-stills")
    await page.click("#join")
    await page.wait_for_selector("#stills-note[data-stills=sending]")

    console = ConsolePage(await browsers.open("console", (30, 60, 160), 500, size=(1366, 768)), service, "operator")
    wall = console.screen.page
    await console.open()
    await wall.click("#view-wall")

    async def tile() -> tuple[int, int, int]:
        return await colour_at(console.screen, 1, int(await wall.get_attribute("#wall", "data-tile") or 0))

    async def has_its_colour() -> bool:
        assert is_near(await tile(), DESK, 40), await tile()
        return True

    async def has_none() -> bool:
        return not is_near(await tile(), DESK, 40)

    await until("the tile has the colour that its camera films", has_its_colour, STILL_WITHIN_S, every_s=0.5)
    await wall.wait_for_selector("#wall[data-cells='2']")  # the head of its province, and the point
    await page.click("#stills-stop")
    await until("the still is gone from the wall", has_none, STILL_WITHIN_S, every_s=0.5)
    for screen in browsers.screens:
        await screen.assert_quiet()


async def test_a_voice_to_it_alone_and_a_recording_are_told(browsers: Browsers, service: Service) -> None:
    desk = PointPage(await browsers.open("desk", DESK, DESK_HZ), service, CODE)
    page = desk.screen.page
    operator = service.token("operator")
    async with (
        TestPublisher(service, service.token("center"), CENTER, CENTER_HZ),
        WsConsole(service, "operator") as console,
        TestVoice(service, operator, TALK_HZ),
    ):
        await desk.join()
        await page.wait_for_selector("#quality")
        assert await page.locator("#recording").count() == 0
        assert (await console.command("start_recording"))["type"] == "ack"
        await page.wait_for_selector("#recording", timeout=20_000)

        call = await console.place_call(CODE)
        await desk.answer()
        await desk.tally("preview")
        await desk.screen.hears(CENTER_HZ)
        assert await page.locator("#talkback").count() == 0
        assert (await console.command("start_talkback", call=call))["type"] == "ack"
        await page.wait_for_selector("#talkback")
        assert "Điều hành viên" in await page.inner_text("#talkback")
        await desk.screen.hears(TALK_HZ)
        assert await page.is_visible("#recording"), "in a call too"
        assert (await console.command("stop_talkback", call=call))["type"] == "ack"
        await page.wait_for_selector("#talkback", state="detached")
        assert (await console.command("stop_recording"))["type"] == "ack"
        await page.wait_for_selector("#recording", state="detached")
        await console.command("end_call", call=call)
    await desk.screen.assert_quiet()
