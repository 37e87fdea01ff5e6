"""What the console's page takes with a country live: 9,811 points, real Chromium, list, search and the wall of all stills.

The points are light clients in this process against the real service. The stills are made here and answered in the browser's
place (`tests/harness/fake_stills.py`): what is measured is the page. Times are the page's own clock, from the event that began
something to the task after the frame that shows it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser, Page, async_playwright

from tests.bench.signaling import STORM
from tests.harness.browser import FLAGS, chromium_path
from tests.harness.crowd import SILENT, Crowd
from tests.harness.crowd_console import CrowdConsole
from tests.harness.fake_stills import FakeStills
from tests.harness.nation import evenly, nation, points_of_5_september
from tests.harness.service import Service, start_service

JOIN_WITHIN_S = 300.0
HOOKS = (Path(__file__).parent / "console.js").read_text()
TYPED = ("thi tran long binh an phu", "phuong 10 quan 4", "xa tan my", "hcm")
CALLED = 20
LOADS = 3
WALL_S = 20.0


@contextlib.asynccontextmanager
async def _page(browser: Browser, size: tuple[int, int]) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="vi-VN", viewport={"width": size[0], "height": size[1]})
    await context.add_init_script(HOOKS)
    page = await context.new_page()
    try:
        yield page
    finally:
        await context.close()


async def _open(page: Page, service: Service) -> float:
    """Until the list has rows and the search can be typed in: milliseconds since the navigation began."""
    await page.goto(service.console_link("operator"))
    await page.wait_for_function("() => window.__bench.interactive > 0", timeout=60_000)
    return float(await page.evaluate("() => window.__bench.interactive"))


async def _keys(page: Page) -> list[float]:
    for text in TYPED:
        await page.fill("#search", "")
        await page.focus("#search")
        for letter in text:
            await page.keyboard.press("Space" if letter == " " else letter)
            await asyncio.sleep(0.15)
    await page.fill("#search", "")
    return [float(took) for took in await page.evaluate("() => window.__bench.keys")]


async def _changes(page: Page, service: Service, codes: list[str]) -> tuple[list[float], list[float]]:
    """Calls placed by another console: from the order to what is drawn, and from what the page heard to what is drawn."""
    whole: list[float] = []
    drawn: list[float] = []
    async with CrowdConsole(service) as console:
        for code in codes:
            await page.fill("#search", code)
            await page.wait_for_selector(f"#point-{code}")
            shown = asyncio.create_task(page.evaluate(f"() => window.__bench.change('{code}', 'đang gọi')"))
            await asyncio.sleep(0.3)
            sent_at = time.time()
            placed = await console.order("place_call", point=code)
            async with asyncio.timeout(10):
                seen = await shown
            whole.append(seen["at"] - sent_at * 1000)
            drawn.append(seen["drawn"] - seen["heard"])
            await console.order("cancel_call", call=placed.call)
    await page.fill("#search", "")
    return whole, drawn


async def _memory(browser: Browser, page: Page) -> dict[str, float]:
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    await session.send("Performance.enable")
    metrics = {each["name"]: each["value"] for each in (await session.send("Performance.getMetrics"))["metrics"]}
    whole = await browser.new_browser_cdp_session()
    processes = (await whole.send("SystemInfo.getProcessInfo"))["processInfo"]
    used: list[tuple[str, float]] = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            used.append((process["type"], psutil.Process(process["id"]).memory_full_info().pss / 1e6))
    return {
        "js_heap_mb": round(metrics["JSHeapUsedSize"] / 1e6, 1),
        "page_process_mb": round(max((size for kind, size in used if kind == "renderer"), default=0), 1),
        "all_processes_mb": round(sum(size for _, size in used), 1),
    }


def _figures(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "samples": len(ordered),
        "p50": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95) - 1], 1),
        "max": round(ordered[-1], 1),
    }


async def _wall(page: Page, stills: FakeStills) -> dict[str, Any]:
    """All stills on one screen, a tenth of them anew each second."""
    await stills.serve(page)
    await page.click("#view-wall")
    await page.click("#views-wide")
    await page.wait_for_function(
        f"() => document.querySelector('#wall-count')?.textContent.includes('{len(stills.indexes):,}'.replace(',', '.'))"
    )
    await asyncio.sleep(3)
    await page.evaluate("() => { window.__bench.gaps.length = 0; window.__bench.long.length = 0; }")
    rounds = int(await page.get_attribute("#wall", "data-rounds") or 0)
    await asyncio.sleep(WALL_S)
    seen = await page.evaluate(
        "() => ({ gaps: window.__bench.gaps, long: window.__bench.long, tile: document.querySelector('#wall').dataset.tile })"
    )
    return {
        "rounds_per_s": round((int(await page.get_attribute("#wall", "data-rounds") or 0) - rounds) / WALL_S, 2),
        "tile_px": int(seen["tile"]),
        "longest_frame_gap_ms": round(max(seen["gaps"]), 1),
        "longest_task_ms": round(max(seen["long"], default=0), 1),
        "tasks_over_50_ms": len(seen["long"]),
    }


async def measure(service: Service, points: int = 9_811) -> dict[str, Any]:
    """All of it with one crowd."""
    codes = evenly(points_of_5_september(), points)
    _, text = await asyncio.to_thread(service.get, "/api/directory", service.token("operator"), 30)
    version = json.loads(text)["version"]
    async with Crowd(service) as crowd, async_playwright() as playwright:
        await crowd.join(codes, SILENT, within_s=JOIN_WITHIN_S)
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        try:
            loads = []
            for _ in range(LOADS):
                async with _page(browser, (1920, 1080)) as page:
                    loads.append(await _open(page, service))
            async with _page(browser, (1920, 1080)) as page:
                await _open(page, service)
                await asyncio.sleep(2)
                result: dict[str, Any] = {"points": points, "interactive_ms": _figures(loads)}
                result["key_to_painted_ms"] = _figures(await _keys(page))
                whole, drawn = await _changes(page, service, evenly(codes, CALLED))
                result |= {"order_to_drawn_ms": _figures(whole), "heard_to_drawn_ms": _figures(drawn)}
                result["memory_list"] = await _memory(browser, page)
                result["wall"] = await _wall(
                    page, FakeStills([nation().index_of(code) for code in codes], nation().index_of, version)
                )
                result["memory_wall"] = await _memory(browser, page)
        finally:
            await browser.close()
    return result


def main() -> None:
    """Measure alone: `python -m tests.bench.console`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=9_811)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, start_service(Path(folder) / "console", STORM) as service:
        print(json.dumps(asyncio.run(measure(service, options.points)), indent=2))


if __name__ == "__main__":
    main()
