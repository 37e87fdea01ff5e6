"""The console's three views of one selection, in a real browser: what the map leads to the list has, and the wall draws."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.pages import ConsolePage
from tests.e2e.test_indicators import import_file
from tests.harness.axe import assert_accessible
from tests.harness.browser import Browsers, Screen
from tests.harness.crowd import SILENT, Crowd
from tests.harness.crowd_console import CrowdConsole
from tests.harness.fake_stills import BLACK, FakeStills
from tests.harness.nation import nation
from tests.harness.service import Service
from tests.harness.wait import stays, until
from tests.harness.webrtc import is_near

pytestmark = [pytest.mark.browser, pytest.mark.service]

HCMC, DISTRICT_4 = "79", "773"


def codes_below(unit: str) -> list[str]:
    """The points of a unit and of everything below it."""
    return [point.code for point in nation().points if unit in {above.code for above in nation().path(point.unit)}]


ROUNDS_ASKED_AT = """() => performance.getEntriesByType("resource")
    .filter(({ name }) => name.includes("/stills?") && name.includes("size=small") && !name.includes("after=0&"))
    .map(({ startTime }) => startTime)"""
"""When the page asked for what is new on the wall, by its own clock: when a test sees a round does not say when it was."""

CAST = [*codes_below(DISTRICT_4), *codes_below("001"), *codes_below("886")]
"""A district each of Hồ Chí Minh City, Hà Nội and An Giang."""


@pytest.fixture
async def crowd(service: Service) -> AsyncIterator[Crowd]:
    async with Crowd(service) as points:
        await points.join(CAST, SILENT, within_s=60)
        yield points


async def open_console(browsers: Browsers, service: Service, size: tuple[int, int] = (1366, 768)) -> Screen:
    screen = await browsers.open("console", (30, 60, 160), 500, size=size)
    await stills_of(service, []).serve(screen.page)
    await ConsolePage(screen, service, "operator").open()
    return screen


def stills_of(service: Service, codes: list[str]) -> FakeStills:
    """Stills of these points; none of others."""
    status, text = service.get("/api/directory", service.token("operator"), timeout_s=20)
    assert status == 200
    return FakeStills([nation().index_of(code) for code in codes], nation().index_of, json.loads(text)["version"])


async def shows(screen: Screen, selector: str, text: str) -> None:
    """Waits until an element's text has `text` in it."""

    async def has() -> bool:
        assert text in (await screen.page.text_content(selector) or "")
        return True

    await until(f"{selector} says {text}", has)


async def tile(screen: Screen, unit: str) -> str:
    """What a screen reader says of a tile."""
    return await screen.page.text_content(f"[data-tile='{unit}']:not(.tile-island) .tile-words") or ""


async def test_map_and_list_show_one_selection(browsers: Browsers, service: Service, crowd: Crowd) -> None:
    screen = await open_console(browsers, service)
    page = screen.page
    await shows(screen, "#found", str(len(CAST)))
    await page.click("#view-map")
    await page.wait_for_selector("#map[data-grid=country]")
    assert await page.locator("#map .tile").count() == 63 + 2, "the provinces, Hoàng Sa and Trường Sa"
    ours, all_of_it = len(codes_below(DISTRICT_4)), len(codes_below(HCMC))
    said = f"Thành phố Hồ Chí Minh: {ours} trên {all_of_it} điểm"
    await until("the tile has the counts", lambda: _is_true(lambda: tile(screen, HCMC), lambda words: words == said))
    await assert_accessible(screen)

    await page.click(f"[data-tile='{HCMC}']")
    await shows(screen, "#found", str(ours))
    await page.click(f"[data-tile='{DISTRICT_4}']")
    await shows(screen, ".unit-path", "Quận 4")
    ward = next(code for code in codes_below(DISTRICT_4) if code != DISTRICT_4)
    await page.click(f"[data-tile='{ward}']")
    await page.wait_for_selector(f".chosen[data-point='{ward}']")
    await page.wait_for_selector(f"[data-tile='{ward}'][aria-pressed=true]")

    await page.click("#view-list")
    await page.wait_for_selector(f"#point-{ward}[aria-selected=true]")
    assert await page.locator(".point-row").first.get_attribute("aria-setsize") == str(ours)
    crowd.drop([ward])
    await shows(screen, "#found", str(ours - 1))
    await page.click("#clear-selection")
    await shows(screen, "#found", str(len(CAST) - 1))
    await screen.assert_quiet()


async def test_the_map_by_keyboard_alone(browsers: Browsers, service: Service, crowd: Crowd) -> None:
    screen = await open_console(browsers, service)
    page = screen.page
    await page.focus("#view-list")
    await page.keyboard.press("Home")
    await page.wait_for_selector("#map[data-grid=country]")
    await page.focus(f"[data-tile='{HCMC}']")

    async def focused() -> str:
        found: str = await screen.evaluate("() => document.activeElement?.dataset?.tile ?? ''")
        return found

    await page.keyboard.press("ArrowUp")
    assert await focused() == "74", "Bình Dương lies above"
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#map[data-grid=plain]")
    await until("a tile of the city has the focus", lambda: _is_true(focused, lambda unit: unit != ""))
    await page.focus(f"[data-tile='{DISTRICT_4}']")
    await page.keyboard.press("Enter")
    await shows(screen, ".unit-path", "Quận 4")
    await page.keyboard.press("Backspace")
    await page.keyboard.press("Backspace")
    await page.wait_for_selector("#map[data-grid=country]")
    await page.focus("#search")
    await page.keyboard.type("long binh an phu")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".chosen[data-point='30341']")


async def _is_true(ask: Any, fits: Any) -> bool:
    assert fits(seen := await ask()), f"it is {seen!r}"
    return True


async def test_the_map_is_coloured_by_a_roll_call_and_by_an_indicator(
    browsers: Browsers, service: Service, crowd: Crowd, tmp_path: Path
) -> None:
    screen = await open_console(browsers, service)
    page = screen.page
    await page.click("#view-map")
    async with CrowdConsole(service) as console:
        roll_call = (await console.order("start_roll_call", seconds=600)).roll_call
    present = codes_below("001")
    for code in present:
        crowd[code].say("present", roll_call=roll_call, name="Nguyễn Thị Lan", function="Chủ tịch")
    await page.wait_for_selector(f"#map-colour option[value='roll {roll_call}']", state="attached")
    await page.select_option("#map-colour", f"roll {roll_call}")

    async def is_counted() -> bool:
        for unit, name, there in ((HCMC, "Thành phố Hồ Chí Minh", 0), ("01", "Thành phố Hà Nội", len(present))):
            asked = len(codes_below(unit))
            assert await tile(screen, unit) == f"{name}: thiếu {asked - there} trên {asked}"
        return True

    await until("the tiles have the counters", is_counted, within_s=20)
    await page.click("[data-tile='01']")
    await page.click("[data-tile='001']")
    await until(
        "a ward is there", lambda: _is_true(lambda: tile(screen, present[1]), lambda said: said.endswith(": có mặt")), within_s=20
    )
    await page.click("#clear-selection")

    table = f"unit;date;ca mới;vùng\n{HCMC};2021-09-02;150;đỏ\n01;2021-09-02;12;xanh\n"
    await asyncio.to_thread(import_file, service, tmp_path, table)
    await page.reload()
    await page.wait_for_selector("#map-colour option[value='indicator vùng']", state="attached")
    await page.select_option("#map-colour", "indicator vùng")
    await page.wait_for_selector(f"[data-tile='{HCMC}'].fill-cat-red")
    assert "đỏ" in await tile(screen, HCMC)
    assert "không có số liệu" in await tile(screen, "02")
    await page.select_option("#map-colour", "indicator ca mới")
    await page.wait_for_selector(f"[data-tile='{HCMC}'].fill-num-4")
    await assert_accessible(screen)


async def test_the_wall_draws_each_still_at_its_place(browsers: Browsers, service: Service, crowd: Crowd) -> None:
    screen = await open_console(browsers, service)
    page = screen.page
    stills = stills_of(service, CAST)
    dark = nation().index_of(CAST[3])
    stills.flags[dark] = BLACK
    stills.chairs[nation().index_of(CAST[4])] = -80
    await stills.serve(page)
    await page.click("#view-wall")
    await shows(screen, "#wall-count", str(len(CAST)))

    cells = await order_of_cells(screen, CAST)
    layout = await screen.evaluate("() => ({ tile: Number(document.querySelector('#wall').dataset.tile) })")
    sample = [codes for codes in cells if codes is not None and codes != CAST[3] and codes != CAST[4]][:8]

    async def is_drawn() -> bool:
        for code in sample:
            seen = await colour_at(screen, cells.index(code), layout["tile"])
            assert is_near(seen, stills.colours[nation().index_of(code)]), f"{code}: {seen}"
        return True

    await until("the tiles have their colours", is_drawn)

    async def rounds() -> int:
        return int(await page.get_attribute("#wall", "data-rounds") or 0)

    before = await rounds()
    await until("three more rounds", lambda: _is_true(rounds, lambda now: now >= before + 3))
    asked_at: list[float] = await screen.evaluate(ROUNDS_ASKED_AT)
    assert len(asked_at) >= 3
    assert asked_at[-1] - asked_at[0] > 1_000 * (len(asked_at) - 1) - 250, "one round a second at most"

    await assert_accessible(screen)
    await page.select_option("#badge", "any")
    await shows(screen, "#found", "2")
    await page.select_option("#badge", "black")
    await shows(screen, "#found", "1")
    await page.wait_for_selector("#wall[data-cells='2']")
    await screen.is_painted()  # other cells take the mark of the keyboard away
    await page.focus("#wall")
    await page.keyboard.press("End")  # before it stands the head of its province
    await page.keyboard.press("Enter")
    await page.wait_for_selector(f".chosen[data-point='{CAST[3]}']")
    await shows(screen, "#wall-focus", "Hình đen")
    await page.select_option("#badge", "")
    await page.click("#wall-in")
    await until(
        "larger", lambda: _is_true(lambda: page.get_attribute("#wall", "data-tile"), lambda now: int(now) > layout["tile"])
    )
    for _ in range(8):
        await page.keyboard.press("+")
    await until("large pictures are asked for", lambda: any("size=medium" in path for path in stills.asked))
    await page.click("#view-list")

    def asked_for_the_wall() -> int:
        return sum("size=small" in path or "%2C" in path for path in stills.asked)  # the chosen point's card asks for its own

    asked = asked_for_the_wall()

    async def is_left_alone() -> bool:
        return asked_for_the_wall() - asked <= 2  # one of small and one of large pictures may have been on their way

    await stays("nothing is asked for the wall while nobody looks at it", is_left_alone, for_s=4)
    await screen.assert_quiet()


async def order_of_cells(screen: Screen, cast: list[str]) -> list[str | None]:
    """The cells of the wall from the tree of the directory: each province's head (None), then its points."""
    cells: list[str | None] = []
    by_province = itertools.groupby(
        sorted(cast, key=lambda code: nation().index_of(code)), lambda code: nation().path(nation().point(code).unit)[1].code
    )
    for _, points in by_province:
        cells += [None, *points]
    await screen.page.wait_for_selector(f"#wall[data-cells='{len(cells)}']")  # put in order once a second, while points come
    return cells


async def colour_at(screen: Screen, cell: int, tile: int) -> tuple[int, int, int]:
    """The colour in the middle of a cell's picture."""
    return tuple(
        await screen.evaluate(
            """([cell, tile]) => {
                const canvas = document.querySelector(".wall-canvas");
                const gap = tile >= 48 ? 4 : tile >= 24 ? 2 : 1;
                const label = tile >= 96 ? 20 : 0;
                const columns = Math.floor(canvas.clientWidth / (tile + gap));
                const x = (cell % columns) * (tile + gap) + tile / 2;
                const y = Math.floor(cell / columns) * (Math.round(tile * 9 / 16) + label + gap) + tile * 9 / 32;
                const ratio = canvas.width / canvas.clientWidth;
                return [...canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data].slice(0, 3);
            }""",
            [cell, tile],
        )
    )


async def test_a_country_in_a_phone_and_never_more_rows_than_are_seen(browsers: Browsers, service: Service) -> None:
    screen = await open_console(browsers, service, size=(390, 844))
    page = screen.page
    await page.click(".pane-button[data-pane=views]")
    await page.uncheck("#only-live")
    await shows(screen, "#found", f"{len(nation().points):,}".replace(",", "."))
    await page.wait_for_selector(".point-row")
    assert 0 < await page.locator(".point-row").count() < 60
    await screen.evaluate("() => { document.querySelector('#point-rows').scrollTop = 200_000; }")
    await page.wait_for_selector("[aria-posinset='4360']")
    assert await page.locator(".point-row").count() < 60
    wide = await screen.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert wide, "nothing sticks out"
    await page.click("#view-map")
    await page.wait_for_selector("#map[data-grid=country]")
    await assert_accessible(screen)
