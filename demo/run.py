"""Plays a demo: `python -m demo.run` with the play as one line of JSON on standard input.

The points are spread over a few worker processes; the first worker plays the center too. While it plays it writes one
JSON line to standard output whenever its summary changed: `{"points": 24, "live": 24, "watching": 24, ...}`. It ends on
SIGTERM, on SIGINT, and when its standard input is closed: a parent that dies takes the whole play with it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import cv2

from demo.cast import Play
from demo.center import Center
from demo.line import LineClosedError
from demo.peers import use_loopback_only
from demo.point import Point

WORKERS = 2
STATUS_EVERY_S = 0.5
MAX_PLAY_BYTES = 1 << 20

# So that two dozen points do not all join in the first millisecond of a service that has just started.
STAGGER_S = 0.05

WORKER_END_S = 8.0

Summary = dict[str, Any]


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=MAX_PLAY_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _end_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


async def _end_with_input(standard_input: asyncio.StreamReader, told: asyncio.Event) -> None:
    await standard_input.read()
    told.set()


async def _report(summarise: Callable[[], Summary]) -> None:
    last = ""
    while True:
        line = json.dumps(summarise())
        if line != last:
            print(line, flush=True)
            last = line
        await asyncio.sleep(STATUS_EVERY_S)


# ---- a worker --------------------------------------------------------------------------------------------------


def _summary_of(points: list[Point], center: Center | None) -> Summary:
    statuses = [point.status() for point in points]
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "points": len(points),
        "live": sum(status.is_live for status in statuses),
        "watching": sum(status.is_watching for status in statuses),
        "sending": sum(status.is_sending for status in statuses),
        "center": center is not None and center.is_sending,
        "cpu_s": round(usage.ru_utime + usage.ru_stime),
    }


async def _play_one(name: str, player: Point | Center, delay_s: float) -> None:
    await asyncio.sleep(delay_s)
    try:
        await player.run()
    except* LineClosedError as group:
        reasons = ", ".join(str(error) for error in group.exceptions)
        print(f"{name}: {reasons}", file=sys.stderr, flush=True)


async def work(play: Play, told_to_end: asyncio.Event) -> None:
    """Plays one share of a play until it is told to end."""
    cv2.setNumThreads(1)
    use_loopback_only()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        points = [Point(http, play.base_url, play.session, part) for part in play.parts]
        center = Center(http, play.base_url, play.session, play.center_token) if play.center_token else None
        tasks = [asyncio.create_task(_play_one(p.part.code, p, i * STAGGER_S)) for i, p in enumerate(points)]
        if center is not None:
            tasks.append(asyncio.create_task(_play_one("center", center, 0)))
        tasks.append(asyncio.create_task(_report(lambda: _summary_of(points, center))))
        await told_to_end.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# ---- the parent ------------------------------------------------------------------------------------------------


def add_up(summaries: list[Summary]) -> Summary:
    """One summary of several workers': numbers are added, the center is there when one has it."""
    numbers = ("points", "live", "watching", "sending", "cpu_s")
    total: Summary = {name: sum(summary.get(name, 0) for summary in summaries) for name in numbers}
    return total | {"center": any(summary.get("center") for summary in summaries)}


@contextlib.asynccontextmanager
async def _worker(play: Play) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "demo.run", "--worker", stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    if process.stdin is None:
        raise RuntimeError("a worker without standard input")
    try:
        process.stdin.write(json.dumps(play.to_json()).encode() + b"\n")
        await process.stdin.drain()
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), WORKER_END_S)
        if process.returncode is None:
            process.kill()
            await process.wait()
        process.stdin.close()


async def _follow(process: Process, number: int, summaries: list[Summary]) -> None:
    while process.stdout is not None and (line := await process.stdout.readline()):
        summaries[number] = json.loads(line)
    raise RuntimeError(f"worker {number} ended with {await process.wait()}")


async def direct(play: Play, told_to_end: asyncio.Event, workers: int = WORKERS) -> None:
    """Plays a whole play with `workers` processes until it is told to end.

    Raises:
        RuntimeError: a worker ended by itself.
    """
    shares = play.split(workers)
    summaries: list[Summary] = [{} for _ in shares]
    async with contextlib.AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(_worker(share)) for share in shares]
        tasks = [asyncio.create_task(_follow(process, number, summaries)) for number, process in enumerate(processes)]
        tasks.append(asyncio.create_task(_report(lambda: add_up(summaries))))
        told = asyncio.create_task(told_to_end.wait())
        try:
            done, _ = await asyncio.wait([*tasks, told], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in [*tasks, told]:
                task.cancel()
            await asyncio.gather(*tasks, told, return_exceptions=True)


async def _main(*, is_worker: bool) -> None:
    told_to_end = _end_on_signals()
    standard_input = await _standard_input()
    play = Play.from_json(json.loads(await standard_input.readline()))
    watch = asyncio.create_task(_end_with_input(standard_input, told_to_end))
    await (work(play, told_to_end) if is_worker else direct(play, told_to_end))
    watch.cancel()


def main() -> None:
    """The entry point of `python -m demo.run`."""
    parser = argparse.ArgumentParser(prog="python -m demo.run", description=__doc__)
    parser.add_argument("--worker", action="store_true", help="play one share in this process")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(is_worker=arguments.worker))


if __name__ == "__main__":
    main()
