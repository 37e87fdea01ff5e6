"""`diemcau log SESSION`: print the record of a session as JSON lines, one event a line, oldest first."""

from __future__ import annotations

import argparse
import asyncio
import json

from cli.directory import open_store
from cli.errors import EXIT_USAGE, CommandError
from config import Settings, load_keys
from signaling.auth import is_code
from signaling.store import RecordDamaged, Store, StoreUnavailable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The session, and where to begin."""
    parser.add_argument("session", metavar="SESSION", help="the session's id, such as main")
    parser.add_argument("--after", type=int, default=0, metavar="N", help="only records behind number N")


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Print ``{"seq": …, "fence": …, "event": {…}}`` lines.

    Raises:
        CommandError: the session's id is malformed, the store is away, or the log is damaged.
    """
    if not is_code(arguments.session):
        raise CommandError(f"{arguments.session!r} is no session id", EXIT_USAGE)
    try:
        asyncio.run(_run(settings, arguments.session, max(0, arguments.after)))
    except StoreUnavailable as error:
        raise CommandError(f"the store does not answer ({error}); start the service first, or check redis.url") from error
    except RecordDamaged as error:
        raise CommandError(str(error)) from error
    return 0


async def _run(settings: Settings, session: str, after: int) -> None:
    store = open_store(settings, load_keys(settings.data_dir))
    try:
        await export(store, session, after)
    finally:
        await store.close()


async def export(store: Store, session: str, after: int = 0) -> None:
    """Print the records behind ``after``."""
    async for records in store.read(session, after):
        for record in records:
            print(json.dumps({"seq": record.sequence, "fence": record.fence, "event": record.event}, ensure_ascii=False))
