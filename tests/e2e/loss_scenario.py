"""Runs inside the service's namespace: service, center, and a Chromium in the other namespace that watches through the loss.

`python -m tests.e2e.loss_scenario --viewer-namespace NAME --folder DIR --seconds 15` prints one JSON line at the end.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

import av

from tests.e2e.pages import PointPage
from tests.harness.browser import chromium_path, start_browsers
from tests.harness.netns import SERVICE_IP
from tests.harness.service import Service, start_service
from tests.harness.wait import until
from tests.harness.webrtc import FRAMES_PER_S, PlainPicture, TestPublisher

CENTER = (200, 40, 40)
POINT = "26740"


class CountedPicture(PlainPicture):
    """Says how many pictures were made: fewer than it should be, on a machine without time to spare."""

    made = 0

    async def recv(self) -> av.VideoFrame:
        """The next picture, at its time."""
        frame = await super().recv()
        self.made += 1
        return frame


def chromium_in(namespace: str, folder: Path) -> str:
    """A program that runs Chromium inside `namespace`; Playwright talks to it over pipes, which cross namespaces."""
    program = folder / "chromium-in-namespace"
    program.write_text(f'#!/bin/sh\nexec ip netns exec {namespace} {chromium_path()} "$@"\n')
    program.chmod(0o755)
    return str(program)


async def watch(service: Service, namespace: str, folder: Path, seconds: float) -> dict[str, Any]:
    """Watches the programme for `seconds` and tells what the browser counted meanwhile."""
    insecure = f"--unsafely-treat-insecure-origin-as-secure={service.base_url}"
    publisher, picture = TestPublisher(service, service.token("center"), CENTER, 500), CountedPicture(CENTER, noise_lines=40)
    next(sender for sender in publisher.connection.getSenders() if sender.kind == "video").replaceTrack(picture)
    async with start_browsers(folder, folder / "screens") as browsers, publisher:
        program = await asyncio.to_thread(chromium_in, namespace, folder)
        screen = await browsers.open("viewer", (30, 160, 60), 800, executable=program, flags=(insecure,))
        point = PointPage(screen, service, POINT)
        await point.join()
        await screen.sees("#programme-main", CENTER, within_s=30)
        first = await screen.received()
        started_s, first_made = time.monotonic(), picture.made
        longest_gap, last, last_made = 0, first["framesDecoded"], first_made
        while time.monotonic() - started_s < seconds:
            before = last

            async def has_new_frames(before: float = before) -> bool:
                return (await screen.received())["framesDecoded"] > before

            await until("the picture goes on", has_new_frames, within_s=8, every_s=0.1)
            longest_gap, last_made = max(longest_gap, picture.made - last_made), picture.made
            last = (await screen.received())["framesDecoded"]
        await screen.sees("#programme-main", CENTER)
        received = await screen.received()
        grown = {name: round(received[name] - first[name], 3) for name in received}
        return grown | {
            "seconds": round(time.monotonic() - started_s, 1),
            "framesMade": picture.made - first_made,
            "longest_gap_s": round(longest_gap / FRAMES_PER_S, 2),
            "connections": len(await screen.connections()),
        }


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewer-namespace", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=15)
    arguments = parser.parse_args()
    with start_service(arguments.folder / "service", host=SERVICE_IP) as service:
        print(json.dumps(asyncio.run(watch(service, arguments.viewer_namespace, arguments.folder, arguments.seconds))))


if __name__ == "__main__":
    main()
