"""What the agenda adds up to. What the floor does to it is in `bridge.apply_floor`.

Each function adds one event to the state, or raises `BridgeError` and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import agenda_events as events
from bridge.agenda import Item, ItemInput
from bridge.errors import corrupt_record
from bridge.state import State


def _set(state: State, event: events.AgendaSet) -> None:
    lists = (event.points, event.subjects, event.durations_ms)
    if any(len(each) != len(event.items) for each in lists):
        raise corrupt_record("the lists of an agenda differ in length")
    state.agenda.set_items([Item(*row) for row in zip(event.items, *lists, strict=True)])


def _called(state: State, event: events.AgendaItemCalled) -> None:
    state.agenda.pick(event.item)


def _missed(state: State, event: events.AgendaItemMissed) -> None:
    state.agenda.move(event.item, ItemInput.MISS)


def _skipped(state: State, event: events.AgendaItemSkipped) -> None:
    state.agenda.move(event.item, ItemInput.SKIP)


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    events.AgendaSet: _set,
    events.AgendaItemCalled: _called,
    events.AgendaItemMissed: _missed,
    events.AgendaItemSkipped: _skipped,
}
