"""The fan-out, reference implementation: one frame of one source to all legs that follow it.

The contract, which any faster implementation must meet byte for byte: for every open leg whose stretch has begun, each packet
of the frame leaves as the RTP header of the leg (its SSRC, ``index + sequence_delta``, ``timestamp + timestamp_delta``), the
extension block and payload of the leg's wire profile, and the SRTP protection of the leg's suite (RFC 3711, RFC 7714); packets
of equal length of one leg leave in one ``UDP_SEGMENT`` message, of which only the last may be shorter.

Bodies are built once per frame and wire profile. Per leg and packet remain: one header, one IV, one cipher call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sfu.ids import Address
from sfu.legs import Leg
from sfu.packets import HEADER, Body, SourcePacket, WireProfile
from sfu.thin_line import ThinLine

if TYPE_CHECKING:
    from sfu.source import Source

RUN_BYTES_MAX = 60_000
"""One GSO message is one UDP datagram to the kernel until it leaves: 65,507 bytes at most, headers and tags included."""
RUN_PACKETS_MAX = 44
"""Below the kernel's 64 segments; a larger key frame leaves in several messages, with others' audio between them."""


class Outlet(Protocol):
    """Where datagrams leave. Implemented by the UDP socket; by a list in tests."""

    def send(self, vectors: Sequence[bytes], segment_bytes: int, address: Address) -> bool:
        """Sends the concatenated ``vectors`` as datagrams of ``segment_bytes`` each (0: one datagram).

        Returns False when the kernel refused them for want of room; nothing is queued.
        """


@dataclass(slots=True)
class FanoutCounters:
    """What the fan-out did, since the start of the process: packets, their bytes with SRTP's tags, messages, refusals.

    ``socket_…`` are messages that a native fan-out gave to the kernel itself; the others are in :class:`sfu.net.udp.UdpSocket`.
    """

    packets: int = 0
    bytes: int = 0
    messages: int = 0
    refused_video: int = 0
    refused_audio: int = 0
    socket_refused: int = 0
    socket_unreachable: int = 0
    socket_failed: int = 0


class Fanout(Protocol):
    """One of the two implementations. What a fan-out *takes* it sends by itself, in the order in which it was given for each leg;
    what is left is sent by :meth:`send_frame`, within the call, slice by slice at the dispatcher's pace."""

    @property
    def name(self) -> str:
        """Which one it is: ``native`` or ``reference``."""

    @property
    def counters(self) -> FanoutCounters:
        """What was done since the start."""

    @property
    def threads(self) -> int:
        """How many threads it has of its own."""

    @property
    def waiting(self) -> int:
        """Batches of video that were taken and are not sent, or not to all yet."""

    def behind_s(self) -> float:
        """How long the oldest of them has waited."""

    def take(self, source: Source, frame: PreparedFrame, legs: Sequence[Leg]) -> Sequence[Leg]:
        """Takes a frame of ``source`` for ``legs``, which follow it now; returns the legs that it does not serve."""

    def send_frame(self, frame: PreparedFrame, legs: Sequence[Leg]) -> None:
        """Sends a frame to legs that were not taken."""

    def send_single(
        self, packet: SourcePacket, leg: Leg, sequence_delta: int, timestamp_delta: int, profile: WireProfile
    ) -> bool:
        """Sends, or takes, one packet for one leg: a retransmission. False when it is refused or the leg is not open."""

    def drain(self) -> None:
        """Waits until all that was taken is sent."""

    def close(self) -> None:
        """Ends what runs by itself; what waits is not sent."""


@dataclass(frozen=True, slots=True)
class Run:
    """Packets of equal length that leave in one message."""

    segment_bytes: int
    bodies: tuple[Body, ...]
    total_bytes: int


@dataclass(slots=True)
class PreparedFrame:
    """A frame with its bodies by wire profile, built when first needed and shared by all slices of the frame's fan-out."""

    packets: tuple[SourcePacket, ...]
    _runs: dict[WireProfile, tuple[Run, ...]] = field(default_factory=dict)

    def runs(self, profile: WireProfile) -> tuple[Run, ...]:
        """The frame as runs of equally long packets for one wire profile."""
        runs = self._runs.get(profile)
        if runs is None:
            runs = self._runs[profile] = tuple(_split(profile.body(packet) for packet in self.packets))
        return runs


def _split(bodies: Iterable[Body]) -> Iterable[Run]:
    """Cuts a frame into runs: equal lengths, the last of a run may be shorter, within the limits of one message."""
    run: list[Body] = []
    length = total = 0
    for body in bodies:
        is_fit = run and body.plain_bytes <= length and run[-1].plain_bytes == length
        if not is_fit or len(run) >= RUN_PACKETS_MAX or total + body.plain_bytes > RUN_BYTES_MAX:
            if run:
                yield Run(length, tuple(run), total)
            run, length, total = [], body.plain_bytes, 0
        run.append(body)
        total += body.plain_bytes
    if run:
        yield Run(length, tuple(run), total)


class ReferenceFanout:
    """The fan-out in Python: correct first; :class:`Outlet` does the sending."""

    name = "reference"
    threads = 0
    """None of its own: all is sent within the call."""
    waiting = 0
    """Batches of video that were taken and are not sent: none, all of it is sent within the call."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._counters = FanoutCounters()

    def behind_s(self) -> float:
        """Nothing waits."""
        return 0.0

    @property
    def counters(self) -> FanoutCounters:
        """What was done since the start."""
        return self._counters

    def take(self, source: Source, frame: PreparedFrame, legs: Sequence[Leg]) -> Sequence[Leg]:  # noqa: ARG002
        """Takes nothing: all legs are the dispatcher's to give to :meth:`send_frame`, in slices."""
        return legs

    def drain(self) -> None:
        """All is sent already."""

    def close(self) -> None:
        """Nothing is held."""

    def send_frame(self, frame: PreparedFrame, legs: Sequence[Leg]) -> None:
        """Sends ``frame`` to each of ``legs`` that is open. All legs follow the frame's source."""
        node_send, counters, pack = self._outlet.send, self._counters, HEADER.pack
        last_profile: WireProfile | None = None
        runs: tuple[Run, ...] = ()
        for leg in legs:
            address, profile = leg.address, leg.profile
            if address is None or profile is None or leg.keys is None:
                continue
            sealer = leg.sealer or leg.make_sealer()
            seal_gcm, seal, tag_bytes = leg.seal_gcm, sealer.seal, sealer.tag_bytes
            outlet = leg.outlet
            send = node_send if outlet is None else outlet.send
            ssrc, iv_base, sequence_delta, timestamp_delta = leg.ssrc, leg.iv_base, leg.sequence_delta, leg.timestamp_delta
            if profile is not last_profile:
                runs, last_profile = frame.runs(profile), profile
            for run in runs:
                vectors: list[bytes] = []
                for body in run.bodies:
                    index = body.index + sequence_delta
                    timestamp = (body.timestamp + timestamp_delta) & 0xFFFFFFFF
                    header = (
                        pack(body.flags, body.marker_and_payload_type, index & 0xFFFF, timestamp, ssrc) + body.extension_block
                    )
                    vectors.append(header)
                    if seal_gcm is not None:
                        vectors.append(seal_gcm((iv_base ^ index).to_bytes(12, "big"), body.payload, header))
                    else:
                        vectors.append(seal(header, body.payload, index))
                segment = run.segment_bytes + tag_bytes if len(run.bodies) > 1 else 0
                if send(vectors, segment, address):
                    counters.packets += len(run.bodies)
                    counters.bytes += run.total_bytes + tag_bytes * len(run.bodies)
                    counters.messages += 1
                elif leg.kind == "video":
                    counters.refused_video += len(run.bodies)
                else:
                    counters.refused_audio += len(run.bodies)

    def send_single(
        self, packet: SourcePacket, leg: Leg, sequence_delta: int, timestamp_delta: int, profile: WireProfile
    ) -> bool:
        """Sends one packet to one leg: a retransmission. False when refused, or when the leg is not open."""
        if leg.address is None or leg.keys is None:
            return False
        vectors = leg.seal(profile.body(packet), sequence_delta, timestamp_delta)
        counters = self._counters
        # Who waits for a packet asks for it again after a round trip, and again: paced, it would be sent many times.
        outlet = self._outlet if leg.outlet is None or isinstance(leg.outlet, ThinLine) else leg.outlet
        if outlet.send(vectors, 0, leg.address):
            counters.packets += 1
            counters.bytes += len(vectors[0]) + len(vectors[1])
            counters.messages += 1
            return True
        if leg.kind == "video":
            counters.refused_video += 1
        else:
            counters.refused_audio += 1
        return False
