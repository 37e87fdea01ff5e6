"""kill -9 of each process in the middle of a call on air: the pictures come back by themselves and nothing is forgotten."""

import asyncio
from functools import partial
from typing import Any

import pytest

from tests.e2e.on_air import CENTER, SPEAKER, is_moving, open_on_air
from tests.harness.browser import Browsers
from tests.harness.desks import WsConsole
from tests.harness.service import Service
from tests.harness.wait import until

pytestmark = [pytest.mark.browser, pytest.mark.service]

BACK_S = 60
"""When it comes back at all. How soon is measured by ``tests.bench.kills``."""


def events_of(service: Service) -> list[dict[str, Any]]:
    return service.event_log()


@pytest.mark.parametrize("victim", ["node", "signaling", "valkey"])
async def test_kill(victim: str, service: Service, browsers: Browsers) -> None:
    meeting = await open_on_air(browsers, service)
    center, speaker, watcher, card = meeting.center, meeting.speaker, meeting.watcher, meeting.card
    log_before = events_of(service)
    negotiated = {screen.name: len(await screen.connections()) for screen in browsers.screens}

    old = service.kill(victim)
    await until(f"{victim} runs again", lambda: service.is_replaced(victim, old))
    await watcher.screen.sees(watcher.MAIN, SPEAKER, within_s=BACK_S)
    await is_moving(watcher.screen, BACK_S)
    await speaker.screen.sees(speaker.MAIN, CENTER, within_s=BACK_S)
    await is_moving(speaker.screen, BACK_S)

    await until("ready again", service.is_ready, within_s=BACK_S)
    log_after = await until("the log is told again", lambda: events_of(service))  # ready may be said by who has not noticed yet
    assert log_after[: len(log_before)] == log_before, "acknowledged events are still there, in their order"
    (call,) = await until("the calls are told again", service.calls)
    assert call["state"] == "on_air", call
    await speaker.tally("on_air")

    # And it goes on from there: the same pages carry out the next commands.
    await center.screen.page.wait_for_selector("#line[data-line=live]", timeout=BACK_S * 1000)
    await center.command(card, "off_air")
    await watcher.screen.sees(watcher.MAIN, CENTER)
    await center.command(card, "end_call")
    await center.screen.page.wait_for_selector(f"#{card}", state="detached")

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
        await until("ready again", service.is_ready, within_s=BACK_S)
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
