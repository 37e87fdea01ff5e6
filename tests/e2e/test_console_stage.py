"""The console's stage as an operator uses it: preview, programme, countdown, the incident; with the mouse and without it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page

from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.axe import assert_accessible
from tests.harness.browser import Browsers
from tests.harness.service import Service
from tests.harness.wait import until

pytestmark = [pytest.mark.browser, pytest.mark.service]

A, A_HZ, A_CODE = (40, 60, 200), 800, "26740"
DESK = (96, 84, 40)
ABSENT = "00004"
LONGEST_S = 10


async def frames(console: ConsolePage) -> dict[str, str]:
    """Which call stands in preview, what the programme shows, and the colours of the frames."""
    seen: dict[str, str] = await console.screen.evaluate(
        """() => ({
            preview: document.querySelector("#preview").dataset.call,
            programme: document.querySelector("#programme-caption").textContent,
            air: document.querySelector("#programme").dataset.air,
            green: getComputedStyle(document.querySelector(".frame-preview")).borderTopColor,
            red: getComputedStyle(document.querySelector(".frame-air")).borderTopColor,
        })"""
    )
    return seen


async def test_preview_countdown_and_programme(browsers: Browsers, module_service: Service) -> None:
    console = ConsolePage(await browsers.open("console", DESK, 330, size=(1366, 768)), module_service, "operator")
    point = PointPage(await browsers.open("A", A, A_HZ), module_service, A_CODE)
    await console.open()
    await point.join()
    page = console.screen.page
    card = await console.call(A_CODE)
    await point.answer()
    await console.state(card, "preview")
    await console.screen.sees("#preview-picture", A)
    before = await frames(console)
    assert (before["preview"], before["air"]) == (card.removeprefix("call-"), "no")
    assert before["green"] == "rgb(47, 179, 106)"
    assert before["red"] != "rgb(229, 56, 79)"

    # As long as the service lets one count: what is done meanwhile shall not come too late.
    await page.evaluate("(seconds) => document.querySelector('#take-delay').add(new Option(seconds, seconds))", str(LONGEST_S))
    await console.countdown(LONGEST_S)
    await console.command(card, "take")
    await page.wait_for_selector("#countdown")
    assert await page.get_attribute(f"#{card}", "data-state") == "preview", "not before the countdown has ended"
    await page.click(f"#transport [data-command=off_air][data-call={before['preview']}]")
    await page.wait_for_selector("#countdown", state="detached")
    assert await page.get_attribute(f"#{card}", "data-state") == "preview"

    await console.command(card, "take")
    await page.wait_for_selector("#countdown")
    await console.command(card, "take")
    await console.state(card, "on_air")
    *_, announced, taken = _trail(module_service)
    assert (announced["what"], taken["what"]) == ("air_announced", "on_air")
    assert taken["at"] - announced["at"] < LONGEST_S * 1000, "the second press did not wait for the countdown"
    await console.screen.sees(console.MAIN, A)
    during = await frames(console)
    assert during["air"] == "yes"
    assert during["red"] == "rgb(229, 56, 79)"
    assert during["preview"] == ""

    await console.countdown(3)
    await console.command(card, "off_air")
    await console.state(card, "preview")
    await console.command(card, "take")
    await console.state(card, "on_air")
    trail = [entry["what"] for entry in _trail(module_service)]
    assert trail.count("air_announced") == 3
    assert trail.count("air_cancelled") == 1
    assert trail.count("on_air") == 2

    await page.reload()
    await console.screen.page.wait_for_selector("#line[data-line=live]")
    await console.state(card, "on_air")
    assert await page.input_value("#take-delay") == "3", "the countdown is remembered"
    await console.command(card, "end_call")
    await page.wait_for_selector(f"#{card}", state="detached")
    await assert_accessible(console.screen)
    await console.screen.assert_quiet()


def _trail(service: Service) -> list[dict[str, Any]]:
    trail = service.calls()[0]["trail"]
    assert isinstance(trail, list)
    return trail


async def test_an_incident_is_told_copied_and_found_again(browsers: Browsers, module_service: Service) -> None:
    console = ConsolePage(await browsers.open("console", DESK, 330, size=(1366, 768)), module_service, "operator")
    point = PointPage(await browsers.open("A", A, A_HZ), module_service, A_CODE)
    await console.open()
    await point.join()
    page = console.screen.page
    await console.call(A_CODE)
    await point.decline("đang họp khẩn")
    await page.wait_for_selector(".card[data-state=failed]")
    await page.keyboard.press("Escape")
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("i")
    await page.wait_for_selector("#incident [data-what=failed]")
    told = await page.inner_text("#incident .evidence-main")
    assert "đang họp khẩn" in told
    assert await page.locator("#incident .happening[data-side=point]").count() >= 1
    await assert_accessible(console.screen)
    await page.evaluate(
        """() => {
            const writeText = async (text) => { window.copied = text };
            Object.defineProperty(navigator, "clipboard", { value: { writeText } });
        }"""
    )
    await page.click("#incident-copy")
    await page.wait_for_function("() => window.copied !== undefined")
    copied = await page.evaluate("() => window.copied")
    assert "đang họp khẩn" in copied
    assert "Trang xác nhận đổ chuông" in copied
    async with page.expect_download() as download:
        await page.click("#incident-report")
    assert (await download.value).suggested_filename == "diemcau-main.html"

    number = str(module_service.calls()[0]["id"])
    await page.keyboard.press("Escape")
    await page.wait_for_selector("#incident", state="detached")
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("i")
    await page.fill("#incident-search", number)
    await page.press("#incident-search", "Enter")
    await page.wait_for_selector(f"#incident .incident-call-head:has-text('{number}')")
    await page.fill("#incident-search", "c9999")
    await page.press("#incident-search", "Enter")
    await page.wait_for_selector("#incident .incident-told [role=alert]")


async def test_the_whole_call_by_keys_alone(browsers: Browsers, module_service: Service) -> None:
    console = ConsolePage(await browsers.open("console", DESK, 330, size=(1366, 768)), module_service, "operator")
    point = PointPage(await browsers.open("A", A, A_HZ), module_service, A_CODE)
    await console.open()
    await console.countdown(0)
    await point.join()
    page = console.screen.page
    keys = page.keyboard
    await page.evaluate("document.activeElement.blur()")

    await keys.press("/")
    await keys.type(A_CODE)
    await page.wait_for_selector(f"#point-{A_CODE}")
    assert await page.input_value("#search") == A_CODE, "letters and digits are typed, not obeyed"
    await keys.press("ArrowDown")
    await page.wait_for_selector("#transport [data-command=place_call]:not([disabled])")
    await keys.press("c")
    await point.answer()
    await page.wait_for_selector(".card[data-state=preview]")
    await keys.press("1")
    await keys.press("Shift+Enter")
    await page.wait_for_selector(".card[data-state=on_air]")
    await keys.press("x")
    await page.wait_for_selector(".card[data-state=preview]")
    await until("two Escapes end it", lambda: _escape_ends(page))
    await page.wait_for_selector(".card", state="detached")

    await page.evaluate("() => { const box = document.querySelector('#only-live'); if (box?.checked) box.click() }")
    await keys.press("/")
    await keys.press("Control+a")
    await keys.type(ABSENT)
    await page.wait_for_selector(f"#point-{ABSENT}")
    await keys.press("ArrowDown")
    await keys.press("c")

    await page.wait_for_selector("#preview-failed[data-cause=offline]")
    await keys.press("e")
    await until("others are tried", lambda: "escalation_started" in {event["type"] for event in module_service.event_log()})

    await keys.press("?")
    await page.wait_for_selector("dialog.help[open]")
    await page.click("#letters")
    await keys.press("Escape")
    await page.wait_for_selector("dialog.help", state="detached")
    await page.evaluate("document.activeElement.blur()")
    await keys.press("?")
    assert await page.locator("dialog.help").count() == 0, "single characters are off"


async def _escape_ends(page: Page) -> bool:
    """A first Escape asks, a second one ends the call; whoever is so slow that nothing is asked any more begins again."""
    asks = "#transport [data-command=end_call][data-armed=yes]"
    await page.keyboard.press("Escape")
    await page.wait_for_selector(asks)
    assert await page.locator(".card[data-state=preview]").count() == 1, "one Escape ends nothing"
    await page.keyboard.press("Escape")
    return await page.locator(asks).count() == 0


@pytest.mark.parametrize("size", [(1366, 768), (1366, 650), (1920, 1080), (3840, 2160)])
async def test_the_page_itself_never_scrolls(browsers: Browsers, module_service: Service, size: tuple[int, int]) -> None:
    console = ConsolePage(await browsers.open("console", DESK, 330, size=size), module_service, "operator")
    await console.open()
    await console.screen.is_painted()  # the panes are laid out after that
    fits = await console.screen.evaluate(
        """() => {
            const page = document.documentElement;
            const seen = (selector) => {
                const box = document.querySelector(selector).getBoundingClientRect();
                return box.top >= 0 && box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1 && box.height > 0;
            };
            return {
                scrolls: page.scrollHeight > innerHeight || page.scrollWidth > innerWidth,
                seen: ["#preview .frame", "#programme .frame", "#transport", ".queue-grid", "#help"]
                    .filter((each) => !seen(each)),
            };
        }"""
    )
    assert fits == {"scrolls": False, "seen": []}


async def test_one_pane_at_a_time_on_a_phone(browsers: Browsers, module_service: Service) -> None:
    console = ConsolePage(await browsers.open("console", DESK, 330, size=(390, 844)), module_service, "operator")
    await console.open()
    page = console.screen.page
    for pane in ("views", "boards", "stage"):
        await page.click(f".pane-button[data-pane={pane}]")
        shown = await page.evaluate("() => [...document.querySelectorAll('.pane')].filter((each) => each.offsetWidth > 0).length")
        assert shown == 1
        assert await page.is_visible(f".pane-{pane}")
        assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    await assert_accessible(console.screen)


async def test_panes_are_moved_by_key_and_stay_moved(browsers: Browsers, module_service: Service) -> None:
    console = ConsolePage(await browsers.open("console", DESK, 330, size=(1920, 1080)), module_service, "operator")
    await console.open()
    page = console.screen.page
    width = "() => document.querySelector('.pane-views').offsetWidth"
    await console.screen.is_painted()  # the panes are laid out after that
    before = await page.evaluate(width)
    await page.focus(".separator[data-side=left]")
    for _ in range(3):
        await page.keyboard.press("ArrowRight")
    await until("it is wider", lambda: _is_wider(console, before))
    after = await page.evaluate(width)
    await page.reload()
    await page.wait_for_selector("#line[data-line=live]")
    await console.screen.is_painted()
    assert abs(await page.evaluate(width) - after) <= 1
    await page.keyboard.press("m")
    await page.wait_for_selector(".console[data-wide=yes]")
    assert await page.is_visible("#transport"), "the stage stays in sight"


async def _is_wider(console: ConsolePage, before: int) -> bool:
    wider: bool = await console.screen.evaluate(f"() => document.querySelector('.pane-views').offsetWidth > {before + 50}")
    return wider
