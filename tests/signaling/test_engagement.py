"""Calls of several levels for one point: in the end exactly one has it, and everything is given back."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import commands
from bridge.bridge import Bridge
from bridge.errors import BridgeError
from bridge.machine import CallState, Cause
from bridge.points import PointState
from signaling.engagement import holder_of, repairs
from tests.signaling.world import OTHER_WARD, WARD, directory

DIRECTORY = directory()
POINTS = (WARD, OTHER_WARD)


def session(name: str, kind: str, unit: str) -> Bridge:
    bridge = Bridge(name, DIRECTORY)
    bridge.handle(commands.PrepareSession(f"Phiên {name}", kind, (unit,), unit, "x"), 1)
    bridge.handle(commands.OpenSession("", "x"), 2)
    for point in POINTS:
        bridge.handle(commands.PointArrived(point), 3)
    return bridge


class Country:
    """The standing line, a city's meeting and a district's line over the same two wards."""

    def __init__(self) -> None:
        self.sessions = [session("main", "standing", "VN"), session("s1", "meeting", "79"), session("line-773", "line", "773")]
        self.now = 10

    def place(self, number: int, point: str, level: int) -> None:
        self.sessions[number].handle(commands.PlaceCall(point, "center", level), self.now)

    def end(self, number: int, point: str) -> None:
        call = self.sessions[number].active_call(point)
        if call is not None:
            self.sessions[number].handle(commands.CancelCall(call.id, "center"), self.now)

    def carry_out(self, wanted: Sequence[tuple[str, Any]]) -> None:
        by_name = {each.session_id: each for each in self.sessions}
        for name, command in wanted:
            by_name[name].handle(command, self.now)

    def rest(self) -> int:
        """Repair until nothing is to be done; how many rounds that took."""
        for rounds in range(10):
            wanted = [each for point in POINTS for each in repairs(point, self.sessions)]
            if not wanted:
                return rounds
            self.carry_out(wanted)
        raise AssertionError("it does not come to rest")

    def calls(self, point: str) -> list[tuple[int, int, str]]:
        found = ((each, each.active_call(point)) for each in self.sessions)
        return [(call.level, call.placed_at, bridge.session_id) for bridge, call in found if call is not None]


def test_a_higher_call_takes_the_point_and_gives_it_back() -> None:
    country = Country()
    country.place(1, WARD, 1)
    country.rest()
    main, city, line = country.sessions
    assert line.point_state(WARD) is PointState.ENGAGED
    assert main.point_state(WARD) is PointState.ENGAGED
    country.place(0, WARD, 0)
    country.rest()
    failed = city.calls["s1-c1"]
    assert (failed.state, failed.cause) == (CallState.FAILED, Cause.ENGAGED_ABOVE)
    assert city.state.record(WARD).engaged_in == "main"
    assert main.active_call(WARD) is not None
    country.end(0, WARD)
    country.rest()
    assert [each.state.record(WARD).engaged_in for each in country.sessions] == [None, None, None]
    country.place(1, WARD, 1)
    assert city.active_call(WARD) is not None


def test_a_lower_call_is_refused_as_long_as_the_higher_has_the_point() -> None:
    country = Country()
    country.place(1, WARD, 1)
    country.rest()
    country.place(2, WARD, 2)
    assert country.sessions[2].calls["line-773-c1"].cause is Cause.ENGAGED_ABOVE
    country.place(2, OTHER_WARD, 2)
    assert country.sessions[2].active_call(OTHER_WARD) is not None


def test_of_equals_that_crossed_each_other_the_earlier_stays() -> None:
    country = Country()
    country.place(0, WARD, 1)
    country.now += 5
    country.place(1, WARD, 1)
    assert len(country.calls(WARD)) == 2
    country.rest()
    assert country.calls(WARD) == [(1, 10, "main")]


def test_another_call_of_the_same_session_at_another_level_is_told() -> None:
    country = Country()
    country.place(0, WARD, 1)
    country.rest()
    country.end(0, WARD)
    country.place(0, WARD, 0)
    country.rest()
    assert country.sessions[1].state.record(WARD).engaged_level == 0


steps = st.lists(
    st.one_of(
        st.tuples(st.just("place"), st.integers(0, 2), st.sampled_from(POINTS), st.integers(0, 3)),
        st.tuples(st.just("end"), st.integers(0, 2), st.sampled_from(POINTS)),
        st.tuples(st.just("wait"), st.integers(1, 40_000)),
        st.tuples(st.just("repair"), st.integers(0, 5)),
        st.tuples(st.just("rest")),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_at_rest_nobody_is_in_two_calls_and_the_highest_has_the_point(programme: list[tuple[Any, ...]]) -> None:
    """Commands arrive one by one, in any order and late; whatever was lost is found again."""
    country = Country()
    for step in programme:
        do(country, step)
    for number in range(3):
        for point in POINTS:
            country.end(number, point)
    country.rest()
    for each in country.sessions:
        assert all(record.engaged_in is None for record in each.state.records.values())


def do(country: Country, step: tuple[Any, ...]) -> None:
    before = {point: country.calls(point) for point in POINTS}
    match step:
        case ("place", number, point, level):
            with contextlib.suppress(BridgeError):  # busy with one that goes before, or all monitors are taken
                country.place(number, point, level)
        case ("end", number, point):
            country.end(number, point)
        case ("wait", ms):
            country.now += ms
            for each in country.sessions:
                each.handle_timeout(country.now)
        case ("repair", number):
            wanted = [each for point in POINTS for each in repairs(point, country.sessions)]
            country.carry_out(wanted[number : number + 1])
            for point in POINTS:
                assert min(before[point], default=None) == min(country.calls(point), default=None), "who has the point keeps it"
        case _:
            country.rest()
            for point in POINTS:
                check(country, point, before[point])


def check(country: Country, point: str, before: list[tuple[int, int, str]]) -> None:
    assert country.calls(point) == ([min(before)] if before else [])
    found = holder_of(point, country.sessions)
    for each in country.sessions:
        engaged = each.state.record(point).engaged_in
        if found is None or each is found[0]:
            assert engaged is None
        elif each.session_id == "main" or each.session.level >= found[1].level:
            assert engaged == found[0].session_id
        else:
            assert engaged is None
