"""Datagrams that kill OpenSSL objects: the real peer connects all the same."""

from __future__ import annotations

import random

import pytest

from sfu.dtls import GIVE_UP_S, MAX_RENEWALS, Connected, DtlsState, Failed, RemoteClosed
from tests.harness.dtls_client import DtlsPeer, fatal_alert, handshake_fragment, huge_fragment, null_cipher_hello, record, split
from tests.harness.dtls_exchange import IDENTITY, assert_connected, connect, exchange, make

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
