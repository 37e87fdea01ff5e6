"""What is asked about the agenda, as events. Nothing in here changes anything."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import agenda_commands as commands
from bridge import agenda_errors as errors
from bridge import agenda_events as events
from bridge.agenda import ITEM_TABLE, MAX_ITEMS, ItemInput
from bridge.commands import GiveFloor, PlaceCall
from bridge.decide_floor import give_floor
from bridge.errors import floor_duration, outside_session, session_state
from bridge.events import Event, FloorGiven
from bridge.floor import MAX_FLOOR_MS, SUBJECT_MAX_CHARS
from bridge.machine import SessionState, may_advance
from bridge.state import State
from bridge.words import clip


def set_agenda(state: State, command: commands.SetAgenda, now: int) -> list[Event]:
    """Set the items, keeping those that are named by their id; the one that has the floor stays."""
    if state.session.state is SessionState.CLOSED:
        raise session_state(state.session.state)
    given = [entry.item for entry in command.items if entry.item]
    if len(command.items) > MAX_ITEMS or len(set(given)) != len(given):
        raise errors.agenda_items(MAX_ITEMS)
    for entry in command.items:
        _check(state, entry)
    holder = state.agenda.current
    if holder is not None and holder.id not in given:
        raise errors.agenda_holder(state.directory.point(holder.point).name)
    made, names = state.agenda.made, []
    for entry in command.items:
        names.append(entry.item or state.new_id("i", made))
        made += not entry.item
    points = tuple(entry.point for entry in command.items)
    subjects = tuple(clip(entry.subject, SUBJECT_MAX_CHARS) for entry in command.items)
    durations = tuple(entry.duration_ms for entry in command.items)
    return [events.AgendaSet(now, tuple(names), points, subjects, durations, clip(command.by))]


def next_speaker(
    state: State,
    command: commands.NextSpeaker,
    now: int,
    place: Callable[[State, PlaceCall, int], list[Event]],
) -> list[Event]:
    """Give the floor to the next item; one that cannot be called is missed, and the floor stays where it is."""
    item = state.agenda.next_up()
    if item is None:
        raise errors.agenda_over()
    given = give_floor(state, GiveFloor(item.point, item.duration_ms, command.by, command.level), now, place)
    if any(isinstance(event, FloorGiven) for event in given):
        return [events.AgendaItemCalled(now, item.id, clip(command.by)), *given]
    return [*given, events.AgendaItemMissed(now, item.id, clip(command.by))]


def skip_speaker(state: State, command: commands.SkipSpeaker, now: int) -> list[Event]:
    """Pass over an item that waits or was missed."""
    item = state.agenda.items.get(command.item)
    if item is None:
        raise errors.unknown_item(command.item)
    if not may_advance(ITEM_TABLE, item.state, ItemInput.SKIP):
        raise errors.agenda_state(state.directory.point(item.point).name, item.state)
    return [events.AgendaItemSkipped(now, item.id, clip(command.by))]


def _check(state: State, entry: commands.AgendaEntry) -> None:
    point = state.directory.point(entry.point)
    if not state.covers(point.code):
        raise outside_session(point.name)
    if entry.duration_ms and not 1_000 <= entry.duration_ms <= MAX_FLOOR_MS:
        raise floor_duration(MAX_FLOOR_MS // 1000)
    if entry.item:
        known = state.agenda.items.get(entry.item)
        if known is None:
            raise errors.unknown_item(entry.item)
        if known.point != point.code:
            raise errors.agenda_point(state.directory.point(known.point).name)


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    commands.SetAgenda: set_agenda,
    commands.SkipSpeaker: skip_speaker,
}
"""The next speaker may have to be called: `bridge.decide` has it."""
