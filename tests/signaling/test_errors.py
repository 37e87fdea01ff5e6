"""The table of refusals against PROTOCOL.md, and every exception's place in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from bridge.errors import BridgeError
from signaling import errors
from signaling.errors import REFUSALS, ServiceError, is_bug, refusal_of
from signaling.forwarding import Unavailable
from signaling.media import MediaRefused, MediaUnavailable
from signaling.store import StoreUnavailable

PROTOCOL = (Path(errors.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")


def test_table_and_document_agree() -> None:
    section = PROTOCOL.split("## 3. Error codes")[1].split("## 4.")[0]
    rows = re.findall(r"^\| (\w+) \| (\d+|–) \| (\d+|–) \|", section, re.MULTILINE)
    assert {code for code, _, _ in rows} == set(REFUSALS) == set(get_args(errors.Code))
    for code, status, close in rows:
        refusal = REFUSALS[code]
        assert status == "–" or int(status) == refusal.http_status, code
        assert close == "–" or int(close) == refusal.close_code, code


def test_close_codes_are_explained_to_clients() -> None:
    section = PROTOCOL.split("## 4. Close codes")[1].split("## 5.")[0]
    for refusal in REFUSALS.values():
        assert re.search(rf"^\| .*\b{refusal.close_code}\b", section, re.MULTILINE), refusal.close_code


def test_every_message_is_in_two_languages_and_fits_its_model() -> None:
    for refusal in REFUSALS.values():
        body = refusal.body()
        assert body.message.vi
        assert body.message.en
        assert body.message.vi != body.message.en


def domain(code: str, fault: str) -> BridgeError:
    return BridgeError(code, "lỗi", "fault", fault)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "code", "status", "close", "bug"),
    [
        (ServiceError("too_many", retry_after_s=3), "too_many", 503, 4429, False),
        (domain("point_busy", "user"), "point_busy", 409, 4403, False),
        (domain("unknown_call", "user"), "unknown_call", 404, 4403, False),
        (domain("forbidden", "user"), "forbidden", 403, 4403, False),
        (domain("bad_report", "remote"), "bad_report", 400, 4400, False),
        (domain("bad_feed", "caller"), "bad_feed", 400, 4400, True),
        (domain("illegal_move", "bug"), "illegal_move", 500, 1011, True),
        (Unavailable("away"), "unavailable", 503, 4503, False),
        (StoreUnavailable("away"), "unavailable", 503, 4503, False),
        (MediaUnavailable("away"), "media_unavailable", 503, 4503, False),
        (MediaRefused("busy", "full"), "media_unavailable", 503, 4503, False),
        (MediaRefused("bad_offer", "x"), "bad_offer", 400, 4400, False),
        (MediaRefused("unknown_peer", "x"), "not_found", 404, 4403, False),
        (ZeroDivisionError("secret detail"), "internal", 500, 1011, True),
    ],
)
def test_refusal_of(error: Exception, code: str, status: int, close: int, bug: bool) -> None:
    refusal = refusal_of(error)
    assert (refusal.code, refusal.http_status, refusal.close_code) == (code, status, close)
    assert is_bug(error) is bug


def test_overload_says_when_to_come_back() -> None:
    for error in (ServiceError("too_many", retry_after_s=3), Unavailable("x"), MediaUnavailable("x"), MediaRefused("busy", "x")):
        assert (refusal_of(error).retry_after_s or 0) >= 1


def test_nothing_of_an_unforeseen_error_is_told() -> None:
    body = refusal_of(ValueError("token eyJhbGciOi")).body()
    assert "eyJ" not in body.model_dump_json()


def test_better_sentences_replace_the_table_s() -> None:
    refusal = ServiceError("forbidden", message_vi="Không", message_en="No").refusal
    assert (refusal.message_vi, refusal.message_en, refusal.code) == ("Không", "No", "forbidden")
    assert REFUSALS["forbidden"].message_en != "No"
