"""An ICE-lite agent for one peer (RFC 8445 §2.5 and §6.1.1), without clock and socket.

A lite agent makes no checks: it answers those of the browser, and learns from them where the browser is. Three rules carry the
safety of the whole port:

* an address is learned from an authenticated check and from nothing else: never from DTLS, RTP or RTCP ("RTP bleed");
* a check that does not authenticate gets no answer, and no answer is larger than its request;
* consent is what the browser's own checks give (RFC 7675): when they stop for `consent_timeout_s`, sending stops.

States and inputs are the table `TRANSITIONS`. What is implemented, left out and why is in ``ICE.md``.
"""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from enum import Enum

from sfu.ids import Address, without_transport
from sfu.wire import stun
from sfu.wire.errors import WireError

CONSENT_TIMEOUT_S = 30.0
"""RFC 7675 §5.1: consent expires after 30 seconds."""
SILENT_SELECTED_S = 12.0
"""Two of Firefox's longest intervals: after that another address of the peer that still checks takes over unasked."""
MAX_ADDRESSES = 8
"""Validated addresses kept for one peer: a laptop with Ethernet, Wi-Fi and a VPN in both families has six."""
MAX_PENDING_ANSWERS = 64
"""Answers not yet drained; the shell drains after each datagram, so more means that it does not."""

_ICE_CHARS = string.ascii_letters + string.digits
_UFRAG_CHARS = 8
_PWD_CHARS = 24


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """User name fragment and password of one side (RFC 8445 §5.3)."""

    ufrag: str
    pwd: str

    def __repr__(self) -> str:
        """The password never reaches a log line."""
        return f"IceCredentials({self.ufrag!r}, …)"

    @classmethod
    def generate(cls) -> IceCredentials:
        """Fresh random ones: 47 bits of fragment, so that ten thousand do not collide, and 142 bits of password.

        RFC 8445 §5.3 asks for 24 and 128 bits. Both consist of letters and digits, which no SDP parser minds.
        """
        return cls(_random_text(_UFRAG_CHARS), _random_text(_PWD_CHARS))


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_ICE_CHARS) for _ in range(length))


class IceState(Enum):
    """Where an agent is."""

    WAITING = "waiting"
    """No authenticated check yet: nothing but answers to checks may be sent."""
    VALIDATED = "validated"
    """The peer answers for an address, but has not nominated one."""
    NOMINATED = "nominated"
    ENDED = "ended"
    """Consent is gone, or it was closed. Nothing is received or sent."""


class IceInput(Enum):
    """What moves an agent."""

    CHECK = "check"
    NOMINATION = "nomination"
    EXPIRY = "expiry"
    CLOSE = "close"


TRANSITIONS: dict[tuple[IceState, IceInput], IceState] = {
    (IceState.WAITING, IceInput.CHECK): IceState.VALIDATED,
    (IceState.WAITING, IceInput.NOMINATION): IceState.NOMINATED,
    (IceState.WAITING, IceInput.EXPIRY): IceState.ENDED,
    (IceState.WAITING, IceInput.CLOSE): IceState.ENDED,
    (IceState.VALIDATED, IceInput.CHECK): IceState.VALIDATED,
    (IceState.VALIDATED, IceInput.NOMINATION): IceState.NOMINATED,
    (IceState.VALIDATED, IceInput.EXPIRY): IceState.ENDED,
    (IceState.VALIDATED, IceInput.CLOSE): IceState.ENDED,
    (IceState.NOMINATED, IceInput.CHECK): IceState.NOMINATED,
    (IceState.NOMINATED, IceInput.NOMINATION): IceState.NOMINATED,
    (IceState.NOMINATED, IceInput.EXPIRY): IceState.ENDED,
    (IceState.NOMINATED, IceInput.CLOSE): IceState.ENDED,
    (IceState.ENDED, IceInput.CLOSE): IceState.ENDED,
}


def advance(state: IceState, move: IceInput) -> IceState:
    """The state after an input.

    Raises:
        RuntimeError: the move is not in the table: a mistake of the caller, nothing has changed.

    """
    try:
        return TRANSITIONS[state, move]
    except KeyError:
        raise RuntimeError(f"{move.value} while {state.value}") from None


@dataclass(frozen=True, slots=True)
class AddressValidated:
    """The peer passed an authenticated check from this address for the first time: its other datagrams may be taken."""

    address: Address


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """What is sent goes to this address from now on."""

    address: Address


@dataclass(frozen=True, slots=True)
class AddressForgotten:
    """This address is no longer the peer's: no check for the consent time, or too many others."""

    address: Address


@dataclass(frozen=True, slots=True)
class UfragForgotten:
    """After an ICE restart: checks for the old local fragment are no longer answered."""

    ufrag: str


@dataclass(frozen=True, slots=True)
class ConsentLost:
    """The peer was there and has stopped checking. The agent has ended."""


@dataclass(frozen=True, slots=True)
class ChecksMissing:
    """The peer never made an authenticated check. The agent has ended."""


IceEvent = AddressValidated | AddressChanged | AddressForgotten | UfragForgotten | ConsentLost | ChecksMissing


@dataclass(frozen=True, slots=True)
class SettledCheck:
    """The check of a peer that has settled: its credentials, and where it comes from."""

    local: str
    remote: str
    password: str
    address: Address

    def __repr__(self) -> str:
        """The password never reaches a log line."""
        return f"SettledCheck({self.local!r}, {self.remote!r}, …)"


@dataclass(slots=True)
class IceCounters:
    """Datagrams that were refused, by reason. None of them changed anything.

    Attributes:
        malformed: not a Binding request with USERNAME and MESSAGE-INTEGRITY.
        unknown_user: for other fragments than ours and the peer's.
        unauthenticated: wrong MESSAGE-INTEGRITY.
        rejected: authentic, but answered with an error (420, 487).
        withheld_answers: answers that would have been larger than the request, or that nobody drained.

    """

    malformed: int = 0
    unknown_user: int = 0
    unauthenticated: int = 0
    rejected: int = 0
    withheld_answers: int = 0


class IceAgent:
    """ICE-lite for one peer.

    Call one of `receive_stun`, `handle_timeout`, `restart`, `close`; then drain `datagrams_to_send` and `events` fully, and arm
    a timer for `next_timeout`.

    Args:
        local: our fragment and password, as in the answer.
        remote: the peer's, as in its offer; an empty fragment accepts any.
        now: monotonic seconds.
        consent_timeout_s: how long the peer may be silent, before its first check as well as later.

    Attributes:
        state: where the agent is.
        address: where to send: the nominated address, before a nomination the first validated one; None before that, and when
            the last one was lost.

    """

    __slots__ = (
        "_answers",
        "_checked_at",
        "_consent_timeout_s",
        "_current",
        "_events",
        "_previous",
        "_reader",
        "_started_at",
        "address",
        "counters",
        "state",
    )

    def __init__(
        self, local: IceCredentials, remote: IceCredentials, now: float, *, consent_timeout_s: float = CONSENT_TIMEOUT_S
    ) -> None:
        self.state = IceState.WAITING
        self.address: Address | None = None
        self.counters = IceCounters()
        self._current = _Generation(local.ufrag, remote.ufrag, stun.IntegrityKey(local.pwd))
        self._previous: _Generation | None = None
        self._consent_timeout_s = consent_timeout_s
        self._started_at = now
        self._checked_at: dict[Address, float] = {}
        self._reader = stun.RequestReader()
        self._answers: list[tuple[bytes, Address]] | None = None
        self._events: list[IceEvent] | None = None
        """Both None while there is nothing: twenty thousand empty lists are a megabyte."""

    @property
    def addresses(self) -> tuple[Address, ...]:
        """All validated addresses of the peer."""
        return tuple(self._checked_at)

    @property
    def ufrags(self) -> tuple[str, ...]:
        """The local fragments that are answered: one, or two while an ICE restart is under way."""
        previous = self._previous
        return (self._current.local,) if previous is None else (previous.local, self._current.local)

    def is_validated(self, address: Address, now: float) -> bool:
        """Whether the peer has passed an authenticated check from this address within the consent time."""
        checked_at = self._checked_at.get(address)
        return checked_at is not None and now - checked_at < self._consent_timeout_s

    def checked_at(self, address: Address) -> float | None:
        """When the peer last passed a check from an address; None for one that is not validated."""
        return self._checked_at.get(address)

    def note_consent(self, address: Address, at: float) -> None:
        """A check of the kind that :meth:`settled_check` names was answered elsewhere, at this moment; old news is no news."""
        known = self._checked_at.get(address)
        if known is not None and at > known and self.state is not IceState.ENDED:
            self._checked_at[address] = at

    def settled_check(self) -> SettledCheck | None:
        """The check that changes nothing here but the time of the peer's last one; None while there is none such.

        It is settled once the peer has nominated, and no restart is under way.
        """
        current = self._current
        if self.state is not IceState.NOMINATED or self._previous is not None or self.address is None or not current.remote:
            return None
        return SettledCheck(current.local, current.remote, current.key.password, self.address)

    def restart(self, remote: IceCredentials, local: IceCredentials, now: float) -> None:
        """An ICE restart (RFC 8445 §9): checks for the old and for the new credentials are answered until the new nominate.

        The address stays until then, and DTLS goes on as it is. The time to the first check is given anew.
        """
        if self.state is IceState.ENDED:
            return
        if self._previous is not None:
            # A second restart before the first one nominated: the oldest credentials go, those in use stay.
            self._tell(UfragForgotten(self._current.local))
        else:
            self._previous = self._current
        self._current = _Generation(local.ufrag, remote.ufrag, stun.IntegrityKey(local.pwd))
        self._started_at = now

    def receive_stun(self, data: bytes, address: Address, now: float) -> None:
        """Takes a STUN datagram; never raises. An authenticated check is answered to the address it came from."""
        if self.state is IceState.ENDED:
            return
        try:
            request = self._reader.read(data)
        except WireError:
            self.counters.malformed += 1
            return
        generation = self._generation_for(request.username)
        if generation is None:
            self.counters.unknown_user += 1
            return
        if not stun.is_authentic(data, request.integrity_offset, generation.key):
            # RFC 8489 §9.1.3 would answer 401; a fragment that is known but a password that is not deserves silence.
            self.counters.unauthenticated += 1
            return
        if request.unknown or request.is_controlled:
            self._reject(request, data, address, generation.key)
            return
        try:
            answer = stun.binding_success(data[8:20], without_transport(address), generation.key, len(data))
        except WireError:
            self.counters.malformed += 1
            return
        self._answer(answer, address)
        self._note_check(address, request.use_candidate, generation, now)

    def handle_timeout(self, now: float) -> None:
        """Forgets addresses whose consent has run out; ends the agent with the last of them."""
        if self.state is IceState.ENDED:
            return
        expired = [address for address, at in self._checked_at.items() if now - at >= self._consent_timeout_s]
        for address in expired:
            self._forget(address)
        if self._checked_at:
            if self.address not in self._checked_at:
                self._select(max(self._checked_at, key=self._checked_at.__getitem__))
            return
        if self.address is not None:
            self._end(IceInput.EXPIRY, ConsentLost())
        elif now - self._started_at >= self._consent_timeout_s:
            self._end(IceInput.EXPIRY, ChecksMissing() if self.state is IceState.WAITING else ConsentLost())

    def lose_address(self, address: Address, now: float) -> None:
        """The connection behind an address was closed: nothing more comes from there or can be sent there.

        Another validated address takes over. Without one there is no address until the peer has checked again, for which it has
        the consent time.
        """
        if self.state is IceState.ENDED or address not in self._checked_at:
            return
        self._forget(address)
        if self._checked_at:
            if address == self.address:
                self._select(max(self._checked_at, key=self._checked_at.__getitem__))
        else:
            self.address, self._started_at = None, now

    def next_timeout(self) -> float | None:
        """When `handle_timeout` is due; every check moves it."""
        if self.state is IceState.ENDED:
            return None
        since = min(self._checked_at.values()) if self._checked_at else self._started_at
        return since + self._consent_timeout_s

    def close(self) -> None:
        """Ends the agent: nothing is answered from now on."""
        self.state = advance(self.state, IceInput.CLOSE)

    def datagrams_to_send(self) -> list[tuple[bytes, Address]]:
        """Answers to checks and where they go; drained by the call."""
        if not self._answers:
            return []
        answers, self._answers = self._answers, None
        return answers

    def events(self) -> list[IceEvent]:
        """What happened since the last call; drained by it."""
        if not self._events:
            return []
        events, self._events = self._events, None
        return events

    def _tell(self, event: IceEvent) -> None:
        if self._events is None:
            self._events = []
        self._events.append(event)

    def _generation_for(self, username: str) -> _Generation | None:
        local, _, remote = username.partition(":")
        for generation in (self._current, self._previous):
            if generation is not None and generation.local == local and generation.remote in {"", remote}:
                return generation
        return None

    def _reject(self, request: stun.BindingRequest, data: bytes, address: Address, key: stun.IntegrityKey) -> None:
        """420 for attributes that had to be understood (RFC 8489 §6.3.1), 487 for a peer that would be controlled.

        A lite agent is controlled when its peer is a full one (RFC 8445 §6.1.1): a peer that believes itself controlled has to
        change, which is what 487 makes it do (§7.3.1.1).
        """
        self.counters.rejected += 1
        code = 420 if request.unknown else 487
        self._answer(stun.binding_error(data[8:20], code, key, len(data), request.unknown), address)

    def _answer(self, answer: bytes | None, address: Address) -> None:
        if answer is None or (self._answers is not None and len(self._answers) >= MAX_PENDING_ANSWERS):
            self.counters.withheld_answers += 1
            return
        if self._answers is None:
            self._answers = []
        self._answers.append((answer, address))

    def _note_check(self, address: Address, nominates: bool, generation: _Generation, now: float) -> None:
        self.state = advance(self.state, IceInput.NOMINATION if nominates else IceInput.CHECK)
        if address not in self._checked_at:
            if len(self._checked_at) >= MAX_ADDRESSES:
                self._forget(min((at, known) for known, at in self._checked_at.items() if known != self.address)[1])
            self._tell(AddressValidated(address))
        self._checked_at[address] = now
        if self.address is None:
            self.address = address
        elif address != self.address and (nominates or now - self._checked_at[self.address] >= SILENT_SELECTED_S):
            self._select(address)
        if nominates and self._previous is not None and generation is self._current:
            self._tell(UfragForgotten(self._previous.local))
            self._previous = None

    def _select(self, address: Address) -> None:
        self.address = address
        self._tell(AddressChanged(address))

    def _forget(self, address: Address) -> None:
        del self._checked_at[address]
        self._tell(AddressForgotten(address))

    def _end(self, move: IceInput, event: ConsentLost | ChecksMissing) -> None:
        self.state = advance(self.state, move)
        self._tell(event)


@dataclass(frozen=True, slots=True)
class _Generation:
    """The credentials between two ICE restarts: both fragments and the key of checks and answers, our password."""

    local: str
    remote: str
    key: stun.IntegrityKey
