"""Proposals from command to state: to whom they go, who answers, what is refused."""

import pytest

from bridge import decide_proposals
from bridge.commands import Command
from bridge.proposal_commands import AnswerProposal, ForwardProposal, SendProposal
from bridge.proposals import MAX_OPEN_OF_POINT, TEXT_MAX_CHARS
from tests.bridge.scene import FAR, WARD, Scene, kinds, refused


def proposed(point: str = WARD) -> Scene:
    scene = Scene()
    scene.do(SendProposal(point, "Cần thêm ô-xy\ncho trạm y tế", "main"))
    return scene


@pytest.mark.parametrize(("point", "unit"), [(WARD, "773"), ("773", "79"), ("79", "VN")])
def test_it_goes_to_the_unit_right_above(point: str, unit: str) -> None:
    proposal = proposed(point).bridge.state.proposals.kept["p1"]
    assert (proposal.unit, proposal.text) == (unit, "Cần thêm ô-xy\ncho trạm y tế")


def test_it_is_forwarded_step_by_step_or_over_a_level() -> None:
    scene = proposed()
    scene.do(AnswerProposal("p1", "Ngoài khả năng của quận", "forwarded", "operator:773"))
    scene.do(ForwardProposal("p1", "VN", "", "operator:79"))
    proposal = scene.bridge.state.proposals.kept["p1"]
    assert (proposal.unit, proposal.units) == ("VN", ("773", "79", "VN"))
    assert refused(scene, AnswerProposal("p1", "", "forwarded", "center")).code == "proposal_not_above"
    assert kinds(scene.do(AnswerProposal("p1", "Cấp 50 bình", "accepted", "center"))) == ["ProposalAnswered"]
    assert refused(scene, AnswerProposal("p1", "", "noted", "center")).code == "proposal_state"
    assert refused(scene, ForwardProposal("p1", "VN", "", "center")).code == "proposal_state"
    assert scene.replayed().snapshot() == scene.bridge.snapshot()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (SendProposal(WARD, " \n "), "proposal_text"),
        (SendProposal(WARD, "x" * (TEXT_MAX_CHARS + 1)), "proposal_text"),
        (SendProposal("stranger", "x"), "unknown_point"),
        (AnswerProposal("p9", "", "noted", "center"), "unknown_proposal"),
        (AnswerProposal("p1", "", "bored", "center"), "proposal_outcome"),
        (AnswerProposal("p1", "", "declined", "center"), "proposal_text"),
        (AnswerProposal("p1", "x" * (TEXT_MAX_CHARS + 1), "noted", "center"), "proposal_text"),
        (ForwardProposal("p1", "80", "", "center"), "proposal_not_above"),
        (ForwardProposal("p1", "773", "", "center"), "proposal_not_above"),
        (ForwardProposal("p1", "nowhere", "", "center"), "unknown_unit"),
    ],
)
def test_refusals(command: Command, code: str) -> None:
    assert refused(proposed(), command).code == code


def test_a_point_has_so_many_open_and_an_answer_makes_room() -> None:
    scene = Scene()
    for number in range(MAX_OPEN_OF_POINT):
        scene.do(SendProposal(WARD, f"{number}"))
    assert refused(scene, SendProposal(WARD, "one more")).code == "proposals_full"
    scene.do(SendProposal(FAR, "another point is not in its way"))
    scene.do(AnswerProposal("p3", "", "noted", "center"))
    assert kinds(scene.do(SendProposal(WARD, "one more"))) == ["ProposalSent"]


def test_everybody_together_has_so_many_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide_proposals, "MAX_OPEN", 1)
    assert refused(proposed(), SendProposal(FAR, "x")).code == "proposals_full"


def test_a_session_that_is_not_open_takes_none() -> None:
    assert refused(Scene(opened=False), SendProposal(WARD, "x")).code == "session_state"
