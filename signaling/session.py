"""One WebSocket's conversation, without the socket: states, the hello deadline, limits in, a bounded queue out.

Theory of operation. ::

    awaiting_hello --hello--> checking --welcome()--> welcomed
          |                      |                        |
          +--- timeout, bad message, refuse() ------------+--> closing --drained--> closed

The shell gives in what the client said (:meth:`SignalingSession.receive_message`), drains
:meth:`~SignalingSession.events`, and lets the hub answer with :meth:`~SignalingSession.welcome`,
:meth:`~SignalingSession.send` or :meth:`~SignalingSession.refuse`. Whenever its transport has room it takes
:meth:`~SignalingSession.messages_to_send`; when nothing is left and :attr:`~SignalingSession.close_code` is set, it
closes. It calls :meth:`~SignalingSession.handle_timeout` at :meth:`~SignalingSession.next_timeout`. Change once, then
drain fully. ``now`` is monotonic seconds.

The queue holds what the transport did not take yet. A message with a *key* is a picture of the present: a newer one of
the same key takes its place (at the end, so that it never overtakes an older message about the same thing, and with the
age of the first). Changes of point states are merged into one message and are absorbed by a frame. What has no key is
never dropped. When the queue is full, or its oldest message has waited ``slow_close_s``, the client is too slow:
everything waiting is dropped and the connection ends.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from signaling.buckets import Bucket
from signaling.errors import REFUSALS, Refusal
from signaling.messages import Changes, ClientMessage, Hello, MessageError, Refused, ServerMessage, Welcome, parse_client_message

MESSAGES_PER_S: Final = 20.0
MESSAGES_BURST: Final = 60
"""A console's fastest honest use is a click every 100 ms; a point reports every 10 s."""

CLOSE_TOO_SLOW: Final = REFUSALS["too_slow"].close_code


class State(Enum):
    """Where the conversation stands."""

    AWAITING_HELLO = "awaiting_hello"
    CHECKING = "checking"
    WELCOMED = "welcomed"
    CLOSING = "closing"
    CLOSED = "closed"


_MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.AWAITING_HELLO: frozenset({State.CHECKING, State.CLOSING, State.CLOSED}),
    State.CHECKING: frozenset({State.WELCOMED, State.CLOSING, State.CLOSED}),
    State.WELCOMED: frozenset({State.CLOSING, State.CLOSED}),
    State.CLOSING: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class HelloReceived:
    """The credential is to be checked: answer with ``welcome`` or ``refuse``."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A welcomed client said something."""

    message: ClientMessage


@dataclass(frozen=True, slots=True)
class Refusing:
    """The session itself ends the connection; for the log and the counters."""

    code: str


SessionEvent = HelloReceived | MessageReceived | Refusing


class Outgoing:
    """A server message, encoded at most once however many connections it goes to.

    ``key`` is set for pictures of the present: only the newest of a key waits in a queue.
    """

    __slots__ = ("_message", "_text", "key")

    def __init__(self, message: ServerMessage, key: str | None = None) -> None:
        self._message = message
        self._text: str | None = None
        self.key = key

    @property
    def kind(self) -> str:
        """The message's ``type``."""
        return self._message.type

    @property
    def text(self) -> str:
        """The message as it goes over the wire."""
        if self._text is None:
            self._text = self._message.model_dump_json()
        return self._text


_FRAME_KEY: Final = "frame"
_CHANGES_KEY: Final = "changes"


class SignalingSession:
    """See the module's text. Public attributes ``state``, ``close_code``, ``merged`` and ``dropped`` are for reading only."""

    def __init__(self, *, now: float, hello_timeout_s: float, slow_close_s: float, queue_limit: int) -> None:
        self.state = State.AWAITING_HELLO
        self.close_code: int | None = None
        self.merged = 0
        """Messages that a newer one replaced before they left."""
        self.dropped = 0
        """Messages that never left because the client was too slow."""
        self._hello_deadline = now + hello_timeout_s
        self._slow_close_s = slow_close_s
        self._queue_limit = queue_limit
        self._inbound = Bucket(MESSAGES_PER_S, MESSAGES_BURST, now)
        self._events: list[SessionEvent] = []
        self._queue: OrderedDict[str | int, tuple[Outgoing | None, float]] = OrderedDict()
        self._changes: dict[int, int] = {}
        self._changes_version = 0
        self._next_key = 0

    # --- in -------------------------------------------------------------------------------------------------------------

    def receive_message(self, text: str, now: float) -> None:
        """Take one text message of the client."""
        if self.is_over:
            return
        wait_s = self._inbound.take(now)
        if wait_s > 0:
            self._end(REFUSALS["too_many"], now)
            return
        try:
            message = parse_client_message(text)
        except MessageError:
            self._end(REFUSALS["bad_message"], now)
            return
        is_hello = isinstance(message, Hello)
        if is_hello != (self.state is State.AWAITING_HELLO):
            self._end(REFUSALS["bad_message"], now)
        elif isinstance(message, Hello):
            self._advance(State.CHECKING)
            self._events.append(HelloReceived(message))
        else:
            self._events.append(MessageReceived(message))

    def receive_binary(self, now: float) -> bool:
        """Take one binary message, which only a welcomed client may send; whether it is to be looked at (it is a still then)."""
        if self.is_over:
            return False
        if self.state is not State.WELCOMED:
            self._end(REFUSALS["bad_message"], now)
        elif self._inbound.take(now) > 0:
            self._end(REFUSALS["too_many"], now)
        return not self.is_over

    def receive_garbage(self, now: float) -> None:
        """Take what is no message at all."""
        if not self.is_over:
            self._end(REFUSALS["bad_message"], now)

    def receive_close(self) -> None:
        """The transport ended: nothing more can be sent."""
        if self.state is not State.CLOSED:
            self._forget_queue()
            self._advance(State.CLOSED)

    # --- the hub's answers ----------------------------------------------------------------------------------------------

    def welcome(self, message: Welcome, now: float) -> None:
        """The credential was good. Does nothing when the connection ended while it was checked."""
        if self.state is State.CHECKING:
            self._advance(State.WELCOMED)
            self._enqueue(Outgoing(message), now)

    def send(self, outgoing: Outgoing, now: float) -> None:
        """Queue a message for a welcomed client; nothing happens in other states."""
        if self.state is State.WELCOMED:
            self._enqueue(outgoing, now)

    def send_changes(self, version: int, changes: Iterable[tuple[int, int]], now: float) -> None:
        """Queue changed point states, merged with those that still wait."""
        if self.state is not State.WELCOMED:
            return
        since = now
        if _CHANGES_KEY in self._queue:
            since = self._queue.pop(_CHANGES_KEY)[1]
            self.merged += 1
        self._changes.update(changes)
        self._changes_version = version
        self._put(_CHANGES_KEY, None, since, now)

    def refuse(self, refusal: Refusal, now: float) -> None:
        """Tell the client why, then close."""
        if not self.is_over:
            self._end(refusal, now, is_own=False)

    # --- time -----------------------------------------------------------------------------------------------------------

    def next_timeout(self) -> float | None:
        """When :meth:`handle_timeout` is due, or None."""
        if self.state is State.AWAITING_HELLO:
            return self._hello_deadline
        if self._queue and self.state is not State.CLOSED:
            return min(since for _, since in self._queue.values()) + self._slow_close_s
        return None

    def handle_timeout(self, now: float) -> None:
        """Let the clocks act."""
        due = self.next_timeout()
        if due is None or now < due:
            return
        if self.state is State.AWAITING_HELLO:
            self._end(REFUSALS["hello_timeout"], now)
        elif self.state is State.CLOSING:
            self._forget_queue()
            self._advance(State.CLOSED)
        else:
            self._too_slow()

    # --- out ------------------------------------------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether the conversation is ending or has ended."""
        return self.state in {State.CLOSING, State.CLOSED}

    @property
    def has_waiting(self) -> bool:
        """Whether :meth:`messages_to_send` has something."""
        return bool(self._queue)

    def messages_to_send(self, limit: int | None = None) -> list[str]:
        """Take messages in order, at most ``limit``: what the transport has room for. They leave the queue."""
        taken: list[str] = []
        while self._queue and (limit is None or len(taken) < limit):
            _, (outgoing, _) = self._queue.popitem(last=False)
            taken.append(self._take_changes() if outgoing is None else outgoing.text)
        if self.state is State.CLOSING and not self._queue:
            self._advance(State.CLOSED)
        return taken

    def events(self) -> list[SessionEvent]:
        """Take what happened since the last call."""
        taken, self._events = self._events, []
        return taken

    # --- inside ---------------------------------------------------------------------------------------------------------

    def _advance(self, to: State) -> None:
        if to not in _MOVES[self.state]:
            raise RuntimeError(f"illegal move {self.state.value} to {to.value}")
        self.state = to

    def _end(self, refusal: Refusal, now: float, *, is_own: bool = True) -> None:
        self._forget_queue()
        self._advance(State.CLOSING)
        self.close_code = refusal.close_code
        self._put(self._new_key(), Outgoing(Refused(error=refusal.body())), now, now)
        if is_own:
            self._events.append(Refusing(refusal.code))

    def _too_slow(self) -> None:
        """End without a word: what is said would only wait behind what was not read."""
        self.dropped += len(self._queue)
        self._forget_queue()
        self.close_code = CLOSE_TOO_SLOW
        self._advance(State.CLOSED)
        self._events.append(Refusing("too_slow"))

    def _enqueue(self, outgoing: Outgoing, now: float) -> None:
        if outgoing.key is None:
            self._put(self._new_key(), outgoing, now, now)
            return
        since = now
        if outgoing.key in self._queue:
            since = self._queue.pop(outgoing.key)[1]
            self.merged += 1
        if outgoing.key == _FRAME_KEY and _CHANGES_KEY in self._queue:
            del self._queue[_CHANGES_KEY]
            self._changes.clear()
            self.merged += 1
        self._put(outgoing.key, outgoing, since, now)

    def _put(self, key: str | int, outgoing: Outgoing | None, since: float, now: float) -> None:
        if len(self._queue) >= self._queue_limit:
            self.dropped += 1
            self._too_slow()
            return
        self._queue[key] = (outgoing, min(since, now))

    def _take_changes(self) -> str:
        changes = Changes(version=self._changes_version, changes=tuple(self._changes.items()))
        self._changes.clear()
        return changes.model_dump_json()

    def _forget_queue(self) -> None:
        self._queue.clear()
        self._changes.clear()

    def _new_key(self) -> int:
        self._next_key += 1
        return self._next_key
