"""What is kept, what an answer has, and what is gone."""

from __future__ import annotations

import json
from typing import Any

import cv2
import numpy as np
import pytest

from rehearsal.rooms import jpegs_of
from stills import pictures
from stills.album import KEEP_S, Album, Asked
from stills.looks import BLACK
from stills.wire import Size

BASE = 1_795_000_000_000_000
ROOMS = [jpegs_of("empty", seed) for seed in range(3)]
DESK = jpegs_of("person", 1)
BLACK_ROOM = jpegs_of("black", 1)


class Finder:
    """Finds what it is told to."""

    name = "fake"

    def __init__(self) -> None:
        self.score = 0
        self.asked = 0

    def find(self, jpeg: bytes) -> int:
        self.asked += 1
        return self.score


def album(points: int = 600) -> Album:
    return Album("d1", points, BASE)


def ask(
    made: Album, after: int = 0, runs: tuple[tuple[int, int], ...] = ((0, 600),), size: Size = "small"
) -> tuple[dict[str, Any], list[Any]] | None:
    """Head and decoded sheets of an answer; None where nothing is newer."""
    *_, last = made.answer(runs, after, size, 123)
    if last.answer is None:
        return None
    revision, length = int.from_bytes(last.answer[:8]), int.from_bytes(last.answer[8:12])
    head = json.loads(last.answer[12 : 12 + length])
    assert head["next"] == revision
    at, sheets = 12 + length, []
    for size_bytes in head["sheets"]:
        sheets.append(cv2.imdecode(np.frombuffer(last.answer[at : at + size_bytes], np.uint8), cv2.IMREAD_COLOR))
        at += size_bytes
    assert at == len(last.answer)
    return head, sheets


def tile(head: dict[str, Any], sheets: list[Any], point: int) -> Any:
    """A point's tile of an answer."""
    row = next(row for row in head["stills"] if row[0] == point)
    (width, height), place = head["tile"], row[5]
    top, left = place // head["columns"] * height, place % head["columns"] * width
    return sheets[row[4]][top : top + height, left : left + width]


def likeness(found: Any, still: bytes) -> float:
    """Mean difference to the still it should show, in grey levels."""
    whole = pictures.decode_whole(still)
    assert whole is not None
    wanted = cv2.resize(whole, (found.shape[1], found.shape[0]), interpolation=cv2.INTER_AREA)
    return float(np.abs(found.astype(int) - wanted).mean())


def test_everything_first_then_only_what_is_newer() -> None:
    made = album()
    for index, room in ((3, ROOMS[0]), (400, ROOMS[1])):
        assert made.receive(index, 1000 + index, room[0], 0)
    found = ask(made)
    assert found is not None
    head, sheets = found
    assert head["stills"] == [[3, 1003, 0, 0, 0, 0], [400, 1400, 0, 0, 0, 1]]
    assert (head["gone"], head["directory"], head["tile"], head["columns"]) == ([], "d1", [64, 36], 16)
    assert likeness(tile(head, sheets, 3), ROOMS[0][0]) < 7 < likeness(tile(head, sheets, 3), ROOMS[1][0])
    assert likeness(tile(head, sheets, 400), ROOMS[1][0]) < 7
    assert ask(made, head["next"]) is None
    made.receive(400, 2400, ROOMS[2][0], 10)
    found = ask(made, head["next"])
    assert found is not None
    head, sheets = found
    assert head["stills"] == [[400, 2400, 0, 0, 0, 0]]
    assert likeness(tile(head, sheets, 400), ROOMS[2][0]) < 7


def test_only_the_points_that_were_asked_for() -> None:
    made = album()
    for index in (0, 10, 20, 599):
        made.receive(index, 1, ROOMS[0][0], 0)
    found = ask(made, runs=((5, 15), (590, 9999)))
    assert found is not None
    assert [row[0] for row in found[0]["stills"]] == [10, 599]
    nobody = ask(made, runs=())
    assert nobody is not None
    assert nobody[0]["stills"] == nobody[0]["sheets"] == []


def test_the_256th_tile_begins_a_new_sheet() -> None:
    made = album()
    for index in range(300):
        made.receive(index, 1, ROOMS[index % 3][0], 0)
    found = ask(made)
    assert found is not None
    head, sheets = found
    assert [row[4:] for row in head["stills"]] == [[index // 256, index % 256] for index in range(300)]
    assert [sheet.shape for sheet in sheets] == [(576, 1024, 3), (108, 1024, 3)]
    for index in (0, 17, 255, 256, 299):
        assert likeness(tile(head, sheets, index), ROOMS[index % 3][0]) < 7


def test_medium_tiles_are_made_of_the_stills_themselves() -> None:
    made = album()
    made.receive(7, 1, DESK[0], 0)
    found = ask(made, runs=((7, 8),), size="medium")
    assert found is not None
    head, sheets = found
    assert head["tile"] == [160, 90]
    assert likeness(tile(head, sheets, 7), DESK[0]) < 5


def test_what_is_forgotten_is_gone_once_and_nothing_of_it_is_left() -> None:
    made = album()
    made.receive(5, 1, DESK[0], 0)
    first = ask(made)
    assert first is not None
    assert made.forget(5)
    assert not made.forget(5)
    second = ask(made, first[0]["next"])
    assert second is not None
    assert (second[0]["stills"], second[0]["gone"]) == ([], [5])
    assert ask(made, second[0]["next"]) is None
    assert made.jpeg(5) is None
    begins = ask(made)
    assert begins is not None
    assert (begins[0]["stills"], begins[0]["gone"]) == ([], [])
    kept = [value for value in vars(made).values() if isinstance(value, np.ndarray) and value.ndim > 1]
    assert kept
    assert not any(value.any() for value in kept)


def test_a_minute_without_a_still_is_the_end_of_it() -> None:
    made = album()
    made.receive(1, 1, ROOMS[0][0], 0)
    made.receive(2, 1, ROOMS[0][0], 5)
    made.receive(1, 1, ROOMS[0][1], 10)
    assert made.expire(KEEP_S + 4) == []
    assert made.expire(KEEP_S + 6) == [2]
    assert made.expire(KEEP_S + 11) == [1]
    assert len(made) == 0


def test_who_asks_from_before_the_process_began_hears_who_has_none() -> None:
    made = album(4)
    made.receive(2, 1, ROOMS[0][0], 0)
    found = ask(made, BASE - 5)
    assert found is not None
    assert ([row[0] for row in found[0]["stills"]], found[0]["gone"]) == ([2], [0, 1, 3])


def test_what_cannot_be_decoded_changes_nothing() -> None:
    made = album(4)
    made.receive(2, 1, ROOMS[0][0], 0)
    revision = made.revision
    assert not made.receive(2, 2, ROOMS[1][0][:300], 1)
    assert not made.receive(4, 2, ROOMS[1][0], 1)
    assert (made.revision, made.jpeg(2)) == (revision, (1, ROOMS[0][0]))


def test_badges_are_in_the_answer() -> None:
    made = album()
    for number in range(3):
        made.receive(9, number + 1, BLACK_ROOM[number], number * 10)
    found = ask(made)
    assert found is not None
    assert found[0]["stills"][0][2] == BLACK
    assert (made.count_flag(BLACK), made.count_chairs(taken=True)) == (1, 0)


def look(made: Album, index: int, finder: Finder) -> bool | None:
    """A whole look: whether a face was looked for, None where there is nothing to look at."""
    asked = made.begin_look(index)
    if isinstance(asked, Asked):
        made.end_look(asked, finder.find(asked.jpeg))
        return True
    return False if asked else None


def test_a_chair_alone_is_told_without_a_tile() -> None:
    made, finder = album(), Finder()
    made.receive(9, 1, DESK[0], 0)
    first = ask(made)
    assert first is not None
    finder.score = 90
    assert look(made, 9, finder) is True
    second = ask(made, first[0]["next"])
    assert second is not None
    assert second[0]["stills"] == [[9, 1, 0, 95, -1, 0]]
    assert second[0]["sheets"] == []
    assert look(made, 9, finder) is True
    assert ask(made, second[0]["next"]) is None, "the same again is no news"


def test_an_empty_room_in_which_nothing_moves_is_not_searched_again() -> None:
    made, finder = album(), Finder()
    made.receive(9, 1, ROOMS[0][0], 0)
    assert look(made, 9, finder) is True
    made.receive(9, 2, ROOMS[0][1], 10)
    assert look(made, 9, finder) is False
    made.receive(9, 3, jpegs_of("person", 0)[0], 20)
    assert look(made, 9, finder) is True
    assert finder.asked == 2


@pytest.mark.parametrize("kind", ["black", "covered", "frozen"])
def test_nobody_is_looked_for_where_nothing_can_be_seen(kind: Any) -> None:
    made, finder = album(), Finder()
    made.receive(9, 1, DESK[0], 0)
    finder.score = 90
    look(made, 9, finder)
    stills = jpegs_of(kind, 1)
    for number in range(3):
        made.receive(9, number, stills[number % len(stills)], number * 10)
    assert look(made, 9, finder) is None
    assert made.count_chairs(taken=True) == 0
    assert look(made, 10, finder) is None


def test_a_look_that_ends_after_the_point_went_says_nothing() -> None:
    made = album()
    made.receive(9, 1, DESK[0], 0)
    asked = made.begin_look(9)
    assert isinstance(asked, Asked)
    made.forget(9)
    made.receive(9, 2, ROOMS[0][0], 1)
    made.end_look(asked, 90)
    assert made.count_chairs(taken=True) == 0


def test_answers_come_in_pieces_and_survive_what_happens_in_between() -> None:
    made = album()
    for index in range(520):
        made.receive(index, 1, ROOMS[0][0], 0)
    making = made.answer(((0, 600),), 0, "small", 1)
    assert next(making).answer is None
    made.forget(300)
    made.receive(1, 2, ROOMS[1][0], 1)
    pieces = list(making)
    assert all(piece.answer is None for piece in pieces[:-1])
    answer = pieces[-1].answer
    assert answer is not None
    after = int.from_bytes(answer[:8])
    found = ask(made, after)
    assert found is not None
    assert ([row[0] for row in found[0]["stills"]], found[0]["gone"]) == ([1], [300]), "nothing of it is lost"
