"""The grid of sound: without a hole, nothing twice, each voice at its time."""

from __future__ import annotations

import random

import pytest

from recorder import opus
from recorder.opus import OpusPacket
from recorder.voices import Voice, Voices


def packet(number: int, config: int = 31, frames: int = 1) -> OpusPacket:
    return OpusPacket(config, is_stereo=False, frames=tuple(f"{number}.{place}".encode() for place in range(frames)))


def heard(voice: Voice, slots: int) -> list[str | None]:
    taken = (voice.take(slot) for slot in range(slots))
    return [None if each is opus.SILENT else b"+".join(each.frames).decode() for each in taken]


def test_in_its_place_whatever_the_order() -> None:
    dice = random.Random(3)
    voice, order = Voice(), list(range(50))
    for place in range(0, 49, 2):
        if dice.random() < 0.5:
            order[place], order[place + 1] = order[place + 1], order[place]
    for number in order:
        voice.add(1, 7_000 + number * 960, number * 0.02 + dice.uniform(-0.008, 0.008), packet(number))
    assert heard(voice, 50) == [f"{number}.0" for number in range(50)]


def test_a_lost_packet_is_a_silence_and_what_follows_keeps_its_time() -> None:
    voice = Voice()
    for number in (0, 1, 2, 5, 6):
        voice.add(1, number * 960, number * 0.02, packet(number))
    assert heard(voice, 7) == ["0.0", "1.0", "2.0", None, None, "5.0", "6.0"]


def test_drift_is_made_up_for_by_one_slot_at_a_time() -> None:
    voice = Voice()
    for number in range(1_000):  # its clock is 0.5 % slow: five slots in a thousand
        voice.add(1, number * 960, number * 0.0201, packet(number))
    slots = heard(voice, 1_005)
    numbers = [int(each.split(".")[0]) for each in slots if each is not None]
    assert numbers == list(range(1_000)), "nothing is lost"
    assert sum(each is None for each in slots) == 5
    for slot, each in enumerate(slots):
        if each is not None:
            assert abs(slot * 0.02 - int(each.split(".")[0]) * 0.0201) <= 0.031


def test_another_source_goes_on_at_its_own_time() -> None:
    voice = Voice()
    voice.add(1, 0, 0.0, packet(0))
    voice.add(2, 99_999, 0.1, packet(1))
    assert heard(voice, 6) == ["0.0", None, None, None, None, "1.0"]


def test_long_packets_are_divided_and_short_ones_put_together() -> None:
    voice = Voice()
    voice.add(1, 0, 0.0, packet(0, frames=3))
    voice.add(2, 0, 0.06, packet(1, config=30))
    voice.add(2, 480, 0.07, packet(2, config=30))
    assert heard(voice, 4) == ["0.0", "0.1", "0.2", "1.0+2.0"]


def test_what_would_have_to_be_decoded_is_counted() -> None:
    voice = Voice()
    voice.add(1, 0, 0.0, packet(0, config=3))
    assert voice.undivided == 1
    assert heard(voice, 3) == [None] * 3


def test_what_comes_behind_what_is_written_is_left_out_and_the_far_future_is_not_believed() -> None:
    voice = Voice()
    assert heard(voice, 10) == [None] * 10
    voice.add(1, 0, 0.1, packet(0))
    voice.add(1, 960 * 10**6, 10**6, packet(1))
    assert [voice.take(slot) for slot in range(10, 14)] == [opus.SILENT] * 4


def test_the_track_has_no_hole() -> None:
    voices = Voices()
    first = voices.packets_until(0.1)
    assert [at for at, _ in first] == [0, 20, 40, 60, 80]
    assert {data for _, data in first} == {opus.multistream([opus.SILENT] * opus.VOICES)}
    assert [at for at, _ in voices.packets_until(0.15)] == [100, 120]
    assert voices.packets_until(0.15) == []
    assert voices.packets_until(0.0) == []


@pytest.mark.parametrize("count", [1, 2, 3])
def test_voices_do_not_mix(count: int) -> None:
    voices = Voices()
    for place in range(count):
        voices.voices[place].add(1, 0, 0.0, packet(place))
    ((_, data),) = voices.packets_until(0.02)
    for place in range(opus.VOICES):
        assert (f"{place}.0".encode() in data) is (place < count)
