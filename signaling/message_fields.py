"""What the messages of PROTOCOL.md are made of: field types with their bounds, the two kinds of model, and a page's report."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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
Role: TypeAlias = Literal["center", "operator", "observer", "viewer", "point"]
SessionKind: TypeAlias = Literal["standing", "meeting", "line"]
SessionState: TypeAlias = Literal["prepared", "open", "closed"]
CallState: TypeAlias = Literal[
    "queued", "ringing", "delivered", "answered", "connected", "preview", "on_air", "ended", "failed"
]  # fmt: skip
Cause: TypeAlias = Literal[
    "offline", "undelivered", "no_answer", "declined", "no_device", "media_failed", "network_lost", "engaged_above", "cancelled"
]  # fmt: skip


Presence: TypeAlias = Literal["waiting", "present", "late", "absent"]
AbsenceCause: TypeAlias = Literal["offline", "no_answer"]
RollCallState: TypeAlias = Literal["asking", "closed"]
FloorState: TypeAlias = Literal["waiting", "called", "speaking", "withdrawn", "done"]
Count: TypeAlias = Annotated[int, Field(ge=0, le=MAX_POINTS)]


class ClientModel(BaseModel):
    """What a client sends: strict, closed, and never repeated in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, allow_inf_nan=False)


class ServerModel(BaseModel):
    """What the server sends: closed, with the same bounds."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


class Report(ClientModel):
    """What a point's machine says of itself; evidence on a call's record."""

    visible: bool | None = None
    camera: DeviceState = "unknown"
    microphone: DeviceState = "unknown"
    rtt_ms: Annotated[float, Field(ge=0, le=600_000)] | None = None
    device: Text80 | None = None
