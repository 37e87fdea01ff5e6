"""Black, covered, frozen: when a badge comes, when it goes, and what does not bring one."""

from __future__ import annotations

from stills.looks import BLACK, COVERED, FROZEN, Look, Watch

ROOM = Look(120, 40, 0.2, 0.6)
DARK = Look(4, 0.5, 0, 0.2)
HAND = Look(110, 20, 0, 0.5)
SAME = Look(120, 40, 0.2, 0)


def after(*looks: Look) -> list[int]:
    watch = Watch()
    return [watch.receive(look) for look in looks]


def test_a_room_has_no_badge() -> None:
    assert after(*[ROOM] * 5) == [0] * 5


def test_black_comes_with_the_second_and_goes_with_the_first_other() -> None:
    assert after(DARK, DARK, DARK, ROOM) == [0, BLACK, BLACK, 0]
    assert after(DARK, ROOM, DARK, ROOM) == [0, 0, 0, 0]


def test_black_that_does_not_change_is_not_called_frozen() -> None:
    unchanging = Look(3, 0, 0, 0)
    assert after(*[unchanging] * 5)[-1] == BLACK


def test_covered_comes_with_the_second() -> None:
    assert after(HAND, HAND, ROOM) == [0, COVERED, 0]


def test_frozen_needs_three_pictures_alike() -> None:
    first = Look(120, 40, 0.2, None)
    assert after(first, SAME, SAME, SAME, ROOM) == [0, 0, FROZEN, FROZEN, 0]
    assert after(first, SAME, ROOM, SAME, ROOM) == [0, 0, 0, 0, 0]


def test_a_covered_picture_may_be_frozen_too() -> None:
    assert after(*[Look(110, 20, 0, 0)] * 3)[-1] == COVERED | FROZEN


def test_at_the_threshold_a_badge_does_not_flicker() -> None:
    dim, dimmer = Look(17, 3.5, 0.018, 0.5), Look(15, 2.5, 0.008, 0.5)
    assert after(dimmer, dimmer, dim, dimmer, dim) == [0, BLACK, BLACK, BLACK, BLACK]
    assert after(dim, dim, dim) == [0, 0, 0]
    some, less = Look(100, 20, 0.018, 0.5), Look(100, 20, 0.008, 0.5)
    assert after(less, less, some, less, some) == [0, COVERED, COVERED, COVERED, COVERED]
    assert after(some, some, some) == [0, 0, 0]
