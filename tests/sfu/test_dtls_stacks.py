"""DTLS against another stack (aiortc), and over bad paths with OpenSSL's own timers in virtual time."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport, RTCIceTransport

from sfu.dtls import GIVE_UP_S, Connected, DtlsEndpoint, DtlsRole
from sfu.srtp import InboundSrtp
from tests.harness.dtls_exchange import CERTIFICATE

ROOT = Path(__file__).parents[2]


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
