"""The console's boards in a real browser: tabs by keys, a roll call down to its missing points, a ladder, a draw, the floor."""

import asyncio
import json
import time
import urllib.request

import pytest

from tests.e2e.pages import ConsolePage
from tests.harness.axe import assert_accessible
from tests.harness.browser import Browsers
from tests.harness.desks import GOOD_REPORT, WsPoint
from tests.harness.service import Service

pytestmark = [pytest.mark.service, pytest.mark.browser]

PRESENT, SILENT, OFFLINE = "26740", "26743", "26746"
DISTRICT = "773"
TABS = ("record", "floor", "rollcall", "directives", "draw", "roster", "proposals", "agenda")


def put_roster(service: Service, point: str) -> None:
    """A shift that is under way, with one telephone."""
    now = time.time_ns() // 1_000_000
    contact = {"name": "Nguyễn Thị Lan", "function": "Phó Chủ tịch", "kind": "phone", "target": "0901 234 567"}
    body = {"shifts": [{"start": now - 3_600_000, "end": now + 3_600_000, "contacts": [contact]}]}
    request = urllib.request.Request(
        f"{service.base_url}/api/rosters/{point}",
        method="PUT",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {service.token('center')}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200


async def test_tabs_by_keys_are_remembered_and_accessible(module_service: Service, browsers: Browsers) -> None:
    console = ConsolePage(await browsers.open("console", (60, 60, 60), 440), module_service)
    await console.open()
    page = console.screen.page
    await console.board("record")
    for name in TABS:
        await page.wait_for_selector(f"#tab-{name}[aria-selected=true][tabindex='0']")
        assert await page.evaluate("document.querySelectorAll('[role=tab][id^=tab-][tabindex=\"0\"]').length") == 1
        await assert_accessible(console.screen, ".boards")
        await page.press(f"#tab-{name}", "ArrowRight")
    await page.wait_for_selector("#tab-record[aria-selected=true]")
    await page.press("#tab-record", "End")
    await page.reload()
    await page.wait_for_selector("#tab-agenda[aria-selected=true]")


async def test_a_roll_call_down_to_the_missing_points(module_service: Service, browsers: Browsers) -> None:
    service = module_service
    console = ConsolePage(await browsers.open("console", (60, 60, 60), 440), service)
    await console.open()
    page = console.screen.page
    async with WsPoint(service, PRESENT) as present, WsPoint(service, SILENT) as silent:
        # It is started over a district that is found by its name without diacritics.
        await console.board("rollcall")
        await page.fill("#roll-call-unit", "quan 4")
        await page.click(f".unit-choices [data-unit='{DISTRICT}']")
        await page.fill("#roll-call-seconds", "600")
        await page.click("#roll-call-start")
        asked = (await present.message("roll_call"))["roll_call"]
        await silent.message("roll_call")
        await page.wait_for_selector("#board[data-state=asking]")
        await present.send({"type": "present", "roll_call": asked["id"], "name": "Lan", "function": "", "report": GOOD_REPORT})
        await page.wait_for_selector("[data-status=present] .census-count:text-is('1')")
        await page.wait_for_selector("[data-status=no_answer] .census-count:text-is('1')")

        # A counter is a filter of all points; pressed again it is none.
        await page.click(".census-counter[data-status=no_answer]")
        await page.wait_for_selector(".census-counter[data-status=no_answer][aria-pressed=true]")
        await page.wait_for_selector("#named-points")
        await page.wait_for_selector("#board-filter:has-text('1')")
        await page.click(".census-counter[data-status=no_answer]")
        await page.wait_for_selector("#board-filter", state="detached")

        # Units with most missing come first, and open down to the points; the way back is above them.
        missing = await page.eval_on_selector_all(".census-unit", "(rows) => rows.map((row) => Number(row.dataset.missing))")
        assert missing == sorted(missing, reverse=True)
        await page.click(f".census-unit[data-unit='{SILENT}'] button")
        await page.wait_for_selector(f".census[data-unit='{SILENT}'] [data-point='{SILENT}']")
        await page.click("[data-command=whole]")
        await page.wait_for_selector(".census[data-unit='']")

        # The missing are called in turn, those that can be reached first.
        await console.twice("#call-missing")
        assert await silent.ring()
        await console.twice("#roll-call-close")
        await page.wait_for_selector("#board[data-state=closed]")
        await console.board("agenda")
        await page.click("#agenda [data-command=stop_call_list]")
        await page.wait_for_selector("#agenda [data-list]", state="detached")


async def test_a_ladder_stays_in_sight_with_its_number(module_service: Service, browsers: Browsers) -> None:
    service = module_service
    await asyncio.to_thread(put_roster, service, OFFLINE)
    console = ConsolePage(await browsers.open("console", (60, 60, 60), 440), service)
    await console.open()
    page = console.screen.page
    await console.board("record")
    await page.fill("#search", OFFLINE)
    await page.uncheck("#only-live")
    await page.click(f"#point-{OFFLINE}")
    await page.click("#call")
    await page.click("#matter #escalate")
    await page.wait_for_selector("#ladder[data-state=running] a.ladder-number[href='tel:0901234567']")
    await console.board("proposals")
    await page.click(".board-dock .docked:has-text('0901 234 567')")
    await page.wait_for_selector("#roster .ladder[data-state=running]")
    await page.wait_for_selector(f"#duty[data-point='{OFFLINE}'] [data-confirmed=no]")
    await assert_accessible(console.screen, ".boards")
    await page.fill("#roster .ladder input", "không ai nhấc máy")
    await page.click("#roster .ladder [data-outcome=no_answer]")
    await page.wait_for_selector("#roster .ladder-steps li[data-step='0'][data-state=failed]:has-text('không ai nhấc máy')")
    await console.twice("#roster [data-command=stop_escalation]")
    await page.wait_for_selector("#roster .ladder[data-state=running]", state="detached")


async def test_a_draw_says_why_not_and_keeps_what_was_typed(module_service: Service, browsers: Browsers) -> None:
    console = ConsolePage(await browsers.open("console", (60, 60, 60), 440), module_service)
    await console.open()
    page = console.screen.page
    await console.board("draw")
    await page.fill("#draw-filter", "ca mới >")
    await page.click("#draw-go")
    await page.wait_for_selector("#draw-failure")
    assert await page.input_value("#draw-filter") == "ca mới >"
    await page.fill("#draw-filter", "")
    await page.select_option("#draw-only", "all")
    await page.fill("#draw-count", "7")
    await page.click("#draw-go")
    await page.wait_for_selector("#drawn li >> nth=6")
    await page.click(".draw-proof summary")
    assert len(await page.inner_text("#draw-seed")) == 32


async def test_the_queue_to_speak_by_keys(module_service: Service, browsers: Browsers) -> None:
    service = module_service
    console = ConsolePage(await browsers.open("console", (60, 60, 60), 440), service)
    await console.open()
    page = console.screen.page
    await console.board("floor")
    async with WsPoint(service, PRESENT) as first, WsPoint(service, SILENT) as second:
        for point in (first, second):
            await point.send({"type": "ask_floor", "subject": "Thiếu ô-xy"})
            await page.wait_for_selector(f".floor-queue li[data-point='{point.code}']")
        await page.focus(f".floor-queue li[data-point='{PRESENT}'] button")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Delete")
        await page.wait_for_selector(f".floor-queue li[data-point='{SILENT}']", state="detached")
        await page.wait_for_selector("#tab-floor .board-tab-count:text-is('1')")
        await first.send({"type": "withdraw_floor"})
        await page.wait_for_selector("#floor .board-nothing")
