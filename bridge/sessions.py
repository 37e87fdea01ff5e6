"""The session's own record."""

from dataclasses import dataclass

from bridge.machine import SessionState


@dataclass(slots=True)
class SessionRecord:
    """What the events so far say of the session itself."""

    id: str
    title: str = ""
    state: SessionState = SessionState.PREPARED
    opened_at: int | None = None
    opened_by: str | None = None
    closed_at: int | None = None
    closed_by: str | None = None
