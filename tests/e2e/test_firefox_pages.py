"""A stock Firefox ESR: every page loads, works and is accessible there, and a whole call is taken in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_login import account
from tests.harness.axe import assert_accessible
from tests.harness.desks import WsConsole
from tests.harness.firefox import Foxes
from tests.harness.layout import misfits
from tests.harness.service import Service, start_service
from tests.harness.webrtc import TestPublisher

pytestmark = [pytest.mark.browser, pytest.mark.service]

CENTER, CENTER_HZ = (200, 40, 40), 500
CODE = "26740"
PASSWORD = "mật khẩu của trung tâm"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Its call rings for as long as it is looked at, and waits for a browser that is slow to send."""
    with start_service(tmp_path / "service", {"CALLS__ANSWER_TIMEOUT_S": "600", "CALLS__MEDIA_TIMEOUT_S": "60"}) as running:
        yield running


async def test_every_page_and_a_call_in_firefox(foxes: Foxes, service: Service) -> None:
    words = ("add", "minh", "--role", "center", "--scope", "VN", "--password-stdin")
    await asyncio.to_thread(account, service, *words, typed=PASSWORD + "\n")
    fox = await foxes.open("fox", size=(1366, 768))
    page = fox.page

    async def is_good(where: str) -> None:
        """Accessible, nothing cut off, nothing refused or thrown since the page was loaded."""
        await assert_accessible(fox)
        assert not await misfits(fox), where
        await fox.assert_quiet()

    await fox.goto(f"{service.base_url}/")
    await page.wait_for_selector("#console")
    await is_good("landing")

    async with WsConsole(service, "center") as console:
        async with TestPublisher(service, service.token("center"), CENTER, CENTER_HZ):
            await fox.goto(service.point_link(CODE))
            await page.wait_for_selector("label[for=choose-camera] .device-ok")
            await is_good("the check")
            await page.click("#join")
            await page.wait_for_selector("#line[data-line=live]")
            await fox.sees("#programme-main", CENTER, 30)
            await fox.hears_something()
            await is_good("waiting")
            call = await console.place_call(CODE)
            await page.wait_for_selector("#answer")
            await is_good("the ring")
            await page.click("#answer")
            await page.wait_for_selector("#tally[data-tally=preview]")
            await console.call_state(call, "preview", within_s=30)
            await console.command("take", call=call)
            await page.wait_for_selector("#tally[data-tally=on_air]")
            await fox.sees("#programme-main", CENTER, 30)
            assert sorted(await fox.live_devices()) == ["audio", "video"]
            await is_good("on air")
            await console.command("end_call", call=call)
            await page.wait_for_selector("#over[data-over=ended]")
            await page.wait_for_function("() => window.__probe.liveDevices().length === 0")
            await is_good("over")

        await fox.goto("about:blank")
        await fox.goto(f"{service.base_url}/console")
        await page.wait_for_selector("#enter")
        await is_good("login")
        await page.fill("#name", "minh")
        await page.fill("#password", PASSWORD)
        await page.click("#enter button")
        await page.wait_for_selector("#line[data-line=live]")
        for view in ("map", "wall", "list"):
            await page.click(f"#view-{view}")
            await is_good(f"console, {view}")
        await page.click("#center-start")
        await page.wait_for_selector(".center[data-live=yes]")
        await page.click("#center-stop") if await fox.evaluate("() => document.querySelector('#center-stop') !== null") else None

        await fox.goto(f"{service.base_url}/center")
        await page.wait_for_selector("#line[data-line=live]")
        await is_good("center")
        await fox.goto(f"{service.base_url}/admin#/units")
        await page.wait_for_selector("#title")
        await is_good("administration")
        await fox.goto(f"{service.base_url}/recordings")
        await page.wait_for_selector("#session")
        await is_good("recordings")
