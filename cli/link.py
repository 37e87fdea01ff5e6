"""`diemcau link CODE…`: print the permanent links of points."""

from __future__ import annotations

import argparse
import sys

from cli.errors import EXIT_USAGE, CommandError
from config import Settings, load_keys
from signaling.auth import is_code, point_secret


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The points."""
    parser.add_argument("codes", nargs="+", metavar="CODE", help="a point's code, such as 26740; - reads codes from the input")


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Print one link a line. The link never changes: it depends on the code and the link key alone.

    Raises:
        CommandError: a code is malformed.
    """
    codes = [code for word in arguments.codes for code in (sys.stdin.read().split() if word == "-" else [word])]
    for code in codes:
        if not is_code(code):
            raise CommandError(f"{code!r} is no code: letters, digits, '.', '_' and '-', 32 at most", EXIT_USAGE)
    link_key = load_keys(settings.data_dir).link_key
    for code in codes:
        print(point_link(settings, link_key, code))
    return 0


def point_link(settings: Settings, link_key: bytes, code: str) -> str:
    """The permanent link of a point; its secret is in the fragment, which browsers send to nobody."""
    return f"{settings.public_url}/p/{code}#{point_secret(link_key, code)}"
