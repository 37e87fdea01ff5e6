from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.errors import EXIT_USAGE
from cli.main import main
from config import load_keys
from signaling.auth import check_point_secret
from tests.signaling.servers import Valkey


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


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("link"))
    server.start()
    yield server
    server.stop()


def test_a_replaced_link_has_the_same_form_and_another_secret(valkey: Valkey, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--data-dir", str(valkey.data_dir)]
    codes = ["26740", "26743"]

    def printed(*words: str) -> list[str]:
        assert main(["link", *words, *flags]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out.split()

    first = printed(*codes)
    new = printed("--rotate", "26740")
    assert printed(*codes) == [new[0], first[1]]
    assert new[0] != first[0]
    assert len(new[0]) == len(first[0])
    link_key = load_keys(valkey.data_dir).link_key
    assert check_point_secret(link_key, "26740", new[0].partition("#")[2], 1)
    twice = printed("--rotate", *codes)
    assert check_point_secret(link_key, "26740", twice[0].partition("#")[2], 2)
    assert check_point_secret(link_key, "26743", twice[1].partition("#")[2], 1)

    assert main(["link", "--rotate", "26740", "99999", *flags]) == 1
    assert "there is no point 99999" in capsys.readouterr().err
    assert printed(*codes) == twice


def test_without_a_store_links_are_printed_with_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "26740", "--data-dir", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert check_point_secret(load_keys(tmp_path).link_key, "26740", out.strip().partition("#")[2])
    assert "start the service" in err


def test_without_a_store_nothing_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "--rotate", "26740", "--data-dir", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "start the service first" in err
