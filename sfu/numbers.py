"""What the node says about itself beside its counters: how late its loop is, and who follows which layer."""

from __future__ import annotations

from collections.abc import Iterable

from sfu.peer import Peer

LAG_WINDOW_S = 10.0


class LoopLag:
    """How long the loop kept everybody waiting: what its timer came late. The worst of the running and of the last whole window
    is kept, so the number is that of the last 10 to 20 s, whoever reads it when.
    """

    def __init__(self, now: float) -> None:
        self._window_began_s = now
        self._worst_s = self._worst_before_s = 0.0

    def note(self, due: float, now: float) -> None:
        """A timer that was ``due`` has come ``now``."""
        self._turn(now)
        self._worst_s = max(self._worst_s, now - due)

    def worst_s(self, now: float) -> float:
        """The longest that a timer came late, seconds."""
        self._turn(now)
        return max(self._worst_s, self._worst_before_s)

    def _turn(self, now: float) -> None:
        windows = int((now - self._window_began_s) / LAG_WINDOW_S)
        if windows > 0:
            self._worst_before_s = self._worst_s if windows == 1 else 0.0
            self._worst_s = 0.0
            self._window_began_s += windows * LAG_WINDOW_S


def layer_numbers(peers: Iterable[Peer]) -> dict[str, float]:
    """How many pictures of viewers follow the best layer that their feed sends, and how many a lower one; whose are paced."""
    best = others = paced = 0
    for peer in peers:
        paced += peer.viewer is not None and peer.viewer.line is not None
        if peer.publisher is None:
            continue
        leading = peer.publisher.best("video")
        for source in peer.publisher.sources():
            if source is leading:
                best += len(source.legs)
            elif source.kind == "video":
                others += len(source.legs)
    return {"pictures_best_layer": best, "pictures_lower_layer": others, "viewers_paced": paced}
