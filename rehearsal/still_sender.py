"""The stills of simulated desks: every desk that is live sends one each ten seconds, as its page would, each at its own moment.

    sender = StillSender(desks, dict(zip(codes, rooms.cast(len(codes), seed=1))), seed=1)
    task = asyncio.create_task(sender.run())

The pictures are drawn beforehand (:mod:`rehearsal.rooms`) and framed once, so that sending one costs a write. Consent is said
anew on every connection, as pages do.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Final

from rehearsal.desks import Desks
from rehearsal.ws_client import binary_frame

EVERY_S: Final = 10.0
SLOT_S: Final = 0.05


class StillSender:
    """See the module's text.

    Args:
        desks: the points.
        stills: of each point, in turn.
        every_s: from one still of a point to its next.
        seed: of the moments.
    """

    def __init__(self, desks: Desks, stills: Mapping[str, Sequence[bytes]], *, every_s: float = EVERY_S, seed: int = 1) -> None:
        self._desks = desks
        self._slots: list[list[str]] = [[] for _ in range(max(1, round(every_s / SLOT_S)))]
        dice = random.Random(seed)  # noqa: S311 (spreads stills over time, and shall do so again with the same seed)
        for code in stills:
            dice.choice(self._slots).append(code)
        framed: dict[int, tuple[bytes, ...]] = {}
        self._frames = {
            code: framed.setdefault(id(pictures), tuple(map(binary_frame, pictures))) for code, pictures in stills.items()
        }
        self._agreed: dict[str, int] = {}
        """On which of its connections a desk said so last."""
        self.sent = 0
        self.late = 0
        """Slots that were more than a second late: this process could not follow."""

    async def run(self) -> None:
        """Send until cancelled."""
        loop = asyncio.get_running_loop()
        at_s, turn = loop.time(), 0
        while True:
            self.send(turn)
            turn += 1
            at_s += SLOT_S
            wait_s = at_s - loop.time()
            self.late += wait_s < -1
            await asyncio.sleep(max(0.0, wait_s))

    def send(self, turn: int) -> None:
        """Send the stills of one slot."""
        for code in self._slots[turn % len(self._slots)]:
            desk = self._desks.points.get(code)
            if desk is None or not desk.is_live:
                continue
            connection = desk.counts["welcome"]
            frames = self._frames[code]
            try:
                if self._agreed.get(code) != connection:
                    self._agreed[code] = connection
                    desk.say("stills", on=True)
                desk.send_frame(frames[turn // len(self._slots) % len(frames)])
            except ConnectionError:  # it went a moment ago
                continue
            self.sent += 1
