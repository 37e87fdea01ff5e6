"""`diemcau units`: import units from a file, go back to the national directory, list what is in force."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from bridge.units import Directory, fold
from bridge.units_csv import UnitsCsvError, read_units
from cli.directory import load_directory, open_store, units_text
from cli.errors import EXIT_USAGE, CommandError
from config import Settings, load_keys
from config.limits import MAX_UNITS_CSV_BYTES
from signaling.store import StoreUnavailable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import FILE``, ``national``, ``list [--search TEXT]``."""
    parser.add_argument(
        "action",
        choices=["import", "national", "list"],
        help="import: replace the units by those of a CSV file (code,name,parent,kind); national: replace them by the national "
        "directory; list: print code, kind, name and parents, one unit a line",
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE.csv", help="for import: UTF-8; - reads the input")
    parser.add_argument(
        "--search", default="", metavar="TEXT", help="for list: only units whose name contains it, or of this code"
    )


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Do it.

    Raises:
        CommandError: the file is wrong (every wrong line is named; nothing is imported then), or the store is away.
    """
    if (arguments.action == "import") != (arguments.file is not None):
        raise CommandError("units import FILE.csv takes one file, the other actions none", EXIT_USAGE)
    try:
        if arguments.action == "list":
            return _list(asyncio.run(_read(settings)), arguments.search)
        text = read_file(arguments.file) if arguments.action == "import" else _national()
        directory = check(text, arguments.file if arguments.action == "import" else Path("the national directory"))
        asyncio.run(_write(settings, text))
    except StoreUnavailable as error:
        raise CommandError(f"the store does not answer ({error}); start the service first, or check redis.url") from error
    print(f"{len(directory.units)} units, {len(directory.points)} points; restart the service to use them")
    return 0


def read_file(path: Path) -> str:
    """Read a file's text.

    Raises:
        CommandError: it cannot be read, is too large or is not UTF-8.
    """
    try:
        raw = sys.stdin.buffer.read(MAX_UNITS_CSV_BYTES + 1) if str(path) == "-" else _limited(path)
        if len(raw) > MAX_UNITS_CSV_BYTES:
            raise CommandError(f"{path} is larger than {MAX_UNITS_CSV_BYTES // 2**20} MiB")
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 (byte {error.start}): save it as “CSV UTF-8”") from error


def check(text: str, path: Path) -> Directory:
    """Read a units file's text.

    Raises:
        CommandError: with one line for each mistake.
    """
    try:
        return read_units(text)
    except UnitsCsvError as error:
        lines = [f"  line {line}{column and f', {column}'}: {vi} / {en}" for line, column, vi, en in error.lines]
        raise CommandError("\n".join([f"nothing was imported from {path}:", *lines])) from error


def _limited(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_UNITS_CSV_BYTES + 1)


def _national() -> str:
    from cli.national import national_directory  # noqa: PLC0415 (a quarter of a second)

    return units_text(national_directory())


async def _read(settings: Settings) -> Directory:
    store = open_store(settings, load_keys(settings.data_dir))
    try:
        return await load_directory(store, settings)
    finally:
        await store.close()


async def _write(settings: Settings, text: str) -> None:
    store = open_store(settings, load_keys(settings.data_dir))
    try:
        await store.put_directory(text)
    finally:
        await store.close()


def _list(directory: Directory, search: str) -> int:
    wanted = fold(search)
    for unit in directory.units:
        if wanted in fold(unit.name) or wanted == unit.code.casefold():
            above = " › ".join(parent.name for parent in directory.path(unit.code)[:-1])
            print("\t".join((unit.code, unit.kind, unit.name, above)))
    return 0
