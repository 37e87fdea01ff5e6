"""Whose turn it is."""

from __future__ import annotations

from sfu.rounds import TICKS_PER_ROUND, TICKS_TO_FIRST_TURN, Rounds
from tests.sfu.world import World


def test_each_connected_peer_has_one_turn_a_round_and_the_first_soon() -> None:
    rounds, world = Rounds(), World()
    early, late = world.watch("viewer-1").peer, world.watch("viewer-2").peer
    rounds.half_open[early.id] = early
    rounds.connect(early)
    assert not rounds.half_open
    seen = []
    for tick in range(1, 2 * TICKS_PER_ROUND + 1):
        if tick == 11:
            rounds.connect(late)
        seen += [(tick, peer.id) for peer in rounds.next_turn()]
    first, second = TICKS_TO_FIRST_TURN, 10 + TICKS_TO_FIRST_TURN
    assert seen == [
        (first, "viewer-1"),
        (second, "viewer-2"),
        (first + TICKS_PER_ROUND, "viewer-1"),
        (second + TICKS_PER_ROUND, "viewer-2"),
    ]
    assert len(rounds) == 2


def test_who_leaves_has_no_turn_any_more() -> None:
    rounds, peer = Rounds(), World().watch("viewer-1").peer
    rounds.half_open[peer.id] = rounds.soon[peer.id] = peer
    rounds.connect(peer)
    rounds.leave(peer)
    assert not rounds.half_open
    assert not rounds.soon
    assert not len(rounds)
    assert not [turn for _ in range(TICKS_PER_ROUND) for turn in rounds.next_turn()]
