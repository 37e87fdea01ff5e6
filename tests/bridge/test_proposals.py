"""Proposals: the table, whom one was addressed to, and what is forgotten."""

import pytest

from bridge import proposals
from bridge.errors import BridgeError, IllegalMove
from bridge.proposals import OUTCOMES, PROPOSAL_TABLE, Proposal, ProposalInput, Proposals, ProposalState
from tests.bridge.scene import START, WARD


def sent(sut: Proposals, *names: str) -> None:
    for name in names:
        sut.add(Proposal(name, WARD, "Cần ô-xy", "773", "main", START))


def test_every_state_is_in_the_table_and_every_answer_is_final() -> None:
    assert set(PROPOSAL_TABLE) == set(ProposalState)
    ends = {PROPOSAL_TABLE[ProposalState.SENT][move] for move in OUTCOMES.values()}
    assert all(not PROPOSAL_TABLE[state] for state in ends)
    assert {state.value for state in ends} == set(OUTCOMES)


def test_it_goes_up_and_is_answered_there() -> None:
    sut = Proposals()
    sent(sut, "p1")
    sut.move("p1", ProposalInput.FORWARD, START + 1, "79", "Ngoài khả năng", "operator:773")
    proposal = sut.move("p1", ProposalInput.FORWARD, START + 2, "VN", "", "operator:79")
    assert (proposal.unit, proposal.units, proposal.is_open) == ("VN", ("773", "79", "VN"), True)
    sut.move("p1", ProposalInput.ACCEPT, START + 3, None, "Cấp 50 bình", "center")
    assert [(step.state.value, step.unit, step.by) for step in proposal.steps] == [
        ("forwarded", "773", "operator:773"),
        ("forwarded", "79", "operator:79"),
        ("accepted", "VN", "center"),
    ]
    with pytest.raises(IllegalMove):
        sut.move("p1", ProposalInput.NOTE, START + 4, None, "", "center")
    assert sut.open_count == 0


def test_of_a_point_the_newest_first() -> None:
    sut = Proposals()
    sent(sut, "p1", "p2")
    assert [each.id for each in sut.of_point(WARD)] == ["p2", "p1"]
    assert (sut.open_of(WARD), sut.open_of("other")) == (2, 0)
    with pytest.raises(BridgeError):
        sent(sut, "p2")


def test_open_ones_are_kept_and_the_oldest_answered_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposals, "MAX_KEPT", 1)
    sut = Proposals()
    sent(sut, "p1", "p2", "p3")
    for name in ("p3", "p2"):
        sut.move(name, ProposalInput.NOTE, START, None, "", "center")
    assert list(sut.kept) == ["p1", "p2"], "p3 was answered first"
    assert [each.id for each in sut.of_point(WARD)] == ["p2", "p1"]
    assert (sut.open_count, sut.sent) == (1, 3)
