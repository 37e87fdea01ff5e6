"""What stills cost: each step alone beside a floor, and the whole way in the real service at the rate of a whole country.

``python -m tests.bench.stills``. The floor is the bare decoding (``cv2.imdecode``, whole) of the same JPEG in the same run: what
a desk check that did nothing but look at pictures would need. Everything is CPU time, one thread.

The whole way: 2,000 points that send one still each 2.04 s are the 981 a second of 9,811 points with one each 10 s, at the same
cost a still and without the wait for 9,811 joins; a console asks for the wall all the time, and each chair is looked at every
12.2 s, which are the 163 looks a second of 9,811 points in a minute. Read from /proc, less what the same processes use with the
same points connected and no stills.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import aiohttp
import cv2
import numpy as np
import psutil
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.base_protocol import BaseProtocol

from rehearsal.rooms import cast, jpegs_of
from rehearsal.ws_client import client_frame
from stills import pictures, wire
from stills.album import Album
from stills.faces import CascadeFinder, FaceFinder, best_finder
from stills.jpeg import check_still
from tests.harness.crowd import SILENT, Crowd, stills_of
from tests.harness.nation import evenly, points_of_5_september
from tests.harness.service import Service, start_service

COUNTRY: Final = 9_811
PER_S: Final = COUNTRY / 10
POINTS: Final = 2_000
EVERY_S: Final = POINTS / PER_S
CHAIR_S: Final = 60 * POINTS / COUNTRY


def cpu_us(work: Callable[[], Any], times: int, rounds: int = 5) -> float:
    """The median of some rounds, of one call."""
    found = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(times):
            work()
        found.append((time.process_time() - began) / times * 1e6)
    return statistics.median(found)


def steps() -> dict[str, Any]:
    """CPU of each step, in µs a still."""
    pictures.one_thread()
    still = jpegs_of("person", 1)[0]
    array = np.frombuffer(still, np.uint8)
    quarter = pictures.decode_quarter(still)
    assert quarter is not None
    grey = pictures.grey_of(quarter)
    other = pictures.grey_of(pictures.decode_quarter(jpegs_of("person", 1)[1]))  # type: ignore[arg-type]
    many = [jpegs for one in cast(256, 1, sets=2) for jpegs in one[:1]]
    album = Album("bench", COUNTRY, 1)
    for index in range(COUNTRY):
        album.receive(index, 1, many[index % len(many)], 0.0)
    turn = iter(range(10**9))
    batch = [(index, 1, still) for index in range(25)]
    body = wire.stills_frame(batch)[wire.HEAD_BYTES :]
    tiles = album._tiles[:256]
    floor = cpu_us(lambda: cv2.imdecode(array, cv2.IMREAD_COLOR), 200)
    result: dict[str, Any] = {
        "still_bytes": len(still),
        "floor_imdecode_us": floor,
        "websocket_frame_us": _websocket_us(still),
        "check_head_us": cpu_us(lambda: check_still(still, width=320, height=180, most_bytes=24_576), 500),
        "frame_batch_us": cpu_us(lambda: wire.stills_frame(batch), 100) / 25,
        "read_batch_us": cpu_us(lambda: list(wire.read_stills(body)), 100) / 25,
        "decode_quarter_us": cpu_us(lambda: pictures.decode_quarter(still), 300),
        "look_us": cpu_us(lambda: pictures.look_at(pictures.grey_of(quarter), other), 300),
        "tile_us": cpu_us(lambda: pictures.tile_of(quarter), 300),
        "album_receive_us": cpu_us(lambda: album.receive(next(turn) % COUNTRY, 1, still, 0.0), 500),
        "sheet_us_a_tile": cpu_us(lambda: pictures.sheet_of(tiles), 5) / 256,
        "answer_of_a_second_us_a_still": _answer_us(album),
        "answer_of_everything_ms": cpu_us(lambda: list(album.answer(((0, COUNTRY),), 0, "small", 1)), 1, 3) / 1000,
    }
    result["sheets_a_second_of_a_core"] = round(1e6 / (result["sheet_us_a_tile"] * 256), 1)
    empty = jpegs_of("empty", 1)[0]
    finders: tuple[FaceFinder, ...] = (best_finder(), CascadeFinder())
    for finder in finders:
        for name, given in (("face", still), ("no_face", empty)):
            us = cpu_us(lambda finder=finder, given=given: finder.find(given), 10, 3)  # type: ignore[misc]
            result[f"chair_{finder.name}_{name}_us"] = us
            result[f"chair_{finder.name}_{name}_in_floors"] = round(us / floor, 1)
    in_process = ("read_batch_us", "album_receive_us", "answer_of_a_second_us_a_still")
    in_signaling = ("websocket_frame_us", "check_head_us", "frame_batch_us")
    result["sum_us"] = sum(result[name] for name in in_process + in_signaling)
    result["sum_in_floors"] = round(result["sum_us"] / floor, 2)
    result["sum_cores_at_981_a_second"] = round(result["sum_us"] * PER_S / 1e6, 3)
    assert grey.shape == other.shape
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in result.items()}


def _answer_us(album: Album) -> float:
    """A wall that hears of a tenth of the country: head and sheets, a still."""
    after = album.revision - round(PER_S)
    made = cpu_us(lambda: list(album.answer(((0, COUNTRY),), after, "small", 1)), 1, 5)
    return made / PER_S


def _websocket_us(still: bytes) -> float:
    loop = asyncio.new_event_loop()
    with contextlib.closing(loop):
        queue = WebSocketDataQueue(BaseProtocol(loop), 1 << 30, loop=loop)
        reader = WebSocketReader(queue, 1 << 16, False, True)
        masked = bytearray(client_frame(2, still))  # as a browser masks: any key costs the same
        return cpu_us(lambda: reader.feed_data(bytes(masked)), 300)


async def whole_way(service: Service, seconds: float) -> dict[str, float]:
    """Cores that signaling and the desk check use for 981 stills a second, by the process."""
    codes = evenly(points_of_5_september(), POINTS)
    async with aiohttp.ClientSession() as http, Crowd(service) as crowd:
        await crowd.join(codes, SILENT, within_s=300)
        idle = await _cores(service, seconds)
        async with stills_of(crowd, codes, every_s=EVERY_S) as sender:
            watching = asyncio.create_task(_watch(http, service))
            await asyncio.sleep(3 * EVERY_S)
            sent, began, own_s = sender.sent, time.monotonic(), time.process_time()
            psutil.cpu_percent()
            busy = await _cores(service, seconds)
            busy_share = psutil.cpu_percent()
            simulator = (time.process_time() - own_s) / (time.monotonic() - began)
            rate = (sender.sent - sent) / (time.monotonic() - began)
            watching.cancel()
            (answers,) = await asyncio.gather(watching, return_exceptions=True)
            numbers = await _numbers(service)
        await crowd.leave(codes)
    used = {name: max(0.0, busy[name] - idle[name]) for name in busy}
    assert not isinstance(answers, int)
    return {
        "stills_per_s": round(rate, 1),
        **{f"{name}_cores": round(value, 3) for name, value in used.items()},
        "cores_at_981_a_second": round(sum(used.values()) * PER_S / rate, 3),
        "simulator_cores": round(simulator, 3),
        "idle_cores": round((psutil.cpu_count() or 1) * (1 - busy_share / 100), 3),
        "replaced": numbers["replaced"],
        "looks": numbers["looks"],
        "looks_repeated": numbers["looks_repeated"],
        "looks_late": numbers["looks_late"],
        "late_slots_of_the_simulator": sender.late,
        "desk_check_rss_mib": round(numbers["resident_bytes"] / 2**20, 1),
    }


async def _cores(service: Service, seconds: float) -> dict[str, float]:
    before, began = _cpu(service), time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    return {name: (value - before[name]) / took for name, value in _cpu(service).items()}


def _cpu(service: Service) -> dict[str, float]:
    """By the process; that which looks for faces is the desk check's child."""
    used: dict[str, float] = {}
    for name in ("signaling", "stills"):
        process = service.child(name)
        used[name] = sum(process.cpu_times()[:2])
        used[f"{name}_faces"] = sum(sum(child.cpu_times()[:2]) for child in process.children())
    return {name: value for name, value in used.items() if name != "signaling_faces"}


async def _watch(http: aiohttp.ClientSession, service: Service) -> None:
    headers, after = {"Authorization": f"Bearer {service.token('operator')}"}, 0
    while True:
        async with http.get(f"{service.base_url}/api/sessions/main/stills?after={after}", headers=headers) as response:
            body = await response.read()
        after = json.loads(body[4 : 4 + int.from_bytes(body[:4])])["next"]


async def _numbers(service: Service) -> dict[str, float]:
    while True:  # asked again where a machine with too much to do lets the scrape's deadline pass
        _, text = await asyncio.to_thread(service.get, "/metrics", None, 10)
        lines = (line.split() for line in text.splitlines() if line.startswith("diemcau_desk_check_"))
        found = {name.removeprefix("diemcau_desk_check_"): float(value) for name, value in lines}
        if "received" in found:
            return found


def measure(seconds: float = 20.0) -> dict[str, Any]:
    """All of it; ``seconds`` for each window of the whole way, 0 to leave that out."""
    result: dict[str, Any] = steps()
    if seconds:
        for name, chairs in (("without_chairs", "false"), ("with_chairs", "true")):
            settings = {
                "STILLS__EVERY_S": "2",
                "STILLS__CHAIRS": chairs,
                "STILLS__CHAIR_EVERY_S": f"{CHAIR_S:.2f}",
                "LIMITS__JOINS_BURST": "10000",
                "LIMITS__JOINS_PER_ADDRESS_BURST": "10000",
            }
            with tempfile.TemporaryDirectory(prefix="bench-stills-") as folder, start_service(Path(folder), settings) as service:
                found = asyncio.run(whole_way(service, seconds))
                result |= {f"{name}_{key}": value for key, value in found.items()}
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each window of the whole way; 0 for the steps alone")
    for name, value in measure(parser.parse_args().seconds).items():
        print(f"  {name:<44} {value}")


if __name__ == "__main__":
    main()
