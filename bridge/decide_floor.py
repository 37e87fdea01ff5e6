"""What is asked of the floor, as events; and what follows from it. Nothing in here changes anything."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import commands, errors, events
from bridge.calls import Call
from bridge.events import CallPlaced, Event
from bridge.floor import FLOOR_TABLE, MAX_FLOOR_MS, MAX_REQUESTS, SUBJECT_MAX_CHARS, FloorInput, FloorState, Request
from bridge.machine import CallState, SessionState, may_advance
from bridge.state import State
from bridge.words import clip

AUTO = "auto"


def ask_floor(state: State, command: commands.AskFloor, now: int) -> list[Event]:
    """Enter a point into the queue; one that is in it stays where it is."""
    state.directory.index_of(command.point)
    if state.session.state is not SessionState.OPEN:
        raise errors.session_state(state.session.state)
    if not state.covers(command.point):
        raise errors.outside_session(state.directory.point(command.point).name)
    if command.point in state.floor.by_point:
        return []
    return [_asked(state, command.point, command.subject, command.by, now)]


def withdraw_floor(state: State, command: commands.WithdrawFloor, now: int) -> list[Event]:
    """Take a point out of the queue."""
    request = _request(state, command.point)
    _require(state, request, FloorInput.WITHDRAW)
    return [events.FloorWithdrawn(now, request.id, clip(command.by))]


def give_floor(
    state: State,
    command: commands.GiveFloor,
    now: int,
    place: Callable[[State, commands.PlaceCall, int], list[Event]],
) -> list[Event]:
    """Give the floor to a point, in the queue or not: its call is used, or placed by ``place``.

    A point that is not connected is called all the same, so that the attempt is on record, and the floor stays where it is.
    """
    point, by = state.directory.point(command.point), clip(command.by)
    if state.session.state is not SessionState.OPEN:
        raise errors.session_state(state.session.state)
    duration_ms = command.duration_ms or state.rules.floor_ms
    if not 1_000 <= duration_ms <= MAX_FLOOR_MS:
        raise errors.floor_duration(MAX_FLOOR_MS // 1000)
    holder = state.floor.holder
    if holder is not None and holder.point == point.code:
        raise errors.floor_state(point.name, holder.state, FloorInput.GIVE)
    placed: list[Event] = []
    if point.code not in state.active:
        placed = place(state, commands.PlaceCall(point.code, command.by, command.level), now)
        if not any(isinstance(event, CallPlaced) and event.deadline is not None for event in placed):
            return placed
    decided: list[Event] = []
    if holder is not None:
        decided.extend(_displaced(state, holder, by, now))
    request = state.floor.by_point.get(point.code)
    if request is None:
        asked = _asked(state, point.code, "", by, now)
        decided.append(asked)
        return [*decided, events.FloorGiven(now, asked.request, by, duration_ms), *placed]
    return [*decided, events.FloorGiven(now, request.id, by, duration_ms), *placed]


def extend_floor(state: State, command: commands.ExtendFloor, now: int) -> list[Event]:
    """Give the speaker more time, from the end of the present time or, when that is past, from now."""
    request = _request(state, command.point)
    _require(state, request, FloorInput.EXTEND)
    deadline = max(request.deadline or now, now) + command.duration_ms
    if command.duration_ms < 1_000 or deadline - now > MAX_FLOOR_MS:
        raise errors.floor_duration(MAX_FLOOR_MS // 1000)
    return [events.FloorExtended(now, request.id, deadline, clip(command.by))]


def take_back_floor(state: State, command: commands.TakeBackFloor, now: int) -> list[Event]:
    """Take the floor from its holder; its call goes off air and goes on in preview."""
    request = _request(state, command.point)
    _require(state, request, FloorInput.TAKE_BACK)
    return _taken_back(state, request, clip(command.by), now)


def floor_due(state: State, now: int) -> list[Event]:
    """Announce the end of the speaker's time."""
    holder, at = state.floor.holder, floor_next_due(state)
    return [events.FloorWarned(now, holder.id)] if holder is not None and at is not None and at <= now else []


def floor_next_due(state: State) -> int | None:
    """Give when the end of the speaker's time is to be announced."""
    holder = state.floor.holder
    return holder.warns_at(state.rules.floor_warning_ms) if holder is not None else None


def floor_closed(state: State, by: str, now: int) -> list[Event]:
    """The session ends: so does whoever speaks. Those who wait are forgotten with the session."""
    holder = state.floor.holder
    return [] if holder is None else [events.FloorTakenBack(now, holder.id, by)]


def floor_following(state: State, now: int) -> Event | None:
    """Give the next event that follows for the holder of the floor.

    A called one goes on air when its call is connected, and everybody else off it; it speaks from then on. Whose call is over
    before that keeps its place in the queue; whose call is over, or off air, while it speaks has spoken.
    """
    holder = state.floor.holder
    if holder is None:
        return None
    call = state.active.get(holder.point)
    if holder.state is FloorState.SPEAKING:
        on_air = call is not None and call.state is CallState.ON_AIR
        return None if on_air else events.FloorTakenBack(now, holder.id, AUTO)
    if call is None:
        return events.FloorMissed(now, holder.id, AUTO)
    if not call.is_talking:
        return None
    other = next((each for each in state.on_air if each != call.id), None)
    if other is not None:
        return events.CallTakenOffAir(now, other, holder.given_by)
    if call.state is not CallState.ON_AIR:
        return events.CallTaken(now, call.id, holder.given_by, 1)
    return events.FloorStarted(now, holder.id, now + holder.duration_ms)


def _asked(state: State, point: str, subject: str, by: str, now: int) -> events.FloorAsked:
    if len(state.floor.requests) >= MAX_REQUESTS:
        raise errors.floor_full(MAX_REQUESTS)
    return events.FloorAsked(now, state.new_id("f", state.floor.asked), point, clip(subject, SUBJECT_MAX_CHARS), clip(by))


def _displaced(state: State, holder: Request, by: str, now: int) -> list[Event]:
    if holder.state is FloorState.SPEAKING:
        return _taken_back(state, holder, by, now)
    return [events.FloorMissed(now, holder.id, by)]


def _taken_back(state: State, request: Request, by: str, now: int) -> list[Event]:
    call: Call | None = state.active.get(request.point)
    taken: list[Event] = [events.FloorTakenBack(now, request.id, by)]
    if call is not None and call.state is CallState.ON_AIR:
        taken.append(events.CallTakenOffAir(now, call.id, by))
    return taken


def _request(state: State, point: str) -> Request:
    name = state.directory.point(point).name
    request = state.floor.by_point.get(point)
    if request is None:
        raise errors.floor_not_asked(name)
    return request


def _require(state: State, request: Request, move: FloorInput) -> None:
    if not may_advance(FLOOR_TABLE, request.state, move):
        raise errors.floor_state(state.directory.point(request.point).name, request.state, move)


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    commands.AskFloor: ask_floor,
    commands.WithdrawFloor: withdraw_floor,
    commands.ExtendFloor: extend_floor,
    commands.TakeBackFloor: take_back_floor,
}
"""Giving the floor may place a call: `bridge.decide` has it."""
