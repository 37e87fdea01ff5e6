"""SRTCP of one peer: reports sealed and opened with one AES-GCM call each (RFC 7714 §9), else by libsrtp."""

from __future__ import annotations

from struct import Struct

import pylibsrtp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rehearsal.handshake import MediaKeys

GCM = "SRTP_AEAD_AES_128_GCM"
_U32 = Struct("!I")
_E_FLAG = 0x80000000
_LABEL_KEY, _LABEL_SALT = 3, 5
"""Of SRTCP (RFC 3711 §4.3.2)."""
_LEAST_BYTES = 8 + 16 + 4


class ControlError(ValueError):
    """An SRTCP packet that does not open."""


def policy(keys: MediaKeys, *, inbound: bool) -> pylibsrtp.Policy:
    """libsrtp's policy for one direction."""
    policies = pylibsrtp.Policy
    made = policies(
        key=keys.remote_key + keys.remote_salt if inbound else keys.local_key + keys.local_salt,
        ssrc_type=policies.SSRC_ANY_INBOUND if inbound else policies.SSRC_ANY_OUTBOUND,
        srtp_profile=policies.SRTP_PROFILE_AEAD_AES_128_GCM if keys.profile == GCM else policies.SRTP_PROFILE_AES128_CM_SHA1_80,
    )
    made.window_size = 1024
    return made


class ControlCipher:
    """Seals and opens compound RTCP packets."""

    __slots__ = ("_index", "_open", "_open_salt", "_seal", "_seal_salt", "_sessions")

    def __init__(self, keys: MediaKeys) -> None:
        self._index = 0
        self._sessions: tuple[pylibsrtp.Session, pylibsrtp.Session] | None = None
        if keys.profile != GCM:
            outbound, inbound = (pylibsrtp.Session(policy(keys, inbound=way)) for way in (False, True))
            self._sessions = outbound, inbound
            return
        self._seal, self._seal_salt = _derive(keys.local_key, keys.local_salt)
        self._open, self._open_salt = _derive(keys.remote_key, keys.remote_salt)

    def seal(self, data: bytes) -> bytes:
        """The SRTCP packet of a compound of at least eight bytes; no two have the same index."""
        if self._sessions is not None:
            return bytes(self._sessions[0].protect_rtcp(data))
        index = self._index
        self._index = index + 1
        word = _U32.pack(_E_FLAG | index)
        head = data[:8]
        iv = self._seal_salt ^ int.from_bytes(head[4:], "big") << 48 ^ index
        return head + self._seal.encrypt(iv.to_bytes(12, "big"), data[8:], head + word) + word

    def open(self, data: bytes) -> bytes:
        """The compound in an SRTCP packet. Replays are not looked for: reports are only read.

        Raises:
            ControlError: it is not authentic.
        """
        if len(data) < _LEAST_BYTES:
            raise ControlError("too short")
        try:
            if self._sessions is not None:
                return bytes(self._sessions[1].unprotect_rtcp(data))
            head, word = data[:8], data[-4:]
            index = _U32.unpack(word)[0] & ~_E_FLAG
            iv = (self._open_salt ^ _U32.unpack_from(data, 4)[0] << 48 ^ index).to_bytes(12, "big")
            return head + self._open.decrypt(iv, data[8:-4], head + word)
        except (InvalidTag, pylibsrtp.Error):
            raise ControlError("not authentic") from None


def _derive(master_key: bytes, master_salt: bytes) -> tuple[AESGCM, int]:
    """SRTCP's session key and salt (RFC 3711 §4.3.1; RFC 7714 §11 for the salt of 96 bits): two blocks of AES."""
    salt = int.from_bytes(master_salt.ljust(14, b"\0"), "big")
    blocks = b"".join(((salt ^ label << 48) << 16).to_bytes(16, "big") for label in (_LABEL_KEY, _LABEL_SALT))
    # One block each is the counter mode's first keystream block; there is nothing to hide in a key derivation.
    derived = Cipher(algorithms.AES(master_key), modes.ECB()).encryptor().update(blocks)  # noqa: S305
    return AESGCM(derived[:16]), int.from_bytes(derived[16:28], "big")
