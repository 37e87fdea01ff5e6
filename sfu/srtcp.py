"""SRTCP from a viewer (RFC 3711 §3.4, RFC 7714 §9), opened without libsrtp.

A viewer sends nothing but RTCP, one packet a second: a libsrtp session of 5.6 KiB for each of ten thousand is too much for that.
SRTCP asks for little: the index is in the packet, so there is no rollover to follow; a replay window for each SSRC is all that
is kept. ``sfu/_native/intake.c`` does the same, byte for byte and refusal for refusal; this is what it is held against.
"""

from __future__ import annotations

import hmac
from struct import Struct
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sfu.srtp import MAX_PACKET_BYTES, MAX_SSRCS, SHA1_80_TAG_BYTES, SessionKeys, SrtpError, Suite

REPLAY_WINDOW = 64
"""Packets behind the newest that are still taken, once (RFC 3711 §3.3.2 asks for at least 64): a minute of reports."""
HEADER_BYTES = 8
INDEX_BYTES = 4
_U32 = Struct("!I")
_E_FLAG = 0x80000000
_WINDOW_MASK = (1 << REPLAY_WINDOW) - 1


class SrtcpOpener(Protocol):
    """What opens the RTCP of one peer."""

    def unprotect_rtcp(self, data: bytes, /) -> bytes:
        """The compound RTCP packet in an SRTCP packet of at most 1,500 bytes.

        Raises:
            SrtpError: it is refused; ``refusal`` says why.
        """
        ...


class InboundSrtcp:
    """Opens the SRTCP packets of one peer; a :class:`SrtcpOpener`. A refusal changes nothing.

    Args:
        suite: the protection profile.
        keys: session keys of the peer's direction.
        max_ssrcs: authenticated SSRCs that are followed at most; those beyond are refused untried.
    """

    __slots__ = ("_aead", "_keys", "_max_ssrcs", "_overhead", "_salt", "_seen")

    def __init__(self, suite: Suite, keys: SessionKeys, max_ssrcs: int = MAX_SSRCS) -> None:
        self._keys = keys
        self._aead = AESGCM(keys.rtcp_key) if suite is Suite.AES_128_GCM else None
        self._salt = int.from_bytes(keys.rtcp_salt, "big")
        self._overhead = suite.tag_bytes + INDEX_BYTES
        self._max_ssrcs = max_ssrcs
        self._seen: dict[int, tuple[int, int]] = {}
        """By SSRC the highest index, and the window below it as bits: bit 0 is the highest itself."""

    @property
    def ssrcs(self) -> frozenset[int]:
        """Those that authenticated packets came from."""
        return frozenset(self._seen)

    def unprotect_rtcp(self, data: bytes, /) -> bytes:
        """See :meth:`SrtcpOpener.unprotect_rtcp`."""
        if len(data) < HEADER_BYTES + self._overhead:
            raise SrtpError("short", "packet too short")
        if len(data) > MAX_PACKET_BYTES:
            raise SrtpError("long", "packet too long")
        ssrc = _U32.unpack_from(data, 4)[0]
        seen = self._seen.get(ssrc)
        if seen is None and len(self._seen) >= self._max_ssrcs:
            raise SrtpError("sources", "too many sources")
        at = len(data) - INDEX_BYTES - (0 if self._aead is not None else SHA1_80_TAG_BYTES)
        word = _U32.unpack_from(data, at)[0]
        if not word & _E_FLAG:
            # RFC 7714 §9.3 and RFC 3711 §3.4 allow it; what was agreed on is encrypted.
            raise SrtpError("auth", "an SRTCP packet that is not encrypted")
        index = word ^ _E_FLAG
        window = _next_window(seen, index)
        if window is None:
            raise SrtpError("replay", "replayed, or older than the window")
        plain = self._open(data, at, ssrc, index)
        self._seen[ssrc] = window
        return plain

    def _open(self, data: bytes, at: int, ssrc: int, index: int) -> bytes:
        header = data[:HEADER_BYTES]
        if self._aead is not None:
            iv = (self._salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
            try:
                return header + self._aead.decrypt(iv, data[HEADER_BYTES:at], header + data[at:])
            except InvalidTag:
                raise SrtpError("auth", "not authentic") from None
        end = at + INDEX_BYTES
        tag = hmac.digest(self._keys.rtcp_auth, data[:end], "sha1")[:SHA1_80_TAG_BYTES]
        if not hmac.compare_digest(tag, data[end:]):
            raise SrtpError("auth", "not authentic")
        counter = (self._salt << 16 ^ ssrc << 64 ^ index << 16).to_bytes(16, "big")
        decryptor = Cipher(algorithms.AES(self._keys.rtcp_key), modes.CTR(counter)).decryptor()
        return header + decryptor.update(data[HEADER_BYTES:at])


def _next_window(seen: tuple[int, int] | None, index: int) -> tuple[int, int] | None:
    """The window once ``index`` is in it; None where it was, or is too old (RFC 3711 §3.3.2)."""
    if seen is None:
        return index, 1
    highest, mask = seen
    if index > highest:
        return index, (mask << index - highest & _WINDOW_MASK if index - highest < REPLAY_WINDOW else 0) | 1
    bit = 1 << highest - index if highest - index < REPLAY_WINDOW else 0
    return None if not bit or mask & bit else (highest, mask | bit)
