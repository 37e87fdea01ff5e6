"""The transport of one peer: ICE-lite finds and keeps its address, DTLS agrees on the SRTP keys.

Order is everything here: until an authenticated check has validated an address nothing but answers to checks is sent, and
DTLS is taken only from validated addresses. RTP and RTCP never come here: the node opens and seals them with the keys of
`Connected`, and sends to `address`.
"""

from __future__ import annotations

from collections.abc import Iterable

from sfu.dtls import Connected, DtlsCertificate, DtlsEndpoint, DtlsRole, Failed, RemoteClosed
from sfu.ice import (
    CONSENT_TIMEOUT_S,
    AddressChanged,
    AddressForgotten,
    AddressValidated,
    ChecksMissing,
    ConsentLost,
    IceAgent,
    IceCredentials,
    SettledCheck,
    UfragForgotten,
)
from sfu.ids import Address
from sfu.wire.stun import stun_username_fragment

__all__ = [
    "AddressChanged",
    "AddressForgotten",
    "AddressValidated",
    "Connected",
    "ConsentLost",
    "DtlsCertificate",
    "Failed",
    "IceCredentials",
    "RemoteClosed",
    "Transport",
    "TransportEvent",
    "UfragForgotten",
    "stun_username_fragment",
]

TransportEvent = (
    AddressValidated | AddressChanged | AddressForgotten | UfragForgotten | Connected | Failed | ConsentLost | RemoteClosed
)


class Transport:
    """ICE and DTLS of one peer.

    Change it once (`receive_stun`, `receive_dtls`, `handle_timeout`, `restart`, `close`), then drain `datagrams_to_send` and
    `events` fully and arm a timer for `next_timeout`. No bytes make it raise. After `Failed`, `ConsentLost`, `RemoteClosed` or
    `close` it has ended: it takes and sends nothing more, save what is still to be drained.

    Args:
        local: our ICE credentials, as in the answer.
        remote: the peer's, as in its offer.
        certificate: ours, shared by all peers.
        fingerprints: of the offer, as (algorithm, hex).
        dtls_role: "server" when the offer was actpass or active, "client" when it was passive.
        now: monotonic seconds.
        consent_timeout_s: how long the peer's checks may stay away.

    """

    __slots__ = ("_dtls", "_events", "_ice", "_outbox", "has_ended", "stray_dtls")

    def __init__(
        self,
        local: IceCredentials,
        remote: IceCredentials,
        certificate: DtlsCertificate,
        fingerprints: Iterable[tuple[str, str]],
        dtls_role: DtlsRole,
        now: float,
        *,
        consent_timeout_s: float = CONSENT_TIMEOUT_S,
    ) -> None:
        self._ice = IceAgent(local, remote, now, consent_timeout_s=consent_timeout_s)
        self._dtls = DtlsEndpoint(certificate, fingerprints, dtls_role)
        self._outbox: list[tuple[bytes, Address]] | None = None
        self._events: list[TransportEvent] | None = None
        """Both None while there is nothing: twenty thousand empty lists are a megabyte."""
        self.has_ended = False
        self.stray_dtls = 0
        """DTLS datagrams from addresses that were not validated."""

    @property
    def address(self) -> Address | None:
        """Where to send: the nominated address, before a nomination the first validated one, None before that."""
        return self._ice.address

    @property
    def addresses(self) -> tuple[Address, ...]:
        """All validated addresses: what the node's table of addresses holds for this peer."""
        return self._ice.addresses

    @property
    def ufrags(self) -> tuple[str, ...]:
        """The local fragments that are answered: what the node's table of fragments holds for this peer."""
        return self._ice.ufrags

    @property
    def is_handshaking(self) -> bool:
        """Whether a half-open handshake holds memory (59 to 69 KiB)."""
        return self._dtls.is_handshaking

    @property
    def unauthenticated(self) -> int:
        """Checks with a wrong password so far."""
        return self._ice.counters.unauthenticated

    def counters(self) -> dict[str, int]:
        """What was refused so far, by reason."""
        ice, dtls = self._ice.counters, self._dtls.counters
        return {
            "stun_malformed": ice.malformed,
            "stun_unknown_user": ice.unknown_user,
            "stun_unauthenticated": ice.unauthenticated,
            "stun_rejected": ice.rejected,
            "stun_withheld_answers": ice.withheld_answers,
            "dtls_stray": self.stray_dtls,
            "dtls_dropped_records": dtls.dropped_records,
            "dtls_plaintext_alerts": dtls.plaintext_alerts,
            "dtls_renewals": dtls.renewals,
            "dtls_late_errors": dtls.late_errors,
        }

    def receive_stun(self, data: bytes, address: Address, now: float) -> None:
        """Takes a STUN datagram from anywhere."""
        if self.has_ended:
            return
        self._ice.receive_stun(data, address, now)
        self._collect(now)

    def receive_dtls(self, data: bytes, address: Address, now: float) -> None:
        """Takes a DTLS datagram; ignored unless it comes from a validated address. Never moves `address`."""
        if self.has_ended:
            return
        if not self._ice.is_validated(address, now):
            self.stray_dtls += 1
            return
        self._dtls.receive_datagram(data, now)
        self._collect(now)

    def lose_address(self, address: Address, now: float) -> None:
        """The connection behind an address was closed; see `IceAgent.lose_address`."""
        if not self.has_ended:
            self._ice.lose_address(address, now)
            self._collect(now)

    @property
    def holds_object(self) -> bool:
        """Whether an SSL object is still held: some 80 KiB."""
        return self._dtls.has_object

    def confirm(self) -> None:
        """The peer sent something authentic under the keys: it has our last flight, and the SSL object may go."""
        self._dtls.release()

    def checked_at(self, address: Address) -> float | None:
        """When the peer last passed a check from an address; None for one that is not validated."""
        return self._ice.checked_at(address)

    def note_consent(self, address: Address, at: float) -> None:
        """See `IceAgent.note_consent`."""
        self._ice.note_consent(address, at)

    def settled_check(self) -> SettledCheck | None:
        """See `IceAgent.settled_check`."""
        return self._ice.settled_check()

    def handle_timeout(self, now: float) -> None:
        """What is due by now: DTLS retransmission and its end, consent."""
        if self.has_ended:
            return
        self._ice.handle_timeout(now)
        self._dtls.handle_timeout(now)
        self._collect(now)

    def next_timeout(self) -> float | None:
        """When `handle_timeout` is due; None once the transport has ended."""
        if self.has_ended:
            return None
        consent_at, dtls_at = self._ice.next_timeout(), self._dtls.next_timeout()
        if consent_at is None or dtls_at is None:
            return dtls_at if consent_at is None else consent_at
        return min(consent_at, dtls_at)

    def restart(self, remote: IceCredentials, local: IceCredentials, now: float) -> None:
        """ICE restart: old and new credentials are answered until the new nominate; keys and DTLS stay as they are."""
        if not self.has_ended:
            self._ice.restart(remote, local, now)
            self._collect(now)

    def close(self) -> None:
        """Ends the transport; a close_notify is left to drain when the SSL object still lives. May be called twice."""
        if not self.has_ended:
            self._dtls.close()
            self._send_dtls()
            self._end()

    def datagrams_to_send(self) -> list[tuple[bytes, Address]]:
        """Datagrams and where they go; drained by the call."""
        if not self._outbox:
            return []
        datagrams, self._outbox = self._outbox, None
        return datagrams

    def events(self) -> list[TransportEvent]:
        """What happened since the last call; drained by it."""
        if not self._events:
            return []
        events, self._events = self._events, None
        return events

    def _send(self, datagrams: Iterable[tuple[bytes, Address]]) -> None:
        if self._outbox is None:
            self._outbox = []
        self._outbox += datagrams

    def _tell(self, event: TransportEvent) -> None:
        if self._events is None:
            self._events = []
        self._events.append(event)

    def _collect(self, now: float) -> None:
        """Moves what both halves left into one outbox and one list of events; answers to checks go first."""
        if answers := self._ice.datagrams_to_send():
            self._send(answers)
        ended = False
        for event in self._ice.events():
            if isinstance(event, ChecksMissing):
                self._tell(Failed("ice_timeout"))
                ended = True
                continue
            if isinstance(event, AddressValidated):
                self._dtls.start(now)
            ended = ended or isinstance(event, ConsentLost)
            self._tell(event)
        if not ended:
            self._send_dtls()
            for dtls_event in self._dtls.events():
                ended = ended or not isinstance(dtls_event, Connected)
                self._tell(dtls_event)
        if ended:
            self._end()

    def _send_dtls(self) -> None:
        address = self._ice.address
        for datagram in self._dtls.datagrams_to_send():
            if address is not None:
                self._send(((datagram, address),))

    def _end(self) -> None:
        self.has_ended = True
        self._ice.close()
        self._dtls.abandon()
