"""Runs inside the service's namespace: service; center and point are browsers in the other one, from which no UDP gets out.

`python -m tests.e2e.udp_blocked_scenario --browser-namespace NAME --folder DIR` prints one JSON line at the end.
"""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from tests.e2e.loss_scenario import chromium_in
from tests.e2e.pages import ConsolePage, PointPage
from tests.harness.browser import start_browsers
from tests.harness.netns import SERVICE_IP
from tests.harness.service import Service, start_service

CENTER, CENTER_HZ = (200, 40, 40), 500
A, A_HZ, A_CODE = (40, 60, 200), 800, "26740"


async def meet(service: Service, namespace: str, folder: Path) -> dict[str, Any]:
    """The center's picture and sound reach the point, the point's the center after a call; tells by which lines."""
    flags = (f"--unsafely-treat-insecure-origin-as-secure={service.base_url}",)
    async with start_browsers(folder, folder / "screens") as browsers:
        program = await asyncio.to_thread(chromium_in, namespace, folder)
        center = ConsolePage(await browsers.open("center", CENTER, CENTER_HZ, executable=program, flags=flags), service)
        point = PointPage(await browsers.open("point", A, A_HZ, executable=program, flags=flags), service, A_CODE)
        await center.open()
        await center.start_center()
        await point.join()
        await point.screen.sees(point.MAIN, CENTER, within_s=30)
        await point.screen.hears(CENTER_HZ)
        card = await center.call(A_CODE)
        await point.answer()
        await center.state(card, "preview", within_s=30)
        await center.screen.sees(center.picture(card), A, within_s=30)
        await center.listen(card)
        await center.screen.hears(A_HZ)
        status, metrics = await asyncio.to_thread(service.get, "/metrics")
        assert status == 200, metrics
        return {
            "center": await center.screen.lines(),
            "point": await point.screen.lines(),
            "metrics": [line for line in metrics.splitlines() if "_tcp_" in line and not line.startswith("#")],
        }


def main() -> None:
    """The entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser-namespace", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    with start_service(arguments.folder / "service", host=SERVICE_IP) as service:
        print(json.dumps(asyncio.run(meet(service, arguments.browser_namespace, arguments.folder))))


if __name__ == "__main__":
    main()
