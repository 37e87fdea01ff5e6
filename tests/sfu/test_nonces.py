"""No (SSRC, index) ever stands for two packets: with AES-GCM that would be one nonce for two texts (RFC 7714 §8.1).

A random program of frames, packets that are late, doubled, forged or out of order, requests to send again, plans, newcomers,
viewers that are moved between two sessions or given another layer, layers that end and come back, starved sources and
half-emptied queues; everything that leaves is collected and opened with libsrtp.
"""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.dispatch import Dispatcher
from sfu.ids import FeedId, SessionId, SlotName
from sfu.legs import Leg
from sfu.plan import Plan
from sfu.router import BurstBudget
from sfu.selector import Level
from sfu.sessions import Sessions
from sfu.source import Arrivals, Source
from sfu.srtp import Suite
from tests.sfu.kit import BOTH_SUITES, CORES, CoreName, ListOutlet, NonceLedger, fanout_of, leg, packet, source

SESSIONS = (SessionId("s"), SessionId("t"))
FEEDS = tuple(FeedId(f"point:{n}") for n in range(2))
"""In each session; source number ``n`` is feed ``n % 2`` of session ``n // 2``."""
SLOTS = (SlotName("main"), SlotName("inset"))
STEPS_MAX = 60

frames = st.tuples(st.just("frame"), st.integers(0, 3), st.integers(1, 20), st.booleans(), st.integers(0, 3))
strays = st.tuples(st.just("stray"), st.integers(0, 3), st.integers(-30, 30), st.integers(-2, 2), st.booleans())
nacks = st.tuples(st.just("nack"), st.integers(0, 2), st.integers(-40, 3))
feeds = st.lists(st.integers(0, 1), max_size=2)
plans = st.tuples(st.just("plan"), feeds, feeds, st.integers(0, 1))
layers = st.tuples(st.just("layers"), st.integers(0, 1), st.sampled_from([(0, 1), (0,), (1,), (1, 0)]))
levels = st.tuples(st.just("level"), st.integers(0, 5), st.sampled_from(Level))
others = st.tuples(st.sampled_from(["starve", "stop", "start", "replace", "wait"]), st.integers(0, 3))
moves = st.tuples(st.just("move"), st.integers(0, 5), st.integers(0, 1))
members = st.tuples(st.sampled_from(["leave", "join"]), st.integers(0, 1))
runs = st.tuples(st.just("run"), st.integers(1, 5))
steps = st.one_of(frames, frames, frames, strays, nacks, plans, others, moves, members, runs, layers, levels)


class Programme:
    """Two sessions of two feeds, a few legs, one dispatcher that is run only now and then.

    A native core sends by itself, at the same time; what left is looked at when nothing waits.
    """

    def __init__(self, core: CoreName, suite: Suite, kind: Literal["audio", "video"]) -> None:
        self.core, self.suite, self.kind = core, suite, kind
        self.outlet = ListOutlet()
        self.fanout = fanout_of(core, self.outlet)
        self.dispatcher = Dispatcher(self.fanout)
        self.sessions = Sessions(self.dispatcher, BurstBudget(300))
        self.ledger = NonceLedger(suite)
        self.now = 1.0
        self.turn = self.version = 0
        self.sources: list[Source] = []
        self.newest = [100_000, 65_530, 131_071, 40]
        self.clock = [0, 1 << 31, 77, 1 << 30]
        for n in range(4):
            self.sources.append(source(self.kind))
            self.start(n)
        self.legs: list[Leg] = []
        self.places: dict[Leg, SessionId] = {}
        """Where the legs of viewers are that did not leave."""
        self.switched: dict[int, list[tuple[int, bool]]] = {}
        for slot in SLOTS:
            self.join(slot)
        for session in SESSIONS:
            self.plan([0, 1], [1], session)

    def start(self, n: int, *, is_live: bool = True) -> None:
        routes = self.sessions.routes(SESSIONS[n // 2])
        routes.set_source(FEEDS[n % 2], self.kind, self.sources[n] if is_live else None, self.now)

    def join(self, slot: SlotName) -> None:
        one = leg(self.kind, ssrc=len(self.legs) + 1, slot=slot, suite=self.suite, first_sequence=0x7FF0 + len(self.legs))
        self.legs.append(one)
        self.places[one] = SESSIONS[0]
        self.sessions.enter(SESSIONS[0]).add(one, self.now)

    def plan(self, main: list[int], inset: list[int], session: SessionId) -> None:
        self.version += 1
        slots = {SLOTS[0]: tuple(FEEDS[n] for n in main), SLOTS[1]: tuple(FEEDS[n] for n in inset)}
        self.sessions.routes(session).set_plan(Plan(session, self.version, slots), self.now)

    def forward(self, one: Source, arrivals: Arrivals) -> None:
        for batch in arrivals.batches:
            self.dispatcher.submit(one, batch, self.now)
        if arrivals.late is not None:
            self.dispatcher.submit_late(one, arrivals.late, self.now)

    def receive(self, n: int, index: int, timestamp: int, *, key: bool = False, marker: bool = False) -> None:
        self.turn += 1
        content = b"%d of %d" % (self.turn, n)  # never the same twice
        one = packet(index, timestamp, key=key, marker=marker, payload=content)
        self.forward(self.sources[n], self.sources[n].receive(one, self.now))

    def step(self, step: tuple[object, ...]) -> None:  # noqa: C901 (one case a kind of step)
        self.now += 0.004
        for one in self.sources:
            self.forward(one, one.handle_timeout(self.now))
        match step:
            case ("frame", int(n), int(count), bool(key), int(lost)):
                self.clock[n] += 3000
                for i in range(count):
                    self.newest[n] += 1
                    if lost and i % (lost + 1) == lost:
                        continue
                    self.receive(n, self.newest[n], self.clock[n], key=key and i == 0, marker=i == count - 1)
            case ("stray", int(n), int(back), int(time), bool(key)):
                self.receive(n, self.newest[n] + back, self.clock[n] + time * 3000, key=key)
                self.newest[n] = max(self.newest[n], self.newest[n] + back)
            case ("nack", int(n), int(back)):
                asking = self.legs[n % len(self.legs)]
                followed = asking.source.forwarded_index + asking.sequence_delta if asking.source else 0x7FFF
                self.dispatcher.resend(asking, followed + back & 0xFFFF)
            case ("plan", list(main), list(inset), int(where)):
                self.plan(main, inset, SESSIONS[where])
            case ("move", int(n), int(where)):
                moved = self.legs[n % len(self.legs)]
                if self.places.get(moved, SESSIONS[where]) != SESSIONS[where]:
                    self.sessions.move((moved,), self.places[moved], SESSIONS[where], self.now)
                    self.places[moved] = SESSIONS[where]
            case ("layers", int(where), tuple(which)):
                carried = tuple((Level(place), self.sources[2 * where + n]) for place, n in enumerate(which))
                self.sessions.routes(SESSIONS[where]).set_layers(FEEDS[0], self.kind, carried, self.now)
            case ("level", int(n), Level() as level):
                limited = self.legs[n % len(self.legs)]
                if limited in self.places:
                    self.sessions.routes(self.places[limited]).set_level((limited,), level, self.now)
            case ("starve", int(n)):
                self.sources[n].starve()
            case ("stop", int(n)):
                self.start(n, is_live=False)
            case ("start", int(n)):
                self.start(n)
            case ("replace", int(n)):
                self.sources[n] = source(self.kind)
                self.start(n)
            case ("wait", int(n)):
                self.now += n * 3.0
            case ("leave", int(n)):
                if self.legs[n] in self.places:
                    left = self.places.pop(self.legs[n])
                    self.sessions.routes(left).remove(self.legs[n], self.now)
                    self.sessions.leave(left)
            case ("join", int(n)):
                if len(self.legs) < 6:
                    self.join(SLOTS[n])
            case ("run", int(n)):
                for _ in range(n):
                    self.dispatcher.run()
                self.fanout.drain()
                self.ledger.take(self.outlet.take())
        if self.core == "reference":
            self.ledger.take(self.outlet.take())

    def check_places(self) -> None:
        """What feeds a leg is its present session's, but for the wait until that session's key frame."""
        for one, session in self.places.items():
            routes = self.sessions.routes(session)
            carrying = {layer for feed in FEEDS for _, layer in routes.layers(feed, self.kind)}
            assert one.source is None or one.pending or one.source in carrying
            assert one.pending is None or one.pending in carrying

    def finish(self) -> None:
        while self.dispatcher.run():
            pass
        self.fanout.drain()
        self.ledger.take(self.outlet.take())


@pytest.mark.parametrize("core", CORES)
@settings(deadline=None, max_examples=250)
@given(st.lists(steps, min_size=15, max_size=STEPS_MAX), st.sampled_from(BOTH_SUITES), st.sampled_from(["audio", "video"]))
def test_one_index_is_one_packet_for_ever(
    core: CoreName, program: list[tuple[object, ...]], suite: Suite, kind: Literal["audio", "video"]
) -> None:
    stage = Programme(core, suite, kind)
    for step in program:
        stage.step(step)
        stage.check_places()
    stage.finish()
    # A stray fills a hole of any earlier frame, with the time of the present one and two more.
    check_timestamps(stage, (STEPS_MAX + 4) * 3000)


def check_timestamps(stage: Programme, tolerance: int) -> None:
    """Timestamps of a leg never go back over a switch; all clocks grow here but for the strays."""
    plain = stage.ledger.plain
    timestamps: dict[int, int] = {}
    for ssrc, index in sorted(plain):
        timestamp = int.from_bytes(plain[ssrc, index][4:8], "big")
        before = timestamps.get(ssrc, timestamp)
        step_back = (before - timestamp + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
        assert step_back <= tolerance
        timestamps[ssrc] = timestamp if step_back < 0 else before


@pytest.mark.parametrize("core", CORES)
@settings(deadline=None, max_examples=100)
@given(st.lists(st.one_of(frames, frames, frames, plans, others, moves, runs, layers, levels), min_size=10, max_size=40))
def test_new_indices_grow_and_a_picture_changes_at_a_key_frame(core: CoreName, program: list[tuple[object, ...]]) -> None:
    """Without losses and strays: new packets leave in order, without a gap, and each stretch begins with a key frame."""
    stage = Programme(core, Suite.AES_128_GCM, "video")
    begins: dict[tuple[int, int], tuple[Source, int]] = {}
    for step in program:
        if step[0] == "starve":
            continue
        stage.step((*step[:4], 0) if step[0] == "frame" else step)
        for one in stage.legs:
            for stretch in one.stretches:
                begins[one.ssrc, stretch.first] = (stretch.source, stretch.first - stretch.sequence_delta)
    stage.finish()
    for ssrc in {one.ssrc for one in stage.legs}:
        indices = [index for sent_ssrc, index, _ in stage.ledger.order if sent_ssrc == ssrc]
        assert indices == sorted(set(indices))
        assert not indices or indices == list(range(indices[0], indices[-1] + 1))
    check_timestamps(stage, 0)
    for feed, index in begins.values():
        first = feed.history.get(index)
        assert first is not None
        assert first.is_keyframe_start
