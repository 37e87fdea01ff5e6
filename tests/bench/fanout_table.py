"""The table of the fan-out: floor, reference and native by turns, so that all of them see the same minutes of the machine.

``python -m tests.bench.fanout_table`` prints it alone. The floor seals with GCM; ratios of the other suite are to it as well. The
native core has one thread here, as the floor has; with more of them the cores share caches and memory: ``all_cores`` shows it.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections import defaultdict
from dataclasses import asdict
from typing import Any

from sfu.hotpath import select
from sfu.srtp import Suite
from tests.bench import floor
from tests.bench.audio_delay import Hall
from tests.bench.fanout import Bench

PAYLOAD_BYTES = 1168
VIEWERS = (100, 1000, 9_811)
NATION = VIEWERS[-1]
"""63 provinces, 705 districts and 9,043 communes: the meeting of 5 September 2021."""
PACKETS = (1, 5, 10)
NATION_PACKETS = 5
SUITES = {"gcm": Suite.AES_128_GCM, "sha1_80": Suite.AES_128_CM_SHA1_80}
PACKETS_A_RUN = 30_000
AUDIO_PACKETS = 60

Series = dict[tuple[int, int, str], list[float]]


def measure(rounds: int) -> dict[str, Any]:
    """All of it, some two minutes for three rounds on two quiet cores."""
    program = floor.build()
    cores = ("native", "reference") if select("auto").name == "native" else ("reference",)
    benches = {
        (viewers, f"{core}_{name}"): Bench(core, viewers, suite)
        for viewers in VIEWERS
        for core in cores
        for name, suite in SUITES.items()
    }
    if "native" in cores:
        benches[NATION, "all_cores_gcm"] = Bench("native", NATION, Suite.AES_128_GCM, threads=0)
    series: Series = defaultdict(list)
    for packets in PACKETS:
        for _ in range(rounds):
            for viewers in VIEWERS:
                frames = max(1, PACKETS_A_RUN // (viewers * packets))
                series[packets, viewers, "floor"].append(floor.run(program, viewers, packets, PAYLOAD_BYTES, frames))
                for (of, name), bench in benches.items():
                    if of == viewers:
                        series[packets, viewers, name].append(bench.run(packets, PAYLOAD_BYTES, frames).us_per_packet)
    for bench in benches.values():
        bench.close()
    result = summary(series, rounds)
    if "native" in cores:
        result["audio_delay"] = _measure_audio()
    return result


def summary(series: Series, rounds: int) -> dict[str, Any]:
    """Medians, and medians of the ratios to the floor of the same turn."""
    cells = []
    for packets, viewers in sorted({(packets, viewers) for packets, viewers, _ in series}):
        floors = series[packets, viewers, "floor"]
        cell: dict[str, Any] = {"packets_a_frame": packets, "viewers": viewers}
        for (of_packets, of_viewers, name), values in series.items():
            if (of_packets, of_viewers) == (packets, viewers):
                ratios = [value / low for value, low in zip(values, floors, strict=True)]
                cell[name] = {"us_per_packet": _round(values), "to_floor": _round(ratios)}
        cells.append(cell)
    result: dict[str, Any] = {"payload_bytes": PAYLOAD_BYTES, "runs": rounds, "cells": cells}
    nation = next(cell for cell in cells if (cell["viewers"], cell["packets_a_frame"]) == (NATION, NATION_PACKETS))
    result["floor"] = nation["floor"]
    for core in ("native", "reference", "all_cores"):
        if f"{core}_gcm" in nation:
            result[core] = nation[f"{core}_gcm"]
    for core in ("native", "reference"):
        if core in result:
            few, many = series[NATION_PACKETS, VIEWERS[0], f"{core}_gcm"], series[NATION_PACKETS, NATION, f"{core}_gcm"]
            result[core] = {**result[core], "from_100_to_9811": _round([b / a for a, b in zip(few, many, strict=True)])}
    return result


def _round(values: list[float]) -> float:
    return round(statistics.median(values), 3)


def _measure_audio() -> dict[str, Any]:
    hall = Hall(NATION, threads=0)
    try:
        hall.measure(10, with_key_frame=False)
        return {
            "load": round(os.getloadavg()[0], 1),
            "alone": asdict(hall.measure(AUDIO_PACKETS, with_key_frame=False)),
            "beside_a_key_frame": asdict(hall.measure(AUDIO_PACKETS, with_key_frame=True)),
        }
    finally:
        hall.close()


def print_table(result: dict[str, Any]) -> None:
    """For people."""
    columns = ("native_gcm", "reference_gcm", "native_sha1_80", "reference_sha1_80", "all_cores_gcm")
    print("\nFan-out, CPU µs per packet and ratio to the floor (C, GCM, one core), medians of runs by turns")
    print(f"{'packets':>8} {'viewers':>8} {'floor':>7}" + "".join(f"{name:>19}" for name in columns))
    for cell in result["cells"]:
        row = f"{cell['packets_a_frame']:>8} {cell['viewers']:>8,} {cell['floor']['us_per_packet']:>7.2f}"
        for name in columns:
            row += f"{cell[name]['us_per_packet']:>11.2f} × {cell[name]['to_floor']:<5.2f}" if name in cell else " " * 19
        print(row)
    for core in ("native", "reference"):
        if core in result:
            print(f"{core}: from 100 to {NATION:,} viewers × {result[core]['from_100_to_9811']:.2f}")
    audio = result.get("audio_delay", {})
    for name in audio.keys() - {"load"}:
        delays = audio[name]
        print(f"sound to {NATION:,}, {name}: {delays['p50']} ms (p50), {delays['p99']} ms (p99), refused {delays['refused']}")


if __name__ == "__main__":
    began = time.time()
    found = measure(3)
    print(json.dumps(found, indent=1))
    print_table(found)
    print(f"{time.time() - began:.0f} s")
