"""`diemcau indicators`: import a table of values, list the indicators, show one's values, forget old imports."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bridge.days import VIETNAM_OFFSET_MS, day_at, day_text, parse_day
from bridge.decimals import number_text
from bridge.errors import BridgeError
from bridge.indicator_filter import parse_filter
from bridge.indicator_imports import IndicatorImport, Value
from bridge.indicator_queries import IndicatorView, Rank, ranking, units_of
from bridge.indicators import Indicators
from bridge.indicators_csv import IndicatorsCsvError, IndicatorTable, read_indicators
from bridge.units import Directory
from cli.directory import load_directory, open_store
from cli.errors import EXIT_USAGE, CommandError
from config import Settings, load_keys
from config.limits import MAX_INDICATOR_CSV_BYTES
from signaling.indicators import KeptIndicators
from signaling.store import Store, StoreUnavailable

ACTIONS: Final = ("import", "list", "show", "forget")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import FILE``, ``list``, ``show NAME``, ``forget --before DATE``."""
    parser.add_argument(
        "action",
        choices=ACTIONS,
        help="import: take over a CSV file (unit,date,<indicator>,… or unit,date,name,value); list: indicators and newest "
        "imports; show: values of one indicator, one unit a line; forget: remove imports that were made before a date",
    )
    parser.add_argument(
        "what", nargs="?", metavar="FILE|NAME", help="for import a file (UTF-8; - reads the input), for show a name"
    )
    parser.add_argument("--dry-run", action="store_true", help="for import: only check")
    parser.add_argument("--date", metavar="DATE", help="for show: 2021-09-02 or 02/09/2021; today where it is not given")
    parser.add_argument("--earlier", metavar="DATE", help="for show: rank the units too, and how many places they moved since")
    parser.add_argument("--filter", default="", metavar="TEXT", help="for show: such as “cases > 100 and zone = đỏ”")
    parser.add_argument("--sort", metavar="NAME", help="for show: by this indicator; --sort=-NAME has the largest first")
    parser.add_argument("--unit", metavar="CODE", help="for show: only what lies below this unit")
    parser.add_argument("--inherited", action="store_true", help="for show: units without a value have that of the unit above")
    parser.add_argument("--history", action="store_true", help="for show, with --unit: all values of that unit")
    parser.add_argument("--before", metavar="DATE", help="for forget")


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Do it.

    Raises:
        CommandError: the file is wrong (every wrong line is named; nothing is imported then), a name, date or filter is, or the
            store is away.
    """
    if (arguments.action in {"import", "show"}) != (arguments.what is not None):
        raise CommandError("indicators import FILE.csv takes a file, show NAME a name, the other actions neither", EXIT_USAGE)
    try:
        return asyncio.run(_run(settings, arguments))
    except StoreUnavailable as error:
        raise CommandError(f"the store does not answer ({error}); start the service first, or check redis.url") from error
    except BridgeError as error:
        raise CommandError(f"{error.message_vi} / {error.message_en}") from error


async def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    text = read_file(Path(arguments.what)) if arguments.action == "import" else ""
    store = open_store(settings, load_keys(settings.data_dir))
    try:
        kept = KeptIndicators(store)
        indicators = await kept.read_all()
        match arguments.action:
            case "import":
                await _import(kept, await load_directory(store, settings), text, arguments)
            case "list":
                _list(indicators)
            case "show":
                _show(indicators, await load_directory(store, settings), arguments)
            case _:
                await _forget(store, indicators, arguments.before)
    finally:
        await store.close()
    return 0


def read_file(path: Path) -> str:
    """Read a file's text.

    Raises:
        CommandError: it cannot be read, is too large or is not UTF-8.
    """
    try:
        raw = sys.stdin.buffer.read(MAX_INDICATOR_CSV_BYTES + 1) if str(path) == "-" else _limited(path)
        if len(raw) > MAX_INDICATOR_CSV_BYTES:
            raise CommandError(f"{path} is larger than {MAX_INDICATOR_CSV_BYTES // 2**20} MiB: split it")
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 (byte {error.start}): save it as “CSV UTF-8”") from error


def _limited(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_INDICATOR_CSV_BYTES + 1)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _today() -> int:
    return day_at(_now_ms())


async def _import(kept: KeptIndicators, directory: Directory, text: str, arguments: argparse.Namespace) -> None:
    table = _check(text, directory, kept.state, arguments.what)
    record = IndicatorImport(_now_ms(), f"cli:{_user()}", Path(arguments.what).name, table.parts)
    if arguments.dry_run:
        kept.state.check(record)
        print(f"{_counted(table, record)}; nothing was imported")
    else:
        print(f"{_counted(table, record)}; import {await kept.add(record)}")


def _counted(table: IndicatorTable, record: IndicatorImport) -> str:
    names = ", ".join(dict.fromkeys(f"{part.name} ({part.kind})" for part in table.parts))
    return f"{record.value_count} values of {len(table.line_of)} units: {names}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "?"


def _check(text: str, directory: Directory, known: Indicators, path: str) -> IndicatorTable:
    try:
        return read_indicators(text, directory, known, _today())
    except IndicatorsCsvError as error:
        lines = [f"  line {line}{column and f', {column}'}: {vi} / {en}" for line, column, vi, en in error.lines]
        more = [f"  and {error.more} more"] if error.more else []
        raise CommandError("\n".join([f"nothing was imported from {path}:", *lines, *more])) from error


def _list(indicators: Indicators) -> None:
    for each in indicators.all():
        print("\t".join((each.name, each.kind, f"{each.unit_count} units", day_text(each.first_day), day_text(each.last_day))))
    for note in reversed(list(indicators.imports.values())[-20:]):
        day = day_text(day_at(note.at_ms))
        print("\t".join((f"import {note.number}", day, note.by, note.file, f"{note.values} values", ", ".join(note.names))))


def _show(indicators: Indicators, directory: Directory, arguments: argparse.Namespace) -> None:
    indicator = indicators.indicator(arguments.what)
    day = _day(arguments.date, "--date")
    if arguments.history:
        if arguments.unit is None:
            raise CommandError("--history needs --unit CODE", EXIT_USAGE)
        for reading in indicators.history(indicator, directory.unit(arguments.unit).code):
            note = indicators.imports.get(reading.source)
            print("\t".join((day_text(reading.day), _text(reading.value), "" if note is None else f"{note.by}, {note.file}")))
        return
    scope = [each.code for each in directory.units if each.parent is None]
    if arguments.unit is not None:
        scope = [directory.unit(arguments.unit).code]
    view = IndicatorView(indicators, directory, day, inherited=arguments.inherited)
    units = list(units_of(directory, scope))
    found = view.find(indicator, units, parse_filter(arguments.filter, indicators))
    if arguments.sort is not None:
        name = arguments.sort.removeprefix("-")
        found = view.sort(found, indicators.indicator(name), descending=name != arguments.sort)
    ranks: dict[str, Rank] | None = None
    if arguments.earlier is not None:
        ranks = ranking(indicators, indicator, units, day, _day(arguments.earlier, "--earlier"))
    for each in found:
        if each.reading is not None:
            cells = [each.unit.code, each.unit.name, _text(each.reading.value), day_text(each.reading.day)]
            print("\t".join([*cells, *(_ranked(ranks.get(each.unit.code)) if ranks is not None else ())]))


def _ranked(rank: Rank | None) -> Sequence[str]:
    if rank is None or rank.now is None:
        return ("", "")
    return (f"#{rank.now}", "new" if rank.moved is None else f"{rank.moved:+}" if rank.moved else "=")


async def _forget(store: Store, indicators: Indicators, before: str | None) -> None:
    if before is None:
        raise CommandError("forget needs --before DATE: imports made before that day are removed", EXIT_USAGE)
    day = _day(before, "--before")
    kept = [note.number for note in indicators.imports.values() if day_at(note.at_ms, VIETNAM_OFFSET_MS) >= day]
    gone = await store.forget_indicators(min(kept, default=indicators.number))
    print(f"{gone} imports removed; running processes know their values until they are started again")


def _day(text: str | None, flag: str) -> int:
    day = _today() if text is None else parse_day(text)
    if day is None:
        raise CommandError(f"{flag}: {text!r} is no date; write 2021-09-02 or 02/09/2021", EXIT_USAGE)
    return day


def _text(value: Value) -> str:
    return value if isinstance(value, str) else number_text(value)
