"""`diemcau session list|open|close`: the sessions of the running service."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from cli.errors import EXIT_USAGE, CommandError
from cli.remote import Remote
from config import Settings

STATES: Final[Mapping[str, str]] = {
    "prepared": "đã chuẩn bị / prepared",
    "open": "đang mở / open",
    "closed": "đã đóng / closed",
}
KINDS: Final[Mapping[str, str]] = {
    "standing": "đường trực / standing line",
    "meeting": "phiên họp / meeting",
    "line": "đường riêng / own line",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and with which session."""
    parser.add_argument(
        "action",
        choices=["list", "open", "close"],
        help="list: one session a line; open: make a session and open it (--title, --unit), or open one that was prepared; "
        "close: end it with its calls. The last two print its id",
    )
    parser.add_argument("session", nargs="?", metavar="ID", help="the session, for close and for one that was prepared")
    parser.add_argument("--title", help="the title of a new session")
    parser.add_argument("--unit", action="append", metavar="UNIT", help="a unit that it is over; may be given again")
    parser.add_argument("--center", metavar="UNIT", help="whose center presides (default: the root above the units)")
    parser.add_argument("--id", metavar="NEW", help="the id of the new session (default: the service chooses)")
    parser.add_argument("--line", action="store_true", help="a center's own line, for calls without any meeting")
    parser.add_argument("--prepare", action="store_true", help="make it without opening it")


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Print what the service answers.

    Raises:
        CommandError: what was given does not fit together, or the service does not answer or refuses.
    """
    action, session = arguments.action, arguments.session
    is_new = action == "open" and session is None
    if action == "close" and session is None:
        raise CommandError("close which session? give its id (diemcau session list)", EXIT_USAGE)
    if is_new != bool(arguments.title and arguments.unit):
        raise CommandError("give the id of a session that was prepared, or --title and --unit of a new one", EXIT_USAGE)
    remote = Remote(settings)
    if action == "list":
        for view in remote.get("/api/sessions")["sessions"]:
            print(line_of(view))
    elif is_new:
        print(remote.post("/api/sessions", wanted(arguments))["id"])
    else:
        print(remote.post(f"/api/sessions/{quote(session, safe='')}/{action}")["id"])
    return 0


def wanted(arguments: argparse.Namespace) -> dict[str, Any]:
    """The body for a new session; what was not given is left out."""
    body: dict[str, Any] = {"title": arguments.title, "units": arguments.unit, "open": not arguments.prepare}
    if arguments.line:
        body["kind"] = "line"
    if arguments.center is not None:
        body["center"] = arguments.center
    if arguments.id is not None:
        body["id"] = arguments.id
    return body


def line_of(view: Mapping[str, Any]) -> str:
    """One session as it is printed: id, state, kind, live of all, center, title; separated by tabs."""
    live = f"{view['live']}/{view['points']}"
    return "\t".join((view["id"], STATES[view["state"]], KINDS[view["kind"]], live, view["center_name"], view["title"]))
