"""What the tests of the node share: packets, legs, an outlet that keeps what leaves, and keys that libsrtp opens it with."""

from __future__ import annotations

import importlib.util
import shutil
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pylibsrtp

from sfu.fanout import Fanout, Outlet
from sfu.hotpath import select
from sfu.ids import Address, FeedId, Kind, SlotName
from sfu.legs import Leg
from sfu.packets import SourcePacket, WireProfile
from sfu.source import Source
from sfu.srtp import SessionKeys, Suite, derive_session_keys
from sfu.wire import extensions

MASTER_KEY = bytes(range(16))
VIDEO_PT, AUDIO_PT, H264_PT = 100, 109, 102
EXTENSION_IDS = {extensions.VIDEO_ORIENTATION_URI: 3, extensions.ABS_CAPTURE_TIME_URI: 5, extensions.MID_URI: 4}
KEY_PAYLOAD = b"\x10\x10\x02\x00\x9d\x01\x2a\x40\x01\xb4\x00"
"""RFC 7741: S = 1, PID = 0; RFC 6386 §9.1: a key frame of 320 × 180."""
DELTA_PAYLOAD = b"\x10\x11\x02\x00"
REST_PAYLOAD = b"\x00"
BOTH_SUITES = (Suite.AES_128_GCM, Suite.AES_128_CM_SHA1_80)

HAS_COMPILER = shutil.which("cc") is not None and Path(sysconfig.get_path("include"), "Python.h").exists()
"""Where there is one, the native core is expected: tests of it fail, and do not go missing, when it was not built."""
CoreName = Literal["reference", "native"]
CORES: tuple[CoreName, ...] = (
    ("reference", "native") if HAS_COMPILER or importlib.util.find_spec("sfu._native.fanout") else ("reference",)
)


def fanout_of(core: CoreName, outlet: Outlet, threads: int = 2) -> Fanout:
    """The fan-out of a core.

    Raises:
        CoreMissingError: the native core was not built, and could be.
    """
    return select(core).fanout(outlet, threads)


def salt_of(suite: Suite) -> bytes:
    return bytes(range(50, 50 + suite.salt_bytes))


def session_keys(suite: Suite) -> SessionKeys:
    return derive_session_keys(suite, MASTER_KEY, salt_of(suite))


def opener(suite: Suite, key: bytes = MASTER_KEY, salt: bytes | None = None) -> pylibsrtp.Session:
    """libsrtp at the receiver: it keeps its own rollover counters."""
    policy = pylibsrtp.Policy(
        key=key + (salt or salt_of(suite)), ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=suite.profile
    )
    policy.window_size = 1024
    policy.allow_repeat_tx = True
    return pylibsrtp.Session(policy)


def packet(
    index: int,
    timestamp: int = 0,
    *,
    key: bool = False,
    marker: bool = False,
    payload: bytes | None = None,
    extensions: tuple[tuple[str, bytes], ...] = (),
) -> SourcePacket:
    content = payload if payload is not None else (KEY_PAYLOAD if key else REST_PAYLOAD) + b"%d" % index
    return SourcePacket(index, timestamp, marker, content, 0, extensions, key)


def frame(index: int, timestamp: int, count: int = 3, *, key: bool = False, size: int = 0) -> tuple[SourcePacket, ...]:
    """A frame of ``count`` packets, the last with the marker."""
    filling = bytes(size)
    return tuple(
        packet(
            index + i,
            timestamp,
            key=key and i == 0,
            marker=i == count - 1,
            payload=(KEY_PAYLOAD if key and i == 0 else REST_PAYLOAD) + b"%08d" % (index + i) + filling,
        )
        for i in range(count)
    )


def source(kind: Kind = "video", codec: str | None = None) -> Source:
    name = codec or ("VP8" if kind == "video" else "opus")
    return Source(kind=kind, codec=name, clock_rate_hz=90_000 if kind == "video" else 48_000, keyframe_interval_s=1.0)


def leg(
    kind: Kind = "video",
    *,
    ssrc: int = 0x1111,
    slot: str = "main",
    owner: str | None = None,
    first_sequence: int = 100,
    first_timestamp: int = 5000,
    suite: Suite | None = Suite.AES_128_GCM,
    address: Address = ("192.0.2.1", 4000),
    profiles: dict[str, WireProfile] | None = None,
) -> Leg:
    """A leg; open unless ``suite`` is None."""
    default = {"opus": WireProfile.of(AUDIO_PT, {})}
    if kind == "video":
        default = {"VP8": WireProfile.of(VIDEO_PT, EXTENSION_IDS), "H264": WireProfile.of(H264_PT, EXTENSION_IDS)}
    made = Leg(
        slot=SlotName(slot),
        kind=kind,
        ssrc=ssrc,
        clock_rate_hz=90_000 if kind == "video" else 48_000,
        profiles=profiles or default,
        owner=None if owner is None else FeedId(owner),
        first_sequence=first_sequence,
        first_timestamp=first_timestamp,
    )
    if suite is not None:
        made.open(suite, session_keys(suite))
        made.address = address
    return made


@dataclass(slots=True)
class Message:
    """One call of the outlet."""

    data: bytes
    segment_bytes: int
    address: Address

    def datagrams(self) -> list[bytes]:
        if not self.segment_bytes:
            return [self.data]
        return [self.data[at : at + self.segment_bytes] for at in range(0, len(self.data), self.segment_bytes)]


@dataclass(slots=True)
class ListOutlet:
    """An outlet that keeps what it is given, as a kernel with ``UDP_SEGMENT`` would cut it; or refuses it."""

    messages: list[Message] = field(default_factory=list)
    is_full: bool = False

    def send(self, vectors: Sequence[bytes], segment_bytes: int, address: Address) -> bool:
        if self.is_full:
            return False
        self.messages.append(Message(b"".join(vectors), segment_bytes, address))
        return True

    def take(self) -> list[bytes]:
        """All datagrams so far, in order."""
        datagrams = [datagram for message in self.messages for datagram in message.datagrams()]
        self.messages.clear()
        return datagrams


class NonceLedger:
    """Opens everything that leaves, and fails where one (SSRC, index) stands for two different packets.

    The index is unwrapped here by the order of arrival, with libsrtp as the judge: a wrong guess does not authenticate.
    """

    def __init__(self, suite: Suite = Suite.AES_128_GCM) -> None:
        self._session = opener(suite)
        self._highest: dict[int, int] = {}
        self.sealed: dict[tuple[int, int], bytes] = {}
        self.plain: dict[tuple[int, int], bytes] = {}
        self.order: list[tuple[int, int, bool]] = []
        """(ssrc, index, whether it was sent before) in the order of sending."""

    def take(self, datagrams: Sequence[bytes]) -> None:
        for datagram in datagrams:
            ssrc, sequence = int.from_bytes(datagram[8:12], "big"), int.from_bytes(datagram[2:4], "big")
            highest = self._highest.get(ssrc, sequence)
            step = (sequence - highest + 0x8000 & 0xFFFF) - 0x8000
            index = highest + step
            self._highest[ssrc] = max(highest, index)
            known = self.sealed.get((ssrc, index))
            assert known is None or known == datagram, f"two packets under ssrc {ssrc:#x}, index {index}"
            if known is None:
                self.plain[ssrc, index] = self._session.unprotect(datagram)
            self.sealed[ssrc, index] = datagram
            self.order.append((ssrc, index, known is not None))
