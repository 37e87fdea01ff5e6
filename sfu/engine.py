"""The node without its sockets: every peer, every session, one table of addresses.

The five verbs: :meth:`Engine.receive_datagram`, :meth:`Engine.handle_timeout`, :meth:`Engine.next_timeout`,
:meth:`Engine.datagrams_to_send`, :meth:`Engine.events`. Media leaves through the dispatcher's outlet as soon as it may; after
any call, send the datagrams, take the events, and call :meth:`Engine.run` until it returns False, reading the socket between.

Addresses are learned only from authenticated STUN checks (RFC 8445 §7.3): a datagram from any other address is DTLS, RTP or
RTCP of nobody, and is dropped before any key is looked at.

An exception that nobody foresaw stays with the datagram or the peer that caused it: :meth:`Engine.faults` has the tracebacks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from sfu.addresses import AddressBook
from sfu.dispatch import Dispatcher
from sfu.events import FeedState, NodeEvent, PeerConnected, PeerGone
from sfu.fanout import Outlet
from sfu.faults import Faults
from sfu.feeds import Feeds
from sfu.ids import Address, Kind, PeerId, SessionId
from sfu.intake import Intake
from sfu.opening import open_rtcp, open_rtp, read_rtcp
from sfu.peer import Peer
from sfu.plan import Plan
from sfu.publisher import Publisher
from sfu.rounds import ROUND_S, TICK_S, Rounds
from sfu.router import BurstBudget
from sfu.selector import Level
from sfu.sessions import Sessions
from sfu.source import NOTHING, Arrivals, Source
from sfu.transport import (
    AddressChanged,
    AddressForgotten,
    AddressValidated,
    Connected,
    ConsentLost,
    Failed,
    RemoteClosed,
    UfragForgotten,
    stun_username_fragment,
)
from sfu.watching import Watching
from sfu.wire import rtcp
from sfu.wire.demux import Kind as Datagram
from sfu.wire.demux import classify

LATE_S = 0.05
"""A tick so late: the node has more to do than it can, and would take its own delay for a queue on every viewer's line."""
LATE_KEPT_S = 2.0
CONNECT_S = 20.0
"""A peer that has not connected by then is gone: browsers give up a check list after some 15 s."""
DATAGRAM_MAX_BYTES = 1500
PEERS_MAX = 20_000
HALF_OPEN_MAX = 4_000
"""Peers in ICE or DTLS at once: each holds up to 69 KiB while its handshake runs, 270 MiB in all."""


class EngineError(Exception):
    """A request that cannot be met. ``code`` is stable; the text says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Engine:
    """See the module's text. ``ntp_offset_s`` is what to add to ``now`` for seconds since 1900. With an ``intake`` settled checks
    and viewers' reports do not come here (:mod:`sfu.intake`); by ``stream_outlets`` media leaves for viewers behind TCP."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        ntp_offset_s: float,
        started_at: float,
        intake: Intake | None = None,
        stream_outlets: Mapping[Kind, Outlet] | None = None,
    ) -> None:
        self.counters: Counter[str] = Counter()
        self._stream_outlets = stream_outlets or {}
        self._dispatcher = dispatcher
        self._ntp_offset_s = ntp_offset_s
        self._peers: dict[PeerId, Peer] = {}
        self._by_ufrag: dict[str, Peer] = {}
        self._intake = intake
        self._addresses = AddressBook(intake)
        self._publishing: dict[PeerId, Peer] = {}
        self._rounds = Rounds()
        self._tick_at = started_at
        self._late_until = started_at
        self._sessions = Sessions(dispatcher, BurstBudget())
        self.routes = self._sessions.all
        self._watching = Watching(self._sessions, dispatcher, self._tell, self.counters)
        self._out: list[tuple[bytes, Address]] = []
        self._events: list[NodeEvent] = []
        self._feeds = Feeds(self._sessions, self._tell, self._replace)
        self._faults = Faults(self.counters)

    # -- peers come and go

    def admit(self, peer_id: PeerId) -> None:
        """Whether a peer of this id could be added now: ask before anything is made for it.

        Raises:
            EngineError: ``busy`` when the node has all it can hold; ``duplicate_peer`` for an id in use.
        """
        if peer_id in self._peers:
            raise EngineError("duplicate_peer", "this peer id is in use; choose a random one")
        if len(self._peers) >= PEERS_MAX or len(self._rounds.half_open) >= HALF_OPEN_MAX:
            self.counters["joins_refused"] += 1
            raise EngineError("busy", "the node has as many peers as it can hold; try again in a few seconds")

    def add(self, peer: Peer) -> None:
        """Takes a negotiated peer; it connects by itself.

        Raises:
            EngineError: as :meth:`admit`.
        """
        self.admit(peer.id)
        self._peers[peer.id] = self._rounds.half_open[peer.id] = peer
        self._sessions.enter(peer.session)
        for ufrag in peer.transport.ufrags:
            self._expect(ufrag, peer)
        if peer.publisher is not None:
            self._publishing[peer.id] = peer
        self.counters["joins"] += 1

    def leave(self, peer_id: PeerId, reason: str, now: float) -> None:
        """Ends a peer, closing its DTLS association where that is still possible.

        Raises:
            EngineError: ``unknown_peer``.
        """
        peer = self._peer(peer_id)
        peer.transport.close()
        self._out.extend(peer.transport.datagrams_to_send())
        self._remove(peer, reason, now)

    def restart(self, peer_id: PeerId, ufrag: str, pwd: str, now: float) -> tuple[str, str]:
        """Restarts ICE for a peer (RFC 8445 §2.4); returns the new local ufrag and password.

        Raises:
            EngineError: ``unknown_peer``.
        """
        peer = self._peer(peer_id)
        local = peer.restart(ufrag, pwd, now)
        self._expect(local.ufrag, peer)
        self._settle(peer, now)
        return local.ufrag, local.pwd

    def move(self, peer_id: PeerId, session: SessionId, now: float) -> None:
        """Lets a viewer's slots follow another session's plan, by the ordinary rule; nothing where it is there already.

        Raises:
            EngineError: ``unknown_peer``; ``not_a_viewer`` for a publisher, whose feed is its session's.
        """
        peer = self._peer(peer_id)
        viewer = peer.viewer
        if viewer is None:
            raise EngineError("not_a_viewer", "only viewers are moved; a publisher leaves and joins the other session")
        if session != peer.session:
            self._sessions.move(viewer.legs if peer.inbound is not None else (), peer.session, session, now)
            peer.session = viewer.session = session
            self.counters["moved"] += 1

    def limit(self, peer_id: PeerId, level: Level, now: float) -> None:
        """Gives a viewer no more of the pictures than this, whatever its line carries; ``FULL`` takes the limit away.

        Raises:
            EngineError: ``unknown_peer``; ``not_a_viewer`` for a publisher.
        """
        peer = self._peer(peer_id)
        if peer.viewer is None:
            raise EngineError("not_a_viewer", "only viewers receive pictures that could be limited")
        peer.viewer.limit = level
        self._watching.follow_level(peer, now)

    def set_plan(self, plan: Plan, now: float) -> bool:
        """Applies a session's plan; False when it is not newer than the one in force."""
        return self._sessions.routes(plan.session).set_plan(plan, now)

    def peers(self) -> Iterable[Peer]:
        """All peers."""
        return self._peers.values()

    def feeds(self) -> list[FeedState]:
        """All streams that flow now."""
        return self._feeds.states()

    def sessions(self) -> list[SessionId]:
        """Sessions with peers or a plan."""
        return self._sessions.names()

    def serves(self, session: SessionId) -> bool:
        """Whether the session is here, with peers or a plan."""
        return session in self._sessions

    def _peer(self, peer_id: PeerId) -> Peer:
        peer = self._peers.get(peer_id)
        if peer is None:
            raise EngineError("unknown_peer", "no such peer on this node; it may have left already, and would join again")
        return peer

    def _expect(self, ufrag: str, peer: Peer) -> None:
        self._by_ufrag[ufrag] = peer
        if self._intake is not None:
            self._intake.expect(ufrag)

    def _forget_ufrag(self, ufrag: str) -> None:
        self._by_ufrag.pop(ufrag, None)
        if self._intake is not None:
            self._intake.forget(ufrag)

    def _remove(self, peer: Peer, reason: str, now: float) -> None:
        if self._peers.pop(peer.id, None) is None:
            return
        self._rounds.leave(peer)
        self._publishing.pop(peer.id, None)
        for ufrag in peer.transport.ufrags:
            self._forget_ufrag(ufrag)
        for address in peer.addresses:
            self._addresses.forget(peer, address)
        peer.close()
        self._watching.forget(peer)
        if peer.viewer is not None:
            routes = self._sessions.routes(peer.session)
            for leg in peer.viewer.legs:
                routes.remove(leg, now)
        self._feeds.end(peer, reason, now)
        self._sessions.leave(peer.session)
        self.counters["gone"] += 1
        self._events.append(PeerGone(peer.session, peer.id, reason))

    # -- datagrams

    def receive_datagram(self, data: bytes, address: Address, now: float) -> None:
        """Takes one datagram, whatever it is; nothing in it can raise."""
        try:
            self._receive(data, address, now)
        except Exception:  # noqa: BLE001 (a mistake in the handling of one datagram must not end ten thousand connections)
            self._faults.note()

    def _receive(self, data: bytes, address: Address, now: float) -> None:
        if not data or len(data) > DATAGRAM_MAX_BYTES:
            self.counters["dropped_size"] += 1
            return
        kind = classify(data)
        if kind is Datagram.STUN:
            self._receive_stun(data, address, now)
            return
        peer = self._addresses.find(address)
        if peer is None:
            self.counters["dropped_unknown_address"] += 1
        elif kind is Datagram.RTP:
            self._receive_rtp(peer, data, now)
        elif kind is Datagram.RTCP:
            self._receive_rtcp(peer, data, now)
        elif kind is Datagram.DTLS:
            peer.transport.receive_dtls(data, address, now)
            self._settle(peer, now)
        else:
            self.counters["dropped_unknown_kind"] += 1

    def _receive_stun(self, data: bytes, address: Address, now: float) -> None:
        ufrag = stun_username_fragment(data)
        peer = None if ufrag is None else self._by_ufrag.get(ufrag)
        if peer is None:
            self.counters["dropped_unknown_ufrag"] += 1
            return
        peer.note_consent()
        drained, unauthenticated = len(self._out), peer.transport.unauthenticated
        peer.transport.receive_stun(data, address, now)
        self.counters["stun_unauthenticated"] += peer.transport.unauthenticated - unauthenticated
        self._settle(peer, now)
        if any(to == address for _, to in self._out[drained:]) and address in peer.addresses:
            # Only an authentic check is answered.
            self.counters["stun_answered"] += 1
            self.counters["address_held"] += not self._addresses.hold(peer, address, now)

    def _receive_rtp(self, peer: Peer, data: bytes, now: float) -> None:
        packet, publisher = open_rtp(peer, data, self.counters), peer.publisher
        if packet is None or publisher is None:
            return
        received = publisher.receive_rtp(packet, len(data), now)
        self._feeds.update(peer, now)
        if received is not None:
            self.counters[f"received_{received[0].kind}_packets"] += 1
            self.counters[f"received_{received[0].kind}_bytes"] += len(data)
            self._forward(*received, now)

    def _receive_rtcp(self, peer: Peer, data: bytes, now: float) -> None:
        plain = open_rtcp(peer, data, self.counters)
        if plain is not None:
            peer.confirm()
            self._receive_plain(peer, plain, now)

    def receive_opened(self, owner: object, plain: bytes, now: float) -> None:
        """Takes a compound RTCP packet that the intake opened; ``owner`` is the peer it named. Nothing in it can raise."""
        try:
            if isinstance(owner, Peer) and owner.id in self._peers:
                self._receive_plain(owner, plain, now)
        except Exception:  # noqa: BLE001 (as above)
            self._faults.note()

    def _receive_plain(self, peer: Peer, plain: bytes, now: float) -> None:
        packets = read_rtcp(plain, self.counters)
        if peer.publisher is not None:
            for packet in packets:
                peer.publisher.receive_rtcp(packet, now)
        elif peer.viewer is not None:
            is_late = now < self._late_until
            self._watching.receive(peer, peer.viewer, packets, now, now + self._ntp_offset_s, is_late=is_late)

    def _forward(self, source: Source, arrivals: Arrivals, now: float) -> None:
        if arrivals is NOTHING:
            return
        for batch in arrivals.batches:
            self._dispatcher.submit(source, batch, now)
        if arrivals.late is not None:
            self._dispatcher.submit_late(source, arrivals.late, now)

    # -- what a transport says

    def _settle(self, peer: Peer, now: float) -> None:
        """Drains a peer's transport after anything was given to it."""
        self._drain_transport(peer, now)
        if peer.line is not None:
            peer.settle()

    def _drain_transport(self, peer: Peer, now: float) -> None:
        transport = peer.transport
        self._out.extend(transport.datagrams_to_send())
        for event in transport.events():
            if isinstance(event, (AddressValidated, AddressChanged)):
                self._learn(peer, event.address, now)
            elif isinstance(event, AddressForgotten):
                self._addresses.forget(peer, event.address)
                peer.aim(self._stream_outlets)
            elif isinstance(event, UfragForgotten):
                self._forget_ufrag(event.ufrag)
            elif isinstance(event, Connected):
                self._connected(peer, event, now)
            elif isinstance(event, Failed):
                self._remove(peer, event.reason, now)
            elif isinstance(event, ConsentLost):
                self._remove(peer, "consent_lost", now)
            elif isinstance(event, RemoteClosed):
                self._remove(peer, "closed_by_peer", now)

    def _learn(self, peer: Peer, address: Address, now: float) -> None:
        """Enters a validated address, and sends to the one that is selected now."""
        self.counters["address_held"] += not self._addresses.hold(peer, address, now)
        peer.aim(self._stream_outlets)

    def knows(self, address: Address) -> bool:
        """Whether an address is some peer's, by an authentic check."""
        return self._addresses.find(address) is not None

    def lose_address(self, address: Address, now: float) -> None:
        """The connection behind an address has closed: its peer goes on by another, or has the consent time to check anew."""
        peer = self._addresses.find(address)
        if peer is not None:
            peer.transport.lose_address(address, now)
            self._settle(peer, now)

    def _connected(self, peer: Peer, event: Connected, now: float) -> None:
        self._rounds.connect(peer)
        peer.open(event, now, self._intake)
        self._addresses.connect(peer)
        self.counters["connected"] += 1
        self._events.append(PeerConnected(peer.session, peer.id))
        if peer.viewer is not None:
            routes = self._sessions.routes(peer.session)
            peer.aim(self._stream_outlets)
            for leg in peer.viewer.legs:
                routes.add(leg, now)
            self._watching.follow_level(peer, now)

    def _tell(self, event: NodeEvent) -> None:
        self._events.append(event)

    def _replace(self, peer: Peer, now: float) -> None:
        self.leave(peer.id, "replaced", now)

    # -- time

    def handle_timeout(self, now: float) -> None:
        """Does what is due: publishers' feedback, handshakes, and the peers whose turn it is in this tick."""
        for peer in list(self._publishing.values()):
            publisher = peer.publisher
            if publisher is None or publisher.next_timeout() > now or peer.id not in self._peers:
                continue
            try:
                self._handle_publisher(peer, publisher, now)
            except Exception:  # noqa: BLE001 (the other peers have their turn all the same)
                self._faults.note()
        paced, reports = self._watching.handle_timeout(now)
        self._out += paced
        for peer, viewer in reports:
            self._send_rtcp(peer, viewer.report(now, now + self._ntp_offset_s))
        if now >= self._tick_at:
            if now - self._tick_at > LATE_S:
                self._late_until = now + LATE_KEPT_S
            self._tick_at = now + TICK_S
            self._handle_tick(now)

    def _handle_publisher(self, peer: Peer, publisher: Publisher, now: float) -> None:
        for source, arrivals in publisher.handle_timeout(now):
            self._forward(source, arrivals, now)
        self._feeds.update(peer, now)
        for compound in publisher.reports_to_send():
            if compound:
                self.counters["keyframe_requests"] += sum(isinstance(packet, rtcp.Pli) for packet in compound)
                self._send_rtcp(peer, rtcp.serialize_compound(compound))

    def _handle_tick(self, now: float) -> None:
        if self._intake is not None:
            self._watching.take_reports(self._intake, now)
        for step, peers in (
            (self._handle_half_open, list(self._rounds.half_open.values())),
            (self._handle_due, list(self._rounds.soon.values())),
            (self._handle_turn, self._rounds.next_turn()),
        ):
            for peer in peers:
                try:
                    step(peer, now)
                except Exception:  # noqa: BLE001 (as above)
                    self._faults.note()

    def _handle_half_open(self, peer: Peer, now: float) -> None:
        if now - peer.joined_at > CONNECT_S:
            self._remove(peer, "connect_timeout", now)
        else:
            self._handle_due(peer, now)

    def _handle_turn(self, peer: Peer, now: float) -> None:
        if peer.is_due(now + ROUND_S):
            self._rounds.soon[peer.id] = peer
            self._handle_due(peer, now)
        viewer = peer.viewer
        if viewer is not None and peer.line is not None:
            peer.line.watch(viewer.is_watched)
        if viewer is not None and now >= viewer.report_at - TICK_S and peer.id in self._peers:
            self._send_rtcp(peer, viewer.report(now, now + self._ntp_offset_s))

    def _handle_due(self, peer: Peer, now: float) -> None:
        if peer.is_due(now):
            peer.transport.handle_timeout(now)
            self._settle(peer, now)
        elif peer.id in self._rounds.soon and not peer.is_due(now + ROUND_S):
            del self._rounds.soon[peer.id]

    def _send_rtcp(self, peer: Peer, compound: bytes) -> None:
        if compound and peer.outbound is not None and peer.transport.address is not None:
            self._out.append((peer.outbound.protect(compound), peer.transport.address))

    def next_timeout(self) -> float:
        """When :meth:`handle_timeout` has something to do."""
        due = min(self._tick_at, self._watching.next_timeout())
        for peer in self._publishing.values():
            if peer.publisher is not None:
                due = min(due, peer.publisher.next_timeout())
        return due

    def run(self) -> bool:
        """Sends one slice of waiting pictures; True when more waits."""
        return self._dispatcher.run()

    def datagrams_to_send(self) -> list[tuple[bytes, Address]]:
        """STUN, DTLS and RTCP to send now."""
        out, self._out = self._out, []
        return out

    def events(self) -> list[NodeEvent]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def faults(self) -> list[str]:
        """Tracebacks of exceptions that nobody foresaw, since the last call."""
        return self._faults.take()

    def gauges(self) -> dict[str, float]:
        """Numbers of the moment, for ``/metrics``."""
        return {
            "peers": len(self._peers),
            "viewers": len(self._peers) - len(self._publishing),
            "publishers": len(self._publishing),
            "half_open": len(self._rounds.half_open),
            "feeds": len(self._feeds),
            "sessions": len(self._sessions),
            "video_frames_waiting": self._dispatcher.waiting,
            "video_frames_dropped": self._dispatcher.dropped_frames,
            "cached_starts": self._sessions.cached_starts,
            **self._dispatcher.forwarded,
        }
