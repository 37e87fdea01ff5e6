"""Whose turn it is: handshakes in every tick, connected peers once a round, and in between only those that have something due.

A timer a peer would be ten thousand timers; a look at each peer in each tick two hundred thousand looks a second.
"""

from __future__ import annotations

from sfu.ids import PeerId
from sfu.peer import Peer

TICK_S = 0.05
"""Handshakes are looked at this often."""
TICKS_PER_ROUND = 100
"""A round is 5 s: a sender report each, and a look at what comes due before the next one."""
ROUND_S = TICKS_PER_ROUND * TICK_S
TICKS_TO_FIRST_TURN = 7
"""A newcomer's first turn is 0.3 s after it connected: its first sender report is due then (``FIRST_REPORT_S``)."""


class Rounds:
    """The peers of a node by when they are looked at.

    Attributes:
        half_open: peers in ICE or DTLS.
        soon: connected peers with something due before their next turn.
    """

    def __init__(self) -> None:
        self.half_open: dict[PeerId, Peer] = {}
        self.soon: dict[PeerId, Peer] = {}
        self._turns: list[dict[PeerId, Peer]] = [{} for _ in range(TICKS_PER_ROUND)]
        self._tick = 0

    def __len__(self) -> int:
        """How many peers have their turn in a round."""
        return sum(len(turn) for turn in self._turns)

    def connect(self, peer: Peer) -> None:
        """A handshake is done; the first turn is soon, the others a round apart."""
        self.half_open.pop(peer.id, None)
        peer.round = (self._tick + TICKS_TO_FIRST_TURN) % TICKS_PER_ROUND
        self._turns[peer.round][peer.id] = peer

    def leave(self, peer: Peer) -> None:
        """A peer is gone."""
        self.half_open.pop(peer.id, None)
        self.soon.pop(peer.id, None)
        self._turns[peer.round].pop(peer.id, None)

    def next_turn(self) -> list[Peer]:
        """Goes on by one tick; gives the connected peers whose turn it is."""
        self._tick = (self._tick + 1) % TICKS_PER_ROUND
        return list(self._turns[self._tick].values())
