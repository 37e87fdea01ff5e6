"""What the REST routes of :mod:`signaling.api` answer and are asked, as models: the OpenAPI document is made of them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from signaling.meeting_views import BoardView, RequestView
from signaling.message_fields import AbsenceCause, Code, Count, Presence, ServerModel, Text100, Text200, Time
from signaling.messages import CallView
from signaling.rest import QueryModel

MAX_CALLS: Final = 1000
DEFAULT_CALLS: Final = 200
MAX_ATTENDANCE: Final = 20_000
"""More points than the country has, some 150 bytes each."""
DEFAULT_ATTENDANCE: Final = 1000


class DirectoryAnswer(ServerModel):
    """All units and points."""

    version: str
    units: list[Annotated[list[Text200 | None], Field(min_length=4, max_length=4)]]
    """``[code, name, parent, kind]``."""
    points: list[Annotated[list[Text200], Field(min_length=3, max_length=3)]]
    """``[code, unit, name]`` in the order of the state frame."""


class CallsQuery(QueryModel):
    """How many calls."""

    limit: Annotated[int, Field(ge=1, le=MAX_CALLS)] = DEFAULT_CALLS


class CallsAnswer(ServerModel):
    """The newest calls of the scope."""

    session: Code
    at: Time
    calls: list[CallView]


class RollCallsAnswer(ServerModel):
    """The counters of roll calls, newest first."""

    session: Code
    at: Time
    roll_calls: list[BoardView]


class AttendanceQuery(QueryModel):
    """Whose attendance, and which of them."""

    unit: Code | None = None
    status: Literal["waiting", "present", "late", "absent", "missing", "no_answer", "offline", "all"] = "missing"
    limit: Annotated[int, Field(ge=1, le=MAX_ATTENDANCE)] = DEFAULT_ATTENDANCE


class AttendanceRow(ServerModel):
    """One point in a roll call."""

    point: Code
    point_name: Text200
    presence: Presence
    cause: AbsenceCause | None
    confirmed_at: Time | None
    name: Text100 | None
    function: Text100 | None


class AttendanceAnswer(ServerModel):
    """One roll call: its counters, and points."""

    session: Code
    at: Time
    roll_call: BoardView
    points: list[AttendanceRow]
    has_more: bool


class FloorAnswer(ServerModel):
    """Who speaks and who waits."""

    session: Code
    at: Time
    holder: RequestView | None
    queue: list[RequestView]
    waiting: Count


class LinkAnswer(ServerModel):
    """A point's new link."""

    point: Code
    generation: Annotated[int, Field(ge=0)]
    link: str
