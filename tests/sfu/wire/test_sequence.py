from __future__ import annotations

import random

import pytest

from sfu.wire.sequence import Unwrapper


@pytest.mark.parametrize("bits", [16, 32])
def test_grows_over_many_wraps(bits: int) -> None:
    unwrapper, step = Unwrapper(bits), (1 << bits) // 3
    for turn in range(20):
        assert unwrapper.unwrap(turn * step % (1 << bits)) == turn * step


def test_late_packets_do_not_move_the_reference() -> None:
    unwrapper = Unwrapper(16)
    assert [unwrapper.unwrap(value) for value in (65534, 1, 65535, 0, 2)] == [65534, 65537, 65535, 65536, 65538]
    assert unwrapper.highest == 65538


def test_before_the_first_is_negative() -> None:
    unwrapper = Unwrapper(16)
    assert unwrapper.highest is None
    assert [unwrapper.unwrap(value) for value in (0, 65535, 1)] == [0, -1, 1]


def test_half_the_range_counts_as_backwards() -> None:
    unwrapper = Unwrapper(16)
    unwrapper.unwrap(40000)
    assert unwrapper.unwrap((40000 + 0x8000) % 65536) == 40000 - 0x8000
    assert unwrapper.unwrap((40000 + 0x7FFF) % 65536) == 40000 + 0x7FFF


def test_duplicates() -> None:
    unwrapper = Unwrapper(32)
    assert [unwrapper.unwrap(value) for value in (7, 7, 7)] == [7, 7, 7]


def test_any_order_within_half_the_range_gives_back_the_true_counter() -> None:
    source = random.Random(3711)
    true = [100_000 + index for index in range(70_000)]
    for start in range(0, len(true), 50):  # swapped about within 50 packets, as a network does
        window = true[start : start + 50]
        source.shuffle(window)
        true[start : start + 50] = window
    unwrapper = Unwrapper(16)
    offset = true[0] - unwrapper.unwrap(true[0] & 0xFFFF)
    assert all(unwrapper.unwrap(value & 0xFFFF) + offset == value for value in true[1:])
