"""STUN as a client: binding requests that ask for and keep consent (RFC 8445 §7.2, RFC 7675), and the answers to them.

A request's attributes are laid out once; a check costs one HMAC and one CRC.
"""

from __future__ import annotations

import hmac
import struct
import zlib

from sfu.wire.stun import IntegrityKey

COOKIE = 0x2112A442
_REQUEST, _SUCCESS = 0x0001, 0x0101
_USERNAME, _PRIORITY, _USE_CANDIDATE, _CONTROLLING, _INTEGRITY, _FINGERPRINT = 0x0006, 0x0024, 0x0025, 0x802A, 0x0008, 0x8028
_HOST_PRIORITY = 0x6E7F1EFF
"""Peer-reflexive type preference 110, as Chromium computes it (RFC 8445 §7.1.1)."""
_FINGERPRINT_XOR = 0x5354554E
_HEAD = struct.Struct("!HHI")
_TAIL = struct.Struct("!HHI")
_INTEGRITY_HEAD = struct.pack("!HH", _INTEGRITY, 20)
_INTEGRITY_BYTES, _FINGERPRINT_BYTES, _HEADER_BYTES = 24, 8, 20


class CheckWriter:
    """Writes the checks of one peer.

    Args:
        local_ufrag, remote_ufrag, remote_pwd: ICE credentials, of the offer and of the answer.
        tie_breaker: 64 random bits (RFC 8445 §5.2).
    """

    __slots__ = ("_attributes", "_head", "_head_with_integrity", "_key")

    def __init__(self, local_ufrag: str, remote_ufrag: str, remote_pwd: str, tie_breaker: int) -> None:
        name = f"{remote_ufrag}:{local_ufrag}".encode()
        self._attributes = (
            struct.pack("!HH", _USERNAME, len(name))
            + name
            + bytes(-len(name) % 4)
            + struct.pack("!HHI", _PRIORITY, 4, _HOST_PRIORITY)
            + struct.pack("!HHQ", _CONTROLLING, 8, tie_breaker)
            + struct.pack("!HH", _USE_CANDIDATE, 0)
        )
        size = len(self._attributes) + _INTEGRITY_BYTES
        self._head_with_integrity = _HEAD.pack(_REQUEST, size, COOKIE)
        self._head = _HEAD.pack(_REQUEST, size + _FINGERPRINT_BYTES, COOKIE)
        self._key = IntegrityKey(remote_pwd)

    def check(self, transaction: bytes) -> bytes:
        """A request that nominates, with a transaction id of 12 bytes that is not used again."""
        body = transaction + self._attributes
        integrity = self._key.digest(self._head_with_integrity + body)
        message = self._head + body + _INTEGRITY_HEAD + integrity
        return message + _TAIL.pack(_FINGERPRINT, 4, zlib.crc32(message) ^ _FINGERPRINT_XOR)

    def is_authentic(self, answer: bytes) -> bool:
        """Whether an answer to this peer carries the integrity that only the other side can make (RFC 8489 §14.5)."""
        at = _HEADER_BYTES
        while at + 4 <= len(answer):
            kind, size = struct.unpack_from("!HH", answer, at)
            if kind == _INTEGRITY:
                head = answer[:2] + struct.pack("!H", at + _INTEGRITY_BYTES - _HEADER_BYTES) + answer[4:at]
                return hmac.compare_digest(self._key.digest(head), answer[at + 4 : at + 24])
            at += 4 + size + (-size % 4)
        return False


def answered_transaction(data: bytes) -> bytes | None:
    """The transaction that a success answers; None for anything else, errors included."""
    if len(data) < _HEADER_BYTES or _HEAD.unpack_from(data)[::2] != (_SUCCESS, COOKIE):
        return None
    return data[8:20]
