"""What a question to the server may come to; every one of the Redis store's is asked within :func:`answering`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from signaling.store import StoreUnavailable


@contextmanager
def answering() -> Iterator[None]:
    """Turn everything that a server or network can do wrong into :class:`StoreUnavailable`.

    A cancellation that comes while the client sends is sometimes swallowed (``asyncio.wait_for`` before Python 3.12 returns
    when what it waited for is done as well); a task would then go on that was told to end. It is raised here again.
    """
    task = asyncio.current_task()
    cancellations = task.cancelling() if task is not None else 0
    try:
        yield
    except (RedisError, OSError, TimeoutError, AttributeError) as error:
        # AttributeError: the client's way of saying that another task closed the connection while this one was sending.
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
    if task is not None and task.cancelling() > cancellations:
        raise asyncio.CancelledError
