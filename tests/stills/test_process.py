"""The process's socket and its turns, in this process, on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import ClassVar, Self

import pytest

from rehearsal.rooms import jpegs_of
from stills import wire
from stills.process import SLICE, DeskCheck
from stills.wire import Hello, Kind, Question
from tests.harness.wait import until

ROOM = jpegs_of("empty", 1)
EVERYBODY = ((0, 50),)


class Now:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


class Finder:
    name = "fake"

    def find(self, jpeg: bytes) -> int:
        return 90


class Speaker:
    """Signaling's end of the socket."""

    opened: ClassVar[list[asyncio.StreamWriter]] = []

    def __init__(self, address: str) -> None:
        self._address = address

    async def open(self, secret: str = "secret", points: int = 50) -> Self:
        self.reader, self.writer = await asyncio.open_unix_connection(self._address)
        self.opened.append(self.writer)
        self.writer.write(wire.hello_frame(Hello(secret, "d1", points)))
        return self

    async def ask(self, number: int, what: str = "sheets", after: int = 0) -> bytes | None:
        runs = EVERYBODY if what != "jpeg" else ((7, 8),)
        self.writer.write(wire.ask_frame(Question(number, what, runs, after)))  # type: ignore[arg-type]
        kind, body = await self.read()
        assert kind is Kind.ANSWER
        found, answer = wire.read_answer(body)
        assert found == number
        return answer

    async def read(self) -> tuple[Kind, bytes]:
        async with asyncio.timeout(15):
            kind, size = wire.read_frame_head(await self.reader.readexactly(wire.HEAD_BYTES))
            return kind, await self.reader.readexactly(size)

    async def is_cut(self) -> bool:
        async with asyncio.timeout(15):
            return await self.reader.read(1) == b""


@pytest.fixture
async def checked(tmp_path: Path) -> AsyncIterator[tuple[DeskCheck, Speaker, Now]]:
    now, address = Now(), tmp_path / "s"
    desk_check = DeskCheck("secret", Finder(), chair_every_s=60, clock=now, now_ms=lambda: int(now.s * 1000))
    await desk_check.start(f"unix:{address}")
    yield desk_check, Speaker(str(address)), now
    for writer in Speaker.opened:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    Speaker.opened.clear()
    await desk_check.close()


Checked = tuple[DeskCheck, Speaker, Now]


async def turns(desk_check: DeskCheck) -> None:
    """All that is to be done now."""
    for _ in range(200):
        if desk_check.turn() > 0:
            return
    raise AssertionError("there is no end to it")


async def test_stills_in_sheets_out(checked: Checked) -> None:
    desk_check, speaker, now = checked
    await speaker.open()
    speaker.writer.write(wire.stills_frame([(7, 5000, ROOM[0]), (8, 5001, ROOM[1])]))
    await until("they came", lambda: desk_check.numbers()["waiting"] == 2)
    await turns(desk_check)
    answer = await speaker.ask(1)
    assert answer is not None
    assert await speaker.ask(2, after=int.from_bytes(answer[:8])) is None
    assert await speaker.ask(3, "jpeg") == (5000).to_bytes(8) + ROOM[0]
    numbers = dict(line.split() for line in (await speaker.ask(4, "numbers") or b"").decode().splitlines())
    assert (numbers["points"], numbers["received"], numbers["chairs_taken"]) == ("2", "2", "1"), "one look, then a pause"
    now.s += 0.03
    await turns(desk_check)
    assert desk_check.numbers()["chairs_taken"] == 2


async def test_the_newest_of_a_point_wins_and_the_other_is_counted(checked: Checked) -> None:
    desk_check, speaker, _ = checked
    await speaker.open()
    speaker.writer.write(wire.stills_frame([(7, 1, ROOM[0]), (7, 2, ROOM[1])]))
    await until("they came", lambda: desk_check.replaced == 1)
    await turns(desk_check)
    assert await speaker.ask(1, "jpeg") == (2).to_bytes(8) + ROOM[1]
    assert desk_check.received == 1


async def test_few_are_decoded_before_others_have_their_turn_and_chairs_wait(checked: Checked) -> None:
    desk_check, speaker, _ = checked
    await speaker.open()
    speaker.writer.write(wire.stills_frame([(index, 1, ROOM[0]) for index in range(SLICE + 3)]))
    await until("they came", lambda: desk_check.numbers()["waiting"] == SLICE + 3)
    assert desk_check.turn() == 0
    assert (desk_check.received, desk_check.looks) == (SLICE, 0)
    assert desk_check.turn() == 0
    assert (desk_check.received, desk_check.looks) == (SLICE + 3, 0)
    assert desk_check.turn() == 0
    assert desk_check.looks == 1


async def test_what_is_to_be_forgotten_is_so_even_before_it_was_decoded(checked: Checked) -> None:
    desk_check, speaker, _ = checked
    await speaker.open()
    speaker.writer.write(wire.stills_frame([(7, 1, ROOM[0]), (8, 1, ROOM[0])]))
    await until("they came", lambda: desk_check.numbers()["waiting"] == 2)
    speaker.writer.write(wire.indices_frame(Kind.FORGET, (7,)))
    await until("one went", lambda: desk_check.numbers()["waiting"] == 1)
    await turns(desk_check)
    speaker.writer.write(wire.indices_frame(Kind.FORGET, (8,)))
    await until("both went", lambda: desk_check.numbers()["points"] == 0)
    assert await speaker.ask(1, "jpeg") is None


async def test_a_broken_still_is_told(checked: Checked) -> None:
    desk_check, speaker, _ = checked
    await speaker.open()
    speaker.writer.write(wire.stills_frame([(7, 1, ROOM[0][:100])]))
    await until("it came", lambda: desk_check.numbers()["waiting"] == 1)
    await turns(desk_check)
    assert await speaker.read() == (Kind.BAD, (7).to_bytes(4))
    assert desk_check.broken == 1


async def test_a_minute_later_it_is_forgotten(checked: Checked) -> None:
    desk_check, speaker, now = checked
    await speaker.open()
    speaker.writer.write(wire.stills_frame([(7, 1, ROOM[0])]))
    await until("it came", lambda: desk_check.numbers()["waiting"] == 1)
    await turns(desk_check)
    now.s += 61
    await turns(desk_check)
    assert (desk_check.expired, desk_check.numbers()["points"]) == (1, 0)


@pytest.mark.parametrize("first", [wire.hello_frame(Hello("other", "d1", 50)), wire.stills_frame([]), b"GET / HTTP/1.1\r\n\r\n"])
async def test_who_does_not_say_hello_is_cut(checked: Checked, first: bytes) -> None:
    _, speaker, _ = checked
    speaker.reader, speaker.writer = await asyncio.open_unix_connection(speaker._address)
    speaker.opened.append(speaker.writer)
    speaker.writer.write(first)
    assert await speaker.is_cut()


async def test_another_count_of_points_in_the_same_directory_is_refused(checked: Checked) -> None:
    _, speaker, _ = checked
    first = await speaker.open()
    assert await first.ask(1, "numbers") is not None
    other = await Speaker(speaker._address).open(points=51)
    assert await other.is_cut()


async def test_nonsense_in_between_ends_that_connection_alone(checked: Checked) -> None:
    desk_check, speaker, _ = checked
    await speaker.open()
    other = await Speaker(speaker._address).open()
    other.writer.write(wire.frame(Kind.ASK, b"nonsense"))
    assert await other.is_cut()
    assert await speaker.ask(1, "numbers") is not None
    assert desk_check.numbers()["connections"] == 1
