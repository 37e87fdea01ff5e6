from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from signaling.log import REDACTED, Redactor, set_up_logging

TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjZW50ZXIifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
SECRET = "Jx2kQ9vT-ab_3LmNopQrSt"


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"hello {TOKEN} there", "hello [redacted] there"),
        (f"with lan.{'a' * 16}.{'b' * 43} again", "with [redacted] again"),
        ("kept $argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA so", "kept [redacted] so"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [redacted]"),
        ("unix://:hunter2@/run/valkey.sock", "unix://:[redacted]@/run/valkey.sock"),
        ("cannot reach redis://app:p%40ss@10.0.0.5:6379/0", "cannot reach redis://app:[redacted]@10.0.0.5:6379/0"),
        (f"https://h/p/26740#{SECRET}", "https://h/p/26740#[redacted]"),
        (f"https://h/console#token={TOKEN}", "https://h/console#token=[redacted]"),
        ("nothing secret: point 26740, call c17, https://h/p/26740", "nothing secret: point 26740, call c17, https://h/p/26740"),
    ],
)
def test_secrets_in_texts_are_blanked(text: str, kept: str) -> None:
    assert Redactor().clean_text(text) == kept


@pytest.mark.parametrize(
    "field", ["secret", "token", "password", "valkey_password", "Authorization", "pwd", "offer", "credential"]
)
def test_secret_fields_are_blanked_whatever_is_in_them(field: str) -> None:
    for value in (SECRET, 5, {"a": 1}, [SECRET]):
        assert Redactor()(None, "info", {field: value}) == {field: REDACTED}


def test_secrets_deep_inside_are_blanked() -> None:
    shown = Redactor()(None, "info", {"event": "x", "request": {"peer": "p", "items": [{"token": "t"}, f"a {TOKEN}"]}})
    assert shown == {"event": "x", "request": {"peer": "p", "items": [{"token": REDACTED}, f"a {REDACTED}"]}}


def test_objects_are_shown_as_text_and_blanked() -> None:
    assert Redactor()(None, "info", {"error": ValueError(f"bad {TOKEN}")}) == {"error": f"ValueError('bad {REDACTED}')"}


def test_numbers_and_nothing_stay_what_they_are() -> None:
    fields = {"n": 5, "f": 0.5, "yes": True, "none": None, "session": "main"}
    assert Redactor()(None, "info", dict(fields)) == fields


def test_addresses_are_blanked_only_when_asked_for() -> None:
    fields = {"address": "203.0.113.7", "event": "refused 203.0.113.7 and 2001:db8::1:2"}
    assert Redactor()(None, "info", dict(fields)) == fields
    shown = Redactor(hide_addresses=True)(None, "info", dict(fields))
    assert shown["address"] == REDACTED
    assert "203.0.113.7" not in shown["event"]
    assert "2001:db8" not in shown["event"]


def test_json_lines_from_both_kinds_of_loggers() -> None:
    stream = io.StringIO()
    set_up_logging("info", "json", process="signaling", stream=stream)
    structlog.get_logger("x").info("started", token=TOKEN, title="Phiên họp")
    structlog.get_logger("x").debug("not shown")
    logging.getLogger("aiohttp.server").error("failed with %s", TOKEN)
    first, second = lines(stream)
    assert (first["event"], first["token"], first["process"], first["level"]) == ("started", REDACTED, "signaling", "info")
    assert "Phiên họp" in stream.getvalue()
    assert second["event"] == f"failed with {REDACTED}"
    assert second["level"] == "error"


def test_traces_are_blanked_too() -> None:
    stream = io.StringIO()
    set_up_logging("info", "json", stream=stream)
    try:
        raise ValueError(f"bad {TOKEN}")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("x").exception("failed too")
    for line in lines(stream):
        assert "ValueError: bad [redacted]" in str(line["exception"])
    assert TOKEN not in stream.getvalue()


def test_people_get_readable_lines() -> None:
    stream = io.StringIO()
    set_up_logging("warning", "console", stream=stream)
    structlog.get_logger().warning("lease_lost", session="main")
    structlog.get_logger().info("not shown")
    assert "lease_lost" in stream.getvalue()
    assert "session=main" in stream.getvalue()
    assert "not shown" not in stream.getvalue()


def test_access_lines_are_not_written() -> None:
    stream = io.StringIO()
    set_up_logging("info", "json", stream=stream)
    logging.getLogger("aiohttp.access").info("GET /p/26740")
    assert stream.getvalue() == ""
