"""The floor: who asks to speak, in order, and who speaks, on a clock.

A request waits; it is *called* when the floor was given and the point's call is not on air yet; it *speaks* from then on. One
request at most is called or speaking: the floor has one holder. A clock that runs out cuts nobody off: it warns before its end,
and what is over the time is there to be seen.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bridge.errors import corrupt_record
from bridge.machine import advance

SUBJECT_MAX_CHARS: Final = 200
MAX_REQUESTS: Final = 500
"""Requests at once. Nobody hears five hundred speakers; each of them is told its place when it changes."""
MAX_FLOOR_MS: Final = 4 * 3_600_000


class FloorState(StrEnum):
    """The life of a request to speak."""

    WAITING = "waiting"
    CALLED = "called"
    SPEAKING = "speaking"
    WITHDRAWN = "withdrawn"
    DONE = "done"


class FloorInput(StrEnum):
    """What moves a request; ``miss`` is a call that did not come about, and the request keeps its place."""

    GIVE = "give"
    WITHDRAW = "withdraw"
    START = "start"
    MISS = "miss"
    WARN = "warn"
    EXTEND = "extend"
    TAKE_BACK = "take_back"


FLOOR_TABLE: Final[Mapping[FloorState, Mapping[FloorInput, FloorState]]] = MappingProxyType(
    {
        FloorState.WAITING: {FloorInput.GIVE: FloorState.CALLED, FloorInput.WITHDRAW: FloorState.WITHDRAWN},
        FloorState.CALLED: {
            FloorInput.START: FloorState.SPEAKING,
            FloorInput.MISS: FloorState.WAITING,
            FloorInput.TAKE_BACK: FloorState.DONE,
        },
        FloorState.SPEAKING: {
            FloorInput.WARN: FloorState.SPEAKING,
            FloorInput.EXTEND: FloorState.SPEAKING,
            FloorInput.TAKE_BACK: FloorState.DONE,
        },
        FloorState.WITHDRAWN: {},
        FloorState.DONE: {},
    }
)

GONE: Final = frozenset({FloorState.WITHDRAWN, FloorState.DONE})
"""States that nothing leaves; a request in one of them is forgotten."""


@dataclass(slots=True)
class Request:
    """One request to speak. Only applied events change it."""

    id: str
    point: str
    subject: str
    asked_at: int
    state: FloorState = FloorState.WAITING
    given_by: str = ""
    duration_ms: int = 0
    started_at: int | None = None
    deadline: int | None = None
    warned_at: int | None = None

    @property
    def holds(self) -> bool:
        """Whether the floor is this request's."""
        return self.state in {FloorState.CALLED, FloorState.SPEAKING}

    def warns_at(self, warning_ms: int) -> int | None:
        """Say when the end is to be announced: a short time to speak is announced at its half. None when nothing is due."""
        if self.state is not FloorState.SPEAKING or self.deadline is None or self.warned_at is not None:
            return None
        return self.deadline - min(warning_ms, self.duration_ms // 2)


class Floor:
    """The requests of a session in the order of asking."""

    def __init__(self) -> None:
        self.requests: dict[str, Request] = {}
        self.by_point: dict[str, Request] = {}
        self.holder: Request | None = None
        self.asked = 0
        """Number of requests so far."""

    def waiting(self) -> list[Request]:
        """Give the queue, the first first."""
        return [request for request in self.requests.values() if request.state is FloorState.WAITING]

    def add(self, request: Request) -> None:
        """Enter a request; raises ``corrupt_record`` when its point has one already."""
        if request.id in self.requests or request.point in self.by_point:
            raise corrupt_record(f"{request.point} asked for the floor twice")
        self.requests[request.id] = self.by_point[request.point] = request
        self.asked += 1

    def move(self, request_id: str, move: FloorInput) -> Request:
        """Move a request and give it; one that is over is forgotten. Raises `BridgeError`, having changed nothing."""
        request = self.requests.get(request_id)
        if request is None:
            raise corrupt_record(f"{request_id} is no request to speak")
        state = advance(FLOOR_TABLE, request.state, move)
        if move is FloorInput.GIVE and self.holder is not None:
            raise corrupt_record(f"{request_id} was given the floor that {self.holder.id} has")
        request.state = state
        if request.holds:
            self.holder = request
        elif self.holder is request:
            self.holder = None
        if state in GONE:
            del self.requests[request.id], self.by_point[request.point]
        return request

    def clear(self) -> None:
        """Forget everything: the session is over."""
        self.requests.clear()
        self.by_point.clear()
        self.holder = None

    def to_plain(self) -> dict[str, object]:
        """Give everything as plain data, to compare."""
        holder = self.holder.id if self.holder else None
        return {"requests": [asdict(request) for request in self.requests.values()], "holder": holder, "asked": self.asked}
