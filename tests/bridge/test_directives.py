"""Directives: the table, who is late, and what is forgotten."""

import pytest

from bridge import directives
from bridge.asking import Presence, points_asked
from bridge.directives import ANSWERS, DIRECTIVE_TABLE, Answer, Directive, Directives, DirectiveState
from bridge.errors import BridgeError, IllegalMove
from tests.bridge.scene import FAR, OTHER, START, WARD, small_directory

DIRECTORY = small_directory()


def issued(name: str = "d1", *units: str) -> Directive:
    directive = Directive(name, "center", units or ("VN",), START, START + 60_000, title="Trực", text="24/7")
    directive.ask(points_asked(DIRECTORY, directive.units), (WARD,), DIRECTORY)
    return directive


def test_the_tables_are_whole() -> None:
    assert set(DIRECTIVE_TABLE) == set(DirectiveState)
    assert set(ANSWERS) == set(Presence)
    assert set(ANSWERS.values()) == set(Answer)


def test_in_time_late_overdue_and_withdrawn() -> None:
    directive = issued()
    directive.confirm(WARD, START + 1, "Lan", "", DIRECTORY)
    assert (directive.answer(WARD), directive.answer(OTHER), directive.answer("nobody")) == (Answer.IN_TIME, Answer.WAITING, None)
    directive.expire(START + 60_000)
    assert (directive.answer(OTHER), directive.is_open_to(OTHER)) == (Answer.OVERDUE, True)
    directive.confirm(OTHER, START + 70_000, "Ba", "", DIRECTORY)
    assert directive.answer(OTHER) is Answer.LATE
    directive.withdraw(START + 80_000, "center")
    assert not directive.is_open_to(FAR), "a withdrawn one waits for nobody"
    with pytest.raises(IllegalMove):
        directive.expire(START + 90_000)


def test_one_that_is_withdrawn_before_its_time_has_no_laggards() -> None:
    directive = issued()
    directive.withdraw(START + 1, "center")
    assert directive.answer(OTHER) is Answer.WAITING


def test_a_point_has_the_newest_first() -> None:
    sut = Directives()
    for name in ("d1", "d2", "d3"):
        sut.add(issued(name, "79" if name == "d2" else "VN"))
    assert [each.id for each in sut.open_to(WARD)] == ["d3", "d2", "d1"]
    assert [each.id for each in sut.open_to(FAR)] == ["d3", "d1"]
    with pytest.raises(BridgeError):
        sut.add(issued("d3"))


def test_the_oldest_that_do_not_run_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directives, "MAX_KEPT", 2)
    sut = Directives()
    for name in ("d1", "d2", "d3"):
        sut.add(issued(name))
    assert list(sut.kept) == ["d1", "d2", "d3"], "what runs is never forgotten"
    for name in ("d1", "d2"):
        sut.kept[name].expire(START)
        sut.settle(sut.kept[name])
    sut.add(issued("d4"))
    assert list(sut.kept) == ["d3", "d4"]
    assert sut.issued == 4


def test_there_is_room_for_so_many_points(monkeypatch: pytest.MonkeyPatch) -> None:
    sut = Directives()
    monkeypatch.setattr(directives, "MAX_ADDRESSED", 10)
    assert sut.has_room(7)
    sut.add(issued())
    assert not sut.has_room(7)
    assert sut.has_room(3)
    sut.kept["d1"].withdraw(START, "center")
    sut.settle(sut.kept["d1"])
    assert sut.has_room(7)
    sut.add(issued("d2"))
    assert list(sut.kept) == ["d2"], "the withdrawn one made room"
    monkeypatch.setattr(directives, "MAX_RUNNING", 1)
    assert not sut.has_room(1)
