"""What a join costs the service, and what a viewer that sits there costs: real HTTP, ICE and DTLS against the real processes.

The client is a browser's share done cheaply in this process (an offer as Chromium writes it, one nominating check, a DTLS
handshake by pyOpenSSL, then the checks and the receiver reports of a page that watches); what is measured is the CPU time and the
memory of the service's processes alone.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import cast

import aiohttp
import psutil
import pylibsrtp

from sfu.wire import rtcp
from tests.harness.dtls_client import DtlsPeer, PeerIdentity
from tests.harness.ice_client import IceClient
from tests.harness.service import Service

CONCURRENT = 16
CHECK_EVERY_S = 2.5
"""Chromium's interval."""
REPORT_EVERY_S = 1.0
"""The first comes after half of it (RFC 3550 §6.2)."""
PACE_S = 0.02
"""Checks and reports are spread over their intervals in steps of this, as those of separate browsers are."""
STEP_TIMEOUT_S = 15.0
SETTLE_S = 34.0
"""The node drops a handshake's SSL object 30 s after it completed: before that a viewer's memory is not its memory."""
IDLE_S = 10.0
HANDSHAKES = 100
FLIGHT_BYTES = 1200


@dataclass(frozen=True)
class JoinCosts:
    """Means over the run; CPU by process in milliseconds of one core."""

    joins: int
    joins_per_s: float
    signaling_cpu_ms: float
    node_cpu_ms: float
    node_kib_per_viewer: float
    idle_percent_per_1000: float
    median_ms: float
    handshake_ms: float

    @property
    def cpu_ms(self) -> float:
        """All CPU of the service for one join."""
        return self.signaling_cpu_ms + self.node_cpu_ms


def offer(ufrag: str, pwd: str, fingerprint: str) -> str:
    """A receiving offer: two pictures, three sounds, as the point's page makes it."""
    lines = [
        "v=0",
        "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1 2 3 4",
        "a=extmap-allow-mixed",
    ]
    for mid, kind in enumerate(("video", "video", "audio", "audio", "audio")):
        payload = 96 if kind == "video" else 111
        lines += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {payload}",
            "c=IN IP4 0.0.0.0",
            "a=rtcp:9 IN IP4 0.0.0.0",
            f"a=ice-ufrag:{ufrag}",
            f"a=ice-pwd:{pwd}",
            "a=ice-options:trickle",
            f"a=fingerprint:sha-256 {fingerprint}",
            "a=setup:actpass",
            f"a=mid:{mid}",
            "a=recvonly",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            *(
                ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli"]
                if kind == "video"
                else ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"]
            ),
        ]
    return "\r\n".join([*lines, ""])


class _Viewer(asyncio.DatagramProtocol):
    """One browser's share of ICE and DTLS."""

    def __init__(self, answer: str, identity: PeerIdentity) -> None:
        fields = dict(line[2:].split(":", 1) for line in answer.splitlines() if line.startswith(("a=ice-ufrag", "a=ice-pwd")))
        self._ice = IceClient(fields["ice-ufrag"], fields["ice-pwd"])
        self._dtls = DtlsPeer("client", identity)
        self._transport: asyncio.DatagramTransport | None = None
        self._srtcp: pylibsrtp.Session | None = None
        self._ssrcs = sorted({int(line[7:].split()[0]) for line in answer.splitlines() if line.startswith("a=ssrc:")})
        self.connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        candidate = next(line for line in answer.splitlines() if line.startswith("a=candidate:")).split()
        self.address = (candidate[4], int(candidate[5]))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.check()

    def check(self) -> None:
        """A check of the kind that also renews consent."""
        self._send([self._ice.check(nominate=True)])

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data[0] < 4:
            is_first = not self._ice.answered
            self._ice.receive(data)
            if is_first:
                self._send(self._dtls.start())
        elif 20 <= data[0] < 64:
            self._send(packed(self._dtls.receive(data)))
            if self._dtls.is_connected and not self.connected.done():
                key, salt, _, _ = self._dtls.keys()
                policy = pylibsrtp.Policy(
                    key=key + salt,
                    ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND,
                    srtp_profile=pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
                )
                self._srtcp = pylibsrtp.Session(policy)
                asyncio.get_running_loop().call_later(REPORT_EVERY_S / 2, self.report)
                self.connected.set_result(None)

    def report(self) -> None:
        """A receiver report on all slots, as a browser sends it each second."""
        assert self._srtcp is not None
        blocks = tuple(rtcp.ReportBlock(ssrc) for ssrc in self._ssrcs)
        self._send([self._srtcp.protect_rtcp(rtcp.ReceiverReport(1, blocks).serialize())])

    def _send(self, datagrams: list[bytes]) -> None:
        for datagram in datagrams:
            if self._transport is not None:
                self._transport.sendto(datagram)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


def packed(records: list[bytes]) -> list[bytes]:
    """The records of one flight in as few datagrams as fit, as browsers send them; the peer here gives each by itself."""
    together: list[bytes] = []
    for record in records:
        if together and len(together[-1]) + len(record) <= FLIGHT_BYTES:
            together[-1] += record
        else:
            together.append(record)
    return together


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def measure(service: Service, count: int) -> JoinCosts:
    """Joins ``count`` viewers, lets them sit, and leaves."""
    signaling, node = service.child("signaling"), service.child("node")
    identity = PeerIdentity.generate()
    fingerprint, token = identity.fingerprint(), service.token("viewer")
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(CONCURRENT)
    viewers: list[_Viewer] = []
    durations: list[float] = []

    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}) as http:

        async def join(number: int) -> None:
            async with gate:
                began = loop.time()
                body = offer("clnt", f"{number:024d}", fingerprint)
                async with http.post(f"{service.base_url}/whep/{service.session}", data=body) as response:
                    assert response.status == 201, (response.status, await response.text())
                    answer = await response.text()
                viewer = _Viewer(answer, identity)
                await loop.create_datagram_endpoint(lambda: viewer, remote_addr=viewer.address)
                async with asyncio.timeout(STEP_TIMEOUT_S):
                    await viewer.connected
                durations.append(loop.time() - began)
                viewers.append(viewer)

        for number in range(20):
            await join(number)  # what only the first joins pay: imports, caches
        handshake_before = bare_handshake_ms(identity)
        rss_before = node.memory_info().rss
        durations.clear()
        cpu_before, began = (_cpu(signaling), _cpu(node)), loop.time()
        await asyncio.gather(*(join(20 + number) for number in range(count)))
        elapsed = loop.time() - began
        cpu = (_cpu(signaling) - cpu_before[0], _cpu(node) - cpu_before[1])
        await _sit(viewers, SETTLE_S)
        idle_before = _cpu(node)
        await _sit(viewers, IDLE_S)
        idle = (_cpu(node) - idle_before) / IDLE_S
        rss = node.memory_info().rss - rss_before
        for viewer in viewers:
            viewer.close()
    return JoinCosts(
        joins=count,
        joins_per_s=count / elapsed,
        signaling_cpu_ms=cpu[0] * 1000 / count,
        node_cpu_ms=cpu[1] * 1000 / count,
        node_kib_per_viewer=rss / 1024 / count,
        idle_percent_per_1000=idle * 100 * 1000 / len(viewers),
        median_ms=statistics.median(durations) * 1000,
        handshake_ms=statistics.median((handshake_before, bare_handshake_ms(identity))),
    )


def bare_handshake_ms(identity: PeerIdentity) -> float:
    """CPU of the server's side of a bare DTLS handshake by pyOpenSSL: the speed of this machine in these minutes."""
    first_server, first_client = DtlsPeer("server", identity), DtlsPeer("client", identity)
    spent: list[int] = []
    for _ in range(HANDSHAKES):
        server = DtlsPeer("server", identity, context=first_server.context)
        client = DtlsPeer("client", identity, context=first_client.context)
        flight, nanoseconds = packed(client.start()), 0
        while flight:
            began = time.thread_time_ns()
            answers = [datagram for data in flight for datagram in server.receive(data)]
            nanoseconds += time.thread_time_ns() - began
            flight = packed([datagram for data in packed(answers) for datagram in client.receive(data)])
        assert server.is_connected, server.error
        spent.append(nanoseconds)
    return statistics.median(spent) / 1e6


async def _sit(viewers: list[_Viewer], seconds: float) -> None:
    """Keeps consent alive and reports for some time, as browsers do."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    done = dict.fromkeys((CHECK_EVERY_S, REPORT_EVERY_S), 0)
    while (elapsed := loop.time() - began) < seconds:
        for every_s in done:
            due = int(elapsed / every_s * len(viewers))
            for number in range(done[every_s], due):
                viewer = viewers[number % len(viewers)]
                viewer.check() if every_s == CHECK_EVERY_S else viewer.report()
            done[every_s] = due
        await asyncio.sleep(PACE_S)
