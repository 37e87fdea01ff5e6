"""The control socket of a node: signaling connects here, asks for peers and hears what became of them.

A shell: it reads lines, calls the node, writes lines. Several signaling processes may be connected; each hears all events. A
connection that does not read is closed when its buffer is full: signaling connects again and asks for the state. An exception
that nobody foresaw stays with its request, which is answered with the code ``internal``.
"""

from __future__ import annotations

import asyncio
import hmac
import traceback
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import structlog

from sfu import control_wire as wire
from sfu.events import NodeEvent

BUFFER_BYTES = 4 << 20
"""Events a connection may leave unread: some 40,000."""
HELLO_S = 5.0
log = structlog.get_logger()

Answer = dict[str, Any]
Perform = Callable[[Any], Awaitable[Answer]]
Pages = Iterable[list[Answer]]


class RequestRefusedError(Exception):
    """A request that is answered with an error; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ControlServer:
    """Listens on ``unix:PATH`` or ``tcp:HOST:PORT``.

    Args:
        address: where.
        secret: what the first line of a connection must hold.
        perform: carries out a request; raises :class:`RequestRefusedError`.
        greeting: the state a new connection is told: the answer to its hello, and the pages of peers for which that has no
            room. The pages are told first, each when it is taken; events come in between.
    """

    def __init__(self, address: str, secret: str, perform: Perform, greeting: Callable[[], tuple[Answer, Pages]]) -> None:
        self._address, self._secret, self._perform, self._greeting = address, secret.encode(), perform, greeting
        self._writers: set[asyncio.StreamWriter] = set()
        self._untold: list[bytes] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to listen; a socket file that a killed process left is replaced.

        Raises:
            OSError: the address cannot be bound.
        """
        scheme, _, rest = self._address.partition(":")
        if scheme == "unix":
            await asyncio.to_thread(Path(rest).unlink, missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, rest, limit=wire.LINE_BYTES_MAX)
            await asyncio.to_thread(Path(rest).chmod, 0o600)
        else:
            host, _, port = rest.rpartition(":")
            self._server = await asyncio.start_server(self._serve, host.strip("[]"), int(port), limit=wire.LINE_BYTES_MAX)

    async def close(self) -> None:
        """Stops listening and closes all connections."""
        self._tell_now()
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.close()

    def tell(self, event: NodeEvent) -> None:
        """Sends an event to all connections, soon: those of one turn of the loop leave in one piece."""
        if not self._writers:
            return
        if not self._untold:
            asyncio.get_running_loop().call_soon(self._tell_now)
        self._untold.append(wire.event_line(event))

    def _tell_now(self) -> None:
        """Writes what was not told yet: before anything else is written, so that all is heard in the order it came about."""
        if not self._untold:
            return
        lines = b"".join(self._untold)
        self._untold.clear()
        for writer in list(self._writers):
            if writer.transport.get_write_buffer_size() > BUFFER_BYTES:
                log.warning("control_connection_too_slow")
                self._writers.discard(writer)
                writer.transport.abort()
            else:
                writer.write(lines)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await self._greet(reader, writer):
                while line := await reader.readline():
                    answer = await self._answer(line)
                    self._tell_now()  # what the request brought about is told before it is answered
                    writer.write(answer)
                    await writer.drain()
        except (ConnectionError, asyncio.LimitOverrunError, ValueError, TimeoutError) as error:
            log.info("control_connection_ended", error=type(error).__name__)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        async with asyncio.timeout(HELLO_S):
            line = await reader.readline()
        try:
            hello = wire.parse_request(line)
        except wire.ControlError as error:
            writer.write(wire.refusal(None, "bad_request", str(error)))
            return False
        if not isinstance(hello, wire.Hello) or not hmac.compare_digest(hello.secret.encode(), self._secret):
            writer.write(wire.refusal(hello.id, "forbidden", "the first line says hello with the node's control secret"))
            return False
        self._tell_now()
        self._writers.add(writer)
        answer, pages = self._greeting()
        for page in pages:
            self._tell_now()
            writer.write(wire.peers_line(page))
            await writer.drain()
            await asyncio.sleep(0)  # a page is a millisecond or two; media goes on between them
        self._tell_now()
        writer.write(wire.answer(hello.id, answer))
        return True

    async def _answer(self, line: bytes) -> bytes:
        try:
            request = wire.parse_request(line)
        except wire.ControlError as error:
            return wire.refusal(None, "bad_request", str(error))
        try:
            return wire.answer(request.id, await self._perform(request))
        except RequestRefusedError as error:
            return wire.refusal(request.id, error.code, str(error))
        except Exception:  # noqa: BLE001 (one bad request must not end the connection that carries all)
            log.error("control_request_failed", op=request.op, traceback=traceback.format_exc())
            return wire.refusal(request.id, "internal", "the node failed at this request; its log says how")
