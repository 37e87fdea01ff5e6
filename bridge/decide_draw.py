"""What is asked about draws, as events. Nothing in here changes anything."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import draw_commands as commands
from bridge import draw_errors as errors
from bridge import draw_events as events
from bridge.asking import outermost, points_asked
from bridge.draw import FILTER_MAX_CHARS, MAX_DRAWN, SEED_MAX_CHARS, drawn_of
from bridge.errors import session_state
from bridge.events import Event
from bridge.machine import SessionState
from bridge.state import State
from bridge.words import clip


def draw_points(state: State, command: commands.DrawPoints, now: int) -> list[Event]:
    """Draw by lot; candidates are taken once each, in directory order, and only points of the units that the session is over."""
    if state.session.state is not SessionState.OPEN:
        raise session_state(state.session.state)
    if not 1 <= command.k <= MAX_DRAWN:
        raise errors.draw_count(MAX_DRAWN)
    seed = command.seed
    if not 1 <= len(seed) <= SEED_MAX_CHARS or not (seed.isascii() and seed.isalnum()):
        raise errors.bad_draw()
    if command.last_called and len(command.last_called) != len(command.candidates):
        raise errors.bad_draw()
    for unit in command.units:
        state.directory.unit(unit)
    units = outermost(state.directory, command.units)
    told = dict(zip(command.candidates, command.last_called or (0,) * len(command.candidates), strict=True))
    candidates = tuple(point for point in points_asked(state.directory, units) if point in told and state.covers(point))
    if len(candidates) < command.k:
        raise errors.draw_too_few(len(candidates), command.k)
    last_called = tuple(max(told[point], state.last_called.get(point, 0)) for point in candidates)
    before = tuple(point for point in candidates if point in state.draws.drawn)
    drawn = drawn_of(seed, command.k, candidates, last_called, before, now)
    draw, words = state.new_id("w", state.draws.made), clip(command.filter, FILTER_MAX_CHARS)
    return [
        events.PointsDrawn(now, draw, seed, command.k, units, words, candidates, last_called, before, drawn, clip(command.by)),
    ]


def note_call(state: State, command: commands.NoteCall, now: int) -> list[Event]:
    """Remember a call in another session; an older one than is known changes nothing."""
    state.directory.index_of(command.point)
    if command.called_at <= state.last_called.get(command.point, 0):
        return []
    return [events.PointCalledElsewhere(now, command.point, clip(command.session, 32), command.called_at)]


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    commands.DrawPoints: draw_points,
    commands.NoteCall: note_call,
}
