"""Payloads whose every byte is known."""

import pytest

from rehearsal.pattern import LEAST_BYTES, Block, ChangedError, Kind, read, write
from sfu.wire.vp8 import is_keyframe_start, keyframe_size

VIDEO = [
    Block(0, 0, 123_456_789, 0, 90_000, 0, 20, True),
    Block(0, 1, 123_456_790, 0, 90_000, 1, 20, True),
    Block(7, 2**40, 2**62, 2**31, 2**32 - 1, 0, 5, False),
    Block(2**32 - 1, 13, 1, 2, 3, 4, 5, False),
]
CASES: list[tuple[Kind, Block, int]] = [("video", block, 1168) for block in VIDEO]
CASES += [("audio", VIDEO[2], 160), ("video", VIDEO[0], LEAST_BYTES), ("audio", VIDEO[3], LEAST_BYTES)]


@pytest.mark.parametrize(("kind", "block", "size"), CASES)
def test_what_is_written_is_read(kind: Kind, block: Block, size: int) -> None:
    payload = write(kind, block, size)
    assert len(payload) == size
    assert read(kind, payload) == block


@pytest.mark.parametrize(("kind", "block", "size"), CASES)
def test_no_byte_can_change_unseen(kind: Kind, block: Block, size: int) -> None:
    payload = write(kind, block, size)
    for place in range(size):
        for bit in (0x01, 0x10, 0x80):
            changed = bytearray(payload)
            changed[place] ^= bit
            with pytest.raises(ChangedError):
                read(kind, bytes(changed))


@pytest.mark.parametrize("payload", [b"", b"\x10", bytes(1168), b"\x10" * 1168, bytes(2000)])
def test_what_nobody_wrote(payload: bytes) -> None:
    with pytest.raises(ChangedError):
        read("video", payload)


def test_numbers_differ_and_so_do_payloads() -> None:
    payloads = {write("audio", Block(0, number, 0, number, 0, 0, 1, False), 160)[60:] for number in range(500)}
    assert len(payloads) == 500


def test_the_service_takes_the_frames_for_what_they_are() -> None:
    first, second, delta, later = (write("video", block, 1168) for block in VIDEO)
    assert [is_keyframe_start(payload) for payload in (first, second, delta, later)] == [True, False, False, False]
    assert keyframe_size(first) == (1280, 720)
