"""The fan-out of both cores: CPU per packet of frames to N receivers, as the node sends them, loopback delivery included.

The same shape as the floor: distinct receivers with a key each, addresses in 127.0.0.0/8, a receiving socket whose filter drops
everything, so that the figure holds cipher, system call and the kernel's delivery, and nothing of a receiver. Counted is the CPU
of the whole process: the native core's threads and what the interpreter does for a frame.
"""

from __future__ import annotations

import ctypes
import os
import resource
import socket
import struct
from dataclasses import dataclass

from sfu.fanout import PreparedFrame
from sfu.hotpath import select
from sfu.ids import Kind, SlotName
from sfu.legs import Leg
from sfu.net.udp import UdpSocket
from sfu.packets import SourcePacket, WireProfile
from sfu.source import Source
from sfu.srtp import Suite, derive_session_keys

SO_ATTACH_FILTER = 26
DROP_ALL = struct.pack("=HBBI", 0x06, 0, 0, 0)
FIRST_ADDRESS = 0x7F010000
FRAMES_AHEAD = 32
"""Frames given to the threads before they are waited for: half of what the dispatcher lets wait."""


@dataclass(frozen=True)
class FanoutRun:
    """One measurement."""

    us_per_packet: float
    packets: int
    refused: int


def sink_of(port: int = 0) -> socket.socket:
    """A bound socket that drops every datagram in the kernel; sockets of single addresses may share its port."""
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sink.bind(("0.0.0.0", port))
    program = ctypes.create_string_buffer(DROP_ALL)
    sink.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(program)))
    return sink


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def source_of(kind: Kind) -> Source:
    """A source of sound or of a picture."""
    if kind == "audio":
        return Source(kind=kind, codec="opus", clock_rate_hz=48_000, keyframe_interval_s=1.0)
    return Source(kind=kind, codec="VP8", clock_rate_hz=90_000, keyframe_interval_s=1.0)


def legs_of(sources: tuple[Source, ...], count: int, suite: Suite, port: int) -> list[tuple[Leg, ...]]:
    """Open legs of ``count`` viewers that follow the sources: for each source all legs; one key and address a viewer."""
    viewers = []
    for number in range(count):
        keys = derive_session_keys(suite, os.urandom(suite.key_bytes), os.urandom(suite.salt_bytes))
        address = (socket.inet_ntoa(struct.pack("!I", FIRST_ADDRESS + number)), port)
        legs = []
        for place, source in enumerate(sources):
            leg = Leg(
                slot=SlotName("main"),
                kind=source.kind,
                ssrc=0x1000 + number * len(sources) + place,
                clock_rate_hz=source.clock_rate_hz,
                profiles={source.codec: WireProfile.of(96, {})},
                owner=None,
                first_sequence=number % 32768,
                first_timestamp=number,
            )
            leg.open(suite, keys)
            leg.address = address
            leg.attach(source, 1, 0, 0.0)
            legs.append(leg)
        viewers.append(legs)
    return list(zip(*viewers, strict=True))


class Bench:
    """One core with its viewers, kept between runs so that floor and cores can take turns."""

    def __init__(self, core: str, receivers: int, suite: Suite, threads: int = 1) -> None:
        self._sink = sink_of()
        self._out = UdpSocket("0.0.0.0", 0)
        self._fanout = select("native" if core == "native" else "reference").fanout(self._out, threads)
        self._source = source_of("video")
        (self._legs,) = legs_of((self._source,), receivers, suite, self._sink.getsockname()[1])
        self._index = 1

    def _send(self, packets: int, payload: bytes) -> None:
        first, self._index = self._index, self._index + packets
        frame = PreparedFrame(
            tuple(SourcePacket(first + place, first * 3000, place == packets - 1, payload) for place in range(packets))
        )
        left = self._fanout.take(self._source, frame, self._legs)
        if left:
            self._fanout.send_frame(frame, left)
        if self._fanout.waiting >= FRAMES_AHEAD:
            self._fanout.drain()

    def run(self, packets_per_frame: int, payload_bytes: int, rounds: int) -> FanoutRun:
        """Sends ``rounds`` frames to all receivers, back to back as the floor does, after one to warm up."""
        payload = os.urandom(payload_bytes)
        self._send(packets_per_frame, payload)
        self._fanout.drain()
        start = self._fanout.counters
        before, sent_before, refused_before = _cpu_s(), start.packets, start.refused_video
        for _ in range(rounds):
            self._send(packets_per_frame, payload)
        self._fanout.drain()
        spent, end = _cpu_s() - before, self._fanout.counters
        sent = end.packets - sent_before
        return FanoutRun(spent * 1e6 / sent, sent, end.refused_video - refused_before)

    def close(self) -> None:
        """Ends threads and sockets."""
        self._fanout.close()
        self._out.close()
        self._sink.close()
