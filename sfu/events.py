"""What a node tells signaling: facts in the past tense, each one JSON line of the control connection."""

from __future__ import annotations

from dataclasses import dataclass

from sfu.ids import FeedId, Kind, PeerId, SessionId


@dataclass(frozen=True, slots=True)
class PeerConnected:
    """A peer's handshake is complete: media can flow."""

    session: SessionId
    peer: PeerId


@dataclass(frozen=True, slots=True)
class PeerGone:
    """A peer has ended; ``reason`` is ``left``, ``replaced``, ``consent_lost``, ``closed_by_peer``, ``connect_timeout`` or
    what made its handshake fail."""

    session: SessionId
    peer: PeerId
    reason: str


@dataclass(frozen=True, slots=True)
class FeedFlowing:
    """A feed's sound or picture began to arrive."""

    session: SessionId
    feed: FeedId
    kind: Kind
    peer: PeerId


@dataclass(frozen=True, slots=True)
class FeedStopped:
    """A feed's sound or picture no longer arrives; ``reason`` is ``silent`` or why its peer ended."""

    session: SessionId
    feed: FeedId
    kind: Kind
    peer: PeerId
    reason: str


@dataclass(frozen=True, slots=True)
class FeedState:
    """One stream that flows, as a new control connection is told of it."""

    session: SessionId
    feed: FeedId
    kind: Kind
    peer: PeerId


@dataclass(frozen=True, slots=True)
class ViewerLevel:
    """A viewer's pictures come in another layer from now on, or not at all: ``level`` is ``full``, ``half``, ``quarter`` or
    ``sound``. ``is_wish``: because the viewer asked for no more, else because its line carries no more. ``owner`` is the
    feed that the viewer itself sends, if any: it tells whose viewer it is."""

    session: SessionId
    peer: PeerId
    owner: FeedId | None
    level: str
    is_wish: bool


NodeEvent = PeerConnected | PeerGone | FeedFlowing | FeedStopped | ViewerLevel
