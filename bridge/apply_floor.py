"""What the floor adds up to, the agenda included that follows it.

Each function adds one event to the state, or raises `BridgeError` and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import events
from bridge.floor import FloorInput, Request
from bridge.state import State


def _floor_asked(state: State, event: events.FloorAsked) -> None:
    state.floor.add(Request(event.request, event.point, event.subject, event.at))


def _floor_withdrawn(state: State, event: events.FloorWithdrawn) -> None:
    state.floor.move(event.request, FloorInput.WITHDRAW)


def _floor_given(state: State, event: events.FloorGiven) -> None:
    request = state.floor.move(event.request, FloorInput.GIVE)
    request.given_by, request.duration_ms = event.by, event.duration_ms
    state.agenda.floor_given(request.point, event.at)


def _floor_started(state: State, event: events.FloorStarted) -> None:
    request = state.floor.move(event.request, FloorInput.START)
    request.started_at, request.deadline = event.at, event.deadline
    state.agenda.floor_started(event.at)


def _floor_warned(state: State, event: events.FloorWarned) -> None:
    state.floor.move(event.request, FloorInput.WARN).warned_at = event.at


def _floor_extended(state: State, event: events.FloorExtended) -> None:
    request = state.floor.move(event.request, FloorInput.EXTEND)
    request.duration_ms = event.deadline - event.at
    request.deadline, request.warned_at = event.deadline, None


def _floor_missed(state: State, event: events.FloorMissed) -> None:
    request = state.floor.move(event.request, FloorInput.MISS)
    state.agenda.floor_left(request.point, event.at)


def _floor_taken_back(state: State, event: events.FloorTakenBack) -> None:
    request = state.floor.move(event.request, FloorInput.TAKE_BACK)
    state.agenda.floor_left(request.point, event.at)


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    events.FloorAsked: _floor_asked,
    events.FloorWithdrawn: _floor_withdrawn,
    events.FloorGiven: _floor_given,
    events.FloorStarted: _floor_started,
    events.FloorWarned: _floor_warned,
    events.FloorExtended: _floor_extended,
    events.FloorMissed: _floor_missed,
    events.FloorTakenBack: _floor_taken_back,
}
