"""The aiohttp shell around :class:`~signaling.session.SignalingSession`: one handler a connection, one pump for all of them.

Theory of operation. The handler reads: it gives texts to the session and events to the hub. Nobody but the :class:`Pump`
writes. A hub that has something for a connection queues it in the session and wakes the pump; the pump writes only while
the transport's own buffer is small, so no write ever waits and one slow reader holds up nobody. Connections that have a
deadline running (no hello yet, or something waiting behind a full transport) are looked at every ``POLL_S``; the others
cost nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final, Protocol

import structlog
from aiohttp import ClientConnectionResetError, WSMsgType, web

from signaling.admission import Addresses, Admission
from signaling.auth import Identity
from signaling.errors import ServiceError, is_bug, refusal_of
from signaling.messages import MAX_MESSAGE_BYTES, ClientMessage, Hello
from signaling.point_messages import StillsConsent
from signaling.session import CLOSE_TOO_SLOW, HelloReceived, MessageReceived, Refusing, SignalingSession
from signaling.stills_intake import StillsIntake, tell_refusal
from signaling.turnstile import Turnstile

_log = structlog.get_logger(__name__)

POLL_S: Final = 0.25
SLICE: Final = 100
"""Connections served before others get the loop: 100 writes of some 25 µs."""

MAX_BUFFERED_BYTES: Final = 64 * 1024
"""More than this in a transport's buffer and its session keeps the rest, where newer messages replace older ones."""
_SEND_BUFFER_BYTES: Final = 128 * 1024
"""SO_SNDBUF: what the kernel takes for a client that does not read. The default grows to 4 MiB, times 10,000."""
_NEVER_WAIT: Final = 1 << 62
"""aiohttp waits for the transport to drain after this many bytes; the pump never writes into a full one, so it need not."""
_CLOSE_TIMEOUT_S: Final = 2.0
PING_S: Final = 6.0
"""aiohttp waits half of it for the pong: a dead line is found after 9 to 10 s."""
MAX_AWAITING_HELLO: Final = 2000
"""Connections that have not said who they are: 5 s of the default join rate."""
AWAITING_WAIT_S: Final = 2.0
"""The next of them is over by then in most cases: who says nothing is cut off after 5 s."""


class Line:
    """One connection, as hub and pump know it. ``identity`` is the hub's, set once its credential was good."""

    __slots__ = ("_socket", "_transport", "address", "has_said_hello", "identity", "is_closing", "session", "wake")

    def __init__(
        self,
        ws: web.WebSocketResponse,
        transport: asyncio.Transport,
        session: SignalingSession,
        address: str,
        wake: Callable[[Line], None],
    ) -> None:
        self._socket = ws
        self._transport = transport
        self.session = session
        self.address = address
        self.identity: Identity | None = None
        self.has_said_hello = False
        self.is_closing = False
        self.wake = wake

    async def flush(self) -> None:
        """Write what waits while the transport takes it. Never waits for the client."""
        while self.session.has_waiting and not self._transport.is_closing():
            if self._transport.get_write_buffer_size() > MAX_BUFFERED_BYTES:
                return
            for text in self.session.messages_to_send(limit=1):
                try:
                    await self._socket.send_str(text)
                except (ClientConnectionResetError, ConnectionError):
                    self._transport.abort()

    async def close(self) -> None:
        """End the connection with the session's close code; a client that does not take part is cut off."""
        code = self.session.close_code
        if code == CLOSE_TOO_SLOW and self._transport.get_write_buffer_size() > 0:
            self._transport.abort()
            return
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._socket.close(code=code or 1000)
        self._transport.abort()


class Hub(Protocol):
    """What the shell needs of the hub; :class:`signaling.hub.Hub` is it."""

    async def receive_hello(self, line: Line, hello: Hello) -> None:
        """Check the credential; welcome or raise."""
        ...

    async def receive_message(self, line: Line, message: ClientMessage) -> None:
        """Carry out what a welcomed client says; answers go into its session."""
        ...

    def lose(self, line: Line, reason: str) -> None:
        """The connection is gone."""
        ...


class Pump:
    """Writes for all connections and runs their clocks, in one task: see :meth:`run`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ready: dict[Line, None] = {}
        self._watched: dict[Line, None] = {}
        self._look_at_s = 0.0
        self._something = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()
        self.slow_closes = 0
        self.merged = 0
        self.dropped = 0

    @property
    def watched(self) -> int:
        """Connections with a clock running."""
        return len(self._watched)

    def wake(self, line: Line) -> None:
        """Something waits for this connection, or it is to end."""
        self._ready[line] = None
        self._something.set()

    def forget(self, line: Line) -> None:
        """The connection is gone."""
        self._ready.pop(line, None)
        self._watched.pop(line, None)
        self.merged += line.session.merged
        self.dropped += line.session.dropped
        line.session.merged = line.session.dropped = 0

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S if self._watched else None):
                    await self._something.wait()
            await self.turn()

    async def turn(self) -> None:
        """Serve once everything that is ready, and every ``POLL_S`` also what has a clock running."""
        self._something.clear()
        lines = list(self._ready)
        if (now := self._clock()) >= self._look_at_s:
            self._look_at_s = now + POLL_S
            lines = list(self._ready | self._watched)
        self._ready.clear()
        for number, line in enumerate(lines, start=1):
            try:
                await self._serve(line)
            except Exception:  # noqa: BLE001 (one connection's fault must not end the others' pump)
                _log.exception("websocket.serve_failed")
                line.session.receive_close()
                self._end(line)
            if number % SLICE == 0:
                await asyncio.sleep(0)

    async def _serve(self, line: Line) -> None:
        session = line.session
        await line.flush()  # first: what this process itself kept waiting says nothing of the client
        session.handle_timeout(self._clock())
        await line.flush()
        if session.next_timeout() is None:
            self._watched.pop(line, None)
        else:
            self._watched[line] = None
        if session.close_code is not None and not session.has_waiting:
            self._end(line)

    def _end(self, line: Line) -> None:
        if line.is_closing:
            return
        line.is_closing = True
        for event in line.session.events():
            if isinstance(event, Refusing):
                self.slow_closes += event.code == "too_slow"
                _log.info("websocket.refused", code=event.code)
        task = asyncio.get_running_loop().create_task(line.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def drain(self) -> None:
        """Serve what is ready and wait for the closes under way (bounded by their own time limit)."""
        await self.turn()
        while self._closing:
            await asyncio.gather(*self._closing, return_exceptions=True)


class WebSocketDoor:
    """``GET /ws``."""

    def __init__(
        self,
        *,
        hub: Hub,
        pump: Pump,
        admission: Admission,
        addresses: Addresses,
        origins: frozenset[str],
        clock: Callable[[], float],
        queue_limit: int,
        slow_close_s: float,
        hello_timeout_s: float,
    ) -> None:
        self._hub = hub
        self._pump = pump
        self._admission = admission
        self._addresses = addresses
        self._origins = origins
        self._clock = clock
        self._queue_limit = queue_limit
        self._slow_close_s = slow_close_s
        self._hello_timeout_s = hello_timeout_s
        self._awaiting_hello = 0
        self.turnstile = Turnstile()
        self.stills: StillsIntake | None = None
        """Takes the binary messages; None: nobody does."""
        self.is_closing = False
        """Set when the process ends: nobody is let in any more."""
        self.opened = 0
        """Connections that were upgraded, ever."""
        self.ended = 0
        """Those of them that are over."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket from upgrade to end."""
        address = self._check(request)
        ws = web.WebSocketResponse(
            compress=False,
            max_msg_size=MAX_MESSAGE_BYTES,
            heartbeat=PING_S,
            timeout=_CLOSE_TIMEOUT_S,
            writer_limit=_NEVER_WAIT,
        )
        try:
            await ws.prepare(request)
        except ClientConnectionResetError:  # it went away before the upgrade: nothing has begun
            return ws
        transport = request.transport
        if transport is None:
            return ws
        _limit_send_buffer(transport)
        now = self._clock()
        session = SignalingSession(
            now=now, hello_timeout_s=self._hello_timeout_s, slow_close_s=self._slow_close_s, queue_limit=self._queue_limit
        )
        line = Line(ws, transport, session, address, self._pump.wake)
        self._awaiting_hello += 1
        self.opened += 1
        self._pump.wake(line)
        try:
            await self._converse(ws, line)
        finally:
            self.ended += 1
            if not line.has_said_hello:
                self._awaiting_hello -= 1
            session.receive_close()
            self._pump.forget(line)
            if self.stills is not None:
                self.stills.lose(line)
            self._hub.lose(line, _reason_of(ws))
        return ws

    def _check(self, request: web.Request) -> str:
        """Refuse before the upgrade whatever can be refused then; return the address."""
        origins = request.headers.getall("Origin", [])
        if len(origins) > 1 or (origins and origins[0] not in self._origins):
            # Cross-site WebSocket: no same-origin rule protects a WebSocket (RFC 6455 §10.2), the list is compared exactly.
            raise ServiceError("bad_origin")
        if request.headers.get("Upgrade", "").lower() != "websocket" or "Sec-WebSocket-Protocol" in request.headers:
            raise ServiceError("bad_message")
        if self.is_closing:
            raise ServiceError("restarting", retry_after_s=2)
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        self._admission.knock(address)
        if self._awaiting_hello >= MAX_AWAITING_HELLO:
            raise ServiceError("too_many", retry_after_s=round(self._admission.return_s(AWAITING_WAIT_S), 3))
        return address

    async def _converse(self, ws: web.WebSocketResponse, line: Line) -> None:
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                line.session.receive_message(message.data, self._clock())
            elif message.type is WSMsgType.BINARY and self.stills is not None:
                if line.session.receive_binary(self._clock()):
                    self._give_stills(line, message.data)
                    continue
            else:
                line.session.receive_garbage(self._clock())
            for event in line.session.events():
                if line.identity is None or not line.identity.is_console:  # the few who lead do not queue behind the country
                    await self.turnstile.enter()
                if isinstance(event, HelloReceived):
                    await self._hello(line, event.hello)
                elif isinstance(event, MessageReceived) and isinstance(event.message, StillsConsent):
                    self._give_stills(line, event.message)
                elif isinstance(event, MessageReceived):
                    await self._hub.receive_message(line, event.message)
                else:
                    _log.info("websocket.refused", code=event.code)
            self._pump.wake(line)

    def _give_stills(self, line: Line, given: bytes | StillsConsent) -> None:
        """A still, or consent to them: a refusal goes to the client, whose connection stays."""
        try:
            if self.stills is None:
                raise ServiceError("forbidden")
            if isinstance(given, bytes):
                self.stills.receive_still(line, given)
                return
            self.stills.receive_consent(line, is_on=given.on)
        except ServiceError as error:
            tell_refusal(line, error.refusal, self._clock())
        self._pump.wake(line)

    async def _hello(self, line: Line, hello: Hello) -> None:
        line.has_said_hello = True
        self._awaiting_hello -= 1
        try:
            await self._hub.receive_hello(line, hello)
        except Exception as error:  # noqa: BLE001 (every refusal goes to the client, bugs also to the log)
            if is_bug(error):
                _log.exception("websocket.hello_failed")
            line.session.refuse(refusal_of(error), self._clock())


def _limit_send_buffer(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)


def _reason_of(ws: web.WebSocketResponse) -> str:
    """Why a connection went, for the record of the point: a number of ours or a word, never the client's text."""
    if isinstance(ws.exception(), TimeoutError):
        return "silent"
    return f"closed {ws.close_code}" if ws.close_code is not None else "lost"
