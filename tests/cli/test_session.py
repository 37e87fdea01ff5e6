"""`diemcau session` against a small HTTP server that answers as the service does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.errors import EXIT_USAGE
from cli.main import main
from config import load_keys
from signaling.auth import check_token
from tests.harness.ports import free_port

VIEW = {"id": "s1", "state": "open", "kind": "meeting", "live": 3, "points": 9, "center_name": "Hà Nội", "title": "Họp"}


class Server(HTTPServer):
    """Keeps what it was asked."""

    asked: list[tuple[str, str, Any, str]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._answer(json.loads(self.rfile.read(length)) if length else None)

    def _answer(self, body: Any) -> None:
        self.server.asked.append((self.command, self.path, body, self.headers["Authorization"]))
        status, answer = 200, dict[str, Any](VIEW)
        if self.path == "/api/directory":
            answer = {"units": [["X", "Nước X", None, "country"], ["X1", "Tỉnh", "X", "province"]], "points": []}
        elif self.path == "/api/sessions" and self.command == "GET":
            answer = {"at": 1, "sessions": [VIEW]}
        elif self.path.endswith("/close"):
            status, answer = 409, {"message": {"vi": "Không đóng được.", "en": "It cannot be closed."}}
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    serving = Server(("127.0.0.1", 0), Handler)
    serving.asked = []
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield serving
    serving.shutdown()
    thread.join()
    serving.server_close()


def run(server: Server, folder: Path, *words: str) -> int:
    return main(["session", *words, "--data-dir", str(folder), "--set", f"http.port={server.server_port}"])


def test_the_list_is_one_line_a_session(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(server, tmp_path, "list") == 0
    assert capsys.readouterr().out == "s1\tđang mở / open\tphiên họp / meeting\t3/9\tHà Nội\tHọp\n"
    token = server.asked[-1][3].removeprefix("Bearer ")
    key = load_keys(tmp_path).token_key
    identity = check_token(key, token, now=int(time.time()))
    assert (identity.role, identity.session, identity.scope) == ("center", "*", ("X",)), "the roots of its directory"


def test_a_new_one_is_made_as_described(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(server, tmp_path, "open", "--title", "Họp", "--unit", "01", "--unit", "91", "--center", "VN", "--prepare") == 0
    assert capsys.readouterr().out == "s1\n"
    assert server.asked[-1][:3] == (
        "POST",
        "/api/sessions",
        {"title": "Họp", "units": ["01", "91"], "open": False, "center": "VN"},
    )
    assert run(server, tmp_path, "open", "--title", "Đường riêng", "--unit", "01", "--line", "--id", "rieng") == 0
    assert server.asked[-1][2] == {"title": "Đường riêng", "units": ["01"], "open": True, "kind": "line", "id": "rieng"}
    assert run(server, tmp_path, "open", "s1") == 0
    assert server.asked[-1][:3] == ("POST", "/api/sessions/s1/open", None)


def test_a_refusal_is_told_in_both_languages(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(server, tmp_path, "close", "main") != 0
    assert capsys.readouterr().err == "diemcau session: Không đóng được. / It cannot be closed.\n"


def test_what_does_not_fit_together_is_refused_before_anything_is_asked(server: Server, tmp_path: Path) -> None:
    for words in (["open"], ["open", "s1", "--title", "x", "--unit", "01"], ["open", "--title", "x"], ["close"]):
        assert run(server, tmp_path, *words) == EXIT_USAGE
    assert server.asked == []


def test_without_a_service_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["session", "list", "--data-dir", str(tmp_path), "--set", f"http.port={free_port()}"]) != 0
    assert "diemcau serve" in capsys.readouterr().err
