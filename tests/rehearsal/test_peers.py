"""A simulated point against the service's own transport, in memory."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from rehearsal.handshake import Identity
from rehearsal.measures import SampleCounts
from rehearsal.offers import Answer
from rehearsal.peers import CHECK_AGAIN_S, CONSENT_LOST_S, OUTSTANDING_CHECKS, Peer, PeerState
from rehearsal.samples import SampleReader
from sfu.srtp import InboundSrtp, OutboundSrtcp
from sfu.transport import Connected, DtlsCertificate, Failed, IceCredentials, RemoteClosed, Transport, TransportEvent
from sfu.wire.rtcp import ReceiverReport, SenderReport, parse_compound

IDENTITY = Identity(dt.datetime.now(dt.UTC))
CERTIFICATE = DtlsCertificate.generate()
ADDRESS = ("127.64.0.9", 40_000)
FINGERPRINT = bytes.fromhex(CERTIFICATE.fingerprint_sha256.replace(":", "")).hex(":").upper()


class Path:
    """A peer, the node's transport, and what passes between them."""

    def __init__(self, fingerprint: str = FINGERPRINT) -> None:
        self.now = 10.0
        local = IceCredentials("srvr", "q" * 24)
        self.peer = Peer(9, "clnt", "p" * 24, IDENTITY, random.Random(1).getrandbits(128))
        self.transport = Transport(
            local, IceCredentials("clnt", "p" * 24), CERTIFICATE, [("sha-256", IDENTITY.fingerprint)], "server", self.now
        )
        self.answer = Answer(local.ufrag, local.pwd, fingerprint, "127.0.0.1", 10_000, {})
        self.events: list[TransportEvent] = []

    def carry(self, *, loses: int = 0) -> None:
        """Let datagrams pass until both are silent, without the first few of the peer's."""
        while True:
            out = self.peer.datagrams_to_send()
            lost, out = out[:loses], out[loses:]
            loses -= len(lost)
            for data in out:
                if data[0] < 4:
                    self.transport.receive_stun(data, ADDRESS, self.now)
                else:
                    self.transport.receive_dtls(data, ADDRESS, self.now)
            self.events += self.transport.events()
            answers = self.transport.datagrams_to_send()
            for data, _ in answers:
                self.peer.receive(data, self.now)
            if not out and not answers:
                return

    def connected(self) -> Connected:
        (event,) = [event for event in self.events if isinstance(event, Connected)]
        return event


@pytest.fixture
def path() -> Path:
    path = Path()
    path.peer.begin(path.answer, path.now)
    return path


def test_it_connects_with_the_same_keys(path: Path) -> None:
    path.carry()
    keys, node = path.peer.keys, path.connected()
    assert path.peer.state is PeerState.CONNECTED
    assert keys is not None
    assert keys.profile == node.suite.value
    assert (keys.local_key, keys.local_salt) == (node.remote_key, node.remote_salt)
    assert (keys.remote_key, keys.remote_salt) == (node.local_key, node.local_salt)


def test_a_reader_is_there_as_soon_as_keys_are() -> None:
    path = Path()
    path.peer.make_reader = lambda keys: SampleReader(keys, {}, SampleCounts(), 0)
    path.peer.begin(path.answer, path.now)
    path.carry()
    assert path.peer.reader is not None


def test_a_lost_check_is_sent_again(path: Path) -> None:
    path.carry(loses=1)
    assert path.peer.keys is None
    path.now += CHECK_AGAIN_S
    path.peer.handle_timeout(path.now)
    path.carry()
    assert path.peer.state is PeerState.CONNECTED
    assert (path.peer.checks_sent, path.peer.checks_answered) == (2, 1)


def test_another_certificate_is_refused() -> None:
    path = Path(":".join(["AB"] * 32))
    path.peer.begin(path.answer, path.now)
    path.carry()
    assert path.peer.state is PeerState.ENDED
    assert path.peer.failure is not None
    assert path.peer.failure[0] == "dtls"
    assert path.peer.keys is None


def test_an_answer_of_somebody_else_does_not_count(path: Path) -> None:
    check = path.peer.datagrams_to_send()[0]
    path.peer.receive(b"\x01\x01\x00\x00" + check[4:20], path.now)
    assert path.peer.state is PeerState.CHECKING
    assert path.peer.datagrams_to_send() == []


def test_consent_is_renewed_and_ends(path: Path) -> None:
    path.carry()
    for _ in range(10):
        path.now += 2.5
        check = path.peer.check()
        assert check is not None
        path.transport.receive_stun(check, ADDRESS, path.now)
        for data, _ in path.transport.datagrams_to_send():
            path.peer.receive(data, path.now)
        assert path.peer.has_consent(path.now)
    assert (path.peer.checks_sent, path.peer.checks_answered) == (11, 11)
    assert not path.peer.has_consent(path.now + CONSENT_LOST_S)


def test_a_late_answer_is_an_answer(path: Path) -> None:
    path.carry()
    checks = [path.peer.check() for _ in range(OUTSTANDING_CHECKS + 1)]
    path.now += 20.0
    for check, is_taken in ((checks[0], False), (checks[1], True), (checks[-1], True)):
        assert check is not None
        path.transport.receive_stun(check, ADDRESS, path.now)
        answered = path.peer.checks_answered
        for data, _ in path.transport.datagrams_to_send():
            path.peer.receive(data, path.now)
        assert path.peer.checks_answered == answered + is_taken
    assert path.peer.has_consent(path.now)


def test_reports_say_when_the_last_sender_report_came(path: Path) -> None:
    path.carry()
    node = path.connected()
    inbound = InboundSrtp(node.suite, node.remote_key, node.remote_salt)
    first = path.peer.report(path.now)
    assert first is not None
    assert parse_compound(inbound.unprotect_rtcp(first)) == [ReceiverReport(path.peer.ssrc, ())]
    outbound = OutboundSrtcp(node.suite, node.local_key, node.local_salt)
    sender_report = SenderReport(77, 0x1111_2222_3333_4444, 1, 2, 3, ()).serialize()
    path.peer.receive(outbound.protect(sender_report), path.now)
    path.peer.loss = 0.25
    second = path.peer.report(path.now + 0.5)
    assert second is not None
    (report,) = parse_compound(inbound.unprotect_rtcp(second))
    assert isinstance(report, ReceiverReport)
    (block,) = report.blocks
    assert (block.ssrc, block.fraction_lost, block.last_sr, block.delay_since_last_sr) == (77, 64, 0x2222_3333, 32_768)
    assert (path.peer.reports_sent, path.peer.reports_received) == (2, 1)


def test_the_service_closes(path: Path) -> None:
    path.carry()
    path.transport.close()
    for data, _ in path.transport.datagrams_to_send():
        path.peer.receive(data, path.now)
    assert path.peer.state is PeerState.ENDED
    assert path.peer.failure == ("closed", "the service closed DTLS")


def test_nothing_that_comes_raises(path: Path) -> None:
    generator = random.Random(2)
    path.carry()
    for _ in range(2000):
        path.peer.receive(generator.randbytes(generator.randrange(60)), path.now)
    assert path.peer.state in {PeerState.CONNECTED, PeerState.ENDED}
    assert not [event for event in path.events if isinstance(event, Failed | RemoteClosed)]


def test_a_silent_peer_is_silent(path: Path) -> None:
    path.peer.close()
    path.carry()
    assert path.events == []
    assert path.peer.state is PeerState.ENDED
