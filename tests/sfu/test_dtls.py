"""The DTLS endpoint against an independent peer: handshake, fingerprints, time, the end, memory."""

from __future__ import annotations

import random

import pytest
from cryptography.hazmat.primitives import hashes
from OpenSSL import SSL

from sfu import dtls
from sfu.dtls import (
    GIVE_UP_S,
    KEEP_S,
    MAX_RENEWALS,
    Connected,
    DtlsEndpoint,
    DtlsState,
    Failed,
    RemoteClosed,
    usable_fingerprints,
)
from sfu.srtp import Suite
from sfu.wire.dtls_record import DTLS_1_2, FROM_CLIENT, MAX_DATAGRAM_BYTES, admit
from tests.harness.browser_bytes import CHROMIUM, FIREFOX, Capture
from tests.harness.dtls_client import (
    DtlsPeer,
    PeerIdentity,
    fatal_alert,
    record,
    split,
    split_records,
)
from tests.harness.dtls_exchange import CERTIFICATE, IDENTITY, OTHER, RSA, assert_connected, connect, exchange, make


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

    def test_the_object_goes_early_once_the_last_flight_has_come_through(self) -> None:
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        endpoint.receive_datagram(peer.start()[0], 4.0)
        endpoint.release()
        assert endpoint.has_object, "a handshake is not released"
        endpoint, peer = make(), DtlsPeer("client", IDENTITY)
        connect(endpoint, peer, 5.0)
        endpoint.release()
        assert not endpoint.has_object
        assert endpoint.state is DtlsState.CONNECTED
        assert endpoint.next_timeout() is None

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
