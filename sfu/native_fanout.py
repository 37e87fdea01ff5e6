"""The fan-out in C, as the node sees it: the second implementation of the contract in :mod:`sfu.fanout`.

What costs per leg is in ``sfu/_native``: ciphers, headers, system calls, on threads that never hold the interpreter's lock. What
is left here costs per frame: its bodies, once a wire profile, and its *audience*.

An audience is the legs of a frame with their numbers as they are when the frame is given. It is made anew when a source's
followers changed (70 ns a leg on the 2-core test machine) and serves all frames until then. Because of it nothing has to be sent
before a leg may move to another source: what waits has its numbers already, all of them counted in ``Source.forwarded_index``
before, and :meth:`sfu.legs.Leg.attach` starts above those. So one index of one leg still stands for one packet, without waiting.
What a leg is given leaves in that order, for a leg belongs to one thread; a leg that is closed is skipped, and another
address holds for all that is not sent yet.

Legs with an outlet of their own are left to the reference, on the engine's thread.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field

from sfu._native import fanout as native
from sfu.fanout import FanoutCounters, Outlet, PreparedFrame, ReferenceFanout
from sfu.legs import Leg
from sfu.net.udp import UdpSocket
from sfu.packets import SourcePacket, WireProfile
from sfu.source import Source
from sfu.srtp import Suite

THREADS_MAX = 8


@dataclass(slots=True)
class _Following:
    """The audience of a source's followers, while they do not change."""

    legs: Sequence[Leg]
    outlet_changes: int
    audience: native.Audience
    left: tuple[Leg, ...]


@dataclass(slots=True)
class _Opening:
    """Legs without a handle, met while an audience is made: a handle for each that can be sent to."""

    fanout: NativeFanout
    left: list[Leg] = field(default_factory=list)
    is_whole: bool = True
    """Whether no leg was passed over that may be open with the next frame."""

    def __call__(self, leg: Leg) -> native.Handle | None:
        if leg.outlet is not None:
            self.left.append(leg)
            return None
        handle = self.fanout.open(leg)
        self.is_whole = self.is_whole and handle is not None
        return handle


class NativeFanout:
    """See the module's text. ``threads`` is at most 8; 0 stands for as many as there are cores."""

    name = "native"

    def __init__(self, outlet: Outlet, threads: int = 0) -> None:
        """Starts the threads.

        Args:
            outlet: the node's UDP socket, to be closed after :meth:`close`. Any other outlet works too, slowly: it is called from
                the threads, for tests.
            threads: how many.
        """
        self.threads = count = min(threads or len(os.sched_getaffinity(0)), THREADS_MAX)
        self._reference = ReferenceFanout(outlet)
        if isinstance(outlet, UdpSocket):
            self._native = native.Fanout(None, outlet.fileno(), count, outlet.has_segmentation)
        else:
            self._native = native.Fanout(outlet, -1, count, True)
        # Legs of one viewer are given the same keys, and share the cipher that is made of them.
        self._ciphers: weakref.WeakValueDictionary[int, native.Cipher] = weakref.WeakValueDictionary()
        self._following: weakref.WeakKeyDictionary[Source, _Following] = weakref.WeakKeyDictionary()
        self._end = weakref.finalize(self, self._native.close)

    @property
    def counters(self) -> FanoutCounters:
        """What was done since the start, by the threads and by the reference for the legs left to it."""
        left = self._reference.counters
        packets, bytes_, messages, video, audio, refused, unreachable, failed = self._native.totals()
        return FanoutCounters(
            packets=packets + left.packets,
            bytes=bytes_ + left.bytes,
            messages=messages + left.messages,
            refused_video=video + left.refused_video,
            refused_audio=audio + left.refused_audio,
            socket_refused=refused,
            socket_unreachable=unreachable,
            socket_failed=failed,
        )

    @property
    def waiting(self) -> int:
        """Batches of video that are not sent to all yet."""
        return self._native.waiting()

    def behind_s(self) -> float:
        """How long the oldest of them has waited."""
        return self._native.behind_ms() / 1000

    def open(self, leg: Leg) -> native.Handle | None:
        """The handle of a leg, made when it is first sent to; None while its keys are not there."""
        suite, keys, profile = leg.suite, leg.keys, leg.profile
        if suite is None or keys is None or profile is None:
            return None
        cipher = self._ciphers.get(id(keys))
        if cipher is None:
            is_gcm = suite is Suite.AES_128_GCM
            cipher = self._ciphers[id(keys)] = self._native.cipher(is_gcm, keys.rtp_key, keys.rtp_salt, keys.rtp_auth)
        handle = self._native.handle(cipher, leg.ssrc)
        handle.route(leg.sequence_delta, leg.timestamp_delta, profile)
        handle.move(leg.address)
        if leg.handle is not None:
            leg.handle.close()
        leg.handle = handle
        return handle

    def take(self, source: Source, frame: PreparedFrame, legs: Sequence[Leg]) -> Sequence[Leg]:
        """See :meth:`sfu.fanout.Fanout.take`: all legs but those with an outlet of their own."""
        following = self._following.get(source)
        if following is None or following.legs is not legs or following.outlet_changes != Leg.outlet_changes:
            opening = _Opening(self)
            audience = self._native.audience(legs, opening)
            following = _Following(legs, Leg.outlet_changes, audience, tuple(opening.left))
            if len(legs) > 1 and opening.is_whole and isinstance(legs, tuple):
                self._following[source] = following
        audience = following.audience
        self._native.submit(source.kind == "video", audience, [frame.runs(profile) for profile in audience.profiles])
        return following.left

    def send_frame(self, frame: PreparedFrame, legs: Sequence[Leg]) -> None:
        """Sends a frame to legs that were left, by the reference."""
        self._reference.send_frame(frame, legs)

    def send_single(
        self, packet: SourcePacket, leg: Leg, sequence_delta: int, timestamp_delta: int, profile: WireProfile
    ) -> bool:
        """Takes a retransmission. It leaves behind waiting sound and before waiting pictures."""
        if not leg.is_open:
            return False
        if leg.outlet is not None:
            return self._reference.send_single(packet, leg, sequence_delta, timestamp_delta, profile)
        handle = leg.handle if isinstance(leg.handle, native.Handle) else self.open(leg)
        if handle is None:
            return False
        runs = PreparedFrame((packet,)).runs(profile)
        return self._native.repair(leg.kind == "video", handle, sequence_delta, timestamp_delta, runs)

    def drain(self) -> None:
        """Waits until all that was taken is sent."""
        self._native.drain()

    def close(self) -> None:
        """Ends the threads; what waits is not sent."""
        self._end()
