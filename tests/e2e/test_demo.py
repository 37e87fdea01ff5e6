"""`diemcau demo`, what `make run` runs: it comes up, its points answer as they should, it survives a restart, it ends."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from demo.cast import NATIONAL_CAST, OPEN_SEAT, Character
from tests.harness.desks import WsConsole
from tests.harness.ports import free_port
from tests.harness.service import ROOT, Service
from tests.harness.wait import until

pytestmark = pytest.mark.service


class Demo:
    """A running demo and what it printed."""

    def __init__(self, process: asyncio.subprocess.Process, service: Service) -> None:
        self.process = process
        self.service = service
        self.printed = ""

    async def read(self) -> None:
        """Collects what the demo prints until it ends."""
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.printed += line.decode()

    def players(self) -> list[psutil.Process]:
        """The processes that play, without the service."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        return [p for p in family if "demo.run" in " ".join(p.cmdline())]


def point_with(character: Character) -> str:
    return next(code for code, c in NATIONAL_CAST.items() if c is character)


@contextlib.asynccontextmanager
async def start_demo(folder: Path, points: int = 24) -> AsyncIterator[Demo]:
    http_port, media_port = free_port(), free_port()
    environment = os.environ | {
        "DIEMCAU_DATA_DIR": str(folder / "data"),
        "DIEMCAU_HTTP__PORT": str(http_port),
        "DIEMCAU_MEDIA__PORT": str(media_port),
        "DIEMCAU_CALLS__ANSWER_TIMEOUT_S": "6",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.main", "demo", "--points", str(points)),
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    service = Service(process, folder / "data", folder / "data" / "service.log", http_port, media_port)  # type: ignore[arg-type]
    demo = Demo(process, service)
    reader = asyncio.create_task(demo.read())
    try:
        await until("the links are printed", lambda: "Ctrl-C" in demo.printed or process.returncode is not None, within_s=90)
        assert process.returncode is None, demo.printed + service.tail()
        yield demo
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), 40)
        await reader


async def all_are_live(console: WsConsole) -> bool:
    """Whether the console knows every part of the cast as ready."""
    states = [await console.point_state(code) for code in NATIONAL_CAST]
    assert states == [1] * 24, states
    return True


async def test_the_demo(tmp_path: Path) -> None:
    async with start_demo(tmp_path) as demo:
        service = demo.service
        text = demo.printed
        assert re.search(r"/console#token=\S{40,}", text)
        assert re.search(r"/center#token=\S{40,}", text)
        assert f"{service.base_url}/p/{OPEN_SEAT}#{service.point_secret(OPEN_SEAT)}" in text
        family = psutil.Process(demo.process.pid).children(recursive=True)

        async with WsConsole(service, "center") as console:
            await until("all are live", lambda: all_are_live(console))
            assert await console.point_state(OPEN_SEAT) == 0

            before = sum(sum(p.cpu_times()[:2]) for p in demo.players())
            started_s = time.monotonic()
            calls = {c: await console.place_call(point_with(c)) for c in (Character.PROMPT, Character.BUSY, Character.SILENT)}
            view = await console.call_state(calls[Character.PROMPT], "preview")
            assert view["connected_at"] is not None
            assert (await console.command("take", call=view["id"]))["type"] == "ack"
            declined = await console.call_state(calls[Character.BUSY], "failed")
            assert (declined["cause"], declined["trail"][-1]["note"] is not None) == ("declined", True)
            assert (await console.call_state(calls[Character.SILENT], "failed", within_s=40))["cause"] == "no_answer"
            spent = sum(sum(p.cpu_times()[:2]) for p in demo.players()) - before
            elapsed_s = time.monotonic() - started_s
            print(json.dumps({"demo_players_cpu_share": round(spent / elapsed_s, 3), "seconds": round(elapsed_s, 1)}))

            old = service.kill("node")
            await until("a new node", lambda: service.is_replaced("node", old))
            back = await console.call_state(view["id"], "on_air")
            assert back["off_air_at"] is None
            assert (await console.command("end_call", call=view["id"]))["type"] == "ack"
            await console.call_state(view["id"], "ended")
    assert demo.process.returncode == 0
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive, f"left behind: {alive}"
    assert not service.noise(), f"{service.noise()}\n{service.tail()}"  # the line after a complaint says of what
