"""VP8 in RTP: the payload descriptor of RFC 7741 section 4.2, and where a key frame begins."""

from __future__ import annotations

from dataclasses import dataclass

from sfu.wire.errors import WireError

_START_CODE = b"\x9d\x01\x2a"
_KEYFRAME_HEADER_BYTES = 10


@dataclass(frozen=True, slots=True)
class Vp8Descriptor:
    """The payload descriptor in front of every VP8 payload.

    ``starts_partition`` is S, ``partition`` is PID, ``is_reference`` is the inverse of N. ``picture_id`` has
    ``picture_id_bits`` (7 or 15) bits, and each optional field is ``None`` when absent. ``size_bytes`` is where the VP8
    data begins.
    """

    starts_partition: bool
    partition: int
    is_reference: bool
    picture_id: int | None
    picture_id_bits: int
    tl0_picture_index: int | None
    temporal_id: int | None
    is_layer_sync: bool
    key_index: int | None
    size_bytes: int

    @classmethod
    def parse(cls, payload: bytes) -> Vp8Descriptor:
        """Read the descriptor in front of a VP8 payload.

        Raises:
            WireError: the payload ends inside the descriptor, or right behind it.
        """
        try:
            return cls._parse(payload)
        except IndexError:
            raise WireError("VP8: the payload ends inside its descriptor") from None

    @classmethod
    def _parse(cls, payload: bytes) -> Vp8Descriptor:
        first = payload[0]
        position = 1
        picture_id = tl0_picture_index = temporal_id = key_index = None
        picture_id_bits = 0
        is_layer_sync = False
        if first & 0x80:  # X
            present = payload[position]
            position += 1
            if present & 0x80:  # I
                picture_id = payload[position]
                picture_id_bits = 7
                position += 1
                if picture_id & 0x80:  # M: 15 bits
                    picture_id = (picture_id & 0x7F) << 8 | payload[position]
                    picture_id_bits = 15
                    position += 1
            if present & 0x40:  # L
                tl0_picture_index = payload[position]
                position += 1
            if present & 0x30:  # T or K share a byte
                layers = payload[position]
                position += 1
                if present & 0x20:
                    temporal_id, is_layer_sync = layers >> 6, bool(layers & 0x20)
                if present & 0x10:
                    key_index = layers & 0x1F
        if position >= len(payload):
            raise WireError("VP8: nothing behind the descriptor")
        return cls(
            starts_partition=bool(first & 0x10),
            partition=first & 0x07,
            is_reference=not first & 0x20,
            picture_id=picture_id,
            picture_id_bits=picture_id_bits,
            tl0_picture_index=tl0_picture_index,
            temporal_id=temporal_id,
            is_layer_sync=is_layer_sync,
            key_index=key_index,
            size_bytes=position,
        )


def without_numbers(payload: bytes) -> bytes:
    """The payload with the first octet of its descriptor alone: without picture id, TL0PICIDX, temporal layer and KEYIDX.

    Each is optional (RFC 7741 section 4.2, X = 0). They count per encoder, so they jump when a stream changes to another layer or
    another camera, and libwebrtc's receiver ties frames together by them: a frame whose TL0PICIDX it believes to know is taken
    for an old one. Sequence numbers, which do go on, are enough to tell that nothing is missing, and that is what a receiver uses
    where these are absent. Malformed payloads stay as they are.
    """
    if not payload or not payload[0] & 0x80:
        return payload
    try:
        present = payload[1]
        size = 2
        if present & 0x80:
            size += 2 if payload[2] & 0x80 else 1
        size += (present >> 6 & 1) + (present & 0x30 > 0)
    except IndexError:
        return payload
    return payload if size >= len(payload) else bytes((payload[0] & 0x7F,)) + payload[size:]


def is_keyframe_start(payload: bytes) -> bool:
    """Whether this is the first packet of a key frame: S = 1, PID = 0 and P = 0 in the VP8 payload header behind (RFC 7741
    sections 4.2 and 4.3), and the start code of RFC 6386 section 9.1 where the packet is long enough to show it.

    Malformed payloads are no key frames; nothing is raised.
    """
    if not payload or payload[0] & 0x17 != 0x10:
        return False
    try:
        position = Vp8Descriptor.parse(payload).size_bytes
    except WireError:
        return False
    if payload[position] & 0x01:
        return False
    return _START_CODE.startswith(payload[position + 3 : position + 6])


def keyframe_size(payload: bytes) -> tuple[int, int] | None:
    """Width and height in pixels that a key frame's first packet states (RFC 6386 section 9.1); ``None`` for any other packet."""
    if not is_keyframe_start(payload):
        return None
    position = Vp8Descriptor.parse(payload).size_bytes
    header = payload[position : position + _KEYFRAME_HEADER_BYTES]
    if len(header) < _KEYFRAME_HEADER_BYTES:
        return None
    width, height = int.from_bytes(header[6:8], "little"), int.from_bytes(header[8:10], "little")
    return width & 0x3FFF, height & 0x3FFF  # the two top bits are the scale
