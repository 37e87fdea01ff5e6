"""A DTLS endpoint of the project and an independent peer, passing datagrams until both are silent."""

from __future__ import annotations

from sfu.dtls import Connected, DtlsCertificate, DtlsEndpoint, DtlsEvent, DtlsRole
from sfu.srtp import Suite
from sfu.wire.dtls_record import MAX_DATAGRAM_BYTES
from tests.harness.dtls_client import DtlsPeer, PeerIdentity

IDENTITY = PeerIdentity.generate()
OTHER = PeerIdentity.generate()
RSA = PeerIdentity.generate("rsa")
CERTIFICATE = DtlsCertificate.generate()


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
