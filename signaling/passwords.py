"""Passwords: argon2id (RFC 9106) in a few threads of their own, with a bounded number waiting.

Theory of operation. A hash takes some 35 ms of one core and 19 MiB on purpose. In the event loop that would stop every
point's line for as long, so it is done in ``WORKERS`` threads (the library lets go of the GIL); and since anybody may ask for
one by logging in, no more than ``MAX_WAITING`` wait: the next one is told to come back (503) before anything is done for it.

Who has no account costs the same: the password is checked against a hash that no password has.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from signaling.accounts import normal_password
from signaling.errors import ServiceError

WORKERS: Final = 2
MAX_WAITING: Final = 32
"""They wait 2 s: 14 logins a second were measured on two cores that had other work as well (load 5)."""
RETRY_S: Final = 2

_Result = TypeVar("_Result")


def new_hasher() -> PasswordHasher:
    """argon2id with 19 MiB, two passes, one lane: OWASP's recommendation of 2023, and light enough beside live media.

    The parameters are in every hash, so another choice here leaves the passwords of before good.
    """
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)


def hash_password(password: str, hasher: PasswordHasher | None = None) -> str:
    """The hash that is kept; takes its time."""
    return (hasher or new_hasher()).hash(normal_password(password))


def is_password(password_hash: str, password: str, hasher: PasswordHasher) -> bool:
    """Whether this is the password; takes its time."""
    try:
        return hasher.verify(password_hash, normal_password(password))
    except (Argon2Error, InvalidHashError):
        return False


def nobodys_hash(hasher: PasswordHasher) -> str:
    """A hash of the same cost that no known password has."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(count)).decode().rstrip("=") for count in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"


class Passwords:
    """See the module's text. :meth:`close` when done."""

    def __init__(self, hasher: PasswordHasher | None = None, *, max_waiting: int = MAX_WAITING) -> None:
        self._hasher = hasher or new_hasher()
        self._nobodys = nobodys_hash(self._hasher)
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="password")
        self._places = max_waiting + WORKERS
        self.refused = 0

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Take one of the places for as long as somebody's password is dealt with. Raises ``too_many``."""
        if self._places == 0:
            self.refused += 1
            raise ServiceError("too_many", retry_after_s=RETRY_S)
        self._places -= 1
        try:
            yield
        finally:
            self._places += 1

    async def check(self, password_hash: str | None, password: str) -> bool:
        """Whether this is the password; None stands for nobody's. Only within :meth:`place`."""
        found = await self._in_a_thread(lambda: is_password(password_hash or self._nobodys, password, self._hasher))
        return found and password_hash is not None

    async def hash(self, password: str) -> str:
        """The hash that is kept. Only within :meth:`place`."""
        return await self._in_a_thread(lambda: hash_password(password, self._hasher))

    async def _in_a_thread(self, work: Callable[[], _Result]) -> _Result:
        # Shielded: a client that goes away must give its place back only when the thread is done with it.
        task = asyncio.get_running_loop().run_in_executor(self._pool, work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await task
            raise
