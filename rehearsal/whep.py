"""The points' HTTP: WHEP and WHIP requests over a bounded number of connections that stay open.

Each connection comes from an address of its own (127.63.0.x) where the service is on this machine, for ten thousand points do not
share one address either. There is no more HTTP here than the service speaks: HTTP/1.1, bodies with a length, no redirects.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

CONNECTIONS = 32
ANSWER_WITHIN_S = 30.0
BODY_MAX_BYTES = 256 * 1024
_HEADERS_MAX_BYTES = 32 * 1024


class HttpError(Exception):
    """No answer, or one that is no HTTP/1.1 with a length."""


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def retry_after_s(self) -> float:
        """``Retry-After`` in seconds; 1 where there is none."""
        try:
            return max(0.0, float(self.headers.get("retry-after", "1")))
        except ValueError:
            return 1.0


_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class HttpPool:
    """At most ``connections`` to the service at ``base_url``, kept alive; more requests wait.

    Raises:
        ValueError: ``base_url`` is not plain HTTP with a host.
    """

    def __init__(self, base_url: str, connections: int = CONNECTIONS) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"{base_url} is no http:// address; a rehearsal talks to the service itself, before any TLS proxy")
        self._host, self._port = parts.hostname, parts.port or 80
        self._authority = parts.netloc
        self._is_loopback = self._host.startswith("127.") or self._host == "localhost"
        self._free: list[int] = list(range(connections, 0, -1))
        self._open: dict[int, _Connection] = {}
        self._gate = asyncio.Semaphore(connections)

    async def request(
        self, method: Literal["POST", "DELETE"], path: str, token: str, body: bytes = b"", content_type: str = "application/sdp"
    ) -> Response:
        """One request and its answer.

        Raises:
            HttpError: no usable answer within 30 s.
        """
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._authority}\r\nAuthorization: Bearer {token}\r\n"
        if body:
            head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        message = head.encode() + b"\r\n" + body
        async with self._gate:
            number = self._free.pop()
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    return await self._exchange(number, message)
            except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
                self._drop(number)
                raise HttpError(f"{method} {path}: {error or type(error).__name__}") from error
            except BaseException:
                self._drop(number)
                raise
            finally:
                self._free.append(number)

    async def _exchange(self, number: int, message: bytes) -> Response:
        is_kept = number in self._open
        try:
            return await self._once(number, message)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            # A connection that was kept may have been closed meanwhile; the request never reached anybody then.
            if not is_kept or (isinstance(error, asyncio.IncompleteReadError) and error.partial):
                raise
            self._drop(number)
            return await self._once(number, message)

    async def _once(self, number: int, message: bytes) -> Response:
        connection = self._open.get(number)
        if connection is None:
            local = (f"127.63.0.{number % 250 + 1}", 0) if self._is_loopback else None
            connection = await asyncio.open_connection(self._host, self._port, local_addr=local, limit=_HEADERS_MAX_BYTES)
            self._open[number] = connection
        reader, writer = connection
        writer.write(message)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        size = int(headers.get("content-length", "0"))
        if not head[0].startswith("HTTP/1.") or size > BODY_MAX_BYTES or "transfer-encoding" in headers:
            raise ValueError(f"not an answer that is understood here: {head[0]!r}")
        response = Response(int(head[0].split()[1]), headers, await reader.readexactly(size))
        if headers.get("connection", "").lower() == "close":
            self._drop(number)
        return response

    def _drop(self, number: int) -> None:
        connection = self._open.pop(number, None)
        if connection is not None:
            connection[1].close()

    async def close(self) -> None:
        """Close all connections."""
        writers = [writer for _, writer in self._open.values()]
        self._open.clear()
        for writer in writers:
            writer.close()
        for writer in writers:
            with contextlib.suppress(OSError):
                await writer.wait_closed()
