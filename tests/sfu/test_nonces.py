"""No (SSRC, index) ever stands for two packets: with AES-GCM that would be one nonce for two texts (RFC 7714 §8.1).

A random program of frames, packets that are late, doubled, forged or out of order, requests to send again, plans, newcomers,
starved sources and half-emptied queues; everything that leaves is collected and opened with libsrtp.
"""

from __future__ import annotations

from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.dispatch import Dispatcher
from sfu.fanout import ReferenceFanout
from sfu.ids import FeedId, SessionId, SlotName
from sfu.legs import Leg
from sfu.plan import Plan
from sfu.router import BurstBudget, SessionRoutes
from sfu.source import Arrivals, Source
from sfu.srtp import Suite
from tests.sfu.kit import BOTH_SUITES, ListOutlet, NonceLedger, leg, packet, source

FEEDS = tuple(FeedId(f"point:{n}") for n in range(3))
SLOTS = (SlotName("main"), SlotName("inset"))

frames = st.tuples(st.just("frame"), st.integers(0, 2), st.integers(1, 20), st.booleans(), st.integers(0, 3))
strays = st.tuples(st.just("stray"), st.integers(0, 2), st.integers(-30, 30), st.integers(-2, 2), st.booleans())
nacks = st.tuples(st.just("nack"), st.integers(0, 2), st.integers(-40, 3))
plans = st.tuples(st.just("plan"), st.lists(st.integers(0, 2), max_size=3), st.lists(st.integers(0, 2), max_size=3))
others = st.tuples(st.sampled_from(["starve", "stop", "start", "replace", "wait"]), st.integers(0, 2))
members = st.tuples(st.sampled_from(["leave", "join"]), st.integers(0, 1))
runs = st.tuples(st.just("run"), st.integers(1, 5))
steps = st.one_of(frames, frames, strays, nacks, plans, others, members, runs)


class Programme:
    """Three feeds, a few legs, one dispatcher that is run only now and then."""

    def __init__(self, suite: Suite, kind: Literal["audio", "video"]) -> None:
        self.suite, self.kind = suite, kind
        self.outlet = ListOutlet()
        self.dispatcher = Dispatcher(ReferenceFanout(self.outlet))
        self.routes = SessionRoutes(SessionId("s"), self.dispatcher, BurstBudget(300))
        self.ledger = NonceLedger(suite)
        self.now = 1.0
        self.turn = self.version = 0
        self.sources: list[Source] = []
        self.newest = [100_000, 65_530, 131_071]
        self.clock = [0, 1 << 31, 77]
        for n in range(3):
            self.sources.append(source(self.kind))
            self.start(n)
        self.legs: list[Leg] = []
        self.switched: dict[int, list[tuple[int, bool]]] = {}
        for slot in SLOTS:
            self.join(slot)
        self.plan([0, 1], [1])

    def start(self, n: int) -> None:
        self.routes.set_source(FEEDS[n], self.kind, self.sources[n], self.now)

    def join(self, slot: SlotName) -> None:
        one = leg(self.kind, ssrc=len(self.legs) + 1, slot=slot, suite=self.suite, first_sequence=0x7FF0 + len(self.legs))
        self.legs.append(one)
        self.routes.add(one, self.now)

    def plan(self, main: list[int], inset: list[int]) -> None:
        self.version += 1
        slots = {SLOTS[0]: tuple(FEEDS[n] for n in main), SLOTS[1]: tuple(FEEDS[n] for n in inset)}
        self.routes.set_plan(Plan(SessionId("s"), self.version, slots), self.now)

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
            case ("plan", list(main), list(inset)):
                self.plan(main, inset)
            case ("starve", int(n)):
                self.sources[n].starve()
            case ("stop", int(n)):
                self.routes.set_source(FEEDS[n], self.kind, None, self.now)
            case ("start", int(n)):
                self.start(n)
            case ("replace", int(n)):
                self.sources[n] = source(self.kind)
                self.start(n)
            case ("wait", int(n)):
                self.now += n * 3.0
            case ("leave", int(n)):
                self.routes.remove(self.legs[n], self.now)
            case ("join", int(n)):
                if len(self.legs) < 6:
                    self.join(SLOTS[n])
            case ("run", int(n)):
                for _ in range(n):
                    self.dispatcher.run()
        self.ledger.take(self.outlet.take())

    def finish(self) -> None:
        while self.dispatcher.run():
            pass
        self.ledger.take(self.outlet.take())


@settings(deadline=None, max_examples=250)
@given(st.lists(steps, max_size=60), st.sampled_from(BOTH_SUITES), st.sampled_from(["audio", "video"]))
def test_one_index_is_one_packet_for_ever(
    program: list[tuple[object, ...]], suite: Suite, kind: Literal["audio", "video"]
) -> None:
    stage = Programme(suite, kind)
    for step in program:
        stage.step(step)
    stage.finish()
    plain = stage.ledger.plain
    timestamps: dict[int, int] = {}
    for ssrc, index in sorted(plain):
        # Timestamps of a leg never go back over a switch; all clocks grow here but for the strays' two frames.
        timestamp = int.from_bytes(plain[ssrc, index][4:8], "big")
        before = timestamps.get(ssrc, timestamp)
        step_back = (before - timestamp + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
        assert step_back <= 4 * 3000
        timestamps[ssrc] = timestamp if step_back < 0 else before


@settings(deadline=None, max_examples=100)
@given(st.lists(st.one_of(frames, plans, others, runs), max_size=40))
def test_new_indices_grow_and_a_picture_changes_at_a_key_frame(program: list[tuple[object, ...]]) -> None:
    """Without losses and strays: new packets leave in order, without a gap, and each stretch begins with a key frame."""
    stage = Programme(Suite.AES_128_GCM, "video")
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
    for feed, index in begins.values():
        first = feed.history.get(index)
        assert first is not None
        assert first.is_keyframe_start
