"""Whatever the bytes: the parsers of media packets return, or raise WireError, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sfu.wire import codecs, extensions, h264, vp8
from sfu.wire.errors import WireError
from sfu.wire.rtcp import Nack, Pli, Remb, RtcpPacket, SenderReport, SourceDescription, parse_compound, serialize_compound
from sfu.wire.rtp import RtpPacket, parse, peek_payload_type_and_ssrc
from tests.data import captures
from tests.fuzz.mutations import mutated, noise

RUNS = 20_000


def rtp_seeds() -> list[bytes]:
    seeds = [*captures.packets("chromium-vp8", "rtp"), *captures.packets("chromium-h264", "rtp")]
    extension_forms: list[RtpPacket] = [
        RtpPacket(True, 96, 1, 2, 3, (4, 5), 0x1003, ((1, b""), (200, b"x" * 40)), b"payload", 4),
        RtpPacket(False, 96, 1, 2, 3, (), 0x1234, ((0, b"rawrawraw123"),), b"payload"),
    ]
    return seeds + [packet.serialize() for packet in extension_forms]


def rtcp_seeds() -> list[bytes]:
    made = serialize_compound(
        [
            SenderReport(1, 2, 3, 4, 5),
            SourceDescription.of_cname(1, "node"),
            Nack(1, 2, tuple(range(0, 100, 7))),
            Pli(1, 2),
            Remb(1, 1_000_000, (2, 3)),
        ]
    )
    return [*captures.packets("chromium-vp8", "rtcp"), *captures.packets("chromium-h264", "rtcp"), made]


def inputs(seeds: list[bytes], seed: int) -> Iterator[bytes]:
    yield from mutated(seeds, RUNS, seed)
    yield from noise(RUNS // 4, 1600, seed)


def test_rtp() -> None:
    read = refused = 0
    for data in inputs(rtp_seeds(), 3550):
        try:
            packet = parse(data)
        except WireError:
            refused += 1
            continue
        read += 1
        again = parse(packet.serialize())  # padding between elements is not kept, everything else is
        assert (again.payload, again.extensions, again.csrcs) == (packet.payload, packet.extensions, packet.csrcs)
        assert len(packet.payload) + packet.padding_bytes <= len(data) - 12
        extensions.rewrite(
            packet.extensions, {identifier: identifier or 255 for identifier, d in packet.extensions if len(d) < 256}
        )
        peek_payload_type_and_ssrc(data)
    assert read > RUNS // 10
    assert refused > RUNS // 10


def named(packet: RtcpPacket) -> object:
    """A NACK may name packets twice and in any order; what counts is which."""
    return (packet.sender_ssrc, packet.media_ssrc, set(packet.lost)) if isinstance(packet, Nack) else packet


def test_rtcp() -> None:
    read = refused = 0
    for data in inputs(rtcp_seeds(), 3551):
        try:
            packets = parse_compound(data)
        except WireError:
            refused += 1
            continue
        read += 1
        assert packets
        if len(data) < 1000:  # what came in disorder may need more pairs than it came with
            assert [named(one) for one in parse_compound(serialize_compound(packets))] == [named(one) for one in packets]
    assert read > RUNS // 50
    assert refused > RUNS // 10


@pytest.mark.parametrize("payload_type", [96, 97, 111])
def test_payloads(payload_type: int) -> None:
    seeds = [packet.payload for packet in map(parse, rtp_seeds()) if packet.payload_type == payload_type and packet.payload]
    for data in inputs(seeds, 7741 + payload_type):
        for codec in ("VP8", "H264", "opus"):
            assert codecs.is_keyframe_start(codec, data) in {True, False}
        if vp8.keyframe_size(data) is not None:
            assert vp8.is_keyframe_start(data)
        if h264.is_keyframe_start(data):
            assert len(data) > 1
        try:
            assert 0 < vp8.Vp8Descriptor.parse(data).size_bytes < len(data)
        except WireError:
            assert not vp8.is_keyframe_start(data)


def test_extension_blocks() -> None:
    seeds = [data for packet in map(parse, rtp_seeds()) for _, data in packet.extensions]
    seeds += [bytes.fromhex("10aa31bbcc00"), bytes.fromhex("0100ff02aabb0000")]
    decoders = (extensions.decode_audio_level, extensions.decode_abs_send_time, extensions.decode_mid, extensions.decode_rid)
    for data in inputs(seeds, 8285):
        for profile in (0xBEDE, 0x1000, 0x100F, 0x1234):
            try:
                elements = extensions.parse_block(profile, data)
            except WireError:
                continue
            assert sum(len(value) for _, value in elements) <= len(data)
        for decode in decoders:
            try:
                decode(data)
            except WireError:
                continue
