"""`diemcau roster`: import rosters from a table, show a point's, list who has not confirmed the present shift.

Asks the running service on this machine over its REST part, with a token made of the local keys: rosters are in its log.
"""

from __future__ import annotations

import argparse
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bridge.policy import ANY_SESSION
from cli.errors import EXIT_USAGE, CommandError
from cli.units import read_file
from config import Settings, load_keys
from signaling.auth import MAX_SCOPE, WHOLE_COUNTRY, is_code, make_token

TIMEOUT_S: Final = 120.0
"""A table of the whole country is checked and written in some seconds."""
SUBJECT: Final = "center:cli"


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
    answer = _ask(settings, "POST", "/api/rosters", read_file(path).encode())
    print(f"{answer['points']} points, {answer['changed']} of them with another roster than before")


def _show(settings: Settings, point: str) -> None:
    roster = _ask(settings, "GET", f"/api/rosters/{point}")
    for shift in roster["shifts"]:
        confirmed = (
            f"confirmed {_time(shift['confirmed_at'])} {shift['confirmed_by']}" if shift["confirmed_at"] else "unconfirmed"
        )
        print(f"{_time(shift['start'])} - {_time(shift['end'])}\t{confirmed}")
        for contact in shift["contacts"]:
            print("\t".join(("", contact["name"], contact["function"], contact["kind"], contact["target"], contact["note"])))


def _list(settings: Settings, unit: str | None, status: str) -> None:
    query = {"status": status, "limit": "20000", **({"unit": unit} if unit is not None else {})}
    for row in _ask(settings, "GET", f"/api/rosters?{urllib.parse.urlencode(query)}")["points"]:
        print("\t".join((row["point"], row["duty"], row["point_name"])))


def _time(at_ms: int) -> str:
    """The time in Vietnam, as tables have it."""
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(at_ms / 1000 + 7 * 3600))


def _ask(settings: Settings, method: str, path: str, table: bytes | None = None) -> Any:
    """Ask with the rights of a national center: a scope of all roots of the service's directory."""
    units = _send(settings, "GET", "/api/directory", WHOLE_COUNTRY)["units"]
    roots = [code for code, _, parent, _ in units if parent is None]
    return _send(settings, method, path, roots[:MAX_SCOPE], table)


def _send(settings: Settings, method: str, path: str, scope: Sequence[str], table: bytes | None = None) -> Any:
    host = "127.0.0.1" if settings.http.host in {"", "0.0.0.0", "::"} else settings.http.host
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.http.port}"
    request = urllib.request.Request(url + path, data=table, method=method)  # noqa: S310 (the URL is our own, and http)
    request.add_header("Authorization", f"Bearer {_token(settings, scope)}")
    if table is not None:
        request.add_header("Content-Type", "text/csv")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            return json.loads(response.read())
    except urllib.error.HTTPError as error:
        raise CommandError(_words_of(error)) from error
    except (OSError, ValueError) as error:
        raise CommandError(
            f"the service does not answer at {url} ({error}): start it first (diemcau serve), or give the settings that it "
            "runs with (--data-dir, --config, --set http.port=…)"
        ) from error


def _token(settings: Settings, scope: Sequence[str]) -> str:
    now = int(time.time())
    key = load_keys(settings.data_dir).token_key
    return make_token(key, role="center", session=ANY_SESSION, now=now, lifetime_s=600, subject=SUBJECT, scope=scope)


def _words_of(error: urllib.error.HTTPError) -> str:
    """The service's own words, with each fault of a table on a line of its own."""
    try:
        with error:
            body = json.loads(error.read())
        words = f"{body['message']['vi']} / {body['message']['en']}"
        lines = [
            f"  line {each['line']}{each['column'] and ', '}{each['column']}: {each['message']['vi']} / {each['message']['en']}"
            for each in body.get("faults") or []
        ]
    except (ValueError, KeyError, TypeError, OSError):
        return f"the service answered {error.code}"
    return "\n".join(["nothing was imported:", *lines]) if lines else words
