"""What the store keeps for accounts, as a contract: their records, small cells that are swapped, and the audit.

A part of :class:`signaling.store.Store`; the implementations are :mod:`signaling.redis_accounts` and
:mod:`signaling.memory_accounts`, and one test suite holds both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, Literal, Protocol

AuditStream = Literal["changes", "logins"]
"""Two, so that a flood of wrong passwords never pushes out who changed an account."""

MAX_AUDIT: Final[Mapping[AuditStream, int]] = {"changes": 1_000_000, "logins": 500_000}
"""Entries kept of each, of some 300 bytes; the oldest go first."""


class AccountStore(Protocol):
    """Everything raises :class:`signaling.store.StoreUnavailable` when the server does not answer in time."""

    async def account(self, name: str) -> Mapping[str, Any] | None:
        """One account's record, or None."""
        ...

    def accounts(self) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
        """Yield all records in chunks, in no order; one that is changed meanwhile may come twice."""
        ...

    async def put_account(self, record: Mapping[str, Any], audit: Mapping[str, Any], limit: int) -> bool:
        """Keep a record and note the change in the audit, both or neither.

        ``record`` has ``name``, ``version`` and ``generation``. It is kept only when the one kept has the version before it
        (version 1: when there is none). A generation above 0 is set under ``account:<name>``, and those who watch generations
        (:meth:`signaling.store.Store.watch_generations`) are told.

        Returns:
            False when another change was faster. Nothing was done then.

        Raises:
            AccountsFull: there are ``limit`` of them already.
        """
        ...

    async def cell(self, key: str) -> str | None:
        """A small text, or None when nobody wrote it or its time is over."""
        ...

    async def swap_cell(self, key: str, expected: str | None, text: str | None, ttl_ms: int) -> bool:
        """Write a cell, or remove it (``text`` None or no time left), if it holds what is expected.

        Returns:
            False when it holds something else. Nothing was done then.
        """
        ...

    async def write_audit(self, stream: AuditStream, entry: Mapping[str, Any]) -> None:
        """Append an entry."""
        ...

    async def read_audit(self, stream: AuditStream, before: str | None, limit: int) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Entries with their ids, the newest first, at most ``limit``, those before an id."""
        ...
