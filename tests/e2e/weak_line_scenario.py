"""Runs inside the service's namespace: service, a Chromium center that sends three layers, and a desk in the other namespace
whose line carries 200 kb/s and loses 2 in 100.

`python -m tests.e2e.weak_line_scenario --viewer-namespace B --folder DIR` prints one JSON line.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

from tests.e2e.loss_scenario import chromium_in
from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import Screen, start_browsers
from tests.harness.netns import SERVICE_IP, set_loss, set_rate
from tests.harness.service import Service, start_service
from tests.harness.wait import until

CENTER = (200, 40, 40)
FILM = (1280, 720, 240)
"""A third of the picture is noise: every layer takes what it may."""
GOOD_LINES = 360
RATE_BPS, LOSS_PERCENT = 200_000, 2.0
SETTLE_S, WATCH_S = 12.0, 20.0
STATS = """async () => {
  const found = { lines: 0, framesDecoded: 0, audioBytes: 0, videoBytes: 0, audioPackets: 0, audioLost: 0, concealed: 0,
    silent: 0, samples: 0 };
  for (const peer of window.__probe.peers) for (const report of (await peer.getStats()).values()) {
    if (report.type !== "inbound-rtp" || !report.packetsReceived) continue;
    if (report.kind === "audio") {
      found.audioPackets += report.packetsReceived;
      found.audioBytes += report.bytesReceived;
      found.audioLost += report.packetsLost;
      found.concealed += report.concealedSamples;
      found.silent += report.silentConcealedSamples;
      found.samples += report.totalSamplesReceived;
    } else {
      found.lines = Math.max(found.lines, report.frameHeight ?? 0);
      found.framesDecoded += report.framesDecoded ?? 0;
      found.videoBytes += report.bytesReceived;
    }
  }
  return found;
}"""
TOLD = """() => {
  const { dataset, textContent } = document.querySelector("#quality");
  return { quality: dataset.quality, words: textContent };
}"""


async def told(screen: Screen) -> dict[str, str]:
    """What the page says of its line."""
    found: dict[str, str] = await screen.evaluate(TOLD)
    return found


async def play(service: Service, namespace: str, folder: Path) -> dict[str, Any]:
    """All is well, the line becomes weak, and well again."""
    insecure = (f"--unsafely-treat-insecure-origin-as-secure={service.base_url}",)
    async with start_browsers(folder, folder / "screens") as browsers:
        center = ConsolePage(await browsers.open("center", CENTER, 500, flags=insecure, film=FILM), service)
        await center.open()
        await center.start_center()
        program = await asyncio.to_thread(chromium_in, namespace, folder)
        screen = await browsers.open("desk", (30, 160, 60), 800, executable=program, flags=insecure)
        desk = PointPage(screen, service, "26740")
        await desk.join()

        async def has_lines() -> bool:
            return bool((await screen.evaluate(STATS))["lines"] >= GOOD_LINES)

        await until("a good picture", has_lines, within_s=60)
        result: dict[str, Any] = {"before": await told(screen)}
        await asyncio.to_thread(set_rate, namespace, RATE_BPS)
        await asyncio.to_thread(set_loss, namespace, LOSS_PERCENT)
        weak_s = time.monotonic()

        async def says_so() -> bool:
            return (await told(screen))["quality"] in {"quality_quarter", "quality_sound"}

        await until("the page says that its line is weak", says_so, within_s=30, every_s=0.2)
        result["said_after_s"] = round(time.monotonic() - weak_s, 1)
        await asyncio.sleep(SETTLE_S)
        first = await screen.evaluate(STATS)
        await asyncio.sleep(WATCH_S)
        last = await screen.evaluate(STATS)
        result["weak"] = await told(screen) | {name: round(last[name] - first[name]) for name in first if name != "lines"}
        result["weak"]["lines"] = last["lines"]
        await screen.hears(500)
        await screen.page.screenshot(path=folder / "weak-line.png")
        await asyncio.to_thread(set_rate, namespace, 0)
        await asyncio.to_thread(set_loss, namespace, 0)

        async def is_well() -> bool:
            return (await told(screen))["quality"] in {"quality_full", "quality_half"}

        await until("the picture comes back", is_well, within_s=60)
        return result


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewer-namespace", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    with start_service(arguments.folder / "service", host=SERVICE_IP) as service:
        print(json.dumps(asyncio.run(play(service, arguments.viewer_namespace, arguments.folder))))


if __name__ == "__main__":
    main()
