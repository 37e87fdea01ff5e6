"""The session's record."""

from bridge.machine import SessionState
from bridge.sessions import SessionRecord


def test_a_new_session_is_prepared() -> None:
    record = SessionRecord("main")
    assert (record.id, record.title, record.state) == ("main", "", SessionState.PREPARED)
    assert record.opened_at is record.closed_at is None
