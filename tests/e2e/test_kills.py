"""kill -9 of any process at any moment of the 2 September scene: nothing acknowledged is missing, nothing is there twice.

Three moments here; `python -m tests.e2e.test_kills --moments 50` plays as many as one likes, and says what came of each.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bridge.bridge import Bridge
from bridge.codec import decode_event
from bridge.matter_views import record_view
from tests.e2e.kill_scene import COMMUNES, KillScene
from tests.harness.crowd import Crowd
from tests.harness.nation_2_september import WARD_10, south
from tests.harness.service import CHILDREN, Service
from tests.harness.south_service import start_south
from tests.harness.wait import until
from tests.harness.witness import Witness

pytestmark = pytest.mark.service

SEEDS = (20210960, 20210961, 20210962, 20210963, 20210964)
LAST_STEP = 24
"""Up to which thing that is said a kill may come; the scene says some more when nothing is repeated."""
KILL_WITHIN_S = 0.15
READY_WITHIN_S = 30


@dataclass(frozen=True, slots=True)
class Moment:
    """When which process is killed."""

    seed: int
    victim: str
    step: int
    after_s: float

    @classmethod
    def of(cls, seed: int) -> Moment:
        """The moment that a seed means."""
        dice = random.Random(seed)
        return cls(seed, dice.choice(CHILDREN), dice.randint(1, LAST_STEP), dice.uniform(0, KILL_WITHIN_S))


async def play(service: Service, moment: Moment) -> dict[str, Any]:
    """Plays the scene once with a kill, and judges the logs; the figures of it."""
    killed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def kill() -> None:
        killed.set_result(service.kill(moment.victim))

    def step(number: int) -> None:
        if number == moment.step:
            asyncio.get_running_loop().call_later(moment.after_s, kill)

    scene = KillScene(service, f"k{moment.seed}", step)
    began_s = time.monotonic()
    async with Crowd(service, reconnects=True, seed=moment.seed) as crowd:
        await crowd.join([point.code for point in south(COMMUNES).points if point.code != WARD_10])
        await scene.play(crowd)
        assert scene.steps >= moment.step, f"the scene ended after {scene.steps} steps, before the kill"
        async with asyncio.timeout(READY_WITHIN_S):
            await killed  # the last steps may be quicker than the moment after them
        took_s = time.monotonic() - began_s
        await until("it runs again", lambda: service.is_replaced(moment.victim, killed.result()), READY_WITHIN_S)
        await until("ready again", service.is_ready, READY_WITHIN_S)
        for session in (scene.session, "main"):
            is_told = partial(asyncio.to_thread, tells, service, session)
            await until(f"{session} is told again", is_told, READY_WITHIN_S)
        events = await asyncio.to_thread(judge, service, scene.session, scene.meeting)
        await asyncio.to_thread(judge, service, "main", scene.standing)
    return {
        "seed": moment.seed,
        "victim": moment.victim,
        "step": moment.step,
        "after_ms": round(moment.after_s * 1000),
        "took_s": round(took_s, 1),
        "acknowledged": len(scene.meeting.facts) + len(scene.standing.facts),
        "events": events,
    }


def tells(service: Service, session: str) -> bool:
    """Whether log and calls of a session are given: being ready speaks of the standing line, not of others."""
    token = service.token("operator", session="*")
    return all(service.get(f"/api/sessions/{session}/{what}", token, 20)[0] == 200 for what in ("log", "calls"))


def judge(service: Service, session: str, witness: Witness) -> int:
    """Compares the whole log of a session with what was acknowledged, and replays it; how many events it has."""
    status, told = service.get(f"/api/sessions/{session}/log", service.token("operator", session="*"), 20)
    assert status == 200, told
    events = [json.loads(line) for line in told.splitlines()]
    numbers = [event.pop("sequence") for event in events]
    faults = witness.faults(events, numbers)
    assert not faults, "\n".join(faults)
    assert witness.facts, "something was acknowledged"

    bridge = Bridge(session, south(COMMUNES))
    for event in events:
        bridge.apply(decode_event(event))
    for matter in bridge.state.matters.by_id.values():
        status, told = service.get(f"/api/sessions/{session}/records/{matter.id}", service.token("operator", session="*"))
        assert status == 200, told
        replayed = json.loads(json.dumps(record_view(bridge.state, matter)))
        assert {name: value for name, value in json.loads(told).items() if name in replayed} == replayed
    return len(events)


@pytest.fixture(scope="module")
def small_south(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with a few dozen points."""
    with start_south(tmp_path_factory.mktemp("kills"), COMMUNES) as service:
        yield service


@pytest.mark.parametrize("seed", SEEDS)
async def test_nothing_acknowledged_is_lost_or_doubled(seed: int, small_south: Service) -> None:
    moment = Moment.of(seed)
    print(moment)
    print(json.dumps(await play(small_south, moment)))


def test_the_seeds_kill_each_process() -> None:
    assert {Moment.of(seed).victim for seed in SEEDS} == set(CHILDREN)


def main() -> int:
    """Many moments on one service; 1 when one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="of the first moment; the others count on")
    arguments = parser.parse_args()
    done: list[dict[str, Any]] = []
    failed: list[int] = []
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, start_south(Path(folder), COMMUNES) as service:
        for seed in range(arguments.seed, arguments.seed + arguments.moments):
            moment = Moment.of(seed)
            try:
                done.append(asyncio.run(play(service, moment)))
                print(json.dumps(done[-1]), flush=True)
            except Exception as error:  # noqa: BLE001 (whatever it is, the other moments are played, and it is told)
                failed.append(seed)
                print(f"FAILED {moment}: {error!r}", flush=True)
                with contextlib.suppress(AssertionError):
                    asyncio.run(until("ready again", service.is_ready, READY_WITHIN_S))
    summary = {
        "moments": len(done) + len(failed),
        "failed": failed,
        "killed": dict(Counter(each["victim"] for each in done)),
        "acknowledged": sum(each["acknowledged"] for each in done),
        "median_s": statistics.median(each["took_s"] for each in done) if done else None,
        "longest_s": max((each["took_s"] for each in done), default=None),
        "all_s": round(time.monotonic() - began_s),
    }
    print(json.dumps(summary))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
