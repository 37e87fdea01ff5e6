"""What draws add up to.

Each function adds one event to the state, or raises `BridgeError` and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import draw_events as events
from bridge.errors import corrupt_record
from bridge.state import State


def _drawn(state: State, event: events.PointsDrawn) -> None:
    if len(event.candidates) != len(event.last_called) or not set(event.drawn) <= set(event.candidates):
        raise corrupt_record(f"{event.draw} drew what was no candidate")
    state.draws.add(event)


def _called_elsewhere(state: State, event: events.PointCalledElsewhere) -> None:
    state.last_called[event.point] = event.called_at


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    events.PointsDrawn: _drawn,
    events.PointCalledElsewhere: _called_elsewhere,
}
