"""The agenda: the table, whose item it is, and the time that is counted."""

import pytest

from bridge.agenda import ITEM_TABLE, Agenda, Item, ItemInput, ItemState
from bridge.errors import BridgeError
from tests.bridge.scene import FAR, OTHER, START, WARD


def agenda_of(*points: str) -> Agenda:
    agenda = Agenda()
    agenda.set_items([Item(f"i{number}", point, "", 0) for number, point in enumerate(points, start=1)])
    return agenda


def states(agenda: Agenda) -> list[str]:
    return [item.state.value for item in agenda.items.values()]


def speak(agenda: Agenda, point: str, at: int, ms: int) -> None:
    agenda.floor_given(point, at)
    agenda.floor_started(at)
    agenda.floor_left(point, at + ms)


def test_every_state_is_in_the_table_and_done_is_the_end() -> None:
    assert set(ITEM_TABLE) == set(ItemState)
    assert not ITEM_TABLE[ItemState.DONE]
    assert {target for moves in ITEM_TABLE.values() for target in moves.values()} == set(ItemState) - {ItemState.WAITING}


def test_time_is_counted_of_items_and_of_points() -> None:
    agenda = agenda_of(WARD, FAR)
    speak(agenda, WARD, START, 60_000)
    speak(agenda, WARD, START + 100_000, 5_000)
    speak(agenda, OTHER, START + 200_000, 7_000)
    assert states(agenda) == ["done", "waiting"]
    assert agenda.items["i1"].spoken_ms == 60_000
    assert agenda.spoken_ms == {WARD: 65_000, OTHER: 7_000}


def test_a_clock_that_goes_back_takes_no_time_away() -> None:
    agenda = agenda_of(WARD)
    speak(agenda, WARD, START, -5)
    assert (agenda.items["i1"].spoken_ms, agenda.spoken_ms) == (0, {WARD: 0})


def test_who_has_the_floor_and_never_spoke_is_missed() -> None:
    agenda = agenda_of(WARD, FAR)
    agenda.floor_given(WARD, START)
    agenda.floor_left(WARD, START + 5)
    assert states(agenda) == ["missed", "waiting"]
    assert agenda.spoken_ms == {}


def test_the_missed_come_after_the_waiting_those_with_fewest_tries_first() -> None:
    agenda = agenda_of(WARD, FAR, OTHER)
    order = []
    for _ in range(5):
        item = agenda.next_up()
        assert item is not None
        order.append(item.point)
        agenda.move(item.id, ItemInput.MISS)
    assert order == [WARD, FAR, OTHER, WARD, FAR]
    for name in ("i1", "i2", "i3"):
        agenda.move(name, ItemInput.SKIP)
    assert agenda.next_up() is None


def test_of_two_items_of_a_point_the_picked_one_is_called_else_the_first_that_waits() -> None:
    agenda = agenda_of(WARD, WARD, WARD)
    agenda.pick("i2")
    agenda.floor_given(WARD, START)
    assert states(agenda) == ["waiting", "called", "waiting"]
    agenda.floor_left(WARD, START)
    agenda.floor_given(WARD, START)
    assert states(agenda) == ["called", "missed", "waiting"]


def test_a_pick_that_went_to_another_point_is_forgotten() -> None:
    agenda = agenda_of(WARD, FAR)
    agenda.pick("i1")
    agenda.floor_given(FAR, START)
    assert states(agenda) == ["waiting", "called"]


def test_a_skipped_one_may_be_given_the_floor_by_hand() -> None:
    agenda = agenda_of(WARD)
    agenda.move("i1", ItemInput.SKIP)
    speak(agenda, WARD, START, 1_000)
    assert states(agenda) == ["done"]


def test_items_keep_what_became_of_them() -> None:
    agenda = agenda_of(WARD, FAR)
    speak(agenda, WARD, START, 1_000)
    agenda.set_items([Item("i3", OTHER, "", 0), Item("i1", WARD, "khác", 5_000)])
    assert [(item.id, item.state.value, item.subject) for item in agenda.items.values()] == [
        ("i3", "waiting", ""),
        ("i1", "done", "khác"),
    ]
    assert agenda.made == 3


def test_what_contradicts_itself_is_refused() -> None:
    agenda = agenda_of(WARD)
    agenda.floor_given(WARD, START)
    for items in ([], [Item("i1", FAR, "", 0)], [Item("i1", WARD, "", 0), Item("i1", WARD, "", 0)]):
        with pytest.raises(BridgeError):
            agenda.set_items(items)
    for name in ("i1", "i9"):
        with pytest.raises(BridgeError):
            agenda.pick(name)
