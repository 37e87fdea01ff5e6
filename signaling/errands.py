"""Things this process must tell the domain although nobody waits for the answer: rings sent, points gone, media that
flows or not.

Theory of operation. An errand has a key; a newer one of the same key takes its place, so there is at most one for each
call, point and feed. All that wait are handed in together, in order. One that could not be recorded is tried again until
it is, unless it is no longer true by then (the point came back): its ``is_true`` is asked right before each try. Beyond
``limit`` the newest is dropped and counted: with one key a point, a call and a feed that is more than the country has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from bridge.commands import Command
from bridge.errors import BridgeError
from signaling.forwarding import Unavailable

_log = structlog.get_logger(__name__)

MAX_ERRANDS: Final = 50_000
BATCH: Final = 100
RETRY_S: Final = 0.5

Key = tuple[str, ...]
Submit = Callable[[Command], Awaitable[Any]]


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to tell, to whom, and whether it is still so."""

    submit: Submit
    command: Command
    is_true: Callable[[], bool] = _always


class Errands:
    """See the module's text."""

    def __init__(self, limit: int = MAX_ERRANDS) -> None:
        self._waiting: dict[Key, Errand] = {}
        self._something = asyncio.Event()
        self._limit = limit
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, key: Key, errand: Errand) -> None:
        """Have it told soon, instead of an older one of the same key."""
        if key not in self._waiting and len(self._waiting) >= self._limit:
            self.dropped += 1
            return
        self._waiting.pop(key, None)
        self._waiting[key] = errand
        self._something.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await self._something.wait()
            if not await self.turn():
                await asyncio.sleep(RETRY_S)

    async def turn(self) -> bool:
        """Tell one batch; False when some of it has to be tried again."""
        batch = {key: self._waiting.pop(key) for key in list(self._waiting)[:BATCH]}
        told = await asyncio.gather(*(self._tell(errand) for errand in batch.values()))
        again = {key: errand for (key, errand), done in zip(batch.items(), told, strict=True) if not done}
        if again:
            self._waiting = {**again, **self._waiting}
        if not self._waiting:
            self._something.clear()
        return not again

    async def _tell(self, errand: Errand) -> bool:
        if not errand.is_true():
            return True
        try:
            await errand.submit(errand.command)
        except Unavailable:
            return False
        except BridgeError as error:
            _log.info("errand.refused", command=type(errand.command).__name__, code=error.code)
        except Exception:  # noqa: BLE001 (one errand's fault must not end the others)
            _log.exception("errand.failed", command=type(errand.command).__name__)
        return True
