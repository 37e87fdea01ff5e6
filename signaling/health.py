"""``/healthz`` and ``/readyz``: the process lives; the service can do its work."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from aiohttp import web

from signaling.store import StoreError

CHECK_TIMEOUT_S: Final = 1.0


class Pingable(Protocol):
    """The part of the store that is asked."""

    async def ping(self) -> None:
        """Return when it answers."""
        ...


class Owned(Protocol):
    """The part of an owner that is asked."""

    @property
    def is_ready(self) -> bool:
        """Whether commands can be given."""
        ...


class Node(Protocol):
    """The part of the media client that is asked."""

    ready: bool


class Health:
    """Two routes. ``owners`` may still be filling up; ``expected`` are the sessions that must be there."""

    def __init__(self, *, store: Pingable, owners: Mapping[str, Owned], media: Node, expected: Sequence[str]) -> None:
        self._store = store
        self._owners = owners
        self._media = media
        self._expected = tuple(expected)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Register the routes."""
        router.add_get("/healthz", self.live)
        router.add_get("/readyz", self.ready)

    async def live(self, _request: web.Request) -> web.Response:
        """200 as long as this process answers at all, whatever else is away."""
        return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def ready(self, _request: web.Request) -> web.Response:
        """200 when the store answers, the expected sessions can be commanded and the media node is connected; else 503."""
        store = await self._has_store()
        owner = all(name in self._owners and self._owners[name].is_ready for name in self._expected)
        parts = {"store": store, "owner": owner, "media": self._media.ready}
        is_ready = all(parts.values())
        headers = {"Cache-Control": "no-store"} if is_ready else {"Cache-Control": "no-store", "Retry-After": "1"}
        return web.json_response({"ready": is_ready, **parts}, status=200 if is_ready else 503, headers=headers)

    async def _has_store(self) -> bool:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await self._store.ping()
        except (StoreError, TimeoutError):
            return False
        return True
