"""The process that looks for faces."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import psutil
import pytest

from rehearsal.rooms import jpegs_of
from stills.chair import FACE_SCORE
from stills.faces import best_finder
from stills.seeker import Seeker, seek


@pytest.fixture
async def seeker() -> AsyncIterator[Seeker]:
    made = Seeker()
    yield made
    await made.close()


def child() -> psutil.Process:
    (found,) = [each for each in psutil.Process().children() if "stills.seeker" in each.cmdline()]
    return found


async def test_it_finds_what_is_found_here_and_tells_its_time(seeker: Seeker) -> None:
    finder = best_finder()
    assert seeker.name == finder.name
    for still in (jpegs_of("person", 1)[0], jpegs_of("empty", 1)[0], b"no picture"):
        assert await seeker.find(still) == finder.find(still)
    assert seeker.cpu_s > 0


async def test_who_asks_at_once_gets_each_his_own_answer(seeker: Seeker) -> None:
    person, empty = jpegs_of("person", 1)[0], jpegs_of("empty", 1)[0]
    asked = [person, empty, empty, person, b"no picture", person] * 3
    scores = await asyncio.gather(*(seeker.find(still) for still in asked))
    finder = best_finder()
    assert scores == [finder.find(still) for still in asked]
    assert child().is_running(), "one process for all"
    child().kill()
    assert None in await asyncio.gather(*(seeker.find(person) for _ in range(3)))
    assert await seeker.find(person) == finder.find(person)


async def test_one_that_was_killed_is_started_again_and_its_time_is_kept(seeker: Seeker) -> None:
    still = jpegs_of("person", 1)[0]
    assert (await seeker.find(still) or 0) >= FACE_SCORE
    before, first = seeker.cpu_s, child()
    first.kill()
    first.wait(5)
    assert await seeker.find(still) is None
    assert (await seeker.find(still) or 0) >= FACE_SCORE
    assert child().pid != first.pid
    assert seeker.cpu_s > before


async def test_it_ends_with_the_one_who_asked(seeker: Seeker) -> None:
    await seeker.find(jpegs_of("empty", 1)[0])
    process = child()
    assert seeker._process is not None
    assert seeker._process.stdin is not None
    seeker._process.stdin.close()
    await asyncio.to_thread(process.wait, 5)


def test_a_still_that_breaks_off_is_the_end() -> None:
    scores = io.BytesIO()
    seek(io.BytesIO(b"\x00\x00"), scores)
    assert scores.getvalue() == b""
