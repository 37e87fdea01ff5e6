"""What consoles order about the record of calls, as PROTOCOL.md §2.6 has it."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from signaling.message_fields import ClientModel, Code, Text200

MAX_TOGETHER: Final = 4
MAX_LIST_POINTS: Final = 100


class RetryCallOrder(ClientModel):
    """Call the point of a call again, on the same record."""

    kind: Literal["retry_call"]
    call: Code


class PlaceCallsOrder(ClientModel):
    """Call several points at once; ``together``: they go on air when they are connected."""

    kind: Literal["place_calls"]
    points: Annotated[list[Code], Field(min_length=1, max_length=MAX_TOGETHER)]
    together: bool = False


class StartCallListOrder(ClientModel):
    """Call points one after the other."""

    kind: Literal["start_call_list"]
    points: Annotated[list[Code], Field(min_length=1, max_length=MAX_LIST_POINTS)]
    auto: bool = False


class CallListOrder(ClientModel):
    """Go on to the next point of a list, or stop it."""

    kind: Literal["next_call", "stop_call_list"]
    list: Code


class EscalationOrder(ClientModel):
    """Try others for the point of a failed call, or stop trying."""

    kind: Literal["escalate", "stop_escalation"]
    call: Code


class MarkContactOrder(ClientModel):
    """Say what came of a step."""

    kind: Literal["mark_contact"]
    call: Code
    step: Annotated[int, Field(ge=0, le=99)]
    outcome: Literal["reached", "no_answer", "wrong_number", "refused"]
    note: Text200 = ""


MatterOrder: TypeAlias = (
    RetryCallOrder | PlaceCallsOrder | StartCallListOrder | CallListOrder | EscalationOrder | MarkContactOrder
)
