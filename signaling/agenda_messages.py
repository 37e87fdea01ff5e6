"""The agenda as PROTOCOL.md sends it: what consoles order, and what they hear."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from signaling.message_fields import ClientModel, Code, Count, ServerModel, Text200, Time

MAX_ITEMS: Final = 100
MAX_SPEAKING_S: Final = 4 * 3600
MAX_DURATION_MS: Final = MAX_SPEAKING_S * 1000

ItemState: TypeAlias = Literal["waiting", "called", "speaking", "done", "missed", "skipped"]
Milliseconds: TypeAlias = Annotated[int, Field(ge=0, le=2**53 - 1)]


class AgendaEntryOrder(ClientModel):
    """One speaker; ``item`` names one that is on the agenda already and keeps what became of it."""

    point: Code
    subject: Text200 = ""
    seconds: Annotated[int, Field(ge=1, le=MAX_SPEAKING_S)] | None = None
    item: Code | None = None


class SetAgendaOrder(ClientModel):
    """The whole agenda, in order."""

    kind: Literal["set_agenda"]
    items: Annotated[list[AgendaEntryOrder], Field(max_length=MAX_ITEMS)]


class NextSpeakerOrder(ClientModel):
    """Give the floor to the next item that has not spoken."""

    kind: Literal["next_speaker"]


class SkipSpeakerOrder(ClientModel):
    """Pass over an item that has not spoken."""

    kind: Literal["skip_speaker"]
    item: Code


class AgendaItemView(ServerModel):
    """One item."""

    id: Code
    place: Annotated[int, Field(ge=1, le=MAX_ITEMS)]
    point: Code
    point_name: Text200
    subject: Text200
    duration_ms: Annotated[int, Field(ge=0, le=MAX_DURATION_MS)]
    state: ItemState
    tries: Count
    called_at: Time | None
    started_at: Time | None
    ended_at: Time | None
    spoken_ms: Milliseconds


class AgendaMessage(ServerModel):
    """To a console: the items of its scope, and which of them is next."""

    type: Literal["agenda"] = "agenda"
    items: Annotated[tuple[AgendaItemView, ...], Field(max_length=MAX_ITEMS)]
    next: Code | None
