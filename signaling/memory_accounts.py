"""The accounts' part of the store in memory; see :mod:`signaling.account_store` for what is promised."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from signaling.account_store import MAX_AUDIT, AuditStream
from signaling.auth import account_key
from signaling.store import AccountsFull


@dataclass(slots=True)
class AccountData:
    """What a server keeps of accounts."""

    records: dict[str, str] = field(default_factory=dict)
    cells: dict[str, tuple[str, float]] = field(default_factory=dict)
    audit: dict[str, list[str]] = field(default_factory=dict)


class _Server(Protocol):
    accounts: AccountData
    generations: dict[str, int]
    clock: Callable[[], float]
    changed: asyncio.Condition


class MemoryAccounts:
    """Mixed into :class:`signaling.memory_store.MemoryStore`."""

    async def _enter(self) -> _Server:
        raise NotImplementedError

    async def account(self, name: str) -> Mapping[str, Any] | None:
        """One record."""
        text = (await self._enter()).accounts.records.get(name)
        return json.loads(text) if text is not None else None

    async def accounts(self) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
        """All records."""
        texts = list((await self._enter()).accounts.records.values())
        yield [json.loads(text) for text in texts]

    async def put_account(self, record: Mapping[str, Any], audit: Mapping[str, Any], limit: int) -> bool:
        """Keep a record, if it follows the one kept."""
        server = await self._enter()
        data, name = server.accounts, record["name"]
        kept = data.records.get(name)
        if (json.loads(kept)["version"] if kept is not None else 0) != record["version"] - 1:
            return False
        if kept is None and len(data.records) >= limit:
            raise AccountsFull(f"there are {limit} accounts")
        data.records[name] = json.dumps(record)
        data.audit.setdefault("changes", []).append(json.dumps(audit))
        if record["generation"]:
            server.generations[account_key(name)] = record["generation"]
            async with server.changed:
                server.changed.notify_all()
        return True

    async def cell(self, key: str) -> str | None:
        """A small text."""
        server = await self._enter()
        text, ends_s = server.accounts.cells.get(key, ("", 0.0))
        return text if server.clock() < ends_s else None

    async def swap_cell(self, key: str, expected: str | None, text: str | None, ttl_ms: int) -> bool:
        """Write a cell, if it holds what is expected."""
        server = await self._enter()
        held, ends_s = server.accounts.cells.get(key, ("", 0.0))
        if (held if server.clock() < ends_s else None) != expected:
            return False
        if text is None or ttl_ms <= 0:
            server.accounts.cells.pop(key, None)
        else:
            server.accounts.cells[key] = (text, server.clock() + ttl_ms / 1000)
        return True

    async def write_audit(self, stream: AuditStream, entry: Mapping[str, Any]) -> None:
        """Append an entry."""
        entries = (await self._enter()).accounts.audit.setdefault(stream, [])
        entries.append(json.dumps(entry))
        del entries[: -MAX_AUDIT[stream]]

    async def read_audit(self, stream: AuditStream, before: str | None, limit: int) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Entries, the newest first."""
        entries = (await self._enter()).accounts.audit.get(stream, [])
        first = int(before.partition("-")[0]) - 1 if before is not None else len(entries)
        numbered = ((f"{number}-0", entries[number - 1]) for number in range(min(first, len(entries)), 0, -1))
        return [(number, json.loads(text)) for number, text in islice(numbered, limit)]
