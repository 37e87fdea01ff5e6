"""`diemcau token`: print an access token."""

from __future__ import annotations

import argparse
import time

from bridge.policy import ANY_SESSION
from cli.errors import EXIT_USAGE, CommandError
from config import Settings, load_keys
from signaling.auth import is_code, make_token


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Role, session, scope and life."""
    parser.add_argument(
        "--role", required=True, choices=["center", "operator", "observer", "viewer"], help="what the holder may do"
    )
    parser.add_argument(
        "--session", default="main", metavar="ID", help="the session it is for; '*' for all (default: %(default)s)"
    )
    parser.add_argument(
        "--scope", action="append", metavar="UNIT", help="a unit whose points it reaches; may be given again (default: VN, all)"
    )
    parser.add_argument("--hours", type=float, default=12.0, help="how long it is good for (default: %(default)s)")
    parser.add_argument("--subject", metavar="NAME", help="who holds it, as the record shall show (default: the role)")


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Print only the token.

    Raises:
        CommandError: a code or the time is malformed.
    """
    for code in (arguments.session, *(arguments.scope or ())):
        if not is_code(code) and not (code is arguments.session and code == ANY_SESSION):
            raise CommandError(f"{code!r} is no code: letters, digits, '.', '_' and '-', 32 at most", EXIT_USAGE)
    lifetime_s = int(arguments.hours * 3600) if 0 < arguments.hours <= 366 * 24 else 0
    if lifetime_s <= 0:
        raise CommandError("--hours must be above 0 and at most a year (8784)", EXIT_USAGE)
    token = make_token(
        load_keys(settings.data_dir).token_key,
        role=arguments.role,
        session=arguments.session,
        now=int(time.time()),
        lifetime_s=lifetime_s,
        subject=arguments.subject,
        scope=arguments.scope,
    )
    print(token)
    return 0
