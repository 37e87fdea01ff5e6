"""Routes about a session that this process does not serve at the moment: it is loaded first, for whoever may ask at all.

Sessions that closed long ago are put away (:mod:`signaling.session_book`); their records can be read all the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterable
from dataclasses import replace

from aiohttp import web

from signaling.admission import Addresses
from signaling.bearer import Bearers
from signaling.rest import Route


class Loaded:
    """Makes routes load the session that their path names.

    Args:
        served: the sessions that are served.
        load: serves one more; raises ``not_found`` or ``unavailable``.
        bearers: checks who asks, before anything is loaded.
        addresses: finds the address that asks.
    """

    def __init__(
        self, served: Container[str], load: Callable[[str], Awaitable[None]], bearers: Bearers, addresses: Addresses
    ) -> None:
        self._served, self._load, self._bearers, self._addresses = served, load, bearers, addresses

    def routes(self, routes: Iterable[Route]) -> list[Route]:
        """The same routes; those with a session in their path load it."""
        return [replace(route, handler=self._loading(route)) if "{session}" in route.path else route for route in routes]

    def _loading(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            session = request.match_info["session"]
            if session not in self._served:
                address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
                self._bearers.check(request, address, session)
                await self._load(session)
            return await route.handler(request)

        return handle
