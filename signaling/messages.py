"""The messages of PROTOCOL.md as types: one discriminated union for each direction.

Theory of operation. A client's text is parsed by :func:`parse_client_message`, which raises :class:`MessageError` and
nothing else, whatever the text; the error names the place of the fault and never repeats the input, since the input may
hold a secret. Client models are strict (``"1"`` is no integer) and closed (an unknown field is a fault); every string and
list has a bound. Server models have the same bounds, so a fault in our own data shows in tests and not in a browser.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from bridge.ids import STANDING_LINE
from signaling.agenda_messages import AgendaMessage
from signaling.console_orders import Order
from signaling.directive_messages import DirectiveBoard, DirectiveMessage
from signaling.draw_messages import DrawMessage
from signaling.matter_fields import MatterMessage
from signaling.meeting_views import MAX_QUEUE_LISTED, AttendingReason, BoardView, QuestionView, RequestView
from signaling.message_fields import (
    MAX_POINTS,
    CallState,
    Cause,
    ClientModel,
    Code,
    Count,
    Device,
    Report,
    RequestId,
    Role,
    Secret,
    ServerModel,
    SessionKind,
    SessionState,
    Text64,
    Text128,
    Text200,
    Text400,
    Text600,
    Time,
    Token,
)
from signaling.point_messages import LimitPicture, PictureLevel, PointMessage, StillsConsent
from signaling.proposal_messages import ProposalMessage, ProposalsMessage
from signaling.talkback_messages import TalkbackMessage

PROTOCOL_VERSION: Final = 1
MAX_MESSAGE_BYTES: Final = 64 * 1024
"""Largest client message: the largest honest one (a hello with a 4,096-character token and a report) is under 6 KiB."""

MAX_CALLS_LISTED: Final = 100
MAX_ON_AIR_LISTED: Final = 8
MAX_TRAIL_ENTRIES: Final = 256


class MessageError(ValueError):
    """A client's message is not one of PROTOCOL.md. The text says where, and never repeats what was sent."""


class PointCredential(ClientModel):
    """A desk's lasting link: its code and the secret of the link's fragment."""

    kind: Literal["point"]
    code: Code
    secret: Secret


class TokenCredential(ClientModel):
    """A signed token of a center, an operator or a viewer."""

    kind: Literal["token"]
    token: Token


Credential: TypeAlias = Annotated[PointCredential | TokenCredential, Field(discriminator="kind")]

# --- client to server ---------------------------------------------------------------------------------------------------


class Hello(ClientModel):
    """The first message: who is there, and for which session."""

    type: Literal["hello"]
    protocol: Annotated[int, Field(ge=PROTOCOL_VERSION, le=PROTOCOL_VERSION)]
    credential: Credential
    session: Code = STANDING_LINE
    report: Report | None = None


class CommandMessage(ClientModel):
    """An operator's order; answered by ``ack`` or ``error`` with the same id."""

    type: Literal["command"]
    id: RequestId
    command: Order


ClientMessage: TypeAlias = Hello | PointMessage | LimitPicture | StillsConsent | CommandMessage

_CLIENT: Final[TypeAdapter[ClientMessage]] = TypeAdapter(
    Annotated[Hello | CommandMessage | PointMessage | LimitPicture | StillsConsent, Field(discriminator="type")]
)

# --- server to client ---------------------------------------------------------------------------------------------------


class Bilingual(ServerModel):
    """One sentence for people, in both languages."""

    vi: Text600
    en: Text600


class ErrorBody(ServerModel):
    """A stable code for machines and a sentence for people."""

    code: Text64
    message: Bilingual
    retry_after_s: Annotated[float, Field(ge=0)] | None = None


class OnAir(ServerModel):
    """One point on air."""

    call: Code
    point: Code
    name: Text200


class Stage(ServerModel):
    """What everybody may know of the session."""

    session_state: SessionState
    center_live: bool
    on_air: Annotated[tuple[OnAir, ...], Field(max_length=MAX_ON_AIR_LISTED)]
    recording: bool = False
    """Whether what is seen and heard is recorded: every page shows it."""


class TrailEntry(ServerModel):
    """One step of a call with its evidence."""

    at: Time
    what: Text64
    by: Text200
    note: Text400 | None
    report: Report | None


class Evidence(ServerModel):
    """What was known in the moment a call failed."""

    point_live: bool
    last_seen: Time | None
    offline_since: Time | None
    left_reason: Text400 | None
    rings_sent: Annotated[int, Field(ge=0)]
    rang_at: Time | None
    delivered_at: Time | None
    answered_at: Time | None
    deadline: Time | None
    video: bool
    audio: bool
    device: Device | None
    detail: Text400
    report: Report | None


class CallView(ServerModel):
    """A call as consoles and the called point see it."""

    id: Code
    point: Code
    point_name: Text200
    state: CallState
    cause: Cause | None
    by: Text200
    monitor: Annotated[int, Field(ge=1, le=4)] | None
    placed_at: Time | None
    ringing_at: Time | None
    delivered_at: Time | None
    answered_at: Time | None
    connected_at: Time | None
    connected_by: Literal["video", "audio"] | None
    preview_at: Time | None
    on_air_at: Time | None
    off_air_at: Time | None
    air_at: Time | None = None
    """When it goes on air by its countdown."""
    interrupted_at: Time | None
    ended_at: Time | None
    deliver_deadline: Time | None
    answer_deadline: Time | None
    evidence: Evidence | None
    trail: Annotated[tuple[TrailEntry, ...], Field(max_length=MAX_TRAIL_ENTRIES)]
    record: Code
    together: Code | None
    called_back_at: Time | None
    explained_at: Time | None


class SessionRef(ServerModel):
    """Which session this is."""

    id: Code
    title: Text200


class PointRef(ServerModel):
    """Which point the connection is."""

    code: Code
    name: Text200
    path: Annotated[tuple[Text200, ...], Field(max_length=32)]


class MediaState(ServerModel):
    """Is the media node there, and which life of it."""

    ready: bool
    epoch: Text64


class Welcome(ServerModel):
    """The credential was good; the state of things."""

    type: Literal["welcome"] = "welcome"
    protocol: Literal[1] = 1
    session: SessionRef
    role: Role
    point: PointRef | None
    subject: Text128
    token: Token
    token_expires_at: Time
    media: MediaState
    stage: Stage
    call: CallView | None
    at: Time


class Refused(ServerModel):
    """The last message before a close."""

    type: Literal["refused"] = "refused"
    error: ErrorBody


class MediaMessage(ServerModel):
    """The media node came, went or started anew."""

    type: Literal["media"] = "media"
    ready: bool
    epoch: Text64


class PictureMessage(ServerModel):
    """To a point: how much of the pictures it gets from now on."""

    type: Literal["picture"] = "picture"
    level: PictureLevel
    is_wish: bool
    """Because it asked for no more; else its line carries no more."""


class StillsState(ServerModel):
    """To a point: whether its stills are taken from now on, how often, and how large they may be."""

    type: Literal["stills"] = "stills"
    on: bool
    every_s: Annotated[float, Field(gt=0)]
    max_bytes: Annotated[int, Field(gt=0)]


class StageMessage(ServerModel):
    """The stage changed."""

    type: Literal["stage"] = "stage"
    stage: Stage


class Ring(ServerModel):
    """To the called point: ring now."""

    type: Literal["ring"] = "ring"
    call: CallView


class CallMessage(ServerModel):
    """A call moved."""

    type: Literal["call"] = "call"
    call: CallView


class Frame(ServerModel):
    """Every point's state, four bits each."""

    type: Literal["frame"] = "frame"
    version: Time
    directory: Text64
    count: Annotated[int, Field(ge=0, le=MAX_POINTS)]
    states: Annotated[str, StringConstraints(max_length=MAX_POINTS)]


class Changes(ServerModel):
    """Points whose state is another since an earlier version."""

    type: Literal["changes"] = "changes"
    version: Time
    changes: Annotated[
        tuple[tuple[Annotated[int, Field(ge=0, lt=MAX_POINTS)], Annotated[int, Field(ge=0, le=15)]], ...],
        Field(max_length=MAX_POINTS),
    ]


class Calls(ServerModel):
    """The calls worth showing, newest first."""

    type: Literal["calls"] = "calls"
    calls: Annotated[tuple[CallView, ...], Field(max_length=MAX_CALLS_LISTED)]


class AttendingMessage(ServerModel):
    """To a point: whose programme it gets from now on, and why."""

    type: Literal["attending"] = "attending"
    session: SessionRef
    kind: SessionKind
    center: Text200
    """The name of the presiding unit; empty where nobody said it."""
    level: Annotated[int, Field(ge=0)]
    reason: AttendingReason
    stage: Stage


class RollCallMessage(ServerModel):
    """To a point: a roll call asks it, or its own state in one changed."""

    type: Literal["roll_call"] = "roll_call"
    roll_call: QuestionView


class RollCallBoard(ServerModel):
    """To a console: the counters of a roll call."""

    type: Literal["roll_call_board"] = "roll_call_board"
    roll_call: BoardView


class FloorMessage(ServerModel):
    """To a point: its own request to speak in a session; None when it has none there any more."""

    type: Literal["floor"] = "floor"
    session: Code = STANDING_LINE
    request: RequestView | None


class FloorQueue(ServerModel):
    """To a console: who speaks and who waits, of its scope."""

    type: Literal["floor_queue"] = "floor_queue"
    holder: RequestView | None
    queue: Annotated[tuple[RequestView, ...], Field(max_length=MAX_QUEUE_LISTED)]
    waiting: Count


class Ack(ServerModel):
    """A command is on disk."""

    type: Literal["ack"] = "ack"
    id: RequestId
    at: Time
    call: Code | None
    roll_call: Code | None = None
    made: Code | None = None
    """What else the command began: a session, a list of calls, a directive, a draw…"""


class ErrorMessage(ServerModel):
    """A command or message was not carried out."""

    type: Literal["error"] = "error"
    id: RequestId | None
    error: ErrorBody


class Tick(ServerModel):
    """The line lives."""

    type: Literal["tick"] = "tick"
    at: Time


ServerMessage: TypeAlias = (
    Welcome
    | Refused
    | MediaMessage
    | PictureMessage
    | StillsState
    | StageMessage
    | Ring
    | CallMessage
    | Frame
    | Changes
    | Calls
    | AttendingMessage
    | RollCallMessage
    | RollCallBoard
    | FloorMessage
    | FloorQueue
    | AgendaMessage
    | DirectiveMessage
    | DirectiveBoard
    | ProposalMessage
    | ProposalsMessage
    | DrawMessage
    | TalkbackMessage
    | Ack
    | ErrorMessage
    | Tick
    | MatterMessage
)

_SERVER: Final[TypeAdapter[ServerMessage]] = TypeAdapter(Annotated[ServerMessage, Field(discriminator="type")])

# --- parsing ------------------------------------------------------------------------------------------------------------


def parse_client_message(text: str) -> ClientMessage:
    """Parse one WebSocket text message of a client.

    Raises :class:`MessageError` for anything that PROTOCOL.md does not have; its text names place and kind of the fault only.
    """
    if len(text) > MAX_MESSAGE_BYTES:
        raise MessageError("message too large")
    try:
        return _CLIENT.validate_json(text)
    except ValidationError as error:
        raise MessageError(_describe(error)) from None
    except ValueError:  # lone surrogates cannot be encoded as UTF-8
        raise MessageError("message is not valid text") from None


def parse_server_message(text: str) -> ServerMessage:
    """Parse one message of the server (clients written in Python, and tests).

    Raises :class:`MessageError`.
    """
    try:
        return _SERVER.validate_json(text)
    except ValidationError as error:
        raise MessageError(_describe(error)) from None
    except ValueError:
        raise MessageError("message is not valid text") from None


def _describe(error: ValidationError) -> str:
    """Say where and what, without the input: field names of our own models and the kind of fault.

    An unknown field's name is the client's text, so of ``extra_forbidden`` only the place above it is told.
    """
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    kind = first["type"]
    location = first["loc"][:-1] if kind == "extra_forbidden" else first["loc"]
    place = ".".join(str(part) for part in location)
    return f"{place or 'message'}: {kind}"
