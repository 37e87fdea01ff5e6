"""kill -9 of each process in the middle of a call on air: the pictures come back by themselves and nothing is forgotten."""

import asyncio
import json
import time
from functools import partial
from typing import Any

import pytest

from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import Browsers, Screen
from tests.harness.desks import WsConsole
from tests.harness.service import Service
from tests.harness.wait import until

pytestmark = [pytest.mark.browser, pytest.mark.service]

CENTER, CENTER_HZ = (200, 40, 40), 500
A, A_HZ, A_CODE = (40, 60, 200), 800, "26740"
B, B_HZ, B_CODE = (30, 160, 60), 1300, "00001"
PICTURE_BACK_S = 10


@pytest.fixture
async def meeting(browsers: Browsers, service: Service) -> tuple[ConsolePage, PointPage, PointPage, str]:
    """A center, a point on air and a point that watches."""
    center = ConsolePage(await browsers.open("center", CENTER, CENTER_HZ), service, "center")
    a = PointPage(await browsers.open("A", A, A_HZ), service, A_CODE)
    b = PointPage(await browsers.open("B", B, B_HZ), service, B_CODE)
    await center.open()
    await center.start_center()
    await a.join()
    await b.join()
    card = await center.call(A_CODE)
    await a.answer()
    await center.state(card, "preview")
    await center.command(card, "take")
    await b.screen.sees(b.MAIN, A)
    return center, a, b, card


async def is_moving(screen: Screen, frames: int = 8) -> None:
    """Waits until the page decodes new frames (the colour alone could be that of an old one)."""
    before = (await screen.received())["framesDecoded"]

    async def more() -> bool:
        now = (await screen.received())["framesDecoded"]
        return now >= before + frames or now < before  # fewer: a new connection began to count anew

    await until(f"{screen.name} decodes new frames", more, within_s=PICTURE_BACK_S)


def events_of(service: Service) -> list[dict[str, Any]]:
    return service.event_log()


@pytest.mark.parametrize("victim", ["node", "signaling", "valkey"])
async def test_kill(
    victim: str, service: Service, browsers: Browsers, meeting: tuple[ConsolePage, PointPage, PointPage, str]
) -> None:
    center, a, b, card = meeting
    log_before = events_of(service)
    negotiated = {screen.name: len(await screen.connections()) for screen in browsers.screens}

    old = service.kill(victim)
    started_s = time.monotonic()
    await until(f"{victim} runs again", lambda: service.is_replaced(victim, old))
    await b.screen.sees(b.MAIN, A, within_s=PICTURE_BACK_S)
    await is_moving(b.screen)
    await a.screen.sees(a.MAIN, CENTER, within_s=PICTURE_BACK_S)
    await is_moving(a.screen)
    back_s = time.monotonic() - started_s
    print(json.dumps({"killed": victim, "picture_back_s": round(back_s, 1)}))
    assert back_s < PICTURE_BACK_S + 2

    await until("ready again", service.is_ready, within_s=30)
    log_after = await until("the log is told again", lambda: events_of(service))  # ready may be said by who has not noticed yet
    assert log_after[: len(log_before)] == log_before, "acknowledged events are still there, in their order"
    (call,) = await until("the calls are told again", service.calls)
    assert call["state"] == "on_air", call
    await a.tally("on_air")

    # And it goes on from there: the same pages carry out the next commands.
    await center.screen.page.wait_for_selector("#line[data-line=live]", timeout=15_000)
    await center.command(card, "off_air")
    await b.screen.sees(b.MAIN, CENTER)
    await center.command(card, "end_call")
    await center.screen.page.wait_for_selector(f"#{card}", state="detached", timeout=10_000)

    for screen in browsers.screens:
        assert screen.navigations == 1, f"{screen.name} was loaded anew"
    if victim != "node":
        made = {screen.name: len(await screen.connections()) for screen in browsers.screens}
        assert made == negotiated, "media does not depend on signaling or on the store"


async def test_an_acknowledged_command_survives_the_store(service: Service) -> None:
    """Every command that was acknowledged before the store was killed is on the record afterwards."""
    async with WsConsole(service) as console:
        calls = await asyncio.gather(*(console.place_call(code) for code in ("00001", "00004", "00007", "00013")))
        old = service.kill("valkey")
        await until("valkey runs again", lambda: service.is_replaced("valkey", old))
        await until("ready again", service.is_ready, within_s=30)
    recorded = {call["id"] for call in await until("the calls are told again", service.calls)}
    assert set(calls) <= recorded


async def test_the_service_starts_again_with_everything(service: Service) -> None:
    """All three at once: a power cut of the machine, as far as processes can play one."""
    async with WsConsole(service) as console:
        call = await console.place_call("00001")
    before = events_of(service)
    old = {name: service.kill(name) for name in ("valkey", "signaling", "node")}
    for name, pid in old.items():
        await until(f"{name} runs again", partial(service.is_replaced, name, pid), within_s=30)
    await until("ready again", service.is_ready, within_s=40)
    assert (await until("the log is told again", lambda: events_of(service)))[: len(before)] == before
    assert [view["cause"] for view in service.calls() if view["id"] == call] == ["offline"]
