"""Roll calls: the tables, the counters, and what a scope may see of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError, IllegalMove
from bridge.rollcall import (
    PRESENCE_TABLE,
    ROLL_CALL_TABLE,
    AbsenceCause,
    Presence,
    PresenceInput,
    RollCall,
    RollCallState,
    outermost,
    points_asked,
    shown_units,
)
from tests.bridge.scene import FAR, OTHER, START, WARD, small_directory

DIRECTORY = small_directory()
LAN = ("Lan", "Chủ tịch")


def running(*live: str, units: tuple[str, ...] = ("VN",)) -> RollCall:
    roll_call = RollCall("r1", "center", units, START, START + 60_000)
    roll_call.ask(points_asked(DIRECTORY, units), live, DIRECTORY)
    return roll_call


def numbers(roll_call: RollCall, unit: str) -> tuple[int, int, int, int, int]:
    tally = roll_call.tallies[unit]
    return tally.asked, tally.present, tally.late, tally.silent, tally.unreached


def test_every_state_is_in_its_table() -> None:
    assert set(ROLL_CALL_TABLE) == set(RollCallState)
    assert set(PRESENCE_TABLE) == set(Presence)
    assert {target for moves in PRESENCE_TABLE.values() for target in moves.values()} == set(Presence) - {Presence.WAITING}
    assert not PRESENCE_TABLE[Presence.PRESENT]
    assert not PRESENCE_TABLE[Presence.LATE]
    assert PresenceInput.MISS not in PRESENCE_TABLE[Presence.ABSENT]


def test_in_time_late_and_absent() -> None:
    roll_call = running(WARD, OTHER)
    assert roll_call.presence(WARD) is Presence.WAITING
    assert roll_call.cause(WARD) is None
    roll_call.confirm(WARD, START + 5, *LAN, DIRECTORY)
    roll_call.close(START + 60_000, "clock")
    assert roll_call.presence(WARD) is Presence.PRESENT
    assert (roll_call.presence(OTHER), roll_call.cause(OTHER)) == (Presence.ABSENT, AbsenceCause.NO_ANSWER)
    assert (roll_call.presence(FAR), roll_call.cause(FAR)) == (Presence.ABSENT, AbsenceCause.OFFLINE)
    roll_call.confirm(FAR, START + 90_000, *LAN, DIRECTORY)
    assert (roll_call.presence(FAR), roll_call.cause(FAR)) == (Presence.LATE, None)
    assert roll_call.presence("stranger") is None
    assert roll_call.cause("stranger") is None


def test_counters_of_every_unit_above() -> None:
    roll_call = running(WARD, FAR)
    assert numbers(roll_call, "VN") == (7, 0, 0, 2, 5)
    assert numbers(roll_call, "773") == (3, 0, 0, 1, 2)
    roll_call.confirm(WARD, START, *LAN, DIRECTORY)
    assert numbers(roll_call, "773") == (3, 1, 0, 0, 2)
    roll_call.reach(OTHER, DIRECTORY)
    roll_call.reach(OTHER, DIRECTORY)
    assert numbers(roll_call, "773") == (3, 1, 0, 1, 1)
    roll_call.close(START + 1, "center")
    roll_call.reach("773", DIRECTORY)
    assert numbers(roll_call, "773") == (3, 1, 0, 1, 1), "who comes after the end was not there"
    roll_call.confirm(OTHER, START + 2, *LAN, DIRECTORY)
    roll_call.confirm("773", START + 2, *LAN, DIRECTORY)
    assert numbers(roll_call, "773") == (3, 1, 2, 0, 0)
    assert numbers(roll_call, "80") == (3, 0, 0, 1, 2)


def test_a_second_confirmation_is_no_move() -> None:
    roll_call = running(WARD)
    roll_call.confirm(WARD, START, *LAN, DIRECTORY)
    before = roll_call.to_plain()
    with pytest.raises(IllegalMove):
        roll_call.confirm(WARD, START, "Another", "", DIRECTORY)
    with pytest.raises(BridgeError) as refused:
        roll_call.confirm("stranger", START, *LAN, DIRECTORY)
    assert refused.value.code == "corrupt_record"
    assert roll_call.to_plain() == before


def test_a_roll_call_closes_once() -> None:
    roll_call = running()
    roll_call.close(START, "center")
    with pytest.raises(IllegalMove):
        roll_call.close(START + 1, "center")
    assert roll_call.closed_at == START


def test_points_that_the_directory_has_no_longer_still_count() -> None:
    roll_call = running()
    roll_call.ask(("gone",), (), DIRECTORY)
    roll_call.confirm("gone", START, *LAN, DIRECTORY)
    assert (roll_call.total.asked, roll_call.total.present) == (8, 1)
    assert numbers(roll_call, "VN")[:2] == (7, 0)


def test_points_asked() -> None:
    assert points_asked(DIRECTORY, ("773", WARD, "773")) == ("773", WARD, OTHER)
    assert points_asked(DIRECTORY, ()) == ()
    with pytest.raises(BridgeError):
        points_asked(DIRECTORY, ("99",))


@pytest.mark.parametrize(
    ("asked", "scope", "shown"),
    [
        (("VN",), ("VN",), ("VN",)),
        (("VN",), ("773",), ("773",)),
        (("773",), ("VN",), ("773",)),
        (("773", "80"), ("79",), ("773",)),
        (("79",), ("80",), ()),
        (("VN",), ("79", "773"), ("79",)),
        (("79", "80"), ("VN", "79"), ("79", "80")),
        (("VN",), ("99",), ()),
        (("99",), ("VN",), ()),
    ],
)
def test_what_a_scope_sees(asked: tuple[str, ...], scope: tuple[str, ...], shown: tuple[str, ...]) -> None:
    assert shown_units(DIRECTORY, asked, scope) == shown


def test_outermost() -> None:
    assert outermost(DIRECTORY, (WARD, "773", "80", "80", "99")) == ("773", "80")


steps = st.lists(
    st.tuples(st.sampled_from(["reach", "confirm", "close"]), st.sampled_from([p.code for p in DIRECTORY.points])), max_size=30
)


@given(steps)
def test_the_counters_are_the_sum_of_the_points(moves: list[tuple[str, str]]) -> None:
    roll_call = running(WARD)
    for what, point in moves:
        if what == "reach":
            roll_call.reach(point, DIRECTORY)
        elif what == "confirm" and point not in roll_call.confirmed:
            roll_call.confirm(point, START, "x", "", DIRECTORY)
        elif what == "close" and point == WARD and roll_call.is_asking:
            roll_call.close(START, "center")
    for unit in DIRECTORY.units:
        codes = [DIRECTORY.points[place].code for place in DIRECTORY.points_within(unit.code)]
        states = [roll_call.presence(code) for code in codes]
        silent = sum(code in roll_call.reached and code not in roll_call.confirmed for code in codes)
        expected = (len(codes), states.count(Presence.PRESENT), states.count(Presence.LATE), silent)
        assert numbers(roll_call, unit.code)[:4] == expected
    assert roll_call.total == roll_call.tallies["VN"]
