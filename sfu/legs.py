"""A leg: one slot of one viewer, the place where a source becomes a continuous stream of the viewer's own.

A leg has one SSRC for its whole life. What feeds it changes; sequence numbers and timestamps go on without a gap (RFC 3550
§5.1), so the receiver never learns that there was another camera. Both are kept unwrapped: what leaves is
``index + sequence_delta`` and ``timestamp + timestamp_delta``, and ROC (RFC 3711 §3.3.1) is simply the upper part of the index.

One number must never be used for two packets: with AES-GCM the same SSRC, ROC and sequence number are the same nonce. So
a leg remembers where each source's stretch begins, sends nothing that lies before it, and answers a NACK only with the
very packet that had the number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Protocol

from sfu.ids import Address, FeedId, Kind, SlotName
from sfu.packets import HEADER, Body, SourcePacket, WireProfile
from sfu.srtp import RtpSealer, SessionKeys, Suite

if TYPE_CHECKING:
    from sfu.fanout import Outlet
    from sfu.source import Source

STRETCHES_MAX = 4
"""How many former sources of a leg still answer NACKs: a switch is a matter of seconds, a NACK of milliseconds."""
STRETCH_KEPT_S = 5.0
"""How long a former source answers NACKs. Then it is let go: it may have ended, and its history is up to 2.4 MiB."""
TIMESTAMP_STEP_MAX = 1 << 30
"""The longest pause shown in timestamps, 3.3 hours at 90 kHz: a step of 2^31 or more would read as backwards."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of a leg's packets that came from one source: own indices ``first`` to ``last``.

    ``last`` and ``ended_at`` are None while it lasts.
    """

    source: Source
    first: int
    last: int | None
    sequence_delta: int
    timestamp_delta: int
    profile: WireProfile
    ended_at: float | None = None


class Handle(Protocol):
    """What a native fan-out keeps of a leg that it serves: it is told what changes. See :mod:`sfu.native_fanout`."""

    def route(self, sequence_delta: int, timestamp_delta: int, profile: WireProfile) -> None:
        """From the next frame on the leg adds these deltas and wears this profile."""

    def move(self, address: Address | None) -> None:
        """What is not sent yet goes to this address; to nobody while it is None."""

    def close(self) -> None:
        """Nothing is sent any more, whatever waits."""


class Leg:
    """One slot of one viewer. Attributes are read in the fan-out's inner loop; change them by the methods only.

    Attributes:
        suite, keys: the viewer's SRTP, None until it is negotiated and after :meth:`close`.
        sealer: the reference's cipher, made when it is first needed (:meth:`make_sealer`): most viewers of a node with a native
            fan-out never need it, and it is 1 KiB a leg.
        handle: what a native fan-out keeps of this leg; None while it keeps nothing.
        sequence_delta: added to a source packet's index.
        timestamp_delta: added to a source packet's timestamp.
        first_index: the source index at which the present stretch began; nothing older is sent.
        source: what feeds the leg now; None while nothing does.
        pending: the source it will follow from its next key frame on.
    """

    __slots__ = (
        "_address",
        "_last_at",
        "_last_index",
        "_last_timestamp",
        "_octets",
        "_octets_base",
        "_outlet",
        "_packets",
        "_packets_base",
        "clock_rate_hz",
        "first_index",
        "handle",
        "iv_base",
        "keys",
        "kind",
        "owner",
        "pending",
        "profile",
        "profiles",
        "seal_gcm",
        "sealer",
        "sequence_delta",
        "slot",
        "source",
        "ssrc",
        "stretches",
        "suite",
        "timestamp_delta",
    )

    outlet_changes: ClassVar[int] = 0
    """How often a leg that follows something changed its outlet: a fan-out that remembers who leaves where looks at it."""

    def __init__(
        self,
        *,
        slot: SlotName,
        kind: Kind,
        ssrc: int,
        clock_rate_hz: int,
        profiles: dict[str, WireProfile],
        owner: FeedId | None,
        first_sequence: int,
        first_timestamp: int,
    ) -> None:
        """A leg that sends nothing yet.

        Args:
            slot: name of the slot.
            kind: audio or video.
            ssrc: the SSRC announced in the answer.
            clock_rate_hz: RTP clock.
            profiles: wire profile by codec name that the viewer accepted.
            owner: the viewer's own feed, which it never gets back.
            first_sequence: random 15-bit start (RFC 3550 §5.1; below 2^15 so that libsrtp's ROC guess cannot err).
            first_timestamp: random 32-bit start.
        """
        self.slot, self.kind, self.ssrc, self.clock_rate_hz, self.profiles, self.owner = (
            slot,
            kind,
            ssrc,
            clock_rate_hz,
            profiles,
            owner,
        )
        self._address: Address | None = None
        self._outlet: Outlet | None = None
        self.handle: Handle | None = None
        self.suite: Suite | None = None
        self.keys: SessionKeys | None = None
        self.sealer: RtpSealer | None = None
        self.seal_gcm: Callable[[bytes, bytes, bytes], bytes] | None = None
        self.iv_base = 0
        self.profile: WireProfile | None = None
        self.source: Source | None = None
        self.pending: Source | None = None
        self.sequence_delta = self.timestamp_delta = self.first_index = 0
        self.stretches: deque[Stretch] = deque(maxlen=STRETCHES_MAX)
        self._last_index = first_sequence
        self._last_timestamp = first_timestamp
        self._last_at: float | None = None
        self._packets = self._octets = self._packets_base = self._octets_base = 0

    @property
    def address(self) -> Address | None:
        """Where packets go; None until the viewer's address is validated. A change holds for all that is not sent yet."""
        return self._address

    @address.setter
    def address(self, address: Address | None) -> None:
        self._address = address
        if self.handle is not None:
            self.handle.move(address)

    @property
    def outlet(self) -> Outlet | None:
        """By what packets leave; None is the node's UDP socket. Others are served by the reference, whatever fan-out runs."""
        return self._outlet

    @outlet.setter
    def outlet(self, outlet: Outlet | None) -> None:
        if outlet is self._outlet:
            return
        self._outlet = outlet
        self._drop_handle()
        if self.source is not None:
            Leg.outlet_changes += 1

    @property
    def is_open(self) -> bool:
        """Whether the viewer can be sent to: keys and address are there."""
        return self.keys is not None and self._address is not None

    def open(self, suite: Suite, keys: SessionKeys) -> None:
        """Takes the viewer's SRTP keys, for the leg's life. Legs that are given the same object share what is made of it."""
        self._drop_handle()
        self.suite, self.keys = suite, keys
        self.sealer, self.seal_gcm = None, None

    def make_sealer(self) -> RtpSealer:
        """The cipher of the reference, keyed when it is first needed.

        Raises:
            RuntimeError: the leg is not open.
        """
        if self.sealer is None:
            if self.suite is None or self.keys is None:
                raise RuntimeError("a leg seals only once the viewer's keys are there")
            self.sealer = RtpSealer(self.suite, self.keys, self.ssrc)
            if self.sealer.aead is not None:
                self.seal_gcm, self.iv_base = self.sealer.aead.encrypt, self.sealer.iv_base
        return self.sealer

    def close(self) -> None:
        """The viewer is gone: what still waits for it in the fan-out is not sent."""
        self._drop_handle()
        self._address = self.suite = self.keys = self.sealer = self.seal_gcm = self._outlet = None

    def _drop_handle(self) -> None:
        if self.handle is not None:
            self.handle.close()
            self.handle = None

    def attach(self, source: Source, index: int, timestamp: int, now: float) -> None:
        """Follows ``source`` from the packet of that index and timestamp on, as the next packet of this leg."""
        self.detach(now)
        self.forget(now)
        elapsed = 0
        if self._last_at is not None:
            elapsed = min(TIMESTAMP_STEP_MAX, max(1, round((now - self._last_at) * self.clock_rate_hz)))
        self.sequence_delta = self._last_index + 1 - index
        self.timestamp_delta = self._last_timestamp + elapsed - timestamp
        self.first_index = index
        self.source = source
        self.pending = None
        self.profile = self.profiles[source.codec]
        if self.handle is not None:
            self.handle.route(self.sequence_delta, self.timestamp_delta, self.profile)
        self._packets_base, self._octets_base = source.packets_forwarded, source.octets_forwarded
        self.stretches.append(
            Stretch(source, self._last_index + 1, None, self.sequence_delta, self.timestamp_delta, self.profile)
        )

    def detach(self, now: float) -> None:
        """Stops following the source; numbers go on from here."""
        source = self.source
        if source is None:
            return
        last = max(source.forwarded_index, self.first_index - 1)
        if last >= self.first_index:
            self._last_index = last + self.sequence_delta
            self._last_timestamp = max(self._last_timestamp, source.forwarded_timestamp + self.timestamp_delta)
            self._last_at = source.forwarded_at if source.forwarded_at is not None else now
        self._packets += source.packets_forwarded - self._packets_base
        self._octets += source.octets_forwarded - self._octets_base
        running = self.stretches.pop()
        self.stretches.append(replace(running, last=self._last_index, ended_at=now))
        self.source = None

    def forget(self, now: float) -> None:
        """Lets go of stretches that ended :data:`STRETCH_KEPT_S` ago, and of their sources' histories with them."""
        while self.stretches:
            ended_at = self.stretches[0].ended_at
            if ended_at is None or now - ended_at < STRETCH_KEPT_S:
                return
            self.stretches.popleft()

    def sent(self) -> tuple[int, int]:
        """Packets and payload octets sent so far, for sender reports."""
        if self.source is None:
            return self._packets, self._octets
        return (
            self._packets + self.source.packets_forwarded - self._packets_base,
            self._octets + self.source.octets_forwarded - self._octets_base,
        )

    def find(self, sequence: int) -> tuple[SourcePacket, Stretch] | None:
        """The packet that this leg sent under a 16-bit sequence number, while its source still has it."""
        for stretch in reversed(self.stretches):
            newest = stretch.last
            if newest is None:
                newest = stretch.source.forwarded_index + stretch.sequence_delta
            index = newest - ((newest - sequence) & 0xFFFF)
            if index < stretch.first:
                continue
            packet = stretch.source.history.get(index - stretch.sequence_delta)
            return None if packet is None else (packet, stretch)
        return None

    def is_former(self, sequence: int) -> bool:
        """Whether a 16-bit sequence number lies before what feeds the leg now, or before where the last source ended."""
        if not self.stretches:
            return False
        newest = self.stretches[-1]
        return (sequence - (newest.first if newest.last is None else newest.last + 1)) & 0x8000 != 0

    def seal(self, body: Body, sequence_delta: int, timestamp_delta: int) -> list[bytes]:
        """One packet of this leg as header and sealed payload: what single packets use; frames go by the fan-out.

        Raises:
            RuntimeError: the leg is not open yet.
        """
        sealer = self.make_sealer()
        index = body.index + sequence_delta
        timestamp = (body.timestamp + timestamp_delta) & 0xFFFFFFFF
        header = (
            HEADER.pack(body.flags, body.marker_and_payload_type, index & 0xFFFF, timestamp, self.ssrc) + body.extension_block
        )
        return [header, sealer.seal(header, body.payload, index)]
