"""Refusals about sessions: both languages, a stable code, the person's fault."""

from bridge.session_errors import no_common_center, session_exists, too_many_sessions, unknown_session


def test_they_say_what_is_the_matter_in_both_languages() -> None:
    refusals = [unknown_session("x" * 100), session_exists("main"), too_many_sessions(1000), no_common_center()]
    assert [refusal.code for refusal in refusals] == [
        "unknown_session",
        "session_exists",
        "too_many_sessions",
        "no_common_center",
    ]
    for refusal in refusals:
        assert refusal.fault == "user"
        assert refusal.message_vi != refusal.message_en
        assert "x" * 33 not in refusal.message_en, "what was typed is cut"
