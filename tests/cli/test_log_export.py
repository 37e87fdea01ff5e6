from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from cli.errors import EXIT_USAGE
from cli.log_export import export
from cli.main import main
from signaling.memory_store import MemoryStore
from signaling.redis_store import RedisStore
from tests.signaling.servers import Valkey


async def test_records_are_json_lines_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    store = MemoryStore()
    fence = await store.acquire_lease("main", "a", 60_000)
    assert fence is not None
    await store.append("main", fence, 0, [{"n": n, "text": "Phường 10"} for n in range(1500)])
    await export(store, "main")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == {"seq": 1, "fence": 1, "event": {"n": 0, "text": "Phường 10"}}
    assert [line["seq"] for line in lines] == list(range(1, 1501))
    await export(store, "main", after=1499)
    assert json.loads(capsys.readouterr().out)["seq"] == 1500


def test_the_command_reads_the_private_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = Valkey(tmp_path)
    server.start()

    async def write() -> None:
        store = RedisStore(server.url)
        fence = await store.acquire_lease("main", "a", 60_000)
        assert fence is not None
        await store.append("main", fence, 0, [{"n": 1}, {"n": 2}])
        await store.close()

    try:
        asyncio.run(write())
        assert main(["log", "main", "--data-dir", str(tmp_path)]) == 0
        assert [json.loads(line)["event"]["n"] for line in capsys.readouterr().out.splitlines()] == [1, 2]
        assert main(["log", "main", "--after", "1", "--data-dir", str(tmp_path)]) == 0
        assert len(capsys.readouterr().out.splitlines()) == 1
        assert main(["log", "empty", "--data-dir", str(tmp_path)]) == 0
        assert capsys.readouterr().out == ""
    finally:
        server.stop()


def test_what_cannot_be_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "../main", "--data-dir", str(tmp_path)]) == EXIT_USAGE
    assert "no session id" in capsys.readouterr().err
    assert main(["log", "main", "--data-dir", str(tmp_path)]) == 1
    assert "start the service first" in capsys.readouterr().err
