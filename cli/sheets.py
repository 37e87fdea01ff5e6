"""`diemcau sheets UNIT…`: print the permanent links of all points of units as PDF sheets."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import secrets
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from bridge.errors import BridgeError
from bridge.units import Directory
from cli.directory import load_directory, open_store
from cli.errors import EXIT_USAGE, CommandError
from config import Settings, load_keys
from config.keys import Keys
from signaling.auth import is_code, point_link
from signaling.sheet_layout import pages_of
from signaling.store import StoreUnavailable

VIETNAM: Final = timezone(timedelta(hours=7))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The units, and the file."""
    parser.add_argument(
        "units", nargs="+", metavar="UNIT", help="a unit's code, such as 79; everything below it is printed, each district apart"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE.pdf",
        help="default: links-UNIT.pdf in the current folder; readable by this user alone; - writes to the output",
    )


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Write the sheets.

    Raises:
        CommandError: a unit does not exist or has no points, the store is away, or the file cannot be written.
    """
    units: list[str] = arguments.units
    for unit in units:
        if not is_code(unit):
            raise CommandError(f"{unit!r} is no code: letters, digits, '.', '_' and '-', 32 at most", EXIT_USAGE)
    keys = load_keys(settings.data_dir)
    try:
        directory, generations = asyncio.run(_read(settings, keys))
        pages = list(pages_of(directory, units))
    except StoreUnavailable as error:
        raise CommandError(
            f"the store does not answer ({error}): the units are there, and which links were replaced. Start the service first "
            "(diemcau serve; its private Valkey runs only as long as it does), or check redis.url"
        ) from error
    except BridgeError as error:
        raise CommandError(f"{error.message_en} `diemcau units list --search NAME` finds codes") from error
    if not pages:
        raise CommandError("these units have no points")
    from signaling.sheet_pdf import draw_sheets  # noqa: PLC0415 (a third of a second: fonts)

    pdf = io.BytesIO()
    today = datetime.now(VIETNAM).strftime("%d/%m/%Y")
    draw_sheets(pdf, pages, lambda code: point_link(settings.public_url, keys.link_key, code, generations.get(code, 0)), today)
    out: Path = arguments.out or Path(f"links-{units[0]}.pdf")
    if str(out) == "-":
        sys.stdout.buffer.write(pdf.getbuffer())
    else:
        write_private(out, pdf.getbuffer())
        print(f"{out}: {sum(len(page.rows) for page in pages)} points, {len(pages)} pages; whoever has a sheet can enter")
    return 0


def write_private(path: Path, content: bytes | memoryview) -> None:
    """Write a file that this user alone may read, all of it or nothing.

    Raises:
        CommandError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error


async def _read(settings: Settings, keys: Keys) -> tuple[Directory, Mapping[str, int]]:
    store = open_store(settings, keys)
    try:
        return await load_directory(store, settings), await store.generations()
    finally:
        await store.close()
