"""A point's page on duty: an hour of its own time, and ten seconds without the service."""

from __future__ import annotations

import json
import signal
from typing import Any

import psutil
import pytest
from playwright.async_api import WebSocketRoute

from tests.e2e.pages import PointPage
from tests.harness.browser import Browsers
from tests.harness.desks import WsConsole
from tests.harness.service import Service
from tests.harness.wait import until
from tests.harness.webrtc import TestPublisher

pytestmark = [pytest.mark.browser, pytest.mark.service]

CENTER, CENTER_HZ = (200, 40, 40), 500
DESK, DESK_HZ = (40, 60, 200), 800
A_CODE = "26740"
MINUTES = 60
TOKEN_MINUTES = 60

WATCH_LOCK = """() => {
  window.__lock = { asked: 0, sentinel: null };
  const ask = navigator.wakeLock?.request?.bind(navigator.wakeLock);
  if (ask) navigator.wakeLock.request = async (type) => {
    window.__lock.asked += 1;
    return (window.__lock.sentinel = await ask(type));
  };
}"""
LOCK = "() => ({ asked: window.__lock.asked, held: window.__lock.sentinel !== null && !window.__lock.sentinel.released })"


class Ticking:
    """Between the page and the service: ticks by the page's own clock, and a token that ends within the hour."""

    def __init__(self) -> None:
        self.opened = 0
        self._page: WebSocketRoute | None = None

    def connect(self, page: WebSocketRoute) -> None:
        """A connection of the page."""
        self.opened += 1
        self._page = page
        server = page.connect_to_server()

        def from_server(message: str | bytes) -> None:
            parsed = json.loads(message)
            if parsed["type"] == "welcome":
                parsed["token_expires_at"] = parsed["at"] + TOKEN_MINUTES * 60_000
            if parsed["type"] != "tick":
                page.send(json.dumps(parsed))

        page.on_message(server.send)
        server.on_message(from_server)

    def tick(self, at_ms: int) -> None:
        """As the service does every ten seconds."""
        if self._page is not None:
            self._page.send(json.dumps({"type": "tick", "at": at_ms}))


class Cut:
    """Between the page and the service: while it is cut nobody gets through, however soon the service is back."""

    def __init__(self) -> None:
        self.is_cut = False

    async def connect(self, page: WebSocketRoute) -> None:
        """A connection of the page."""
        if self.is_cut:
            await page.close()
        else:
            page.connect_to_server()


async def cost(desk: PointPage) -> dict[str, float]:
    """What the page takes now, rubbish collected: bytes of its heap, nodes, listeners."""
    session = await desk.screen.page.context.new_cdp_session(desk.screen.page)
    await session.send("HeapProfiler.collectGarbage")
    await session.send("Performance.enable")
    found = {each["name"]: each["value"] for each in (await session.send("Performance.getMetrics"))["metrics"]}
    await session.detach()
    return {name: found[name] for name in ("JSHeapUsedSize", "Nodes", "JSEventListeners")}


async def test_an_hour_on_duty(browsers: Browsers, service: Service) -> None:
    """Sixty minutes pass for the page, none for anybody else: it asks for nothing, grows by nothing, and rings at the end."""
    desk = PointPage(await browsers.open("desk", DESK, DESK_HZ), service, A_CODE)
    page = desk.screen.page
    await page.context.add_init_script(f"({WATCH_LOCK})()")
    await page.clock.install()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    wire = Ticking()
    await page.route_web_socket("**/ws", wire.connect)

    async def pass_time(minutes: int) -> None:
        """The service, for which no time passes, ticks every ten seconds of the page's."""
        for _ in range(minutes * 6):
            wire.tick(await page.evaluate("() => Date.now()"))
            await page.clock.run_for(10_000)
            await page.wait_for_selector("#line[data-line=live]")

    async with TestPublisher(service, service.token("center"), CENTER, CENTER_HZ), WsConsole(service, "center") as console:
        await desk.join()
        await desk.screen.sees(desk.MAIN, CENTER)
        lock = await desk.screen.evaluate(LOCK)
        assert lock["asked"] > 0, "the screen is kept on while it waits"
        has_lock = lock["held"]
        await pass_time(2)
        before = await cost(desk)
        asked, connections = len(requests), await desk.screen.connections()
        await pass_time(MINUTES)
        after = await cost(desk)
        news = requests[asked:]
        lock = await desk.screen.evaluate(LOCK)
        print(json.dumps({"before": before, "after": after, "requests": news, "sockets": wire.opened, "lock": lock}))
        assert news == [], "whoever is on duty asks for nothing"
        assert wire.opened == 2, "one line, made anew once, before its token ended"
        assert lock["held"] or not has_lock
        assert after["Nodes"] <= before["Nodes"] + 50
        assert after["JSEventListeners"] <= before["JSEventListeners"] + 10
        assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] * 1.2 + 500_000
        assert len(await desk.screen.connections()) == len(connections), "the programme was never joined anew"
        await page.wait_for_selector("#line[data-line=live]")
        await desk.screen.sees(desk.MAIN, CENTER)

        call = await console.place_call(A_CODE)
        await desk.answer()
        await console.call_state(call, "preview", "connected", within_s=20)
    await desk.screen.assert_quiet()


async def test_ten_seconds_without_the_service_and_back_to_the_same_seat(browsers: Browsers, service: Service) -> None:
    """The service's processes stand still for ten seconds in a call: the page says so, and comes back by itself."""
    desk = PointPage(await browsers.open("desk", DESK, DESK_HZ), service, A_CODE)
    page = desk.screen.page
    async with WsConsole(service, "center") as console:
        await desk.join()
        call = await console.place_call(A_CODE)
        await desk.answer()
        await desk.tally("preview")

    stopped = [service.child(name) for name in ("signaling", "node")]
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    try:
        await page.wait_for_timeout(10_000)
    finally:
        for process in stopped:
            process.send_signal(signal.SIGCONT)

    await page.wait_for_selector("#line[data-line=live]", timeout=40_000)

    async def goes_on() -> bool:
        (view,) = service.calls()
        assert view["id"] == call
        assert view["state"] in {"preview", "connected"}, view
        return bool(view["interrupted_at"] is None)

    await until("the same call goes on", goes_on, within_s=30)
    await desk.tally("preview", within_s=30)
    await page.wait_for_selector("#own-picture")
    assert all(psutil.pid_exists(process.pid) for process in stopped), "nobody was started anew"


async def test_a_lost_line_says_so_and_returns_to_its_seat(browsers: Browsers, service: Service) -> None:
    """The signaling process ends and another takes over: the desk is the same, without a hand."""
    desk = PointPage(await browsers.open("desk", DESK, DESK_HZ), service, A_CODE)
    page, wire = desk.screen.page, Cut()
    await page.route_web_socket("**/ws", wire.connect)
    async with TestPublisher(service, service.token("center"), CENTER, CENTER_HZ):
        await desk.join()
        await desk.screen.sees(desk.MAIN, CENTER)
        peers: dict[str, Any] = await desk.screen.evaluate("() => window.diemcau.peerNames")
        wire.is_cut = True
        old = service.kill("signaling")
        await page.wait_for_selector("#next[data-next=next_offline]", timeout=10_000)
        await page.click("#help")
        await page.wait_for_selector("#panel-help [data-topic=line][aria-pressed=true]")
        wire.is_cut = False
        await until("it runs again", lambda: service.is_replaced("signaling", old))
        await page.wait_for_selector("[data-finding^=help_line_up]", timeout=30_000)
        await page.keyboard.press("Escape")
        assert await desk.screen.evaluate("() => window.diemcau.peerNames") == peers, "the picture was never interrupted"
        await desk.screen.sees(desk.MAIN, CENTER)
