"""Accounts: who logs in by name and password, what of it is kept, and who may change whom. Pure; times in milliseconds.

Theory of operation. A record is never changed in place: :func:`new_account` and :func:`changed` give the next one, with its
``version`` one higher, and the store takes it only when the one before is still the newest. ``generation`` rises with
whatever must end what was given out before: another password, role or scope, and disabling. An access token and a login that
lasts carry the generation of their time and are good for no other.

An account is never removed: records of meetings speak of ``operator:lan``, and that must stay one person.

Who may change whom is one function, :func:`require_managing`: a center, within its scope, and never itself but for the name
it is shown by. Nobody can give what he has not: a role above one's own there is none, since only centers ask, and a scope
above one's own is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Literal, cast, get_args

from bridge.errors import forbidden, unknown_unit
from bridge.policy import Account as Asker
from bridge.units import Directory
from signaling.account_errors import bad_account, unknown_account, weak_password
from signaling.auth import MAX_SCOPE, account_key, is_code

AccountRole = Literal["center", "operator", "observer"]
ROLES: Final[tuple[str, ...]] = get_args(AccountRole)

MAX_ACCOUNTS: Final = 20_000
"""Two for every commune of the country; 400 bytes each are 8 MB in the store."""
MIN_PASSWORD_CHARS: Final = 10
MAX_PASSWORD_CHARS: Final = 200
MAX_DISPLAY_NAME_CHARS: Final = 100

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """One account, as it is kept."""

    name: str
    """What is typed at the login: lower case, of the form of a code."""
    display_name: str
    role: AccountRole
    scope: tuple[str, ...]
    """Units whose subtrees it may touch; a center with the root is the national one."""
    password_hash: str = field(repr=False)
    is_disabled: bool = False
    generation: int = 0
    version: int = 1
    made_by: str = ""
    made_at: int = 0
    changed_by: str = ""
    changed_at: int = 0

    @property
    def subject(self) -> str:
        """How records call whoever came by it: ``operator:lan``."""
        return f"{self.role}:{self.name}"

    @property
    def generation_key(self) -> str:
        """Under which name the generation is kept."""
        return account_key(self.name)

    def to_json(self) -> dict[str, Any]:
        """What the store keeps."""
        return {
            "name": self.name,
            "display_name": self.display_name,
            "role": self.role,
            "scope": list(self.scope),
            "password_hash": self.password_hash,
            "is_disabled": self.is_disabled,
            "generation": self.generation,
            "version": self.version,
            "made_by": self.made_by,
            "made_at": self.made_at,
            "changed_by": self.changed_by,
            "changed_at": self.changed_at,
        }


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be another; None stays as it is."""

    display_name: str | None = None
    role: str | None = None
    scope: tuple[str, ...] | None = None
    password_hash: str | None = field(default=None, repr=False)
    is_disabled: bool | None = None


def account_of_json(stored: Mapping[str, Any]) -> AccountRecord:
    """Read what :meth:`AccountRecord.to_json` wrote.

    Raises:
        ValueError: it did not.
    """
    try:
        record = AccountRecord(**{**stored, "scope": tuple(stored["scope"])})
    except (KeyError, TypeError) as error:
        raise ValueError("not an account") from error
    numbers = (record.generation, record.version, record.made_at, record.changed_at)
    texts = (
        record.name,
        record.display_name,
        record.role,
        record.password_hash,
        record.made_by,
        record.changed_by,
        *record.scope,
    )
    if not (all(type(number) is int for number in numbers) and all(isinstance(text, str) for text in texts)):
        raise ValueError("not an account")
    if not is_name(record.name) or record.role not in ROLES or type(record.is_disabled) is not bool:
        raise ValueError("not an account")
    return record


def is_name(text: str) -> bool:
    """Whether the text has the form of an account's name."""
    return _NAME.fullmatch(text) is not None


def folded_name(typed: str) -> str:
    """The name that somebody meant who typed this: capitals and spaces around it are a keyboard's doing."""
    return typed.strip().lower()


def normal_password(password: str) -> str:
    """One form for what Vietnamese keyboards type in two: composed letters (NFC, as RFC 8265 §4.2.2 has it)."""
    return unicodedata.normalize("NFC", password)


def check_password(password: str, name: str, display_name: str = "") -> None:
    """Refuse a password that is no good for an account.

    No rules of capitals and digits: they make passwords worse to keep and no harder to guess (NIST SP 800-63B §5.1.1.2).

    Raises:
        BridgeError: ``weak_password``.
    """
    password = normal_password(password)
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise weak_password(
            f"Mật khẩu phải có từ {MIN_PASSWORD_CHARS} đến {MAX_PASSWORD_CHARS} ký tự.",
            f"A password has {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters.",
        )
    folded = password.casefold().strip()
    if folded in {name.casefold(), display_name.casefold().strip()}:
        raise weak_password("Mật khẩu không được trùng với tên.", "The password must not be the name.")
    if len(set(folded)) < 4:
        raise weak_password(
            "Mật khẩu quá dễ đoán: hãy dùng ít nhất bốn ký tự khác nhau.",
            "The password is too easy to guess: use at least four different characters.",
        )


def new_account(
    *,
    name: str,
    display_name: str,
    role: str,
    scope: Sequence[str],
    password_hash: str,
    directory: Directory,
    by: str,
    now: int,
) -> AccountRecord:
    """Make the record of a new account.

    Raises:
        BridgeError: ``bad_account`` or ``unknown_unit``.
    """
    if not is_name(name):
        raise bad_account(
            "Tên đăng nhập chỉ gồm chữ thường không dấu, số, dấu chấm, gạch dưới, gạch ngang; nhiều nhất 32 ký tự.",
            "A name has lower-case letters, digits, '.', '_' and '-', 32 at most, and begins with a letter or digit.",
        )
    return AccountRecord(
        name=name,
        display_name=_checked_display_name(display_name or name),
        role=_checked_role(role),
        scope=_checked_scope(scope, directory),
        password_hash=password_hash,
        made_by=by,
        made_at=now,
        changed_by=by,
        changed_at=now,
    )


def changed(before: AccountRecord, changes: Changes, *, directory: Directory, by: str, now: int) -> AccountRecord:
    """The next record. It is equal to ``before`` when nothing is another.

    Raises:
        BridgeError: ``bad_account`` or ``unknown_unit``.
    """
    after = before
    if changes.display_name is not None:
        after = replace(after, display_name=_checked_display_name(changes.display_name))
    if changes.role is not None:
        after = replace(after, role=_checked_role(changes.role))
    if changes.scope is not None:
        after = replace(after, scope=_checked_scope(changes.scope, directory))
    if changes.password_hash is not None:
        after = replace(after, password_hash=changes.password_hash)
    if changes.is_disabled is not None:
        after = replace(after, is_disabled=changes.is_disabled)
    if after == before:
        return before
    ends = ends_logins(before, after)
    return replace(
        after, generation=before.generation + ends, version=before.version + 1, changed_by=by, changed_at=max(now, before.made_at)
    )


def ends_logins(before: AccountRecord, after: AccountRecord) -> bool:
    """Whether a change ends what was given out before; another shown name, or being enabled again, does not."""
    return (
        (before.role, before.scope, before.password_hash) != (after.role, after.scope, after.password_hash)
        or (after.is_disabled and not before.is_disabled)
    )  # fmt: skip


def require_managing(asker: Asker, before: AccountRecord | None, after: AccountRecord | None, directory: Directory) -> None:
    """Refuse who may not see (``after`` None), make (``before`` None) or change an account.

    Raises:
        BridgeError: ``forbidden``; ``unknown_account`` for one outside of the scope, so that nobody learns who
            there is elsewhere.
    """
    if asker.role != "center":
        raise forbidden("quản lý tài khoản", "manage accounts")
    if before is not None and not covers(asker.scope, before.scope, directory):
        raise unknown_account()
    if after is not None and not covers(asker.scope, after.scope, directory):
        raise forbidden("giao phạm vi rộng hơn phạm vi của mình", "give a scope wider than its own")
    if before is not None and after is not None and before.subject == asker.subject:
        own = replace(after, display_name=before.display_name, version=0, changed_by="", changed_at=0)
        if own != replace(before, version=0, changed_by="", changed_at=0):
            raise forbidden(
                "tự đổi vai trò, phạm vi, mật khẩu hay tự khóa ở đây (mật khẩu của mình đổi ở trang đăng nhập)",
                "change its own role, scope or password here, or disable itself (the own password has its own form)",
            )


def covers(wide: Sequence[str], narrow: Sequence[str], directory: Directory) -> bool:
    """Whether every unit of ``narrow`` lies within ``wide``.

    A unit that the directory has no longer lies within the roots alone: those at the top can set right what an import left over.
    """
    if all(directory.has_unit(unit) and directory.is_within(unit, wide) for unit in narrow):
        return True
    roots = _roots(directory)
    return bool(roots) and all(directory.is_within(root, wide) for root in roots)


def is_national(record: AccountRecord, directory: Directory) -> bool:
    """Whether this is a national center: one whose scope contains the roots."""
    return record.role == "center" and covers(record.scope, _roots(directory), directory)


@lru_cache(maxsize=4)
def _roots(directory: Directory) -> tuple[str, ...]:
    """Kept, since they are asked for with every account of a list."""
    return tuple(unit.code for unit in directory.units if unit.parent is None)


def _checked_display_name(text: str) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(text) <= MAX_DISPLAY_NAME_CHARS or any(unicodedata.category(letter).startswith("C") for letter in text):
        raise bad_account(
            f"Họ tên phải có từ 1 đến {MAX_DISPLAY_NAME_CHARS} ký tự nhìn thấy được.",
            f"A shown name has 1 to {MAX_DISPLAY_NAME_CHARS} characters that can be seen.",
        )
    return text


def _checked_role(role: str) -> AccountRole:
    if role not in ROLES:
        raise bad_account(
            "Vai trò phải là center (trung tâm), operator (điều hành viên) hoặc observer (người theo dõi).",
            "A role is center, operator or observer.",
        )
    return cast("AccountRole", role)


def _checked_scope(scope: Sequence[str], directory: Directory) -> tuple[str, ...]:
    units = tuple(dict.fromkeys(scope))
    if not 1 <= len(units) <= MAX_SCOPE:
        raise bad_account(f"Phạm vi phải có từ 1 đến {MAX_SCOPE} đơn vị.", f"A scope has 1 to {MAX_SCOPE} units.")
    for unit in units:
        if not is_code(unit) or not directory.has_unit(unit):
            raise unknown_unit(unit)
    return units
