"""The line test of a page: some bytes down, some bytes up, so that a desk knows what its line carries before it joins.

Anybody may ask, since the page does before it has a token; so nothing is made for it, at most 64 KiB move either way, and there
is a bucket for each address and one for everybody. A test is at most 7 requests (``line-test.js``): an address may make twenty
tests at once (a district's desks behind one router) and one every two seconds, everybody together ten a second, which is at
most 1.3 MB/s each way. Who is refused is told when to come back; the page then says that it does not know, and lets its user
join all the same.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from signaling.admission import Addresses
from signaling.buckets import Bucket, KeyedBuckets
from signaling.errors import ServiceError
from signaling.rest import BODY_TIMEOUT_S, QueryModel, Route, read_query

MAX_BYTES: Final = 64 * 1024
"""Either way. 200 kb/s carry it in 2.6 s."""
REQUESTS_PER_TEST: Final = 7
ADDRESS_TESTS_PER_S: Final = 0.5
ADDRESS_TESTS_BURST: Final = 20
TESTS_PER_S: Final = 10
TESTS_BURST: Final = 100
_NO_STORE: Final = {"Cache-Control": "no-store, no-transform"}


class LineTestQuery(QueryModel):
    """How much to send."""

    bytes: Annotated[int, Field(ge=1, le=MAX_BYTES)] = MAX_BYTES


class LineTest:
    """The two routes.

    Args:
        addresses: whose address it is, behind proxies too.
        clock: monotonic seconds.
    """

    def __init__(self, addresses: Addresses, clock: Callable[[], float] = time.monotonic) -> None:
        self._addresses = addresses
        self._clock = clock
        self._by_address = KeyedBuckets(ADDRESS_TESTS_PER_S * REQUESTS_PER_TEST, ADDRESS_TESTS_BURST * REQUESTS_PER_TEST)
        self._everybody = Bucket(TESTS_PER_S * REQUESTS_PER_TEST, TESTS_BURST * REQUESTS_PER_TEST, clock())
        # What cannot be compressed on the way; made once, since its content means nothing.
        self._noise = os.urandom(MAX_BYTES)

    def routes(self) -> list[Route]:
        """What the router and the OpenAPI document take."""
        path, noise = "/api/line-test", "application/octet-stream"
        return [
            Route("GET", path, self.down, "So many bytes of noise", noise, query=LineTestQuery, access="anybody"),
            Route("POST", path, self.up, "Takes up to 64 KiB and forgets them", noise, 204, body=noise, access="anybody"),
        ]

    async def down(self, request: web.Request) -> web.Response:
        """Send noise."""
        self._admit(request)
        count = read_query(request, LineTestQuery).bytes
        return web.Response(body=self._noise[:count], content_type="application/octet-stream", headers=_NO_STORE)

    async def up(self, request: web.Request) -> web.Response:
        """Read what comes, keep nothing of it."""
        self._admit(request)
        if (request.content_length or 0) > MAX_BYTES:
            raise ServiceError("too_large")
        taken = 0
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                async for part in request.content.iter_any():
                    taken += len(part)
                    if taken > MAX_BYTES:
                        raise ServiceError("too_large")
        except TimeoutError:
            raise ServiceError("bad_message") from None
        return web.Response(status=204, headers=_NO_STORE)

    def _admit(self, request: web.Request) -> None:
        """Spend a token of the address and one of everybody's; raises ``too_many``."""
        now = self._clock()
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        wait_s = self._by_address.take(address, now)
        if wait_s == 0.0 and (wait_s := self._everybody.take(now)) > 0.0:
            self._by_address.put_back(address)
        if wait_s > 0.0:
            raise ServiceError("too_many", retry_after_s=round(wait_s, 3))
