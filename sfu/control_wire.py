"""The control connection's messages: JSON lines between signaling and a node. DESIGN: media never crosses it, keys never do.

One request a line with an ``id``; one answer a line with the same ``id`` and ``ok`` or ``error``; events come in between.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sfu.events import FeedFlowing, FeedStopped, NodeEvent, PeerConnected, PeerGone, ViewerLevel

LINE_BYTES_MAX = 256 * 1024
OFFER_CHARACTERS_MAX = 65_536

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9._:\-]+$")]
Token = Annotated[str, Field(min_length=8, max_length=128, pattern=r"^[A-Za-z0-9_\-]+$")]
Slots = Annotated[list[Name], Field(max_length=8)]
Offer = Annotated[str, Field(max_length=OFFER_CHARACTERS_MAX)]


class ControlError(ValueError):
    """A line that is no request."""


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: int


class Hello(_Request):
    """First line of a connection: the secret both sides read from the data folder or the settings."""

    op: Literal["hello"]
    secret: str


class JoinViewer(_Request):
    """A WHEP offer; slots are given to its receiving lines of each kind in order."""

    op: Literal["join_viewer"]
    session: Name
    peer: Token
    owner: Name | None = None
    video: Slots
    audio: Slots
    offer: Offer


class JoinPublisher(_Request):
    """A WHIP offer for a feed."""

    op: Literal["join_publisher"]
    session: Name
    peer: Token
    feed: Name
    offer: Offer


class Restart(_Request):
    """An ICE restart of a peer: the browser's new credentials (RFC 8445 §5.3)."""

    op: Literal["restart"]
    peer: Token
    ufrag: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{4,256}$")]
    pwd: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{22,256}$")]


class Leave(_Request):
    """The end of a peer."""

    op: Literal["leave"]
    peer: Token


class Move(_Request):
    """A viewer's slots shall follow another session's plan; nothing else of it changes."""

    op: Literal["move"]
    peer: Token
    session: Name


class Limit(_Request):
    """A viewer wants no more than this of the pictures: the best layer, the middle one, the lowest, or only sound."""

    op: Literal["limit"]
    peer: Token
    level: Literal["full", "half", "quarter", "sound"]


class Stats(_Request):
    """A request for the node's counters and gauges."""

    op: Literal["stats"]


AnyRequest = Hello | JoinViewer | JoinPublisher | Restart | Leave | Move | Limit | Stats
Request = Annotated[AnyRequest, Field(discriminator="op")]
_REQUEST: TypeAdapter[AnyRequest] = TypeAdapter(Request)
_EVENT_NAMES = {
    PeerConnected: "peer_connected",
    PeerGone: "peer_gone",
    FeedFlowing: "feed_flowing",
    FeedStopped: "feed_stopped",
    ViewerLevel: "viewer_level",
}


def parse_request(line: bytes) -> AnyRequest:
    """Reads one line.

    Raises:
        ControlError: what is wrong with it, without repeating the line (it may hold the secret).
    """
    try:
        return _REQUEST.validate_json(line)
    except ValidationError as error:
        where = ", ".join(".".join(str(part) for part in item["loc"]) + ": " + item["msg"] for item in error.errors()[:3])
        raise ControlError(f"not a request: {where}") from None


def answer(request_id: int, ok: dict[str, Any]) -> bytes:
    """The line of a request that succeeded."""
    return _line({"id": request_id, "ok": ok})


def refusal(request_id: int | None, code: str, message: str) -> bytes:
    """The line of a request that failed."""
    return _line({"id": request_id, "error": {"code": code, "message": message}})


def event_line(event: NodeEvent) -> bytes:
    """The line of an event."""
    return _line({"event": _EVENT_NAMES[type(event)], **asdict(event)})


def peers_line(peers: list[dict[str, Any]]) -> bytes:
    """A page of the peers that are there, for a connection that has said hello and is not answered yet."""
    return _line({"event": "peers", "peers": peers})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
