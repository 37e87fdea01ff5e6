"""`diemcau account`: make, list, change and disable accounts; the first national center is made this way.

Writes to the store, which has to answer. A running service needs no restart: it hears of every change, and whoever came by
the account that was changed is sent away.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Final

from bridge.errors import BridgeError
from bridge.units import Directory
from cli.directory import load_directory, open_store
from cli.errors import EXIT_USAGE, CommandError
from config import Settings, load_keys
from signaling.account_changes import change_account, make_account, read_record
from signaling.accounts import (
    ROLES,
    AccountRecord,
    Changes,
    changed,
    check_password,
    folded_name,
    is_national,
    new_account,
)
from signaling.errors import ServiceError
from signaling.passwords import hash_password
from signaling.store import Store, StoreUnavailable

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for each other on paper: i, l, o, 0, 1."""
_GROUPS: Final = 4
"""Of five letters each: 20 × 4.95 bits are 99 bits."""
BY: Final = "command line"
"""How the audit calls whoever has the machine."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An action, mostly a name, and what is to be."""
    parser.add_argument(
        "action",
        choices=["add", "list", "role", "password", "disable", "enable"],
        help="add: make an account (--role, --scope); list: one account a line; role: give another role, scope or shown name; "
        "password: give another password; disable, enable: let it log in no more, or again",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="what is typed at the login: a-z, 0-9, '.', '_' and '-'")
    parser.add_argument("--role", choices=ROLES)
    parser.add_argument("--scope", action="append", metavar="UNIT", help="a unit whose subtree it may touch; may be given again")
    parser.add_argument("--display-name", metavar="TEXT", help="how others see it (default: the name)")
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="for add and password: read it from the input; else one is made and printed, once",
    )


def _check_words(arguments: argparse.Namespace) -> None:
    """Refuse words that do not go together."""
    action = arguments.action
    if (action == "list") != (arguments.name is None):
        raise CommandError("account list takes no name, the other actions take one", EXIT_USAGE)
    named = [word for word in ("role", "scope", "display_name") if getattr(arguments, word) is not None]
    if named and action not in {"add", "role"}:
        raise CommandError(f"account {action} takes no --{named[0].replace('_', '-')}", EXIT_USAGE)
    if action == "add" and (arguments.role is None or arguments.scope is None):
        raise CommandError("account add takes --role and --scope", EXIT_USAGE)
    if action == "role" and not named:
        raise CommandError("account role takes what is to be another: --role, --scope, --display-name", EXIT_USAGE)
    if arguments.password_stdin and action not in {"add", "password"}:
        raise CommandError(f"account {action} takes no --password-stdin", EXIT_USAGE)


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Do it.

    Raises:
        CommandError: what was asked for cannot be; nothing was changed then. Or the store is away.
    """
    _check_words(arguments)
    actions: dict[str, Callable[[Store, Settings, argparse.Namespace], Awaitable[None]]] = {
        "add": _add,
        "role": _role,
        "password": _password,
        "disable": _disable,
        "enable": _enable,
        "list": _list,
    }

    async def work() -> None:
        store = open_store(settings, load_keys(settings.data_dir))
        try:
            await actions[arguments.action](store, settings, arguments)
        finally:
            await store.close()

    try:
        asyncio.run(work())
    except StoreUnavailable as error:
        raise CommandError(
            f"the store does not answer ({error}), and accounts are kept there: start the service first (diemcau serve), "
            "or check redis.url"
        ) from error
    except BridgeError as error:
        raise CommandError(f"{error.message_vi} / {error.message_en}") from error
    except ServiceError as error:
        raise CommandError(error.refusal.message_en) from error
    return 0


async def _add(store: Store, settings: Settings, arguments: argparse.Namespace) -> None:
    directory = await load_directory(store, settings)
    record, shown = new_record(
        directory,
        name=folded_name(arguments.name),
        display_name=arguments.display_name or "",
        role=arguments.role,
        scope=arguments.scope,
        password=_read_password() if arguments.password_stdin else None,
    )
    await make_account(store, record)
    _say_password(shown)
    words = ", the national center" if is_national(record, directory) else ""
    print(
        f"{record.name}: {record.role} of {', '.join(record.scope)}{words}; log in at {settings.public_url}/login",
        file=sys.stderr,
    )


def new_record(
    directory: Directory, *, name: str, display_name: str, role: str, scope: list[str], password: str | None
) -> tuple[AccountRecord, str | None]:
    """The record of a new account, and its password when one was made for it. Raises BridgeError."""
    made = None if password is not None else new_password()
    record = new_account(
        name=name,
        display_name=display_name,
        role=role,
        scope=scope,
        password_hash=_hash(password if password is not None else made or "", name, display_name),
        directory=directory,
        by=BY,
        now=now_ms(),
    )
    return record, made


async def demo_login(store: Store, directory: Directory, name: str, role: str) -> str:
    """Make sure of an account over the whole directory; its new password. Raises BridgeError, StoreUnavailable."""
    roots = [unit.code for unit in directory.units if unit.parent is None]
    record, password = new_record(directory, name=name, display_name=name, role=role, scope=roots, password=None)
    if await store.account(name) is None:
        await make_account(store, record)
    else:
        changes = Changes(password_hash=record.password_hash)
        await change_account(store, name, lambda before: changed(before, changes, directory=directory, by=BY, now=now_ms()))
    return password or ""


async def _role(store: Store, settings: Settings, arguments: argparse.Namespace) -> None:
    directory = await load_directory(store, settings)
    scope = tuple(arguments.scope) if arguments.scope is not None else None
    await _change(store, arguments.name, Changes(arguments.display_name, arguments.role, scope), directory)


async def _password(store: Store, settings: Settings, arguments: argparse.Namespace) -> None:  # noqa: ARG001
    made = None if arguments.password_stdin else new_password()
    password_hash = _hash(made if made is not None else _read_password(), folded_name(arguments.name))
    await _change(store, arguments.name, Changes(password_hash=password_hash))
    _say_password(made)


async def _disable(store: Store, settings: Settings, arguments: argparse.Namespace) -> None:  # noqa: ARG001
    await _change(store, arguments.name, Changes(is_disabled=True))


async def _enable(store: Store, settings: Settings, arguments: argparse.Namespace) -> None:  # noqa: ARG001
    await _change(store, arguments.name, Changes(is_disabled=False))


async def _change(store: Store, name: str, changes: Changes, directory: Directory | None = None) -> None:
    units = directory or Directory((), ())  # looked into only where the scope is another
    record = await change_account(
        store, folded_name(name), lambda before: changed(before, changes, directory=units, by=BY, now=now_ms())
    )
    print(line_of(record), file=sys.stderr)


async def _list(store: Store, settings: Settings, arguments: argparse.Namespace) -> None:  # noqa: ARG001
    found = {record.name: record async for chunk in store.accounts() for record in map(read_record, chunk)}
    for name in sorted(found):
        print(line_of(found[name]))


def line_of(record: AccountRecord) -> str:
    """One account as one line."""
    state = "disabled" if record.is_disabled else "enabled"
    return "\t".join((record.name, record.role, state, ",".join(record.scope), record.display_name))


def now_ms() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


def new_password() -> str:
    """One that nobody guesses and everybody can type."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(_GROUPS))


def _hash(password: str, name: str, display_name: str = "") -> str:
    check_password(password, name, display_name)
    return hash_password(password)


def _read_password() -> str:
    """One line; its end is no part of it."""
    if sys.stdin.isatty():
        return getpass.getpass("Mật khẩu / password: ")
    return sys.stdin.readline().rstrip("\r\n")


def _say_password(made: str | None) -> None:
    """The only thing on the output, so that a script can take it."""
    if made is not None:
        print(made)
