"""Scenes with a kernel that fails as told (``kernel_faults.c``, preloaded): ``python -m tests.sfu.kernel_faults SCENE``.

Each prints what arrived at three viewers, the counters, and how often the fan-out waited for room, as JSON.
"""

from __future__ import annotations

import ctypes
import errno
import json
import socket
import sys
from dataclasses import asdict

from sfu.fanout import PreparedFrame
from sfu.ids import Kind
from sfu.native_fanout import NativeFanout
from sfu.net.udp import UdpSocket
from tests.sfu.kit import frame, leg, packet, source

FULL_BYTES = 1 << 30


class Scene:
    """Three viewers, each with a leg for sound and one for pictures; the second is the one that things happen to."""

    def __init__(self) -> None:
        self.kernel = ctypes.CDLL(None)
        self.out = UdpSocket("127.0.0.1", 0)
        self.fanout = NativeFanout(self.out, 1)
        self.sinks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
        self.sources = {"video": source(), "audio": source("audio")}
        self.index = {"video": 1, "audio": 1}
        for n, sink in enumerate(self.sinks):
            sink.bind(("127.0.0.1", 0))
            sink.setblocking(False)
            for place, (kind, feed) in enumerate(self.sources.items()):
                one = leg("audio" if kind == "audio" else "video", ssrc=10 * n + place, address=sink.getsockname())
                feed.wait(one)

    def fault(self, name: str, value: int) -> None:
        ctypes.c_int.in_dll(self.kernel, f"fault_{name}").value = value

    def fail_second(self, error: int, times: int) -> None:
        """``sendmmsg`` stops at a message twice: before it, and when it is the first of the rest, which is when it says why."""
        self.fault("port", self.sinks[1].getsockname()[1])
        self.fault("error", error)
        self.fault("times", times)

    def send(self, kind: Kind, count: int) -> None:
        feed, index = self.sources[kind], self.index[kind]
        packets = frame(index, index, count, key=True, size=300) if kind == "video" else (packet(index, index),)
        self.index[kind] += count
        self.fanout.take(feed, PreparedFrame(packets), feed.follow(packets, 1.0))
        self.fanout.drain()

    def report(self) -> dict[str, object]:
        arrived = []
        for sink in self.sinks:
            arrived.append(0)
            while True:
                try:
                    sink.recv(2048)
                except BlockingIOError:
                    break
                arrived[-1] += 1
        mode = self.out._socket.getsockopt(socket.IPPROTO_IP, 10)
        polls = ctypes.c_int.in_dll(self.kernel, "fault_polls").value
        return {"arrived": arrived, "mtu_discovery": mode, "polls": polls, **asdict(self.fanout.counters)}


def run(name: str) -> dict[str, object]:
    """One scene."""
    scene = Scene()
    match name:
        case "video_refused":
            scene.fail_second(errno.ENOBUFS, 2)
            scene.send("video", 3)
            scene.send("video", 3)
        case "audio_refused_once":
            scene.fail_second(errno.EAGAIN, 2)
            scene.send("audio", 1)
        case "audio_refused":
            scene.fail_second(errno.EAGAIN, -1)
            scene.send("audio", 1)
            scene.send("audio", 1)
        case "unreachable":
            scene.fail_second(errno.EHOSTUNREACH, -1)
            scene.send("video", 3)
            scene.send("audio", 1)
        case "buffer_nearly_full":
            scene.fault("queued", FULL_BYTES)
            scene.send("video", 3)
            scene.send("audio", 1)
            scene.fault("queued", 0)
            scene.send("video", 2)
        case "no_segmentation":
            scene.fault("segmented", errno.EIO)
            scene.send("video", 3)
            scene.fault("segmented", 0)
            scene.send("video", 3)
        case "segments_too_long":
            scene.fault("segmented", errno.EINVAL)
            scene.send("video", 3)
            scene.fault("segmented", 0)
            scene.send("video", 3)
        case "narrow_interface":
            scene.fail_second(errno.EMSGSIZE, 3)
            scene.send("audio", 1)
        case "late_audio":
            scene.fault("clock_step_ms", 300)
            scene.send("audio", 1)
            scene.send("video", 1)
            scene.fault("clock_step_ms", 0)
            scene.send("audio", 1)
        case _:
            raise ValueError(name)
    return scene.report()


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
