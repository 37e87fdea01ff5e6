"""The door to the process of the desk check: a client of its socket. What goes over it is in :mod:`stills.wire`.

It connects, says hello with the directory, and keeps the connection; when it breaks, everything that waits fails as
``unavailable`` and it connects again. Nothing is kept for a process that is away: the pages' next stills fill it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from signaling.errors import ServiceError
from stills.wire import (
    HEAD_BYTES,
    Hello,
    Kind,
    Question,
    Size,
    WireError,
    ask_frame,
    hello_frame,
    indices_frame,
    read_answer,
    read_frame_head,
    read_indices,
    stills_frame,
)

_log = structlog.get_logger("stills")

ANSWER_TIMEOUT_S: Final = 5.0
"""Everything of the country is an answer of some 0.2 s; five are a fault."""
CONNECT_TIMEOUT_S: Final = 5.0
RETRY_MIN_S: Final = 0.05
RETRY_MAX_S: Final = 1.0
MAX_UNSENT_BYTES: Final = 4 * 1024 * 1024
"""Stills that wait in this process because the other does not read: half a second of a whole country's."""
MAX_PENDING: Final = 256


@dataclass(frozen=True, slots=True)
class Album:
    """Which directory the indices are of, and how many points it has."""

    directory: str
    points: int


class StillsLink:
    """See the module's text.

    Args:
        address: ``unix:PATH`` or ``tcp:HOST:PORT``.
        secret: what the process expects in the hello.
        on_bad: called with the index of a point whose still could not be decoded.
    """

    def __init__(self, address: str, secret: str, on_bad: Callable[[int], None]) -> None:
        self._address, self._secret, self._on_bad = address, secret, on_bad
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[bytes | None]] = {}
        self._writer: asyncio.StreamWriter | None = None

    @property
    def is_up(self) -> bool:
        """Whether the process is connected."""
        return self._writer is not None

    @property
    def has_room(self) -> bool:
        """Whether stills can be given to it now."""
        return self._writer is not None and self._writer.transport.get_write_buffer_size() < MAX_UNSENT_BYTES

    def send_stills(self, stills: Sequence[tuple[int, int, bytes]]) -> None:
        """Give it stills, (index, time in ms, JPEG); nothing happens while it is away."""
        if self._writer is not None:
            self._writer.write(stills_frame(stills))

    def forget(self, index: int) -> None:
        """Have it keep nothing of a point; one that is away keeps nothing anyway."""
        if self._writer is not None:
            self._writer.write(indices_frame(Kind.FORGET, (index,)))

    async def ask(
        self,
        what: Literal["sheets", "jpeg", "numbers"],
        runs: Sequence[tuple[int, int]] = (),
        after: int = 0,
        size: Size = "small",
    ) -> bytes | None:
        """Ask something; None: there is nothing (newer).

        Raises:
            ServiceError: ``unavailable``: it is away, or does not answer in time.
        """
        if self._writer is None or len(self._waiting) >= MAX_PENDING:
            raise ServiceError("unavailable", retry_after_s=1)
        number = next(self._numbers)
        future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            self._writer.write(ask_frame(Question(number, what, tuple(runs), after, size)))
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return await future
        except TimeoutError:
            raise ServiceError("unavailable", retry_after_s=1) from None
        finally:
            self._waiting.pop(number, None)

    async def run(self, album: Album) -> None:
        """Be connected until cancelled."""
        attempt = 0
        while True:
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    reader, writer = await self._connect()
            except (OSError, TimeoutError) as error:
                attempt += 1
                if attempt == 1:
                    _log.warning("desk_check_unreachable", reason=type(error).__name__)
            else:
                attempt = 1
                await self._converse(reader, writer, album)
            await asyncio.sleep(min(RETRY_MAX_S, RETRY_MIN_S * 2.0 ** min(attempt, 10)))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        kind, _, rest = self._address.partition(":")
        if kind == "unix":
            return await asyncio.open_unix_connection(rest)
        host, _, port = rest.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, album: Album) -> None:
        writer.write(hello_frame(Hello(self._secret, album.directory, album.points)))
        self._writer = writer
        _log.info("desk_check_connected")
        try:
            while True:
                kind, size = read_frame_head(await reader.readexactly(HEAD_BYTES))
                self._take(kind, await reader.readexactly(size))
        except (asyncio.IncompleteReadError, OSError):
            _log.warning("desk_check_lost")
        except WireError as error:
            _log.warning("desk_check_not_understood", reason=str(error))
        finally:
            self._writer = None
            for future in list(self._waiting.values()):
                if not future.done():
                    future.set_exception(ServiceError("unavailable", retry_after_s=1))
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _take(self, kind: Kind, body: bytes) -> None:
        if kind is Kind.BAD:
            for index in read_indices(body):
                self._on_bad(index)
        elif kind is Kind.ANSWER:
            number, answer = read_answer(body)
            future = self._waiting.get(number)
            if future is not None and not future.done():
                future.set_result(answer)
        else:
            raise WireError("a frame that only signaling sends")
