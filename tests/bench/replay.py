"""How long a process needs before it can serve a session with a long log, with and without a snapshot.

``python -m tests.bench.replay`` makes the log of a national meeting by the domain itself, appends it to a Valkey of its own
(``appendfsync always``) and lets owners of the service load it, one after the other. Each figure is of one run; times of single
steps are CPU, times of loads are wall and CPU. Nothing is asserted.

Measured in November 2026 on two shared cores (load 2 to 3), Python 3.11, hiredis, one run of 1,000,000 events with
ten roll calls of the whole country in memory: 59 s from the log alone, 51 s when every record is applied once and the other
domains are copied, 4.2 s from a snapshot of 2.3 MB, and 1.3 s to write that at the end. The loop was held for 41 ms at most
while the snapshot was loaded, 93 ms while it was written, 331 to 700 ms during a replay of the whole log. An event took 2.3 us to
encode, 3.4 to read as JSON, 4.5 to decode and 5.2 to apply; reading a record from the server took 15 us of CPU with hiredis
and 51 with the client's own parser. What makes the replay of the whole slower than the sum of its steps was not looked for.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import logging
import resource
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import structlog

from bridge.bridge import Bridge
from bridge.codec import decode_event, encode_event
from bridge.units import Directory
from cli.national import national_directory
from config import load
from config.limits import MAX_APPEND_RECORDS
from signaling.owner import SessionOwner
from signaling.ownership import session_owner
from signaling.presence import Presence
from signaling.redis_store import RedisStore
from tests.bench.long_meeting import LongMeeting
from tests.signaling.servers import Valkey

STEP_EVENTS = 100_000
"""Events of which the single steps are measured."""

LOAD_TIMEOUT_S = 300
LOOK_EVERY_S = 0.005


def _us_each(work: Callable[[Any], object], items: Iterable[Any], count: int) -> float:
    began_s = time.process_time()
    for item in items:
        work(item)
    return round((time.process_time() - began_s) / count * 1e6, 2)


def measure_steps(directory: Directory) -> dict[str, float]:
    """Microseconds of CPU an event: to encode, to decode, to apply."""
    events = list(LongMeeting(directory).log(STEP_EVENTS))
    gc.collect()
    gc.freeze()  # what this program holds is not what a service would
    result = {"encode_us": _us_each(encode_event, events, STEP_EVENTS)}
    texts = [json.dumps(encode_event(event), ensure_ascii=False, separators=(",", ":")) for event in events]
    result["json_us"] = _us_each(json.loads, texts, STEP_EVENTS)
    records = [json.loads(text) for text in texts]
    result["decode_us"] = _us_each(decode_event, records, STEP_EVENTS)
    result["apply_us"] = _us_each(Bridge("main", directory).apply, events, STEP_EVENTS)
    gc.unfreeze()
    return result


async def write_log(store: RedisStore, directory: Directory, count: int) -> float:
    """Append the log of a long meeting; returns the seconds that only the appends took."""
    fence = await store.acquire_lease("main", "writer", 3_600_000)
    assert fence is not None
    log = LongMeeting(directory).log(count)
    last, appending_s = 0, 0.0
    while batch := [encode_event(event) for event in itertools.islice(log, MAX_APPEND_RECORDS)]:
        began_s = time.perf_counter()
        last = await store.append("main", fence, last, batch)
        appending_s += time.perf_counter() - began_s
    await store.release_lease("main", fence)
    return appending_s


async def _longest_pause(done: asyncio.Event) -> float:
    """Milliseconds that the loop was held at most until ``done``, to the nearest few; looking costs next to nothing."""
    longest_s = 0.0
    while not done.is_set():
        began_s = time.perf_counter()
        await asyncio.sleep(LOOK_EVERY_S)
        longest_s = max(longest_s, time.perf_counter() - began_s - LOOK_EVERY_S)
    return round(longest_s * 1000, 1)


async def load_session(store: RedisStore, directory: Directory, folder: Path, process: str, every: int) -> dict[str, float]:
    """Seconds until an owner decides, and the longest that it held the loop meanwhile and while it wrote a snapshot."""
    settings = load(None, {"data_dir": folder, "snapshots.every": every, "lease.lease_s": 60.0, "lease.renew_s": 20.0})
    presence = Presence(store, process)
    await presence.start()
    owner: SessionOwner[Bridge] = session_owner("main", store, presence, directory, settings)
    done = asyncio.Event()
    pause = asyncio.create_task(_longest_pause(done))
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    await owner.start()
    async with asyncio.timeout(LOAD_TIMEOUT_S):
        await owner.wait_ready()
    result = {"seconds": round(time.perf_counter() - began_s, 2), "cpu_s": round(time.process_time() - began_cpu_s, 2)}
    done.set()
    result["loop_held_ms"] = await pause
    result["records"] = owner.sequence
    if every:
        done.clear()
        pause = asyncio.create_task(_longest_pause(done))
        began_s = time.perf_counter()
        await owner.close()
        result["close_s"] = round(time.perf_counter() - began_s, 2)
        done.set()
        result["loop_held_at_close_ms"] = await pause
        result["snapshot_bytes"] = len(await store.get_snapshot("main") or b"")
    await owner.close()
    await presence.close()
    return result


async def measure(count: int) -> dict[str, Any]:
    """All of it."""
    directory = national_directory()
    result: dict[str, Any] = {"events": count, "steps": measure_steps(directory)}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        server = Valkey(Path(folder))
        server.start()
        try:
            store = RedisStore(server.url, "bench:")
            result["append_s"] = round(await write_log(store, directory, count), 2)
            for name, every in (("without_snapshot", 0), ("writing_the_first_snapshot", 20_000), ("with_snapshot", 20_000)):
                result[name] = await load_session(store, directory, Path(folder), name, every)
                gc.collect()
            result["peak_rss_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            await store.close()
        finally:
            server.stop()
    return result


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(json.dumps(asyncio.run(measure(parser.parse_args().events)), indent=2))


if __name__ == "__main__":
    main()
