"""Runs inside the service's namespace: service, a Chromium center that sends three layers, and two Chromiums that watch: one
beside the service, one in the other namespace, whose cable loses packets for a while.

`python -m tests.e2e.layers_scenario --service-namespace A --viewer-namespace B --folder DIR --loss 15` prints one JSON line.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.loss_scenario import chromium_in
from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import Screen, start_browsers
from tests.harness.netns import SERVICE_IP, set_loss
from tests.harness.service import Service, start_service
from tests.harness.wait import until

CENTER = (200, 40, 40)
FILM = (1280, 720, 48)
TOP_LINES = 720
LOSSY_S = 25.0
LOOK_EVERY_S = 0.5
STATS = """async () => {
  const found = { lines: 0, framesDecoded: 0, freezeCount: 0, totalFreezesDuration: 0, nackCount: 0, pliCount: 0, packetsLost: 0,
    packetsReceived: 0, audioPackets: 0 };
  for (const peer of window.__probe.peers) for (const report of (await peer.getStats()).values()) {
    if (report.type !== "inbound-rtp") continue;
    if (report.kind === "audio") found.audioPackets += report.packetsReceived;
    if (report.kind !== "video" || !report.framesDecoded) continue;
    found.lines = Math.max(found.lines, report.frameHeight ?? 0);
    for (const name of Object.keys(found)) if (name !== "lines" && name !== "audioPackets") found[name] += report[name] ?? 0;
  }
  return found;
}"""


@dataclass(eq=False)
class Watcher:
    """What one viewer's browser counted, and when the height of its picture changed."""

    screen: Screen
    heights: list[tuple[float, int]] = field(default_factory=list)
    longest_gap_s: float = 0.0
    newest: dict[str, float] = field(default_factory=dict)
    _moved_at_s: float = 0.0

    async def look(self, now_s: float) -> None:
        """Notes what is new."""
        seen = await self.screen.evaluate(STATS)
        if seen["framesDecoded"] > self.newest.get("framesDecoded", 0):
            if self._moved_at_s:
                self.longest_gap_s = max(self.longest_gap_s, now_s - self._moved_at_s)
            self._moved_at_s = now_s
        if seen["lines"] and (not self.heights or self.heights[-1][1] != seen["lines"]):
            self.heights.append((round(now_s, 1), int(seen["lines"])))
        self.newest = seen


@dataclass
class Scene:
    """Two watchers on one clock."""

    near: Watcher
    far: Watcher
    began_s: float = field(default_factory=time.monotonic)

    async def watch(self, seconds: float, until_so: Callable[[], bool] = lambda: False) -> float:
        """Looks at both for so long, or until something is so; how long that was."""
        start_s = time.monotonic()

        async def is_over() -> bool:
            for watcher in (self.near, self.far):
                await watcher.look(time.monotonic() - self.began_s)
            return until_so() or time.monotonic() - start_s >= seconds

        await until("the scene goes on", is_over, within_s=seconds + 30, every_s=LOOK_EVERY_S)
        return round(time.monotonic() - start_s, 1)


async def play(service: Service, namespaces: tuple[str, str], folder: Path, loss_percent: float) -> dict[str, Any]:
    """Plays the scene: all is well, the cable loses, all is well again."""
    insecure = (f"--unsafely-treat-insecure-origin-as-secure={service.base_url}",)
    async with start_browsers(folder, folder / "screens") as browsers:
        center = ConsolePage(await browsers.open("center", CENTER, 500, flags=insecure, film=FILM), service)
        await center.open()
        await center.start_center()
        near = PointPage(await browsers.open("near", (30, 160, 60), 800, flags=insecure), service, "26740")
        program = await asyncio.to_thread(chromium_in, namespaces[1], folder)
        screen = await browsers.open("far", (30, 160, 60), 800, executable=program, flags=insecure)
        far = PointPage(screen, service, "26743")
        await near.join()
        await far.join()
        scene = Scene(Watcher(near.screen), Watcher(far.screen))

        def lines() -> tuple[float, float]:
            return scene.near.newest["lines"], scene.far.newest["lines"]

        top_after_s = await scene.watch(60, lambda: lines() == (TOP_LINES, TOP_LINES))
        told: dict[str, Any] = {"loss_percent": loss_percent, "top_after_s": top_after_s}
        scene.near.longest_gap_s = scene.far.longest_gap_s = 0.0
        before = {watcher: dict(watcher.newest) for watcher in (scene.near, scene.far)}
        for namespace in namespaces:
            await asyncio.to_thread(set_loss, namespace, loss_percent)
        told["lossy_from_s"] = round(time.monotonic() - scene.began_s, 1)
        lossy_s = await scene.watch(LOSSY_S)
        # Where the center's browser has just turned its top layer off both have the same for a while.
        lossy_s += await scene.watch(35, lambda: lines()[0] > lines()[1])
        told["lossy_s"] = round(lossy_s, 1)
        told["lossy_until_s"] = round(time.monotonic() - scene.began_s, 1)
        for name, watcher in (("near", scene.near), ("far", scene.far)):
            grown = {key: round(watcher.newest[key] - before[watcher][key], 2) for key in watcher.newest if key != "lines"}
            told[name] = grown | {"lines_at_the_end": watcher.newest["lines"], "longest_gap_s": round(watcher.longest_gap_s, 2)}
        for namespace in namespaces:
            await asyncio.to_thread(set_loss, namespace, 0)
        _, lowered = lines()

        def is_back() -> bool:
            """The far one has the best that is sent, which is what the near one has: not always the top layer."""
            near, far = lines()
            return near == far > lowered

        told["back_after_s"] = await scene.watch(60, is_back)
        told["heights"] = {"near": scene.near.heights, "far": scene.far.heights}
        metrics = service.get("/metrics", service.token("operator"))[1].splitlines()
        told["node"] = [line for line in metrics if line.startswith(("diemcau_node_level", "diemcau_node_resen"))]
        return told


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service-namespace", required=True)
    parser.add_argument("--viewer-namespace", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--loss", type=float, default=15.0)
    arguments = parser.parse_args()
    namespaces = (arguments.service_namespace, arguments.viewer_namespace)
    with start_service(arguments.folder / "service", host=SERVICE_IP) as service:
        print(json.dumps(asyncio.run(play(service, namespaces, arguments.folder, arguments.loss))))


if __name__ == "__main__":
    main()
