"""What pages see of directives: a scope its own part, a point its own answer, nobody the text unasked."""

from bridge.directive_commands import AcknowledgeDirective, IssueDirective, WithdrawDirective
from bridge.directive_views import answers_view, directive_board_view, notice_view
from bridge.directives import Answer, Directive
from tests.bridge.scene import FAR, OTHER, START, WARD, Scene, small_directory

DIRECTORY = small_directory()
MISSING = frozenset({Answer.WAITING, Answer.OVERDUE})


def issued() -> tuple[Scene, Directive]:
    scene = Scene()
    scene.arrive(WARD)
    scene.do(IssueDirective("Tám việc", "Trực 24/7", ("VN",), START + 60_000, "s7", "center"))
    return scene, scene.bridge.state.directives.kept["d1"]


def test_a_province_sees_its_own_laggards_and_no_other_s() -> None:
    scene, directive = issued()
    scene.do(AcknowledgeDirective("d1", FAR, "Ba"))
    scene.tick(60_000)
    board = directive_board_view(directive, DIRECTORY, ("79",))
    assert board is not None
    assert board["total"] == {"addressed": 4, "in_time": 0, "late": 0, "silent": 1, "offline": 3}
    assert (board["state"], board["session"], board["title"]) == ("due", "s7", "Tám việc")
    assert "text" not in board
    listed = {row["point"]: row["cause"] for row in answers_view(directive, DIRECTORY, ("79",), MISSING)}
    assert listed == {"79": "offline", "773": "offline", WARD: "no_answer", OTHER: "offline"}
    assert directive_board_view(directive, DIRECTORY, ("99",)) is None


def test_who_acknowledged_and_when() -> None:
    scene, directive = issued()
    scene.do(AcknowledgeDirective("d1", WARD, "Lan", "Chủ tịch"), 1_000)
    (row,) = answers_view(directive, DIRECTORY, ("VN",), frozenset({Answer.IN_TIME}))
    assert row == {
        "point": WARD,
        "point_name": "Phường 10",
        "cause": None,
        "answer": "in_time",
        "acknowledged_at": START + 1_000,
        "name": "Lan",
        "function": "Chủ tịch",
    }
    notice = notice_view(directive, WARD)
    assert (notice["answer"], notice["name"], "text" in notice) == ("in_time", "Lan", False)
    assert notice_view(directive, OTHER)["answer"] == "waiting"
    scene.do(WithdrawDirective("d1", "center"))
    assert notice_view(directive, OTHER)["withdrawn_at"] == scene.now
