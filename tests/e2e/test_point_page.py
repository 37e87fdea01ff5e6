"""The point's page before and between calls: the check, the first picture, cards, helps, stills, the keyboard alone."""

from __future__ import annotations

import json
import struct
import time
from typing import Any

import pytest
from playwright.async_api import Page, WebSocketRoute

from tests.e2e.pages import PointPage
from tests.harness.axe import assert_accessible
from tests.harness.browser import Browsers, Screen
from tests.harness.desks import WsConsole
from tests.harness.service import Service
from tests.harness.wait import stays, until
from tests.harness.webrtc import TestPublisher

pytestmark = [pytest.mark.browser, pytest.mark.service]

CENTER, CENTER_HZ = (200, 40, 40), 500
DESK, DESK_HZ = (40, 60, 200), 800
MOST_BYTES = 150_000

TRANSFERRED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter((entry) => !entry.name.includes("/api/"))
  .map((one) => ({ name: new URL(one.name).pathname, bytes: one.transferSize, start: one.startTime, end: one.responseEnd }))"""
NAMED = """() => [...document.querySelectorAll("head link[rel=modulepreload], script[src]")]
  .map((one) => new URL(one.href || one.src).pathname)"""
"""What the page itself asks for, before any script of it has come."""
FIRST_FRAME = """() => new Promise((done) => {
  const began = performance.now();
  document.querySelector("#join").click();
  const look = () => {
    const video = document.querySelector("#programme-main");
    if (video === null) return requestAnimationFrame(look);
    video.requestVideoFrameCallback(() => done(performance.now() - began));
  };
  look();
})"""


async def open_desk(browsers: Browsers, service: Service, code: str, **how: Any) -> PointPage:
    return PointPage(await browsers.open(code, DESK, DESK_HZ, **how), service, code)


async def test_the_check_says_in_words_what_works(browsers: Browsers, module_service: Service) -> None:
    desk = await open_desk(browsers, module_service, "26740")
    page = desk.screen.page
    await desk.open()
    for device in ("camera", "microphone"):
        await page.wait_for_selector(f"label[for=choose-{device}] .device-ok")
    await desk.screen.sees("#check-picture", DESK)
    await page.wait_for_selector("#level-heard[data-heard=yes]")
    await page.click("#line-test")
    await page.wait_for_selector("#line-check[data-verdict=both], #line-check[data-verdict=small]")
    assert await page.inner_text("#line-check strong") in {"Đủ cho cả hình và tiếng.", "Đủ cho hình nhỏ và tiếng."}
    assert not await page.is_checked("#choose-stills"), "nobody is filmed unasked"
    await assert_accessible(desk.screen)

    chosen = await page.evaluate("() => [...document.querySelector('#choose-camera').options].at(-1).value")
    await page.select_option("#choose-camera", chosen)
    await page.check("#choose-sound-only")
    await page.reload()
    await page.wait_for_selector("label[for=choose-camera] .device-ok")

    async def is_chosen() -> bool:
        return bool(await page.input_value("#choose-camera") == chosen)

    await until("the list of cameras came, and the same one is chosen", is_chosen)
    assert await page.is_checked("#choose-sound-only")

    await page.click("#join")
    await page.wait_for_selector("#quality[data-quality=sound_only_wish]")

    async def devices_are_off() -> bool:
        return await desk.screen.live_devices() == []

    await until("camera and microphone are off", devices_are_off)
    await assert_accessible(desk.screen)
    await desk.screen.assert_quiet()


async def test_the_page_is_light_and_asks_for_all_at_once(browsers: Browsers, module_service: Service) -> None:
    desk = await open_desk(browsers, module_service, "26743")
    await desk.open()
    await desk.screen.page.wait_for_selector("#join")
    await desk.screen.page.wait_for_load_state("networkidle")
    loaded: list[dict[str, Any]] = await desk.screen.evaluate(TRANSFERRED)
    total = sum(each["bytes"] for each in loaded)
    print(json.dumps({"bytes": total, "requests": len(loaded)}))
    assert 50_000 < total < MOST_BYTES + 300 * len(loaded), sorted(loaded, key=lambda each: -each["bytes"])[:10]
    scripts = [each for each in loaded if each["name"].endswith((".js", ".mjs"))]
    assert len(scripts) > 30
    named = set(await desk.screen.evaluate(NAMED))
    late = [each["name"] for each in scripts if each["name"] not in named]
    assert not late, "asked for only after another one had come"


async def test_one_press_brings_the_picture_by_one_line(browsers: Browsers, module_service: Service) -> None:
    """How soon is measured by ``tests.bench.first_picture``: here it is one press, one connection, one negotiation."""
    service = module_service
    async with TestPublisher(service, service.token("center"), CENTER, CENTER_HZ):
        desk = await open_desk(browsers, service, "27259")
        await desk.open()
        await desk.screen.page.wait_for_selector("label[for=choose-camera] .device-ok")
        assert await desk.screen.connections() == []
        took_ms = await desk.screen.evaluate(FIRST_FRAME)
        print(json.dumps({"first_picture_ms": round(took_ms)}))
        await desk.screen.sees(desk.MAIN, CENTER)
        made = await desk.screen.connections()
        assert [each["negotiations"] for each in made if each["state"] == "connected"] == [1] * len(made), (
            "nothing was tried twice"
        )
        await desk.screen.assert_quiet()


async def test_cards_lie_over_the_programme_and_wait_in_a_call(browsers: Browsers, service: Service) -> None:
    desk = await open_desk(browsers, service, "26740")
    page = desk.screen.page
    await desk.join()
    async with WsConsole(service, "center") as console:
        await console.command("start_roll_call", seconds=120)
        await page.wait_for_selector("#sheet[data-card=roll_call]")
        assert not await page.is_visible("#card-later"), "a question with a clock cannot be put aside"
        await page.wait_for_selector("#person-name:focus")
        assert await page.evaluate("() => document.querySelector('.page').inert")
        await assert_accessible(desk.screen)

        deadline = round(time.time() * 1000) + 86_400_000
        await console.command("issue_directive", title="Tám việc", text="Một\nHai", deadline=deadline, units=None)
        await page.wait_for_selector("text=Việc 1 / 2")

        await page.fill("#person-name", "Nguyễn Thị Lan")
        call = await console.place_call(desk.code)
        await desk.answer()
        await desk.tally("preview")
        await page.wait_for_selector("#waiting-bar")
        await page.wait_for_selector("#sheet", state="detached")  # nothing lies over the center's picture in a call
        await console.command("end_call", call=call)

        await page.wait_for_selector("#sheet[data-card=roll_call]")
        assert await page.input_value("#person-name") == "Nguyễn Thị Lan", "what was typed is still there"
        await page.wait_for_selector("#person-name:focus")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#roll-call[data-phase=confirmed]")
        await page.click("#roll-call button")
        await page.click("[data-directive] [data-command=read]")
        await page.wait_for_selector(".directive-text >> text=Hai")
        await assert_accessible(desk.screen)
        await page.click("#card-later")
        await page.wait_for_selector("#waiting-bar")
        await page.click("#cards-open")
        await page.click("[data-command=acknowledge]")
        await page.wait_for_selector("#sheet", state="detached")
        await page.wait_for_selector("#waiting-bar", state="detached")
    await desk.screen.assert_quiet()


async def test_the_helps_find_what_is_wrong_and_mend_it(browsers: Browsers, module_service: Service) -> None:
    service = module_service
    async with TestPublisher(service, service.token("center"), CENTER, CENTER_HZ):
        desk = await open_desk(browsers, service, "27265")
        page = desk.screen.page
        await desk.join()
        await desk.screen.sees(desk.MAIN, CENTER)
        await page.click("#mute")
        await page.click("#sound-only")
        await page.wait_for_selector("#quality[data-quality=sound_only_wish]")

        await page.click("#help")
        await page.click("[data-finding=help_sound_wish] button")
        await page.wait_for_selector("[data-finding=help_picture_comes]")
        await page.click("[data-topic=sound]")
        await page.wait_for_selector(".findings li.finding-bad:first-child")
        await page.click("[data-finding=help_volume_zero] button")
        await page.wait_for_selector("[data-finding=help_volume_good]")
        await page.click("[data-topic=line]")
        await page.wait_for_selector("[data-finding=help_udp]")
        await assert_accessible(desk.screen)
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#help:focus")  # back where it was opened
        await desk.screen.sees(desk.MAIN, CENTER)
        await desk.screen.hears(CENTER_HZ)
        await desk.screen.assert_quiet()


class Wire:
    """Between the page and the service: what the page sends, and what it hears besides."""

    def __init__(self) -> None:
        self.binary: list[bytes] = []
        self.stills: list[bool] = []
        self.changed: dict[str, Any] = {}
        self._air_at = 0
        self._page: WebSocketRoute | None = None

    async def between(self, screen: Screen) -> None:
        """Stand there from the next load on."""
        await screen.page.route_web_socket("**/ws", self._connect)

    def say(self, message: dict[str, Any]) -> None:
        """As the service would."""
        assert self._page is not None
        self._page.send(json.dumps(message))

    async def pass_time(self, page: Page, ms: int) -> None:
        """For the page alone. The service, for which none passes, ticks as if it did: silence would be a lost line."""
        self.say({"type": "tick", "at": await page.evaluate("() => Date.now()")})
        await page.clock.run_for(ms)

    def _connect(self, page: WebSocketRoute) -> None:
        self._page = page
        server = page.connect_to_server()

        def from_page(message: str | bytes) -> None:
            if isinstance(message, bytes):
                self.binary.append(message)
            elif json.loads(message)["type"] == "stills":
                self.stills.append(json.loads(message)["on"])
            else:
                server.send(message)

        def from_server(message: str | bytes) -> None:
            parsed = json.loads(message)
            if (call := parsed.get("call")) and call["state"] == "preview" and "air_in_ms" in self.changed:
                self._air_at = self._air_at or round(time.time() * 1000) + self.changed["air_in_ms"]
                call["air_at"] = self._air_at
            if "stage" in parsed and "recording" in self.changed:
                parsed["stage"]["recording"] = self.changed["recording"]
            page.send(json.dumps(parsed))

        page.on_message(from_page)
        server.on_message(from_server)


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height as its frame header says (ITU-T T.81 B.2.2)."""
    assert data[:2] == b"\xff\xd8"
    assert data[-2:] == b"\xff\xd9"
    at = 2
    while data[at + 1] not in {0xC0, 0xC1, 0xC2}:
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    height, width = struct.unpack(">HH", data[at + 5 : at + 9])
    return width, height


async def test_stills_are_sent_with_consent_only_and_not_in_a_call(browsers: Browsers, service: Service) -> None:
    desk = await open_desk(browsers, service, "26740")
    page, wire = desk.screen.page, Wire()
    await page.clock.install()
    await wire.between(desk.screen)
    await desk.join()

    async def ten_seconds() -> None:
        for _ in range(10):
            await wire.pass_time(page, 1_000)

    async def has_sent(count: int) -> bool:
        await wire.pass_time(page, 250)
        return len(wire.binary) >= count

    async def has_said(*wanted: bool) -> None:
        await until(f"the service was told {wanted}", lambda: tuple(wire.stills) == wanted)

    async def films() -> bool:
        assert await desk.screen.live_devices() == ["video"], "the camera, and no microphone"
        return True

    async def camera_is_off() -> bool:
        return await desk.screen.live_devices() == []

    await ten_seconds()
    assert (wire.binary, wire.stills) == ([], [])
    await until("the devices of the check are off", camera_is_off)

    await page.click("#check")
    await page.check("#choose-stills")
    await page.click("#panel-close")
    await page.wait_for_selector("#stills-note[data-stills=sending]")
    await has_said(True)
    await until("a still was sent", lambda: has_sent(1), within_s=60)
    (first,) = wire.binary
    assert jpeg_size(first) == (320, 180)
    assert len(first) <= 24 * 1024
    await until("the devices of the check are off again, the camera of the stills is on", films)
    await until("another one followed", lambda: has_sent(2), within_s=60)

    async with WsConsole(service, "center") as console:
        call = await console.place_call(desk.code)
        await page.wait_for_selector("#answer")
        await page.wait_for_selector("#stills-note[data-stills=waiting]", state="attached")
        await console.call_state(call, "delivered")  # by the way of the stills: what was sent before has come through
        sent = len(wire.binary)
        await desk.answer()
        await desk.tally("preview")
        await ten_seconds()
        assert len(wire.binary) == sent, "none in a call"
        await console.command("end_call", call=call)
    await page.wait_for_selector("#stills-note[data-stills=sending]")

    await page.click("#stills-stop")
    await page.wait_for_selector("#stills-note", state="detached")
    await has_said(True, False)

    await until("the camera is off", camera_is_off)

    await page.click("#check")
    await page.check("#choose-stills")
    await page.click("#panel-close")
    wire.say(
        {"type": "error", "id": None, "error": {"code": "bad_still", "message": {"vi": "x", "en": "x"}, "retry_after_s": None}}
    )
    await page.wait_for_selector("#stills-note[data-stills=refused]")
    await until("the camera is off", camera_is_off)


WATCH_COUNTDOWN = """
window.__counted = [];
new MutationObserver(() => {
  const digit = document.querySelector("#countdown")?.textContent;
  if (digit && digit !== window.__counted.at(-1)) window.__counted.push(digit);
}).observe(document, { childList: true, subtree: true, characterData: true });
"""
"""Each digit is shown for a second: a busy test would miss one."""


async def test_to_air_with_a_countdown_while_it_is_recorded(browsers: Browsers, service: Service) -> None:
    desk = await open_desk(browsers, service, "26740")
    page, wire = desk.screen.page, Wire()
    wire.changed = {"air_in_ms": 6_000, "recording": True}
    await wire.between(desk.screen)
    await page.add_init_script(WATCH_COUNTDOWN)
    async with TestPublisher(service, service.token("center"), CENTER, CENTER_HZ), WsConsole(service, "center") as console:
        await desk.join()
        await page.wait_for_selector("#recording")
        call = await console.place_call(desk.code)
        await desk.answer()
        await page.wait_for_selector("#tally[data-stage=countdown]")
        await page.wait_for_function("() => window.__counted.at(-1) === '1'")
        seen = [int(digit) for digit in await page.evaluate("() => window.__counted")]
        assert seen[-3:] == [3, 2, 1]
        assert seen == sorted(set(seen), reverse=True), "each digit once, downwards"
        await console.command("take", call=call)
        await desk.tally("on_air")
        await page.wait_for_selector(".page[data-tally=on_air] .elapsed")
        await desk.screen.sees(desk.MAIN, CENTER)
        await assert_accessible(desk.screen)


async def test_the_keyboard_alone(browsers: Browsers, service: Service) -> None:
    desk = await open_desk(browsers, service, "26740", locale="en-GB")
    page = desk.screen.page

    async def tab_to(element: str) -> None:
        await page.wait_for_selector(f"#{element}")
        for _ in range(40):
            if await page.evaluate("() => document.activeElement?.id ?? ''") == element:
                return
            await page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key never comes to #{element}")

    await desk.open()
    await page.wait_for_selector("#join")
    await tab_to("join")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#line[data-line=live]")
    await tab_to("floor-subject")
    await page.keyboard.type("Thiếu ô-xy y tế")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#next[data-next=next_first]")
    async with WsConsole(service, "center") as console:
        call = await console.place_call(desk.code)
        await page.wait_for_selector("#answer")
        await until("the one button has the focus", lambda: page.evaluate("() => document.activeElement?.id === 'answer'"))
        await page.keyboard.press("Enter")
        await desk.tally("preview")
        await console.command("take", call=call)
        await desk.tally("on_air")
        await tab_to("microphone")
        await page.keyboard.press("Space")
        await page.wait_for_selector("#microphone[aria-pressed=true]")
        await tab_to("hang-up")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await desk.over("hung_up")

    async def camera_stays_off() -> bool:
        return await desk.screen.live_devices() == []

    await until("the camera is off", camera_stays_off)
    await stays("the camera stays off", camera_stays_off, for_s=1)
