"""From an offer to a peer: negotiation, transport, and the legs or streams that were agreed on."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sfu.dtls import DtlsCertificate
from sfu.ice import IceCredentials
from sfu.ids import Address, FeedId, PeerId, SessionId, SlotName
from sfu.legs import Leg
from sfu.negotiation import Terms, ViewerLine, negotiate_publisher, negotiate_viewer
from sfu.packets import WireProfile
from sfu.peer import Peer
from sfu.publisher import Publisher
from sfu.transport import Transport
from sfu.viewer import Viewer
from sfu.wire.codecs import CLOCK_RATES
from sfu.wire.sdp import parse_offer

CNAME = "diemcau"
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
    """

    certificate: DtlsCertificate
    candidates: tuple[Address, ...]
    publisher_ceiling_bps: int
    keyframe_interval_s: float
    audio_ptime_ms: int = 0

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
        read = parse_offer(offer)
        local = IceCredentials.generate()
        agreed = negotiate_viewer(read, self._terms(local), video, audio)
        legs = tuple(_leg(line, owner) for line in agreed.lines if line.slot is not None)
        transport = Transport(
            local, IceCredentials(read.ice_ufrag, read.ice_pwd), self.certificate, read.fingerprints, agreed.dtls_role, now
        )
        viewer = Viewer(peer=peer, session=session, owner=owner, legs=legs, cname=CNAME)
        return Peer(id=peer, session=session, transport=transport, joined_at=now, viewer=viewer), agreed.sdp

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


def _leg(line: ViewerLine, owner: FeedId | None) -> Leg:
    profiles = {codec: WireProfile.of(payload_type, line.extension_ids) for codec, payload_type in line.payload_types.items()}
    codec = next(iter(line.payload_types))
    return Leg(
        slot=SlotName(line.slot or ""),
        kind="audio" if line.kind == "audio" else "video",
        ssrc=line.ssrc,
        clock_rate_hz=CLOCK_RATES[codec],
        profiles=profiles,
        owner=owner,
        first_sequence=secrets.randbits(15),
        first_timestamp=secrets.randbits(32),
    )
