"""Every page in its states, in both languages, on a telephone, a laptop and a wall: accessible, and nothing cut off.

What axe-core calls serious, what is wider than the screen, words that do not fit their button, a focus that cannot be seen: each
is a failure with its page, state, language and size, and all of them are told at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.pages import CenterPage, ConsolePage, PointPage
from tests.e2e.test_admin import go_to
from tests.e2e.test_login import account
from tests.harness.axe import assert_accessible
from tests.harness.browser import Browsers, Screen
from tests.harness.crowd import SILENT, Crowd
from tests.harness.desks import WsConsole
from tests.harness.layout import misfits, unseen_focus
from tests.harness.nation import nation
from tests.harness.service import Service, start_service

pytestmark = [pytest.mark.browser, pytest.mark.service]

POINT, DISTRICT = "26740", "773"
PHONE, LAPTOP, WALL = (360, 740), (1366, 768), (3840, 2160)
SIZES = (PHONE, WALL, LAPTOP)
"""The laptop last: there the pages are worked with."""
ASKED = (("vi", PHONE), ("vi", WALL), ("en", LAPTOP))
"""Where axe-core, by far the slowest of the jury, is asked: each size and each language."""
BLUE, BLUE_HZ = (40, 60, 200), 800
PASSWORD = "mật khẩu của trung tâm"
SECTIONS = (
    "units", "rosters", "indicators", "sessions", "reports", "accounts", "audit", "units/773", f"units/point/{POINT}",
    f"rosters/point/{POINT}", "rosters/import", "accounts/new", "sessions/new", "reports/session/main",
)  # fmt: skip
BOARDS = ("record", "floor", "rollcall", "directives", "draw", "roster", "proposals", "agenda")
PICTURES = os.environ.get("ACCESSIBLE_PICTURES")
"""A folder for pictures of every state, for those who want to look for themselves."""

_SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))))"

_SWITCH = "() => document.querySelector('button[lang]').click()"
"""The button may lie under a dialog, where no hand reaches it."""


@pytest.fixture(scope="module")
def module_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Its calls ring for as long as the jury looks at them."""
    with start_service(tmp_path_factory.mktemp("service"), {"CALLS__ANSWER_TIMEOUT_S": "600"}) as running:
        yield running


class Jury:
    """Looks at pages and keeps what it finds until the verdict."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.looked = 0

    async def look(
        self, screen: Screen, where: str, *, bilingual: bool = True, pane: str = "", within: str | None = None
    ) -> None:
        """At every size, in both languages unless the page has both at once; axe-core once for every size and language.

        Args:
            screen: the page.
            where: which state it is in, for the verdict.
            bilingual: whether it is in one language at a time.
            pane: the console's pane that a telephone shows alone.
            within: the element that axe-core looks at, where the rest has been looked at before.
        """
        await screen.page.bring_to_front()  # a page behind another is painted once a second
        if pane:
            await screen.evaluate("(pane) => document.querySelector(`.pane-button[data-pane=${pane}]`).click()", pane)
        for language in ("vi", "en") if bilingual else ("vi",):
            for width, height in SIZES:
                await screen.page.set_viewport_size({"width": width, "height": height})
                await screen.evaluate(_SETTLED)
                place = f"{where}, {language}, {width}×{height}"
                self.found += [f"{place}: {each}" for each in await misfits(screen)]
                if (language, (width, height)) in ASKED or not bilingual:
                    try:
                        await assert_accessible(screen, within)
                    except AssertionError as error:
                        self.found.append(f"{place}: {error}")
                if PICTURES:
                    name = f"{where}-{language}-{width}.png".replace("/", "_").replace(" ", "_")
                    await screen.page.screenshot(path=Path(PICTURES) / name)
                self.looked += 1
            if bilingual:
                await self._switch(screen, "en" if language == "vi" else "vi")
        self.found += [f"{where}: the focus is not seen on {each}" for each in await unseen_focus(screen)]

    def verdict(self) -> None:
        """Fails with everything that was found."""
        assert self.looked > 0
        assert not self.found, f"{len(self.found)} findings:\n" + "\n".join(dict.fromkeys(self.found))

    async def _switch(self, screen: Screen, to: str) -> None:
        """As somebody who presses the button."""
        await screen.evaluate(_SWITCH)
        await screen.page.wait_for_function("(language) => document.documentElement.lang === language", arg=to)


async def another(screen: Screen, name: str) -> Screen:
    """One more page in the same browser."""
    return Screen(screen.browser, await screen.page.context.new_page(), name)


async def test_the_way_in_administration_and_recordings(browsers: Browsers, module_service: Service) -> None:
    service, jury = module_service, Jury()
    words = ("add", "minh", "--role", "center", "--scope", "VN", "--display-name", "Nguyễn Văn Minh", "--password-stdin")
    await asyncio.to_thread(account, service, *words, typed=PASSWORD + "\n")
    screen = await browsers.open("desk", BLUE, BLUE_HZ, size=LAPTOP)
    page = screen.page
    await screen.goto(f"{service.base_url}/")
    await jury.look(screen, "landing", bilingual=False)
    await screen.goto(f"{service.base_url}/console")
    await page.wait_for_url("**/login")
    await page.wait_for_selector("#enter")
    await jury.look(screen, "login", bilingual=False)
    await screen.goto(f"{service.base_url}/admin#/units")
    await page.wait_for_url("**/login#next=*")
    await page.fill("#name", "minh")
    await page.fill("#password", "không đúng mật khẩu")
    await page.click("#enter button")
    await page.wait_for_selector("#message:not(:empty)")
    await jury.look(screen, "login refused", bilingual=False)
    await page.fill("#password", PASSWORD)
    await page.click("#enter button")
    await page.wait_for_selector("#title")
    for place in SECTIONS:
        await go_to(page, place)
        await jury.look(screen, f"admin {place}")
    await screen.goto(f"{service.base_url}/login")
    await page.wait_for_selector("#inside:not([hidden])")
    await jury.look(screen, "login inside", bilingual=False)
    async with WsConsole(service, "center") as console:
        await screen.goto(f"{service.base_url}/recordings")
        await page.wait_for_selector("#session")
        await jury.look(screen, "recordings none")
        center = CenterPage(await another(screen, "center"), service)
        await center.open()
        await center.start()
        await console.command("start_recording")
        await page.wait_for_selector("#parts-programme button", timeout=30_000)
        await page.click("#parts-programme button")
        await jury.look(screen, "recordings one")
        await console.command("stop_recording")
    jury.verdict()


async def test_a_point_in_all_its_states(browsers: Browsers, module_service: Service) -> None:
    service, jury = module_service, Jury()
    desk = PointPage(await browsers.open("desk", BLUE, BLUE_HZ, size=LAPTOP), service, POINT)
    screen, page = desk.screen, desk.screen.page
    await screen.goto(f"{service.base_url}/p/{POINT}")
    await page.wait_for_selector("h1")
    await jury.look(screen, "point without its secret", bilingual=False)
    await screen.goto("about:blank")
    await desk.open()
    await page.wait_for_selector("label[for=choose-camera] .device-ok")
    await jury.look(screen, "point check")
    await page.click("#join")
    await page.wait_for_selector("#line[data-line=live]")
    await jury.look(screen, "point waiting")
    await page.click("#help")
    for topic in ("picture", "sound", "line"):
        await page.click(f"[data-topic={topic}]")
        await jury.look(screen, f"point help {topic}")
    await page.click("#panel-close")
    await page.click("#check")
    await jury.look(screen, "point check again")
    await page.click("#panel-close")
    center = CenterPage(await another(screen, "center"), service)
    async with WsConsole(service, "center") as console:
        await center.open()
        await jury.look(center.screen, "center idle")
        await center.start()
        roll_call = (await console.command("start_roll_call", seconds=600))["roll_call"]
        await page.wait_for_selector("#sheet[data-card=roll_call]")
        await jury.look(screen, "point roll call")
        await page.fill("#person-name", "Nguyễn Thị Lan")
        await page.press("#person-name", "Enter")
        await page.wait_for_selector("#roll-call[data-phase=confirmed]")
        await jury.look(screen, "point roll call answered")
        await page.evaluate("() => document.querySelector('#roll-call button')?.click()")  # it goes by itself after a while
        deadline = round(time.time() * 1000) + 86_400_000
        text = "Một: rà soát toàn bộ chốt kiểm soát.\nHai: bảo đảm lương thực đến từng hộ trong khu phong tỏa."
        await console.command("issue_directive", title="Tám việc phải làm ngay", text=text, deadline=deadline, units=None)
        await page.wait_for_selector("[data-directive]")
        await jury.look(screen, "point directive")
        await desk.put_aside()
        await page.wait_for_selector("#waiting-bar")
        await jury.look(screen, "point card put aside")
        call = await console.place_call(POINT)
        await page.wait_for_selector("#answer")
        await center.tally("calling")
        await jury.look(screen, "point ring")
        await jury.look(center.screen, "center calling")
        await desk.answer()
        await desk.tally("preview")
        await jury.look(screen, "point preview")
        await console.command("take", call=call)
        await desk.tally("on_air")
        await center.tally("on_air")
        await jury.look(screen, "point on air")
        await jury.look(center.screen, "center on air")
        await console.command("end_call", call=call)
        await desk.over("ended")
        await jury.look(screen, "point over")
        await console.command("close_roll_call", roll_call=roll_call)
    jury.verdict()


async def test_the_console_in_all_its_states(browsers: Browsers, module_service: Service) -> None:
    service, jury = module_service, Jury()
    below = [point.code for point in nation().points if DISTRICT in {unit.code for unit in nation().path(point.unit)}]
    console = ConsolePage(await browsers.open("console", BLUE, BLUE_HZ, size=LAPTOP), service)
    screen, page = console.screen, console.screen.page
    async with Crowd(service) as crowd, WsConsole(service, "center") as other:
        await crowd.join(below, SILENT, within_s=60)
        await other.command("start_roll_call", seconds=600)
        crowd[below[0]].say("ask_floor", subject="Thiếu ô-xy y tế ở khu cách ly tập trung của phường")
        deadline = round(time.time() * 1000) + 86_400_000
        await other.command("issue_directive", title="Tám việc phải làm ngay", text="Một\nHai", deadline=deadline, units=None)
        await other.command("set_agenda", items=[{"point": below[1], "subject": "Tình hình oxy", "seconds": 180}])
        await console.open()
        await console.start_center()
        await page.fill("#search", below[2])
        await page.click(f"#point-{below[2]}")
        await page.click("#call")
        await page.wait_for_selector(".card[data-state]")
        await page.fill("#search", "")
        await page.wait_for_selector("#preview-failed")
        await jury.look(screen, "console stage", pane="stage")
        for view in ("list", "map", "wall"):
            await page.click(f"#view-{view}")
            await jury.look(screen, f"console {view}", pane="views")
        await page.click("#view-list")
        for board in BOARDS:
            await console.board(board)
            await jury.look(screen, f"console {board}", pane="boards", within=".boards")
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("?")
        await page.wait_for_selector("dialog.help[open]")
        await jury.look(screen, "console help", within="dialog[open]")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("dialog", state="detached")
        await page.click("#session-more")
        await page.wait_for_selector("#sessions[open]")
        await jury.look(screen, "console sessions", within="dialog[open]")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("dialog", state="detached")
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("i")
        await page.wait_for_selector("#incident[open]")
        await jury.look(screen, "console incident", within="dialog[open]")
    print(json.dumps({"looked": jury.looked}))
    jury.verdict()
