"""Opus taken apart and put together: what a decoder hears is what was sent, each voice in its channel."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder import opus
from recorder.matroska import MatroskaFile, Track
from recorder.opus import OpusError, OpusPacket, multistream, parse, slots_of
from tests.harness.webrtc import dominant_hz
from tests.recorder.kit import tone

frames = st.binary(max_size=opus.FRAME_MAX_BYTES)


@st.composite
def packets(draw: st.DrawFn) -> OpusPacket:
    config = draw(st.integers(0, 31))
    probe = OpusPacket(config, is_stereo=False, frames=(b"",))
    most = min(opus.FRAMES_MAX, 5760 // probe.frame_samples)
    return OpusPacket(config, draw(st.booleans()), tuple(draw(st.lists(frames, min_size=1, max_size=most))))


@given(packets())
def test_what_is_put_together_comes_apart_the_same(packet: OpusPacket) -> None:
    assert parse(packet.serialize(is_delimited=False)) == packet


@given(packets(), st.binary(max_size=20))
def test_a_delimited_packet_says_where_it_ends(packet: OpusPacket, after: bytes) -> None:
    """Appendix B: besides one length it is the same packet, so that length taken out gives it back."""
    delimited, plain = packet.serialize(is_delimited=True), packet.serialize(is_delimited=False)
    extra = len(delimited) - len(plain)
    assert extra == (1 if len(packet.frames[-1]) < 252 else 2)
    del after


@given(st.binary(max_size=80))
def test_whatever_comes_one_kind_of_error(data: bytes) -> None:
    try:
        packet = parse(data)
    except OpusError:
        return
    assert packet.samples <= 5760


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01abc",
        b"\x02",
        b"\x02\xff",
        b"\x02\x05ab",
        b"\x03",
        b"\x03\x00",
        b"\x03\x42\xff",
        b"\x03\x02abc",
        b"\x1b\x07aaaaaaa",
    ],
)
def test_what_breaks_the_rules_is_refused(data: bytes) -> None:
    with pytest.raises(OpusError):
        parse(data)


def test_padding_is_left_out() -> None:
    assert parse(b"\xfb\x41\x03abc\0\0\0") == OpusPacket(31, is_stereo=False, frames=(b"abc",))


def test_slots() -> None:
    twenty = OpusPacket(31, is_stereo=False, frames=(b"a", b"b", b"c"))
    assert [slot.frames for slot in slots_of(twenty) or []] == [(b"a",), (b"b",), (b"c",)]
    ten = OpusPacket(30, is_stereo=True, frames=(b"a", b"b", b"c", b"d"))
    assert [slot.frames for slot in slots_of(ten) or []] == [(b"a", b"b"), (b"c", b"d")]
    assert slots_of(OpusPacket(3, is_stereo=False, frames=(b"a",))) is None, "60 ms of SILK are one piece"


@pytest.mark.parametrize("decoder", ["opus", "libopus"])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_every_voice_has_its_channel(decoder: str, layout: str) -> None:
    hz = (500.0, 1300.0, 2100.0)
    file = io.BytesIO()
    matroska = MatroskaFile(file, [Track(1, "audio", "A_OPUS", "x", opus.head(), channels=opus.CHANNELS)], title="", at_ms=0)
    voices = [tone(each, 40, layout) for each in hz]
    for number in range(40):
        packet = multistream(
            [parse(voice[number]) if place != 1 or number < 20 else opus.SILENT for place, voice in enumerate(voices)]
        )
        matroska.write(1, number * 20, packet, is_key=True, lasts_ms=20)
    matroska.finish()
    file.seek(0)
    with av.open(file) as opened:
        stream = opened.streams.audio[0]
        context = av.CodecContext.create(decoder, "r")
        context.extradata, context.sample_rate, context.layout = stream.codec_context.extradata, 48_000, "5.1"
        heard = []
        for frame in (frame for packet in opened.demux(stream) for frame in context.decode(packet)):
            samples = frame.to_ndarray().astype(float)
            samples = samples.reshape(-1, 6).T if samples.shape[0] == 1 else samples
            heard.append(samples if frame.format.name.startswith("s16") else samples * 32_768)
    sound = np.concatenate(heard, axis=1)
    left, right, center, low, rear, other_rear = (dominant_hz(channel[4_800:16_800]) for channel in sound)
    assert [center, left, rear] == [pytest.approx(each, abs=10) for each in hz]
    assert (right, other_rear, low) == (left, rear, 0.0)
    assert dominant_hz(sound[0][26_400:]) == 0.0, "silence where the voice is missing"
    assert dominant_hz(sound[2][26_400:]) == pytest.approx(hz[0], abs=10)
