from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from cli import children
from cli.children import Child, ChildFailed
from tests.harness.wait import until

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w').close(); signal.pause()",
]


def never() -> bool:
    return False


async def test_a_child_that_was_killed_is_started_again_and_ended_at_the_end() -> None:
    child = Child("sleeper", lambda: SLEEPER, stop_timeout_s=5)
    running = asyncio.create_task(child.run(never))
    await until("it runs", lambda: child.pid)
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until("it runs again", lambda: child.pid not in (None, first))
    second = child.pid
    assert second is not None
    await child.stop()
    await running
    assert child.starts == 2
    assert not psutil.pid_exists(second)


async def test_a_child_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    child = Child("stubborn", lambda: [*STUBBORN, str(tmp_path / "up")], stop_timeout_s=0.2)
    running = asyncio.create_task(child.run(never))
    await until("it runs", (tmp_path / "up").exists)
    pid = child.pid
    assert pid is not None
    await child.stop()
    await running
    assert not psutil.pid_exists(pid)


async def test_a_child_that_fails_at_every_start_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "RESTART_MIN_S", 0.001)
    child = Child("broken", lambda: [sys.executable, "-c", "raise SystemExit(78)"], stop_timeout_s=1)
    with pytest.raises(ChildFailed, match=r"broken ended 4 times at its start \(exit status 78\)"):
        await child.run(never)
    assert child.starts == children.GIVE_UP_AFTER


async def test_once_ready_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "RESTART_MIN_S", 0.001)
    monkeypatch.setattr(children, "RESTART_MAX_S", 0.002)
    child = Child("broken", lambda: ["/bin/false"], stop_timeout_s=1)
    running = asyncio.create_task(child.run(lambda: True))
    await until("many starts", lambda: child.starts > children.GIVE_UP_AFTER + 2)
    await child.stop()
    await running


async def test_children_die_with_their_parent_however_it_dies(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from cli.children import Child\n"
        f"child = Child('sleeper', lambda: {SLEEPER!r}, stop_timeout_s=5)\n"
        "async def main():\n"
        "    task = asyncio.create_task(child.run(lambda: False))\n"
        "    while child.pid is None: await asyncio.sleep(0)\n"
        "    print(child.pid, flush=True)\n"
        "    await task\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert psutil.pid_exists(pid)
    parent.kill()
    await parent.wait()

    def is_gone() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    await until("the child is gone", is_gone)


async def test_a_child_gets_its_own_session_so_that_the_terminal_does_not_end_it() -> None:
    child = Child("sleeper", lambda: SLEEPER, stop_timeout_s=5)
    running = asyncio.create_task(child.run(never))
    await until("it runs", lambda: child.pid)
    assert child.pid is not None
    assert os.getsid(child.pid) == child.pid
    await child.stop()
    await running


def test_the_reason_names_signals() -> None:
    assert "signal SIGKILL" in str(ChildFailed("node", -signal.SIGKILL))
