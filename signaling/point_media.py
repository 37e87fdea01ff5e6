"""The media of points and accounts: which session the viewers of points are in, and the end of media that is let in no more.

Theory of operation. A point's peer at the media node lives on without its WebSocket, so that a page may reconnect in the middle
of a call, and through every change of what the point takes part in: a viewer is *moved* from one session's programme to another's
at the node, and the page negotiates nothing. This process remembers of each peer of a point or an account that it let in, or that
the node named as a point's when it was found, whose it is, in which session a point's viewer is, and by which generation of the
link or account it came. What has to be done at the node (move, or end) is tried again and again while the node is away; only the
newest wish counts.

Somebody who came by a link that was replaced, or by an account that was disabled, must not go on watching, so such peers are
ended. Of peers that the node named, this process cannot know by which link they came: they count as come by the one in force when
they were named.

What is remembered is bounded and ends with the process.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from bridge.ids import point_of_feed
from signaling.auth import Identity
from signaling.media import MediaError, MediaPeer, MediaRefused
from signaling.resources import MAX_REMEMBERED

_log = structlog.get_logger(__name__)

RETRY_S: Final = 0.5
BATCH: Final = 64
"""Requests that are on their way to the node at once: ten thousand viewers are moved in some 160 exchanges."""


class Node(Protocol):
    """What is needed of :class:`signaling.media.MediaNode`."""

    async def leave(self, peer: str) -> None:
        """End a peer."""
        ...

    async def move(self, peer: str, session: str) -> None:
        """Give a viewer another session's programme."""
        ...


@dataclass(slots=True)
class _Peer:
    key: str
    """The point, or the account: what its generation is kept under."""
    generation: int
    session: str | None
    """The session that a viewer is in, as far as it is known; None for a publisher and for an account's,
    which are never moved."""


class PointMedia:
    """See the module's text. :meth:`run` must be running."""

    def __init__(self, node: Node, limit: int = MAX_REMEMBERED) -> None:
        self._node = node
        self._limit = limit
        self._peers: OrderedDict[str, _Peer] = OrderedDict()
        self._of_key: dict[str, dict[str, None]] = {}
        self._ending: dict[str, None] = {}
        self._moving: dict[str, str] = {}
        self._something = asyncio.Event()

    def __len__(self) -> int:
        return len(self._peers)

    def has_viewers(self, point: str) -> bool:
        """Whether a point has peers at the node that are known here."""
        return point in self._of_key

    def viewers_of(self, point: str) -> list[str]:
        """A point's viewers at the node that are known here."""
        return [peer for peer in self._of_key.get(point, ()) if self._peers[peer].session is not None]

    def session_of(self, peer: str) -> str | None:
        """The session that a viewer is in, or is being moved to."""
        known = self._peers.get(peer)
        return self._moving.get(peer) or (known.session if known is not None else None)

    def joined(self, peer: str, identity: Identity, session: str | None = None) -> None:
        """A peer was let in, a point's viewer with its session; only those of points and accounts matter."""
        key = identity.generation_key
        if key is not None:
            self._remember(peer, _Peer(key, identity.generation, None if identity.point is None else session))

    def found(self, peers: tuple[MediaPeer, ...], generation_of: Callable[[str], int]) -> list[str]:
        """The node named all the peers that it has; the points of viewers, which may have to be moved.

        ``generation_of`` gives the generation in force of a point's link.
        """
        named = {each.peer: each for each in peers}
        for peer in [peer for peer in self._peers if peer not in named]:
            self._drop(peer)
        points: dict[str, None] = {}
        for peer, each in named.items():
            point = point_of_feed(each.owner or each.feed or "")
            if point is None:
                continue
            is_viewer = each.role == "viewer"
            known = self._peers.get(peer)
            if known is None:
                self._remember(peer, _Peer(point, generation_of(point), each.session if is_viewer else None))
            elif is_viewer:
                known.session = each.session
            if is_viewer:
                points[point] = None
        return list(points)

    def attend(self, point: str, session: str) -> None:
        """The point gets this session's programme from now on."""
        for peer in self._of_key.get(point, ()):
            known = self._peers[peer]
            if known.session is None or self.session_of(peer) == session:
                continue
            if known.session == session:
                self._moving.pop(peer, None)
            else:
                self._moving[peer] = session
                self._something.set()

    def forget(self, peer: str) -> None:
        """The peer is no more."""
        self._drop(peer)
        self._ending.pop(peer, None)

    def receive_generations(self, risen: Mapping[str, int]) -> None:
        """Links were replaced or accounts changed: have the media of those who came by the old ones ended."""
        for key, generation in risen.items():
            for peer in list(self._of_key.get(key, ())):
                if self._peers[peer].generation < generation:
                    self.end(peer)

    def end(self, peer: str) -> None:
        """Have a peer ended soon."""
        self._drop(peer)
        self._ending[peer] = None
        self._something.set()

    async def run(self) -> None:
        """Do what is to be done at the node, until cancelled."""
        while True:
            await self._something.wait()
            if not await self.turn():
                await asyncio.sleep(RETRY_S)

    async def turn(self) -> bool:
        """Try everything once; False when the node did not do all of it."""
        self._something.clear()
        try:
            for peer in list(self._ending):
                await self._node.leave(peer)
                self._ending.pop(peer, None)
            moving = list(self._moving.items())  # what is added meanwhile is for the next turn
            for first in range(0, len(moving), BATCH):
                batch = moving[first : first + BATCH]
                for error in await asyncio.gather(*(self._move(*each) for each in batch), return_exceptions=True):
                    if error is not None:
                        raise error
                await asyncio.sleep(0)
        except MediaError as error:
            waiting = len(self._ending) + len(self._moving)
            _log.warning("point_media.not_done", reason=type(error).__name__, waiting=waiting)
            self._something.set()
            return False
        return True

    async def _move(self, peer: str, session: str) -> None:
        if self._moving.get(peer) != session:  # something else is wanted by now
            return
        try:
            await self._node.move(peer, session)
        except MediaRefused as error:  # it is gone, or was no viewer
            _log.info("point_media.not_moved", code=error.code)
            if error.code == "unknown_peer":
                self._drop(peer)
        known = self._peers.get(peer)
        if known is not None:
            known.session = session
        if self._moving.get(peer) == session:
            del self._moving[peer]

    def _remember(self, peer: str, entry: _Peer) -> None:
        while len(self._peers) >= self._limit:
            self._drop(next(iter(self._peers)))
        self._drop(peer)
        self._peers[peer] = entry
        self._of_key.setdefault(entry.key, {})[peer] = None

    def _drop(self, peer: str) -> None:
        self._moving.pop(peer, None)
        known = self._peers.pop(peer, None)
        if known is None:
            return
        others = self._of_key[known.key]
        others.pop(peer, None)
        if not others:
            del self._of_key[known.key]
