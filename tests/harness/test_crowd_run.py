"""The crowd by hand: who takes part is the same in every run, and the program says what it sees and ends when told."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from tests.harness.crowd_console import CrowdConsole
from tests.harness.crowd_run import scripts
from tests.harness.service import ROOT, Service
from tests.harness.wait import until


def test_the_cast() -> None:
    cast = scripts(1_000, 30, 20.0, seed=1)
    assert cast == scripts(1_000, 30, 20.0, seed=1)
    assert sum(script.roll_call is None for script in cast.values()) == 30
    assert all(0 <= script.roll_call.after_s <= 20 for script in cast.values() if script.roll_call is not None)
    assert cast != scripts(1_000, 30, 20.0, seed=2)
    with pytest.raises(ValueError, match="Sample larger"):
        scripts(10, 11, 1.0, seed=1)


@pytest.mark.service
async def test_it_joins_answers_and_ends(module_service: Service) -> None:
    where = ["--data-dir", str(module_service.data_dir), "--port", str(module_service.http_port)]
    command = [sys.executable, "-m", "tests.harness.crowd_run", *where, "--points", "40", "--silent", "5", "--within", "0.5"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        async with CrowdConsole(module_service) as console:
            await until("they are there", lambda: console.in_state(1) == 40, within_s=40)
            roll_call = (await console.order("start_roll_call", seconds=60)).roll_call
            await until("all but five answer", lambda: console.boards.get(roll_call, {}).get("total", {}).get("present") == 35)
            assert process.stdout is not None
            said = b""
            async with asyncio.timeout(20):
                while b"40 points live, 40 were asked, 35 are present" not in said:
                    said = await process.stdout.readline()
                    assert said, "it ended without saying so"
                process.send_signal(signal.SIGINT)
                assert await process.wait() == 0
            await until("they are gone", lambda: console.in_state(1) == 0)
            assert console.boards[roll_call]["total"]["no_answer"] == 5
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
