"""Rosters from the command line, against a service that is one small HTTP server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cli.errors import EXIT_USAGE
from cli.main import main
from config import load_keys
from signaling.auth import check_token

SHIFT = {
    "start": 1_630_540_800_000,
    "end": 1_630_584_000_000,
    "contacts": [{"name": "Lan", "function": "Phó Chủ tịch", "kind": "phone", "target": "0901234567", "note": ""}],
    "confirmed_at": None,
    "confirmed_by": None,
}
FAULT = {"line": 3, "column": "point", "message": {"vi": "Không có điểm cầu.", "en": "There is no such point."}}


class Handler(BaseHTTPRequestHandler):
    """Notes what is asked and gives what was prepared."""

    asked: ClassVar[list[tuple[str, str, str, str]]] = []
    answer: ClassVar[tuple[int, dict[str, Any]]] = (200, {})

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        status, answer = self.answer
        if self.path == "/api/directory":
            status, answer = 200, {"units": [["vn", "Việt Nam", None, "country"], ["79", "TP HCM", "vn", "province"]]}
        else:
            self.asked.append((self.command, self.path, self.headers["Authorization"].removeprefix("Bearer "), body))
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _handle  # noqa: N815 (the names of the standard library)

    def log_message(self, *_: Any) -> None:
        """Nothing on the standard error."""


@pytest.fixture
def flags(tmp_path: Path) -> Iterator[list[str]]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Handler.asked.clear()
    yield ["--data-dir", str(tmp_path), "--set", f"http.port={server.server_port}"]
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_table_goes_to_the_service_with_the_rights_of_a_national_center(
    flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Handler.answer = (200, {"points": 2, "changed": 1})
    table = tmp_path / "trực.csv"
    table.write_text("point,start\n", encoding="utf-8-sig")
    assert main(["roster", "import", str(table), *flags]) == 0
    assert capsys.readouterr().out == "2 points, 1 of them with another roster than before\n"
    ((method, path, token, body),) = Handler.asked
    assert (method, path, body) == ("POST", "/api/rosters", "point,start\n")
    identity = check_token(load_keys(tmp_path).token_key, token, now=int(time.time()))
    assert (identity.role, identity.session, identity.scope) == ("center", "*", ("vn",))


def test_every_fault_is_told(flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Handler.answer = (422, {"message": {"vi": "Có lỗi.", "en": "Faults."}, "faults": [FAULT]})
    table = tmp_path / "t.csv"
    table.write_text("x")
    assert main(["roster", "import", str(table), *flags]) == 1
    assert "  line 3, point: Không có điểm cầu. / There is no such point." in capsys.readouterr().err


def test_a_point_s_shifts_in_vietnam_s_time(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    confirmed = {**SHIFT, "confirmed_at": 1_630_541_100_000, "confirmed_by": "Lan"}
    Handler.answer = (200, {"shifts": [SHIFT, confirmed]})
    assert main(["roster", "show", "26740", *flags]) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        "2021-09-02 07:00 - 2021-09-02 19:00\tunconfirmed",
        "\tLan\tPhó Chủ tịch\tphone\t0901234567\t",
        "2021-09-02 07:00 - 2021-09-02 19:00\tconfirmed 2021-09-02 07:05 Lan",
    ]
    assert Handler.asked[0][1] == "/api/rosters/26740"


@pytest.mark.parametrize(("extra", "status"), [([], "missing"), (["--all"], "all")])
def test_who_has_not_confirmed(flags: list[str], capsys: pytest.CaptureFixture[str], extra: list[str], status: str) -> None:
    Handler.answer = (200, {"points": [{"point": "26740", "duty": "no_roster", "point_name": "Phường 10"}]})
    assert main(["roster", "list", "79", *extra, *flags]) == 0
    assert capsys.readouterr().out == "26740\tno_roster\tPhường 10\n"
    assert Handler.asked[0][1] == f"/api/rosters?status={status}&limit=20000&unit=79"


@pytest.mark.parametrize("words", [["import"], ["show"], ["show", "../x"], ["list", "a b"]])
def test_what_cannot_be_asked(words: list[str], tmp_path: Path) -> None:
    assert main(["roster", *words, "--data-dir", str(tmp_path)]) == EXIT_USAGE


def test_a_service_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["roster", "list", "--data-dir", str(tmp_path), "--set", "http.port=1"]) == 1
    assert "start it first" in capsys.readouterr().err


def test_a_refusal_in_the_service_s_own_words(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Handler.answer = (404, {"message": {"vi": "Không có đơn vị.", "en": "No such unit."}})
    assert main(["roster", "list", "99", *flags]) == 1
    assert "Không có đơn vị. / No such unit." in capsys.readouterr().err
    Handler.answer = (500, {})
    assert main(["roster", "list", "99", *flags]) == 1
    assert "answered 500" in capsys.readouterr().err
