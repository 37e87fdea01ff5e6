"""What the node hands to the recorder: one message a datagram, of two forms. Little-endian, one machine only.

*Packets*: a batch of one source, with what places it in time: when it arrived, and the publisher's own pairing of RTP time and
clock, both on the machine's monotonic clock. *Plan*: a session's plan as JSON, with the feeds that are live; repeated every
second, so that a recorder that comes late, or missed one, knows all within a second.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sfu.ids import FeedId, Kind, SessionId, SlotName
from sfu.packets import SourcePacket
from sfu.plan import Plan

_PACKETS, _PLAN = b"P", b"S"
_HEAD = struct.Struct("<cBBBBIIddqB")
"""Form, kind (1: video), lengths of session, feed and codec, source, clock rate, arrival, then reported: at, timestamp;
packets."""
_PACKET = struct.Struct("<qqBH")
_MARKER, _KEYFRAME = 1, 2
MESSAGE_MAX_BYTES = 128 * 1024
"""16 packets of 1,500 bytes are a fifth of it."""


class TapError(ValueError):
    """No message of a node of this version."""


@dataclass(frozen=True, slots=True)
class TappedPacket:
    """A packet of a source, its padding taken off."""

    index: int
    timestamp: int
    marker: bool
    is_keyframe_start: bool
    payload: bytes


@dataclass(frozen=True, slots=True)
class TappedBatch:
    """Packets of one source as they arrived.

    Attributes:
        source: another number for each source of this node since it started, whatever its feed.
        arrived_s: monotonic seconds.
        reported: monotonic seconds and the RTP timestamp then, of the publisher's newest report; None before the first.
    """

    session: SessionId
    feed: FeedId
    kind: Kind
    codec: str
    source: int
    clock_rate_hz: int
    arrived_s: float
    reported: tuple[float, int] | None
    packets: tuple[TappedPacket, ...]


@dataclass(frozen=True, slots=True)
class TappedPlan:
    """What is to be recorded of a session now.

    Attributes:
        recording: None when nothing is; else the call in each monitor slot and who is called, by slot.
        live: feeds that flow, by kind.
    """

    session: SessionId
    slots: Mapping[SlotName, tuple[FeedId, ...]]
    recording: Mapping[SlotName, tuple[str, str]] | None
    live: Mapping[Kind, frozenset[FeedId]]


def batch_bytes(
    key: tuple[SessionId, FeedId],
    kind: Kind,
    codec: str,
    source: int,
    clock_rate_hz: int,
    arrived_s: float,
    reported: tuple[float, int] | None,
    packets: Sequence[SourcePacket],
) -> bytes:
    """A batch as a message; names are codes of at most 255 bytes."""
    session, feed, name = key[0].encode(), key[1].encode(), codec.encode()
    at, timestamp = reported if reported is not None else (math.nan, 0)
    head = _HEAD.pack(
        _PACKETS, kind == "video", len(session), len(feed), len(name), source, clock_rate_hz, arrived_s, at, timestamp,
        len(packets),
    )  # fmt: skip
    parts = [head, session, feed, name]
    for packet in packets:
        size = len(packet.payload) - packet.padding_bytes
        flags = _MARKER * packet.marker | _KEYFRAME * packet.is_keyframe_start
        parts += (_PACKET.pack(packet.index, packet.timestamp, flags, size), packet.payload[:size])
    return b"".join(parts)


def plan_bytes(plan: Plan, live: Mapping[Kind, set[FeedId]]) -> bytes:
    """A plan as a message."""
    data = {
        "session": plan.session,
        "slots": {slot: list(feeds) for slot, feeds in plan.slots.items()},
        "recording": None if plan.recording is None else dict(plan.recording),
        "live": {kind: sorted(feeds) for kind, feeds in live.items()},
    }
    return _PLAN + json.dumps(data).encode()


def parse(data: bytes) -> TappedBatch | TappedPlan:
    """Reads a message.

    Raises:
        TapError: it is none, or cut.
    """
    try:
        if data[:1] == _PLAN:
            return _parse_plan(data)
        if data[:1] == _PACKETS:
            return _parse_batch(data)
    except (struct.error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TapError(f"not a message of this node: {error}") from error
    raise TapError("not a message of this node")


def _parse_plan(data: bytes) -> TappedPlan:
    read = json.loads(data[1:])
    calls = read["recording"]
    live = read["live"]
    return TappedPlan(
        SessionId(str(read["session"])),
        {SlotName(slot): tuple(FeedId(str(feed)) for feed in feeds) for slot, feeds in read["slots"].items()},
        None if calls is None else {SlotName(slot): (str(call), str(name)) for slot, (call, name) in calls.items()},
        {"audio": frozenset(map(FeedId, live["audio"])), "video": frozenset(map(FeedId, live["video"]))},
    )


def _parse_batch(data: bytes) -> TappedBatch:
    _, is_video, *lengths, source, rate_hz, arrived_s, at, timestamp, count = _HEAD.unpack_from(data)
    position, names = _HEAD.size, []
    for length in lengths:
        names.append(data[position : position + length].decode())
        position += length
    packets = []
    for _ in range(count):
        index, stamp, flags, size = _PACKET.unpack_from(data, position)
        position += _PACKET.size
        payload = data[position : position + size]
        position += size
        packets.append(TappedPacket(index, stamp, bool(flags & _MARKER), bool(flags & _KEYFRAME), payload))
    if position != len(data):
        raise ValueError("cut")
    session, feed, codec = names
    reported = None if math.isnan(at) else (at, timestamp)
    kind: Kind = "video" if is_video else "audio"
    return TappedBatch(SessionId(session), FeedId(feed), kind, codec, source, rate_hz, arrived_s, reported, tuple(packets))
