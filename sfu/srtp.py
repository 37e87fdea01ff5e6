"""SRTP and SRTCP (RFC 3711, RFC 7714): key derivation, sealing of what is sent, opening of what is received.

What is received goes through libsrtp, which keeps the rollover counters and replay windows of each SSRC. What is sent is sealed
here, because a forwarder knows the 48-bit index of every packet itself and the fan-out needs the cipher without anything around
it: one AESGCM object a receiver, an IV by one integer XOR, the very bytes libsrtp would write.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import Enum
from struct import Struct
from typing import Literal

import pylibsrtp
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAX_PACKET_BYTES = 1500
"""What libsrtp's binding has room for, and what one Ethernet frame carries: a longer packet is refused unread."""
MAX_SSRCS = 16
"""Each authenticated SSRC costs libsrtp 1.4 KiB; a publisher with three layers, their RTX and audio has seven."""
MAX_SRTCP_INDEX = (1 << 31) - 1
"""RFC 3711 §9.2: 2^31 SRTCP packets a key; at ten a second that is seven years."""

GCM_TAG_BYTES = 16
SHA1_80_TAG_BYTES = 10
_MIN_RTP_BYTES = 12
_MIN_RTCP_BYTES = 8
_U32 = Struct("!I")
_E_FLAG = 0x80000000


class Suite(Enum):
    """The protection profiles that are negotiated, by their OpenSSL names (RFC 7714 §14.2, RFC 5764 §4.1.2)."""

    AES_128_GCM = "SRTP_AEAD_AES_128_GCM"
    AES_128_CM_SHA1_80 = "SRTP_AES128_CM_SHA1_80"

    @property
    def key_bytes(self) -> int:
        """Length of the master key."""
        return 16

    @property
    def salt_bytes(self) -> int:
        """Length of the master salt: 96 bits for GCM (RFC 7714 §12), 112 for counter mode."""
        return 12 if self is Suite.AES_128_GCM else 14

    @property
    def tag_bytes(self) -> int:
        """By how much a sealed RTP packet is longer than a plain one."""
        return GCM_TAG_BYTES if self is Suite.AES_128_GCM else SHA1_80_TAG_BYTES

    @property
    def profile(self) -> int:
        """The profile's number in libsrtp."""
        policy = pylibsrtp.Policy
        number = policy.SRTP_PROFILE_AEAD_AES_128_GCM if self is Suite.AES_128_GCM else policy.SRTP_PROFILE_AES128_CM_SHA1_80
        return int(number)


Refusal = Literal["short", "long", "sources", "auth", "replay"]


class SrtpError(ValueError):
    """A packet that is not delivered. `refusal` says why; session state is as before.

    * ``short``, ``long``: outside the sizes a packet can have;
    * ``sources``: an SSRC beyond the limit, not even tried;
    * ``auth``: libsrtp did not accept it (wrong key, changed bytes, malformed header);
    * ``replay``: authentic perhaps, but seen before or older than the window.
    """

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """Session keys of one direction; the auth keys are empty for GCM."""

    rtp_key: bytes
    rtp_salt: bytes
    rtp_auth: bytes
    rtcp_key: bytes
    rtcp_salt: bytes
    rtcp_auth: bytes
    _rtp_aead: list[AESGCM] = field(default_factory=list, init=False, compare=False)

    def __repr__(self) -> str:
        """Keys never reach a log line."""
        return "SessionKeys(…)"

    def rtp_aead(self) -> AESGCM:
        """The cipher of GCM: one for all SSRCs, which have one key and differ by the IV (RFC 3711 §3.2.3, RFC 7714 §8.1)."""
        if not self._rtp_aead:
            self._rtp_aead.append(AESGCM(self.rtp_key))
        return self._rtp_aead[0]


def derive_session_keys(suite: Suite, master_key: bytes, master_salt: bytes) -> SessionKeys:
    """Session keys from the master key and salt, key derivation rate 0 (RFC 3711 §4.3, RFC 7714 §11).

    Each is the AES-CM keystream at (label * 2^48 XOR salt) * 2^16 (RFC 3711 §4.3.1 and §4.3.3), a 96-bit salt being filled up
    with zero bytes on its right (RFC 7714 §11). A keystream is the encryption of its counters: those of all keys go through the
    cipher at once.

    Raises:
        ValueError: key or salt do not have the suite's length.

    """
    if len(master_key) != suite.key_bytes or len(master_salt) != suite.salt_bytes:
        raise ValueError("master key or salt of the wrong length")
    salt = int.from_bytes(master_salt, "big") << 8 * (16 - len(master_salt))
    counters = b"".join([(salt ^ label << 64 | block).to_bytes(16, "big") for label, block in _COUNTERS])
    # ECB of counters that differ is counter mode, RFC 3711 §4.1.1.
    stream = Cipher(algorithms.AES(master_key), modes.ECB()).encryptor().update(counters)  # noqa: S305
    auth_bytes, salt_bytes = (20, 14) if suite is Suite.AES_128_CM_SHA1_80 else (0, 12)
    rtp, rtcp = stream[:64], stream[64:]
    return SessionKeys(
        rtp[:16],
        rtp[48 : 48 + salt_bytes],
        rtp[16 : 16 + auth_bytes],
        rtcp[:16],
        rtcp[48 : 48 + salt_bytes],
        rtcp[16 : 16 + auth_bytes],
    )


_COUNTERS = tuple((label, block) for label, blocks in enumerate((1, 2, 1, 1, 2, 1)) for block in range(blocks))
"""Labels (encryption, authentication and salt of RTP, the same of RTCP) and the blocks of 16 bytes each may take."""


class RtpSealer:
    """Seals the RTP packets of one SSRC for one receiver.

    The caller owns sequence number and rollover counter: never seal two different packets with one index, it breaks GCM
    (RFC 7714 §8.1: the IV repeats). Sending the same packet again with its index gives the same bytes and is safe.

    A fan-out may inline the GCM case: ``aead.encrypt((iv_base ^ index).to_bytes(12, "big"), payload, header)``.

    Attributes:
        suite: the protection profile.
        iv_base: GCM: salt XOR SSRC in its place, as a 96-bit integer. Counter mode: the same as a 128-bit integer; the index
            is XORed 16 bits further left.
        aead: the keyed cipher; None in counter mode.
        tag_bytes: what `seal` adds.
        auth_key: the HMAC key of counter mode, empty for GCM.

    """

    __slots__ = ("_encryptor", "aead", "auth_key", "iv_base", "session_keys", "ssrc", "suite", "tag_bytes")

    def __init__(self, suite: Suite, session_keys: SessionKeys, ssrc: int) -> None:
        self.suite = suite
        self.session_keys = session_keys
        self.ssrc = ssrc
        self.tag_bytes = suite.tag_bytes
        self.auth_key = session_keys.rtp_auth
        salt = int.from_bytes(session_keys.rtp_salt, "big")
        self.aead: AESGCM | None
        if suite is Suite.AES_128_GCM:
            # RFC 7714 §8.1: 16 zero bits, SSRC, ROC, SEQ; XOR salt.
            self.iv_base = salt ^ ssrc << 48
            self.aead = session_keys.rtp_aead()
        else:
            # RFC 3711 §4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16.
            self.iv_base = salt << 16 ^ ssrc << 64
            self.aead = None
            self._encryptor = Cipher(algorithms.AES(session_keys.rtp_key), modes.CTR(bytes(16))).encryptor()

    def seal(self, header: bytes, payload: bytes, index: int) -> bytes:
        """Ciphertext and tag, to be sent behind `header`.

        Args:
            header: the RTP header with CSRCs and the extension block, as sent: authenticated, not encrypted.
            payload: payload and RTP padding.
            index: rollover counter << 16 | sequence number; the sequence number equals the header's.

        """
        if self.aead is not None:
            return self.aead.encrypt((self.iv_base ^ index).to_bytes(12, "big"), payload, header)
        self._encryptor.reset_nonce((self.iv_base ^ index << 16).to_bytes(16, "big"))
        sealed = self._encryptor.update(payload)
        # RFC 3711 §4.2: the tag covers header, ciphertext and the rollover counter.
        tag = hmac.digest(self.auth_key, header + sealed + _U32.pack(index >> 16), "sha1")
        return sealed + tag[:SHA1_80_TAG_BYTES]


class OutboundSrtcp:
    """Protects the RTCP packets that are sent to one peer.

    One index counts the packets of all our SSRCs: it never repeats for any of them, which is all that the IV asks for. A viewer
    gets a packet in five seconds: the cipher is made for each, and does not hold 3.5 KiB in between.
    """

    __slots__ = ("_keys", "_salt", "next_index", "suite")

    def __init__(self, suite: Suite, key: bytes, salt: bytes, derived: SessionKeys | None = None) -> None:
        """``derived``: the session keys of that master key and salt, where they are there already."""
        keys = derived or derive_session_keys(suite, key, salt)
        self.suite = suite
        self._keys = keys
        self.next_index = 0
        """RFC 3711 §3.4: zero before the first packet."""
        self._salt = int.from_bytes(keys.rtcp_salt, "big")

    def protect(self, data: bytes) -> bytes:
        """The SRTCP packet of a compound RTCP packet: 20 bytes longer with GCM, 14 with counter mode.

        Raises:
            SrtpError: shorter than an RTCP header, longer than fits a datagram, or the key is used up.

        """
        if len(data) < _MIN_RTCP_BYTES:
            raise SrtpError("short", "RTCP packet too short")
        if len(data) > MAX_PACKET_BYTES - GCM_TAG_BYTES - 4:
            raise SrtpError("long", "RTCP packet too long")
        index = self.next_index
        if index > MAX_SRTCP_INDEX:
            raise SrtpError("replay", "SRTCP index exhausted")
        self.next_index = index + 1
        header, body = data[:8], data[8:]
        ssrc = _U32.unpack_from(data, 4)[0]
        word = _U32.pack(_E_FLAG | index)
        keys = self._keys
        if self.suite is Suite.AES_128_GCM:
            # RFC 7714 §9.1: 16 zero bits, SSRC, 16 zero bits, index; §9.2: the E flag and index are authenticated too.
            iv = (self._salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
            return header + AESGCM(keys.rtcp_key).encrypt(iv, body, header + word) + word
        counter = (self._salt << 16 ^ ssrc << 64 ^ index << 16).to_bytes(16, "big")
        encryptor = Cipher(algorithms.AES(keys.rtcp_key), modes.CTR(counter)).encryptor()
        packet = header + encryptor.update(body) + word
        return packet + hmac.digest(keys.rtcp_auth, packet, "sha1")[:SHA1_80_TAG_BYTES]


class InboundSrtp:
    """Opens the SRTP and SRTCP packets of one peer.

    The caller checks the payload type first: only what was negotiated is worth a decryption. A failure raises, is counted by
    its kind and changes nothing.

    Attributes:
        ssrcs: those that authenticated packets came from; at most `max_ssrcs`.
        refused: how many packets were refused, by `SrtpError.refusal`.

    """

    __slots__ = ("_max_ssrcs", "_overhead_rtcp", "_overhead_rtp", "_session", "refused", "ssrcs")

    def __init__(self, suite: Suite, key: bytes, salt: bytes, max_ssrcs: int = MAX_SSRCS) -> None:
        policy = pylibsrtp.Policy(key=key + salt, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=suite.profile)
        policy.window_size = 1024
        self._session = pylibsrtp.Session(policy)
        self._max_ssrcs = max_ssrcs
        self._overhead_rtp = suite.tag_bytes
        self._overhead_rtcp = suite.tag_bytes + 4
        self.ssrcs: set[int] = set()
        self.refused: dict[Refusal, int] = {"short": 0, "long": 0, "sources": 0, "auth": 0, "replay": 0}

    def unprotect_rtp(self, data: bytes) -> bytes:
        """The RTP packet in an SRTP packet of at most 1,500 bytes.

        Raises:
            SrtpError: it is refused; `refusal` says why.

        """
        self._check_size(data, _MIN_RTP_BYTES + self._overhead_rtp)
        ssrc = _U32.unpack_from(data, 8)[0]
        self._check_source(ssrc)
        try:
            plain: bytes = self._session.unprotect(data)
        except pylibsrtp.Error as error:
            raise self._refuse_by_library(error) from None
        self.ssrcs.add(ssrc)
        return plain

    def unprotect_rtcp(self, data: bytes) -> bytes:
        """The compound RTCP packet in an SRTCP packet of at most 1,500 bytes.

        Raises:
            SrtpError: it is refused; `refusal` says why.

        """
        self._check_size(data, _MIN_RTCP_BYTES + self._overhead_rtcp)
        ssrc = _U32.unpack_from(data, 4)[0]
        self._check_source(ssrc)
        try:
            plain: bytes = self._session.unprotect_rtcp(data)
        except pylibsrtp.Error as error:
            raise self._refuse_by_library(error) from None
        self.ssrcs.add(ssrc)
        return plain

    def _check_size(self, data: bytes, least: int) -> None:
        if len(data) < least:
            raise self._refuse("short", "packet too short")
        if len(data) > MAX_PACKET_BYTES:
            raise self._refuse("long", "packet too long")

    def _check_source(self, ssrc: int) -> None:
        if ssrc not in self.ssrcs and len(self.ssrcs) >= self._max_ssrcs:
            raise self._refuse("sources", "too many sources")

    def _refuse(self, refusal: Refusal, message: str) -> SrtpError:
        self.refused[refusal] += 1
        return SrtpError(refusal, message)

    def _refuse_by_library(self, error: Exception) -> SrtpError:
        text = str(error)
        return self._refuse("replay" if text.startswith("replay") else "auth", text)
