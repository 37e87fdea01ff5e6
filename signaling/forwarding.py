"""Commands that arrive at a process that does not own the session, and how they travel to the one that does.

Each session has an inbox in the store, and each process that sends there has one for the replies. A request names its
reply inbox and the moment (wall time) after which nobody waits for it any more: the owner drops it then, so a command
is never carried out long after the person who gave it was told that it failed. Both inboxes are bounded.

The request::

    {"id": 7, "reply": "reply:main:signaling-1f", "until": 1763766000000, "command": {"type": "PlaceCall", …}}

and its reply, one of::

    {"id": 7, "last": 120, "events": […]}          recorded; ``last`` is the log's record that contains the last event
    {"id": 7, "refused": {"code", "vi", "en", "fault"}}
    {"id": 7, "unavailable": "…"}
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import structlog
from pydantic import TypeAdapter, ValidationError

from bridge.errors import BridgeError
from config.limits import MAX_INBOX_BATCH, MAX_INBOX_MESSAGES, MAX_PENDING_SUBMITS
from signaling.store import InboxFull, Json, Store, StoreError, StoreUnavailable

logger: Final = structlog.get_logger("forwarding")

INBOX_WAIT_MS: Final = 1000
"""How long one blocking look into an inbox takes; also how long a stopped server goes unnoticed there."""

INBOX_TTL_MS: Final = 60_000
"""An inbox that nobody reads disappears."""

RETRY_MAX_S: Final = 0.5
"""Longest pause before the store is tried again."""


class Unavailable(Exception):  # noqa: N818 (named for what it means)
    """A command was not acknowledged: the store or the session's owner did not answer in time.

    It may have been recorded nevertheless; the session's state tells, and so does its log.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Accepted:
    """A command whose events are on disk, and the number of the last record that they are in."""

    events: Sequence[Any]
    last: int


class Codec(Protocol):
    """Commands and events to and from JSON objects."""

    def encode_event(self, event: Any) -> Json:
        """An event as it is stored."""
        ...

    def decode_event(self, stored: Json) -> Any:
        """The event that was stored. Raises an exception when it is none."""
        ...

    def encode_command(self, command: Any) -> Json:
        """A command as it travels."""
        ...

    def decode_command(self, sent: Json) -> Any:
        """The command that travelled. Raises :class:`ValueError` when it is none."""
        ...


class CommandCodec:
    """Frozen dataclasses to and from ``{"type": class name, field: value…}``."""

    def __init__(self, types: Sequence[type[Any]]) -> None:
        self._adapters: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in types}

    def encode_command(self, command: Any) -> Json:
        """A command as it travels."""
        name = type(command).__name__
        return {"type": name, **self._adapters[name].dump_python(command, mode="json")}

    def decode_command(self, sent: Json) -> Any:
        """The command that travelled. Raises :class:`ValueError` when it is none."""
        fields = dict(sent)
        adapter = self._adapters.get(str(fields.pop("type", None)))
        if adapter is None:
            raise ValueError("unknown command")
        try:
            return adapter.validate_python(fields)
        except ValidationError as error:
            raise ValueError(str(error)) from None


def backoff(attempt: int) -> float:
    """Seconds to wait before attempt 1, 2, …: 0.05, 0.1, 0.2, 0.4, 0.5, 0.5 …"""
    return min(RETRY_MAX_S, 0.05 * 2.0 ** min(attempt - 1, 10))


class Forwarder:
    """The sender's side: one for a session and process. :meth:`run` must be running while :meth:`forward` is used."""

    def __init__(self, session: str, store: Store, codec: Codec, process: str, now_ms: Callable[[], int]) -> None:
        self._store, self._codec, self._now_ms = store, codec, now_ms
        self._inbox = inbox_of(session)
        self._reply_inbox = f"reply:{session}:{process}"
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Accepted]] = {}
        self._outgoing: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue(MAX_PENDING_SUBMITS)
        self._has_waiting = asyncio.Event()

    async def forward(self, command: Any, timeout_s: float) -> Accepted:
        """Let the owner carry out a command.

        Raises:
            BridgeError: the domain refused it.
            Unavailable: the owner did not answer in time.
        """
        number = next(self._numbers)
        request = {
            "id": number,
            "reply": self._reply_inbox,
            "until": self._now_ms() + int(timeout_s * 1000),
            "command": self._codec.encode_command(command),
        }
        future: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        try:
            self._outgoing.put_nowait((number, json.dumps(request).encode()))
        except asyncio.QueueFull:
            raise Unavailable("too many commands wait for the session's owner") from None
        self._waiting[number] = future
        self._has_waiting.set()
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        except TimeoutError:
            raise Unavailable("the session's owner did not answer in time") from None
        finally:
            del self._waiting[number]
            if not self._waiting:
                self._has_waiting.clear()

    async def run(self) -> None:
        """Send requests and take replies, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send())
            group.create_task(self._take_replies())

    async def _send(self) -> None:
        while True:
            batch = [await self._outgoing.get()]
            while len(batch) < MAX_INBOX_BATCH and not self._outgoing.empty():
                batch.append(self._outgoing.get_nowait())
            try:
                await self._store.send(self._inbox, [message for _, message in batch], MAX_INBOX_MESSAGES, INBOX_TTL_MS)
            except (StoreUnavailable, InboxFull) as error:
                for number, _ in batch:  # not sent again: it may have been carried out
                    self._settle(number, Unavailable(str(error)))

    async def _take_replies(self) -> None:
        attempt = 0
        while True:
            await self._has_waiting.wait()
            try:
                replies = await self._store.receive(self._reply_inbox, MAX_INBOX_BATCH, INBOX_WAIT_MS)
                attempt = 0
            except StoreUnavailable:
                attempt += 1
                await asyncio.sleep(backoff(attempt))
                continue
            for reply in replies:
                self._take_reply(json.loads(reply))

    def _take_reply(self, reply: Mapping[str, Any]) -> None:
        if refused := reply.get("refused"):
            self._settle(reply["id"], BridgeError(refused["code"], refused["vi"], refused["en"], refused["fault"]))
        elif "events" in reply:
            events = [self._codec.decode_event(event) for event in reply["events"]]
            self._settle(reply["id"], Accepted(events, reply["last"]))
        else:
            self._settle(reply["id"], Unavailable(reply.get("unavailable", "")))

    def _settle(self, number: int, outcome: Accepted | Exception) -> None:
        future = self._waiting.get(number)
        if future is None or future.done():
            return  # nobody waits any more
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


class Inbox:
    """The owner's side. :meth:`run` takes requests, in their order, while this process owns the session."""

    def __init__(
        self, session: str, store: Store, codec: Codec, submit: Callable[[Any], Awaitable[Accepted]], now_ms: Callable[[], int]
    ) -> None:
        self._session, self._store, self._codec, self._submit, self._now_ms = session, store, codec, submit, now_ms
        self._replies: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(2 * MAX_INBOX_MESSAGES)
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Take requests until cancelled. What was taken by then is answered still, by :meth:`run_replies`."""
        attempt = 0
        while True:
            try:
                requests = await self._store.receive(inbox_of(self._session), MAX_INBOX_BATCH, INBOX_WAIT_MS)
                attempt = 0
            except StoreUnavailable:
                attempt += 1
                await asyncio.sleep(backoff(attempt))
                continue
            for request in requests:
                # Tasks start in the order in which they were made, and submit() decides before it first waits.
                task = asyncio.create_task(self._carry_out(request))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def run_replies(self) -> None:
        """Send replies until cancelled; one that cannot be sent is dropped, since its sender has a clock."""
        while True:
            batch: dict[str, list[bytes]] = defaultdict(list)
            inbox, reply = await self._replies.get()
            batch[inbox].append(reply)
            for _ in range(min(MAX_INBOX_BATCH, self._replies.qsize())):
                inbox, reply = self._replies.get_nowait()
                batch[inbox].append(reply)
            for inbox, replies in batch.items():
                with contextlib.suppress(StoreError):
                    await self._store.send(inbox, replies, MAX_INBOX_MESSAGES, INBOX_TTL_MS)

    async def _carry_out(self, request: bytes) -> None:
        try:
            message = json.loads(request)
            number, inbox, until = int(message["id"]), str(message["reply"]), int(message["until"])
            command = self._codec.decode_command(message["command"])
        except (ValueError, KeyError, TypeError) as error:
            logger.warning("inbox_message_refused", session=self._session, reason=str(error))
            return
        if until <= self._now_ms():
            logger.info("inbox_message_late", session=self._session, command=type(command).__name__)
            return
        reply: dict[str, Any] = {"id": number}
        try:
            accepted = await self._submit(command)
            reply |= {"last": accepted.last, "events": [self._codec.encode_event(event) for event in accepted.events]}
        except BridgeError as error:
            reply["refused"] = {"code": error.code, "vi": error.message_vi, "en": error.message_en, "fault": error.fault}
        except Unavailable as error:
            reply["unavailable"] = str(error)
        with contextlib.suppress(asyncio.QueueFull):
            self._replies.put_nowait((inbox, json.dumps(reply).encode()))


def inbox_of(session: str) -> str:
    """Name of a session's inbox."""
    return f"session:{session}"
