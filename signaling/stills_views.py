"""Sheets of stills for consoles that wait for news: one answer a second for each view, however many consoles have it.

A view is a set of points and a size of tiles. Consoles ask for what changed since their revision; who has the same view and the
same revision gets the same bytes. A view has a *turn* a second: in it each revision is answered once, a console that was just
answered waits for the next, and one that is behind (or begins, at 0) is answered in the present one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from signaling.errors import ServiceError
from stills.wire import COLUMNS, MEDIUM, SMALL, Size

TURN_S: Final = 1.0
WAIT_S: Final = 5.0
MAX_VIEWS: Final = 64
"""At once: each of 63 provinces looks at its own. An answer is a few megabytes at most, and kept until the next turn."""
MAX_REVISIONS: Final = 8
"""That are answered in one turn of a view. Consoles that keep up have one; a newcomer and one that lagged make three."""
REVISION_BYTES: Final = 8

Runs = tuple[tuple[int, int], ...]
Ask = Callable[[Runs, int, Size], Awaitable[bytes | None]]


@dataclass(slots=True)
class _View:
    next_at: float = 0.0
    answers: dict[int, asyncio.Task[bytes | None]] = field(default_factory=dict)
    """Of this turn, by the revision that was asked from."""
    given: set[int] = field(default_factory=set)
    """The revisions that were given in this turn: who asks from one of them waits for the next."""


class StillsViews:
    """See the module's text.

    Args:
        ask: gives the revision (8 bytes) and the answer, or None where nothing is newer.
        clock: monotonic seconds.
        now_ms: milliseconds since the epoch.
    """

    def __init__(self, ask: Ask, clock: Callable[[], float], now_ms: Callable[[], int]) -> None:
        self._ask, self._clock, self._now_ms = ask, clock, now_ms
        self._views: dict[tuple[Runs, Size], _View] = {}
        self._is_closing = asyncio.Event()
        self.made = self.shared = 0
        """Answers that were made; that were given to a further console."""

    def __len__(self) -> int:
        return len(self._views)

    async def answer(self, runs: Runs, after: int, size: Size, directory: str) -> bytes:
        """What changed of these points since a revision; waits up to ``WAIT_S`` for something.

        Raises:
            ServiceError: ``unavailable``, or ``too_many`` views.
        """
        until = self._clock() + WAIT_S
        while True:
            now = self._clock()
            view = self._view(runs, size, now)
            if now >= view.next_at:
                view.next_at = now + TURN_S
                view.answers, view.given = {}, set()
            if after not in view.given:
                answer = await self._answer_in_turn(view, runs, after, size)
                if answer is not None:
                    return answer
            wait_s = min(view.next_at, until) - self._clock()
            if self._clock() >= until or self._is_closing.is_set():
                return self._nothing(after, size, directory)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, wait_s)):
                    await self._is_closing.wait()

    async def _answer_in_turn(self, view: _View, runs: Runs, after: int, size: Size) -> bytes | None:
        task = view.answers.get(after)
        if task is None:
            if len(view.answers) >= MAX_REVISIONS:
                return None
            task = view.answers[after] = asyncio.create_task(self._made(runs, after, size))
            task.add_done_callback(_looked_at)
        else:
            self.shared += 1
        answer = await asyncio.shield(task)
        if answer is None:
            return None
        view.given.add(int.from_bytes(answer[:REVISION_BYTES]))
        return answer[REVISION_BYTES:]

    async def _made(self, runs: Runs, after: int, size: Size) -> bytes | None:
        answer = await self._ask(runs, after, size)
        self.made += answer is not None
        return answer

    def _view(self, runs: Runs, size: Size, now: float) -> _View:
        view = self._views.get((runs, size))
        if view is None:
            for key in [key for key, view in self._views.items() if now >= view.next_at + TURN_S]:
                del self._views[key]
            if len(self._views) >= MAX_VIEWS:
                raise ServiceError("too_many", retry_after_s=2)
            view = self._views[runs, size] = _View()
        return view

    def _nothing(self, after: int, size: Size, directory: str) -> bytes:
        tile = SMALL if size == "small" else MEDIUM
        head = {"at": self._now_ms(), "next": after, "tile": tile, "columns": COLUMNS, "sheets": [], "stills": [], "gone": []}
        text = json.dumps({**head, "directory": directory}, separators=(",", ":")).encode()
        return len(text).to_bytes(4) + text

    def forget(self) -> None:
        """Something was deleted: no answer from before is given any more."""
        for view in self._views.values():
            view.answers = {}

    def close(self) -> None:
        """The process ends: nobody waits any longer."""
        self._is_closing.set()


def _looked_at(task: asyncio.Task[bytes | None]) -> None:
    """Whoever waited for it may be gone: its failure is no news then."""
    if not task.cancelled():
        task.exception()
