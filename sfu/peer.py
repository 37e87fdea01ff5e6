"""A peer: one browser's connection, either a publisher or a viewer, over one transport."""

from __future__ import annotations

from sfu.ice import IceCredentials
from sfu.ids import Address, PeerId, SessionId
from sfu.publisher import Publisher
from sfu.srtp import InboundSrtp, OutboundSrtcp, derive_session_keys
from sfu.transport import Connected, Transport
from sfu.viewer import FIRST_REPORT_S, Viewer


class Peer:
    """Transport, keys and role of one connection.

    Attributes:
        addresses: validated addresses, as in the node's table.
        round: in which tick of a second the node looks after this peer.
        inbound, outbound: SRTP from the peer and SRTCP to it, once it is connected.
    """

    __slots__ = (
        "addresses",
        "id",
        "inbound",
        "joined_at",
        "outbound",
        "publisher",
        "round",
        "session",
        "transport",
        "viewer",
    )

    def __init__(
        self,
        *,
        id: PeerId,  # noqa: A002
        session: SessionId,
        transport: Transport,
        joined_at: float,
        publisher: Publisher | None = None,
        viewer: Viewer | None = None,
    ) -> None:
        self.id, self.session, self.transport, self.joined_at = id, session, transport, joined_at
        self.publisher, self.viewer = publisher, viewer
        self.addresses: set[Address] = set()
        self.round = 0
        self.inbound: InboundSrtp | None = None
        self.outbound: OutboundSrtcp | None = None

    def open(self, connected: Connected, now: float) -> None:
        """Takes the keys of the completed handshake."""
        self.inbound = InboundSrtp(connected.suite, connected.remote_key, connected.remote_salt)
        self.outbound = OutboundSrtcp(connected.suite, connected.local_key, connected.local_salt)
        if self.viewer is not None:
            keys = derive_session_keys(connected.suite, connected.local_key, connected.local_salt)
            for leg in self.viewer.legs:
                leg.open(connected.suite, keys)
            self.viewer.report_at = now + FIRST_REPORT_S

    def restart(self, ufrag: str, pwd: str, now: float) -> IceCredentials:
        """New ICE credentials for both sides; the old ones serve until the new are nominated."""
        local = IceCredentials.generate()
        self.transport.restart(IceCredentials(ufrag, pwd), local, now)
        return local
