"""What a point's page says about calls that failed, alerts and its roster, as PROTOCOL.md §2.4 has it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import StringConstraints

from signaling.matter_fields import Text2000
from signaling.message_fields import ClientModel, Code, Text200

Name: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class CallBack(ClientModel):
    """The point asks to be called again."""

    type: Literal["call_back"]
    call: Code
    note: Text200 = ""


class Explain(ClientModel):
    """Somebody at the point says why a call failed."""

    type: Literal["explain"]
    call: Code
    name: Name
    text: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class ConfirmAlert(ClientModel):
    """Somebody at an alerted desk confirms."""

    type: Literal["confirm_alert"]
    record: Code
    reached: bool
    name: Name
    text: Text2000 = ""


class ConfirmShift(ClientModel):
    """Somebody takes up the point's shift."""

    type: Literal["confirm_shift"]
    name: Name


PointMatterMessage: TypeAlias = CallBack | Explain | ConfirmAlert | ConfirmShift
