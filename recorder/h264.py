"""H.264 out of RTP (RFC 6184) and into a file: NAL units, parameter sets, and what they say of the picture (ISO/IEC 14496-15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sfu.wire.errors import WireError

SLICE, IDR, SPS, PPS = 1, 5, 7, 8
SLICES: Final = frozenset({SLICE, IDR})
_STAP_A, _FU_A = 24, 28
_WITH_CHROMA: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Profiles whose SPS tells of chroma and scaling (H.264 section 7.3.2.1.1)."""


def units_of(payloads: Sequence[bytes]) -> list[bytes]:
    """The NAL units of one picture's packets: single ones (section 5.6), STAP-A (5.7.1), FU-A (5.8).

    Raises:
        WireError: a packet is cut, of another kind, or a fragment is missing.
    """
    units: list[bytes] = []
    open_unit: bytearray | None = None
    for payload in payloads:
        kind = payload[0] & 0x1F
        if kind == _FU_A:
            open_unit = _extended(open_unit, payload)
            if payload[1] & 0x40:
                units.append(bytes(open_unit))
                open_unit = None
            continue
        if open_unit is not None:
            raise WireError("FU-A without its end")
        if kind == _STAP_A:
            units += _aggregated(payload)
        elif 1 <= kind <= 23:
            units.append(payload)
        else:
            raise WireError(f"NAL unit type {kind}: packetization mode 2 was not negotiated")
    if open_unit is not None:
        raise WireError("FU-A without its end")
    return units


def _extended(open_unit: bytearray | None, payload: bytes) -> bytearray:
    if len(payload) < 3:
        raise WireError("FU-A cut")
    head = payload[1]
    if head & 0x80:
        open_unit = bytearray([payload[0] & 0xE0 | head & 0x1F])
    if open_unit is None:
        raise WireError("FU-A without its beginning")
    return open_unit + payload[2:]


def _aggregated(payload: bytes) -> list[bytes]:
    units, at = [], 1
    while at < len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        unit = payload[at + 2 : at + 2 + size]
        if not size or len(unit) < size:
            raise WireError("STAP-A cut")
        units.append(unit)
        at += 2 + size
    return units


class Parameters:
    """The newest parameter sets of a stream."""

    def __init__(self) -> None:
        self._sps = self._pps = b""

    @property
    def is_complete(self) -> bool:
        """Whether both are known: without them a decoder cannot begin."""
        return len(self._sps) >= 4 and bool(self._pps)

    def note(self, unit: bytes) -> None:
        """Keeps a parameter set; other units change nothing."""
        kind = unit[0] & 0x1F
        if kind == SPS:
            self._sps = unit
        elif kind == PPS:
            self._pps = unit

    def private(self) -> bytes:
        """Matroska's CodecPrivate: AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1), lengths of four bytes."""
        sps, pps = self._sps, self._pps
        head = bytes([1, *sps[1:4], 0xFF, 0xE1])
        return head + len(sps).to_bytes(2, "big") + sps + b"\x01" + len(pps).to_bytes(2, "big") + pps

    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels; None where the SPS cannot be read."""
        try:
            return sps_size(self._sps)
        except WireError:
            return None


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise WireError("SPS cut")
        return self._bits >> self._left & (1 << count) - 1

    def number(self) -> int:
        """ue(v), H.264 section 9.1."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise WireError("SPS: number too large")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        value = self.number()
        return (value + 1) // 2 if value % 2 else -(value // 2)


def sps_size(sps: bytes) -> tuple[int, int]:
    """Width and height that a sequence parameter set gives (H.264 section 7.3.2.1.1).

    Raises:
        WireError: cut, or not a size.
    """
    bits = _Bits(sps[1:].replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.take(8)
    bits.take(16)
    bits.number()
    chroma = _skip_chroma(bits) if profile in _WITH_CHROMA else 1
    bits.number()
    order = bits.number()
    if order == 0:
        bits.number()
    elif order == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.number(), 255)):
            bits.signed()
    bits.number()
    bits.take(1)
    width = (bits.number() + 1) * 16
    height = bits.number() + 1
    are_frames = bits.take(1)
    height *= 16 * (2 - are_frames)
    if not are_frames:
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        across, down = (1 if chroma in {0, 3} else 2), (2 if chroma == 1 else 1) * (2 - are_frames)
        width -= across * (bits.number() + bits.number())
        height -= down * (bits.number() + bits.number())
    if not (0 < width <= 16_384 and 0 < height <= 16_384):
        raise WireError("SPS: not a size")
    return width, height


def _skip_chroma(bits: _Bits) -> int:
    chroma = bits.number()
    if chroma == 3:
        bits.take(1)
    bits.number()
    bits.number()
    bits.take(1)
    if bits.take(1):
        for place in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _skip_scaling(bits, 16 if place < 6 else 64)
    return chroma


def _skip_scaling(bits: _Bits, count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last
