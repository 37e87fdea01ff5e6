"""One simulated point without its socket: ICE as a full agent, DTLS as a client, and the reports of one who watches.

Change it once (:meth:`Peer.begin`, :meth:`Peer.receive`, :meth:`Peer.handle_timeout`), then drain
:meth:`Peer.datagrams_to_send`. Once ``keys`` are there :meth:`Peer.check` and :meth:`Peer.report` give what is due: whoever holds
thousands of peers calls them by one wheel. Nothing that is received raises.

Deliberately not done: a ClientHello in two datagrams (OpenSSL has no post-quantum share for DTLS 1.2), trickling, ICE restarts,
estimating bandwidth. Transaction ids are not random but 32 random bits and a count: nobody off the path is to be kept out.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from struct import Struct

from rehearsal.checks import CheckWriter, answered_transaction
from rehearsal.control import ControlCipher, ControlError
from rehearsal.handshake import Handshake, HandshakeError, Identity, MediaKeys
from rehearsal.offers import Answer
from rehearsal.samples import SampleReader, report_block

CHECK_AGAIN_S = 0.25
"""A check that was not answered is sent again after this time, then after twice as long, and so on."""
OUTSTANDING_CHECKS = 8
"""So many of the newest checks may still be answered."""
CONSENT_LOST_S = 15.0
"""Chromium's patience; RFC 7675 §5.1 has 30 s."""
_ALERT = 21
_REPORT_HEAD = Struct("!BBHI")
_SENDER_REPORT = Struct("!BBHIQIII")
_SENDER_REPORT_TYPE = 200
_TRANSACTION = Struct("!IQ")


class PeerState(Enum):
    """How far a peer is."""

    NEW = "new"
    CHECKING = "checking"
    HANDSHAKING = "handshaking"
    CONNECTED = "connected"
    ENDED = "ended"


class Peer:
    """A viewer. Publishers build on it.

    Args:
        number: of its address.
        ufrag, pwd: its ICE credentials, as in its offer.
        identity: the certificate.
        random_bits: 128 random bits: SSRC of its reports, tie breaker, transaction ids.

    Attributes:
        to: where its datagrams go, as :func:`rehearsal.sockets.destination` has it; whoever holds its socket keeps it there.
        failure: why it ended: (reason, detail) as in :class:`rehearsal.measures.JoinFailedError`, or ``closed`` by the service.
        reader: what reads its media; None for a point whose media the kernel counts.
        make_reader: makes the reader once there are keys: media may come with the handshake's last record.
        loss: the share of packets that its reports claim to be lost, for a point without a reader.
        checks_sent, checks_answered, reports_sent, reports_received: counters.
    """

    __slots__ = (
        "_answer",
        "_check_at",
        "_check_wait_s",
        "_checks",
        "_control",
        "_first_check",
        "_handshake",
        "_identity",
        "_out",
        "_sender_reports",
        "_transaction_base",
        "_transactions",
        "answered_at",
        "checks_answered",
        "checks_sent",
        "failure",
        "keys",
        "loss",
        "make_reader",
        "number",
        "pwd",
        "reader",
        "reports_received",
        "reports_sent",
        "ssrc",
        "state",
        "tie_breaker",
        "to",
        "ufrag",
    )

    def __init__(self, number: int, ufrag: str, pwd: str, identity: Identity, random_bits: int) -> None:
        self.number, self.ufrag, self.pwd, self._identity = number, ufrag, pwd, identity
        self.ssrc = random_bits & 0xFFFFFFFF
        self._transaction_base = random_bits >> 32 & 0xFFFFFFFF
        self.tie_breaker = random_bits >> 64 & 0xFFFFFFFFFFFFFFFF
        self.to = 0
        self.state = PeerState.NEW
        self.failure: tuple[str, str] | None = None
        self.keys: MediaKeys | None = None
        self.reader: SampleReader | None = None
        self.make_reader: Callable[[MediaKeys], SampleReader] | None = None
        self.loss = 0.0
        self.checks_sent = self.checks_answered = self.reports_sent = self.reports_received = 0
        self.answered_at = 0.0
        self._answer: Answer | None = None
        self._checks: CheckWriter | None = None
        self._handshake: Handshake | None = None
        self._control: ControlCipher | None = None
        self._first_check = b""
        self._transactions = 0
        self._check_at, self._check_wait_s = float("inf"), CHECK_AGAIN_S
        self._out: list[bytes] = []
        self._sender_reports: dict[int, tuple[int, float]] = {}

    # -- joining

    def begin(self, answer: Answer, now: float) -> None:
        """Start to connect to where the answer says."""
        self._answer = answer
        self._checks = CheckWriter(self.ufrag, answer.ufrag, answer.pwd, self.tie_breaker)
        self.state = PeerState.CHECKING
        self.answered_at = now
        self._first_check = self._checks.check(_TRANSACTION.pack(self._transaction_base, 0))
        self._check_again(now)

    def _check_again(self, now: float) -> None:
        """The same request again until it is answered (RFC 8489 §6.2.1)."""
        self._out.append(self._first_check)
        self.checks_sent += 1
        self._check_at = now + self._check_wait_s
        self._check_wait_s *= 2

    def handle_timeout(self, now: float) -> None:
        """While it connects, some ten times a second: what was lost on the way is sent again."""
        if self.state is PeerState.CHECKING and now >= self._check_at:
            self._check_again(now)
        elif self.state is PeerState.HANDSHAKING and self._handshake is not None:
            self._out += self._handshake.handle_timeout()

    def datagrams_to_send(self) -> list[bytes]:
        """What to send now; drained by the call."""
        out, self._out = self._out, []
        return out

    def close(self) -> None:
        """End without a word: no more checks, no more reports."""
        self.state = PeerState.ENDED
        self._handshake = None
        self._out.clear()

    # -- what comes

    def receive(self, data: bytes, now: float) -> None:
        """Take a datagram that is not RTP."""
        state = self.state
        if not data or state is PeerState.NEW or state is PeerState.ENDED:
            return
        first = data[0]
        if first < 4:
            self._receive_answer(data, now)
        elif 20 <= first < 64:
            self._receive_dtls(data)
        elif self._control is not None and first & 0xC0 == 0x80:
            try:
                compound = self._control.open(data)
            except ControlError:
                return
            self.reports_received += 1
            self._receive_reports(compound, now)

    def _receive_answer(self, data: bytes, now: float) -> None:
        transaction = answered_transaction(data)
        if self._checks is None or transaction is None:
            return
        base, number = _TRANSACTION.unpack(transaction)
        # Under load an answer may come after the next check has left: it answers all the same.
        if base != self._transaction_base or not 0 <= self._transactions - number < OUTSTANDING_CHECKS:
            return
        if self.state is PeerState.CHECKING:
            # Later answers prove by their transaction that they are answers; the first one proves who gives them.
            if not self._checks.is_authentic(data):
                return
            self._begin_handshake()
        self.checks_answered += 1
        self.answered_at = now

    def _begin_handshake(self) -> None:
        if self._answer is None:
            return
        self.state = PeerState.HANDSHAKING
        self._handshake = Handshake(self._identity, self._answer.fingerprint)
        self._out += self._handshake.start()

    def _receive_dtls(self, data: bytes) -> None:
        if self._handshake is None:
            if data[0] == _ALERT and self.state is PeerState.CONNECTED:
                # Its SSL object is gone; a record of this kind after the handshake is a close_notify.
                self._end("closed", "the service closed DTLS")
            return
        try:
            self._out += self._handshake.receive(data)
        except HandshakeError as error:
            self._end("dtls", str(error))
            return
        if self._handshake.keys is not None:
            self.keys = self._handshake.keys
            self._handshake = None
            self._control = ControlCipher(self.keys)
            if self.make_reader is not None:
                self.reader = self.make_reader(self.keys)
            self.state = PeerState.CONNECTED

    def _end(self, reason: str, detail: str) -> None:
        self.failure = reason, detail
        self.state = PeerState.ENDED
        self._handshake = None

    def _receive_reports(self, compound: bytes, now: float) -> None:
        """Note the sender reports of a compound; RTT is computed from them by the other side."""
        at = 0
        while at + 8 <= len(compound):
            if compound[at + 1] == _SENDER_REPORT_TYPE and at + 28 <= len(compound):
                _, _, _, ssrc, ntp, _, _, _ = _SENDER_REPORT.unpack_from(compound, at)
                self._sender_reports[ssrc] = ntp >> 16 & 0xFFFFFFFF, now
            at += 4 + 4 * int.from_bytes(compound[at + 2 : at + 4], "big")

    # -- what is due

    def check(self) -> bytes | None:
        """A check that renews consent; None before an answer is there. Each has a transaction of its own."""
        if self._checks is None:
            return None
        self.checks_sent += 1
        self._transactions += 1
        return self._checks.check(_TRANSACTION.pack(self._transaction_base, self._transactions))

    def report(self, now: float) -> bytes | None:
        """A sealed receiver report, with NACKs where the point reads its media; None before keys are there.

        A point without a reader reports on the streams that sent it a sender report. It does not know their highest sequence
        number, and reports 0.
        """
        if self._control is None:
            return None
        if self.reader is not None:
            blocks, behind = self.reader.report_blocks(self._sender_reports, now), self.reader.nacks(self.ssrc, now)
        else:
            fraction, behind = min(255, int(self.loss * 256)), b""
            blocks = b""
            if self._sender_reports:
                reports = list(self._sender_reports.items())[:31]
                blocks = b"".join([report_block(ssrc, fraction, 0, 0, last, now) for ssrc, last in reports])
        count = len(blocks) // 24
        self.reports_sent += 1
        return self._control.seal(_REPORT_HEAD.pack(0x80 | count, 201, 1 + 6 * count, self.ssrc) + blocks + behind)

    def nacks(self, now: float) -> bytes | None:
        """Sealed NACKs, reduced size (RFC 5506), when some are due."""
        if self._control is None or self.reader is None:
            return None
        packets = self.reader.nacks(self.ssrc, now)
        return self._control.seal(packets) if packets else None

    def has_consent(self, now: float) -> bool:
        """Whether a check was answered within the time."""
        return now - self.answered_at < CONSENT_LOST_S
