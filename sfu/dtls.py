"""DTLS 1.2 for one peer, to the point where SRTP keys are agreed (RFC 5764, RFC 6347), without clock and socket.

OpenSSL does the protocol over memory BIOs; this module does what OpenSSL leaves to its user:

* **Gate.** One forged datagram can kill an OpenSSL object in its handshake. The caller passes datagrams only from addresses that
  ICE has validated; `admit` then removes records that no honest peer sends, as RFC 6347 §4.1.2.7 has it for invalid records,
  and plaintext alerts, which anybody can forge. What still kills the object costs one of a few fresh ones.
* **Datagrams.** A memory BIO merges them: what OpenSSL writes is split at record headers and packed anew.
* **Fingerprint.** The peer's certificate is compared with its offer before the last flight leaves and before a key is exported.
* **Memory.** An established object holds 80 KiB. It is made at the first ClientHello and dropped 30 s after completion: by then
  the peer has our last flight, and consent and signaling tell of its end.

OpenSSL times its retransmissions by the machine's own clock; `next_timeout` passes its wish on, `handle_timeout` asks it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_ASN1, dump_certificate

from sfu.srtp import Suite
from sfu.wire.dtls_record import DTLS_1_2, FROM_CLIENT, FROM_SERVER, MAX_DATAGRAM_BYTES, admit, begins_hello, pack_records

GIVE_UP_S = 12.0
"""From the first validated address to the end of the handshake: four flights of OpenSSL's timer (1, 3, 7 s)."""
KEEP_S = 30.0
"""How long the SSL object outlives the handshake."""
MAX_RENEWALS = 3
"""Fresh objects after one died in its handshake."""
MIN_POLL_S = 0.01
_READ_BYTES = 2048
"""Our flight is some 800 bytes; pyOpenSSL allocates what is asked for at each read."""

FINGERPRINT_ALGORITHMS = ("sha-512", "sha-384", "sha-256")
"""RFC 8122 §5 as far as it is still safe: no SHA-1, no MD5."""
_CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    b"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    b"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
)
"""AEAD with forward secrecy; RSA only for peers whose certificate is RSA while we are the client."""
_EXPORTER_LABEL = b"EXTRACTOR-dtls_srtp"
"""RFC 5764 §4.2."""

_Broken = (SSL.Error, ValueError, TypeError, OSError, RuntimeError, AssertionError)
"""What pyOpenSSL raises for a connection that cannot go on; `WantReadError`, an `SSL.Error` too, is caught before."""

DtlsRole = Literal["server", "client"]


class DtlsCertificate:
    """Our certificate and the OpenSSL context that all peers share: 11 KiB and 0.19 ms that are spent once.

    Attributes:
        certificate: self-signed, ECDSA on P-256.
        context: immutable after its first connection.
        fingerprint_sha256: as in SDP: upper-case hex with colons (RFC 8122 §5).

    """

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self.certificate = certificate
        self.fingerprint_sha256 = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_min_proto_version(DTLS_1_2)
        # OpenSSL 4.1 brings DTLS 1.3, which has another record header: pinned until `admit` knows it.
        context.set_max_proto_version(DTLS_1_2)
        context.set_options(
            SSL.OP_NO_QUERY_MTU
            | SSL.OP_NO_TICKET
            | SSL.OP_NO_RENEGOTIATION
            | SSL.OP_NO_COMPRESSION
            | SSL.OP_CIPHER_SERVER_PREFERENCE
        )
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_cipher_list(_CIPHERS)
        context.set_tlsext_use_srtp(":".join(suite.value for suite in Suite).encode())
        # Self-signed certificates are accepted here and held against the offer's fingerprints afterwards.
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.use_privatekey(key)
        context.use_certificate(certificate)
        context.check_privatekey()
        self.context = context

    @classmethod
    def generate(cls) -> DtlsCertificate:
        """A fresh key and certificate, valid for a year from yesterday; nobody checks its name or its dates."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, os.urandom(8).hex())])
        today = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - dt.timedelta(days=1))
            .not_valid_after(today + dt.timedelta(days=365))
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)


@dataclass(frozen=True, slots=True)
class Connected:
    """The handshake is done and the peer is who its offer says: SRTP master keys and salts of both directions."""

    suite: Suite
    local_key: bytes
    local_salt: bytes
    remote_key: bytes
    remote_salt: bytes

    def __repr__(self) -> str:
        """Keys never reach a log line."""
        return f"Connected({self.suite.name}, …)"


FailureReason = Literal[
    "ice_timeout", "dtls_timeout", "dtls_error", "no_fingerprint", "fingerprint_mismatch", "no_certificate", "no_srtp_profile"
]


@dataclass(frozen=True, slots=True)
class Failed:
    """There will be no connection. `reason` is a stable id, `detail` is for the log."""

    reason: FailureReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RemoteClosed:
    """The peer sent close_notify."""


DtlsEvent = Connected | Failed | RemoteClosed


class DtlsState(Enum):
    """Where an endpoint is."""

    IDLE = "idle"
    """Not started: no validated address."""
    HANDSHAKING = "handshaking"
    CONNECTED = "connected"
    """Keys are out; the SSL object may be gone already."""
    ENDED = "ended"


@dataclass(slots=True)
class DtlsCounters:
    """What was ignored, and how often the SSL object was made anew.

    Attributes:
        dropped_records: records that `admit` removed, and those that came before a ClientHello.
        plaintext_alerts: alerts that anybody could have sent.
        renewals: SSL objects that died in their handshake and were replaced.
        late_errors: errors of the SSL object after completion.

    """

    dropped_records: int = 0
    plaintext_alerts: int = 0
    renewals: int = 0
    late_errors: int = 0


class DtlsEndpoint:
    """DTLS with one peer, as server or client.

    Call `start` once when the first address is validated, then `receive_datagram` or `handle_timeout`; after each drain
    `datagrams_to_send` and `events` fully and arm a timer for `next_timeout`. Nothing raises.

    Args:
        certificate: ours, shared by all peers.
        fingerprints: those of the offer, as (algorithm, hex with or without colons); one of SHA-256 or better has to match.
        role: "server" when the offer was actpass or active, "client" when it was passive.

    """

    __slots__ = (
        "_certificate",
        "_connection",
        "_deadline",
        "_events",
        "_fingerprints",
        "_last_alert",
        "_next_sequence",
        "_outbox",
        "_retransmit_at",
        "counters",
        "role",
        "state",
    )

    def __init__(self, certificate: DtlsCertificate, fingerprints: Iterable[tuple[str, str]], role: DtlsRole) -> None:
        self.role: DtlsRole = role
        self.state = DtlsState.IDLE
        self.counters = DtlsCounters()
        self._certificate = certificate
        self._fingerprints = usable_fingerprints(fingerprints)
        self._connection: SSL.Connection | None = None
        self._deadline: float | None = None
        """The end of the handshake's time while handshaking, then the time at which the SSL object goes."""
        self._retransmit_at: float | None = None
        self._last_alert = ""
        self._next_sequence = 0
        self._outbox: list[bytes] = []
        self._events: list[DtlsEvent] = []

    @property
    def has_object(self) -> bool:
        """Whether an SSL object is held: 60 to 90 KiB."""
        return self._connection is not None

    @property
    def is_handshaking(self) -> bool:
        """Whether a half-open handshake holds an SSL object."""
        return self.state is DtlsState.HANDSHAKING and self._connection is not None

    def start(self, now: float) -> None:
        """The peer's address is validated: the handshake may begin, and has `GIVE_UP_S`. The client sends its hello."""
        if self.state is not DtlsState.IDLE:
            return
        self.state = DtlsState.HANDSHAKING
        self._deadline = now + GIVE_UP_S
        if not self._fingerprints:
            self._fail("no_fingerprint")
        elif self.role == "client":
            self._connection = self._new_connection()
            self._handshake(now)

    def receive_datagram(self, data: bytes, now: float) -> None:
        """Takes a datagram from a validated address."""
        if self.state not in {DtlsState.HANDSHAKING, DtlsState.CONNECTED}:
            return
        accept_plaintext = self.state is DtlsState.HANDSHAKING
        admitted = admit(
            data, FROM_CLIENT if self.role == "server" else FROM_SERVER, self._next_sequence, accept_plaintext=accept_plaintext
        )
        self._next_sequence += len(admitted.records)
        self.counters.dropped_records += admitted.dropped
        if admitted.alert is not None:
            self.counters.plaintext_alerts += 1
            self._last_alert = f"plaintext alert {admitted.alert}"
        # One record at a time: OpenSSL stops reading at a ChangeCipherSpec that came too early, and forgets what is behind it.
        for record in admitted.records:
            self._receive_record(record, now)

    def handle_timeout(self, now: float) -> None:
        """Lets OpenSSL send its flight again; gives up a handshake; drops the object of an old connection."""
        if self._deadline is not None and now >= self._deadline:
            if self.state is DtlsState.HANDSHAKING:
                self._fail("dtls_timeout", self._last_alert)
            else:
                self._drop()
            return
        if self._retransmit_at is None or now < self._retransmit_at or self._connection is None:
            return
        try:
            self._connection.DTLSv1_handle_timeout()
        except _Broken as error:
            self._replace(self._connection, _describe(error), now)
            return
        self._flush(self._connection)
        self._poll_timer(now)

    def next_timeout(self) -> float | None:
        """When `handle_timeout` is due."""
        if self._deadline is None or self._retransmit_at is None:
            return self._deadline
        return min(self._deadline, self._retransmit_at)

    def close(self) -> None:
        """Ends the endpoint, with a close_notify when the SSL object still lives and its handshake is done."""
        connection = self._connection
        if self.state is DtlsState.CONNECTED and connection is not None:
            try:
                connection.shutdown()
            except _Broken:
                self.counters.late_errors += 1
            self._flush(connection)
        self._end()

    def release(self) -> None:
        """The peer has shown that our last flight reached it: the SSL object has nothing left to send again, and goes early.

        A close_notify of the peer is not heard any more from then on, nor ours sent.
        """
        if self.state is DtlsState.CONNECTED:
            self._drop()

    def abandon(self) -> None:
        """Ends the endpoint without a word to the peer."""
        self._end()

    def datagrams_to_send(self) -> list[bytes]:
        """Datagrams of at most `MAX_DATAGRAM_BYTES` for the peer's address; drained by the call."""
        datagrams, self._outbox = self._outbox, []
        return datagrams

    def events(self) -> list[DtlsEvent]:
        """What happened since the last call; drained by it."""
        events, self._events = self._events, []
        return events

    def _new_connection(self) -> SSL.Connection:
        connection = SSL.Connection(self._certificate.context)
        # With OP_NO_QUERY_MTU in the context; either alone leaves fragments of 256 bytes.
        connection.set_ciphertext_mtu(MAX_DATAGRAM_BYTES)
        if self.role == "server":
            connection.set_accept_state()
        else:
            connection.set_connect_state()
        return connection

    def _receive_record(self, record: bytes, now: float) -> None:
        if self._connection is None and self.state is DtlsState.HANDSHAKING and self.role == "server" and begins_hello(record):
            self._connection = self._new_connection()
        connection = self._connection
        if connection is None:
            self.counters.dropped_records += 1
            return
        connection.bio_write(record)
        if self.state is DtlsState.HANDSHAKING:
            self._handshake(now)
        else:
            self._read(connection)

    def _handshake(self, now: float) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            connection.do_handshake()
        except SSL.WantReadError:
            self._flush(connection)
            self._poll_timer(now)
        except _Broken as error:
            self._replace(connection, _describe(error), now)
        else:
            try:
                self._complete(connection, now)
            except _Broken as error:
                self._fail("dtls_error", _describe(error))

    def _complete(self, connection: SSL.Connection, now: float) -> None:
        """Fingerprint first: until it matches neither our last flight nor a key leaves this function."""
        certificate = connection.get_peer_certificate()
        if certificate is None:
            self._fail("no_certificate")
            return
        # Hashed as it came: nothing of a stranger's certificate is parsed here.
        der = dump_certificate(FILETYPE_ASN1, certificate)
        matches = [
            hmac.compare_digest(hashlib.new(algorithm.replace("-", ""), der).digest(), digest)
            for algorithm, digest in self._fingerprints
        ]
        if not any(matches):
            self._fail("fingerprint_mismatch")
            return
        try:
            suite = Suite(connection.get_selected_srtp_profile().decode("ascii"))
        except ValueError:
            self._fail("no_srtp_profile")
            return
        connected = _export(connection, suite, self.role)
        self._flush(connection)
        self.state = DtlsState.CONNECTED
        self._retransmit_at = None
        self._deadline = now + KEEP_S
        self._events.append(connected)

    def _read(self, connection: SSL.Connection) -> None:
        """After completion: close_notify ends it, a repeated Finished is answered by OpenSSL, all else is thrown away."""
        try:
            while True:
                connection.recv(4096)
        except SSL.WantReadError:
            self._flush(connection)
        except SSL.ZeroReturnError:
            self._events.append(RemoteClosed())
            self.close()
        except _Broken:
            self.counters.late_errors += 1
            self._drop()

    def _replace(self, connection: SSL.Connection, detail: str, now: float) -> None:
        """The object died: what it wrote goes with it, for it may be an alert that would end the honest peer's handshake."""
        self._connection = None
        self._retransmit_at = None
        if self.counters.renewals >= MAX_RENEWALS:
            self._flush(connection)
            self._fail("dtls_error", detail)
            return
        self.counters.renewals += 1
        self._last_alert = self._last_alert or detail
        if self.role == "client":
            self._connection = self._new_connection()
            self._handshake(now)

    def _fail(self, reason: FailureReason, detail: str = "") -> None:
        self._events.append(Failed(reason, detail))
        self._end()

    def _end(self) -> None:
        self.state = DtlsState.ENDED
        self._drop()

    def _drop(self) -> None:
        self._connection = None
        self._deadline = None
        self._retransmit_at = None

    def _poll_timer(self, now: float) -> None:
        wait_s = None if self._connection is None else self._connection.DTLSv1_get_timeout()
        self._retransmit_at = None if wait_s is None else now + max(wait_s, MIN_POLL_S)

    def _flush(self, connection: SSL.Connection) -> None:
        written: list[bytes] = []
        try:
            while True:
                written.append(connection.bio_read(_READ_BYTES))
        except SSL.WantReadError:
            pass
        except _Broken:
            self.counters.late_errors += 1
        self._outbox += pack_records(b"".join(written))


def _export(connection: SSL.Connection, suite: Suite, role: DtlsRole) -> Connected:
    """Client key, server key, client salt, server salt, in this order (RFC 5764 §4.2)."""
    key, salt = suite.key_bytes, suite.salt_bytes
    material = connection.export_keying_material(_EXPORTER_LABEL, 2 * (key + salt))
    client = material[:key], material[2 * key : 2 * key + salt]
    server = material[key : 2 * key], material[2 * key + salt :]
    local, remote = (server, client) if role == "server" else (client, server)
    return Connected(suite, *local, *remote)


def usable_fingerprints(fingerprints: Iterable[tuple[str, str]]) -> tuple[tuple[str, bytes], ...]:
    """Those of an offer that are well formed and SHA-256 or better, as algorithm and digest; the others are left out."""
    usable = []
    for algorithm, value in fingerprints:
        name = algorithm.lower()
        try:
            digest = bytes.fromhex(value.replace(":", ""))
        except ValueError:
            continue
        if name in FINGERPRINT_ALGORITHMS and len(digest) == int(name[4:]) // 8:
            usable.append((name, digest))
    return tuple(usable)


def _describe(error: BaseException) -> str:
    """The last reason in OpenSSL's queue, which is a list of (library, function, reason)."""
    queue = error.args[0] if error.args else None
    return str(queue[-1][-1]) if isinstance(queue, list) and queue else type(error).__name__
