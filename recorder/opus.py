"""Opus without an encoder: packets are taken apart and put together again, their sound untouched (RFC 6716 section 3, RFC 7845).

Several voices share one track of a recording as the *streams* of one multistream packet (RFC 6716 appendix B): all but the last
are self-delimited, all last equally long. Nothing is decoded for that. A place where a voice is missing holds a frame of silence,
so the track has no holes: Chromium plays a file's sound without gaps, and a hole would let it run ahead of the picture.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

RATE_HZ: Final = 48_000
"""The clock of all Opus (RFC 7587 section 4.1)."""
SLOT_SAMPLES: Final = 960
"""20 ms: what one packet of the track lasts, and what browsers send."""
FRAMES_MAX: Final = 48
"""A packet lasts 120 ms at most, of frames of 2.5 ms (RFC 6716 section 3.2.5)."""
FRAME_MAX_BYTES: Final = 1275

_DURATIONS: Final = (
    *((480, 960, 1920, 2880) * 3),  # SILK, narrow to wide
    *((480, 960) * 2),  # hybrid
    *((120, 240, 480, 960) * 4),  # CELT
)
"""Samples of a frame by the configuration number (RFC 6716 table 2)."""

SILENT_FRAME: Final = b"\xff\xfe"
"""A CELT frame whose first symbol says: silence (RFC 6716 section 4.3)."""
SILENCE: Final = bytes([31 << 3]) + SILENT_FRAME
"""20 ms of it, mono, full band."""

VOICES: Final = 3
"""Voices of a track, each a stream; a fourth stream is silent."""
_LAYOUT: Final = (1, 0, 1, 2, 2, 3)
"""Which stream each of the channels of 5.1 is (left, center, right, rear left, rear right, low frequencies: RFC 7845 section
5.1.1.2). Stream 0 is heard in the center, 1 and 2 on both sides: whatever a player mixes it down to, everybody is heard in the
middle; and whoever wants one voice alone takes one channel. Browsers mix six channels down properly, and of five they play two,
so there is a last one, of a stream that is always silent; where a channel is of no stream (255), FFmpeg's own decoder silences
stream 0 instead."""
CHANNELS: Final = len(_LAYOUT)


class OpusError(ValueError):
    """No valid packet."""


@dataclass(frozen=True, slots=True)
class OpusPacket:
    """A packet taken apart: frames of one configuration.

    Attributes:
        config: configuration number, 0 to 31.
        is_stereo: the coding, not what was said: a mono decoder mixes it down.
        frames: compressed frames; an empty one is a loss that the decoder conceals (DTX).
    """

    config: int
    is_stereo: bool
    frames: tuple[bytes, ...]

    @property
    def frame_samples(self) -> int:
        """Samples of one frame."""
        return _DURATIONS[self.config]

    @property
    def samples(self) -> int:
        """Samples of all of it."""
        return self.frame_samples * len(self.frames)

    def like(self, other: OpusPacket) -> bool:
        """Whether frames of both may stand in one packet."""
        return self.config == other.config and self.is_stereo == other.is_stereo

    def serialize(self, *, is_delimited: bool) -> bytes:
        """Gives the packet, self-delimited (appendix B) or to the end of what carries it."""
        toc = self.config << 3 | self.is_stereo << 2
        frames = self.frames
        last = _length(len(frames[-1])) if is_delimited else b""
        if len(frames) == 1:
            return bytes([toc]) + last + frames[0]
        if len(frames) == 2 and len(frames[0]) == len(frames[1]):
            return bytes([toc | 1]) + last + frames[0] + frames[1]
        head = bytes([toc | 3, 0x80 | len(frames)])
        return head + b"".join(_length(len(frame)) for frame in frames[:-1]) + last + b"".join(frames)


SILENT: Final = OpusPacket(31, is_stereo=False, frames=(SILENT_FRAME,))


def parse(data: bytes) -> OpusPacket:
    """Takes a packet apart (RFC 6716 section 3.2), padding left out.

    Raises:
        OpusError: it breaks one of the requirements R1 to R7 of section 3.4.
    """
    if not data:
        raise OpusError("empty")
    toc, body = data[0], data[1:]
    frames: list[bytes]
    match toc & 3:
        case 0:
            frames = [body]
        case 1:
            if len(body) % 2:
                raise OpusError("two equal frames in an odd number of bytes")
            frames = [body[: len(body) // 2], body[len(body) // 2 :]]
        case 2:
            size, at = _read_length(body, 0)
            if at + size > len(body):
                raise OpusError("first frame longer than the packet")
            frames = [body[at : at + size], body[at + size :]]
        case _:
            frames = _parse_many(body)
    if any(len(frame) > FRAME_MAX_BYTES for frame in frames):
        raise OpusError("frame too long")
    packet = OpusPacket(toc >> 3, bool(toc & 4), tuple(frames))
    if packet.samples > RATE_HZ * 120 // 1000:
        raise OpusError("longer than 120 ms")
    return packet


def _parse_many(body: bytes) -> list[bytes]:
    """Code 3 (section 3.2.5)."""
    if not body or not body[0] & 0x3F:
        raise OpusError("no number of frames")
    count = body[0] & 0x3F
    at, padding = _read_padding(body) if body[0] & 0x40 else (1, 0)
    if count > FRAMES_MAX:
        raise OpusError("too many frames")
    end = len(body) - padding
    sizes: list[int] = []
    if body[0] & 0x80:
        for _ in range(count - 1):
            size, at = _read_length(body, at)
            sizes.append(size)
        sizes.append(end - at - sum(sizes))
    else:
        sizes = [(end - at) // count] * count
        if (end - at) % count:
            raise OpusError("equal frames do not fill the packet")
    if end < at or sizes[-1] < 0:
        raise OpusError("frames longer than the packet")
    frames: list[bytes] = []
    for size in sizes:
        frames.append(body[at : at + size])
        at += size
    return frames


def _read_padding(body: bytes) -> tuple[int, int]:
    """Where the padding's own length ends, and how many bytes of padding are at the packet's end."""
    at, padding, more = 1, 0, 255
    while more == 255:
        if at >= len(body):
            raise OpusError("padding without end")
        more = body[at]
        at += 1
        padding += 254 if more == 255 else more
    return at, padding


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    """A frame's length (section 3.2.1) and where it ends."""
    if at >= len(data):
        raise OpusError("length missing")
    first = data[at]
    if first < 252:
        return first, at + 1
    if at + 1 >= len(data):
        raise OpusError("length cut")
    return first + 4 * data[at + 1], at + 2


def _length(size: int) -> bytes:
    if size < 252:
        return bytes([size])
    return bytes([252 + (size & 3), (size - 252) >> 2])


def slots_of(packet: OpusPacket) -> list[OpusPacket] | None:
    """Shares a packet out to slots of 20 ms.

    None where that needs decoding: a SILK frame of 40 or 60 ms is one piece. Frames shorter than a slot are put together by
    :func:`join`; what is shorter than a slot in all comes back as it is.
    """
    if packet.frame_samples > SLOT_SAMPLES:
        return None
    each = SLOT_SAMPLES // packet.frame_samples
    frames = packet.frames
    return [OpusPacket(packet.config, packet.is_stereo, frames[at : at + each]) for at in range(0, len(frames), each)]


def multistream(streams: Sequence[OpusPacket]) -> bytes:
    """One packet of 20 ms of every voice, and the silent stream (RFC 6716 appendix B, RFC 7845 section 3)."""
    return b"".join(each.serialize(is_delimited=True) for each in streams) + SILENCE


def head() -> bytes:
    """The identification header of the track, which is also Matroska's CodecPrivate (RFC 7845 section 5.1): six channels of four
    mono streams, mapping family 1. No pre-skip: the track begins with silence or in the middle of a word."""
    fixed = struct.pack("<8sBBHIhB", b"OpusHead", 1, CHANNELS, 0, RATE_HZ, 0, 1)
    return fixed + bytes([VOICES + 1, 0, *_LAYOUT])
