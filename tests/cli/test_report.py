from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bridge.codec import encode_event
from bridge.commands import PlaceCall
from cli.errors import EXIT_USAGE
from cli.main import main
from signaling.redis_store import RedisStore
from tests.bridge.scene import FAR, UNITS, WARD, Scene
from tests.signaling.servers import Valkey

UNITS_FILE = "code,name,parent,kind\n" + "".join(f"{unit.code},{unit.name},{unit.parent or ''},{unit.kind}\n" for unit in UNITS)


def meeting() -> Scene:
    scene = Scene()
    scene.connect(WARD)
    scene.do(PlaceCall(FAR, "center"))
    return scene


@pytest.fixture
def store_with_a_log(tmp_path: Path) -> Valkey:
    server = Valkey(tmp_path)
    server.start()

    async def write() -> None:
        store = RedisStore(server.url)
        fence = await store.acquire_lease("main", "a", 60_000)
        assert fence is not None
        await store.append("main", fence, 0, [encode_event(event) for event in meeting().log])
        await store.add_session("main")
        await store.put_directory(UNITS_FILE)
        await store.close()

    asyncio.run(write())
    return server


def test_of_the_store_and_of_an_exported_log_are_the_same(
    store_with_a_log: Valkey, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    flags = ["--format", "csv", "--table", "calls", "--data-dir", str(tmp_path)]
    try:
        assert main(["report", "main", *flags]) == 0
        of_the_store = capsysbinary.readouterr().out
        assert main(["log", "main", "--data-dir", str(tmp_path)]) == 0
        exported = tmp_path / "main.jsonl"
        exported.write_bytes(capsysbinary.readouterr().out)
        assert main(["report", "main", "--log", str(exported), *flags]) == 0
        assert capsysbinary.readouterr().out == of_the_store
        assert "Xã Long Hậu" in of_the_store.decode("utf-8-sig")
        page = tmp_path / "report.html"
        assert main(["report", "main", "--unit", "79", "--out", str(page), "--data-dir", str(tmp_path)]) == 0
        assert "Xã Long Hậu" not in page.read_text(encoding="utf-8")
        assert main(["report", "--from", "2021-09-05", "--to", "2021-09-06", *flags]) == 0
        assert capsysbinary.readouterr().out == of_the_store
        assert main(["report", "--from", "2021-09-06", "--to", "2021-09-07", *flags]) == 0
        assert capsysbinary.readouterr().out.count(b"\n") == 1
        assert main(["report", "other", *flags]) == 1
        assert b"there is no session other; there are main" in capsysbinary.readouterr().err
    finally:
        store_with_a_log.stop()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a session, or a period"),
        (["../x"], "is no session id"),
        (["--from", "2021-09-05"], "both --from and --to"),
        (["--from", "5/9", "--to", "2021-09-06"], "is no time"),
        (["--from", "2021-09-06", "--to", "2021-09-05"], "must be after"),
        (["--from", "2021-09-05", "--to", "2021-09-06", "--log", "x"], "which session"),
    ],
)
def test_what_cannot_be_is_said(words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", *words, "--data-dir", str(tmp_path)]) == EXIT_USAGE
    assert said in capsys.readouterr().err


def test_a_store_that_is_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "main", "--data-dir", str(tmp_path)]) == 1
    assert "start the service first" in capsys.readouterr().err


def test_a_file_that_is_no_log(store_with_a_log: Valkey, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps({"seq": 1}) + "\n", encoding="utf-8")
    try:
        assert main(["report", "main", "--log", str(bad), "--data-dir", str(tmp_path)]) == 1
    finally:
        store_with_a_log.stop()
    assert capsys.readouterr().err
