"""DTLS endpoint against independent peers (pyOpenSSL on its own, aiortc), and against datagrams that kill OpenSSL objects."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport, RTCIceTransport
from cryptography.hazmat.primitives import hashes
from OpenSSL import SSL

from sfu import dtls
from sfu.dtls import (
    GIVE_UP_S,
    KEEP_S,
    MAX_RENEWALS,
    Connected,
    DtlsCertificate,
    DtlsEndpoint,
    DtlsEvent,
    DtlsRole,
    DtlsState,
    Failed,
    RemoteClosed,
    usable_fingerprints,
)
from sfu.srtp import InboundSrtp, Suite
from sfu.wire.dtls_record import DTLS_1_2, FROM_CLIENT, MAX_DATAGRAM_BYTES, admit
from tests.harness.browser_bytes import CHROMIUM, FIREFOX, Capture
from tests.harness.dtls_client import (
    DtlsPeer,
    PeerIdentity,
    fatal_alert,
    handshake_fragment,
    huge_fragment,
    null_cipher_hello,
    record,
    split,
    split_records,
)

IDENTITY = PeerIdentity.generate()
OTHER = PeerIdentity.generate()
RSA = PeerIdentity.generate("rsa")
CERTIFICATE = DtlsCertificate.generate()
ROOT = Path(__file__).parents[2]


def make(role: DtlsRole = "server", identity: PeerIdentity = IDENTITY, *, now: float = 0.0) -> DtlsEndpoint:
    endpoint = DtlsEndpoint(CERTIFICATE, [("sha-256", identity.fingerprint())], role)
    endpoint.start(now)
    return endpoint


def exchange(endpoint: DtlsEndpoint, peer: DtlsPeer, to_endpoint: list[bytes], now: float = 0.0) -> list[DtlsEvent]:
    """Passes datagrams until both are silent; returns what the endpoint said."""
    events: list[DtlsEvent] = []
    for _ in range(40):
        for data in to_endpoint:
            endpoint.receive_datagram(data, now)
        events += endpoint.events()
        outgoing = endpoint.datagrams_to_send()
        if not outgoing and not to_endpoint:
            break
        assert all(len(data) <= MAX_DATAGRAM_BYTES for data in outgoing)
        to_endpoint = [answer for data in outgoing for answer in peer.receive(data)]
    return events


def assert_connected(events: list[DtlsEvent], peer: DtlsPeer, suite: Suite = Suite.AES_128_GCM) -> None:
    """Keys are those of the peer, crosswise."""
    assert len(events) == 1
    connected = events[0]
    assert isinstance(connected, Connected)
    assert connected.suite is suite
    assert peer.is_connected
    assert peer.error is None
    ours = (connected.remote_key, connected.remote_salt, connected.local_key, connected.local_salt)
    assert ours == peer.keys()
    assert len(connected.local_key) == suite.key_bytes
    assert len(connected.local_salt) == suite.salt_bytes
    assert connected.local_key != connected.remote_key


def connect(endpoint: DtlsEndpoint, peer: DtlsPeer, now: float = 0.0) -> None:
    first = peer.start() if peer.role == "client" else []
    assert_connected(exchange(endpoint, peer, first, now), peer)


class TestHandshake:
    """Both roles, both suites."""

    @pytest.mark.parametrize("mtu", [1200, 600, 256])
    def test_server(self, mtu: int) -> None:
        connect(make(), DtlsPeer("client", IDENTITY, mtu=mtu))

    @pytest.mark.parametrize("mtu", [1200, 256])
    @pytest.mark.parametrize("identity", [IDENTITY, RSA], ids=["ecdsa", "rsa"])
    def test_client(self, identity: PeerIdentity, mtu: int) -> None:
        connect(make("client", identity), DtlsPeer("server", identity, mtu=mtu))

    def test_peer_with_rsa_certificate(self) -> None:
        connect(make(identity=RSA), DtlsPeer("client", RSA))

    @pytest.mark.parametrize(
        ("offered", "suite"),
        [
            (b"SRTP_AES128_CM_SHA1_80", Suite.AES_128_CM_SHA1_80),
            (b"SRTP_AEAD_AES_128_GCM", Suite.AES_128_GCM),
            (b"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", Suite.AES_128_GCM),
            (b"SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_32:SRTP_AES128_CM_SHA1_80", Suite.AES_128_CM_SHA1_80),
        ],
    )
    def test_our_order_decides(self, offered: bytes, suite: Suite) -> None:
        peer = DtlsPeer("client", IDENTITY, profiles=offered)
        assert_connected(exchange(make(), peer, peer.start()), peer, suite)

    def test_it_is_dtls_1_2_with_aead(self) -> None:
        peer = DtlsPeer("client", IDENTITY, ciphers=b"ALL")
        connect(make(), peer)
        assert peer.ssl.get_protocol_version() == DTLS_1_2
        assert "GCM" in (peer.ssl.get_cipher_name() or "") or "POLY1305" in (peer.ssl.get_cipher_name() or "")

    def test_no_session_ticket_and_no_resumption(self) -> None:
        """A resumed session would show no certificate of its own."""
        peer = DtlsPeer("client", IDENTITY)
        connect(make(), peer)
        session = peer.ssl.get_session()
        assert session is not None
        again = DtlsPeer("client", IDENTITY, context=peer.context)
        again.ssl.set_session(session)
        endpoint = make()
        endpoint.receive_datagram(again.start()[0], 0.0)
        flight = endpoint.datagrams_to_send()
        messages = [one[13] for data in flight for one in split_records(data) if one[0] == 22]
        assert messages[:2] == [2, 11], "ServerHello, Certificate: a whole handshake"
        assert_connected(exchange(endpoint, again, [answer for data in flight for answer in again.receive(data)]), again)

    def test_the_object_is_made_at_the_first_hello(self) -> None:
        endpoint = make()
        assert not endpoint.has_object
        for data in (b"\x16", record(22, b""), fatal_alert(), record(20, b"\x01"), record(23, bytes(30), epoch=1), bytes(40)):
            endpoint.receive_datagram(data, 0.0)
        assert not endpoint.has_object
        peer = DtlsPeer("client", IDENTITY)
        endpoint.receive_datagram(peer.start()[0], 0.0)
        assert endpoint.has_object
        assert endpoint.is_handshaking

    def test_nothing_before_start(self) -> None:
        for role in ("server", "client"):
            endpoint = DtlsEndpoint(CERTIFICATE, [("sha-256", IDENTITY.fingerprint())], role)
            endpoint.receive_datagram(DtlsPeer("client", IDENTITY).start()[0], 0.0)
            assert endpoint.datagrams_to_send() == []
            assert endpoint.next_timeout() is None
            assert endpoint.state is DtlsState.IDLE
            assert not endpoint.has_object

    def test_application_data_is_thrown_away(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        connect(endpoint, peer)
        for data in peer.send(b"sctp" * 100):
            endpoint.receive_datagram(data, 1.0)
        assert endpoint.events() == []
        assert endpoint.datagrams_to_send() == []
        assert endpoint.state is DtlsState.CONNECTED

    def test_keys_are_not_shown(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        events = exchange(endpoint, peer, peer.start())
        assert repr(events[0]) == "Connected(AES_128_GCM, …)"


class TestSplitHello:
    """Every browser's ClientHello is two datagrams."""

    def two(self) -> tuple[DtlsPeer, bytes, bytes]:
        peer = DtlsPeer("client", IDENTITY)
        return peer, *split(peer.start()[0], 100)

    @pytest.mark.parametrize("swapped", [False, True])
    @pytest.mark.parametrize("doubled", [False, True])
    def test_in_either_order(self, swapped: bool, doubled: bool) -> None:
        peer, first, second = self.two()
        hello = [second, first] if swapped else [first, second]
        if doubled:
            hello = [hello[0], hello[0], hello[1], hello[1]]
        assert_connected(exchange(make(), peer, hello), peer)

    def test_half_a_hello_gets_no_answer(self) -> None:
        _, first, _ = self.two()
        endpoint = make()
        endpoint.receive_datagram(first, 0.0)
        assert endpoint.datagrams_to_send() == []

    def test_both_in_one_datagram(self) -> None:
        peer, first, second = self.two()
        assert_connected(exchange(make(), peer, [first + second]), peer)


@pytest.mark.parametrize("capture", [CHROMIUM, FIREFOX], ids=["chromium", "firefox"])
class TestBrowserHello:
    """Captured hellos of two datagrams with a post-quantum key share."""

    def answered(self, *hello: bytes) -> list[int]:
        """The handshake messages of our flight."""
        endpoint = make()
        for data in hello:
            endpoint.receive_datagram(data, 0.0)
        assert endpoint.counters.renewals == 0
        flight = endpoint.datagrams_to_send()
        assert len(flight) <= 1, "one datagram"
        return [one[13] for data in flight for one in split_records(data)]

    def test_in_either_order(self, capture: Capture) -> None:
        first, second = capture.hello
        flight = [2, 11, 12, 13, 14]
        assert self.answered(first, second) == flight
        assert self.answered(second, first) == flight
        assert self.answered(first, first, second, second) == flight

    def test_half(self, capture: Capture) -> None:
        for half in capture.hello:
            assert self.answered(half) == []

    def test_not_a_byte_is_dropped(self, capture: Capture) -> None:
        for data in capture.hello:
            admitted = admit(data, FROM_CLIENT, 0, accept_plaintext=True)
            assert [one[:5] + one[11:] for one in admitted.records] == [data[:5] + data[11:]]

    def test_our_order_of_srtp_profiles(self, capture: Capture) -> None:
        """Both browsers offer AEAD_AES_128_GCM; the ServerHello's use_srtp (14) names it alone (7)."""
        endpoint = make()
        for data in capture.hello:
            endpoint.receive_datagram(data, 0.0)
        assert bytes.fromhex("000e00050002000700") in endpoint.datagrams_to_send()[0]

    def test_damaged_twins(self, capture: Capture) -> None:
        """Whatever a damaged half does, the undamaged hello, sent again, is answered in time."""
        rng = random.Random(1463)
        for _ in range(40):
            endpoint = make()
            data = bytearray(rng.choice(capture.hello))
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            for datagram in (bytes(data[: rng.randrange(len(data))]), *capture.hello[:1]):
                endpoint.receive_datagram(datagram, 0.0)
            endpoint.receive_datagram(capture.hello[1], 0.0)
            for _ in range(MAX_RENEWALS):
                for datagram in capture.hello:
                    endpoint.receive_datagram(datagram, 1.0)
            assert endpoint.datagrams_to_send()
            assert endpoint.events() == []


class TestFingerprint:
    """RFC 8122, and no key before it matches."""

    def test_mismatch(self) -> None:
        endpoint, peer = make(identity=OTHER), DtlsPeer("client", IDENTITY)
        assert exchange(endpoint, peer, peer.start()) == [Failed("fingerprint_mismatch")]
        assert not peer.is_connected, "our last flight was held back"
        assert endpoint.state is DtlsState.ENDED
        assert not endpoint.has_object
        assert endpoint.next_timeout() is None

    def test_mismatch_as_client(self) -> None:
        endpoint, peer = make("client", OTHER), DtlsPeer("server", IDENTITY)
        assert exchange(endpoint, peer, []) == [Failed("fingerprint_mismatch")]

    def test_no_key_is_exported_on_mismatch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        exported: list[object] = []
        monkeypatch.setattr(dtls, "_export", lambda *arguments: exported.append(arguments))
        peer = DtlsPeer("client", IDENTITY)
        exchange(make(identity=OTHER), peer, peer.start())
        assert exported == []

    def test_a_failing_export_is_a_failure_and_no_exception(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise SSL.Error([("SSL routines", "", "out of memory")])

        monkeypatch.setattr(dtls, "_export", fail)
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        assert exchange(endpoint, peer, peer.start()) == [Failed("dtls_error", "out of memory")]
        assert not peer.is_connected
        assert not endpoint.has_object

    def test_no_certificate(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", None)
        events = exchange(endpoint, peer, peer.start())
        assert not any(isinstance(event, Connected) for event in events)
        endpoint.handle_timeout(GIVE_UP_S)
        assert isinstance((events + endpoint.events())[-1], Failed)

    @pytest.mark.parametrize(
        "fingerprints",
        [
            [],
            [("sha-1", IDENTITY.fingerprint(hashes.SHA1()))],
            [("md5", "00:" * 15 + "00")],
            [("sha-256", "")],
            [("sha-256", IDENTITY.fingerprint()[:-3])],
            [("sha-256", "ÄÖ" * 32)],
        ],
    )
    def test_none_that_counts(self, fingerprints: list[tuple[str, str]]) -> None:
        endpoint = DtlsEndpoint(CERTIFICATE, fingerprints, "server")
        endpoint.start(0.0)
        assert endpoint.events() == [Failed("no_fingerprint")]
        peer = DtlsPeer("client", IDENTITY)
        assert exchange(endpoint, peer, peer.start()) == []

    @pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
    @pytest.mark.parametrize("form", [str.upper, str.lower, lambda text: text.replace(":", "")])
    def test_any_safe_hash_in_any_form(self, algorithm: hashes.HashAlgorithm, form: object) -> None:
        assert callable(form)
        name = algorithm.name.replace("sha", "SHA-")
        endpoint = DtlsEndpoint(CERTIFICATE, [("sha-1", "00"), (name, form(IDENTITY.fingerprint(algorithm)))], "server")
        endpoint.start(0.0)
        peer = DtlsPeer("client", IDENTITY)
        assert_connected(exchange(endpoint, peer, peer.start()), peer)

    def test_one_of_several_is_enough(self) -> None:
        endpoint = DtlsEndpoint(CERTIFICATE, [("sha-256", OTHER.fingerprint()), ("sha-256", IDENTITY.fingerprint())], "server")
        endpoint.start(0.0)
        peer = DtlsPeer("client", IDENTITY)
        assert_connected(exchange(endpoint, peer, peer.start()), peer)

    def test_ours_is_what_the_peer_sees(self) -> None:
        peer = DtlsPeer("client", IDENTITY)
        connect(make(), peer)
        certificate = peer.ssl.get_peer_certificate(as_cryptography=True)
        assert certificate is not None
        assert certificate.fingerprint(hashes.SHA256()).hex(":").upper() == CERTIFICATE.fingerprint_sha256
        assert usable_fingerprints([("sha-256", CERTIFICATE.fingerprint_sha256)])

    def test_no_srtp(self) -> None:
        peer = DtlsPeer("client", IDENTITY, profiles=None)
        assert exchange(make(), peer, peer.start()) == [Failed("no_srtp_profile")]


POISONS = {
    "plaintext fatal alert": fatal_alert(),
    "null cipher hello": null_cipher_hello(),
    "16 MB fragment": huge_fragment(),
    "16 MB fragment of another message": huge_fragment(11),
    "hello of one fragment that lies": record(22, handshake_fragment(1, bytes(10), length=20_000, offset=19_999)),
    "server's message": record(22, handshake_fragment(2, bytes(40))),
    "truncated record": record(22, bytes(100))[:-20],
    "change cipher spec": record(20, b"\x01"),
    "change cipher spec with the last number": record(20, b"\x01", sequence=(1 << 48) - 1),
    "endless change cipher spec": record(20, b"\x01" * 50),
    "application data": record(23, bytes(100)),
    "finished of the next epoch": record(22, bytes(60), epoch=1),
    "alert of the next epoch": record(21, bytes(30), epoch=1),
    "foreign version": record(22, handshake_fragment(1, bytes(60)), version=0x0303),
    "noise": bytes(range(20, 220)),
}


class TestPoison:
    """One forged datagram kills an OpenSSL object; the real peer connects all the same."""

    @pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS.keys())
    def test_before_the_handshake(self, poison: bytes) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        endpoint.receive_datagram(poison, 0.0)
        assert endpoint.datagrams_to_send() == []
        assert endpoint.events() == []
        connect(endpoint, peer)

    @pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS.keys())
    def test_during_the_handshake(self, poison: bytes) -> None:
        """After the hello the real peer's messages are ahead of what the forger can number."""
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        for data in peer.start():
            endpoint.receive_datagram(data, 0.0)
        flight = endpoint.datagrams_to_send()
        endpoint.receive_datagram(poison, 0.0)
        assert endpoint.datagrams_to_send() == []
        assert endpoint.counters.renewals == 0
        answers = [answer for data in flight for answer in peer.receive(data)]
        poisoned = [data for answer in answers for data in (poison, answer)]
        assert_connected(exchange(endpoint, peer, poisoned), peer)

    @pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS.keys())
    def test_between_the_halves_of_the_hello(self, poison: bytes) -> None:
        peer = DtlsPeer("client", IDENTITY)
        hello = split(peer.start()[0], 60)
        endpoint = make()
        endpoint.receive_datagram(hello[0], 0.0)
        endpoint.receive_datagram(poison, 0.0)
        # The peer sends its hello again; where the poison cost nothing, the second copy is old.
        assert_connected(exchange(endpoint, peer, [*hello[1:], *hello]), peer)

    def test_what_follows_an_early_change_cipher_spec_is_read(self) -> None:
        """OpenSSL stops at it, and would leave the rest of the datagram for the next one, which may never come."""
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        first, second = split(peer.start()[0], 60)
        endpoint.receive_datagram(first, 0.0)
        endpoint.receive_datagram(record(20, b"\x01") + second, 0.0)
        assert endpoint.datagrams_to_send()

    @pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS.keys())
    def test_after_the_handshake(self, poison: bytes) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        connect(endpoint, peer)
        for _ in range(20):
            endpoint.receive_datagram(poison, 1.0)
        assert endpoint.datagrams_to_send() == []
        assert endpoint.events() == []
        assert endpoint.state is DtlsState.CONNECTED
        for data in peer.close():
            endpoint.receive_datagram(data, 2.0)
        assert endpoint.events() == [RemoteClosed()]

    def test_as_client_a_forged_answer_is_the_end(self) -> None:
        """Who forges the validated address and our peer's next message can stop a handshake, but not take it over."""
        endpoint, forged = make("client"), record(22, handshake_fragment(2, bytes(40)))
        for _ in range(MAX_RENEWALS):
            endpoint.receive_datagram(forged, 0.0)
            assert endpoint.events() == []
            assert endpoint.datagrams_to_send()[-1][0] == 22, "a fresh hello"
        endpoint.receive_datagram(forged, 0.0)
        assert endpoint.events() == [Failed("dtls_error", "unsupported protocol")]

    @pytest.mark.parametrize("name", [name for name in POISONS if name != "server's message"])
    def test_as_client(self, name: str) -> None:
        poison = POISONS[name]
        endpoint, peer = make("client"), DtlsPeer("server", IDENTITY)
        hello = endpoint.datagrams_to_send()
        endpoint.receive_datagram(poison, 0.0)
        answers = [answer for data in hello for answer in peer.receive(data)]
        events = exchange(endpoint, peer, [data for answer in answers for data in (poison, answer)])
        assert_connected(events, peer)

    def test_the_object_is_made_anew_a_few_times(self) -> None:
        endpoint = make()
        for count in range(1, MAX_RENEWALS + 1):
            endpoint.receive_datagram(null_cipher_hello(), 0.0)
            assert endpoint.counters.renewals == count
            assert endpoint.state is DtlsState.HANDSHAKING
            assert not endpoint.has_object
            # An alert from a dying object would end the honest peer's handshake.
            assert endpoint.datagrams_to_send() == []
        endpoint.receive_datagram(null_cipher_hello(), 0.0)
        events = endpoint.events()
        assert len(events) == 1
        assert isinstance(events[0], Failed)
        assert events[0].reason == "dtls_error"
        assert "cipher" in events[0].detail
        assert [data[0] for data in endpoint.datagrams_to_send()] == [21], "the last one says why"

    def test_renewals_leave_room_for_the_real_peer(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        for _ in range(MAX_RENEWALS):
            endpoint.receive_datagram(null_cipher_hello(), 0.0)
        connect(endpoint, peer)

    def test_a_plaintext_alert_is_named_when_time_runs_out(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        endpoint.receive_datagram(peer.start()[0], 0.0)
        endpoint.receive_datagram(fatal_alert(42), 0.5)
        assert endpoint.counters.plaintext_alerts == 1
        endpoint.handle_timeout(GIVE_UP_S)
        assert endpoint.events() == [Failed("dtls_timeout", "plaintext alert 42")]

    def test_noise_never_raises(self) -> None:
        rng = random.Random(6347)
        peer_flights: list[bytes] = []
        for _ in range(60):
            endpoint, peer = make(), DtlsPeer("client", IDENTITY)
            pending = peer.start()
            for _ in range(12):
                sample = rng.choice(peer_flights) if peer_flights and rng.random() < 0.5 else rng.randbytes(rng.randrange(80))
                damaged = bytearray(sample)
                for _ in range(rng.randrange(4)):
                    if damaged:
                        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
                endpoint.receive_datagram(bytes(damaged), 0.0)
                for data in pending:
                    endpoint.receive_datagram(data, 0.0)
                pending = [answer for data in endpoint.datagrams_to_send() for answer in peer.receive(data)]
                peer_flights += pending
            peer_flights = peer_flights[-200:]
            assert all(isinstance(event, Connected | Failed | RemoteClosed) for event in endpoint.events())


class TestTime:
    """Virtual, but for OpenSSL's own timer."""

    def test_gives_up(self) -> None:
        endpoint = make(now=100.0)
        assert endpoint.next_timeout() == 100.0 + GIVE_UP_S
        endpoint.handle_timeout(111.9)
        assert endpoint.events() == []
        endpoint.handle_timeout(112.0)
        assert endpoint.events() == [Failed("dtls_timeout")]
        assert endpoint.next_timeout() is None

    def test_a_half_open_handshake_is_given_up(self) -> None:
        endpoint = make()
        endpoint.receive_datagram(DtlsPeer("client", IDENTITY).start()[0], 3.0)
        assert endpoint.has_object
        due = endpoint.next_timeout()
        assert due is not None
        assert 3.0 < due <= 4.01, "OpenSSL's first retransmission"
        endpoint.handle_timeout(GIVE_UP_S)
        assert not endpoint.has_object
        assert isinstance(endpoint.events()[-1], Failed)

    def test_the_object_goes_after_completion(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        connect(endpoint, peer, 5.0)
        assert endpoint.next_timeout() == 5.0 + KEEP_S
        endpoint.handle_timeout(5.0 + KEEP_S - 0.1)
        assert endpoint.has_object
        endpoint.handle_timeout(5.0 + KEEP_S)
        assert not endpoint.has_object
        assert endpoint.state is DtlsState.CONNECTED
        assert endpoint.next_timeout() is None
        for data in peer.close():
            endpoint.receive_datagram(data, 40.0)
        assert endpoint.events() == []
        endpoint.close()
        assert endpoint.datagrams_to_send() == []

    def test_a_late_copy_of_the_last_flight_is_answered(self) -> None:
        """Our last flight was lost: the peer sends its own again, with new record numbers, and OpenSSL repeats ours."""
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        flight = peer.start()
        for data in flight:
            endpoint.receive_datagram(data, 0.0)
        second = [answer for data in endpoint.datagrams_to_send() for answer in peer.receive(data)]
        for data in second:
            endpoint.receive_datagram(data, 0.0)
        lost = endpoint.datagrams_to_send()
        assert lost
        assert isinstance(endpoint.events()[0], Connected)
        finished = second[-1]
        assert finished[0] == 22
        assert finished[3:5] == b"\x00\x01"
        # The very same record is a replay and stays without an answer.
        endpoint.receive_datagram(finished, 1.0)
        assert endpoint.datagrams_to_send() == []
        assert endpoint.state is DtlsState.CONNECTED


class TestClose:
    """close_notify in both directions."""

    def test_remote(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        connect(endpoint, peer)
        for data in peer.close():
            endpoint.receive_datagram(data, 1.0)
        assert endpoint.events() == [RemoteClosed()]
        assert endpoint.state is DtlsState.ENDED
        assert len(endpoint.datagrams_to_send()) == 1, "answered with our own"

    def test_local(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        connect(endpoint, peer)
        endpoint.close()
        for data in endpoint.datagrams_to_send():
            peer.receive(data)
        assert peer.is_closed
        assert endpoint.events() == []

    def test_before_the_handshake_is_done(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        endpoint.receive_datagram(peer.start()[0], 0.0)
        endpoint.datagrams_to_send()
        endpoint.close()
        assert endpoint.datagrams_to_send() == []
        assert not endpoint.has_object

    def test_twice(self) -> None:
        endpoint = make()
        endpoint.close()
        endpoint.close()
        assert endpoint.state is DtlsState.ENDED


class TestFlights:
    """The datagrams of an honest handshake."""

    def test_honest_flights_pass_whole(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY, mtu=256)
        flight = peer.start()
        for _ in range(4):
            for data in flight:
                admitted = admit(data, FROM_CLIENT, 0, accept_plaintext=True)
                assert [one[:5] + one[11:] for one in admitted.records] == [one[:5] + one[11:] for one in split_records(data)]
                assert (admitted.dropped, admitted.alert) == (0, None)
                endpoint.receive_datagram(data, 0.0)
            flight = [answer for data in endpoint.datagrams_to_send() for answer in peer.receive(data)]
        assert peer.is_connected

    def test_our_flight_fits(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        for data in peer.start():
            endpoint.receive_datagram(data, 0.0)
        flight = endpoint.datagrams_to_send()
        assert len(flight) == 1, "ECDSA on P-256: our flight is one datagram"
        assert 500 < len(flight[0]) <= MAX_DATAGRAM_BYTES


class TestMemory:
    """What ten thousand peers would hold."""

    def test_the_context_is_shared(self) -> None:
        first, second = DtlsPeer("client", IDENTITY), DtlsPeer("client", IDENTITY)
        endpoints = make(), make()
        connect(endpoints[0], first)
        connect(endpoints[1], second)
        assert first.keys() != second.keys()

    def test_objects_are_let_go(self) -> None:
        alive = SSL.Connection._reverse_mapping
        endpoints = []
        before = len(alive)
        for _ in range(10):
            endpoint, peer = make(), DtlsPeer("client", IDENTITY)
            connect(endpoint, peer)
            endpoints.append(endpoint)
        del peer
        assert len(alive) == before + 10
        for endpoint in endpoints:
            endpoint.handle_timeout(KEEP_S)
        assert len(alive) == before


class InMemoryIce:
    """What aiortc's DTLS asks of its ICE transport."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.outbox: list[bytes] = []

    async def _recv(self) -> bytes:
        return await self.inbox.get()

    async def _send(self, data: bytes) -> None:
        self.outbox.append(data)


@pytest.mark.parametrize("role", ["server", "client"])
async def test_aiortc(role: DtlsRole) -> None:
    """An independent stack: handshake, the same keys through libsrtp, close_notify."""
    certificate = RTCCertificate.generateCertificate()
    fingerprints = [(one.algorithm, one.value) for one in certificate.getFingerprints()]
    # ORTC: the controlling side is the DTLS server.
    ice = InMemoryIce("controlled" if role == "server" else "controlling")
    remote = RTCDtlsTransport(cast("RTCIceTransport", ice), [certificate])
    endpoint = DtlsEndpoint(CERTIFICATE, fingerprints, role)
    endpoint.start(0.0)
    task = asyncio.ensure_future(remote.start(RTCDtlsParameters([RTCDtlsFingerprint("sha-256", CERTIFICATE.fingerprint_sha256)])))

    async def pump() -> None:
        for _ in range(100):
            await asyncio.sleep(0)
            for data in endpoint.datagrams_to_send():
                ice.inbox.put_nowait(data)
            sent, ice.outbox = ice.outbox, []
            for data in sent:
                endpoint.receive_datagram(data, 0.0)

    await pump()
    await task
    assert remote.state == "connected"
    events = endpoint.events()
    assert len(events) == 1
    connected = events[0]
    assert isinstance(connected, Connected)
    packet = bytes.fromhex("80600001000000010000002a") + b"hello"
    await remote._send_rtp(packet)
    inbound = InboundSrtp(connected.suite, connected.remote_key, connected.remote_salt)
    assert inbound.unprotect_rtp(ice.outbox.pop()) == packet
    endpoint.close()
    await pump()
    assert remote.state == "closed"
    await remote.stop()


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="needs a C compiler and LD_PRELOAD")
def test_lossy_paths_in_virtual_time(tmp_path: Path) -> None:
    """Real retransmissions over loss, jitter and duplication, with OpenSSL's clock in our hands and nobody waiting for it."""
    source = ROOT / "tests/harness/virtual_clock.c"
    library = tmp_path / f"virtual_clock_{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.harness.lossy_handshake", "0", "40"],
        cwd=ROOT,
        env={**os.environ, "LD_PRELOAD": str(library)},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    results = json.loads(run.stdout)
    for name, outcomes in results.items():
        assert len(outcomes) == 40, name
        assert {outcome["end"] for outcome in outcomes} <= {"connected", "dtls_timeout"}, name
        # None: the peer's last flight never came through, and it has not given up yet.
        assert all(outcome["agree"] is not False for outcome in outcomes), name
        assert all(outcome["end_s"] <= GIVE_UP_S + 0.001 for outcome in outcomes), name
    share = {name: sum(outcome["end"] == "connected" for outcome in outcomes) / 40 for name, outcomes in results.items()}
    assert share["perfect"] == 1.0
    assert share["reordered"] == 1.0
    assert all(outcome["agree"] for name in ("perfect", "reordered") for outcome in results[name])
    assert share["loss 10 %"] >= 0.9
    assert share["loss 25 %"] >= 0.6
    assert share["dead"] == 0.0
    assert any(outcome["lost"] and outcome["end_s"] > 1.0 for outcome in results["loss 10 %"]), "something was repeated"
