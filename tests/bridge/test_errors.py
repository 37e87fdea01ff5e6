"""Refusals: both languages, the right state named, nothing foreign echoed at length."""

import pytest

from bridge import errors
from bridge.errors import BridgeError, IllegalMove
from bridge.machine import CallInput, CallState, Cause, SessionState

EVERY = [
    errors.unknown_point("x"),
    errors.unknown_unit("x"),
    errors.unknown_call("c9"),
    errors.bad_feed("x"),
    errors.bad_device("x"),
    errors.session_not_open("prepared"),
    errors.session_not_open("closed"),
    *(errors.session_state(state) for state in SessionState),
    *(errors.point_busy("Phường 10", state) for state in CallState),
    errors.too_many_calls(4),
    errors.stage_full(2),
    *(errors.call_over("Phường 10", "failed", cause, at_desk=desk) for cause in Cause for desk in (True, False)),
    errors.call_over("Phường 10", "ended", None, at_desk=True),
    *(errors.wrong_state("Phường 10", state, move) for state in CallState for move in (*CallInput, *Cause)),
    errors.forbidden("làm việc này", "do this"),
    errors.corrupt_record("x"),
    errors.bad_directory("Sai.", "Wrong."),
    IllegalMove("queued", "take"),
]


@pytest.mark.parametrize("error", EVERY, ids=lambda error: error.code)
def test_every_refusal_speaks_two_languages(error: BridgeError) -> None:
    assert error.message_vi.endswith((".", "?"))
    assert error.message_en.endswith((".", "?"))
    assert error.message_vi != error.message_en
    assert "  " not in error.message_vi + error.message_en
    assert error.fault in {"user", "remote", "caller", "bug"}
    assert error.to_dict() == {"code": error.code, "message": {"vi": error.message_vi, "en": error.message_en}}
    assert error.code in str(error)


def test_a_busy_point_names_the_state_of_its_call() -> None:
    error = errors.point_busy("Phường 10", "on_air")
    assert error.code == "point_busy"
    assert "đang phát" in error.message_vi
    assert "on air" in error.message_en


def test_a_call_that_is_over_tells_how_it_went() -> None:
    desk = errors.call_over("Phường 10", "failed", "no_answer", at_desk=True)
    console = errors.call_over("Phường 10", "failed", "no_answer", at_desk=False)
    assert desk.code == console.code == "call_over"
    assert "không ai trả lời" in desk.message_vi
    assert "giữ trang này mở" in desk.message_vi
    assert "giữ trang này mở" not in console.message_vi


def test_the_wrong_step_names_the_right_one() -> None:
    assert "Hủy gọi" in errors.wrong_state("P", "ringing", "end").message_vi
    assert "“End”" in errors.wrong_state("P", "preview", "cancelled").message_en


def test_foreign_text_is_cut_and_flattened() -> None:
    error = errors.unknown_point("x\n<script>" + "y" * 500)
    assert len(error.message_en) < 120
    assert "\n" not in error.message_en
