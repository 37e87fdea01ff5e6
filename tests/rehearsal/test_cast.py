"""Who is chosen: groups, shares, calls, falls; and that live points are left alone, with the session over nobody of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.units import Directory, Unit, one_point_each
from rehearsal.cast import MAX_UNITS, Cast, make_cast, units_over
from rehearsal.scenario import ScenarioError, make_scenario

UNITS = [Unit("VN", "Việt Nam")]
for province in range(4):
    UNITS.append(Unit(f"{province}", f"Tỉnh {province}", "VN", "province"))
    for district in range(3):
        UNITS.append(Unit(f"{province}{district}", f"Huyện {district}", f"{province}", "district"))
        UNITS += [Unit(f"{province}{district}{n}", f"Xã {n}", f"{province}{district}", "commune") for n in range(5)]
DIRECTORY = Directory(UNITS, one_point_each(UNITS))
CODES = [point.code for point in DIRECTORY.points]


def cast_of(*groups: dict[str, Any], left_alone: tuple[str, ...] = (), **top: Any) -> Cast:
    return make_cast(make_scenario({"groups": list(groups), **top}), DIRECTORY, left_alone)


def test_groups_take_what_is_there_one_after_the_other() -> None:
    cast = cast_of(
        {"name": "few", "units": ["0"], "kinds": ["commune"], "count": 3},
        {"name": "half", "units": ["0"], "kinds": ["commune"], "share": 0.5},
        {"name": "rest", "units": ["0", "1"]},
    )
    groups = {name: [code for code, role in cast.roles.items() if role.group == name] for name in ("few", "half", "rest")}
    assert groups["few"] == ["000", "010", "020"], "spread over the province"
    assert len(groups["half"]) == 6
    assert len(groups["rest"]) == 2 * 19 - 9
    assert list(cast.roles) == sorted(cast.roles, key=CODES.index)
    assert all(code.startswith(("0", "1")) for code in cast.roles)


def test_the_same_seed_is_the_same_rehearsal() -> None:
    def cast(seed: int) -> Cast:
        group = {"name": "a", "drops": [{"at_s": 3, "share": 0.3}], "roll_call": {"share": 0.5}}
        return cast_of(group, seed=seed, calls=[{"at_s": at, "group": "a"} for at in range(5)])

    assert cast(1) == cast(1)
    assert cast(1) != cast(2)


def test_what_each_does() -> None:
    cast = cast_of(
        {"name": "a", "units": ["0"], "count": 10, "join_over_s": 5, "answer_after_s": [1, 2], "roll_call": {"within_s": 4}},
        {"name": "late", "units": ["1"], "count": 4, "join_at_s": 6, "join_over_s": 2, "roll_call": {"share": 0}},
        {"name": "away", "units": ["2"], "count": 2, "ring": "offline"},
        {"name": "falls", "units": ["3"], "drops": [{"at_s": 9, "count": 3, "back_after_s": 1}, {"at_s": 2, "share": 1}]},
    )
    first = [role for role in cast.roles.values() if role.group == "a"]
    assert [role.join_at_s for role in first] == [place / 2 for place in range(10)]
    assert all(1 <= role.answer_after_s <= 2 and role.present_after_s is not None for role in first)
    late = [role for role in cast.roles.values() if role.group == "late"]
    assert [role.join_at_s for role in late] == [6, 6.5, 7, 7.5]
    assert all(role.is_late and role.present_after_s is None for role in late)
    assert len(cast.joining) == len(cast.roles) - 2
    falls = [role.falls for role in cast.roles.values() if role.group == "falls"]
    assert all(each[0].at_s == 2 for each in falls)
    assert sum(len(each) == 2 for each in falls) == 3
    assert all(each[1].back_after_s == 1 for each in falls if len(each) == 2)


def test_calls() -> None:
    groups = {"name": "a", "units": ["0"], "count": 3}, {"name": "b", "units": ["1"], "ring": "declines"}
    calls = [{"at_s": 9 - n, "group": "a"} for n in range(6)] + [{"at_s": 1, "point": "100"}]
    cast = cast_of(*groups, calls=calls, desks="called")
    assert [call.at_s for call in cast.calls] == [1, 4, 5, 6, 7, 8, 9]
    assert (cast.calls[0].code, cast.calls[0].ring) == ("100", "declines")
    members = {code for code, role in cast.roles.items() if role.group == "a"}
    assert {call.code for call in cast.calls[1:4]} == {call.code for call in cast.calls[4:]} == members
    assert {code for code, role in cast.roles.items() if role.has_desk} == members | {"100"}
    with pytest.raises(ScenarioError, match="point 300, which no group has"):
        cast_of(*groups, calls=[{"at_s": 1, "point": "300"}])


def test_what_is_not_there() -> None:
    with pytest.raises(ScenarioError, match="has no unit 9"):
        cast_of({"name": "a", "units": ["9"]})
    with pytest.raises(ScenarioError, match=r"'a' wants 20 points, and 19 are there"):
        cast_of({"name": "a", "units": ["0"], "count": 20})
    with pytest.raises(ScenarioError, match=r"wants 1 points, and 0 are there"):
        cast_of({"name": "a", "kinds": ["ministry"]})
    with pytest.raises(ScenarioError, match=r"and 17 are there \(1 of the service's points are live"):
        cast_of({"name": "a", "units": ["0"], "count": 19}, left_alone=("01",))


@settings(max_examples=60, deadline=None)
@given(live=st.sets(st.sampled_from(CODES), max_size=12), count=st.integers(1, 25))
def test_live_points_are_left_alone(live: set[str], count: int) -> None:
    """Whoever is live is neither chosen nor below a unit of the session; whoever is chosen is below one."""
    try:
        cast = cast_of({"name": "a", "count": count}, left_alone=tuple(live))
    except ScenarioError:
        above = {unit for code in live for unit in DIRECTORY.units_above(code)}
        assert len([code for code in CODES if code not in above]) < count
        return
    assert len(cast.roles) == count
    assert not live & cast.roles.keys()
    assert not [code for code in live if DIRECTORY.is_within(code, cast.units)]
    assert all(DIRECTORY.is_within(code, cast.units) for code in cast.roles)


def test_a_session_that_is_there_already_takes_its_own_points_only() -> None:
    scenario = make_scenario({"groups": [{"name": "a"}]})
    cast = make_cast(scenario, DIRECTORY, ("010",), ["01", "2"])
    assert cast.units == ("01", "2")
    assert len(cast.roles) == 6 + 19 - 2, "neither the live one nor the district above it"
    assert all(code.startswith(("01", "2")) for code in cast.roles)
    assert len(make_cast(scenario, DIRECTORY, (), []).roles) == len(CODES), "the standing line is everybody's"


def test_many_points_are_named_by_the_units_above_them() -> None:
    units = [Unit("VN", "VN"), *(Unit(f"p{n}", f"P{n}", "VN") for n in range(3))]
    units += [Unit(f"p{n}c{m}", f"C{m}", f"p{n}") for n in range(3) for m in range(MAX_UNITS)]
    directory = Directory(units, one_point_each(units))
    codes = [point.code for point in directory.points]
    assert units_over(codes[:50], set(), directory) == tuple(codes[:50])
    assert units_over(codes, set(), directory) == ("VN",)
    assert units_over([code for code in codes if not code.startswith("p0")], {"VN", "p0"}, directory) == ("p1", "p2")
    everything = [code for code in codes if "c" in code]
    with pytest.raises(ScenarioError, match="3000 units would have to be named"):
        units_over(everything, {"VN", "p0", "p1", "p2"}, directory)
