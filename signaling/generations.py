"""Which generation of each point's link and of each account is good: this process's copy of what the store keeps.

Theory of operation. A point's secret is an HMAC of its code and its *generation*, a number that is 0 until somebody has the
link replaced (rotated). The store keeps the numbers that are not 0 and rings a bell with those that rise. :meth:`Generations.run`
listens, reads everything at each new connection to the store and whenever no bell came for ``REREAD_S``, so a bell that was
lost costs that long at most. Numbers only rise here: what was refused once stays refused, also by a store that forgot.

Accounts have generations too, under ``account:<name>``: one rises when somebody changes the password, the role or the scope or
disables the account, and whoever came by an older one is refused and sent away like those who came by an old link.

While the store is away the last known numbers count. That lets nobody in who was locked out: a rotation is done when the
store has it, so none is done meanwhile. Before the first answer of the store nothing is known, and points are told to
come back (``unavailable``) rather than let in by a link that may have been replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from signaling.auth import Identity
from signaling.errors import ServiceError
from signaling.forwarding import backoff
from signaling.store import Store, StoreError

_log = structlog.get_logger(__name__)

REREAD_S: Final = 5.0
"""All numbers of the country are 11,367 fields, some 200 KiB, when every single link was replaced; mostly there are a few."""

Listener = Callable[[Mapping[str, int]], None]


class Generations:
    """See the module's text. :meth:`run` must be running."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._numbers: dict[str, int] = {}
        self._known = asyncio.Event()
        self._listeners: list[Listener] = []

    @property
    def is_known(self) -> bool:
        """Whether the store has answered once."""
        return self._known.is_set()

    async def wait_known(self) -> None:
        """Return when it has."""
        await self._known.wait()

    def of(self, point: str) -> int:
        """The generation of a point's link, or of an account by its key. Raises ``unavailable`` while nothing is known."""
        if not self.is_known:
            raise ServiceError("unavailable", retry_after_s=1)
        return self._numbers.get(point, 0)

    def is_current(self, identity: Identity) -> bool:
        """Whether somebody came by a link or login that is still good; true of all who came by none. Raises ``unavailable``."""
        key = identity.generation_key
        return key is None or identity.generation >= self.of(key)

    def listen(self, listener: Listener) -> None:
        """Be told which generations rose."""
        self._listeners.append(listener)

    def receive(self, found: Mapping[str, int]) -> None:
        """Take over what the store said, and tell the listeners what is new."""
        risen = {point: number for point, number in found.items() if number > self._numbers.get(point, 0)}
        self._numbers |= risen
        if risen:
            for listener in self._listeners:
                listener(risen)

    async def rotate(self, point: str) -> int:
        """Have a point's link replaced; the new generation, in force here when this returns. Raises StoreUnavailable."""
        risen = await self._store.rotate((point,))
        self.receive(risen)
        return risen[point]

    async def run(self) -> None:
        """Keep the copy up to date until cancelled."""
        attempt = 0
        while True:
            try:
                async with contextlib.aclosing(self._store.watch_generations(int(REREAD_S * 1000))) as news:
                    async for found in news:
                        self.receive(found)
                        self._known.set()
                        attempt = 0
            except StoreError as error:
                attempt += 1
                if attempt == 1:
                    _log.warning("generations.not_watched", reason=type(error).__name__)
            await asyncio.sleep(backoff(max(1, attempt)))
