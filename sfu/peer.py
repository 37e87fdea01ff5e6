"""A peer: one browser's connection, either a publisher or a viewer, over one transport."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from sfu.fanout import Outlet
from sfu.ice import IceCredentials
from sfu.ids import Address, Kind, PeerId, SessionId, is_stream
from sfu.intake import Intake, Line
from sfu.publisher import Publisher
from sfu.srtcp import InboundSrtcp, SrtcpOpener
from sfu.srtp import InboundSrtp, OutboundSrtcp, derive_session_keys
from sfu.transport import Connected, Transport
from sfu.viewer import FIRST_REPORT_S, Viewer


class Peer:
    """Transport, keys and role of one connection.

    Attributes:
        round: in which tick of a round the node looks after this peer.
        inbound, outbound: what comes from the peer and SRTCP to it, once it is connected. A viewer's is RTCP alone.
        line: the peer in the native intake, once it is connected; None where there is no such.
    """

    __slots__ = (
        "id",
        "inbound",
        "joined_at",
        "line",
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
        self.round = 0
        self.inbound: InboundSrtp | SrtcpOpener | None = None
        self.outbound: OutboundSrtcp | None = None
        self.line: Line | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the keys are there."""
        return self.outbound is not None

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Validated addresses, as in the node's table."""
        return self.transport.addresses

    def open(self, connected: Connected, now: float, intake: Intake | None = None) -> None:
        """Takes the keys of the completed handshake, and a line in the intake where there is one."""
        suite = connected.suite
        keys = derive_session_keys(suite, connected.local_key, connected.local_salt)
        self.outbound = OutboundSrtcp(suite, connected.local_key, connected.local_salt, keys)
        if self.viewer is None:
            self.inbound = InboundSrtp(suite, connected.remote_key, connected.remote_salt)
            self.line = None if intake is None else intake.connect(self, None, None, (), ())
            return
        remote_keys = derive_session_keys(suite, connected.remote_key, connected.remote_salt)
        if intake is None:
            self.inbound = InboundSrtcp(suite, remote_keys)
        else:
            kinds = ([leg.ssrc for leg in self.viewer.legs if leg.kind == kind] for kind in ("video", "audio"))
            self.inbound = self.line = intake.connect(self, suite, remote_keys, *kinds)
        for leg in self.viewer.legs:
            leg.open(suite, keys)
        self.viewer.report_at = now + FIRST_REPORT_S

    def aim(self, stream_outlets: Mapping[Kind, Outlet]) -> None:
        """Lets a viewer's legs send to the address that is selected now, by what leads there; see `Engine`."""
        if self.viewer is not None:
            address = self.transport.address
            outlets = stream_outlets if address is not None and is_stream(address) else {}
            if outlets and self.viewer.line is not None:
                self.viewer.take_line(None)  # TCP has a pace of its own, and takes no repeats
            for leg in self.viewer.legs:
                leg.outlet = outlets.get(leg.kind, self.viewer.line if leg.kind == "video" else None)
                leg.address = address

    def note_consent(self) -> None:
        """Brings over from the intake when the peer last checked."""
        if self.line is not None and self.transport.address is not None:
            at = self.line.checked_at
            if at > -inf:
                self.transport.note_consent(self.transport.address, at)

    def is_due(self, by: float) -> bool:
        """Whether the transport has something to do by then. Of checks that the intake answered it hears here, and only when they
        matter: what is due is mostly consent, and mostly it has been renewed."""
        due = self.transport.next_timeout()
        if due is None or due > by or self.line is None:
            return due is not None and due <= by
        self.note_consent()
        due = self.transport.next_timeout()
        return due is not None and due <= by

    def confirm(self) -> None:
        """It sent something authentic, so our last flight arrived: a viewer's SSL object goes. A publisher keeps its own for its
        time: publishers are few, and their goodbye counts."""
        if self.viewer is not None and self.transport.holds_object:
            self.transport.confirm()

    def settle(self) -> None:
        """Tells the intake which check it may answer by itself now: call it after anything changed in the transport."""
        if self.line is not None:
            check = self.transport.settled_check()
            if check is None:
                self.line.unsettle()
            else:
                self.line.settle(check.local, check.remote, check.password, check.address)

    def close(self) -> None:
        """Gives back the line."""
        if self.line is not None:
            self.line.release()
            self.line = self.inbound = None

    def restart(self, ufrag: str, pwd: str, now: float) -> IceCredentials:
        """New ICE credentials for both sides; the old ones serve until the new are nominated."""
        local = IceCredentials.generate()
        self.note_consent()
        self.transport.restart(IceCredentials(ufrag, pwd), local, now)
        self.settle()
        return local
