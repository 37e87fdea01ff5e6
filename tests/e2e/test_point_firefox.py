"""A desk with a stock Firefox ESR: ring, answer, three seconds, on air, and everybody sees and hears it; then it hangs up."""

from __future__ import annotations

import pytest

from tests.harness.desks import WsConsole
from tests.harness.firefox import Foxes
from tests.harness.service import Service
from tests.harness.wait import stays, until
from tests.harness.webrtc import TestPublisher, TestViewer

pytestmark = [pytest.mark.browser, pytest.mark.service]

CENTER, CENTER_HZ = (200, 40, 40), 500
CODE = "26740"
TAKE_S = 3


async def test_a_call_with_a_firefox(foxes: Foxes, service: Service) -> None:
    fox = await foxes.open("desk", size=(1366, 768))
    page = fox.page
    async with (
        TestPublisher(service, service.token("center"), CENTER, CENTER_HZ),
        WsConsole(service, "center") as console,
        TestViewer(service, service.token("viewer")) as country,
    ):
        await fox.goto(service.point_link(CODE))
        await page.wait_for_selector("label[for=choose-camera] .device-ok")
        await page.click("#join")
        await page.wait_for_selector("#line[data-line=live]")
        await fox.sees("#programme-main", CENTER, 30)
        assert await fox.live_devices() == []

        call = await console.place_call(CODE)
        await page.click("#answer")
        await page.wait_for_selector("#tally[data-tally=preview]")
        await console.call_state(call, "preview", within_s=30)
        await console.command("take", call=call, delay_s=TAKE_S)
        await page.wait_for_selector("#tally[data-stage=countdown]")
        await page.wait_for_selector("#tally[data-tally=on_air]")
        await page.wait_for_selector(".page[data-tally=on_air] .elapsed")
        assert sorted(await fox.live_devices()) == ["audio", "video"]

        frames = country.frames("guest1")
        await until("the country sees the Firefox", lambda: country.frames("guest1") > frames + 30, within_s=30)
        await until("and hears it", lambda: country.tone_hz("guest1") > 0, within_s=15)
        await fox.sees("#programme-main", CENTER, 30)

        await page.click("#hang-up")
        await page.click("#hang-up[data-armed=yes]")
        await page.wait_for_selector("#over[data-over=hung_up]")

        async def devices_are_off() -> bool:
            return await fox.live_devices() == []

        await until("camera and microphone are off", devices_are_off)
        await stays("they stay off", devices_are_off, for_s=1)
    await fox.assert_quiet()
