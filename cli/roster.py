"""`diemcau roster`: import rosters from a table, show a point's, list who has not confirmed the present shift.

Asks the running service on this machine over its REST part, with a token made of the local keys: rosters are in its log.
"""

from __future__ import annotations

import argparse
import time
import urllib.parse
from pathlib import Path

from cli.errors import EXIT_USAGE, CommandError
from cli.remote import Remote
from cli.units import read_file
from config import Settings
from signaling.auth import is_code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import FILE``, ``show POINT``, ``list [UNIT]``."""
    parser.add_argument(
        "action",
        choices=["import", "show", "list"],
        help="import: take over a CSV file (point,start,end,order,name,function,kind,target,note), all or nothing; show: the "
        "shifts of a point; list: points below a unit whose present shift is not confirmed, or that have none",
    )
    parser.add_argument("what", nargs="?", metavar="FILE|POINT|UNIT", help="for import a file (UTF-8; - reads the input)")
    parser.add_argument("--all", action="store_true", help="for list: also those that have confirmed")


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Do it.

    Raises:
        CommandError: the file is wrong (every wrong line is named; nothing is imported then), or the service does not answer.
    """
    what: str | None = arguments.what
    if what is None and arguments.action != "list":
        raise CommandError("roster import FILE.csv and roster show POINT each take one name", EXIT_USAGE)
    if arguments.action != "import" and what is not None and not is_code(what):
        raise CommandError(f"{what!r} is no code: letters, digits, '.', '_' and '-', 32 at most", EXIT_USAGE)
    match arguments.action:
        case "import":
            _import(settings, Path(str(what)))
        case "show":
            _show(settings, str(what))
        case _:
            _list(settings, what, "all" if arguments.all else "missing")
    return 0


def _import(settings: Settings, path: Path) -> None:
    answer = Remote(settings).post_table("/api/rosters", read_file(path).encode())
    print(f"{answer['points']} points, {answer['changed']} of them with another roster than before")


def _show(settings: Settings, point: str) -> None:
    roster = Remote(settings).get(f"/api/rosters/{point}")
    for shift in roster["shifts"]:
        confirmed = (
            f"confirmed {_time(shift['confirmed_at'])} {shift['confirmed_by']}" if shift["confirmed_at"] else "unconfirmed"
        )
        print(f"{_time(shift['start'])} - {_time(shift['end'])}\t{confirmed}")
        for contact in shift["contacts"]:
            print("\t".join(("", contact["name"], contact["function"], contact["kind"], contact["target"], contact["note"])))


def _list(settings: Settings, unit: str | None, status: str) -> None:
    query = {"status": status, "limit": "20000", **({"unit": unit} if unit is not None else {})}
    for row in Remote(settings).get(f"/api/rosters?{urllib.parse.urlencode(query)}")["points"]:
        print("\t".join((row["point"], row["duty"], row["point_name"])))


def _time(at_ms: int) -> str:
    """The time in Vietnam, as tables have it."""
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(at_ms / 1000 + 7 * 3600))
