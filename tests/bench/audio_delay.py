"""How long sound takes to sampled viewers, alone and while a key frame goes to everybody.

From giving the packet to the fan-out until the kernel has it in the socket of a sampled viewer (its receive timestamp). Alone it
is what 9,811 messages take, by a viewer's place among them; what a key frame adds is the order of sending. Both are wall time:
on a machine with other work they say little; ``load`` in the result tells.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from dataclasses import dataclass

from sfu.fanout import PreparedFrame
from sfu.net.udp import UdpSocket
from sfu.packets import SourcePacket
from sfu.source import BATCH_PACKETS
from sfu.srtp import Suite
from tests.bench.fanout import FIRST_ADDRESS, legs_of, sink_of, source_of

SO_TIMESTAMPNS = 35
SO_RCVBUFFORCE = 33
PTIME_S = 0.06
SAMPLED = 48
KEYFRAME_PACKETS, PAYLOAD_BYTES, AUDIO_BYTES = 100, 1168, 120


@dataclass(frozen=True)
class Delays:
    """Milliseconds, and how many samples they come from; refused are packets of sound that were not sent at all."""

    p50: float
    p99: float
    samples: int
    refused: int


class Hall:
    """Viewers with a leg for sound and one for the picture, some of whom listen."""

    def __init__(self, viewers: int, threads: int) -> None:
        from sfu.native_fanout import NativeFanout  # noqa: PLC0415 (not there where no compiler is)

        self._sink = sink_of()
        port = self._sink.getsockname()[1]
        self._out = UdpSocket("0.0.0.0", 0)
        self._fanout = NativeFanout(self._out, threads)
        self._video, self._audio = source_of("video"), source_of("audio")
        self._pictures, self._sounds = legs_of((self._video, self._audio), viewers, Suite.AES_128_GCM, port)
        self._listeners = [self._listen(viewers * place // SAMPLED, port) for place in range(SAMPLED)]
        self._starts = {leg.address: leg.sequence_delta for leg in self._sounds}
        self._index = {"video": 1, "audio": 1}
        self._given: dict[int, float] = {}
        self._delays: list[float] = []

    def _listen(self, viewer: int, port: int) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        made.bind((socket.inet_ntoa(struct.pack("!I", FIRST_ADDRESS + viewer)), port))
        made.setblocking(False)
        return made

    def _send_key_frame(self) -> None:
        payload = os.urandom(PAYLOAD_BYTES)
        for first in range(0, KEYFRAME_PACKETS, BATCH_PACKETS):
            count, index = min(BATCH_PACKETS, KEYFRAME_PACKETS - first), self._index["video"]
            self._index["video"] += count
            packets = tuple(SourcePacket(index + place, index, False, payload) for place in range(count))
            self._fanout.take(self._video, PreparedFrame(packets), self._pictures)

    def _send_sound(self) -> None:
        index = self._index["audio"]
        self._index["audio"] += 1
        self._given[index] = time.time()
        packet = SourcePacket(index, index * 2880, False, bytes(AUDIO_BYTES))
        self._fanout.take(self._audio, PreparedFrame((packet,)), self._sounds)

    def _collect(self) -> None:
        for listener in self._listeners:
            delta = self._starts[listener.getsockname()]
            while True:
                try:
                    data, ancillary, _, _ = listener.recvmsg(2048, 256)
                except BlockingIOError:
                    break
                if len(data) < PAYLOAD_BYTES:
                    seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
                    given = self._given[int.from_bytes(data[2:4], "big") - delta]
                    self._delays.append(seconds + nanoseconds * 1e-9 - given)

    def measure(self, packets: int, *, with_key_frame: bool) -> Delays:
        """Sends sound every 60 ms; ``with_key_frame`` keeps one waiting all the time."""
        refused = self._fanout.counters.refused_audio
        self._delays.clear()
        due = time.time()
        for _ in range(packets):
            if with_key_frame and not self._fanout.waiting:
                self._send_key_frame()
            self._send_sound()
            due += PTIME_S
            time.sleep(max(0.0, due - time.time()))
            self._collect()
        self._fanout.drain()
        self._collect()
        ordered = sorted(self._delays)
        p50, p99 = (round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3, 1) for share in (0.5, 0.99))
        return Delays(p50, p99, len(ordered), self._fanout.counters.refused_audio - refused)

    def close(self) -> None:
        """Ends threads and sockets."""
        self._fanout.close()
        self._out.close()
        for each in (self._sink, *self._listeners):
            each.close()
