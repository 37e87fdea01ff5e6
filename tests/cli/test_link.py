from __future__ import annotations

import io
from pathlib import Path

import pytest

from cli.errors import EXIT_USAGE
from cli.main import main
from config import load_keys
from signaling.auth import check_point_secret


def test_links_are_permanent_and_their_secret_is_in_the_fragment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["link", "26740", "26743", "--data-dir", str(tmp_path), "--set", "http.port=8081"]
    assert main(words) == 0
    first = capsys.readouterr().out
    assert main(words) == 0
    assert capsys.readouterr().out == first
    links = first.splitlines()
    assert len(links) == 2
    for link, code in zip(links, ("26740", "26743"), strict=True):
        page, _, secret = link.partition("#")
        assert page == f"http://127.0.0.1:8081/p/{code}"
        assert check_point_secret(load_keys(tmp_path).link_key, code, secret)


def test_codes_come_from_the_input_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("26740\n26743 26746\n"))
    assert main(["link", "-", "--data-dir", str(tmp_path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_malformed_code_prints_no_link_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "26740", "../x", "--data-dir", str(tmp_path)]) == EXIT_USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "'../x' is no code" in captured.err
