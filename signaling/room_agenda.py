"""What a room tells of the agenda and of draws: each console those of its scope. No task, no clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bridge import events
from bridge.agenda_events import AgendaItemCalled, AgendaItemMissed, AgendaItemSkipped, AgendaSet
from bridge.agenda_views import agenda_view
from bridge.bridge import Bridge
from bridge.draw import Draw
from bridge.draw_events import PointsDrawn
from bridge.draw_views import draw_view
from bridge.events import Event
from signaling.agenda_messages import AgendaMessage
from signaling.draw_messages import DrawMessage, DrawView
from signaling.scoped import Told, Within, once_per_scope
from signaling.session import Outgoing

AGENDA_EVENTS: Final = (
    AgendaSet,
    AgendaItemCalled,
    AgendaItemMissed,
    AgendaItemSkipped,
    events.FloorGiven,
    events.FloorStarted,
    events.FloorMissed,
    events.FloorTakenBack,
)
"""After these an item may be another."""

AGENDA_KEY: Final = "agenda"


def agenda_for(within: Within, bridge: Bridge) -> Outgoing:
    """The agenda as a console of that scope gets it."""
    view = agenda_view(bridge.state.agenda, bridge.directory, within.has)
    return Outgoing(AgendaMessage.model_validate(view), AGENDA_KEY)


def draw_of(draw: Draw, within: Within, bridge: Bridge) -> Outgoing | None:
    """A draw as a console of that scope gets it; None when it is none of its business."""
    view = draw_view(draw, bridge.directory, within.units)
    return None if view is None else Outgoing(DrawMessage(draw=DrawView.model_validate(view)), f"draw:{draw.id}")


class AgendaNews:
    """The agenda and the draws of one room since the last fan-out."""

    def __init__(self, bridge: Callable[[], Bridge]) -> None:
        self._bridge = bridge
        self._has_moved = False
        self._drawn: list[str] = []

    def receive_event(self, event: Event) -> None:
        """Note what is on disk."""
        if isinstance(event, PointsDrawn):
            self._drawn.append(event.draw)
        elif isinstance(event, AGENDA_EVENTS):
            self._has_moved = self._has_moved or bool(self._bridge().state.agenda.made)

    def for_console(self, within: Within) -> list[Outgoing]:
        """What a console that has just come is to hear: the agenda, when there ever was one, and the last draw."""
        bridge = self._bridge()
        told = [agenda_for(within, bridge)] if bridge.state.agenda.made else []
        last = next(reversed(bridge.state.draws.kept.values()), None)
        drawn = None if last is None else draw_of(last, within, bridge)
        return told if drawn is None else [*told, drawn]

    def take(self) -> Told | None:
        """Take what consoles are to hear; None when nothing moved."""
        bridge = self._bridge()
        drawn = [found for name in self._drawn if (found := bridge.state.draws.kept.get(name)) is not None]
        has_moved, self._has_moved = self._has_moved, False
        self._drawn.clear()
        if not has_moved and not drawn:
            return None

        def told(within: Within) -> list[Outgoing]:
            draws = [message for each in drawn if (message := draw_of(each, within, bridge)) is not None]
            return [agenda_for(within, bridge), *draws] if has_moved else draws

        return once_per_scope(told)
