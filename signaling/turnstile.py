"""How much the process takes on in one turn of the event loop.

Theory of operation. A loop serves everything that is ready before it looks again. When ten thousand clients speak within a few
seconds, that is a thousand messages a turn, turns get long, and what needs several of them, such as the store's answer to an
append, takes as many times longer, while more and more is decided that waits for it: commands run out of time although nothing is
slower than usual. So at most ``per_turn`` messages are taken on in a turn, first come, first served. The others wait where they
are, not decided and not yet on any clock, and their connections are read no further meanwhile. Consoles do not queue here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

PER_TURN: Final = 64
"""Some 20 ms of messages (0.3 ms each, decided, recorded and answered)."""


class Turnstile:
    """See the module's text. At most one waiting entry a connection, since each reads one message after the other."""

    def __init__(self, per_turn: int = PER_TURN) -> None:
        self._per_turn = per_turn
        self._left = per_turn
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_turning = False

    def __len__(self) -> int:
        return len(self._waiting)

    async def enter(self) -> None:
        """Return when it is this one's turn: at once, unless others were faster in this turn of the loop."""
        loop = asyncio.get_running_loop()
        if not self._is_turning:
            self._is_turning = True
            loop.call_soon(self._turn)
        if self._left > 0 and not self._waiting:
            self._left -= 1
            return
        place: asyncio.Future[None] = loop.create_future()
        self._waiting.append(place)
        await place

    def _turn(self) -> None:
        """The loop's next turn: let the next ones through, and come again while there is somebody."""
        was_used, self._left = self._left < self._per_turn, self._per_turn
        while self._waiting and self._left > 0:
            place = self._waiting.popleft()
            if not place.done():  # its connection ended meanwhile
                place.set_result(None)
                self._left -= 1
        self._is_turning = was_used or self._left < self._per_turn
        if self._is_turning:
            asyncio.get_running_loop().call_soon(self._turn)
