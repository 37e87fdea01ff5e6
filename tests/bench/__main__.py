"""``make bench``: the fan-out beside the floor, checks and reports, the joins, the memory, the spot call, signaling with ten
thousand points, a meeting opened over them, the console's page with a country live, the replay of a long log, the stills;
one table and ``bench.json``.

Every figure is CPU of this machine in this run; ratios are what can be compared with another day. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

from sfu.hotpath import select
from tests.bench import calls, console, fanout_table, intake, joins, meeting, replay, signaling, stills
from tests.harness.service import start_service


def _print_table(result: dict[str, Any]) -> None:
    fanout_table.print_table(result["fanout"])
    for section in ("intake", "joins", "calls", "signaling", "meeting", "console", "replay", "stills"):
        print(f"\n{section}")
        for name, value in result.get(section, {}).items():
            print(f"  {name:<34} {value}")


async def _bench_service(folder: Path, viewers: int, spot_calls: int, nations: int) -> dict[str, Any]:
    measured: dict[str, Any] = {}
    with start_service(folder) as service:
        costs = await joins.measure(service, viewers)
        measured["joins"] = {
            "joins": costs.joins,
            "joins_per_s": round(costs.joins_per_s, 1),
            "cpu_ms_per_join": round(costs.cpu_ms, 2),
            "signaling_cpu_ms_per_join": round(costs.signaling_cpu_ms, 2),
            "node_cpu_ms_per_join": round(costs.node_cpu_ms, 2),
            "bare_handshake_cpu_ms": round(costs.handshake_ms, 3),
            "cpu_per_join_in_handshakes": round(costs.cpu_ms / costs.handshake_ms, 2),
            "join_ms_median": round(costs.median_ms, 1),
            "node_kib_per_viewer": round(costs.node_kib_per_viewer, 1),
            "idle_cpu_percent_per_1000_viewers": round(costs.idle_percent_per_1000, 2),
        }
    if spot_calls:
        with start_service(folder.with_name("calls")) as service:
            measured["calls"] = await calls.measure(service, spot_calls)
    if nations:
        with start_service(folder.with_name("signaling"), signaling.STORM) as service:
            measured["signaling"] = await signaling.measure(service, nations)
        measured["meeting"] = await meeting.measure(fanout_table.NATION, nations)
        with start_service(folder.with_name("console"), signaling.STORM) as service:
            measured["console"] = await console.measure(service)
    return measured


def main() -> None:
    """Runs all and writes ``bench.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of the fan-out, floor and cores by turns")
    parser.add_argument("--viewers", type=int, default=1000, help="viewers that join the real service")
    parser.add_argument("--calls", type=int, default=10, help="spot calls between two Chromium browsers; 0 for none")
    parser.add_argument("--nations", type=int, default=3, help="runs of what 10,000 live points do at once; 0 for none")
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the log that is replayed; 0 for none")
    parser.add_argument("--stills", type=float, default=20.0, help="seconds of each window with stills; 0 for their steps alone")
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    result: dict[str, Any] = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "kernel": platform.release(), "python": platform.python_version()},
        "fanout": fanout_table.measure(options.rounds),
    }
    if select("auto").name == "native":
        result["intake"] = intake.measure()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        result |= asyncio.run(_bench_service(Path(folder) / "joins", options.viewers, options.calls, options.nations))
    if options.events:
        result["replay"] = asyncio.run(replay.measure(options.events))
    result["stills"] = stills.measure(options.stills)
    options.json.write_text(json.dumps(result, indent=2) + "\n")
    _print_table(result)
    print(f"\nwritten to {options.json}")


if __name__ == "__main__":
    main()
