"""What a consent check and a receiver report cost the node, in C and in Python, the socket included on both sides.

One settled viewer on loopback. In C the thread's own CPU is read (``schedstat``); in Python the loop's share is done here: read,
hand to the engine, send what it answers. The sender's system calls are outside both, its delivery into the receiver's buffer too.
"""

from __future__ import annotations

import re
import socket
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pylibsrtp

from sfu.dispatch import Dispatcher
from sfu.dtls import DtlsCertificate
from sfu.engine import Engine
from sfu.fanout import ReferenceFanout
from sfu.hotpath import select
from sfu.ids import Address, PeerId, SessionId, SlotName
from sfu.intake import Intake
from sfu.join import Joiner
from sfu.net.udp import UdpSocket
from sfu.wire import rtcp
from tests.bench.joins import offer
from tests.harness.dtls_client import DtlsPeer, PeerIdentity
from tests.harness.ice_client import IceClient

COUNT, ROUNDS, BURST = 4096, 5, 64
NTP_OFFSET_S = 3_900_000_000.0


class _Stage:
    """A node without its loop, and one connected viewer."""

    def __init__(self, core: str) -> None:
        self.socket = UdpSocket("127.0.0.1", 0)
        before = _threads()
        make = select("native").intake if core == "native" else None
        self.intake: Intake | None = None if make is None else make(self.socket.fileno(), NTP_OFFSET_S)
        self.thread = (_threads() - before or {0}).pop()
        self.engine = Engine(
            Dispatcher(ReferenceFanout(self.socket)), ntp_offset_s=NTP_OFFSET_S, started_at=0.0, intake=self.intake
        )
        self.browser = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.browser.bind(("127.0.0.1", 0))
        self.browser.settimeout(5)
        self._connect()

    def _connect(self) -> None:
        identity = PeerIdentity.generate()
        joiner = Joiner(DtlsCertificate.generate(), (self.socket.address,), 2_500_000, 1.0)
        slots = [SlotName("main"), SlotName("inset")], [SlotName("center"), SlotName("guest1"), SlotName("guest2")]
        text = offer("clnt", "p" * 24, identity.fingerprint())
        peer, answer = joiner.viewer(
            peer=PeerId("v" * 22), session=SessionId("main"), owner=None, offer=text, video=slots[0], audio=slots[1], now=0.0
        )
        self.engine.add(peer)
        ufrag, pwd = (re.findall(rf"a=ice-{name}:(\S+)", answer)[0] for name in ("ufrag", "pwd"))
        self.ssrcs = sorted({int(ssrc) for ssrc in re.findall(r"a=ssrc:(\d+)", answer)})
        self.client = IceClient(ufrag, pwd, "clnt")
        dtls = DtlsPeer("client", identity)
        self.browser.sendto(self.client.check(nominate=True), self.socket.address)
        self.client.receive(self._next())
        for data in dtls.start():
            self.browser.sendto(data, self.socket.address)
        while not dtls.is_connected:
            for data in dtls.receive(self._next()):
                self.browser.sendto(data, self.socket.address)
        while not peer.is_connected:
            self.work()
        key, salt, _, _ = dtls.keys()
        profile = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
        policy = pylibsrtp.Policy(key=key + salt, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        self.sealer = pylibsrtp.Session(policy)

    def _next(self) -> bytes:
        """What the node sends next, while it does its work."""
        self.browser.settimeout(0.01)
        while True:
            self.work()
            try:
                return self.browser.recv(2048)
            except TimeoutError:
                continue

    def work(self) -> None:
        """The loop's share: reads what waits, sends what is answered."""
        now = time.monotonic()
        if self.intake is not None:
            for data, source in self.intake.take(BURST):
                if isinstance(source, tuple):
                    self.engine.receive_datagram(data, source, now)
                else:
                    self.engine.receive_opened(source, data, now)
            self.intake.take(0)
        else:
            for _ in range(BURST):
                received: tuple[bytes, Address] | None = self.socket.receive()
                if received is None:
                    break
                self.engine.receive_datagram(*received, now)
        for data, address in self.engine.datagrams_to_send():
            self.socket.send((data,), 0, address)

    def check(self) -> bytes:
        return self.client.check()

    def report(self) -> bytes:
        blocks = tuple(rtcp.ReportBlock(ssrc) for ssrc in self.ssrcs)
        return bytes(self.sealer.protect_rtcp(rtcp.ReceiverReport(1, blocks).serialize()))

    def cost(self, make: Callable[[], bytes], counter: str) -> float:
        """µs of CPU for each of many such datagrams."""
        sent = [make() for _ in range(COUNT)]
        before, spent = self.counted(counter), 0
        for at in range(0, COUNT, BURST):
            for data in sent[at : at + BURST]:
                self.browser.sendto(data, self.socket.address)
            if self.intake is None:
                began = time.thread_time_ns()
                self.work()
                spent += time.thread_time_ns() - began
            else:
                began = _cpu_ns(self.thread)
                while self.counted(counter) - before < at + BURST:
                    time.sleep(0.0005)
                spent += _cpu_ns(self.thread) - began
            self._empty()
        assert self.counted(counter) - before == COUNT, "not all of them were what they should be"
        return spent / COUNT / 1000

    def counted(self, name: str) -> int:
        return self.engine.counters[name] + (0 if self.intake is None else self.intake.counters()[name])

    def _empty(self) -> None:
        self.browser.setblocking(False)
        try:
            while True:
                self.browser.recv(2048)
        except BlockingIOError:
            self.browser.settimeout(5)

    def close(self) -> None:
        if self.intake is not None:
            self.intake.close()
        self.socket.close()
        self.browser.close()


def _threads() -> set[int]:
    return {int(path.name) for path in Path("/proc/self/task").iterdir()}


def _cpu_ns(thread: int) -> int:
    return int(Path(f"/proc/self/task/{thread}/schedstat").read_text().split()[0])


def measure() -> dict[str, float]:
    """Medians in µs of CPU, both cores by turns."""
    found: dict[str, list[float]] = {}
    stages = {core: _Stage(core) for core in ("reference", "native")}
    for _ in range(ROUNDS):
        for core, stage in stages.items():
            found.setdefault(f"{core}_us_per_check", []).append(stage.cost(stage.check, "stun_answered"))
            found.setdefault(f"{core}_us_per_report", []).append(stage.cost(stage.report, "rtcp_in"))
    for stage in stages.values():
        stage.close()
    return {name: round(statistics.median(values), 2) for name, values in found.items()}


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:<28} {value}")
