"""The spot call between two real Chromium browsers: from the press of "Gọi" to the ring, from the answer to the first picture.

Both browsers run on this machine and stamp what they see with the same clock, so the differences are end to end: pages,
WebSocket, domain, durable log, camera, WebRTC, node, decoder.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import start_browsers
from tests.harness.service import Service
from tests.harness.wait import until

POINT = "26740"
STAMPS = """() => {
  const now = () => performance.timeOrigin + performance.now();
  const stamps = (window.__stamps = {});
  addEventListener("click", (event) => {
    const id = event.target instanceof Element ? event.target.closest("#call, #answer")?.id : null;
    if (id) stamps[id] = now();
  }, { capture: true });
  new MutationObserver(() => {
    if (document.querySelector("#answer")) stamps.ring ??= now();
  }).observe(document.body, { childList: true, subtree: true });
}"""
FIRST_PICTURE = """(selector) => new Promise((resolve) => {
  const look = () => {
    const video = document.querySelector(selector);
    if (video === null) { requestAnimationFrame(look); return; }
    video.requestVideoFrameCallback(() => resolve(performance.timeOrigin + performance.now()));
  };
  look();
})"""


async def is_idle(point: PointPage) -> bool:
    """Whether the point's camera and microphone are off again."""
    return await point.screen.live_devices() == []


async def measure(service: Service, count: int) -> dict[str, Any]:
    """Calls one point ``count`` times; milliseconds."""
    rings: list[float] = []
    pictures: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-calls-") as folder:
        async with start_browsers(Path(folder)) as browsers:
            center = ConsolePage(await browsers.open("center", (200, 30, 30), 440), service)
            point = PointPage(await browsers.open("point", (30, 30, 200), 880), service, POINT)
            await center.open()
            await center.start_center()
            await point.join()
            for screen in browsers.screens:
                await screen.evaluate(STAMPS)
            for _ in range(count):
                await point.screen.evaluate("() => { for (const key in window.__stamps) delete window.__stamps[key]; }")
                card = await center.call(POINT)
                await point.screen.page.wait_for_selector("#answer")
                await center.state(card, "delivered")
                first = center.screen.page.evaluate(FIRST_PICTURE, center.picture(card))
                await point.answer()
                seen = await first
                called = (await center.screen.evaluate("() => window.__stamps"))["call"]
                stamps = await point.screen.evaluate("() => window.__stamps")
                rings.append(stamps["ring"] - called)
                pictures.append(seen - stamps["answer"])
                await center.state(card, "preview")
                await center.command(card, "end_call")
                await until("the camera is off", lambda: is_idle(point))
    return {
        "spot_calls": count,
        "call_to_ring_ms_median": round(statistics.median(rings), 1),
        "call_to_ring_ms_max": round(max(rings), 1),
        "answer_to_first_picture_ms_median": round(statistics.median(pictures), 1),
        "answer_to_first_picture_ms_max": round(max(pictures), 1),
    }
