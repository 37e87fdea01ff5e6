"""`python -m tests.harness.crowd_run`: a country of simulated points for a service that runs already, to try scenes by hand.

Points of 5 September that the service knows say hello and stay; all but `--silent` of them answer every roll call, each after a
time of its own. Ctrl-C closes them. The numbers are printed when they change.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import signal
from dataclasses import dataclass
from pathlib import Path

from tests.harness.crowd import Confirmation, Crowd, RefusedError, Script, stills_of
from tests.harness.nation import evenly, points_of_5_september

JOIN_WITHIN_S = 300.0
LOOK_S = 2.0
PRESENT = b'"presence":"present"'


@dataclass(frozen=True)
class Target:
    """The service to go to."""

    host: str
    http_port: int
    data_dir: Path
    session: str


def scripts(count: int, silent: int, within_s: float, seed: int) -> dict[str, Script]:
    """Who takes part and what each does: `silent` of them answer no roll call, the others at some moment within `within_s`."""
    dice = random.Random(seed)
    codes = evenly(points_of_5_september(), count)
    quiet = set(dice.sample(codes, silent))
    answer = {code: Confirmation(after_s=dice.uniform(0, within_s)) for code in codes}
    return {code: Script(roll_call=None if code in quiet else answer[code]) for code in codes}


async def play(target: Target, cast: dict[str, Script], stop: asyncio.Event, *, has_stills: bool = False) -> None:
    """Bring them all, then say every now and then how many there are, until told to stop."""
    async with Crowd(target, reconnects=True) as crowd, contextlib.AsyncExitStack() as stack:
        if has_stills:
            await stack.enter_async_context(stills_of(crowd, list(cast)))
        joining = asyncio.create_task(_join(crowd, cast))
        stopping = asyncio.create_task(stop.wait())
        said = ""
        while not stopping.done() and not (joining.done() and joining.exception()):
            present = sum(PRESENT in point.newest.get("roll_call", b"") for point in crowd)
            line = (
                f"{crowd.live} points live, {crowd.heard('roll_call')} were asked, {present} are present in the newest roll call"
            )
            if line != said:
                print(said := line, flush=True)
            await asyncio.wait({stopping}, timeout=LOOK_S)
        stopping.cancel()
        if joining.done():
            joining.result()
        joining.cancel()
        await asyncio.gather(joining, stopping, return_exceptions=True)


async def _join(crowd: Crowd, cast: dict[str, Script]) -> None:
    for code, script in cast.items():
        crowd.expect(code, script)
    await crowd.join(cast, within_s=JOIN_WITHIN_S)


async def _main(target: Target, cast: dict[str, Script], *, has_stills: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await play(target, cast, stop, has_stills=has_stills)


def main() -> None:
    """Read the flags and play."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.crowd_run", description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("diemcau-data"), help="the service's data folder (%(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="where it listens (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="its HTTP port (%(default)s)")
    parser.add_argument("--session", default="main", help="which session (%(default)s)")
    parser.add_argument("--points", type=int, default=9_811, help="how many points, spread over the country (%(default)s)")
    parser.add_argument("--silent", type=int, default=300, help="how many of them answer no roll call (%(default)s)")
    parser.add_argument("--within", type=float, default=40.0, metavar="SECONDS", help="the others answer within (%(default)s)")
    parser.add_argument("--seed", type=int, default=20210905, help="of the choice (%(default)s)")
    parser.add_argument(
        "--stills", action="store_true", help="they send stills: drawn desks, some black, frozen, covered or empty"
    )
    options = parser.parse_args()
    target = Target(options.host, options.port, options.data_dir, options.session)
    try:
        asyncio.run(
            _main(target, scripts(options.points, options.silent, options.within, options.seed), has_stills=options.stills)
        )
    except RefusedError as error:
        raise SystemExit(f"the service refuses a point ({error}): is --data-dir its data folder, are these its units?") from None
    except TimeoutError as error:
        raise SystemExit(f"{error}: does the service run on {target.host}:{target.http_port}?") from None
    except ValueError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
