"""The session's own record.

A session is of one of three kinds. The *standing line* is open day and night over everything; a *meeting* is opened over some
units, and their points take part in it while it is open; a *line* is a center's own, open for calls without any meeting: only
the points that it calls take part in it, and only for as long.
"""

from dataclasses import dataclass
from typing import Final, Literal

from bridge.machine import SessionState

SessionKind = Literal["standing", "meeting", "line"]
KINDS: Final[frozenset[str]] = frozenset({"standing", "meeting", "line"})
RECORDINGS: Final[frozenset[str]] = frozenset({"manual", "from_open"})
"""When a session is recorded: when somebody says so, or from its opening on."""


@dataclass(slots=True)
class SessionRecord:
    """What the events so far say of the session itself."""

    id: str
    title: str = ""
    kind: str = "standing"
    """One of `KINDS`."""
    units: tuple[str, ...] = ()
    """The subtrees that it is over; none were said: everything."""
    center: str = ""
    """The unit whose center presides; empty where nobody said it."""
    level: int = 0
    """How far the presiding unit is below the root: 0 is the highest. The higher level has priority."""
    prepared_by: str | None = None
    state: SessionState = SessionState.PREPARED
    opened_at: int | None = None
    opened_by: str | None = None
    closed_at: int | None = None
    closed_by: str | None = None
    recording: str = "manual"
    """One of `RECORDINGS`."""
    recording_since: int | None = None
    """Since when it is recorded; None while it is not."""
    recording_by: str | None = None
