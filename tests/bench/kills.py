"""How long the country is without what was killed: ``kill -9`` of each process in the middle of a call on air, again and again.

``python -m tests.bench.kills --kills 3``: a Chromium center, a point on air and a point that watches. Measured from the kill
until ``/readyz`` says yes, until the watching point decodes new frames, and until the console has its line; beside it the
processor seconds of the new process until all three. Everything runs on this machine, browsers included.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from tests.e2e.on_air import OnAir, is_moving, open_on_air
from tests.harness.browser import start_browsers
from tests.harness.service import Service, start_service
from tests.harness.wait import until

VICTIMS = ("node", "signaling", "valkey")
WITHIN_S = 60.0


async def _kill(service: Service, meeting: OnAir, victim: str) -> dict[str, float]:
    old = service.kill(victim)
    killed_s = time.monotonic()

    async def took(waiting: Awaitable[object]) -> float:
        await waiting
        return time.monotonic() - killed_s

    async def is_ready() -> bool:
        return await asyncio.to_thread(service.is_ready)

    await until(f"{victim} runs again", lambda: service.is_replaced(victim, old), WITHIN_S)
    line = meeting.center.screen.page.wait_for_selector("#line[data-line=live]", timeout=WITHIN_S * 1000)
    ready_s, picture_s, line_s = await asyncio.gather(
        took(until("ready again", is_ready, WITHIN_S)), took(is_moving(meeting.watcher.screen, WITHIN_S)), took(line)
    )
    times = service.child(victim).cpu_times()
    return {"ready_s": ready_s, "picture_s": picture_s, "line_s": line_s, "cpu_s": times.user + times.system}


async def measure(service: Service, folder: Path, kills: int) -> dict[str, Any]:
    """Kills every process ``kills`` times; seconds, as median and longest."""
    told: dict[str, Any] = {"kills": kills}
    async with start_browsers(folder) as browsers:
        meeting = await open_on_air(browsers, service)
        # By turns: a process that falls again within ten seconds is kept waiting, as one that fails at its start.
        rounds = [{victim: await _kill(service, meeting, victim) for victim in VICTIMS} for _ in range(kills)]
        for victim in VICTIMS:
            for name in rounds[0][victim]:
                took = [each[victim][name] for each in rounds]
                told[f"{victim}_{name}_median"] = round(statistics.median(took), 2)
                told[f"{victim}_{name}_max"] = round(max(took), 2)
    return told


def main() -> None:
    """Prints one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-kills-") as text:
        folder = Path(text)
        with start_service(folder / "service") as service:
            print(json.dumps(asyncio.run(measure(service, folder, options.kills))))


if __name__ == "__main__":
    main()
