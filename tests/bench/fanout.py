"""The reference fan-out: CPU per packet of one frame to N receivers, as the node sends it, loopback delivery included.

The same shape as the floor: distinct receivers with a key each, addresses in 127.0.0.0/8, a receiving socket whose filter drops
everything, so that the figure holds cipher, system call and the kernel's delivery, and nothing of a receiver.
"""

from __future__ import annotations

import ctypes
import os
import resource
import socket
import struct
from dataclasses import dataclass

from sfu.fanout import PreparedFrame, ReferenceFanout
from sfu.ids import SlotName
from sfu.legs import Leg
from sfu.net.udp import UdpSocket
from sfu.packets import SourcePacket, WireProfile
from sfu.source import Source
from sfu.srtp import Suite, derive_session_keys

SO_ATTACH_FILTER = 26
DROP_ALL = struct.pack("=HBBI", 0x06, 0, 0, 0)


@dataclass(frozen=True)
class FanoutRun:
    """One measurement."""

    us_per_packet: float
    packets: int
    refused: int


def _sink() -> socket.socket:
    """A bound socket that drops every datagram in the kernel."""
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("0.0.0.0", 0))
    program = ctypes.create_string_buffer(DROP_ALL)
    sink.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(program)))
    return sink


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def legs_of(source: Source, count: int, suite: Suite, port: int) -> list[Leg]:
    """Open legs that follow ``source``, each with its own key and address."""
    legs = []
    for number in range(count):
        leg = Leg(
            slot=SlotName("main"),
            kind="video",
            ssrc=0x1000 + number,
            clock_rate_hz=90_000,
            profiles={"VP8": WireProfile.of(96, {})},
            owner=None,
            first_sequence=number % 32768,
            first_timestamp=number,
        )
        leg.open(suite, derive_session_keys(suite, os.urandom(suite.key_bytes), os.urandom(suite.salt_bytes)))
        leg.address = (socket.inet_ntoa(struct.pack("!I", 0x7F010000 + number)), port)
        leg.attach(source, 1, 0, 0.0)
        legs.append(leg)
    return legs


def run(receivers: int, packets_per_frame: int, payload_bytes: int, rounds: int, suite: Suite) -> FanoutRun:
    """Sends ``rounds`` frames to all receivers."""
    sink = _sink()
    out = UdpSocket("0.0.0.0", 0)
    fanout = ReferenceFanout(out)
    source = Source(kind="video", codec="VP8", clock_rate_hz=90_000, keyframe_interval_s=1.0)
    legs = legs_of(source, receivers, suite, sink.getsockname()[1])
    payload = os.urandom(payload_bytes)
    frames = [
        PreparedFrame(
            tuple(
                SourcePacket(1 + frame * packets_per_frame + place, frame * 3000, place == packets_per_frame - 1, payload)
                for place in range(packets_per_frame)
            )
        )
        for frame in range(rounds + 1)
    ]
    fanout.send_frame(frames[0], legs)
    before, packets = _cpu_s(), fanout.counters.packets
    for frame in frames[1:]:
        fanout.send_frame(frame, legs)
    spent, sent = _cpu_s() - before, fanout.counters.packets - packets
    out.close()
    sink.close()
    return FanoutRun(spent * 1e6 / sent, sent, fanout.counters.refused_video)
