"""The accounts' part of the store on Redis; see :mod:`signaling.account_store` for what is promised.

Keys, all below the configured prefix:

    ``accounts``                       hash: name → ``<version> <record as JSON>``
    ``cell:<key>``                     text with an expiry: logins that last, counts of failures
    ``audit:changes`` ``audit:logins`` streams, one field ``entry``: JSON
    ``generations``                    see :mod:`signaling.redis_store`; an account's is under ``account:<name>``
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, cast

import redis.asyncio as redis_client
from redis.commands.core import AsyncScript

from signaling import redis_scripts as scripts
from signaling.account_store import MAX_AUDIT, AuditStream
from signaling.auth import account_key
from signaling.redis_answers import answering
from signaling.store import AccountsFull, RecordDamaged

CHUNK: Final = 500
ENTRY_FIELD: Final = b"entry"


class RedisAccounts:
    """Mixed into :class:`signaling.redis_store.RedisStore`, which makes the connections and scripts."""

    _client: redis_client.Redis
    _put_account: AsyncScript
    _swap_cell: AsyncScript

    def key(self, *parts: str) -> str:
        """A key below the prefix."""
        raise NotImplementedError

    async def account(self, name: str) -> Mapping[str, Any] | None:
        """One record."""
        with answering():
            value = cast("bytes | None", await cast("Any", self._client.hget(self.key("accounts"), name)))
        return _record(value) if value is not None else None

    async def accounts(self) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
        """All records, as HSCAN gives them."""
        cursor = 0
        while True:
            with answering():
                cursor, found = await cast("Any", self._client.hscan(self.key("accounts"), cursor, count=CHUNK))
            yield [_record(value) for value in found.values()]
            if not cursor:
                return

    async def put_account(self, record: Mapping[str, Any], audit: Mapping[str, Any], limit: int) -> bool:
        """Keep a record, by one script."""
        name, version = record["name"], record["version"]
        with answering():
            status = await self._put_account(
                keys=[self.key("accounts"), self.key("generations"), self.key("audit", "changes")],
                args=[
                    name,
                    version - 1,
                    f"{version} {_text(record)}",
                    limit,
                    record["generation"],
                    account_key(name),
                    self.key("generations"),
                    MAX_AUDIT["changes"],
                    _text(audit),
                ],
            )
        if status == scripts.FULL:
            raise AccountsFull(f"there are {limit} accounts")
        return bool(status)

    async def cell(self, key: str) -> str | None:
        """A small text."""
        with answering():
            text = cast("bytes | None", await self._client.get(self.key("cell", key)))
        return text.decode() if text is not None else None

    async def swap_cell(self, key: str, expected: str | None, text: str | None, ttl_ms: int) -> bool:
        """Write a cell, by one script."""
        with answering():
            done = await self._swap_cell(
                keys=[self.key("cell", key)], args=[_cell(expected), _cell(text if ttl_ms > 0 else None), max(1, ttl_ms)]
            )
        return bool(done)

    async def write_audit(self, stream: AuditStream, entry: Mapping[str, Any]) -> None:
        """Append an entry; the oldest go in whole nodes of the stream, so some more than the bound are kept."""
        with answering():
            await self._client.xadd(
                self.key("audit", stream), {ENTRY_FIELD: _text(entry).encode()}, maxlen=MAX_AUDIT[stream], approximate=True
            )

    async def read_audit(self, stream: AuditStream, before: str | None, limit: int) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Entries, the newest first."""
        last = f"({before}" if before is not None else "+"
        with answering():
            entries = cast("list[Any]", await self._client.xrevrange(self.key("audit", stream), last, "-", limit))
        try:
            return [(number.decode(), json.loads(fields[ENTRY_FIELD])) for number, fields in entries]
        except (ValueError, KeyError, TypeError) as error:
            raise RecordDamaged(f"audit of {stream}: {error}") from error


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cell(text: str | None) -> str:
    """A script's arguments are never absent: ``=`` and the text, or nothing at all."""
    return "" if text is None else f"={text}"


def _record(value: bytes) -> Mapping[str, Any]:
    try:
        record = json.loads(value.partition(b" ")[2])
    except ValueError as error:
        raise RecordDamaged(f"accounts: {error}") from error
    if not isinstance(record, dict):
        raise RecordDamaged("accounts: a record is no object")
    return record
