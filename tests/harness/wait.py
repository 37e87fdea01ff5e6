"""Waiting for conditions: the only synchronisation of the end-to-end tests. Every wait has a deadline and a name."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

POLL_S = 0.05


class DeadlineError(AssertionError):
    """A condition did not hold in time."""


async def until(what: str, condition: Callable[[], Any], within_s: float = 30, every_s: float = POLL_S) -> Any:
    """Asks `condition` until its answer is truthy, and gives that answer.

    Args:
        what: what is waited for, in words: it is the message of the failure.
        condition: plain or async; an `AssertionError` from it counts as "not yet" and is quoted at the deadline.

    Raises:
        DeadlineError: after `within_s`, with the last answer.
    """
    deadline = time.monotonic() + within_s
    while True:
        try:
            answer = condition()
            if inspect.isawaitable(answer):
                answer = await answer
            if answer:
                return answer
            last: object = answer
        except AssertionError as error:
            last = error
        if time.monotonic() > deadline:
            raise DeadlineError(f"{what}: not within {within_s:g} s; last seen: {last!r}")
        await asyncio.sleep(every_s)


async def stays(what: str, condition: Callable[[], Awaitable[object]], for_s: float, every_s: float = 0.1) -> None:
    """Asks `condition` for `for_s` seconds: it must hold every time (for what must not happen).

    Raises:
        AssertionError: as soon as it does not hold.
    """
    deadline = time.monotonic() + for_s
    while time.monotonic() < deadline:
        assert await condition(), f"{what}: did not stay so for {for_s:g} s"
        await asyncio.sleep(every_s)
