"""`diemcau report`: a report of a session or of a period, from the store's logs or from an exported one."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bridge import report_folds
from bridge.codec import decode_event
from bridge.errors import BridgeError
from bridge.ids import STANDING_LINE
from bridge.report import Report
from bridge.report_rows import FOREVER, Window
from bridge.units import Directory
from cli.directory import load_directory, open_store
from cli.errors import EXIT_USAGE, CommandError
from config import Settings, load_keys
from signaling.auth import is_code
from signaling.local_time import LOCAL
from signaling.report_api import file_of, is_of_directive
from signaling.report_files import Heading
from signaling.report_tables import tables_of
from signaling.store import RecordDamaged, Store, StoreUnavailable

FORMS: Final = ("html", "xlsx", "csv")
TABLES: Final = ("units", "calls", "roll_calls", "missing", "directives", "points")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the report is about, and its form."""
    parser.add_argument("session", nargs="?", metavar="SESSION", help="the session's id; without one, all sessions of a period")
    parser.add_argument("--from", dest="start", metavar="TIME", help="begin, such as 2021-09-02 or 2021-09-02T18:20")
    parser.add_argument("--to", dest="end", metavar="TIME", help="end of the period (not included)")
    parser.add_argument("--unit", metavar="CODE", help="only this unit and what is below it")
    parser.add_argument("--depth", type=int, default=1, metavar="N", help="levels of units that have a row (1)")
    parser.add_argument("--format", choices=FORMS, default="html", help="html to print (usual), xlsx, or csv of one table")
    parser.add_argument("--table", choices=TABLES, default="units", help="the table of a CSV file (units)")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi", help="language (vi)")
    parser.add_argument("--log", type=Path, metavar="FILE", help="read this exported log (diemcau log) and not the store")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there and not to the output")


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Write the report.

    Raises:
        CommandError: something in the arguments does not fit, the store is away, or a log is damaged.
    """
    window = _window(arguments)
    if arguments.session is None and arguments.start is None:
        raise CommandError("name a session, or a period with --from and --to", EXIT_USAGE)
    if arguments.session is not None and not is_code(arguments.session):
        raise CommandError(f"{arguments.session!r} is no session id", EXIT_USAGE)
    if arguments.log is not None and arguments.session is None:
        raise CommandError("say which session the exported log is of", EXIT_USAGE)
    if arguments.out is None and arguments.format == "xlsx" and sys.stdout.isatty():
        raise CommandError("a workbook is not for the terminal: give --out FILE", EXIT_USAGE)
    try:
        body = asyncio.run(_make(settings, arguments, window))
    except StoreUnavailable as error:
        raise CommandError(f"the store does not answer ({error}); start the service first, or check redis.url") from error
    except (RecordDamaged, BridgeError) as error:
        raise CommandError(str(error)) from error
    if arguments.out is not None:
        arguments.out.write_bytes(body)
    else:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
    return 0


async def _make(settings: Settings, arguments: argparse.Namespace, window: Window) -> bytes:
    store = open_store(settings, load_keys(settings.data_dir))
    try:
        directory = await load_directory(store, settings)
        return await make(store, directory, arguments, window)
    finally:
        await store.close()


async def make(store: Store, directory: Directory, arguments: argparse.Namespace, window: Window) -> bytes:
    """Make the report's file from the logs of a store, or from ``arguments.log``."""
    units = [arguments.unit] if arguments.unit else [unit.code for unit in directory.units if unit.parent is None]
    for unit in units:
        directory.unit(unit)
    now = time.time_ns() // 1_000_000
    report = Report(window, arguments.session or STANDING_LINE)
    for session in await _sessions(store, arguments):
        async for event in _events(store, session, arguments.log):
            report_folds.add(report, session, decode_event(event))
    if arguments.session not in {None, STANDING_LINE} and arguments.log is None:
        async for event in _events(store, STANDING_LINE, None):
            if is_of_directive(event):
                report_folds.add_directive_of(report, arguments.session, decode_event(event))
    report.finish(now)
    session = arguments.session or STANDING_LINE
    vi = arguments.lang == "vi"
    title = ("Báo cáo: " if vi else "Report: ") + (report.titles.get(session, session) if arguments.session else "…")
    if arguments.session is None:
        title = "Báo cáo theo thời gian" if vi else "Report of a period"
    start = window.start or report.opened_at.get(session, report.ends_at)
    end = min(window.end, report.closed_at.get(session, now) if arguments.session else now)
    scope = ", ".join(directory.unit(unit).name for unit in units)
    tables = tables_of(report, directory, units, arguments.lang, arguments.depth)
    body, _, _ = file_of(arguments.format, arguments.table, Heading(title, scope, start, end, now), tables, arguments.lang)
    return body


async def _sessions(store: Store, arguments: argparse.Namespace) -> Sequence[str]:
    if arguments.log is not None:
        return [arguments.session]
    known = await store.sessions()
    if arguments.session is None:
        return sorted(known)
    if arguments.session not in known:
        raise CommandError(f"there is no session {arguments.session}; there are {', '.join(sorted(known)) or 'none'}")
    return [arguments.session]


async def _events(store: Store, session: str, log: Path | None) -> AsyncIterator[Any]:
    if log is None:
        async for records in store.read(session):
            for record in records:
                yield record.event
        return
    with log.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line)
                yield record["event"] if "event" in record else {key: record[key] for key in record if key != "sequence"}
            except (ValueError, KeyError, TypeError) as error:
                raise CommandError(f"{log}, line {number}: this is no line of diemcau log") from error


def _window(arguments: argparse.Namespace) -> Window:
    if (arguments.start is None) != (arguments.end is None):
        raise CommandError("a period has both --from and --to", EXIT_USAGE)
    if arguments.start is None:
        return Window()
    window = Window(_moment(arguments.start), _moment(arguments.end))
    if not 0 <= window.start < window.end <= FOREVER:
        raise CommandError("--to must be after --from", EXIT_USAGE)
    return window


def _moment(text: str) -> int:
    """Milliseconds of a moment; without a zone it is the country's own time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no time: write 2021-09-02 or 2021-09-02T18:20", EXIT_USAGE) from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).timestamp() * 1000)
