"""A leg's numbers go on over every switch, and each stands for one packet for ever."""

import pytest

from sfu.ids import Address
from sfu.legs import STRETCH_KEPT_S, STRETCHES_MAX, TIMESTAMP_STEP_MAX, Leg
from sfu.packets import WireProfile
from sfu.source import Source
from tests.sfu.kit import ListOutlet, frame, leg, packet, source


def forward(from_source: Source, index: int, timestamp: int, now: float, count: int = 1) -> None:
    for i in range(count):
        from_source.follow((packet(index + i, timestamp),), now)


def test_the_first_packet_follows_the_random_start() -> None:
    one, feed = leg(first_sequence=100, first_timestamp=5000), source()
    one.attach(feed, 70_000, 123, 1.0)
    assert 70_000 + one.sequence_delta == 101
    assert 123 + one.timestamp_delta == 5000
    assert one.first_index == 70_000


def test_a_switch_continues_sequence_and_time() -> None:
    one, first, second = leg(first_sequence=100), source(), source()
    one.attach(first, 10, 1000, 1.0)
    forward(first, 10, 1000, 1.0, 5)
    end = 14 + one.sequence_delta
    time = 1000 + one.timestamp_delta
    one.attach(second, 900, 777_777, 1.5)
    assert 900 + one.sequence_delta == end + 1
    assert 777_777 + one.timestamp_delta == time + 45_000  # half a second at 90 kHz


def test_time_goes_on_by_one_at_least_and_by_less_than_what_reads_as_backwards() -> None:
    one, first, second = leg(first_timestamp=0), source(), source()
    one.attach(first, 1, 0, 1.0)
    forward(first, 1, 0, 1.0)
    one.attach(second, 1, 0, 1.0)
    assert one.timestamp_delta == 1
    forward(second, 1, 0, 1.0)
    one.attach(first, 9, 0, 100_000.0)  # more than a day of silence
    assert one.timestamp_delta == 1 + TIMESTAMP_STEP_MAX


def test_a_source_that_sent_nothing_uses_no_number() -> None:
    one, first, second = leg(first_sequence=100), source(), source()
    one.attach(first, 10, 0, 1.0)
    one.attach(second, 50, 0, 1.0)
    assert 50 + one.sequence_delta == 101


def test_what_lies_before_the_present_source_is_former_across_the_wrap_too() -> None:
    one, first, second = leg(first_sequence=0x7FFE), source(), source()
    assert not one.is_former(0)
    one.attach(first, 10, 0, 1.0)
    assert [one.is_former(number) for number in (0x7FFE, 0x7FFF, 0x8000)] == [True, False, False]
    forward(first, 10, 0, 1.0, 0x8001)  # up to 0xFFFF
    one.attach(second, 500, 0, 1.1)
    assert [one.is_former(number & 0xFFFF) for number in (0xFFFE, 0xFFFF, 0x10000, 0x10001)] == [True, True, False, False]
    forward(second, 500, 0, 1.1)
    one.detach(1.2)
    assert [one.is_former(number) for number in (0, 1)] == [True, False]


def test_a_nack_finds_the_packet_of_the_stretch_it_was_sent_in() -> None:
    one, first, second = leg(first_sequence=100), source(), source()
    one.attach(first, 10, 0, 1.0)
    forward(first, 10, 0, 1.0, 3)  # 101, 102, 103
    one.attach(second, 500, 0, 1.1)
    forward(second, 500, 0, 1.1, 2)  # 104, 105
    forward(first, 13, 0, 1.2)  # no longer this leg's
    found = {sequence: one.find(sequence) for sequence in range(100, 108)}
    assert {s: None if f is None else (f[1].source is first, f[0].index) for s, f in found.items()} == {
        100: None,
        101: (True, 10),
        102: (True, 11),
        103: (True, 12),
        104: (False, 500),
        105: (False, 501),
        106: None,
        107: None,
    }


def test_a_nack_is_found_across_the_wrap() -> None:
    one, feed = leg(first_sequence=0x7FFF), source()
    one.attach(feed, 10, 0, 1.0)
    forward(feed, 10, 0, 1.0)
    forward(feed, 10 + 0x8000, 0, 1.0, 5)
    index = 12 + 0x8000 + one.sequence_delta
    assert index > 0xFFFF
    found = one.find(index & 0xFFFF)
    assert found is not None
    assert found[0].index == 12 + 0x8000


def test_former_sources_are_let_go() -> None:
    """A stretch holds a source, and a source a history of up to 2.4 MiB."""
    one, sources = leg(), [source() for _ in range(STRETCHES_MAX + 3)]
    for at, feed in enumerate(sources):
        one.attach(feed, 1, 0, 1.0 + at / 10)
        forward(feed, 1, 0, 1.0 + at / 10)
    assert len(one.stretches) == STRETCHES_MAX
    one.forget(2.0 + STRETCH_KEPT_S)
    assert [stretch.source for stretch in one.stretches] == [sources[-1]]
    one.detach(20.0)
    one.forget(20.0 + STRETCH_KEPT_S)
    assert not one.stretches
    assert one.find(101) is None


def test_what_was_sent_is_counted_over_switches() -> None:
    one, first, second = leg(), source(), source()
    forward(first, 1, 0, 0.5, 9)  # before this leg
    one.attach(first, 10, 0, 1.0)
    first.follow(frame(10, 0, 3), 1.0)
    octets = sum(len(p.payload) for p in frame(10, 0, 3))
    assert one.sent() == (3, octets)
    one.attach(second, 5, 0, 1.0)
    forward(first, 13, 0, 1.0)
    assert one.sent() == (3, octets)
    one.detach(1.1)
    assert one.sent() == (3, octets)


def test_a_leg_seals_only_once_it_is_open_and_not_when_closed() -> None:
    one, feed = leg(suite=None), source()
    assert not one.is_open
    one.attach(feed, 1, 0, 1.0)
    assert one.profile is not None
    with pytest.raises(RuntimeError, match="keys"):
        one.seal(one.profile.body(packet(1)), 0, 0)
    two = leg()
    assert two.is_open
    two.close()
    assert not two.is_open


class Told:
    """A handle that notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def route(self, sequence_delta: int, timestamp_delta: int, profile: WireProfile) -> None:
        self.heard.append((sequence_delta, timestamp_delta, profile))

    def move(self, address: Address | None) -> None:
        self.heard.append(address)

    def close(self) -> None:
        self.heard.append("closed")


def test_what_changes_is_told_to_the_native_handle_which_goes_with_the_keys() -> None:
    one, feed, told = leg(), source(), Told()
    one.handle = told
    one.attach(feed, 10, 5, 1.0)
    one.address = ("192.0.2.7", 7)
    one.address = None
    assert told.heard == [(one.sequence_delta, one.timestamp_delta, one.profile), ("192.0.2.7", 7), None]
    one.close()
    assert told.heard[3:] == ["closed"]
    assert one.handle is None


def test_another_outlet_takes_the_leg_from_the_native_fan_out() -> None:
    one, feed, told, outlet = leg(), source(), Told(), ListOutlet()
    changes = Leg.outlet_changes
    one.handle = told
    one.outlet = outlet
    assert told.heard == ["closed"]
    assert one.handle is None
    assert Leg.outlet_changes == changes
    one.attach(feed, 10, 5, 1.0)
    one.outlet = outlet
    assert Leg.outlet_changes == changes
    one.outlet = None
    assert Leg.outlet_changes == changes + 1
    one.outlet = outlet
    one.close()
    assert one.outlet is None
