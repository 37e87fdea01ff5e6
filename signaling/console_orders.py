"""What consoles order, as PROTOCOL.md §2.5 has it; :mod:`signaling.orders` makes commands of the domain of them."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from signaling.agenda_messages import NextSpeakerOrder, SetAgendaOrder, SkipSpeakerOrder
from signaling.call_orders import MatterOrder
from signaling.directive_messages import IssueDirectiveOrder, WithdrawDirectiveOrder
from signaling.draw_messages import DrawPointsOrder
from signaling.message_fields import ClientModel, Code
from signaling.proposal_messages import AnswerProposalOrder, ForwardProposalOrder
from signaling.talkback_messages import TalkbackOrder

MAX_TAKE_DELAY_S: Final = 10
MAX_FLOOR_S: Final = 4 * 3600
MAX_ROLL_CALL_S: Final = 24 * 3600
MAX_ROLL_CALL_UNITS: Final = 100


class PlaceCallOrder(ClientModel):
    """Ring a point."""

    kind: Literal["place_call"]
    point: Code


class CallOrder(ClientModel):
    """Do something to a call."""

    kind: Literal["preview", "off_air", "end_call", "cancel_call"]
    call: Code


class TakeOrder(ClientModel):
    """Put a call on air, after a countdown of so many seconds; one that counts already at once."""

    kind: Literal["take"]
    call: Code
    delay_s: Annotated[int, Field(ge=0, le=MAX_TAKE_DELAY_S)] = 0


class StartRollCallOrder(ClientModel):
    """Ask every point of some units, by default of the account's scope, to confirm presence."""

    kind: Literal["start_roll_call"]
    seconds: Annotated[int, Field(ge=1, le=MAX_ROLL_CALL_S)]
    units: Annotated[list[Code], Field(min_length=1, max_length=MAX_ROLL_CALL_UNITS)] | None = None


class GiveFloorOrder(ClientModel):
    """Let a point speak, for the usual time where none is said."""

    kind: Literal["give_floor"]
    point: Code
    seconds: Annotated[int, Field(ge=1, le=MAX_FLOOR_S)] | None = None


class ExtendFloorOrder(ClientModel):
    """Give the speaker more time."""

    kind: Literal["extend_floor"]
    point: Code
    seconds: Annotated[int, Field(ge=1, le=MAX_FLOOR_S)]


class FloorOrder(ClientModel):
    """Take the floor back, or a request out of the queue."""

    kind: Literal["take_back_floor", "withdraw_floor"]
    point: Code


class CloseRollCallOrder(ClientModel):
    """End a roll call now."""

    kind: Literal["close_roll_call"]
    roll_call: Code


class RecordingOrder(ClientModel):
    """Record the session from now on, or no more."""

    kind: Literal["start_recording", "stop_recording"]


Order: TypeAlias = Annotated[
    PlaceCallOrder
    | CallOrder
    | TakeOrder
    | RecordingOrder
    | StartRollCallOrder
    | CloseRollCallOrder
    | GiveFloorOrder
    | ExtendFloorOrder
    | FloorOrder
    | MatterOrder
    | SetAgendaOrder
    | NextSpeakerOrder
    | SkipSpeakerOrder
    | IssueDirectiveOrder
    | WithdrawDirectiveOrder
    | AnswerProposalOrder
    | ForwardProposalOrder
    | DrawPointsOrder
    | TalkbackOrder,
    Field(discriminator="kind"),
]
