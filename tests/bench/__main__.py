"""``make bench``: the fan-out beside the floor, the joins, the memory, the spot call, signaling with ten
thousand points, a meeting opened over them, the replay of a long log; one table and ``bench.json``.

Every figure is CPU of this machine in this run; ratios are what can be compared with another day. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import platform
import statistics
import tempfile
from pathlib import Path
from typing import Any

from sfu.srtp import Suite
from tests.bench import calls, fanout, floor, joins, meeting, replay, signaling
from tests.harness.service import start_service

PAYLOAD_BYTES = 1168
RECEIVERS = 1000
NATION = 9_811
"""63 provinces, 705 districts and 9,043 communes: the meeting of 5 September 2021."""
NATION_PACKETS, NATION_FRAMES, NATION_ROUNDS = 5, 3, 3
SUITES = {"gcm": Suite.AES_128_GCM, "sha1_80": Suite.AES_128_CM_SHA1_80}


def _median(values: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 3), "min": round(min(values), 3), "max": round(max(values), 3)}


def bench_fanout(rounds: int) -> dict[str, Any]:
    """Floor and reference by turns, so that both see the same minutes of the machine."""
    program = floor.build()
    result: dict[str, Any] = {"payload_bytes": PAYLOAD_BYTES, "receivers": RECEIVERS, "runs": rounds}
    for packets in (1, 5, 10):
        frames = 100 // packets
        floors: list[float] = []
        references: dict[str, list[float]] = {name: [] for name in SUITES}
        ratios: list[float] = []
        for _ in range(rounds):
            floors.append(floor.run(program, RECEIVERS, packets, PAYLOAD_BYTES, frames))
            for name, suite in SUITES.items():
                references[name].append(fanout.run(RECEIVERS, packets, PAYLOAD_BYTES, frames, suite).us_per_packet)
            ratios.append(references["gcm"][-1] / floors[-1])
        result[f"{packets}_packets_a_frame"] = {
            "floor_us_per_packet": _median(floors),
            "reference_us_per_packet": {name: _median(values) for name, values in references.items()},
            "reference_to_floor": _median(ratios),
        }
    floors, whole = [], []
    for _ in range(NATION_ROUNDS):
        floors.append(floor.run(program, NATION, NATION_PACKETS, PAYLOAD_BYTES, NATION_FRAMES))
        whole.append(fanout.run(NATION, NATION_PACKETS, PAYLOAD_BYTES, NATION_FRAMES, Suite.AES_128_GCM).us_per_packet)
    result["nation"] = {"receivers": NATION, "packets_a_frame": NATION_PACKETS, "frames": NATION_FRAMES, "runs": NATION_ROUNDS}
    result["floor"] = {"us_per_packet": round(statistics.median(floors), 3)}
    result["reference"] = {"us_per_packet": round(statistics.median(whole), 3)}
    return result


def _print_table(result: dict[str, Any]) -> None:
    print("\nFan-out, CPU µs per packet (median of runs; floor in C, reference in Python)")
    print(f"{'packets a frame':>16} {'floor':>8} {'GCM':>8} {'× floor':>8} {'SHA1_80':>8}")
    for packets in (1, 5, 10):
        row = result["fanout"][f"{packets}_packets_a_frame"]
        reference = row["reference_us_per_packet"]
        print(
            f"{packets:>16} {row['floor_us_per_packet']['median']:>8.2f} {reference['gcm']['median']:>8.2f} "
            f"{row['reference_to_floor']['median']:>8.2f} {reference['sha1_80']['median']:>8.2f}"
        )
    whole = result["fanout"]
    print(
        f"to {NATION:,} viewers, {NATION_PACKETS} packets a frame: "
        f"floor {whole['floor']['us_per_packet']:.2f}, reference {whole['reference']['us_per_packet']:.2f}"
    )
    for section in ("joins", "calls", "signaling", "meeting", "replay"):
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
        measured["meeting"] = await meeting.measure(NATION, nations)
    return measured


def main() -> None:
    """Runs all and writes ``bench.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of the fan-out, floor and reference by turns")
    parser.add_argument("--viewers", type=int, default=300, help="viewers that join the real service")
    parser.add_argument("--calls", type=int, default=10, help="spot calls between two Chromium browsers; 0 for none")
    parser.add_argument("--nations", type=int, default=3, help="runs of what 10,000 live points do at once; 0 for none")
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the log that is replayed; 0 for none")
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    result: dict[str, Any] = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "kernel": platform.release(), "python": platform.python_version()},
        "fanout": bench_fanout(options.rounds),
    }
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        result |= asyncio.run(_bench_service(Path(folder) / "joins", options.viewers, options.calls, options.nations))
    if options.events:
        result["replay"] = asyncio.run(replay.measure(options.events))
    options.json.write_text(json.dumps(result, indent=2) + "\n")
    _print_table(result)
    print(f"\nwritten to {options.json}")


if __name__ == "__main__":
    main()
