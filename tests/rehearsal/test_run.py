"""Whole plays in virtual time against a service of numbers: what is done when, and that the figures are those of the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bridge.units import Directory, Unit, one_point_each
from rehearsal.cast import make_cast
from rehearsal.parts import Parts
from rehearsal.record import Record
from rehearsal.result import Result
from rehearsal.run import Play
from rehearsal.scenario import Scenario, make_scenario, plain_scenario
from tests.harness.virtual_time import run_virtually
from tests.rehearsal.fakes import (
    ANSWER_MS,
    ARRIVAL_CPU_S,
    JOIN_CPU_S,
    JOIN_S,
    KIB_PER_POINT,
    PACKET_CPU_S,
    FakeConsole,
    FakeDesks,
    FakeMedia,
    FakeMeter,
)

UNITS = [Unit("VN", "Việt Nam"), *(Unit(f"p{n}", f"Tỉnh {n}", "VN", "province") for n in range(4))]
UNITS += [Unit(f"p{n}c{m}", f"Xã {n}.{m}", f"p{n}", "commune") for n in range(4) for m in range(30)]
DIRECTORY = Directory(UNITS, one_point_each(UNITS))
FACTS = {"at": "now", "version": "0", "machine": {}}


class Stage:
    """One play and everything around it."""

    def __init__(self, **media: Any) -> None:
        self.meter = FakeMeter()
        self.media = FakeMedia(self.meter, **media)
        self.desks = FakeDesks(self.meter)
        self.console = FakeConsole(self.desks)
        self.record: Record
        self.play: Play

    def run(
        self, scenario: Scenario, stop_after_s: float | None = None, during: Callable[[Stage], None] | None = None
    ) -> dict[str, Any]:
        async def main() -> None:
            cast = make_cast(scenario, DIRECTORY)
            has_desks = scenario.desks != "none"
            desks, console = (self.desks, self.console) if has_desks else (None, None)
            parts = Parts(self.media, desks, console, self.meter, lambda code: DIRECTORY.point(code).name)
            self.record = Record(scenario, len(cast.joining), session="s1", meter="proc")
            self.play = Play(scenario, cast, parts, self.record)
            stop = asyncio.Event()
            if stop_after_s is not None:
                asyncio.get_running_loop().call_later(stop_after_s, stop.set)
            if during is not None:
                asyncio.get_running_loop().call_later(11, during, self)
            await self.play.run(stop)

        run_virtually(main())
        return Result(self.record, FACTS).fields

    def times(self, what: str) -> list[float]:
        return [at - 1000 for at, kind, _ in self.media.log if kind == what]

    def codes(self, what: str) -> list[str]:
        return [code for _, kind, code in self.media.log if kind == what]


def test_the_plain_rehearsal() -> None:
    stage = Stage()
    fields = stage.run(plain_scenario(60, 30, calls=5, join_over_s=0, desks="called", idle_s=5))
    assert fields["passed"], fields["reasons"]
    assert (fields["points"], fields["joined"], fields["failures"]) == (60, 60, {})
    assert fields["join_seconds"] == pytest.approx(JOIN_S, abs=0.001)
    assert fields["server_cpu_ms_per_join"] == pytest.approx(JOIN_CPU_S * 1000)
    assert fields["server_cpu_ms_per_join_alone"] == pytest.approx(JOIN_CPU_S * 1000), "nothing else costs anything here"
    assert fields["server_cpu_ms_per_join_by_part"] == {"signaling": 1.5, "node": 0.0, "valkey": 0.0}
    assert fields["server_cpu_ms_per_arrival"] == pytest.approx(ARRIVAL_CPU_S * 1000)
    assert fields["server_cpu_us_per_packet"] == pytest.approx(PACKET_CPU_S * 1e6, rel=0.01)
    assert fields["server_rss_kib_per_point"] == pytest.approx(KIB_PER_POINT)
    assert fields["server_idle_cpu_percent_per_1000"] == 0
    assert fields["delivered_ratio"] == pytest.approx(1, abs=1e-4)
    assert fields["window_seconds"] == 30
    assert fields["forward_latency_ms"]["p99"] == fields["audio_latency_ms"]["p50"] == 5.0
    assert [call["outcome"] for call in fields["calls"]] == ["answered"] * 5
    assert fields["call_answer_to_first_packet_ms"]["p50"] == pytest.approx(ANSWER_MS)
    assert fields["call_order_to_ring_ms"]["max"] == pytest.approx(6)
    assert fields["calls_as_expected"] == 5
    assert fields["sampled_bad_packets"] == 0
    assert fields["keyframe_requests"] == 3
    assert fields["retries"]["media"] == 60
    assert [phase["name"] for phase in fields["phases"]] == ["before", "arrive", "join", "idle", "start", "meeting", "end"]
    # the center begins when all are in and rested, and nothing is left at the end
    assert stage.times("center")[0] - max(stage.times("join")) == pytest.approx(5, abs=0.01)
    assert stage.media.joined == set()
    assert stage.media.closed
    assert len(stage.codes("leave")) == 60
    assert stage.desks.live == 0
    assert len(set(stage.codes("ring"))) == 5
    series = fields["series"]
    assert len(series["at_s"]) == len(series["joined"]) >= 36
    meeting = [pps for pps, phase in zip(series["delivered_pps"], series["phase"], strict=True) if phase == "meeting"]
    assert meeting[5] == pytest.approx(60 * 150, rel=0.01)
    assert max(series["joined"]) == 60
    assert stage.play.status.calls_done == 5


def test_media_alone() -> None:
    fields = Stage().run(plain_scenario(40, 5, calls=0, join_over_s=4, desks="none", idle_s=0))
    assert fields["passed"]
    assert fields["join_seconds"] == pytest.approx(4 * 39 / 40 + JOIN_S, abs=0.01)
    for name in ("server_cpu_ms_per_arrival", "call_answer_to_first_packet_ms", "server_idle_cpu_percent_per_1000"):
        assert fields[name] is None
        assert fields["notes"][name]
    assert fields["notes"]["call_answer_to_first_packet_ms"]["en"] == "no call was made"
    assert not [name for name, value in fields.items() if value is None and name not in fields["notes"]]


GROUPS: list[dict[str, Any]] = [
    {"name": "answer", "units": ["p0"], "count": 10, "roll_call": {"within_s": 1}},
    {"name": "nobody", "units": ["p1"], "count": 3, "ring": "no_answer", "roll_call": {"share": 0}},
    {"name": "decline", "units": ["p1"], "count": 3, "ring": "declines"},
    {"name": "broken", "units": ["p1"], "count": 3, "ring": "no_device"},
    {"name": "mute", "units": ["p1"], "count": 3, "ring": "undelivered", "loss": 0.05},
    {"name": "away", "units": ["p2"], "count": 3, "ring": "offline"},
    {"name": "late", "units": ["p3"], "count": 4, "join_at_s": 10, "join_over_s": 4},
    {
        "name": "shaky",
        "units": ["p3"],
        "count": 8,
        "drops": [{"at_s": 20, "share": 0.5, "back_after_s": 3}, {"at_s": 30, "count": 1}],
    },
]


def test_everything_that_may_happen() -> None:
    groups = ("answer", "nobody", "decline", "broken", "mute", "away")
    calls = [{"at_s": 2 + place / 10, "group": name} for place, name in enumerate(groups)]
    wanted = {"seconds": 50, "groups": GROUPS, "calls": calls, "roll_calls": [{"at_s": 15, "seconds": 10}]}
    stage = Stage()
    fields = stage.run(make_scenario(wanted))
    assert fields["passed"], fields["reasons"]
    assert fields["points"] == fields["joined"] == 34
    assert fields["late_joined"] == 4
    expected = ["answered", "no_answer", "declined", "no_device", "undelivered", "offline"]
    assert [call["expected"] for call in fields["calls"]] == expected
    assert [call["outcome"] for call in fields["calls"]] == expected
    assert fields["calls_as_expected"] == 6
    assert fields["fallen"] == 5
    assert fields["came_back"] == 5
    assert not [code for code in stage.codes("join") if code.startswith("p2")], "who is offline never joins"
    assert len(stage.codes("add 0.05")) == 3
    late = [at for at, kind, code in stage.media.log if kind == "join" and code.startswith("p3") and at - 1000 > 10]
    assert len(late) >= 4
    kinds = [kind for kind, _ in stage.console.orders]
    assert kinds.count("place_call") == 6
    assert kinds.count("end_call") == 1, "what failed is over already"
    assert kinds.count("start_roll_call") == 1
    assert fields["roll_calls"][0]["present"] == 34
    assert fields["window_points"] == 34 - 4, "who came late was not there throughout"


def test_what_is_not_as_it_should_be_is_a_reason() -> None:
    scenario = plain_scenario(60, 10, calls=0, join_over_s=0, desks="none")
    fields = Stage(lost_share=0.01).run(scenario)
    assert not fields["passed"]
    assert fields["delivered_ratio"] == pytest.approx(0.99, abs=1e-3)
    assert ["99%" in reason["vi"] and "99.9%" in reason["en"] for reason in fields["reasons"]] == [True]
    fields = Stage(bad=2).run(scenario)
    assert [reason["en"] for reason in fields["reasons"]] == ["2 checked packets were not what was sent (changed: 2)."]
    victims = frozenset(point.code for point in DIRECTORY.points if point.code.startswith("p2c1"))
    fields = Stage(unwelcome=victims).run(scenario)
    failed = fields["points"] - fields["joined"]
    assert failed > 0
    assert fields["failures"] == {"refused": failed}
    assert "403 for p2c1" in fields["failure_examples"]["refused"]
    assert [reason["vi"] for reason in fields["reasons"]] == [
        f"Chỉ {60 - failed} trong 60 điểm cầu vào được (refused: {failed})."
    ]


def test_who_never_gets_in_does_not_hold_the_others_for_ever() -> None:
    scenario = plain_scenario(124, 10, calls=0, join_over_s=0, desks="none")
    fields = Stage(stuck=frozenset({"p0", "p1"})).run(scenario)
    assert fields["joined"] == 122
    assert fields["failures"] == {"time": 2}
    assert fields["delivered_ratio"] == pytest.approx(1, abs=1e-3)
    join = next(phase for phase in fields["phases"] if phase["name"] == "join")
    assert join["seconds"] == pytest.approx(60 + 0.05 * 124)


def test_nobody_joined() -> None:
    everybody = frozenset(point.code for point in DIRECTORY.points)
    fields = Stage(unwelcome=everybody).run(plain_scenario(20, 10, calls=2, join_over_s=0, desks="called"))
    assert fields["joined"] == 0
    assert not fields["passed"]
    assert fields["delivered_ratio"] is None
    assert fields["join_seconds"] is None
    assert not [name for name, value in fields.items() if value is None and name not in fields["notes"]]


@pytest.mark.parametrize("after_s", [0.01, 3.0, 25.0])
def test_it_can_be_stopped_at_any_time(after_s: float) -> None:
    stage = Stage()
    fields = stage.run(plain_scenario(60, 30, calls=5, join_over_s=2, desks="all", idle_s=5), stop_after_s=after_s)
    assert fields["is_interrupted"]
    assert "Đã dừng" in fields["reasons"][0]["vi"]
    assert stage.media.closed
    assert stage.media.joined == set()
    assert stage.desks.live == 0
    assert stage.media.center_since is None
    assert not stage.media.sending
    if after_s == 25.0:  # in the middle of the meeting: what was measured until then is there
        assert fields["delivered_ratio"] == pytest.approx(1, abs=1e-3)
        assert fields["window_seconds"] < 20


def test_a_service_that_was_replaced_meanwhile_has_no_figures_but_reasons() -> None:
    def replace(stage: Stage) -> None:
        stage.meter.life += 1
        stage.meter.cpu_s = dict.fromkeys(stage.meter.cpu_s, 0.1)

    stage = Stage()
    fields = stage.run(plain_scenario(20, 10, calls=0, join_over_s=0, desks="none", idle_s=5), during=replace)
    assert fields["server_cpu_us_per_packet"] is None
    assert "replaced" in fields["notes"]["server_cpu_us_per_packet"]["en"]
    assert fields["server_cpu_ms_per_join"] is not None
    assert fields["server_rss_kib_per_point"] is None
    assert fields["passed"], "it is no fault of delivery"


def test_lines_that_nobody_cut_come_back_and_are_a_reason() -> None:
    def cut(stage: Stage) -> None:
        for code in sorted(stage.media.joined)[:3]:
            stage.media.drop(code)
            assert stage.media.on_lost is not None
            stage.media.on_lost(code, "closed")

    stage = Stage()
    fields = stage.run(plain_scenario(60, 10, calls=0, join_over_s=0, desks="none", idle_s=5), during=cut)
    assert fields["lines_lost"] == {"closed": 3}
    assert fields["came_back"] == 3
    assert fields["fallen"] == 0
    assert not fields["passed"]
    assert "(closed: 3)" in fields["reasons"][0]["en"]
    assert stage.media.joined == set()


def test_what_a_join_costs_alone() -> None:
    """With a service that uses 0.1 core by itself and 1 ms a second for each point, spread over 20 s."""
    stage = Stage(base_cores=0.1, point_cores=0.001)
    fields = stage.run(plain_scenario(60, 10, calls=0, join_over_s=20, desks="none", idle_s=5))
    assert fields["server_base_cpu_percent"] == pytest.approx(10, rel=0.01)
    assert fields["server_idle_cpu_percent_per_1000"] == pytest.approx(100, rel=0.02)
    assert fields["server_cpu_ms_per_join"] == pytest.approx(1000 * (JOIN_CPU_S + 0.1 * 20 / 60 + 0.001 * 10), rel=0.05)
    assert fields["server_cpu_ms_per_join_alone"] == pytest.approx(1000 * JOIN_CPU_S, abs=0.3)


def test_a_center_that_sends_from_the_start() -> None:
    scenario = plain_scenario(60, 5, calls=0, join_over_s=5, desks="none", center_from="start")
    stage = Stage()
    fields = stage.run(scenario)
    assert stage.times("center")[0] < min(stage.times("join"))
    assert len(stage.times("center")) == 1
    assert fields["keyframe_requests_while_joining"] == 3
    assert "center" in fields["notes"]["server_cpu_ms_per_join"]["en"]
    assert "idle" not in [phase["name"] for phase in fields["phases"]]
