"""Reports, records, and four bits a point."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError
from bridge.points import PointRecord, PointState, PointStates, Report


def test_a_report_that_says_nothing() -> None:
    assert Report().to_dict() == {"visible": None, "camera": "unknown", "microphone": "unknown", "rtt_ms": None, "device": None}


@pytest.mark.parametrize(
    "fields", [{"camera": "yes"}, {"microphone": ""}, {"rtt_ms": math.nan}, {"rtt_ms": math.inf}, {"rtt_ms": -1.0}]
)
def test_a_report_that_cannot_be(fields: dict[str, object]) -> None:
    with pytest.raises(BridgeError) as refused:
        Report(**fields)  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.fault) == ("bad_report", "remote")


def test_the_device_s_name_is_cut() -> None:
    assert Report(device="x" * 500).device == "x" * 80
    assert Report(device="a\nb").device == "a b"


def test_a_new_round_trip_time_alone_is_no_news() -> None:
    report = Report(visible=True, camera="ok", rtt_ms=10.0)
    assert report.is_like(Report(visible=True, camera="ok", rtt_ms=99.0))
    assert not report.is_like(Report(visible=False, camera="ok", rtt_ms=10.0))
    assert not report.is_like(None)


@pytest.mark.parametrize(
    ("live", "missed", "state"),
    [
        (False, False, PointState.OFFLINE),
        (True, False, PointState.READY),
        (True, True, PointState.MISSED),
        (False, True, PointState.MISSED_OFFLINE),
    ],
)
def test_the_idle_state(live: bool, missed: bool, state: PointState) -> None:
    assert PointRecord(is_live=live, has_missed=missed).idle_state() is state


def test_state_numbers_are_the_protocol_s() -> None:
    assert [state.value for state in PointState] == list(range(11))
    assert [state.name for state in PointState][7:] == ["ON_AIR", "MISSED", "MISSED_OFFLINE", "ENGAGED"]


def test_the_frame_has_the_high_nibble_first() -> None:
    states = PointStates(5)
    states.set(0, PointState.READY)
    states.set(1, PointState.ON_AIR)
    states.set(4, PointState.MISSED)
    assert states.frame() == bytes([0x17, 0x00, 0x80])


def test_changes_are_the_latest_and_told_once() -> None:
    states = PointStates(3)
    states.set(2, PointState.READY)
    states.set(2, PointState.RINGING)
    states.set(1, PointState.OFFLINE)
    assert states.drain_changes() == [(2, 2)]
    assert states.drain_changes() == []
    assert states.version == 2


def test_pending_changes_are_bounded_by_the_points() -> None:
    states = PointStates(4)
    picks = random.Random(1)
    for _ in range(1000):
        states.set(picks.randrange(4), PointState(picks.randrange(10)))
    assert len(states.drain_changes()) <= 4


@given(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.sampled_from(PointState))))
    )
)
def test_the_frame_is_what_was_set(case: tuple[int, list[tuple[int, PointState]]]) -> None:
    count, sets = case
    states = PointStates(count)
    plain = [PointState.OFFLINE] * count
    for index, state in sets:
        states.set(index, state)
        plain[index] = state
    assert [states[index] for index in range(count)] == plain
    nibbles = [nibble for byte in states.frame() for nibble in (byte >> 4, byte & 15)]
    assert nibbles[:count] == plain
    assert not any(nibbles[count:])
    assert len(states.frame()) == (count + 1) // 2
