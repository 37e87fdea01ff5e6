"""The tables of the domain's state machines, and the one function that moves along them.

A machine is a mapping ``state -> {input -> next state}``. What the mapping does not have cannot happen: `advance` raises, and
since it only computes, nothing has changed. Decisions ask the table before they write an event, and applying an event asks it
again: a record that contradicts the table is not silently believed.

The life of a call. The ring is *sent* (``ringing``) and then *confirmed by the page* (``delivered``): only from then on can
anybody be blamed for not answering. An answered call is ``connected`` by its first media, not by the click. ``interrupt`` and
``resume`` stay in their state: a point that is on air and loses its line for three seconds is still on air. The inputs that
end a call without success are the causes themselves, so that the table also says which cause can be given when.

Blank cells are as important as full ones: nobody can be ``no_answer`` before the page confirmed, nobody ``cancelled`` once
connected (it is ``end`` then), and nothing leaves ``ended`` or ``failed``.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from bridge.errors import IllegalMove


class SessionState(StrEnum):
    """The life of a session."""

    PREPARED = "prepared"
    OPEN = "open"
    CLOSED = "closed"


class SessionInput(StrEnum):
    """What moves a session."""

    OPEN = "open"
    CLOSE = "close"


class CallState(StrEnum):
    """The life of a call."""

    QUEUED = "queued"
    RINGING = "ringing"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    CONNECTED = "connected"
    PREVIEW = "preview"
    ON_AIR = "on_air"
    ENDED = "ended"
    FAILED = "failed"


class CallInput(StrEnum):
    """What moves a call on; what makes it fail is a `Cause`."""

    RING = "ring"
    CONFIRM = "confirm"
    ANSWER = "answer"
    CONNECT = "connect"
    PREVIEW = "preview"
    TAKE = "take"
    OFF_AIR = "off_air"
    INTERRUPT = "interrupt"
    RESUME = "resume"
    END = "end"


class Cause(StrEnum):
    """Why a call failed; exactly one to a failed call."""

    OFFLINE = "offline"
    UNDELIVERED = "undelivered"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    NO_DEVICE = "no_device"
    MEDIA_FAILED = "media_failed"
    NETWORK_LOST = "network_lost"
    ENGAGED_ABOVE = "engaged_above"
    CANCELLED = "cancelled"


CallMove = CallInput | Cause

SESSION_TABLE: Final[Mapping[SessionState, Mapping[SessionInput, SessionState]]] = MappingProxyType(
    {
        SessionState.PREPARED: {SessionInput.OPEN: SessionState.OPEN},
        SessionState.OPEN: {SessionInput.CLOSE: SessionState.CLOSED},
        SessionState.CLOSED: {},
    }
)

CALL_TABLE: Final[Mapping[CallState, Mapping[CallMove, CallState]]] = MappingProxyType(
    {
        CallState.QUEUED: {
            CallInput.RING: CallState.RINGING,
            Cause.OFFLINE: CallState.FAILED,
            Cause.UNDELIVERED: CallState.FAILED,
            Cause.ENGAGED_ABOVE: CallState.FAILED,
            Cause.CANCELLED: CallState.FAILED,
        },
        CallState.RINGING: {
            CallInput.RING: CallState.RINGING,
            CallInput.CONFIRM: CallState.DELIVERED,
            Cause.UNDELIVERED: CallState.FAILED,
            Cause.ENGAGED_ABOVE: CallState.FAILED,
            Cause.CANCELLED: CallState.FAILED,
        },
        CallState.DELIVERED: {
            CallInput.ANSWER: CallState.ANSWERED,
            Cause.NO_ANSWER: CallState.FAILED,
            Cause.DECLINED: CallState.FAILED,
            Cause.NO_DEVICE: CallState.FAILED,
            Cause.ENGAGED_ABOVE: CallState.FAILED,
            Cause.CANCELLED: CallState.FAILED,
        },
        CallState.ANSWERED: {
            CallInput.CONNECT: CallState.CONNECTED,
            CallInput.END: CallState.ENDED,
            Cause.NO_DEVICE: CallState.FAILED,
            Cause.MEDIA_FAILED: CallState.FAILED,
            Cause.ENGAGED_ABOVE: CallState.FAILED,
            Cause.CANCELLED: CallState.FAILED,
        },
        CallState.CONNECTED: {
            CallInput.PREVIEW: CallState.PREVIEW,
            CallInput.TAKE: CallState.ON_AIR,
            CallInput.INTERRUPT: CallState.CONNECTED,
            CallInput.RESUME: CallState.CONNECTED,
            CallInput.END: CallState.ENDED,
            Cause.NETWORK_LOST: CallState.FAILED,
            Cause.ENGAGED_ABOVE: CallState.FAILED,
        },
        CallState.PREVIEW: {
            CallInput.TAKE: CallState.ON_AIR,
            CallInput.INTERRUPT: CallState.PREVIEW,
            CallInput.RESUME: CallState.PREVIEW,
            CallInput.END: CallState.ENDED,
            Cause.NETWORK_LOST: CallState.FAILED,
            Cause.ENGAGED_ABOVE: CallState.FAILED,
        },
        CallState.ON_AIR: {
            CallInput.OFF_AIR: CallState.PREVIEW,
            CallInput.INTERRUPT: CallState.ON_AIR,
            CallInput.RESUME: CallState.ON_AIR,
            CallInput.END: CallState.ENDED,
            Cause.NETWORK_LOST: CallState.FAILED,
            Cause.ENGAGED_ABOVE: CallState.FAILED,
        },
        CallState.ENDED: {},
        CallState.FAILED: {},
    }
)

OVER: Final = frozenset({CallState.ENDED, CallState.FAILED})
"""States that nothing leaves."""

TALKING: Final = frozenset({CallState.CONNECTED, CallState.PREVIEW, CallState.ON_AIR})
"""States in which media is expected to flow without a pause."""

MISSED: Final = frozenset(set(Cause) - {Cause.CANCELLED, Cause.ENGAGED_ABOVE})
"""Causes that mark the point as having missed its last call; the others are the center's doing, not the point's."""

State = TypeVar("State", bound=StrEnum)
Move = TypeVar("Move", bound=StrEnum)


def may_advance(table: Mapping[State, Mapping[Move, State]], state: State, move: Move) -> bool:
    """Say whether ``table`` has ``move`` in ``state``."""
    return move in table[state]


def advance(table: Mapping[State, Mapping[Move, State]], state: State, move: Move) -> State:
    """Give the state that follows ``state`` on ``move``.

    Raises:
        IllegalMove: the table has no such cell. Nothing has changed: the function only computes.
    """
    try:
        return table[state][move]
    except KeyError:
        raise IllegalMove(state, move) from None
