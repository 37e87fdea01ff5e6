from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from bridge.errors import BridgeError
from config.limits import MAX_INBOX_MESSAGES
from signaling.forwarding import Accepted, Forwarder, Inbox, Unavailable, backoff, inbox_of
from signaling.memory_store import MemoryServer, MemoryStore
from tests.harness.wait import until
from tests.signaling.toy import Add, Event, SetAlarm, ToyCodec


def now_ms() -> int:
    return 1_000_000


class Pair:
    """A forwarder and an inbox over one store; ``carry_out`` is the owner."""

    def __init__(self) -> None:
        self.server = MemoryServer()
        self.taken: list[object] = []
        self.outcome: Exception | None = None
        self.forwarder = Forwarder("main", MemoryStore(self.server), ToyCodec(), "b", now_ms)
        self.inbox = Inbox("main", MemoryStore(self.server), ToyCodec(), self.carry_out, now_ms)

    async def carry_out(self, command: object) -> Accepted:
        self.taken.append(command)
        if self.outcome is not None:
            raise self.outcome
        return Accepted([Event(5, 7)], 12)

    async def send(self, message: object) -> None:
        raw = message if isinstance(message, bytes) else json.dumps(message).encode()
        await MemoryStore(self.server).send(inbox_of("main"), [raw], 10, 1000)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    tasks = [asyncio.create_task(work) for work in (made.forwarder.run(), made.inbox.run(), made.inbox.run_replies())]
    yield made
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_command_travels_there_and_its_events_back(pair: Pair) -> None:
    assert await pair.forwarder.forward(Add(3, count=2), 5) == Accepted([Event(5, 7)], 12)
    assert pair.taken == [Add(3, count=2)]


async def test_a_refusal_travels_whole(pair: Pair) -> None:
    pair.outcome = BridgeError("code", "tiếng Việt", "English", "user")
    with pytest.raises(BridgeError) as refused:
        await pair.forwarder.forward(Add(3), 5)
    error = refused.value
    assert (error.code, error.message_vi, error.message_en, error.fault) == ("code", "tiếng Việt", "English", "user")


async def test_an_owner_that_cannot_record_says_so(pair: Pair) -> None:
    pair.outcome = Unavailable("the disk is full")
    with pytest.raises(Unavailable, match="disk is full"):
        await pair.forwarder.forward(Add(3), 5)


async def test_a_command_that_is_late_is_dropped(pair: Pair) -> None:
    request = {"id": 1, "reply": "r", "until": now_ms(), "command": {"type": "Add", "value": 1}}
    await pair.send(request)
    await pair.send(request | {"until": now_ms() + 1, "command": {"type": "SetAlarm", "at": 9}})
    await until("the second arrives", lambda: pair.taken)
    assert pair.taken == [SetAlarm(9)]


@pytest.mark.parametrize(
    "message",
    [
        b"{",
        b"\xff",
        [],
        {},
        {"id": 1},
        {"id": "x", "reply": "r", "until": 2_000_000, "command": {"type": "Add", "value": 1}},
        {"id": 1, "reply": "r", "until": 2_000_000, "command": {"type": "Nothing"}},
        {"id": 1, "reply": "r", "until": 2_000_000, "command": {"value": 1}},
        {"id": 1, "reply": "r", "until": 2_000_000, "command": {"type": "Add", "value": "many"}},
        {"id": 1, "reply": "r", "until": 2_000_000, "command": {"type": "Add"}},
        {"id": 1, "reply": "r", "until": 2_000_000, "command": []},
    ],
)
async def test_nonsense_in_the_inbox_stops_nobody(pair: Pair, message: object) -> None:
    await pair.send(message)
    assert await pair.forwarder.forward(Add(3), 5)
    assert pair.taken == [Add(3)]


async def test_nobody_waits_for_ever(pair: Pair) -> None:
    lonely = Forwarder("other", MemoryStore(pair.server), ToyCodec(), "b", now_ms)
    running = asyncio.create_task(lonely.run())
    with pytest.raises(Unavailable, match="in time"):
        await lonely.forward(Add(1), 0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_full_inbox_refuses_at_once(pair: Pair) -> None:
    store = MemoryStore(pair.server)
    await store.send(inbox_of("other"), [b"{}"] * MAX_INBOX_MESSAGES, MAX_INBOX_MESSAGES, 1000)
    sender = Forwarder("other", store, ToyCodec(), "b", now_ms)
    running = asyncio.create_task(sender.run())
    with pytest.raises(Unavailable, match="inbox"):
        await sender.forward(Add(1), 60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_store_that_is_away_fails_the_command(pair: Pair) -> None:
    await pair.server.set_down(is_down=True)
    with pytest.raises(Unavailable):
        await pair.forwarder.forward(Add(1), 60)
    await pair.server.set_down(is_down=False)
    assert await pair.forwarder.forward(Add(2), 5)


async def test_many_commands_go_in_few_messages(pair: Pair) -> None:
    await asyncio.gather(*(pair.forwarder.forward(Add(number), 5) for number in range(1000)))
    assert pair.taken == [Add(number) for number in range(1000)]


def test_commands_survive_the_way() -> None:
    codec = ToyCodec()
    for command in (Add(1), Add(2, count=3), SetAlarm(9)):
        assert codec.decode_command(json.loads(json.dumps(codec.encode_command(command)))) == command
    with pytest.raises(ValueError, match="unknown command"):
        codec.decode_command({"type": "__class__"})


def test_the_pause_between_attempts_grows_to_half_a_second() -> None:
    assert [backoff(attempt) for attempt in (1, 2, 3, 4, 5, 1000)] == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5]
