"""The media that points and accounts opened through this process: ended when the link is replaced or the account changed.

Theory of operation. A point's peer at the media node lives on without its WebSocket, so that a page may reconnect in the
middle of a call. Somebody who came by a link that was replaced, or by an account that was disabled, must not go on
watching that way: this process remembers of each such peer by which generation it was let in, and has the node end the
outdated ones, again and again while the node is away. What is remembered is bounded and ends with the process; the peers of
one that ended before live until they leave by themselves.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from signaling.auth import Identity
from signaling.media import MediaError
from signaling.resources import MAX_REMEMBERED

_log = structlog.get_logger(__name__)

RETRY_S: Final = 0.5


class PointMedia:
    """See the module's text; ``leave`` ends a peer at the node. :meth:`run` must be running."""

    def __init__(self, leave: Callable[[str], Awaitable[None]], limit: int = MAX_REMEMBERED) -> None:
        self._leave = leave
        self._limit = limit
        self._peers: OrderedDict[str, tuple[str, int]] = OrderedDict()
        self._ending: dict[str, None] = {}
        self._something = asyncio.Event()

    def __len__(self) -> int:
        return len(self._peers)

    def joined(self, peer: str, identity: Identity) -> None:
        """A peer was let in; only those of points and accounts matter."""
        key = identity.generation_key
        if key is None:
            return
        while len(self._peers) >= self._limit:
            self._peers.popitem(last=False)
        self._peers[peer] = (key, identity.generation)

    def forget(self, peer: str) -> None:
        """The peer is no more."""
        self._peers.pop(peer, None)
        self._ending.pop(peer, None)

    def receive_generations(self, risen: Mapping[str, int]) -> None:
        """Links were replaced or accounts changed: have the media of those who came by the old ones ended."""
        for peer, (key, generation) in list(self._peers.items()):
            if generation < risen.get(key, 0):
                self.end(peer)

    def end(self, peer: str) -> None:
        """Have a peer ended soon."""
        self._peers.pop(peer, None)
        self._ending[peer] = None
        self._something.set()

    async def run(self) -> None:
        """End what is to be ended, until cancelled."""
        while True:
            await self._something.wait()
            if not await self.turn():
                await asyncio.sleep(RETRY_S)

    async def turn(self) -> bool:
        """Try each once; False when the node did not do all of it."""
        self._something.clear()
        for peer in list(self._ending):
            try:
                await self._leave(peer)
            except MediaError as error:
                _log.warning("point_media.not_ended", reason=type(error).__name__, waiting=len(self._ending))
                self._something.set()
                return False
            self._ending.pop(peer, None)
        return True
