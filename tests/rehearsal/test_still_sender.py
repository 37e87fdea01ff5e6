"""Who sends a still when, and where consent was said."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from rehearsal.rooms import KINDS, cast, jpegs_of
from rehearsal.still_sender import SLOT_S, StillSender
from rehearsal.ws_client import binary_frame


class FakeDesk:
    def __init__(self) -> None:
        self.is_live = True
        self.counts = Counter({"welcome": 1})
        self.out: list[Any] = []

    def say(self, kind: str, **fields: Any) -> None:
        self.out.append((kind, fields))

    def send_frame(self, frame: bytes) -> None:
        if not self.is_live:
            raise ConnectionError
        self.out.append(frame)


class FakeDesks:
    def __init__(self, count: int) -> None:
        self.points = {str(code): FakeDesk() for code in range(count)}


def sender_of(desks: FakeDesks, every_s: float) -> StillSender:
    return StillSender(desks, dict.fromkeys(desks.points, (b"one", b"two")), every_s=every_s)  # type: ignore[arg-type]


def test_everybody_sends_one_a_round_each_at_its_moment_and_agrees_first() -> None:
    desks = FakeDesks(200)
    sender = sender_of(desks, 1.0)
    slots = round(1.0 / SLOT_S)
    sizes = []
    for turn in range(2 * slots):
        before = sender.sent
        sender.send(turn)
        sizes.append(sender.sent - before)
    for desk in desks.points.values():
        assert desk.out == [("stills", {"on": True}), binary_frame(b"one"), binary_frame(b"two")]
    assert sizes[:slots] == sizes[slots:]
    assert max(sizes) < 40, "they are spread"


def test_after_a_new_connection_consent_is_said_again_and_who_is_away_sends_nothing() -> None:
    desks = FakeDesks(1)
    (desk,) = desks.points.values()
    sender = sender_of(desks, SLOT_S)
    sender.send(0)
    desk.is_live = False
    sender.send(1)
    desk.is_live, desk.counts["welcome"] = True, 2
    sender.send(2)
    assert [entry for entry in desk.out if isinstance(entry, tuple)] == [("stills", {"on": True})] * 2
    assert sender.sent == 2


async def test_it_runs_until_cancelled() -> None:
    desks = FakeDesks(1)
    sender = sender_of(desks, SLOT_S)
    task = asyncio.create_task(sender.run())
    async with asyncio.timeout(15):
        while sender.sent < 2:  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_drawn_desks_are_stills_and_the_same_seed_is_the_same_cast() -> None:
    for kind in KINDS:
        stills = jpegs_of(kind, 1)
        assert all(len(still) < 24_576 for still in stills)
        assert len(set(stills)) == len(stills) == (1 if kind == "frozen" else 4)
    first, second = cast(40, 5, sets=1), cast(40, 5, sets=1)
    assert [list(one) for one in first] == [list(other) for other in second]
    assert len({tuple(one) for one in first}) >= 2
