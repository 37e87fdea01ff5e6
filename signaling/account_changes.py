"""Writing accounts: records are made and changed in the store, each with its entry of the audit; for API and command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from signaling.account_errors import name_taken, too_many_accounts, unknown_account
from signaling.account_store import AccountStore
from signaling.accounts import MAX_ACCOUNTS, AccountRecord, account_of_json
from signaling.errors import ServiceError
from signaling.store import AccountsFull, RecordDamaged

MAX_RETRIES: Final = 8
"""Of a change that others were faster than; two people who change one account at the same moment need one."""

_TOLD: Final = ("display_name", "role", "scope", "is_disabled")


async def find_account(store: AccountStore, name: str) -> AccountRecord | None:
    """One account, or None. Raises StoreUnavailable, or RecordDamaged for what somebody else wrote."""
    stored = await store.account(name)
    return read_record(stored) if stored is not None else None


def read_record(stored: Mapping[str, Any]) -> AccountRecord:
    """Read what the store keeps. Raises RecordDamaged."""
    try:
        return account_of_json(stored)
    except ValueError as error:
        raise RecordDamaged(f"accounts: {error}") from error


async def make_account(store: AccountStore, record: AccountRecord) -> None:
    """Keep a new account.

    Raises:
        BridgeError: ``name_taken`` or ``too_many_accounts``.
        StoreUnavailable: it may be kept or not; made again it is ``name_taken`` in the first case.
    """
    try:
        if not await store.put_account(record.to_json(), audit_of(None, record), MAX_ACCOUNTS):
            raise name_taken()
    except AccountsFull:
        raise too_many_accounts(MAX_ACCOUNTS) from None


async def change_account(store: AccountStore, name: str, change: Callable[[AccountRecord], AccountRecord]) -> AccountRecord:
    """Keep what ``change`` makes of an account; it is asked again when somebody else was faster, and may refuse by raising.

    Returns:
        the record that is kept now.

    Raises:
        BridgeError: ``unknown_account``, and what ``change`` raises.
        ServiceError: ``unavailable`` when others were faster every time.
    """
    for _ in range(MAX_RETRIES):
        before = await find_account(store, name)
        if before is None:
            raise unknown_account()
        after = change(before)
        if after is before or await store.put_account(after.to_json(), audit_of(before, after), MAX_ACCOUNTS):
            return after
    raise ServiceError("unavailable", retry_after_s=1)


def audit_of(before: AccountRecord | None, after: AccountRecord) -> dict[str, Any]:
    """The audit's entry of a change: what was and what is, of a password only that it is another."""
    old, new = (asdict(before) if before is not None else {}), asdict(after)
    fields = [name for name in _TOLD if old.get(name) != new[name]]
    entry: dict[str, Any] = {
        "at": after.changed_at,
        "what": "account_made" if before is None else "account_changed",
        "account": after.name,
        "by": after.changed_by,
        "before": {name: old[name] for name in fields} if before is not None else {},
        "after": {name: new[name] for name in fields},
    }
    if before is None or before.password_hash != after.password_hash:
        entry["password_changed"] = True
    return entry
