"""One answer a second a view, in virtual time: who shares it, who waits, who is told that nothing is new."""

from __future__ import annotations

import asyncio
import json

import pytest

from signaling.errors import ServiceError
from signaling.stills_api import runs_of
from signaling.stills_views import MAX_REVISIONS, MAX_VIEWS, TURN_S, WAIT_S, StillsViews
from stills.wire import Size
from tests.signaling.world import eventually

HERE = ((0, 10),)


class Desk:
    """The desk check as the views know it: it is at some revision."""

    def __init__(self) -> None:
        self.revision = 5
        self.asked: list[tuple[int, str]] = []
        self.fails = False
        self.now = 100.0

    async def ask(self, runs: tuple[tuple[int, int], ...], after: int, size: Size) -> bytes | None:
        self.asked.append((after, size))
        await asyncio.sleep(0)
        if self.fails:
            raise ServiceError("unavailable")
        return None if after >= self.revision else self.revision.to_bytes(8) + f"{after}-{self.revision}".encode()


def views_of(desk: Desk) -> StillsViews:
    return StillsViews(desk.ask, lambda: desk.now, lambda: 123)


async def test_consoles_of_a_view_share_the_answer() -> None:
    desk = Desk()
    views = views_of(desk)
    answers = await asyncio.gather(*(views.answer(HERE, 0, "small", "d") for _ in range(20)))
    assert set(answers) == {b"0-5"}
    assert (desk.asked, views.made, views.shared, len(views)) == ([(0, "small")], 1, 19, 1)


async def test_another_view_or_size_is_asked_for_itself() -> None:
    desk = Desk()
    views = views_of(desk)
    await views.answer(HERE, 0, "small", "d")
    await views.answer(HERE, 0, "medium", "d")
    await views.answer(((0, 9),), 0, "small", "d")
    assert len(desk.asked) == len(views) == 3


async def test_who_was_just_answered_waits_for_the_next_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    views = views_of(desk)
    assert await views.answer(HERE, 0, "small", "d") == b"0-5"
    desk.revision = 6
    waits: list[float] = []
    skip_waits(monkeypatch, desk, waits)
    assert await views.answer(HERE, 5, "small", "d") == b"5-6"
    assert waits == [TURN_S]
    assert await views.answer(HERE, 3, "small", "d") == b"3-6", "one that is behind is answered in the present turn"
    assert waits == [TURN_S]


def skip_waits(monkeypatch: pytest.MonkeyPatch, desk: Desk, waits: list[float]) -> None:
    """Time jumps instead of being waited for."""

    class Jump:
        def __init__(self, seconds: float) -> None:
            self._seconds = seconds

        async def __aenter__(self) -> None:
            waits.append(round(self._seconds, 6))
            desk.now += self._seconds
            raise TimeoutError

        async def __aexit__(self, *_: object) -> None: ...

    monkeypatch.setattr("signaling.stills_views.asyncio.timeout", Jump)


async def test_nothing_new_is_told_after_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    views = views_of(desk)
    waits: list[float] = []
    skip_waits(monkeypatch, desk, waits)
    body = await views.answer(HERE, 5, "small", "d9")
    head = json.loads(body[4:])
    assert int.from_bytes(body[:4]) == len(body) - 4
    assert head == {
        "at": 123,
        "next": 5,
        "tile": [64, 36],
        "columns": 16,
        "sheets": [],
        "stills": [],
        "gone": [],
        "directory": "d9",
    }
    assert sum(waits) == WAIT_S
    assert len(desk.asked) <= WAIT_S / TURN_S + 1


async def test_what_was_deleted_is_in_no_answer_that_was_kept() -> None:
    desk = Desk()
    views = views_of(desk)
    await views.answer(HERE, 0, "small", "d")
    desk.revision = 6
    assert await views.answer(HERE, 0, "small", "d") == b"0-5"
    views.forget()
    assert await views.answer(HERE, 0, "small", "d") == b"0-6"


async def test_many_revisions_in_a_turn_are_too_many() -> None:
    desk = Desk()
    desk.revision = 1000
    views = views_of(desk)
    asking = [asyncio.create_task(views.answer(HERE, after, "small", "d")) for after in range(MAX_REVISIONS + 3)]
    await eventually(lambda: sum(task.done() for task in asking) == MAX_REVISIONS)
    assert len(desk.asked) == MAX_REVISIONS
    views.close()
    heads = [json.loads((await task)[4:]) for task in asking[MAX_REVISIONS:]]
    assert [head["next"] for head in heads] == [MAX_REVISIONS, MAX_REVISIONS + 1, MAX_REVISIONS + 2], "they lose nothing"


async def test_views_are_bounded_and_idle_ones_make_room() -> None:
    desk = Desk()
    views = views_of(desk)
    for number in range(MAX_VIEWS):
        await views.answer(((number, number + 1),), 0, "small", "d")
    with pytest.raises(ServiceError) as caught:
        await views.answer(((900, 901),), 0, "small", "d")
    assert caught.value.refusal.code == "too_many"
    desk.now += 3 * TURN_S
    await views.answer(((900, 901),), 0, "small", "d")
    assert len(views) == 1


async def test_a_desk_check_that_is_away_is_told_to_all_who_ask() -> None:
    desk = Desk()
    desk.fails = True
    views = views_of(desk)
    found = await asyncio.gather(*(views.answer(HERE, 0, "small", "d") for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in found] == [ServiceError] * 3
    desk.fails = False
    desk.now += TURN_S
    assert await views.answer(HERE, 0, "small", "d") == b"0-5"


@pytest.mark.parametrize(
    ("session", "scope", "runs"),
    [
        ([range(10)], [range(3, 5), range(4, 7)], ((3, 7),)),
        ([range(5), range(7, 9)], [range(20)], ((0, 5), (7, 9))),
        ([range(5), range(5, 9)], [range(20)], ((0, 9),)),
        ([range(5)], [range(5, 9)], ()),
        ([range(5)], [], ()),
        ([], [range(5)], ()),
    ],
)
def test_the_points_are_the_sessions_and_the_scopes(session: list[range], scope: list[range], runs: object) -> None:
    assert runs_of(session, scope) == runs
