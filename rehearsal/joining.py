"""Getting in over HTTP: the request, a refusal with a time to wait that is honoured with jitter, the answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from rehearsal.measures import JoinFailedError, JoinTimes
from rehearsal.offers import Answer, AnswerError, read_answer
from rehearsal.whep import HttpError, HttpPool

REFUSED_FOR_S = 120.0
"""How long a point that is told to come again comes again."""
_TRY_AGAIN = frozenset({429, 503})
_CREATED = 201


@dataclass(frozen=True, slots=True)
class Admitted:
    """A resource of this point's, and its answer."""

    path: str
    answer: Answer


class Doors:
    """``/whep/{session}`` and ``/whip/{session}`` of one service.

    Args:
        http: connections.
        jitter: for waiting times.
        sleep: waits; :func:`asyncio.sleep`, or a test's own.
    """

    def __init__(self, http: HttpPool, jitter: random.Random, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._http, self._jitter, self._sleep = http, jitter, sleep
        self.refused = 0
        """Answers 503 and 429 so far."""

    async def enter(self, path: str, token: str, offer: str, times: JoinTimes, now: Callable[[], float]) -> Admitted:
        """POST an offer until it is answered. Fills in the times.

        Raises:
            JoinFailedError: ``refused``, ``busy``, ``http`` or ``answer``.
        """
        while True:
            if times.started_at is None:
                times.started_at = now()
            try:
                response = await self._http.request("POST", path, token, offer.encode())
            except HttpError as error:
                raise JoinFailedError("http", str(error)) from error
            if response.status == _CREATED:
                times.answered_at = now()
                break
            if response.status not in _TRY_AGAIN:
                raise JoinFailedError("refused", f"{response.status} {response.body[:300].decode(errors='replace')}")
            self.refused += 1
            times.refusals += 1
            # As the page does it: at least the time that was asked for, and up to as much again, so that not all come together.
            wait_s = max(0.5, response.retry_after_s) * (1 + self._jitter.random())
            if times.waited_s + wait_s > REFUSED_FOR_S:
                raise JoinFailedError("busy", f"{times.refusals} times refused, the last with {response.status}")
            times.waited_s += wait_s
            await self._sleep(wait_s)
        try:
            return Admitted(response.headers.get("location", ""), read_answer(response.body.decode()))
        except (AnswerError, UnicodeDecodeError, ValueError) as error:
            raise JoinFailedError("answer", str(error)) from error

    async def leave(self, path: str, token: str) -> bool:
        """DELETE a resource; whether the service confirmed it."""
        if not path:
            return False
        try:
            return (await self._http.request("DELETE", path, token)).status == 200
        except HttpError:
            return False
