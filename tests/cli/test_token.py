from __future__ import annotations

from pathlib import Path

import jwt
import pytest

from cli.errors import EXIT_USAGE
from cli.main import main
from config import load_keys
from signaling.auth import check_token


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["token", *words]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return out.strip()


def test_only_the_token_is_printed_and_it_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = printed(capsys, "--role", "center", "--session", "main", "--data-dir", str(tmp_path))
    key = load_keys(tmp_path).token_key
    claims = jwt.decode(token, key, algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == 12 * 3600
    identity = check_token(key, token, now=claims["iat"], session="main")
    assert (identity.role, identity.subject, identity.scope) == ("center", "center", ("VN",))


def test_scope_life_and_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--role", "operator", "--scope", "79", "--scope", "80", "--hours", "0.5", "--subject", "operator:lan"]
    claims = jwt.decode(printed(capsys, *words, "--data-dir", str(tmp_path)), load_keys(tmp_path).token_key, algorithms=["HS256"])
    assert (claims["scope"], claims["exp"] - claims["iat"], claims["sub"]) == (["79", "80"], 1800, "operator:lan")


@pytest.mark.parametrize(
    "words",
    [
        ["--session", "../main"],
        ["--scope", "a b"],
        ["--hours", "0"],
        ["--hours", "-1"],
        ["--hours", "nan"],
        ["--hours", "100000"],
    ],
)
def test_nonsense_is_refused(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--role", "viewer", "--data-dir", str(tmp_path), *words]) == EXIT_USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("diemcau token: ")


def test_points_get_links_and_no_tokens(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["token", "--role", "point", "--data-dir", str(tmp_path)])
