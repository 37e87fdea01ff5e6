"""What a room tells of lists of calls, escalations, missed calls, alerts and rosters. No task, no clock, no waiting.

Consoles hear of the lists and ladders that moved in the room's fan-out, within their scope. Points hear at once: of what they
missed and have not explained, of alerts about points below them, of their roster. An alert goes to a desk that the session need
not be over, so that :class:`~signaling.hub.Hub` hands these out and not the room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from bridge import matter_events
from bridge.bridge import Bridge
from bridge.commands import Command
from bridge.escalation import Ladder
from bridge.events import CallFailed, Event
from bridge.ids import STANDING_LINE
from bridge.machine import MISSED
from bridge.matter_commands import Escalate
from bridge.matter_views import call_list_view, ladder_view, missed_calls, shift_view
from bridge.roster import EARLY_MS, ladder_of
from bridge.words import CAUSES
from signaling.matter_fields import (
    MAX_SHIFTS_TOLD,
    AlertMessage,
    AlertOver,
    AlertView,
    CallListMessage,
    CallListView,
    EscalationMessage,
    LadderView,
    MissedMessage,
    MissedView,
    PersonView,
    RosterMessage,
    Sentence,
    ShiftView,
)
from signaling.session import Outgoing

MAX_LADDERS_SHOWN: Final = 10
"""Ladders that are over and that a console hears of when it comes; those that run it always does."""


class MatterNews:
    """What happened in one session since it was told last."""

    def __init__(self, bridge: Callable[[], Bridge]) -> None:
        self._bridge = bridge
        self._lists: dict[str, None] = {}
        self._ladders: dict[str, None] = {}
        self._points: list[tuple[str, Outgoing]] = []

    @property
    def has_news(self) -> bool:
        """Whether consoles are to hear something."""
        return bool(self._lists or self._ladders)

    def receive_events(self, events: Iterable[Event]) -> None:
        """Note what is on disk."""
        for event in events:
            self._receive(event)

    def _receive(self, event: Event) -> None:
        bridge = self._bridge()
        call_list, escalation = getattr(event, "call_list", None), getattr(event, "escalation", None)
        if isinstance(call_list, str):
            self._lists[call_list] = None
        if isinstance(escalation, str):
            self._ladders[escalation] = None
            self._receive_escalation(event, bridge)
        if isinstance(event, CallFailed):
            self._call_over(event.call, bridge)
        elif isinstance(event, matter_events.CallExplained | matter_events.PointCalledBack):
            point = bridge.point_of(event.call)
            if point is not None:
                self._points.append((point, missed_of(bridge, point)))
        elif isinstance(event, matter_events.RosterSet | matter_events.ShiftConfirmed):
            self._points.append((event.point, roster_of(bridge, event.point, event.at)))
        elif call_list is None and escalation is None and isinstance(getattr(event, "call", None), str):
            self._note_call(str(getattr(event, "call", "")), bridge)

    def _call_over(self, call_id: str, bridge: Bridge) -> None:
        call = bridge.calls.get(call_id)
        if call is not None and call.cause in MISSED:
            self._points.append((call.point, missed_of(bridge, call.point)))
        self._note_call(call_id, bridge)

    def _note_call(self, call_id: str, bridge: Bridge) -> None:
        """A list's items change with their calls."""
        for call_list in bridge.state.call_lists.values():
            if any(item.call == call_id for item in call_list.items):
                self._lists[call_list.id] = None

    def _receive_escalation(self, event: Any, bridge: Bridge) -> None:
        ladder = bridge.state.matters.ladders.get(event.escalation)
        if ladder is None:
            return
        if isinstance(event, matter_events.EscalationStepped) and ladder.rungs[event.step].step.kind == "above":
            desk = ladder.rungs[event.step].step.target
            waits = ladder.id in bridge.state.matters.alerts.get(desk, {})
            if waits:
                self._points.append((desk, alert_of(ladder, event.step)))
        elif isinstance(event, matter_events.AlertConfirmed | matter_events.EscalationEnded):
            for rung in ladder.rungs:
                is_alerted = rung.step.kind == "above" and rung.started_at is not None
                if is_alerted and ladder.id not in bridge.state.matters.alerts.get(rung.step.target, {}):
                    self._points.append((rung.step.target, Outgoing(AlertOver(record=ladder.matter), f"alert:{ladder.matter}")))

    def take_for_points(self) -> list[tuple[str, Outgoing]]:
        """Take what points are to hear at once."""
        taken, self._points = self._points, []
        return taken

    def reset(self) -> None:
        """The state was built anew: alerts that wait are told again. Consoles are shown everything anyway."""
        bridge = self._bridge()
        self._points = [
            (desk, alert_of(bridge.state.matters.ladders[ladder], step))
            for desk, waiting in bridge.state.matters.alerts.items()
            for ladder, step in waiting.items()
        ]

    def take_for_consoles(self) -> Callable[[Callable[[str], bool]], list[Outgoing]]:
        """Take what consoles are to hear: a function from what lies in a scope to its messages, each made once."""
        state = self._bridge().state
        lists = [state.call_lists[each] for each in self._lists if each in state.call_lists]
        ladders = [state.matters.ladders[each] for each in self._ladders if each in state.matters.ladders]
        self._lists.clear()
        self._ladders.clear()
        bridge = self._bridge()
        made = [(each.points, _list_message(bridge, each.id)) for each in lists]
        made += [((each.point,), _ladder_message(each)) for each in ladders]
        return lambda has: [outgoing for points, outgoing in made if all(has(point) for point in points)]

    def for_console(self, has: Callable[[str], bool]) -> list[Outgoing]:
        """What a console that has just come is to hear."""
        bridge = self._bridge()
        told = [
            _list_message(bridge, each.id)
            for each in bridge.state.call_lists.values()
            if each.is_running and all(has(point) for point in each.points)
        ]
        ladders = [each for each in bridge.state.matters.ladders.values() if has(each.point)]
        over = [each.id for each in ladders if not each.is_running]
        hidden = set(over[: max(0, len(over) - MAX_LADDERS_SHOWN)])
        return told + [_ladder_message(each) for each in ladders if each.id not in hidden]


def what_waits(bridges: Iterable[Bridge], point: str, now_ms: int) -> list[Outgoing]:
    """What a point that has just come is to hear, from all sessions: what it missed, alerts, its roster."""
    told: list[Outgoing] = []
    for bridge in bridges:
        matters = bridge.state.matters
        if point in matters.unexplained:
            told.append(missed_of(bridge, point))
        told += [alert_of(matters.ladders[ladder], step) for ladder, step in matters.alerts.get(point, {}).items()]
        if bridge.session_id == STANDING_LINE and point in bridge.state.rosters:
            told.append(roster_of(bridge, point, now_ms))
    return told


def missed_of(bridge: Bridge, point: str) -> Outgoing:
    """What a point missed in a session and has not explained."""
    views = tuple(
        MissedView(
            id=call.id,
            record=call.record,
            by=call.by,
            state=call.state.value,
            cause=call.cause.value if call.cause else None,
            placed_at=call.placed_at,
            ended_at=call.ended_at,
            called_back_at=call.called_back_at,
            explained_at=call.explained_at,
        )
        for call in missed_calls(bridge.state, point)
    )
    return Outgoing(MissedMessage(session=bridge.session_id, calls=views), f"missed:{bridge.session_id}")


def roster_of(bridge: Bridge, point: str, now_ms: int) -> Outgoing:
    """The present and coming shifts of a point."""
    roster = bridge.state.rosters.get(point)
    coming = [shift for shift in roster.shifts if shift.end > now_ms][:MAX_SHIFTS_TOLD] if roster is not None else []
    views = tuple(ShiftView.model_validate(shift_view(shift, roster)) for shift in coming if roster is not None)
    present = roster.at(now_ms) if roster is not None else None
    names = tuple(PersonView(name=each.name, function=each.function) for each in (present.contacts if present else ()))
    return Outgoing(RosterMessage(shifts=views, confirm_early_s=EARLY_MS // 1000, names=names), "roster")


def alert_of(ladder: Ladder, step: int) -> Outgoing:
    """An alert as it is sent to the desk of a unit above."""
    rung = ladder.rungs[step]
    cause_vi, cause_en = CAUSES.get(ladder.cause, ("không liên lạc được", "not reached"))
    text = Sentence(
        vi=f"{ladder.point_name} không trả lời trung tâm ({cause_vi}). Hãy liên hệ ngay và xác nhận.",
        en=f"{ladder.point_name} did not answer the center ({cause_en}). Reach them now, and confirm.",
    )
    view = AlertView.model_validate(
        {
            "record": ladder.matter,
            "escalation": ladder.id,
            "point": ladder.point,
            "name": ladder.point_name,
            "cause": ladder.cause or None,
            "text": text,
            "at": rung.started_at or ladder.started_at,
            "deadline": rung.deadline,
        }
    )
    return Outgoing(AlertMessage(alert=view), f"alert:{ladder.matter}")


def _ladder_message(ladder: Ladder) -> Outgoing:
    view = LadderView.model_validate(ladder_view(ladder))
    return Outgoing(EscalationMessage(escalation=view), f"escalation:{ladder.id}")


def _list_message(bridge: Bridge, call_list: str) -> Outgoing:
    found = bridge.state.call_lists[call_list]
    view = CallListView.model_validate(call_list_view(found, bridge.directory))
    return Outgoing(CallListMessage(call_list=view), f"call_list:{call_list}")


# --- orders that need to know more than their session -----------------------------------------------------------------------


def resolved(command: Command, bridge: Bridge, line: Bridge | None, level: int, now_ms: int) -> Command:
    """A command with what it needs from elsewhere: an escalation's steps from the rosters of the standing line."""
    if not isinstance(command, Escalate) or command.steps:
        return command
    call = bridge.calls.get(command.call)
    matter = bridge.state.matters.by_id.get(call.record) if call is not None else None
    if matter is None or not bridge.directory.has_point(matter.point):
        return command
    rosters = line.state.rosters if line is not None else {}
    return replace(command, steps=ladder_of(rosters, bridge.directory, matter.point, now_ms, level))


def ladders_wanted(events: Iterable[Event], bridge: Bridge) -> list[tuple[str, int]]:
    """The calls whose failure begins an escalation where that is automatic, with their level: the first failure of a matter."""
    wanted: list[tuple[str, int]] = []
    for event in events:
        call = bridge.calls.get(event.call) if isinstance(event, CallFailed) and event.cause in MISSED else None
        matter = bridge.state.matters.by_id.get(call.record) if call is not None else None
        if call is not None and matter is not None and call.point == matter.point and not matter.ladders:
            wanted.append((call.id, call.level))
    return wanted
