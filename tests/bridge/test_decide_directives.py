"""Directives from command to state: deadlines, lateness, hierarchy, refusals."""

import pytest

from bridge import commands, directives
from bridge.directive_commands import AcknowledgeDirective, IssueDirective, WithdrawDirective
from bridge.directive_events import DirectiveDue
from bridge.directives import MAX_AHEAD_MS, TEXT_MAX_CHARS, Answer, DirectiveState
from tests.bridge.scene import FAR, OTHER, SEEN, START, WARD, Scene, kinds, refused

HOUR_MS = 3_600_000


def order(
    units: tuple[str, ...] = ("VN",), title: str = "Tám việc", text: str = "1. Trực 24/7\n2. Báo cáo", ahead: int = HOUR_MS
) -> IssueDirective:
    return IssueDirective(title, text, units, START + ahead, "main", "center")


def issued(*units: str) -> Scene:
    scene = Scene()
    scene.arrive(WARD)
    scene.do(order(units or ("VN",)))
    return scene


def test_it_lists_the_points_and_keeps_its_lines() -> None:
    scene = Scene()
    (event,) = scene.do(order(("773", "79", "773"), text=" a\r\n\n b\tc "))
    assert event.directive == "d1"  # type: ignore[union-attr]
    assert (event.units, event.text) == (("79",), "a\n\nb c")  # type: ignore[union-attr]
    assert event.points == ("79", "773", WARD, OTHER)  # type: ignore[union-attr]


def test_in_time_then_due_then_late() -> None:
    scene = issued()
    directive = scene.bridge.state.directives.kept["d1"]
    assert kinds(scene.do(AcknowledgeDirective("d1", WARD, "Lan", "Chủ tịch"), 1_000)) == ["DirectiveAcknowledged"]
    assert scene.do(AcknowledgeDirective("d1", WARD, "Another")) == []
    assert scene.bridge.next_timeout() == START + HOUR_MS
    assert scene.tick(HOUR_MS) == [DirectiveDue(scene.now, "d1")]
    assert scene.bridge.next_timeout() is None
    scene.do(AcknowledgeDirective("d1", FAR, "Ba"))
    answers = [directive.answer(point) for point in (WARD, FAR, OTHER)]
    assert answers == [Answer.IN_TIME, Answer.LATE, Answer.OVERDUE]
    assert (directive.tallies["79"].present, directive.tallies["80"].late, directive.total.missing) == (1, 1, 5)
    assert scene.replayed().snapshot() == scene.bridge.snapshot()


def test_one_that_overtakes_the_timer_is_late() -> None:
    scene = issued()
    assert kinds(scene.do(AcknowledgeDirective("d1", WARD, "Lan"), HOUR_MS)) == ["DirectiveDue", "DirectiveAcknowledged"]
    assert scene.bridge.state.directives.kept["d1"].answer(WARD) is Answer.LATE


def test_who_comes_before_the_deadline_was_reached() -> None:
    scene = issued()
    total = scene.bridge.state.directives.kept["d1"].total
    assert (total.silent, total.unreached) == (1, 6)
    scene.arrive(FAR)
    assert (total.silent, total.unreached) == (2, 5)
    scene.tick(HOUR_MS)
    scene.arrive(OTHER)
    assert (total.silent, total.unreached) == (2, 5)


def test_withdrawn() -> None:
    scene = issued()
    scene.do(AcknowledgeDirective("d1", WARD, "Lan"))
    scene.do(WithdrawDirective("d1", "center"))
    assert scene.bridge.state.directives.kept["d1"].state is DirectiveState.WITHDRAWN
    assert scene.bridge.next_timeout() is None
    assert scene.do(AcknowledgeDirective("d1", WARD, "Lan")) == []
    assert refused(scene, AcknowledgeDirective("d1", FAR, "Ba")).code == "directive_withdrawn"
    assert refused(scene, WithdrawDirective("d1", "center")).code == "directive_withdrawn"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (order(title=" "), "directive_text"),
        (order(title="x" * 201), "directive_text"),
        (order(text="\n"), "directive_text"),
        (order(text="x" * (TEXT_MAX_CHARS + 1)), "directive_text"),
        (order(ahead=0), "directive_deadline"),
        (order(ahead=MAX_AHEAD_MS + 1), "directive_deadline"),
        (order(("nowhere",)), "unknown_unit"),
        (order(()), "directive_nobody"),
        (order(("VN",) * 101), "directive_units"),
        (AcknowledgeDirective("d9", WARD, "Lan"), "unknown_directive"),
        (AcknowledgeDirective("d1", FAR, "Lan"), "not_addressed"),
        (AcknowledgeDirective("d1", WARD, " "), "name_missing"),
        (WithdrawDirective("d9", "center"), "unknown_directive"),
    ],
)
def test_refusals(command: commands.Command, code: str) -> None:
    assert refused(issued("79"), command).code == code


def test_a_text_of_the_longest_is_taken_whole() -> None:
    scene = Scene()
    scene.do(order(text="ạ" * TEXT_MAX_CHARS))
    assert len(scene.bridge.state.directives.kept["d1"].text) == TEXT_MAX_CHARS


def test_too_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directives, "MAX_RUNNING", 1)
    scene = issued()
    assert refused(scene, order()).code == "directives_full"
    scene.do(WithdrawDirective("d1", "center"))
    assert kinds(scene.do(order())) == ["DirectiveIssued"]


def test_a_session_that_is_not_open_gives_none_and_runs_no_clock() -> None:
    assert refused(Scene(opened=False), order()).code == "session_state"
    scene = issued()
    scene.do(commands.CloseSession("center"))
    assert scene.bridge.next_timeout() is None
    assert scene.tick(HOUR_MS * 2) == []
    assert refused(scene, AcknowledgeDirective("d1", WARD, "Lan")).code == "session_state"


def test_an_arrival_with_a_report_reaches_too() -> None:
    scene = issued()
    scene.do(commands.PointArrived(OTHER, SEEN))
    assert OTHER in scene.bridge.state.directives.kept["d1"].reached
