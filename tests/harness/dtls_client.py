"""A DTLS peer of its own making (pyOpenSSL, none of the project's code), in memory and with every datagram in reach."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

PROFILES = b"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
KEY_SIZES = {b"SRTP_AEAD_AES_128_GCM": (16, 12), b"SRTP_AES128_CM_SHA1_80": (16, 14)}


@dataclass(frozen=True)
class PeerIdentity:
    """A key with its self-signed certificate."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate

    def fingerprint(self, algorithm: hashes.HashAlgorithm | None = None) -> str:
        """As in SDP."""
        return self.certificate.fingerprint(algorithm or hashes.SHA256()).hex(":").upper()

    @classmethod
    def generate(cls, kind: str = "ec") -> PeerIdentity:
        """A fresh one; "rsa" makes what old WHIP clients have."""
        key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
        start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(7).not_valid_before(start).not_valid_after(start + dt.timedelta(days=3650))
        return cls(key, builder.sign(key, hashes.SHA256()))


class DtlsPeer:
    """One side of a handshake: feed it datagrams, take its own.

    Args:
        role: "client" or "server".
        identity: its certificate, None for a client without one.
        profiles: the SRTP profiles it offers or accepts, None for a peer that knows no SRTP.
        mtu: its largest datagram; 256 splits a ClientHello in two or more.
        ciphers: an OpenSSL cipher list.
        context: that of an earlier peer instead of all this, for a session to be resumed.

    """

    def __init__(
        self,
        role: str,
        identity: PeerIdentity | None,
        *,
        profiles: bytes | None = PROFILES,
        mtu: int = 1200,
        ciphers: bytes = b"ECDHE+AESGCM",
        context: SSL.Context | None = None,
    ) -> None:
        self.context = context or self._make_context(identity, profiles, ciphers)
        self.ssl = SSL.Connection(self.context)
        self.ssl.set_ciphertext_mtu(mtu)
        if role == "client":
            self.ssl.set_connect_state()
        else:
            self.ssl.set_accept_state()
        self.role = role
        self.is_connected = False
        self.is_closed = False
        self.error: str | None = None

    @staticmethod
    def _make_context(identity: PeerIdentity | None, profiles: bytes | None, ciphers: bytes) -> SSL.Context:
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_options(SSL.OP_NO_QUERY_MTU)
        context.set_cipher_list(ciphers)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        if profiles is not None:
            context.set_tlsext_use_srtp(profiles)
        if identity is not None:
            context.use_privatekey(identity.key)
            context.use_certificate(identity.certificate)
        return context

    def start(self) -> list[bytes]:
        """The first flight of a client."""
        return self._go()

    def receive(self, data: bytes) -> list[bytes]:
        """Takes a datagram, returns what it answers."""
        if self.error is not None:
            return []
        self.ssl.bio_write(data)
        return self._go()

    def handle_timeout(self) -> list[bytes]:
        """OpenSSL's retransmission, where its timer has run out."""
        if self.error is None and not self.is_connected:
            self.ssl.DTLSv1_handle_timeout()
        return self._output()

    def close(self) -> list[bytes]:
        """close_notify."""
        self.ssl.shutdown()
        return self._output()

    def send(self, data: bytes) -> list[bytes]:
        """Application data, which no SFU without data channels wants."""
        self.ssl.send(data)
        return self._output()

    def keys(self) -> tuple[bytes, bytes, bytes, bytes]:
        """Own key and salt, the other's key and salt."""
        key, salt = KEY_SIZES[self.ssl.get_selected_srtp_profile()]
        material = self.ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
        client_key, server_key, rest = material[:key], material[key : 2 * key], material[2 * key :]
        mine, other = (client_key, rest[:salt]), (server_key, rest[salt:])
        return (*mine, *other) if self.role == "client" else (*other, *mine)

    def _go(self) -> list[bytes]:
        try:
            if not self.is_connected:
                self.ssl.do_handshake()
                self.is_connected = True
            while True:
                self.ssl.recv(4096)
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.is_closed = True
        except SSL.Error as error:
            self.error = str(error)
        return self._output()

    def _output(self) -> list[bytes]:
        """One datagram a record: many small ones, which is what a lossy path likes least."""
        data = b""
        try:
            while True:
                data += self.ssl.bio_read(65536)
        except SSL.WantReadError:
            pass
        return split_records(data)


def record(kind: int, body: bytes, *, epoch: int = 0, sequence: int = 0, version: int = 0xFEFD) -> bytes:
    """A DTLS record by hand."""
    return (
        bytes((kind,))
        + version.to_bytes(2, "big")
        + epoch.to_bytes(2, "big")
        + sequence.to_bytes(6, "big")
        + len(body).to_bytes(2, "big")
        + body
    )


def handshake_fragment(message_type: int, body: bytes, *, length: int | None = None, sequence: int = 0, offset: int = 0) -> bytes:
    """A handshake fragment by hand; `length` may lie."""
    total = len(body) if length is None else length
    return (
        bytes((message_type,))
        + total.to_bytes(3, "big")
        + sequence.to_bytes(2, "big")
        + offset.to_bytes(3, "big")
        + len(body).to_bytes(3, "big")
        + body
    )


def split_records(data: bytes) -> list[bytes]:
    """The records of a datagram."""
    records = []
    while data:
        size = 13 + int.from_bytes(data[11:13], "big")
        records.append(data[:size])
        data = data[size:]
    return records


def split(data: bytes, at: int) -> tuple[bytes, bytes]:
    """Splits a record with one whole handshake message into two records with a fragment each, as a browser's hello comes."""
    header, message, body = data[:13], data[13:25], data[25:]
    assert data[0] == 22
    assert len(body) == int.from_bytes(message[1:4], "big")
    parts = []
    for number, (start, part) in enumerate(((0, body[:at]), (at, body[at:]))):
        fragment = handshake_fragment(
            message[0], part, length=len(body), sequence=int.from_bytes(message[4:6], "big"), offset=start
        )
        parts.append(record(22, fragment, sequence=40 * number, version=int.from_bytes(header[1:3], "big")))
    return parts[0], parts[1]


def null_cipher_hello(sequence: int = 0) -> bytes:
    """A ClientHello that offers TLS_NULL_WITH_NULL_NULL alone: no honest server can go on after it."""
    body = b"\xfe\xfd" + bytes(32) + b"\x00" + b"\x00" + b"\x00\x02\x00\x00" + b"\x01\x00"
    return record(22, handshake_fragment(1, body), sequence=sequence)


def fatal_alert(description: int = 40) -> bytes:
    """A fatal alert in plaintext, which anybody can send."""
    return record(21, bytes((2, description)), sequence=9)


def huge_fragment(message_type: int = 1) -> bytes:
    """A fragment of a ClientHello that claims to be 16 MB long."""
    return record(22, handshake_fragment(message_type, b"\xfe\xfd" + bytes(40), length=0xFFFFFF))
