"""Sessions, roll calls and the floor as PROTOCOL.md sends them; :mod:`signaling.messages` puts them into messages."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from signaling.message_fields import (
    AbsenceCause,
    Code,
    Count,
    FloorState,
    Presence,
    RollCallState,
    ServerModel,
    Text100,
    Text200,
    Time,
)

MAX_BOARD_UNITS: Final = 100
AttendingReason: TypeAlias = Literal["standing", "meeting", "call"]
MAX_QUEUE_LISTED: Final = 100


class QuestionView(ServerModel):
    """A roll call as one of its points sees it."""

    id: Code
    state: RollCallState
    started_at: Time
    deadline: Time
    presence: Presence
    cause: AbsenceCause | None
    confirmed_at: Time | None
    name: Text100 | None
    function: Text100 | None


class TallyView(ServerModel):
    """The counters of a roll call."""

    asked: Count
    present: Count
    late: Count
    no_answer: Count
    offline: Count


class UnitTallyView(TallyView):
    """The counters of one unit."""

    unit: Code
    name: Text200


class BoardView(ServerModel):
    """A roll call as consoles see it: counters of their scope."""

    id: Code
    by: Text200
    state: RollCallState
    started_at: Time
    deadline: Time
    closed_at: Time | None
    total: TallyView
    units: Annotated[tuple[UnitTallyView, ...], Field(max_length=MAX_BOARD_UNITS)]
    units_left_out: Count


class RequestView(ServerModel):
    """A request to speak."""

    id: Code
    point: Code
    point_name: Text200
    subject: Text200
    state: FloorState
    place: Annotated[int, Field(ge=1)] | None
    asked_at: Time
    started_at: Time | None
    deadline: Time | None
    warned_at: Time | None
