"""Datagrams in a stream: each behind its length in two bytes, big-endian (RFC 4571 §2; RFC 6544 §3 uses it for ICE over TCP)."""

from __future__ import annotations

import struct

from sfu.wire.errors import WireError

LENGTH_BYTES = 2
FRAME_MAX_BYTES = 1500
"""The longest datagram taken: what the node takes over UDP, where nothing longer arrives in one piece."""
_LENGTH = struct.Struct("!H")


class FrameReader:
    """Takes a stream apart into its datagrams. What is incomplete is kept: fewer than 2 + :data:`FRAME_MAX_BYTES` bytes."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    @property
    def waiting_bytes(self) -> int:
        """Bytes of a datagram that has not come whole yet."""
        return len(self._rest)

    def receive(self, data: bytes) -> list[bytes]:
        """The datagrams that ``data`` completes, in order; empty ones, which RFC 4571 §2 allows, are left out.

        Raises:
            WireError: a datagram is longer than :data:`FRAME_MAX_BYTES`. Where the next one begins is not known then: close
                the connection. The datagrams before it are lost with it.
        """
        stream = self._rest + data if self._rest else data
        datagrams: list[bytes] = []
        at, end = 0, len(stream)
        while end - at >= LENGTH_BYTES:
            (length,) = _LENGTH.unpack_from(stream, at)
            if length > FRAME_MAX_BYTES:
                raise WireError(f"a frame of {length} bytes; the longest taken has {FRAME_MAX_BYTES}")
            if end - at - LENGTH_BYTES < length:
                break
            at += LENGTH_BYTES
            if length:
                datagrams.append(stream[at : at + length])
            at += length
        self._rest = stream[at:]
        return datagrams


def frame(data: bytes, segment_bytes: int) -> bytes:
    """One or several datagrams as they stand in a stream.

    Args:
        data: the datagrams, one behind the other.
        segment_bytes: the length of each but the last, which may be shorter; 0 when ``data`` is one datagram.

    Raises:
        WireError: a datagram is longer than two bytes can say.
    """
    step = segment_bytes or len(data)
    if step > 0xFFFF:
        raise WireError(f"a datagram of {step} bytes does not fit a frame")
    if step == len(data):
        return _LENGTH.pack(step) + data
    pieces: list[bytes] = []
    for at in range(0, len(data), step):
        piece = data[at : at + step]
        pieces += (_LENGTH.pack(len(piece)), piece)
    return b"".join(pieces)
