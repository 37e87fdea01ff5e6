"""Runs inside the service's namespace: service, a Chromium center that sends three layers, and a desk in the other namespace
whose line carries 200 kb/s and loses 2 in 100.

`python -m tests.e2e.weak_line_scenario --service-namespace A --viewer-namespace B --folder DIR` prints one JSON line.
"""

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.loss_scenario import chromium_in
from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import Screen, start_browsers
from tests.harness.netns import SERVICE_IP, set_loss, shape_rate
from tests.harness.service import Service, start_service
from tests.harness.wait import stays, until

CENTER = (200, 40, 40)
FILM = (1280, 720, 120)
"""A sixth of the picture is noise: the upper layers take what they may, and a key frame is not all noise."""
GOOD_LINES = 360
GOOD_BPS = 400_000
"""Twice what the line carries later: below that it would not have to choose."""
RATE_BPS, LOSS_PERCENT = 200_000, 2.0
SETTLE_S, WATCH_S = 8.0, 20.0
LOOK_EVERY_S = 0.5
STATS = """async () => {
  const found = { lines: 0, framesDecoded: 0, audioBytes: 0, videoBytes: 0, audioPackets: 0, audioLost: 0, concealed: 0,
    silent: 0, samples: 0, videoPackets: 0, videoLost: 0, keyFrames: 0, nacks: 0, plis: 0 };
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
      found.videoPackets += report.packetsReceived;
      found.videoLost += report.packetsLost;
      found.keyFrames += report.keyFramesDecoded ?? 0;
      found.nacks += report.nackCount ?? 0;
      found.plis += report.pliCount ?? 0;
    }
  }
  return found;
}"""
SENT = """async () => {
  const found = {};
  for (const peer of window.__probe.peers) for (const report of (await peer.getStats()).values()) {
    if (report.type !== "outbound-rtp" || report.kind !== "video") continue;
    found[report.rid ?? ""] = report.bytesSent + report.headerBytesSent;
  }
  return found;
}"""
"""Bytes of each layer that the center's page has sent."""
TOLD = """() => {
  const { dataset, textContent } = document.querySelector("#quality");
  return { quality: dataset.quality, words: textContent };
}"""


async def told(screen: Screen) -> dict[str, str]:
    """What the page says of its line."""
    found: dict[str, str] = await screen.evaluate(TOLD)
    return found


@dataclass(eq=False)
class Watched:
    """What a desk's browser showed over a while: its first and last counts, each height of its picture, its longest stop."""

    screen: Screen
    first: dict[str, float] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    heights: list[int] = field(default_factory=list)
    qualities: list[str] = field(default_factory=list)
    changes: list[tuple[float, str, int]] = field(default_factory=list)
    began_s: float = field(default_factory=time.monotonic)
    longest_stop_s: float = 0.0
    _moved_at_s: float = 0.0

    async def look(self) -> bool:
        """Notes what is new; True, for :func:`stays`."""
        now_s = time.monotonic()
        seen = await self.screen.evaluate(STATS)
        if seen["framesDecoded"] != self.last.get("framesDecoded"):
            self._moved_at_s = now_s
        self.longest_stop_s = max(self.longest_stop_s, now_s - self._moved_at_s)
        self.first, self.last = self.first or seen, seen
        if self.heights[-1:] != [seen["lines"]]:
            self.heights.append(seen["lines"])
        quality = (await told(self.screen))["quality"]
        if self.qualities[-1:] != [quality]:
            self.qualities.append(quality)
        if not self.changes or self.changes[-1][1:] != (quality, seen["lines"]):
            self.changes.append((round(now_s - self.began_s, 1), quality, seen["lines"]))
        return True

    def summary(self) -> dict[str, Any]:
        """What was counted in between."""
        grown = {name: round(self.last[name] - self.first[name]) for name in self.first if name != "lines"}
        return grown | {
            "heights": self.heights,
            "qualities": self.qualities,
            "changes": self.changes,
            "longest_stop_s": round(self.longest_stop_s, 1),
        }


async def sent_bps(center: Screen, seconds: float, watched: Watched | None = None) -> dict[str, int]:
    """What the center's page sends of each layer, a second, over so long."""
    before, began_s = await center.evaluate(SENT), time.monotonic()
    if watched is None:
        await center.page.wait_for_timeout(seconds * 1000)
    else:
        await stays("it is watched", watched.look, for_s=seconds, every_s=LOOK_EVERY_S)
    after, took_s = await center.evaluate(SENT), time.monotonic() - began_s
    return {rid: round((after[rid] - before.get(rid, 0)) * 8 / took_s) for rid in after}


async def play(service: Service, namespaces: tuple[str, str], folder: Path) -> dict[str, Any]:
    """All is well, the line becomes weak, and well again."""
    near, far = namespaces
    insecure = (f"--unsafely-treat-insecure-origin-as-secure={service.base_url}",)
    async with start_browsers(folder, folder / "screens") as browsers:
        center = ConsolePage(await browsers.open("center", CENTER, 500, flags=insecure, film=FILM), service)
        await center.open()
        await center.start_center()
        program = await asyncio.to_thread(chromium_in, far, folder)
        screen = await browsers.open("desk", (30, 160, 60), 800, executable=program, flags=insecure)
        desk = PointPage(screen, service, "26740")
        await desk.join()

        async def is_too_much() -> bool:
            assert (await screen.evaluate(STATS))["lines"] >= GOOD_LINES
            assert (await told(screen))["quality"] in {"quality_full", "quality_half"}
            sent = await sent_bps(center.screen, 1)
            assert max(sent.values()) > GOOD_BPS, sent
            return True

        await until("a picture that is too much for a weak line", is_too_much, within_s=60)
        result: dict[str, Any] = {"before": await told(screen)}
        await asyncio.to_thread(shape_rate, near, RATE_BPS)
        await asyncio.to_thread(set_loss, far, LOSS_PERCENT)
        weak_s = time.monotonic()
        settling = Watched(screen)

        async def says_so() -> bool:
            await settling.look()
            return (await told(screen))["quality"] in {"quality_quarter", "quality_sound"}

        await until("the page says that its line is weak", says_so, within_s=30, every_s=0.2)
        result["said_after_s"] = round(time.monotonic() - weak_s, 1)
        await stays("it settles", settling.look, for_s=SETTLE_S, every_s=LOOK_EVERY_S)
        weak = Watched(screen)
        sent = await sent_bps(center.screen, WATCH_S, weak)
        result["settling"] = settling.summary()
        result["weak"] = await told(screen) | weak.summary() | {"sent_bps": sent}
        await screen.hears(500)
        await screen.page.screenshot(path=folder / "weak-line.png")
        await asyncio.to_thread(shape_rate, near, 0)
        await asyncio.to_thread(set_loss, far, 0)
        well_s = time.monotonic()

        async def is_well() -> bool:
            return (await told(screen))["quality"] in {"quality_full", "quality_half"}

        await until("the picture comes back", is_well, within_s=90)
        result["back_after_s"] = round(time.monotonic() - well_s, 1)
        return result


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service-namespace", required=True)
    parser.add_argument("--viewer-namespace", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    namespaces = (arguments.service_namespace, arguments.viewer_namespace)
    with start_service(arguments.folder / "service", host=SERVICE_IP) as service:
        print(json.dumps(asyncio.run(play(service, namespaces, arguments.folder))))


if __name__ == "__main__":
    main()
