"""Cards, helps and talkback without a mouse; the rest of a call by keys is in the tests of the point's page and of the stage."""

from __future__ import annotations

import time

import pytest

from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import Browsers, Screen
from tests.harness.desks import WsConsole
from tests.harness.service import Service
from tests.harness.wait import until

pytestmark = [pytest.mark.browser, pytest.mark.service]

DESK, DESK_HZ = (40, 60, 200), 800
CODE = "26740"
TABS = 40


async def tab_to(screen: Screen, selector: str) -> None:
    """Presses Tab until what the selector finds has the focus, and sees to it that one sees so."""
    for _ in range(TABS):
        if await screen.evaluate("(selector) => document.activeElement?.matches(selector) ?? false", selector):
            assert await screen.evaluate("() => document.activeElement.matches(':focus-visible')")
            return
        await screen.page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never comes to {selector}")


async def test_cards_and_helps_with_tab_and_enter(browsers: Browsers, module_service: Service) -> None:
    desk = PointPage(await browsers.open("desk", DESK, DESK_HZ), module_service, CODE)
    screen, page, keys = desk.screen, desk.screen.page, desk.screen.page.keyboard
    await desk.open()
    await page.wait_for_selector("#join")
    await tab_to(screen, "#join")
    await keys.press("Enter")
    await page.wait_for_selector("#line[data-line=live]")
    async with WsConsole(module_service, "center") as console:
        roll_call = (await console.command("start_roll_call", seconds=600))["roll_call"]
        await page.wait_for_selector("#sheet[data-card=roll_call]")
        await page.wait_for_selector("#person-name:focus")  # what is typed before belongs to nothing
        await keys.type("Nguyễn Thị Lan")
        await tab_to(screen, "#present")
        await keys.press("Enter")
        await page.wait_for_selector("#roll-call[data-phase=confirmed]")
        await tab_to(screen, "#roll-call button")
        await keys.press("Enter")
        await page.wait_for_selector("#sheet", state="detached")

        deadline = round(time.time() * 1000) + 86_400_000
        await console.command("issue_directive", title="Tám việc", text="Một\nHai", deadline=deadline, units=None)
        await page.wait_for_selector("#sheet[data-card=directive] button:focus")
        await keys.press("Enter")
        await page.wait_for_selector(".directive-text")
        await tab_to(screen, "[data-command=acknowledge]")
        await keys.press("Enter")
        await page.wait_for_selector("#sheet", state="detached")
        await console.command("close_roll_call", roll_call=roll_call)

    await tab_to(screen, "#help")
    await keys.press("Enter")
    await tab_to(screen, "[data-topic=sound]")
    await keys.press("Enter")
    await page.wait_for_selector("[data-topic=sound][aria-pressed=true]")
    await tab_to(screen, "#panel-close")
    await keys.press("Enter")
    await page.wait_for_selector("#panel-help", state="detached")
    await until("back where it was opened", lambda: page.evaluate("() => document.activeElement?.id === 'help'"))
    await screen.assert_quiet()


async def test_the_console_talks_to_one_point_by_its_key(browsers: Browsers, module_service: Service) -> None:
    console = ConsolePage(await browsers.open("console", DESK, DESK_HZ, size=(1366, 768)), module_service)
    desk = PointPage(await browsers.open("desk", DESK, DESK_HZ), module_service, CODE)
    page, keys = console.screen.page, console.screen.page.keyboard
    await console.open()
    await console.start_center()
    await desk.join()
    await desk.put_aside()
    card = await console.call(CODE)
    await desk.answer()
    await console.state(card, "preview", within_s=30)
    await page.evaluate("document.activeElement.blur()")
    await keys.press("1")
    await keys.down("t")
    await page.wait_for_selector(".talkback[data-talk=on]")
    await keys.up("t")
    await page.wait_for_selector(".talkback[data-talk=idle]")
    await console.countdown(0)
    await page.evaluate("document.activeElement.blur()")
    await keys.press("Shift+Enter")
    await console.state(card, "on_air")
    await keys.press("x")
    await console.state(card, "preview")
