"""What pages see of proposals: who sees one, and how much of it."""

from bridge.proposal_commands import AnswerProposal, SendProposal
from bridge.proposal_views import EXCERPT_CHARS, may_see, proposal_row_view, proposal_view
from tests.bridge.scene import WARD, Scene, small_directory

DIRECTORY = small_directory()


def test_those_it_was_addressed_to_see_it_and_those_above_them() -> None:
    scene = Scene()
    scene.do(SendProposal(WARD, "Cần ô-xy"))
    proposal = scene.bridge.state.proposals.kept["p1"]

    def seen_by() -> list[str]:
        return [unit for unit in ("VN", "79", "773", WARD, "80") if may_see(proposal, DIRECTORY, (unit,))]

    assert seen_by() == ["VN", "79", "773"]
    scene.do(AnswerProposal("p1", "Ngoài khả năng", "forwarded", "operator:773"))
    assert seen_by() == ["VN", "79", "773"], "who passed it on sees what becomes of it"


def test_a_list_has_beginnings_and_the_whole_has_every_step() -> None:
    scene = Scene()
    scene.do(SendProposal(WARD, "x" * 1_000, "s7"))
    proposal = scene.bridge.state.proposals.kept["p1"]
    row = proposal_row_view(proposal, DIRECTORY)
    assert (len(str(row["excerpt"])), row["reply"], row["moved_at"], row["unit_name"]) == (EXCERPT_CHARS, "", None, "Quận 4")
    scene.do(AnswerProposal("p1", "Chuyển", "forwarded", "operator:773"), 1_000)
    scene.do(AnswerProposal("p1", "Cấp " + "y" * 500, "accepted", "operator:79"), 1_000)
    row, whole = proposal_row_view(proposal, DIRECTORY), proposal_view(proposal, DIRECTORY)
    assert (row["state"], len(str(row["reply"])), row["moved_at"]) == ("accepted", EXCERPT_CHARS, scene.now)
    assert whole["text"] == "x" * 1_000
    steps = whole["steps"]
    assert isinstance(steps, list)
    assert [(step["state"], step["unit_name"], step["by"]) for step in steps] == [
        ("forwarded", "Quận 4", "operator:773"),
        ("accepted", "Thành phố Hồ Chí Minh", "operator:79"),
    ]
