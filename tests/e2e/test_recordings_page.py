"""The page of recordings in a browser: from the login to the picture and the voice of a moment that was pressed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.e2e.test_login import PASSWORD, account
from tests.e2e.test_recording import CENTER, CENTER_HZ, GUEST, GUEST_HZ, POINT, grown, parts, written
from tests.harness.browser import Browsers, Screen
from tests.harness.desks import WsConsole, WsPoint
from tests.harness.service import Service, start_service
from tests.harness.wait import until
from tests.harness.webrtc import TestPublisher, TestViewer

pytestmark = [pytest.mark.browser, pytest.mark.service]

PLAYER = "#player"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that the tests of this module share, with a meeting that was recorded."""
    with start_service(tmp_path_factory.mktemp("service")) as running:
        asyncio.run(meet(running))
        yield running


async def meet(service: Service) -> None:
    """The center alone, then its guest on air, then the center again."""
    async with (
        WsConsole(service, "center") as console,
        WsPoint(service, POINT) as point,
        TestPublisher(service, service.token("center"), CENTER, CENTER_HZ),
        TestViewer(service, service.token("viewer")) as viewer,
    ):
        await viewer.sees("main", CENTER)
        assert (await console.command("start_recording"))["type"] == "ack"
        await written(service, "programme-001", 5)
        call = await console.place_call(POINT)
        await point.ring()
        async with TestPublisher(service, point.token, GUEST, GUEST_HZ):
            await point.say("answer", call)
            await console.call_state(call, "preview")
            assert (await console.command("take", call=call))["type"] == "ack"
            await viewer.sees("main", GUEST)
            await grown(service, "programme-001", 8)
            assert (await console.command("end_call", call=call))["type"] == "ack"
            await console.call_state(call, "ended")
        await viewer.sees("main", CENTER)
        assert (await console.command("stop_recording"))["type"] == "ack"
    await until("it is ready", lambda: all(said["state"] == "ready" for said in parts(service).values()), 30)
    folder = service.data_dir / "recordings" / "main"
    await until("what happened is written", (folder / "programme-001.index.json").exists, 30)


async def current_s(screen: Screen) -> float:
    """Where the player is."""
    return cast("float", await screen.evaluate("() => document.querySelector('#player').currentTime"))


STATE = "() => (({ readyState, networkState, paused, error }) => ({ readyState, networkState, paused, error: error?.message }))"
STATE += "(document.querySelector('#player'))"


async def plays(screen: Screen) -> None:
    """Waits until the player goes on."""
    at_s = await current_s(screen)

    async def has_moved() -> bool:
        now_s = await current_s(screen)
        assert now_s >= at_s + 0.4, f"it is at {now_s}: {await screen.evaluate(STATE)}"
        return True

    await until("it plays on", has_moved, 20)


async def test_from_the_login_to_a_moment_of_the_meeting(browsers: Browsers, service: Service, tmp_path: Path) -> None:
    words = ("add", "trungtam", "--role", "center", "--scope", "VN", "--password-stdin")
    await asyncio.to_thread(account, service, *words, typed=PASSWORD + "\n")
    screen = await browsers.open("observer", (0, 0, 0), 200)
    page = screen.page
    await screen.goto(f"{service.base_url}/recordings")
    await page.click("a.button[href^='/login']")
    await page.fill("#name", "trungtam")
    await page.fill("#password", PASSWORD)
    await page.click("#enter button")
    await page.wait_for_url("**/recordings")
    await page.click("[data-part=programme-001]")
    await page.wait_for_selector(".timeline-row[data-what=call_taken]")
    await page.screenshot(path=tmp_path / "chosen.png")
    said = parts(service)["programme-001"]
    center, guest, _ = said["shown"]
    await until("its length is known", lambda: screen.evaluate("() => document.querySelector('#player').duration > 1"), 20)
    length_s = await screen.evaluate("() => document.querySelector('#player').duration")
    assert length_s == pytest.approx(said["length_ms"] / 1000, abs=0.05)
    await screen.evaluate("() => document.querySelector('#player').play()")
    await plays(screen)
    await screen.sees(PLAYER, CENTER)
    await screen.hears(CENTER_HZ)

    await page.click(".timeline-row[data-what=call_taken]")
    await until("it is sought", lambda: sought(screen, guest["from_ms"] / 1000), 10)
    await screen.sees(PLAYER, GUEST)
    await screen.hears(GUEST_HZ)
    await plays(screen)
    await page.screenshot(path=tmp_path / "guest.png")

    await page.click(".timeline-row >> nth=0")
    await until("it went back", lambda: sought(screen, center["from_ms"] / 1000), 10)
    await screen.sees(PLAYER, CENTER)
    await plays(screen)
    await screen.assert_quiet()


async def sought(screen: Screen, at_s: float) -> bool:
    """Whether the player is near a moment: a second before what is sought, and on."""
    now_s = await current_s(screen)
    assert at_s - 3 <= now_s <= at_s + 5, f"it is at {now_s}, and {at_s} was sought"
    return True
