"""How long a browser that joins waits for its first decoded picture while thousands of simulated points are served.

``python -m tests.bench.first_picture --points 5000``: a Chromium center publishes to the standing line; a rehearsal of its own
session loads the same node with the given points and packet rates; a Chromium point opens its page again and again and presses
the one button. Measured in the page, from the press to the first frame that the decoder gives out. Everything runs on this
machine: with two cores the browsers, the service and the simulated points take the processor from one another.

``--points 0 --joins 5`` measures the button of the point's page alone: the first is that of a fresh browser.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.calls import FIRST_PICTURE
from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import start_browsers
from tests.harness.service import Service, start_service

POINT = "26740"
PRESSED = """() => addEventListener("click", (event) => {
  const isJoin = event.target instanceof Element && event.target.closest("#join");
  if (isJoin) window.__pressed = performance.timeOrigin + performance.now();
}, { capture: true })"""
MEETING = "meeting"
READY_S = 240.0


async def _rehearse(service: Service, folder: Path, options: argparse.Namespace) -> asyncio.subprocess.Process:
    """Starts the rehearsal; returns when its meeting has begun."""
    command = [sys.executable, "-m", "cli.main", "rehearse", "--points", str(options.points), "--seconds", str(options.seconds)]
    command += ["--video-pps", str(options.video_pps), "--audio-pps", str(options.audio_pps), "--calls", "0", "--no-desks"]
    command += [
        "--sample",
        "20",
        "--idle",
        "1",
        "--join-over",
        str(options.points / 200),
        "--json",
        str(folder / "rehearsal.json"),
    ]
    command += ["--data-dir", str(service.data_dir), "--set", f"http.port={service.http_port}"]
    command += ["--set", f"media.port={service.media_port}"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    async with asyncio.timeout(READY_S):
        while line := (await process.stderr.readline()).decode():
            if MEETING in line:
                return process
    raise RuntimeError("the rehearsal ended before its meeting began")


async def _first_picture_ms(point: PointPage) -> float:
    page = point.screen.page
    await page.goto("about:blank")  # the same address again would only be a change of its fragment
    await point.open()
    await page.wait_for_selector("#join")
    await page.evaluate(PRESSED)
    first = asyncio.ensure_future(page.evaluate(FIRST_PICTURE, PointPage.MAIN))
    await page.click("#join")
    seen: float = await first
    pressed: float = await page.evaluate("() => window.__pressed")
    return seen - pressed


async def measure(service: Service, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Joins ``options.joins`` times; milliseconds."""
    async with start_browsers(folder) as browsers:
        center = ConsolePage(await browsers.open("center", (200, 30, 30), 440), service)
        point = PointPage(await browsers.open("point", (30, 30, 200), 880), service, POINT)
        await center.open()
        await center.start_center()
        alone = [await _first_picture_ms(point) for _ in range(options.joins)]
        told = {"joins": options.joins, "first_ms": round(alone[0], 1)} | _of("alone", alone)
        if options.points == 0:
            return told
        rehearsal = await _rehearse(service, folder, options)
        loaded = [await _first_picture_ms(point) for _ in range(options.joins)]
        assert rehearsal.stderr is not None
        await rehearsal.stderr.read()
        await rehearsal.wait()
    played = json.loads((folder / "rehearsal.json").read_text())
    return told | {
        "points": played["joined"],
        "delivered_ratio": played["delivered_ratio"],
        "video_pps": options.video_pps,
        "audio_pps": options.audio_pps,
        **_of("loaded", loaded),
    }


def _of(name: str, took_ms: list[float]) -> dict[str, float]:
    return {f"{name}_ms_median": round(statistics.median(took_ms), 1), f"{name}_ms_max": round(max(took_ms), 1)}


def main() -> None:
    """Prints one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--video-pps", type=int, default=25)
    parser.add_argument("--audio-pps", type=int, default=17)
    parser.add_argument("--joins", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-first-picture-") as text:
        folder = Path(text)
        with start_service(folder / "service") as service:
            print(json.dumps(asyncio.run(measure(service, folder, options))))


if __name__ == "__main__":
    main()
