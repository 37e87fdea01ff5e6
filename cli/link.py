"""`diemcau link CODE…`: print the permanent links of points, or replace them."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence

from cli.directory import load_directory, open_store
from cli.errors import EXIT_USAGE, CommandError
from config import Settings, load_keys
from config.keys import Keys
from signaling.auth import is_code, point_link
from signaling.store import StoreUnavailable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The points, and whether their links are replaced."""
    parser.add_argument("codes", nargs="+", metavar="CODE", help="a point's code, such as 26740; - reads codes from the input")
    parser.add_argument(
        "--rotate",
        action="store_true",
        help="replace the links first: the old ones are refused at once, and whoever is connected by one is sent away",
    )


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Print one link a line. It depends on the code, the link key and how often the link was replaced.

    Raises:
        CommandError: a code is malformed or, for ``--rotate``, that of no point, or the store is away (nothing is replaced then).
    """
    codes = [code for word in arguments.codes for code in (sys.stdin.read().split() if word == "-" else [word])]
    for code in codes:
        if not is_code(code):
            raise CommandError(f"{code!r} is no code: letters, digits, '.', '_' and '-', 32 at most", EXIT_USAGE)
    keys = load_keys(settings.data_dir)
    generations = asyncio.run(_rotated(settings, keys, codes) if arguments.rotate else _known(settings, keys))
    for code in codes:
        print(point_link(settings.public_url, keys.link_key, code, generations.get(code, 0)))
    return 0


async def _known(settings: Settings, keys: Keys) -> Mapping[str, int]:
    """The generations; without the store those of links that were never replaced, which most are, and a warning."""
    store = open_store(settings, keys)
    try:
        return await store.generations()
    except StoreUnavailable:
        print(
            "diemcau link: the store does not answer, so links that were replaced (--rotate) are printed as they were at first "
            "and will be refused. To be sure start the service (diemcau serve; its private Valkey runs only as long as it "
            "does), or check redis.url, and ask again",
            file=sys.stderr,
        )
        return {}
    finally:
        await store.close()


async def _rotated(settings: Settings, keys: Keys, codes: Sequence[str]) -> Mapping[str, int]:
    store = open_store(settings, keys)
    try:
        directory = await load_directory(store, settings)
        unknown = [code for code in codes if not directory.has_point(code)]
        if unknown:
            raise CommandError(f"nothing was replaced: there is no point {', '.join(unknown)}")
        return await store.rotate(codes)
    except StoreUnavailable as error:
        raise CommandError(
            f"the store does not answer ({error}), and links are replaced there: start the service first (diemcau serve), "
            "or check redis.url. Then do this again, whether or not it was done already"
        ) from error
    finally:
        await store.close()
