"""When a missing packet is asked for, how often, and when it is given up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.losses import FIRST_DELAY_S, MISSING_MAX, NAMED_MAX, RETRIES, RETRY_S, LossRepair


def test_a_gap_is_asked_for_after_five_milliseconds() -> None:
    losses = LossRepair()
    assert losses.receive(10, 1.0)
    assert losses.next_timeout() is None
    assert losses.receive(13, 1.0)
    assert losses.next_timeout() == 1.0 + FIRST_DELAY_S == 1.005
    assert losses.requests(1.004) == ([], 0)
    assert losses.requests(1.005) == ([11, 12], 0)
    assert losses.requests(1.006) == ([], 0)


def test_a_reordered_packet_is_never_asked_for() -> None:
    losses = LossRepair()
    for index in (1, 3, 2):
        losses.receive(index, 0.0)
    assert losses.next_timeout() is None
    assert losses.requests(1.0) == ([], 0)


def test_it_is_asked_for_eight_times_and_given_up() -> None:
    losses = LossRepair()
    losses.receive(1, 0.0)
    losses.receive(3, 0.0)
    asked, now = 0, 0.0
    while (due := losses.next_timeout()) is not None:
        assert due > now or asked == 0
        now = due
        named, lost = losses.requests(now)
        asked += len(named)
    assert (asked, lost, losses.given_up) == (RETRIES, 1, 1)
    assert abs(now - (FIRST_DELAY_S + RETRIES * RETRY_S)) < 1e-9
    assert losses.receive(2, now)  # too late, and no harm


def test_a_gap_too_large_is_not_repaired_packet_by_packet() -> None:
    losses = LossRepair()
    losses.receive(0, 0.0)
    assert losses.receive(MISSING_MAX + 1, 0.0)
    assert not losses.receive(MISSING_MAX + 3, 0.0)
    assert losses.given_up == MISSING_MAX + 1
    assert losses.next_timeout() is None
    assert losses.requests(9.0) == ([], 0)


def test_one_call_names_no_more_than_a_datagram_holds() -> None:
    losses = LossRepair()
    for index in range(0, 2 * MISSING_MAX, 2):  # every other packet
        losses.receive(index, 0.0)
    first, _ = losses.requests(1.0)
    assert len(first) == NAMED_MAX
    due = losses.next_timeout()
    assert due is not None
    assert due <= 1.0
    second, _ = losses.requests(1.0)
    assert len(first) + len(second) == MISSING_MAX - 1
    assert not set(first) & set(second)
    assert [*first, *second] == sorted({*first, *second})


@settings(deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=80))
def test_its_timer_never_spins_and_it_asks_only_for_what_did_not_come(indices: list[int]) -> None:
    losses = LossRepair()
    now, asked, received = 0.0, set(), set()
    for index in indices:
        now += 0.01
        losses.receive(index, now)
        received.add(index)
        named, _ = losses.requests(now)
        assert not set(named) & received
        asked |= set(named)
    for _ in range(6 * RETRIES):
        due = losses.next_timeout()
        if due is None:
            break
        now = max(now, due)
        named, _ = losses.requests(now)
        asked |= set(named)
        later = losses.next_timeout()
        assert later is None or later > now or len(named) == NAMED_MAX
    assert losses.next_timeout() is None
    assert asked <= set(range(min(indices), max(indices)))
