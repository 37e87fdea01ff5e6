"""The messages of PROTOCOL.md as types: one discriminated union for each direction.

Theory of operation. A client's text is parsed by :func:`parse_client_message`, which raises :class:`MessageError` and
nothing else, whatever the text; the error names the place of the fault and never repeats the input, since the input may
hold a secret. Client models are strict (``"1"`` is no integer) and closed (an unknown field is a fault); every string and
list has a bound. Server models have the same bounds, so a fault in our own data shows in tests and not in a browser.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

PROTOCOL_VERSION: Final = 1
MAX_MESSAGE_BYTES: Final = 64 * 1024
"""Largest client message: the largest honest one (a hello with a 4,096-character token and a report) is under 6 KiB."""

MAX_CALLS_LISTED: Final = 100
MAX_ON_AIR_LISTED: Final = 8
MAX_TRAIL_ENTRIES: Final = 256
MAX_POINTS: Final = 1_000_000
"""More points than any directory has; bounds the index of a change."""

_MAX_SAFE_INTEGER: Final = 2**53 - 1
_CODE: Final = r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,31}\z"

Code: TypeAlias = Annotated[str, StringConstraints(pattern=_CODE)]
"""A unit's, point's or session's code, or a call's id."""
Time: TypeAlias = Annotated[int, Field(ge=0, le=_MAX_SAFE_INTEGER)]
"""Milliseconds since the Unix epoch."""
RequestId: TypeAlias = Annotated[int, Field(ge=0, le=_MAX_SAFE_INTEGER)]
Secret: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Token: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Text64: TypeAlias = Annotated[str, StringConstraints(max_length=64)]
Text80: TypeAlias = Annotated[str, StringConstraints(max_length=80)]
Text100: TypeAlias = Annotated[str, StringConstraints(max_length=100)]
Text128: TypeAlias = Annotated[str, StringConstraints(max_length=128)]
Text200: TypeAlias = Annotated[str, StringConstraints(max_length=200)]
Text400: TypeAlias = Annotated[str, StringConstraints(max_length=400)]
Text600: TypeAlias = Annotated[str, StringConstraints(max_length=600)]

DeviceState: TypeAlias = Literal["ok", "absent", "refused", "unknown"]
Device: TypeAlias = Literal["camera", "microphone"]
Role: TypeAlias = Literal["center", "operator", "viewer", "point"]
SessionState: TypeAlias = Literal["prepared", "open", "closed"]
CallState: TypeAlias = Literal[
    "queued", "ringing", "delivered", "answered", "connected", "preview", "on_air", "ended", "failed"
]  # fmt: skip
Cause: TypeAlias = Literal[
    "offline", "undelivered", "no_answer", "declined", "no_device", "media_failed", "network_lost", "engaged_above", "cancelled"
]  # fmt: skip


class MessageError(ValueError):
    """A client's message is not one of PROTOCOL.md. The text says where, and never repeats what was sent."""


class _ClientModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, allow_inf_nan=False)


class _ServerModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


# --- shared pieces ------------------------------------------------------------------------------------------------------


class Report(_ClientModel):
    """What a point's machine says of itself; evidence on a call's record."""

    visible: bool | None = None
    camera: DeviceState = "unknown"
    microphone: DeviceState = "unknown"
    rtt_ms: Annotated[float, Field(ge=0, le=600_000)] | None = None
    device: Text80 | None = None


class PointCredential(_ClientModel):
    """A desk's lasting link: its code and the secret of the link's fragment."""

    kind: Literal["point"]
    code: Code
    secret: Secret


class TokenCredential(_ClientModel):
    """A signed token of a center, an operator or a viewer."""

    kind: Literal["token"]
    token: Token


Credential: TypeAlias = Annotated[PointCredential | TokenCredential, Field(discriminator="kind")]

# --- client to server ---------------------------------------------------------------------------------------------------


class Hello(_ClientModel):
    """The first message: who is there, and for which session."""

    type: Literal["hello"]
    protocol: Annotated[int, Field(ge=PROTOCOL_VERSION, le=PROTOCOL_VERSION)]
    credential: Credential
    session: Code = "main"
    report: Report | None = None


class ReportMessage(_ClientModel):
    """The point's machine changed."""

    type: Literal["report"]
    report: Report


class Ringing(_ClientModel):
    """The page shows and sounds the ring."""

    type: Literal["ringing"]
    call: Code
    report: Report


class Answer(_ClientModel):
    """Somebody at the point pressed answer."""

    type: Literal["answer"]
    call: Code
    report: Report


class Decline(_ClientModel):
    """Somebody at the point pressed decline."""

    type: Literal["decline"]
    call: Code
    reason: Text200 | None = None
    report: Report


class DeviceFailed(_ClientModel):
    """Camera or microphone could not be opened."""

    type: Literal["device_failed"]
    call: Code
    device: Device
    error: Text100
    report: Report


class HangUp(_ClientModel):
    """The point ends its call."""

    type: Literal["hang_up"]
    call: Code


class PlaceCallOrder(_ClientModel):
    """Ring a point."""

    kind: Literal["place_call"]
    point: Code


class CallOrder(_ClientModel):
    """Do something to a call."""

    kind: Literal["preview", "take", "off_air", "end_call", "cancel_call"]
    call: Code


Order: TypeAlias = Annotated[PlaceCallOrder | CallOrder, Field(discriminator="kind")]


class CommandMessage(_ClientModel):
    """An operator's order; answered by ``ack`` or ``error`` with the same id."""

    type: Literal["command"]
    id: RequestId
    command: Order


PointMessage: TypeAlias = ReportMessage | Ringing | Answer | Decline | DeviceFailed | HangUp
ClientMessage: TypeAlias = Hello | PointMessage | CommandMessage

_CLIENT: Final[TypeAdapter[ClientMessage]] = TypeAdapter(
    Annotated[
        Hello | ReportMessage | Ringing | Answer | Decline | DeviceFailed | HangUp | CommandMessage, Field(discriminator="type")
    ]
)

# --- server to client ---------------------------------------------------------------------------------------------------


class Bilingual(_ServerModel):
    """One sentence for people, in both languages."""

    vi: Text600
    en: Text600


class ErrorBody(_ServerModel):
    """A stable code for machines and a sentence for people."""

    code: Text64
    message: Bilingual
    retry_after_s: Annotated[float, Field(ge=0)] | None = None


class OnAir(_ServerModel):
    """One point on air."""

    call: Code
    point: Code
    name: Text200


class Stage(_ServerModel):
    """What everybody may know of the session."""

    session_state: SessionState
    center_live: bool
    on_air: Annotated[tuple[OnAir, ...], Field(max_length=MAX_ON_AIR_LISTED)]


class TrailEntry(_ServerModel):
    """One step of a call with its evidence."""

    at: Time
    what: Text64
    by: Text200
    note: Text400 | None
    report: Report | None


class Evidence(_ServerModel):
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


class CallView(_ServerModel):
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
    interrupted_at: Time | None
    ended_at: Time | None
    deliver_deadline: Time | None
    answer_deadline: Time | None
    evidence: Evidence | None
    trail: Annotated[tuple[TrailEntry, ...], Field(max_length=MAX_TRAIL_ENTRIES)]


class SessionRef(_ServerModel):
    """Which session this is."""

    id: Code
    title: Text200


class PointRef(_ServerModel):
    """Which point the connection is."""

    code: Code
    name: Text200
    path: Annotated[tuple[Text200, ...], Field(max_length=32)]


class MediaState(_ServerModel):
    """Is the media node there, and which life of it."""

    ready: bool
    epoch: Text64


class Welcome(_ServerModel):
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


class Refused(_ServerModel):
    """The last message before a close."""

    type: Literal["refused"] = "refused"
    error: ErrorBody


class MediaMessage(_ServerModel):
    """The media node came, went or started anew."""

    type: Literal["media"] = "media"
    ready: bool
    epoch: Text64


class StageMessage(_ServerModel):
    """The stage changed."""

    type: Literal["stage"] = "stage"
    stage: Stage


class Ring(_ServerModel):
    """To the called point: ring now."""

    type: Literal["ring"] = "ring"
    call: CallView


class CallMessage(_ServerModel):
    """A call moved."""

    type: Literal["call"] = "call"
    call: CallView


class Frame(_ServerModel):
    """Every point's state, four bits each."""

    type: Literal["frame"] = "frame"
    version: Time
    directory: Text64
    count: Annotated[int, Field(ge=0, le=MAX_POINTS)]
    states: Annotated[str, StringConstraints(max_length=MAX_POINTS)]


class Changes(_ServerModel):
    """Points whose state is another since an earlier version."""

    type: Literal["changes"] = "changes"
    version: Time
    changes: Annotated[
        tuple[tuple[Annotated[int, Field(ge=0, lt=MAX_POINTS)], Annotated[int, Field(ge=0, le=15)]], ...],
        Field(max_length=MAX_POINTS),
    ]


class Calls(_ServerModel):
    """The calls worth showing, newest first."""

    type: Literal["calls"] = "calls"
    calls: Annotated[tuple[CallView, ...], Field(max_length=MAX_CALLS_LISTED)]


class Ack(_ServerModel):
    """A command is on disk."""

    type: Literal["ack"] = "ack"
    id: RequestId
    at: Time
    call: Code | None


class ErrorMessage(_ServerModel):
    """A command or message was not carried out."""

    type: Literal["error"] = "error"
    id: RequestId | None
    error: ErrorBody


class Tick(_ServerModel):
    """The line lives."""

    type: Literal["tick"] = "tick"
    at: Time


ServerMessage: TypeAlias = (
    Welcome | Refused | MediaMessage | StageMessage | Ring | CallMessage | Frame | Changes | Calls | Ack | ErrorMessage | Tick
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
