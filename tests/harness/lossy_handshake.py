"""Handshakes over bad paths in virtual time; run as a program with virtual_clock.c preloaded. Prints JSON."""

from __future__ import annotations

import ctypes
import json
import sys

from sfu.dtls import Connected, DtlsCertificate, DtlsEndpoint, Failed
from tests.harness.dtls_client import DtlsPeer, PeerIdentity
from tests.harness.netem import Conditions, Network

SERVER = ("192.0.2.1", 10_000)
CLIENT = ("192.0.2.2", 40_000)
PATHS = {
    "perfect": Conditions(),
    "reordered": Conditions(jitter_s=0.2, duplication=0.3),
    "loss 10 %": Conditions(jitter_s=0.03, loss=0.1, duplication=0.05),
    "loss 25 %": Conditions(jitter_s=0.03, loss=0.25),
    "dead": Conditions(loss=1.0),
}
CERTIFICATE, IDENTITY = DtlsCertificate.generate(), PeerIdentity.generate()
CLOCK = ctypes.CDLL(None)
CLOCK.set_virtual_time.argtypes = [ctypes.c_double]


def run(seed: int, conditions: Conditions, role: str) -> dict[str, object]:
    """One handshake; our endpoint in the given role against an independent peer that splits its flights into small datagrams."""
    network = Network(seed, conditions)
    endpoint = DtlsEndpoint(CERTIFICATE, [("sha-256", IDENTITY.fingerprint())], "server" if role == "server" else "client")
    peer = DtlsPeer("client" if role == "server" else "server", IDENTITY, mtu=400)
    now, end_s, peer_poll_at, end = 0.0, 0.0, 0.0, ""
    agree: bool | None = None
    CLOCK.set_virtual_time(now)
    endpoint.start(now)
    outgoing = peer.start() if role == "server" else []
    while now < 20 and not (end and (end != "connected" or peer.is_connected)):
        for data in outgoing:
            network.send(data, CLIENT, SERVER, now)
        for data in endpoint.datagrams_to_send():
            network.send(data, SERVER, CLIENT, now)
        for event in endpoint.events():
            end_s = now
            match event:
                case Connected():
                    end = "connected"
                    connected = event
                case Failed(reason=reason):
                    end = reason
        # The peer is polled every 50 ms, as a simple shell does.
        peer_poll_at = peer_poll_at + 0.05 if peer_poll_at <= now else peer_poll_at
        now = min(at for at in (network.next_delivery(), endpoint.next_timeout(), peer_poll_at) if at is not None)
        CLOCK.set_virtual_time(now)
        outgoing = []
        for datagram in network.deliver(now):
            if datagram.destination == SERVER:
                endpoint.receive_datagram(datagram.data, now)
            else:
                outgoing += peer.receive(datagram.data)
        endpoint.handle_timeout(now)
        outgoing += peer.handle_timeout()
    if end == "connected" and peer.is_connected:
        agree = peer.keys() == (connected.remote_key, connected.remote_salt, connected.local_key, connected.local_salt)
    return {"end": end, "end_s": end_s, "agree": agree, "lost": network.lost}


if __name__ == "__main__":
    first, last = int(sys.argv[1]), int(sys.argv[2])
    json.dump(
        {
            name: [run(seed, conditions, "server" if seed % 2 else "client") for seed in range(first, last)]
            for name, conditions in PATHS.items()
        },
        sys.stdout,
    )
