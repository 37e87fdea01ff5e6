"""A random programme for two fan-outs: the same operations on both, everything that leaves read from real sockets and compared.

``python -m tests.sfu.fanout_programme SEEDS STEPS`` runs it alone: the sanitizers do, in a process of their own.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
from collections import defaultdict

from sfu.dispatch import Dispatcher
from sfu.legs import Leg
from sfu.net.udp import UdpSocket
from sfu.packets import SourcePacket, WireProfile
from sfu.source import Source
from sfu.srtp import Suite, derive_session_keys
from sfu.wire import extensions
from tests.sfu.kit import CoreName, fanout_of, source

IP_PKTINFO = 8
LEGS_MAX = 7
FRAME_PACKETS_MAX = 9
SIZES = (1, 40, 500, 501, 502, 1100, 1168)
URIS = (extensions.VIDEO_ORIENTATION_URI, extensions.ABS_CAPTURE_TIME_URI, extensions.MID_URI)
PROFILES = (
    WireProfile.of(96, {}),
    WireProfile.of(100, {URIS[0]: 3, URIS[1]: 5, URIS[2]: 4}),
    WireProfile.of(120, {URIS[1]: 14}),
    WireProfile.of(120, {URIS[0]: 1, URIS[1]: 200}),
)
CODECS = ("VP8", "VP8", "H264", "opus", "opus")
"""One source each."""
STARTS = (0, 65_530, 131_060, 70_000, 5)
Datagram = tuple[str, bytes]


class Side:
    """One fan-out, its sources and legs, and a socket that receives for all addresses of 127.0.0.0/8."""

    def __init__(self, core: CoreName, threads: int) -> None:
        self.sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sink.bind(("0.0.0.0", 0))
        self.sink.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        self.sink.setblocking(False)
        self.port: int = self.sink.getsockname()[1]
        self.socket = UdpSocket("0.0.0.0", 0)
        self.fanout = fanout_of(core, self.socket, threads)
        self.dispatcher = Dispatcher(self.fanout)
        self.sources: list[Source] = [source("audio" if codec == "opus" else "video", codec) for codec in CODECS]
        self.legs: list[Leg] = []

    def address(self, number: int) -> tuple[str, int]:
        return socket.inet_ntoa(struct.pack("!I", 0x7F010000 + number)), self.port

    def join(self, viewer: int, suite: Suite, kinds: list[int], profile: WireProfile, sequence: int) -> None:
        """A viewer with a leg for each source in ``kinds``: one set of keys for all of them."""
        salt = bytes(range(viewer % 100, viewer % 100 + suite.salt_bytes))
        keys = derive_session_keys(suite, bytes([viewer & 0xFF]) * 16, salt)
        for n in kinds:
            kind = self.sources[n].kind
            one = Leg(
                slot="main",  # type: ignore[arg-type]
                kind=kind,
                ssrc=0x10000 + len(self.legs),
                clock_rate_hz=90_000,
                profiles=dict.fromkeys(CODECS, profile),
                owner=None,
                first_sequence=sequence,
                first_timestamp=sequence << 17 & 0xFFFFFFFF,
            )
            one.open(suite, keys)
            one.address = self.address(viewer)
            self.legs.append(one)
            self.sources[n].wait(one)

    def leave(self, n: int) -> None:
        """As ``SessionRoutes.remove``."""
        one = self.legs[n]
        one.close()
        for feed in self.sources:
            feed.remove(one)
        one.pending = None
        one.detach(1.0)

    def switch(self, n: int, to: int) -> None:
        one, wanted = self.legs[n], self.sources[to]
        if not one.is_open or one.kind != wanted.kind or one.source is wanted:
            return
        if one.pending is not None:
            one.pending.pending.pop(one, None)
        wanted.wait(one)

    def frame(self, n: int, packets: tuple[SourcePacket, ...], now: float) -> None:
        for one in packets:
            arrivals = self.sources[n].receive(one, now)
            for batch in arrivals.batches:
                self.dispatcher.submit(self.sources[n], batch, now)
            if arrivals.late is not None:
                self.dispatcher.submit_late(self.sources[n], arrivals.late, now)

    def resend(self, n: int, back: int) -> None:
        one = self.legs[n]
        if one.source is not None:
            self.dispatcher.resend(one, one.source.forwarded_index + one.sequence_delta - back & 0xFFFF)

    def finish(self) -> dict[int, list[Datagram]]:
        """What left since the last call, by SSRC, in order, with where it went."""
        while self.dispatcher.run():
            pass
        self.fanout.drain()
        left: dict[int, list[Datagram]] = defaultdict(list)
        while True:
            try:
                data, ancillary, _, _ = self.sink.recvmsg(2048, 64)
            except BlockingIOError:
                return left
            left[int.from_bytes(data[8:12], "big")].append((socket.inet_ntoa(ancillary[0][2][8:12]), data))

    def close(self) -> None:
        self.fanout.close()
        self.socket.close()
        self.sink.close()


class Programme:
    """The operations, from a seed."""

    def __init__(self, seed: int, threads: int) -> None:
        self.random = random.Random(seed)
        self.sides = (Side("reference", 1), Side("native", threads))
        self.newest = list(STARTS)
        self.clocks = [self.random.getrandbits(33) for _ in CODECS]
        self.held: list[tuple[int, SourcePacket]] = []
        self.viewers = 0
        self.now = 1.0
        self.compared = self.rollovers = 0

    def run(self, steps: int) -> int:
        """Returns how many datagrams were compared."""
        for _ in range(3):
            self.join()
        for _ in range(steps):
            self.now += 0.02
            operation = self.random.choices(
                (self.frame, self.join, self.leave, self.switch, self.resend, self.move, self.late), (16, 3, 1, 3, 4, 1, 2)
            )[0]
            operation()
            before, after = (side.finish() for side in self.sides)
            assert before == after, operation.__name__
            self.compared += sum(map(len, before.values()))
            for one in self.sides[0].legs:
                if one.source is not None:
                    self.rollovers = max(self.rollovers, one.source.forwarded_index + one.sequence_delta >> 16)
        for side in self.sides:
            side.close()
        counters = [side.fanout.counters for side in self.sides]
        assert counters[0] == counters[1]
        return self.compared

    def packet(self, n: int, *, key: bool, marker: bool, size: int) -> SourcePacket:
        carried = tuple((uri, self.random.randbytes(1 if uri == URIS[0] else 8)) for uri in URIS if self.random.random() < 0.3)
        padding = self.random.choice((0, 0, 0, 7))
        payload = self.random.randbytes(size) + bytes(max(0, padding - 1)) + bytes([padding] if padding else [])
        return SourcePacket(self.newest[n], self.clocks[n], marker, payload, padding, carried, key)

    def frame(self) -> None:
        n = self.random.randrange(len(CODECS))
        self.clocks[n] += 3000
        if self.random.random() < 0.15:
            self.newest[n] += 0x2000  # so that numbers come round; the receiver's own guess still holds
        count = 1 if CODECS[n] == "opus" else self.random.randint(1, FRAME_PACKETS_MAX)
        key = self.random.random() < 0.4
        even = self.random.choice((None, *SIZES))
        packets = []
        for i in range(count):
            self.newest[n] += 1
            size = self.random.choice(SIZES) if even is None else even + self.random.choice((0, 0, 0, 1))
            made = self.packet(n, key=key and i == 0, marker=i == count - 1, size=size)
            if self.random.random() < 0.1:
                self.held.append((n, made))  # lost, and repaired later
            else:
                packets.append(made)
        for side in self.sides:
            side.frame(n, tuple(packets), self.now)

    def late(self) -> None:
        if self.held:
            n, held = self.held.pop(self.random.randrange(len(self.held)))
            for side in self.sides:
                side.frame(n, (held,), self.now)

    def join(self) -> None:
        if sum(one.is_open for one in self.sides[0].legs) > LEGS_MAX - 2:
            return
        self.viewers += 1
        suite, profile = self.random.choice(tuple(Suite)), self.random.choice(PROFILES)
        feeds = [self.random.randrange(3), self.random.randrange(3, 5)]
        for side in self.sides:
            side.join(self.viewers, suite, feeds, profile, 0x7FFF - self.viewers)

    def leave(self) -> None:
        n = self.random.randrange(len(self.sides[0].legs))
        for side in self.sides:
            side.leave(n)

    def switch(self) -> None:
        n, to = self.random.randrange(len(self.sides[0].legs)), self.random.randrange(len(CODECS))
        for side in self.sides:
            side.switch(n, to)

    def resend(self) -> None:
        n, back = self.random.randrange(len(self.sides[0].legs)), self.random.randrange(12)
        for side in self.sides:
            side.resend(n, back)

    def move(self) -> None:
        n, to = self.random.randrange(len(self.sides[0].legs)), self.random.randrange(1000)
        for side in self.sides:
            if side.legs[n].is_open:
                side.legs[n].address = side.address(to)


def main() -> None:
    """Runs the programme for some seeds."""
    seeds, steps = int(sys.argv[1]), int(sys.argv[2])
    compared = sum(Programme(seed, threads=1 + seed % 3).run(steps) for seed in range(seeds))
    print(f"compared {compared} datagrams")


if __name__ == "__main__":
    main()
