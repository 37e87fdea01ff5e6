"""Plans out of a real Valkey: read at once, read again after it was killed, and nothing ends the watch."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from sfu.ids import SessionId
from sfu.plan import Plan
from sfu.plan_watch import PlanWatch
from tests.harness.wait import until
from tests.sfu.valkey import PrivateValkey


def plan(version: int, session: str = "main") -> str:
    return json.dumps({"session": session, "version": version, "slots": {"main": ["center"]}})


class Stage:
    """A private server, a watch, and what it took."""

    def __init__(self, valkey: PrivateValkey) -> None:
        self.valkey = valkey
        self.sessions = [SessionId("main")]
        self.taken: list[Plan] = []
        self.redis = valkey.client()
        self.watch = PlanWatch(self.redis, "t:", lambda: self.sessions, self.take)

    def take(self, one: Plan) -> None:
        if one.version == 666:
            raise ZeroDivisionError("a mistake of ours")
        self.taken.append(one)

    async def write(self, text: str, session: str = "main", *, rings: bool = True) -> None:
        async with self.valkey.client() as writer:
            await writer.set(f"t:plan:{session}", text)
            if rings:
                await writer.publish("t:plan", session)

    def versions(self) -> list[int]:
        return list(dict.fromkeys(one.version for one in self.taken))


@pytest.fixture
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    valkey = PrivateValkey(tmp_path_factory.mktemp("v"))
    await valkey.start()
    one = Stage(valkey)
    task = asyncio.create_task(one.watch.run())
    await until("the watch connects", lambda: one.watch.is_connected, every_s=0.01)
    yield one
    assert not task.done(), "the watch ended"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await one.redis.aclose()
    valkey.kill()


async def test_a_plan_is_taken_when_the_bell_rings_and_without_it_soon(stage: Stage) -> None:
    await stage.write(plan(1))
    await until("the first plan", lambda: stage.versions() == [1], every_s=0.01)
    await stage.write(plan(2), rings=False)
    await until("a plan whose bell was lost", lambda: stage.versions() == [1, 2])


async def test_plans_of_sessions_that_are_not_served_are_not_read(stage: Stage) -> None:
    await stage.write(plan(5, "other"), "other")
    await stage.write(plan(1))
    await until("the plan behind it", lambda: stage.versions() == [1], every_s=0.01)
    assert {one.session for one in stage.taken} == {"main"}
    stage.sessions.append(SessionId("other"))
    await stage.watch.read(SessionId("other"))
    assert stage.taken[-1].session == "other"


@pytest.mark.parametrize("text", ["not json", "{}", plan(9, "other"), plan(666)])
async def test_what_cannot_be_used_changes_nothing_and_the_watch_goes_on(stage: Stage, text: str) -> None:
    await stage.write(text)
    await stage.write(plan(3), rings=False)
    await until("the next good plan", lambda: 3 in stage.versions())
    assert stage.versions() == [3]


async def test_it_survives_a_server_that_is_killed_and_comes_back(stage: Stage) -> None:
    await stage.write(plan(1))
    await until("the first plan", lambda: stage.versions() == [1], every_s=0.01)
    stage.valkey.kill()
    await until("the watch notices", lambda: not stage.watch.is_connected, every_s=0.01)
    await stage.valkey.start()
    await until("the watch is back", lambda: stage.watch.is_connected, every_s=0.02)
    await stage.write(plan(2))
    await until("the plan after it", lambda: stage.versions()[-1] == 2, every_s=0.02)
