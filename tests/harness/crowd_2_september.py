"""`python -m tests.harness.crowd_2_september`: the simulated points of 2 September for a service that runs already.

All points of the 19 provinces say hello and stay, without those of `--without`, whose pages somebody opens by hand. Those that
are called confirm that they ring, and answer; they have no picture. Ctrl-C closes them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

from tests.harness.crowd import RefusedError, Script
from tests.harness.crowd_run import Target, play
from tests.harness.nation_2_september import DISTRICT_4, WARD_10, south

ANSWER_AFTER_S = 3.0


def cast(without: frozenset[str]) -> dict[str, Script]:
    """Who takes part, and what each does."""
    script = Script(ring="answer", answer_after_s=ANSWER_AFTER_S)
    return {point.code: script for point in south().points if point.code not in without}


async def _main(target: Target, without: frozenset[str]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await play(target, cast(without), stop)


def main() -> None:
    """Read the flags and play."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.crowd_2_september", description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("diemcau-data"), help="the service's data folder (%(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="where it listens (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="its HTTP port (%(default)s)")
    parser.add_argument("--without", default=f"{WARD_10},{DISTRICT_4}", metavar="CODES", help="who stays away (%(default)s)")
    options = parser.parse_args()
    target = Target(options.host, options.port, options.data_dir, "main")
    try:
        asyncio.run(_main(target, frozenset(options.without.split(","))))
    except RefusedError as error:
        raise SystemExit(f"the service refuses a point ({error}): is --data-dir its data folder, are these its units?") from None
    except TimeoutError as error:
        raise SystemExit(f"{error}: does the service run on {target.host}:{target.http_port}?") from None


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
