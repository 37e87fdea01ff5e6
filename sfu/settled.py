"""What offers of one shape settle, worked out once: the browsers of ten thousand points send the same few.

A page's offer differs from that of its neighbour only in its own parts (:mod:`sfu.wire.sdp_shape`). So it is read and negotiated
when its shape is new, and what that settled serves all that follow; an offer that has no such shape, or whose credentials are
not the same throughout, is read and negotiated for itself. What a browser gets is the same in both cases, and nothing of one
browser's own parts is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from sfu.ice import IceCredentials
from sfu.ids import Kind, SlotName
from sfu.negotiation import Side, ViewerLine, ViewerSettlement, settle_viewer
from sfu.packets import WireProfile
from sfu.wire.codecs import CLOCK_RATES
from sfu.wire.sdp import Offer, parse_offer
from sfu.wire.sdp_shape import cut, is_uniform

SHAPES_MAX = 64
"""A browser's version and a page make one shape; 64 KiB each at most, 20 as a rule. The one that was not used longest goes."""


@dataclass(frozen=True, slots=True)
class LegTerms:
    """What is the same for the legs of all viewers of one shape. ``profiles`` is shared: read it only."""

    slot: SlotName
    kind: Kind
    clock_rate_hz: int
    profiles: dict[str, WireProfile]


@dataclass(frozen=True, slots=True)
class Settled:
    """What an offer settles apart from what is one viewer's own: the settlement, and its legs in the order of the answer."""

    settlement: ViewerSettlement
    legs: tuple[LegTerms, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """An offer as it concerns one viewer: what it settles, and whose it is."""

    settled: Settled
    remote: IceCredentials
    fingerprints: tuple[tuple[str, str], ...]


class SettledViewers:
    """Reads viewers' offers. ``read_anew`` counts those that had to be parsed."""

    def __init__(self, side: Side, limit: int = SHAPES_MAX) -> None:
        self.read_anew = 0
        self._side = side
        self._limit = limit
        self._known: OrderedDict[tuple[str, tuple[SlotName, ...], tuple[SlotName, ...]], Settled] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def read(self, offer: str, video: Sequence[SlotName], audio: Sequence[SlotName]) -> Read:
        """What a viewer's offer says, slots being given to its receiving lines of their kind in order.

        Raises:
            SdpError: the offer cannot be met; the text says why.
        """
        parts = cut(offer)
        if parts is None:
            parsed, settled = self._settle(offer, video, audio)
            return Read(settled, IceCredentials(parsed.ice_ufrag, parsed.ice_pwd), parsed.fingerprints)
        shape, own = parts
        key = (shape, tuple(video), tuple(audio))
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return Read(known, IceCredentials(own.ufrag, own.pwd), (("sha-256", own.fingerprint),))
        parsed, settled = self._settle(offer, video, audio)
        if is_uniform(shape):
            while len(self._known) >= self._limit:
                self._known.popitem(last=False)
            self._known[key] = settled
        return Read(settled, IceCredentials(parsed.ice_ufrag, parsed.ice_pwd), parsed.fingerprints)

    def _settle(self, offer: str, video: Sequence[SlotName], audio: Sequence[SlotName]) -> tuple[Offer, Settled]:
        self.read_anew += 1
        parsed = parse_offer(offer)
        settlement = settle_viewer(parsed, self._side, video, audio)
        return parsed, Settled(settlement, tuple(_leg_terms(line) for line in settlement.lines if line.slot is not None))


def _leg_terms(line: ViewerLine) -> LegTerms:
    return LegTerms(
        slot=SlotName(line.slot or ""),
        kind="audio" if line.kind == "audio" else "video",
        clock_rate_hz=CLOCK_RATES[next(iter(line.payload_types))],
        profiles={codec: WireProfile.of(number, line.extension_ids) for codec, number in line.payload_types.items()},
    )
