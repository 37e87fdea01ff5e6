"""Coming in by name and password: login, refresh, logout, and another password of one's own.

Theory of operation. A login is counted as a failure before the password is looked at (:mod:`signaling.lockout`), and the count
taken back when it was right. Whatever is wrong with a login (no such name, another password, disabled) has one answer after
the same work. What is given is an access token of 15 minutes for every session, as every other token a JWT, and a refresh token
(:mod:`signaling.refresh`). Both end with the account's generation.

What several processes may do at once is swapped in the store by who knows what it holds, and tried again: nothing is locked.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import structlog

from bridge.policy import ANY_SESSION
from bridge.units import Directory
from signaling import lockout
from signaling.account_changes import change_account, find_account
from signaling.account_errors import weak_password, wrong_password
from signaling.accounts import AccountRecord, Changes, changed, check_password, folded_name, is_name, normal_password
from signaling.auth import CredentialError, Identity, make_token
from signaling.errors import ServiceError
from signaling.generations import Generations
from signaling.passwords import Passwords
from signaling.refresh import (
    SECRET_BYTES,
    Families,
    Outcome,
    Token,
    begun,
    ended,
    ends_at,
    families_of,
    families_text,
    kept_ms,
    new_token,
    parse_token,
    refreshed,
    successor,
)
from signaling.store import Store

_log = structlog.get_logger(__name__)

ACCESS_S: Final = 15 * 60
"""How long somebody may go on who logged out elsewhere; a changed account ends at once."""
MAX_SWAPS: Final = 16
"""Tries at a cell that others write too: a hundred logins of one name at a moment are no honest use."""

_NO_UNITS: Final = Directory((), ())
_Result = TypeVar("_Result")
_Step = Callable[[str | None], tuple[str | None, int, _Result]]
"""From what a cell holds: what it shall hold, for how many milliseconds, and what came of it."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a login or a refresh gives. Times in milliseconds since the Unix epoch."""

    record: AccountRecord
    access_token: str = field(repr=False)
    access_expires_at: int
    refresh_token: str = field(repr=False)
    refresh_expires_at: int


class Logins:
    """See the module's text."""

    def __init__(
        self,
        *,
        store: Store,
        generations: Generations,
        passwords: Passwords,
        token_key: bytes,
        now_ms: Callable[[], int],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._generations = generations
        self._passwords = passwords
        self._token_key = token_key
        # One key a purpose: what is derived for the store never equals a signature.
        self._refresh_key = hmac.new(token_key, b"refresh", hashlib.sha256).digest()
        self._cell_key = hmac.new(token_key, b"failures", hashlib.sha256).digest()
        self._now_ms = now_ms
        self._random_bytes = random_bytes

    async def login(self, typed_name: str, password: str, address: str) -> Granted:
        """Let somebody in.

        Raises:
            ServiceError: ``bad_credential``; ``bad_credential_limit`` with the time to wait; ``too_many``.
        """
        name = folded_name(typed_name)
        with self._passwords.place():
            record = await self._checked(name, password, address)
        if record is None:
            raise ServiceError(
                "bad_credential",
                message_vi="Tên đăng nhập hoặc mật khẩu không đúng.",
                message_en="The name or the password is not right.",
            )
        await self._store.write_audit("logins", self._entry("login", record.name, address))
        return await self._begin(record)

    async def refresh(self, text: str, address: str) -> Granted:
        """Give the next tokens for a refresh token.

        Raises:
            CredentialError: it is not good any more, or never was.
        """
        token = parse_token(text)
        record = await find_account(self._store, token.name) if token is not None else None
        if token is None or record is None or record.is_disabled:
            raise CredentialError
        now = self._now_ms()

        def step(held: str | None) -> tuple[str | None, int, tuple[Families, Outcome]]:
            families, outcome = refreshed(families_of(held), token, self._refresh_key, now, record.generation)
            return families_text(families), kept_ms(families, now), (families, outcome)

        families, outcome = await self._swap(_families_key(token.name), step)
        if outcome == "reused":
            _log.warning("logins.refresh_token_came_again", account=token.name)
            await self._store.write_audit("logins", self._entry("refresh_token_reused", token.name, address))
        if outcome in {"reused", "unknown"}:
            raise CredentialError
        return self._granted(record, successor(token, self._refresh_key), families, now)

    async def logout(self, text: str, address: str) -> None:
        """End a login; one that ended already, or never was, is no error."""
        token = parse_token(text)
        if token is None:
            return
        now = self._now_ms()

        def step(held: str | None) -> tuple[str | None, int, bool]:
            families = families_of(held)
            kept = ended(families, token)
            return (families_text(kept), kept_ms(kept, now), True) if kept != families else (held, 0, False)

        if await self._swap(_families_key(token.name), step):
            await self._store.write_audit("logins", self._entry("logout", token.name, address))

    async def change_password(self, identity: Identity, present: str, new: str, address: str) -> Granted:
        """Give an account another password; every login of it ends, and a new one begins for whoever asked.

        Raises:
            BridgeError: ``wrong_password`` or ``weak_password``.
            ServiceError: ``forbidden`` for who came without an account; as :meth:`login`.
        """
        name = identity.account
        if name is None:
            raise ServiceError("forbidden")
        with self._passwords.place():
            record = await self._checked(name, present, address)
            if record is None:
                raise wrong_password()
            check_password(new, name, record.display_name)
            if normal_password(new) == normal_password(present):
                raise weak_password("Mật khẩu mới phải khác mật khẩu cũ.", "The new password must be another one.")
            password_hash = await self._passwords.hash(new)

        def change(before: AccountRecord) -> AccountRecord:
            if before.generation != record.generation:  # changed or disabled while the password was looked at
                raise ServiceError("bad_credential")
            changes = Changes(password_hash=password_hash)
            # The scope is not changed and so not looked up: the directory is not needed here.
            return changed(before, changes, directory=_NO_UNITS, by=identity.subject, now=self._now_ms())

        after = await change_account(self._store, name, change)
        self.note(after)
        return await self._begin(after)

    def note(self, record: AccountRecord) -> None:
        """An account was changed: its generation counts here from now on, and elsewhere when the bell is heard."""
        if record.generation:
            self._generations.receive({record.generation_key: record.generation})

    # --- inside ---------------------------------------------------------------------------------------------------------

    async def _checked(self, name: str, password: str, address: str) -> AccountRecord | None:
        """The account whose name and password these are, or None; the try is counted either way, and a failure audited."""
        now = self._now_ms()
        is_known = await self._charge(name, address, now)
        record = await find_account(self._store, name) if is_name(name) else None
        is_right = await self._passwords.check(record.password_hash if record is not None else None, password)
        if record is not None and is_right and not record.is_disabled:
            await self._settle(name, address, now, is_known=is_known)
            return record
        reason = "name" if record is None else "disabled" if is_right else "password"
        entry = self._entry("login_failed", record.name if record is not None else "", address)
        lock_ms = lockout.wait_ms(lockout.tries_of(await self._store.cell(self._pair_key(name, address))), now, lockout.PAIR)
        # An unknown name is not written down: people type their password there.
        await self._store.write_audit("logins", {**entry, "reason": reason, "locked_s": math.ceil(lock_ms / 1000)})
        return None

    async def _charge(self, name: str, address: str, now: int) -> bool:
        """Count a try; whether the address is known to the account. Raises ``bad_credential_limit``."""
        pair = lockout.tries_of(await self._store.cell(self._pair_key(name, address)))
        is_known = lockout.is_known(pair, now)
        keys = self._counts(name, address, is_known=is_known)
        waits = [
            lockout.wait_ms(lockout.tries_of(await self._store.cell(key)), now, count_rule) for key, count_rule in keys.items()
        ]
        if not any(waits):
            waits = [await self._swap(key, _charging(now, count_rule)) for key, count_rule in keys.items()]
        if any(waits):
            wait_s = math.ceil(max(waits) / 1000)
            raise ServiceError(
                "bad_credential_limit",
                retry_after_s=wait_s,
                message_vi=f"Đăng nhập sai quá nhiều lần. Xin đợi {wait_s} giây rồi thử lại.",
                message_en=f"Too many failed logins. Please wait {wait_s} s and try again.",
            )
        return is_known

    async def _settle(self, name: str, address: str, now: int, *, is_known: bool) -> None:
        """The try that was counted was right."""

        def clear(_held: str | None) -> tuple[str | None, int, None]:
            tries = lockout.succeeded(now)
            return tries.to_text(), tries.kept_ms(now), None

        def take_back(held: str | None) -> tuple[str | None, int, None]:
            tries = lockout.refunded(lockout.tries_of(held))
            return (tries.to_text(), tries.kept_ms(now), None) if held is not None else (None, 0, None)

        pair = self._pair_key(name, address)
        for key in self._counts(name, address, is_known=is_known):
            await self._swap(key, clear if key == pair else take_back)

    def _counts(self, name: str, address: str, *, is_known: bool) -> dict[str, lockout.Rule]:
        counts = {self._pair_key(name, address): lockout.PAIR}
        if not is_known:
            counts |= {self._key_of("account", name): lockout.WIDE, self._key_of("address", address): lockout.WIDE}
        return counts

    def _pair_key(self, name: str, address: str) -> str:
        return self._key_of("pair", name, address)

    def _key_of(self, *words: str) -> str:
        """Keyed, so that a copy of the store names neither addresses nor what was typed as a name."""
        return "failures:" + hmac.new(self._cell_key, "\0".join(words).encode(), hashlib.sha256).hexdigest()[:32]

    async def _begin(self, record: AccountRecord) -> Granted:
        token = new_token(record.name, self._random_bytes(12), self._random_bytes(SECRET_BYTES))
        now = self._now_ms()

        def step(held: str | None) -> tuple[str | None, int, Families]:
            families = begun(families_of(held), token, now, record.generation)
            return families_text(families), kept_ms(families, now), families

        families = await self._swap(_families_key(record.name), step)
        return self._granted(record, token, families, now)

    def _granted(self, record: AccountRecord, token: Token, families: Families, now: int) -> Granted:
        access = make_token(
            self._token_key,
            role=record.role,
            session=ANY_SESSION,
            now=now // 1000,
            lifetime_s=ACCESS_S,
            subject=record.subject,
            scope=record.scope,
            generation=record.generation,
            account=record.name,
        )
        return Granted(record, access, (now // 1000 + ACCESS_S) * 1000, token.text, ends_at(families, token))

    async def _swap(self, key: str, step: _Step[_Result]) -> _Result:
        for _ in range(MAX_SWAPS):
            held = await self._store.cell(key)
            text, ttl_ms, result = step(held)
            if text == held or await self._store.swap_cell(key, held, text, ttl_ms):
                return result
        raise ServiceError("unavailable", retry_after_s=1)

    def _entry(self, what: str, account: str, address: str) -> dict[str, Any]:
        return {"at": self._now_ms(), "what": what, "account": account, "by": "", "address": address}


def _families_key(name: str) -> str:
    return f"families:{name}"


def _charging(now: int, count_rule: lockout.Rule) -> _Step[int]:
    """Count a try unless somebody else's has begun a lock meanwhile; the time to wait then."""

    def step(held: str | None) -> tuple[str | None, int, int]:
        tries = lockout.tries_of(held)
        wait = lockout.wait_ms(tries, now, count_rule)
        if wait:
            return held, 0, wait
        after = lockout.charged(tries, now)
        return after.to_text(), after.kept_ms(now), 0

    return step
