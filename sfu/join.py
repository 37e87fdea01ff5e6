"""From an offer to a peer: negotiation, transport, and the legs or streams that were agreed on."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from struct import Struct

from sfu.dtls import DtlsCertificate
from sfu.ice import IceCredentials
from sfu.ids import Address, FeedId, PeerId, SessionId, SlotName
from sfu.legs import Leg
from sfu.negotiation import Side, Terms, negotiate_publisher
from sfu.peer import Peer
from sfu.publisher import Publisher
from sfu.settled import LegTerms, SettledViewers
from sfu.transport import Transport
from sfu.viewer import Viewer
from sfu.wire.sdp import parse_offer

CNAME = "diemcau"
_LEG_RANDOM = Struct("!IIH")
"""Of each leg at its beginning: SSRC, timestamp, sequence number."""
CENTER = FeedId("center")
"""The feed that ten thousand viewers hear: the length of its packets counts."""


@dataclass(frozen=True)
class Joiner:
    """What every join needs.

    Attributes:
        certificate: the node's certificate and shared DTLS context.
        candidates: addresses browsers reach this node at.
        publisher_ceiling_bps: the most a publisher may send.
        keyframe_interval_s: least time between key-frame requests to one source.
        audio_ptime_ms: what the center is asked to make its packets of sound, in milliseconds; 0 for as it likes.
        viewers: what viewers' offers settled so far.
    """

    certificate: DtlsCertificate
    candidates: tuple[Address, ...]
    publisher_ceiling_bps: int
    keyframe_interval_s: float
    audio_ptime_ms: int = 0
    viewers: SettledViewers = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Begins without having seen any offer."""
        side = Side(self.certificate.fingerprint_sha256, self.candidates, CNAME)
        object.__setattr__(self, "viewers", SettledViewers(side))

    def _terms(self, local: IceCredentials, audio_ptime_ms: int = 0) -> Terms:
        return Terms(
            ufrag=local.ufrag,
            pwd=local.pwd,
            fingerprint_sha256=self.certificate.fingerprint_sha256,
            candidates=self.candidates,
            cname=CNAME,
            new_ssrc=ssrc_source(),
            publisher_max_bps=self.publisher_ceiling_bps,
            audio_ptime_ms=audio_ptime_ms,
        )

    def viewer(
        self,
        *,
        peer: PeerId,
        session: SessionId,
        owner: FeedId | None,
        offer: str,
        video: Sequence[SlotName],
        audio: Sequence[SlotName],
        now: float,
    ) -> tuple[Peer, str]:
        """A viewer and the answer to its offer.

        Raises:
            SdpError: the offer cannot be met; the text says why.
        """
        read = self.viewers.read(offer, video, audio)
        settled = read.settled
        local = IceCredentials.generate()
        legs = _legs(settled.legs, owner)
        sdp = settled.settlement.answer(local.ufrag, local.pwd, [leg.ssrc for leg in legs])
        transport = Transport(local, read.remote, self.certificate, read.fingerprints, settled.settlement.dtls_role, now)
        viewer = Viewer(peer=peer, session=session, owner=owner, legs=legs, cname=CNAME)
        return Peer(id=peer, session=session, transport=transport, joined_at=now, viewer=viewer), sdp

    def publisher(self, *, peer: PeerId, session: SessionId, feed: FeedId, offer: str, now: float) -> tuple[Peer, str]:
        """A publisher and the answer to its offer.

        Raises:
            SdpError: the offer cannot be met; the text says why.
        """
        read = parse_offer(offer)
        local = IceCredentials.generate()
        agreed = negotiate_publisher(read, self._terms(local, self.audio_ptime_ms if feed == CENTER else 0))
        transport = Transport(
            local, IceCredentials(read.ice_ufrag, read.ice_pwd), self.certificate, read.fingerprints, agreed.dtls_role, now
        )
        publisher = Publisher(
            peer=peer,
            session=session,
            feed=feed,
            lines=agreed.lines,
            report_ssrc=ssrc_source()(),
            ceiling_bps=self.publisher_ceiling_bps,
            keyframe_interval_s=self.keyframe_interval_s,
            joined_at=now,
        )
        return Peer(id=peer, session=session, transport=transport, joined_at=now, publisher=publisher), agreed.sdp


def ssrc_source() -> Callable[[], int]:
    """A function that gives random SSRCs (RFC 3550 §8.1), none of them twice."""
    given: set[int] = {0}

    def new_ssrc() -> int:
        ssrc = 0
        while ssrc in given:
            ssrc = secrets.randbits(32)
        given.add(ssrc)
        return ssrc

    return new_ssrc


def _legs(terms: Sequence[LegTerms], owner: FeedId | None) -> tuple[Leg, ...]:
    """Legs that begin at random numbers (RFC 3550 §5.1), each with an SSRC of its own (§8.1)."""
    given: set[int] = {0}
    while len(given) <= len(terms):  # once, but for a collision or a zero in 2^32
        numbers = list(_LEG_RANDOM.iter_unpack(secrets.token_bytes(_LEG_RANDOM.size * len(terms))))
        given = {0, *(ssrc for ssrc, _, _ in numbers)}
    return tuple(
        Leg(
            slot=leg.slot,
            kind=leg.kind,
            ssrc=ssrc,
            clock_rate_hz=leg.clock_rate_hz,
            profiles=leg.profiles,
            owner=owner,
            first_sequence=sequence >> 1,
            first_timestamp=timestamp,
        )
        for leg, (ssrc, timestamp, sequence) in zip(terms, numbers, strict=True)
    )
