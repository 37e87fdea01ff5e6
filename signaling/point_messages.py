"""What a point's page says, as PROTOCOL.md §2.4 has it; :mod:`signaling.orders` makes commands of the domain of them."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import StringConstraints

from signaling.directive_messages import AcknowledgeDirective
from signaling.matter_messages import PointMatterMessage
from signaling.message_fields import ClientModel, Code, Device, Report, Text100, Text200
from signaling.proposal_messages import SendProposal


class ReportMessage(ClientModel):
    """The point's machine changed."""

    type: Literal["report"]
    report: Report


class Ringing(ClientModel):
    """The page shows and sounds the ring."""

    type: Literal["ringing"]
    call: Code
    report: Report


class Answer(ClientModel):
    """Somebody at the point pressed answer."""

    type: Literal["answer"]
    call: Code
    report: Report


class Decline(ClientModel):
    """Somebody at the point pressed decline."""

    type: Literal["decline"]
    call: Code
    reason: Text200 | None = None
    report: Report


class DeviceFailed(ClientModel):
    """Camera or microphone could not be opened."""

    type: Literal["device_failed"]
    call: Code
    device: Device
    error: Text100
    report: Report


class HangUp(ClientModel):
    """The point ends its call."""

    type: Literal["hang_up"]
    call: Code


class Present(ClientModel):
    """Somebody at the point answers a roll call."""

    type: Literal["present"]
    roll_call: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    function: Text100 = ""
    report: Report


class AskFloor(ClientModel):
    """The point asks to speak."""

    type: Literal["ask_floor"]
    subject: Text200 = ""


class WithdrawFloor(ClientModel):
    """The point does not ask any more."""

    type: Literal["withdraw_floor"]


PictureLevel: TypeAlias = Literal["full", "half", "quarter", "sound"]
"""The best layer of the programme's pictures, the middle one, the lowest one, or only the sound."""


class LimitPicture(ClientModel):
    """The point wants no more of the pictures than this; its line may carry less. It is no order: nothing is recorded."""

    type: Literal["limit_picture"]
    level: PictureLevel


class StillsConsent(ClientModel):
    """The point begins to send stills on this connection, or withdraws: what is kept of it is deleted. Nothing is recorded."""

    type: Literal["stills"]
    on: bool


PointMessage: TypeAlias = (
    ReportMessage
    | Ringing
    | Answer
    | Decline
    | DeviceFailed
    | HangUp
    | Present
    | AskFloor
    | WithdrawFloor
    | PointMatterMessage
    | AcknowledgeDirective
    | SendProposal
)
