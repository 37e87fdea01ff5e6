"""The fan-out in C beside the reference, and what only it does: threads, snapshots, a kernel that refuses."""

from __future__ import annotations

import gc
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sfu.dispatch import QUEUE_FRAMES, Dispatcher
from sfu.fanout import PreparedFrame
from sfu.hotpath import select
from sfu.ids import Address
from sfu.legs import Leg
from sfu.net.udp import UdpSocket
from sfu.packets import SourcePacket
from sfu.source import Source
from sfu.srtp import Suite
from tests.sfu.fanout_programme import Programme
from tests.sfu.kit import AUDIO_PT, CORES, ListOutlet, NonceLedger, frame, leg, packet, session_keys, source

ROOT = Path(__file__).resolve().parents[2]
FAULTS = Path(__file__).with_name("kernel_faults.c")
pytestmark = pytest.mark.skipif("native" not in CORES, reason="no compiler: the reference serves")
if "native" in CORES:
    from sfu._native import fanout as native
    from sfu.native_fanout import NativeFanout


def test_it_was_built_where_it_can_be() -> None:
    assert select("auto").name == "native", select("auto").missing


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_datagram_is_the_references(threads: int) -> None:
    compared = rollovers = 0
    for seed in range(4):
        programme = Programme(1000 * threads + seed, threads)
        compared += programme.run(150)
        rollovers = max(rollovers, programme.rollovers)
    assert compared > 500
    assert rollovers > 0, "no sequence number came round"


class Gate(ListOutlet):
    """Keeps a thread in its first message until it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened, self.reached = threading.Event(), threading.Event()

    def send(self, vectors: Sequence[bytes], segment_bytes: int, address: Address) -> bool:
        self.reached.set()
        assert self.opened.wait(20), "nobody opened"
        return super().send(vectors, segment_bytes, address)


class Desk:
    """One thread behind a gate, its dispatcher, a source of pictures and one of sound."""

    def __init__(self, viewers: int) -> None:
        self.gate = Gate()
        self.fanout = NativeFanout(self.gate, 1)
        self.dispatcher = Dispatcher(self.fanout)
        self.video, self.audio = source(), source("audio")
        self.legs = [leg(ssrc=n + 1, address=("192.0.2.1", 1000 + n)) for n in range(viewers)]
        self.ears = [leg("audio", ssrc=0x8000 + n, address=("192.0.2.2", 1000 + n)) for n in range(2)]
        for one in self.legs:
            self.video.wait(one)
        for one in self.ears:
            self.audio.wait(one)

    def submit(self, feed: Source, packets: tuple[SourcePacket, ...]) -> None:
        self.dispatcher.submit(feed, packets, 1.0)

    def reach(self) -> None:
        assert self.gate.reached.wait(20)

    def finish(self) -> list[bytes]:
        self.gate.opened.set()
        assert not self.dispatcher.run()
        self.fanout.drain()
        return self.gate.take()


def test_sound_leaves_after_one_slice_of_a_key_frame() -> None:
    desk = Desk(300)
    desk.submit(desk.video, frame(1, 0, 4, key=True, size=900))
    desk.reach()
    desk.submit(desk.audio, (packet(7),))
    kinds = [d[1] & 0x7F == AUDIO_PT for d in desk.finish()]
    assert len(kinds) == 300 * 4 + 2
    assert kinds.index(True) <= 64 * 4
    assert kinds.count(True) == 2


def test_a_full_queue_starves_pictures_and_never_holds_sound() -> None:
    desk = Desk(1)
    desk.submit(desk.video, frame(0, 0, 2, key=True))
    for number in range(1, QUEUE_FRAMES + 5):
        desk.submit(desk.video, frame(number * 2, number * 3000, 2))
        desk.submit(desk.audio, (packet(number),))
    assert desk.dispatcher.waiting == QUEUE_FRAMES
    assert desk.dispatcher.dropped_frames == 5
    assert desk.video.requests.is_wanted
    sent = desk.finish()
    assert desk.dispatcher.waiting == 0
    assert len(sent) == QUEUE_FRAMES * 2 + (QUEUE_FRAMES + 4) * 2


def test_it_says_how_long_the_oldest_picture_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(1)
    assert desk.fanout.behind_s() == 0.0
    began_s = time.monotonic()
    desk.submit(desk.video, frame(0, 0, 2, key=True))
    desk.reach()
    desk.submit(desk.video, frame(2, 3000, 2))
    while desk.fanout.behind_s() < 0.02:
        assert time.monotonic() < began_s + 20
    assert desk.fanout.behind_s() <= time.monotonic() - began_s + 0.001
    monkeypatch.setattr("sfu.dispatch.BEHIND_S", 0.02)
    desk.submit(desk.video, frame(4, 6000, 2))
    assert desk.dispatcher.dropped_frames == 1
    assert len(desk.finish()) == 4
    assert desk.fanout.behind_s() == 0.0


def test_what_waits_keeps_the_numbers_that_the_leg_had() -> None:
    desk, other, ledger = Desk(3), source(), NonceLedger()
    desk.submit(desk.video, frame(1, 0, 2, key=True))
    desk.submit(desk.video, frame(3, 3000, 2))
    for one in desk.legs[:2]:
        other.wait(one)
    desk.submit(other, frame(700, 0, 2, key=True))
    assert [one.source for one in desk.legs] == [other, other, desk.video]
    desk.submit(desk.video, frame(5, 6000, 2))
    desk.submit(other, frame(702, 3000, 2))
    desk.video.wait(desk.legs[0])
    desk.submit(desk.video, frame(7, 9000, 2, key=True))
    ledger.take(desk.finish())
    indices = {one.ssrc: [i for s, i, _ in ledger.order if s == one.ssrc] for one in desk.legs}
    assert indices == {1: list(range(101, 111)), 2: list(range(101, 109)), 3: list(range(101, 109))}
    assert ledger.plain[1, 105][12:].endswith(b"00000700")
    assert ledger.plain[1, 109][12:].endswith(b"00000007")


def test_a_viewer_that_leaves_or_moves_while_its_packets_wait() -> None:
    desk = Desk(200)
    desk.submit(desk.video, frame(1, 0, 1, key=True))
    desk.reach()
    desk.legs[150].close()
    desk.legs[160].address = ("192.0.2.77", 7)
    desk.legs[170].address = None
    desk.legs[180].outlet = ListOutlet()
    sent = desk.finish()
    assert len(sent) == 197
    assert not {151, 171, 181} & {int.from_bytes(d[8:12], "big") for d in sent}
    desk.submit(desk.video, frame(2, 3000, 1))
    desk.dispatcher.run()
    desk.fanout.drain()
    assert [m.address for m in desk.gate.messages if m.data[8:12] == (161).to_bytes(4, "big")] == [("192.0.2.77", 7)]
    own = desk.legs[180].outlet
    assert isinstance(own, ListOutlet)
    assert len(own.take()) == 1, "its outlet has it from the next frame on"


def test_a_repair_leaves_before_waiting_pictures() -> None:
    desk = Desk(130)
    desk.submit(desk.video, frame(1, 0, 1, key=True))
    desk.reach()
    desk.submit(desk.video, frame(2, 3000, 1))
    assert desk.dispatcher.resend(desk.legs[129], 101)
    sent = [(int.from_bytes(d[8:12], "big"), int.from_bytes(d[2:4], "big")) for d in desk.finish()]
    assert sent.index((130, 101)) < 130
    assert sent.count((130, 101)) == 2
    assert len(sent) == 261


def test_an_audience_serves_until_the_followers_change() -> None:
    desk = Desk(5)
    desk.gate.opened.set()
    made: list[int] = []

    class Counting:
        def audience(self, *given: Any) -> native.Audience:
            made.append(len(given[0]))
            return desk_native.audience(*given)

        def __getattr__(self, name: str) -> Any:
            return getattr(desk_native, name)

    desk_native, desk.fanout._native = desk.fanout._native, Counting()  # type: ignore[assignment]
    for n in range(4):
        desk.submit(desk.video, frame(1 + n, 3000 * n, 1, key=n == 0))
    assert made == [5]
    desk.video.remove(desk.legs[0])
    desk.submit(desk.video, frame(5, 15_000, 1))
    assert made == [5, 4]
    keyless = leg(ssrc=99, suite=None)
    desk.video.wait(keyless)
    desk.submit(desk.video, frame(6, 18_000, 1, key=True))
    desk.submit(desk.video, frame(7, 21_000, 1))
    assert made == [5, 4, 5, 5], "a leg that may be open with the next frame is looked at again"
    assert keyless.handle is None


def test_legs_of_one_viewer_share_a_cipher_and_viewers_are_spread() -> None:
    fanout = NativeFanout(ListOutlet(), 3)
    feed, legs = source(), list[Leg]()
    for n in range(6):
        keys = session_keys(Suite.AES_128_GCM)
        for _ in range(2):
            one = leg(ssrc=len(legs), suite=None)
            one.open(Suite.AES_128_GCM, keys)
            one.attach(feed, 1, 0, 1.0)
            legs.append(one)
        assert fanout.open(legs[-1]) is legs[-1].handle
        assert fanout.open(legs[-2]) is legs[-2].handle
        assert len(fanout._ciphers) == n + 1
    assert sorted(cipher.worker for cipher in fanout._ciphers.values()) == [0, 0, 1, 1, 2, 2]
    for one in legs:
        one.close()
    gc.collect()
    assert len(fanout._ciphers) == 0


def test_closing_ends_the_threads_and_what_waits_is_not_sent() -> None:
    desk = Desk(200)
    desk.submit(desk.video, frame(1, 0, 1, key=True))
    desk.submit(desk.video, frame(2, 3000, 1))
    desk.reach()
    closing = threading.Thread(target=desk.fanout.close)
    closing.start()
    desk.gate.opened.set()
    closing.join(20)
    assert not closing.is_alive()
    assert len(desk.gate.take()) < 400
    desk.fanout.drain()
    desk.submit(desk.video, frame(3, 6000, 1))
    assert desk.fanout.counters.refused_video == 200
    desk.fanout.close()


def test_an_outlet_that_raises_costs_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: raised.append(told.exc_type))
    desk = Desk(2)
    desk.gate.opened.set()

    def send(*_: object) -> bool:
        raise ZeroDivisionError

    healthy, desk.gate.send = desk.gate.send, send  # type: ignore[method-assign,assignment]
    desk.submit(desk.video, frame(1, 0, 1, key=True))
    desk.fanout.drain()
    desk.gate.send = healthy  # type: ignore[method-assign]
    desk.submit(desk.video, frame(2, 3000, 1))
    assert len(desk.finish()) == 2
    assert raised == [ZeroDivisionError, ZeroDivisionError]


def test_what_cannot_be_is_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match="1 to 8 threads"):
        native.Fanout(ListOutlet(), -1, 9, True)
    with pytest.raises(OSError, match="descriptor"):
        native.Fanout(None, -1, 1, True)
    made, foreign = (native.Fanout(ListOutlet(), -1, 1, True) for _ in range(2))
    for keys in ((bytes(15), bytes(12), b""), (bytes(16), bytes(14), b""), (bytes(16), bytes(12), b"x")):
        with pytest.raises(ValueError, match="wrong length"):
            made.cipher(True, *keys)
    cipher = made.cipher(False, bytes(16), bytes(14), bytes(20))
    with pytest.raises(ValueError, match="this fan-out"):
        foreign.handle(cipher, 1)
    handle = made.handle(cipher, 1)
    for address in (("localhost", 1), ("1.2.3.4.5", 1)):
        with pytest.raises(ValueError, match="no IP address"):
            handle.move(address)
    with pytest.raises(TypeError):
        handle.move("192.0.2.1")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        native.Handle()
    one = leg()
    one.attach(source(), 1, 0, 1.0)
    audience = made.audience((one,), lambda _: None)
    assert (len(audience), audience.profiles) == (0, ())
    with pytest.raises(TypeError, match="handle of this fan-out"):
        made.audience((one,), lambda _: object())  # type: ignore[arg-type,return-value]
    assert one.profile is not None
    handle.route(1, 1, one.profile)
    audience = made.audience((one,), lambda _: handle)
    with pytest.raises(ValueError, match="each profile"):
        made.submit(True, audience, [])
    long, short = (PreparedFrame((packet(1, payload=bytes(n)),)).runs(one.profile)[0] for n in (9, 5))
    wrong = [
        ((type(long)(12, (*short.bodies, *long.bodies), 1),), "equally long"),
        ((type(long)(12, (), 1),), "1 to 64 bodies"),
        ((type(long)(12, long.bodies * 65, 1),), "1 to 64 bodies"),
        (PreparedFrame((packet(1, payload=bytes(65_500)),)).runs(one.profile), "fits a datagram"),
    ]
    for runs, reason in wrong:
        with pytest.raises(ValueError, match=reason):
            made.submit(True, audience, [runs])
        with pytest.raises(ValueError, match=reason):
            made.repair(True, handle, 0, 0, runs)
    made.drain()


@pytest.mark.parametrize(
    ("bound", "address"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::", "127.0.0.1"), ("::", "::ffff:127.0.0.1")]
)
def test_both_families_are_reached(bound: str, address: str) -> None:
    family = socket.AF_INET6 if address == "::1" else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sink:
        sink.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        sink.settimeout(10)
        out = UdpSocket(bound, 0)
        fanout, feed, one = NativeFanout(out, 1), source(), leg(address=(address, sink.getsockname()[1]))
        feed.wait(one)
        batch = frame(1, 0, 3, key=True)
        assert fanout.take(feed, PreparedFrame(batch), feed.follow(batch, 1.0)) == ()
        assert [sink.recv(2048)[8:12] for _ in range(3)] == [one.ssrc.to_bytes(4, "big")] * 3
        fanout.close()
        out.close()


def test_an_address_that_cannot_be_reached_stops_nobody() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.0.0.1", 0))
        sink.settimeout(10)
        out = UdpSocket("127.0.0.1", 0)
        fanout, feed = NativeFanout(out, 1), source()
        for n in range(9):
            address = ("192.0.2.1", 9) if n % 3 == 1 else sink.getsockname()  # not to be reached from 127.0.0.1
            feed.wait(leg(ssrc=n, address=address))
        batch = frame(1, 0, 2, key=True)
        fanout.take(feed, PreparedFrame(batch), feed.follow(batch, 1.0))
        fanout.drain()
        assert {sink.recv(2048)[11] for _ in range(12)} == {0, 2, 3, 5, 6, 8}
        counters = fanout.counters
        assert (counters.socket_unreachable, counters.refused_video, counters.packets) == (3, 6, 12)
        fanout.close()
        out.close()


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernel that fails as told."""
    compiler, target = shutil.which("cc"), tmp_path_factory.mktemp("faults") / "kernel_faults.so"
    assert compiler is not None, "install gcc"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", target, FAULTS, "-ldl"], check=True)
    return target


SCENES = {
    "video_refused": {"arrived": [6, 4, 6], "refused_video": 2, "socket_refused": 1, "polls": 0},
    "audio_refused_once": {"arrived": [1, 1, 1], "refused_audio": 0, "socket_refused": 0, "polls": 1},
    "audio_refused": {"arrived": [2, 0, 2], "refused_audio": 2, "socket_refused": 2, "polls": 2},
    "unreachable": {"arrived": [4, 0, 4], "refused_video": 3, "refused_audio": 1, "socket_unreachable": 3},
    # Three pictures of three packets are refused and the sound is not; then there is room for all again.
    "buffer_nearly_full": {"arrived": [3, 3, 3], "refused_video": 9, "refused_audio": 0, "socket_refused": 3},
    "no_segmentation": {"arrived": [6, 6, 6], "messages": 18, "refused_video": 0},
    "segments_too_long": {"arrived": [6, 6, 6], "messages": 15, "refused_video": 0},
    "narrow_interface": {"arrived": [1, 1, 1], "mtu_discovery": 0, "refused_audio": 0},
    "late_audio": {"arrived": [2, 2, 2], "refused_audio": 3, "refused_video": 0},
}


@pytest.mark.parametrize("scene", SCENES)
def test_a_kernel_that_refuses(scene: str, faults: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sfu.kernel_faults", scene],
        env={**os.environ, "LD_PRELOAD": str(faults)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {name: told[name] for name in SCENES[scene]} == SCENES[scene]
