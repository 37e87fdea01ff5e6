"""DTLS as a browser's side does it: one certificate and one context for all points, an SSL object only while a handshake runs."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL, crypto

PROFILES = b"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
MTU_BYTES = 1200
_KEY_AND_SALT_BYTES = {b"SRTP_AEAD_AES_128_GCM": (16, 12), b"SRTP_AES128_CM_SHA1_80": (16, 14)}
_RECORD_HEAD_BYTES = 13
_DTLS_1_2 = 0xFEFD
_VALID_DAYS = 30


@dataclass(frozen=True, slots=True)
class MediaKeys:
    """What a handshake gives: the profile's OpenSSL name, our master key and salt, the other side's."""

    profile: Literal["SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80"]
    local_key: bytes
    local_salt: bytes
    remote_key: bytes
    remote_salt: bytes

    def __repr__(self) -> str:
        """Keys never reach a log line."""
        return f"MediaKeys({self.profile}, …)"


class Identity:
    """A key, its certificate and the context that all points of a process share."""

    def __init__(self, now: dt.datetime) -> None:
        """A fresh one, valid around ``now`` (aware, UTC)."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "WebRTC")])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        certificate = builder.not_valid_after(now + dt.timedelta(days=_VALID_DAYS)).sign(key, hashes.SHA256())
        self.fingerprint = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_max_proto_version(_DTLS_1_2)
        context.set_options(SSL.OP_NO_QUERY_MTU)
        context.set_cipher_list(b"ECDHE+AESGCM")
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.set_tlsext_use_srtp(PROFILES)
        context.use_privatekey(key)
        context.use_certificate(certificate)
        self.context = context


class HandshakeError(Exception):
    """The handshake cannot be completed."""


class Handshake:
    """The client's side of one handshake: :meth:`start`, then :meth:`receive` and :meth:`handle_timeout` until ``keys`` is there.

    Drop it then: in a full handshake of DTLS 1.2 the server speaks last, nothing of ours can be missing.

    Args:
        identity: the points' certificate.
        fingerprint: SHA-256 of the other side's certificate, as its SDP has it.
    """

    __slots__ = ("_fingerprint", "_ssl", "keys")

    def __init__(self, identity: Identity, fingerprint: str) -> None:
        self._ssl = SSL.Connection(identity.context)
        self._ssl.set_ciphertext_mtu(MTU_BYTES)
        self._ssl.set_connect_state()
        self._fingerprint = bytes.fromhex(fingerprint.replace(":", ""))
        self.keys: MediaKeys | None = None

    def start(self) -> list[bytes]:
        """The first flight."""
        return self._advance()

    def receive(self, data: bytes) -> list[bytes]:
        """Take a datagram; what to send for it.

        Raises:
            HandshakeError: a fatal alert, another certificate than the SDP announced, or no SRTP profile.
        """
        self._ssl.bio_write(data)
        return self._advance()

    def handle_timeout(self) -> list[bytes]:
        """OpenSSL's retransmissions, where its timer has run out. Call it some ten times a second."""
        if self.keys is None and self._ssl.DTLSv1_get_timeout() == 0:
            self._ssl.DTLSv1_handle_timeout()
        return self._output()

    def _advance(self) -> list[bytes]:
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            return self._output()
        except SSL.Error as error:
            raise HandshakeError(str(error)) from None
        certificate = self._ssl.get_peer_certificate()
        der = b"" if certificate is None else crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)
        if hashlib.sha256(der).digest() != self._fingerprint:
            raise HandshakeError("the certificate is not the one that the answer announced")
        self.keys = self._export()
        return self._output()

    def _export(self) -> MediaKeys:
        profile = self._ssl.get_selected_srtp_profile()
        if profile not in _KEY_AND_SALT_BYTES:
            raise HandshakeError("no SRTP profile was agreed on")
        key, salt = _KEY_AND_SALT_BYTES[profile]
        material = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
        ends = (key, 2 * key, 2 * key + salt)
        name: Literal["SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80"] = (
            "SRTP_AEAD_AES_128_GCM" if salt == 12 else "SRTP_AES128_CM_SHA1_80"
        )
        return MediaKeys(name, material[: ends[0]], material[ends[1] : ends[2]], material[ends[0] : ends[1]], material[ends[2] :])

    def _output(self) -> list[bytes]:
        """What OpenSSL has written, in datagrams of whole records."""
        try:
            data = self._ssl.bio_read(65_536)
        except SSL.WantReadError:
            return []
        datagrams: list[bytes] = []
        begin = end = 0
        while end < len(data):
            size = _RECORD_HEAD_BYTES + int.from_bytes(data[end + 11 : end + 13], "big")
            if end > begin and end + size - begin > MTU_BYTES:
                datagrams.append(data[begin:end])
                begin = end
            end += size
        datagrams.append(data[begin:])
        return datagrams
