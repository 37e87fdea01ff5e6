"""The supervisor with the real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cli import serve
from cli.errors import CommandError
from config import load
from tests.harness.ports import free_port
from tests.harness.service import CHILDREN, ROOT, start_service
from tests.harness.wait import until


def run_serve(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DIEMCAU_")}
    environment |= {"DIEMCAU_DATA_DIR": str(folder)} | {f"DIEMCAU_{key}": value for key, value in settings.items()}
    command = [sys.executable, "-m", "cli.main", "serve"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.service
async def test_two_services_side_by_side_survive_the_loss_of_their_children(tmp_path: Path) -> None:
    with start_service(tmp_path / "a") as a, start_service(tmp_path / "b") as b:
        assert a.data_dir != b.data_dir
        assert f"http://127.0.0.1:{a.http_port}" in a.log()
        assert a.log().count("ready:") == 1
        assert b.is_ready()
        others = b.pids()
        for name in CHILDREN:
            old = a.kill(name)
            await until(f"{name} runs again", lambda name=name, old=old: a.is_replaced(name, old), within_s=30)  # type: ignore[misc]
            await until(f"ready after the loss of {name}", a.is_ready, within_s=30)
        assert b.pids() == others
        assert a.log().count("ready:") == 1


@pytest.mark.service
async def test_when_the_supervisor_is_killed_everything_ends_and_can_start_again(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="ended with -9"), start_service(tmp_path / "a") as first:  # noqa: PT012
        family = psutil.Process(first.process.pid).children(recursive=True)
        assert set(first.pids()) == set(CHILDREN)
        record = first.event_log()
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        with start_service(tmp_path / "a") as second:
            assert second.event_log()[: len(record)] == record
            await until("the first ones are gone", lambda: not any(_lives(process) for process in family))
            assert second.is_ready()
            await until("all of them run", lambda: set(second.pids()) == set(CHILDREN))


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_port_in_use_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run_serve(tmp_path, HTTP__PORT=port, MEDIA__PORT=str(free_port()))
    assert ended.returncode == 78
    assert f"cannot have TCP port {port} on 127.0.0.1" in ended.stderr
    assert "DIEMCAU_HTTP__PORT" in ended.stderr
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        ended = run_serve(tmp_path, HTTP__PORT=str(free_port()), MEDIA__PORT=port)
    assert ended.returncode == 78
    assert f"cannot have UDP port {port}" in ended.stderr
    assert "DIEMCAU_MEDIA__PORT" in ended.stderr


def test_an_address_of_another_machine_is_named_with_its_setting() -> None:
    with pytest.raises(CommandError, match="DIEMCAU_HTTP__HOST"):
        serve.refuse_busy_ports(load(None, {"http.host": "192.0.2.1"}))


def test_a_data_folder_in_use_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "LOCK_WAIT_S", 0.1)
    with (
        serve.locked(tmp_path),
        pytest.raises(CommandError, match=rf"process {os.getpid()}\).*DIEMCAU_DATA_DIR"),
        serve.locked(tmp_path),
    ):
        pass
    with serve.locked(tmp_path):
        pass


def test_children_are_ended_in_order_and_valkey_only_where_no_store_is_given(tmp_path: Path) -> None:
    own = load(None, {"data_dir": tmp_path})
    given = load(None, {"data_dir": tmp_path, "redis.url": "redis://127.0.0.1"})
    assert [child.name for child in serve.make_children(own, [], 0)] == ["signaling", "node", "recorder", "stills", "valkey"]
    assert [child.name for child in serve.make_children(given, [], 0)] == ["signaling", "node", "recorder", "stills"]


def test_serve_does_not_choose_ports(tmp_path: Path) -> None:
    ended = run_serve(tmp_path, HTTP__PORT="0")
    assert ended.returncode == 78
    assert "http.port" in ended.stderr


async def test_readiness_of_nobody_is_none() -> None:
    assert await serve.readiness(load(None, {"http.port": free_port()})) is None


def test_no_secret_is_in_the_log(tmp_path: Path) -> None:
    with start_service(tmp_path / "a") as service:
        keys = json.loads((service.data_dir / "keys.json").read_text())
        for name, value in keys.items():
            assert value not in service.log(), name
