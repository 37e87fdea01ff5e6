"""Random meetings: whatever is asked in whatever order, the log says it all and says it well."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge import commands, matter_commands
from bridge.agenda import ItemState as AgendaState
from bridge.agenda_commands import AgendaEntry, NextSpeaker, SetAgenda, SkipSpeaker
from bridge.bridge import Bridge
from bridge.call_lists import ItemState
from bridge.calls import Call
from bridge.codec import decode_event, encode_event
from bridge.commands import Command
from bridge.directive_commands import AcknowledgeDirective, IssueDirective, WithdrawDirective
from bridge.directives import Answer, DirectiveState
from bridge.draw import verify
from bridge.draw_commands import DrawPoints, NoteCall
from bridge.draw_events import PointsDrawn
from bridge.errors import BridgeError
from bridge.escalation import Step as LadderStep
from bridge.escalation import StepState
from bridge.events import Event
from bridge.floor import FloorState
from bridge.machine import OVER, CallState
from bridge.points import PointState, Report
from bridge.proposal_commands import AnswerProposal, ForwardProposal, SendProposal
from bridge.rollcall import Presence, RollCall
from bridge.roster import Contact, Shift
from bridge.rules import Rules
from bridge.stage import plan_of
from bridge.talkback_commands import StartTalkback, StopTalkback
from bridge.units import Directory
from bridge.views import call_view, calls_view, frame_view, stage_view
from tests.bridge.scene import START, wide_directory

DIRECTORY: Directory = wide_directory(7)
RULES = Rules(kept_calls=4, max_rings=2, kept_roll_calls=2)

POINTS = [point.code for point in DIRECTORY.points]

points = st.sampled_from([*POINTS, "stranger"])
calls = st.integers(1, 12).map(lambda number: f"c{number}")
roll_calls = st.integers(1, 4).map(lambda number: f"r{number}")
durations = st.sampled_from([0, 1_000, 60_000])
names = st.sampled_from(["Lan", "", "x" * 150])
people = st.sampled_from(["center", "operator:lan", "point:p1"])
call_lists = st.integers(1, 4).map(lambda number: f"l{number}")
ladders = st.lists(
    st.builds(LadderStep, st.sampled_from(["phone", "point", "above"]), st.just("Lan"), st.just(""), points, st.just("")),
    max_size=3,
).map(tuple)
rosters = st.sampled_from(
    [
        (),
        (Shift(START, START + 60_000, (Contact("Lan", "", "phone", "0901234567"),)),),
        (Shift(START, START + 10, (Contact("Lan", "", "point", "p1"),)),),
    ]
)
reports = st.none() | st.builds(
    Report,
    visible=st.booleans(),
    camera=st.sampled_from(["ok", "refused"]),
    microphone=st.sampled_from(["ok", "absent"]),
    rtt_ms=st.sampled_from([None, 1.5]),
)
feeds = points.map(lambda point: f"point:{point}") | st.sampled_from(["center", "nobody"])
media = st.sampled_from(["video", "audio"])

items = st.integers(1, 4).map(lambda number: f"i{number}")
entries = st.builds(AgendaEntry, points, names, durations, st.just("") | items)
directives = st.integers(1, 3).map(lambda number: f"d{number}")
proposals = st.integers(1, 3).map(lambda number: f"p{number}")
deadlines = st.sampled_from([START - 1, START + 5_000, START + 60_000])

anything: st.SearchStrategy[Command] = st.one_of(
    st.builds(commands.OpenSession, st.just("Họp"), people),
    st.builds(commands.PointArrived, points, reports),
    st.builds(commands.PointLeft, points, st.just("gone")),
    st.builds(commands.PointReported, points, st.builds(Report, visible=st.booleans())),
    st.builds(commands.PlaceCall, points, people),
    st.builds(commands.RingSent, calls),
    st.builds(commands.ConfirmRing, calls, reports),
    st.builds(commands.AnswerCall, calls, reports),
    st.builds(commands.DeclineCall, calls, st.just(""), reports),
    st.builds(commands.ReportDeviceFailure, calls, st.sampled_from(["camera", "microphone", "nose"]), st.just("x"), reports),
    st.builds(commands.ReportMedia, feeds, media, st.booleans(), st.just("x")),
    st.builds(commands.PreviewCall, calls, people),
    st.builds(commands.TakeCall, calls, people, st.sampled_from([0, 3_000, 99_000])),
    st.builds(commands.TakeOffAir, calls, people),
    st.builds(commands.EndCall, calls, people),
    st.builds(commands.CancelCall, calls, people),
    st.builds(commands.StartRollCall, st.sampled_from([("VN",), ("p1", "p2"), ("nowhere",)]), durations, people),
    st.builds(commands.ConfirmPresence, roll_calls, points, names, names, reports),
    st.builds(commands.CloseRollCall, roll_calls, people),
    st.builds(commands.AskFloor, points, names, people),
    st.builds(commands.WithdrawFloor, points, people),
    st.builds(commands.GiveFloor, points, durations, people),
    st.builds(commands.ExtendFloor, points, durations, people),
    st.builds(commands.TakeBackFloor, points, people),
    st.builds(matter_commands.RetryCall, calls, people),
    st.builds(matter_commands.PlaceCalls, st.lists(points, max_size=4).map(tuple), st.booleans(), people),
    st.builds(matter_commands.StartCallList, st.lists(points, max_size=5).map(tuple), st.booleans(), people),
    st.builds(matter_commands.NextCall, call_lists, people),
    st.builds(matter_commands.StopCallList, call_lists, people),
    st.builds(matter_commands.CallBack, calls, people, names),
    st.builds(matter_commands.ExplainCall, calls, names, names, people),
    st.builds(matter_commands.Escalate, calls, ladders, people),
    st.builds(matter_commands.MarkContact, calls, st.integers(0, 3), st.sampled_from(["reached", "refused", ""]), names, people),
    st.builds(matter_commands.ConfirmAlert, calls, points, st.booleans(), names),
    st.builds(matter_commands.StopEscalation, calls, people),
    st.builds(matter_commands.SetRoster, points, rosters, people),
    st.builds(matter_commands.ConfirmShift, points, names, people),
    st.builds(SetAgenda, st.lists(entries, max_size=3).map(tuple), people),
    st.builds(SkipSpeaker, items, people),
    st.builds(IssueDirective, names, names, st.sampled_from([("VN",), ("p1", "p2")]), deadlines, st.just("main"), people),
    st.builds(AcknowledgeDirective, directives, points, names),
    st.builds(WithdrawDirective, directives, people),
    st.builds(SendProposal, points, names),
    st.builds(AnswerProposal, proposals, names, st.sampled_from(["accepted", "forwarded", "bored"]), people),
    st.builds(ForwardProposal, proposals, st.sampled_from(["VN", "p1"]), names, people),
    st.builds(StartTalkback, calls, people),
    st.builds(StopTalkback, calls, people),
    st.builds(DrawPoints, st.integers(0, 9), st.just(("VN",)), st.just(tuple(POINTS)), st.just(()), names, names, people),
    st.builds(NoteCall, points, st.just("s7"), deadlines),
    st.builds(commands.Reconcile, st.frozensets(points, min_size=4), st.just("system")),
)
"""Commands out of the blue; most are refused."""

Step = tuple[int, str | Command, int, bool]
"""How much later, what is meant or a command out of the blue, of which call or point, and whether a timer fires before."""

MEETING = ["ask", "here", "here", "here", "want", "give", "more", "back"]
MATTERS = ["again", "list", "climb", "climb", "mark", "sorry", "nextcall", "together"]
TALK = ["talk", "talk"]
PAPERS = ["agenda", "next", "next", "skip", "issue", "read", "read", "propose", "reply", "draw"]
MEANT = ["on"] * 8 + ["call"] * 4 + ["come", "come", "stop", "start", "end", "go", *MEETING, *MATTERS, *PAPERS, *TALK]
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 1, 20, 20, 20, 100, 100, 900, 900, 4_000, 40_000]),
        st.integers(0, 7).flatmap(lambda number: anything if number == 0 else st.sampled_from(MEANT)),
        st.integers(0, 11),
        st.booleans(),
    ),
    min_size=40,
    max_size=80,
)


def onward(call: Call, pick: int) -> Command:
    """Give the command that moves a call on."""
    feed = f"point:{call.point}"
    moves: dict[CallState, Command] = {
        CallState.QUEUED: commands.RingSent(call.id),
        CallState.RINGING: commands.ConfirmRing(call.id),
        CallState.DELIVERED: commands.AnswerCall(call.id, Report(visible=True, camera="ok")),
        CallState.ANSWERED: commands.ReportMedia(feed, "audio" if pick % 3 == 0 else "video", flowing=True),
        CallState.CONNECTED: commands.PreviewCall(call.id, "center"),
        CallState.PREVIEW: commands.TakeCall(call.id, "center"),
        CallState.ON_AIR: commands.TakeOffAir(call.id, "center"),
    }
    return moves[call.state]


def meant_of_meeting(bridge: Bridge, what: str, pick: int) -> Command:
    """Give the command of a roll call or of the floor that a word stands for."""
    point = POINTS[pick % len(POINTS)]
    if what == "ask":
        return commands.StartRollCall(("VN",) if pick % 2 else (point,), 1_000 * (pick + 1), "center")
    if what == "want":
        return commands.AskFloor(point, "ô-xy", f"point:{point}")
    if what == "give":
        wanted = [request.point for request in bridge.state.floor.waiting()] or [point]
        return commands.GiveFloor(wanted[0], 2_000, "center")
    if what in {"more", "back"}:
        holder = bridge.state.floor.holder
        code = holder.point if holder else point
        return commands.ExtendFloor(code, 1_000, "center") if what == "more" else commands.TakeBackFloor(code, "center")
    known = list(bridge.roll_calls) or ["r1"]
    return commands.ConfirmPresence(known[-1 - pick % min(2, len(known))], point, "Lan", "")


def meant_of_talk(bridge: Bridge, _what: str, pick: int) -> Command:
    """Give a command of talkback."""
    active = [call.id for call in bridge.active_calls()] or ["c1"]
    call, talker = active[pick % len(active)], f"operator:{pick % 2}"
    return StopTalkback(call, talker) if pick % 4 == 0 else StartTalkback(call, talker)


def meant_of_matters(bridge: Bridge, what: str, pick: int) -> Command:
    """Give the command about the record of calls that a word stands for."""
    point = POINTS[pick % len(POINTS)]
    two = (point, POINTS[(pick + 1) % len(POINTS)])
    if what == "list":
        return matter_commands.StartCallList(two, pick % 2 == 0, "center")
    if what == "together":
        return matter_commands.PlaceCalls(two, together=True, by="center")
    if what == "nextcall":
        return matter_commands.NextCall(next(reversed(bridge.state.call_lists), "l1"), "center")
    running = bridge.state.matters.running()
    if what == "mark" and running:
        ladder = running[pick % len(running)]
        if pick % 3 == 0 and bridge.state.matters.alerts:
            desk = next(iter(bridge.state.matters.alerts))
            return matter_commands.ConfirmAlert(ladder.matter, desk, pick % 2 == 0, "Lan")
        outcome = "reached" if pick % 4 == 0 else "no_answer"
        return matter_commands.MarkContact(ladder.matter, ladder.current or 0, outcome, "", "center")
    failed = [call for call in bridge.calls.values() if call.cause is not None]
    call = failed[-1 - pick % len(failed)].id if failed else "c1"
    if what == "sorry":
        return matter_commands.ExplainCall(call, "Lan", str(pick), "x") if pick % 2 else matter_commands.CallBack(call, "x")
    if what == "climb":
        kind = ("phone", "point", "above")
        steps = tuple(LadderStep(kind[(pick + n) % 3], "Lan", "", POINTS[(pick + n) % len(POINTS)], "") for n in range(3))
        return matter_commands.Escalate(call, steps, "center")
    return matter_commands.RetryCall(call, "center")


def meant_of_papers(bridge: Bridge, what: str, pick: int) -> Command:
    """Give the command of the agenda, a directive, a proposal or a draw that a word stands for."""
    point, state = POINTS[pick % len(POINTS)], bridge.state
    if what == "agenda":
        kept = [AgendaEntry(item.point, item.subject, 2_000, item.id) for item in list(state.agenda.items.values())[pick % 3 :]]
        return SetAgenda((*kept, AgendaEntry(point, "ô-xy", 2_000)), "center")
    if what == "next":
        return NextSpeaker("center")
    if what == "skip":
        return SkipSpeaker(f"i{pick}", "center")
    if what == "issue":
        return IssueDirective(
            "Chỉ đạo", "Trực 24/7", ("VN",) if pick % 2 else (point,), START + 2_000 * (pick + 1), "main", "center"
        )
    if what == "read":
        return AcknowledgeDirective(next(reversed(state.directives.kept), "d1"), point, "Lan")
    if what == "propose":
        return SendProposal(point, "Cần ô-xy")
    if what == "reply":
        outcome = ("accepted", "declined", "noted", "forwarded")[pick % 4]
        return AnswerProposal(next(reversed(state.proposals.kept), "p1"), "Đã rõ", outcome, "center")
    return DrawPoints(1 + pick % 3, ("VN",), tuple(POINTS), (), f"seed{pick}", "", "center")


FAMILIES = ((PAPERS, meant_of_papers), (MEETING, meant_of_meeting), (MATTERS, meant_of_matters), (TALK, meant_of_talk))


def meant(bridge: Bridge, step: Step) -> Command:
    """Give the command that a step stands for in the state that it meets."""
    _, what, pick, _ = step
    if not isinstance(what, str):
        return what
    point = POINTS[pick % len(POINTS)]
    active = bridge.active_calls()
    if what == "come":
        return commands.PointArrived(point)
    if what == "go":
        return commands.PointLeft(point, "gone")
    for words, meant_of in FAMILIES:
        if what in words:
            return meant_of(bridge, what, pick)
    if what == "call":
        live = [code for code in POINTS if bridge.is_live(code)] or POINTS
        return commands.PlaceCall(live[pick % len(live)], "center")
    if not active:
        return commands.PlaceCall(point, "center")
    call = active[pick % len(active)]
    if what in {"stop", "start"}:
        return commands.ReportMedia(f"point:{call.point}", "video" if pick % 2 else "audio", what == "start", "x")
    if what == "end":
        return commands.EndCall(call.id, "center") if call.answered_at else commands.CancelCall(call.id, "center")
    return onward(call, pick)


def opened(bridge: Bridge) -> list[Event]:
    """Open the session, with most points there, and give the log."""
    log = bridge.handle(commands.OpenSession("Họp", "center"), START)
    for point in POINTS[1:]:
        log += bridge.handle(commands.PointArrived(point), START)
    return log


def check(bridge: Bridge) -> None:
    """What holds of every state of every session."""
    active = bridge.active_calls()
    assert len(active) <= RULES.monitors
    assert len({call.point for call in active}) == len(active)
    assert len({call.monitor for call in active}) == len(active)
    assert not any(call.is_over for call in active)
    on_air = bridge.on_air()
    assert len(on_air) <= RULES.max_on_air
    assert all(call.state is CallState.ON_AIR and call.guest for call in on_air)
    assert {call.id for call in active if call.state is CallState.ON_AIR} == {call.id for call in on_air}
    assert len({call.guest for call in on_air}) == len(on_air)
    over = [call for call in bridge.calls.values() if call.is_over]
    assert len(over) <= RULES.kept_calls
    for call in over:
        assert (call.state is CallState.FAILED) == (call.cause is not None) == (call.evidence is not None)
        assert (call.deadline, call.monitor, call.guest, call.interrupted_at) == (None, None, None, None)
        assert call.ended_at is not None
        assert call.trail[-1].what == call.state
    for call in active:
        times = (call.placed_at, call.ringing_at, call.delivered_at, call.answered_at, call.connected_at)
        reached = [at for at in times if at is not None]
        assert reached == sorted(reached)
        assert None not in times[: len(reached)], "no step without the one before"
        talking = call.state in {CallState.CONNECTED, CallState.PREVIEW, CallState.ON_AIR}
        assert (call.deadline is None) == (talking and call.interrupted_at is None)
    assert bridge.live_count == sum(bridge.is_live(point.code) for point in DIRECTORY.points)
    for point in DIRECTORY.points:
        busy = bridge.active_call(point.code)
        state = bridge.point_state(point.code)
        if busy is not None and busy.state is not CallState.QUEUED:
            assert PointState.RINGING <= state <= PointState.ON_AIR
        else:
            assert (state in {PointState.READY, PointState.MISSED}) == bridge.is_live(point.code)
    asking = [roll_call for roll_call in bridge.roll_calls.values() if roll_call.is_asking]
    assert len(bridge.roll_calls) - len(asking) <= RULES.kept_roll_calls
    assert {point: each.id for each in asking for point in each.points} == {
        point: each.id for point, each in bridge.state.asked.items()
    }
    for roll_call in bridge.roll_calls.values():
        check_roll_call(bridge, roll_call)
    check_floor(bridge)
    check_matters(bridge)
    check_papers(bridge)
    plan = plan_of(bridge)
    for name, feed_list in plan.slots.items():
        assert len(set(feed_list)) == len(feed_list), name
    check_talks(bridge)


def check_talks(bridge: Bridge) -> None:
    """Who speaks, speaks in an answered call that goes on, to one point at a time, and in nobody else's slots."""
    talks, plan = bridge.state.talks, plan_of(bridge)
    assert all(bridge.calls[call].answered_at is not None and not bridge.calls[call].is_over for call in talks)
    assert len({talk.by for talk in talks.values()}) == len(talks)
    assert set(plan.private) == {f"point:{bridge.calls[call].point}" for call in talks}
    assert not any(feed.startswith("talk:") for feeds in plan.slots.values() for feed in feeds)
    for own in plan.private.values():
        (slot,) = own
        assert slot in {"guest1", "guest2"}
        assert own[slot][0].startswith("talk:")
        assert own[slot][1:] == plan.slots[slot]


def check_matters(bridge: Bridge) -> None:
    """Every call has its record, nothing is kept of forgotten ones, and what runs has something that moves it on."""
    state, matters = bridge.state, bridge.state.matters
    assert {call.record for call in bridge.calls.values()} <= set(matters.by_id)
    for matter in matters.by_id.values():
        ladders = [matters.ladders[ladder] for ladder in matter.ladders]
        assert any(call in bridge.calls for call in matter.calls) or any(ladder.is_running for ladder in ladders)
        assert sum(ladder.is_running for ladder in ladders) <= 1
    assert {ladder for matter in matters.by_id.values() for ladder in matter.ladders} == set(matters.ladders)
    for ladder in matters.ladders.values():
        current = [number for number, rung in enumerate(ladder.rungs) if rung.state is StepState.CURRENT]
        assert current == ([ladder.current] if ladder.is_running else [])
        assert (ladder.deadline is not None) == ladder.is_running == (ladder.ended_at is None)
    for point, waiting in matters.unexplained.items():
        assert waiting
        assert all(bridge.calls[call].point == point and bridge.calls[call].explained_at is None for call in waiting)
    for waiting_alerts in matters.alerts.values():
        assert all(matters.ladders[ladder].rungs[step].confirmed_at is None for ladder, step in waiting_alerts.items())
    for call_list in state.call_lists.values():
        current_items = [item for item in call_list.items if item.state is ItemState.CURRENT]
        assert len(current_items) == (call_list.current is not None)
        for item in current_items:
            assert not bridge.calls[item.call].is_over
        if call_list.is_running and call_list.is_auto and not current_items:
            assert len(bridge.active_calls()) == RULES.monitors, "only a monitor is waited for"


def check_floor(bridge: Bridge) -> None:
    """One holder at most; whoever speaks is on air, and alone unless somebody else was taken there by hand."""
    floor = bridge.state.floor
    assert {request.point for request in floor.requests.values()} == set(floor.by_point)
    assert [request for request in floor.requests.values() if request.holds] == ([floor.holder] if floor.holder else [])
    if floor.holder is not None:
        call = bridge.active_call(floor.holder.point)
        assert call is not None
        speaks = floor.holder.state is FloorState.SPEAKING
        assert speaks == (call.state is CallState.ON_AIR) == (floor.holder.deadline is not None)


def check_papers(bridge: Bridge) -> None:
    """An item that is called or speaks has the floor; directives add up; each draw can be drawn again by what it says."""
    agenda, holder = bridge.state.agenda, bridge.state.floor.holder
    held = [item for item in agenda.items.values() if item.state in {AgendaState.CALLED, AgendaState.SPEAKING}]
    assert held == ([agenda.current] if agenda.current is not None else [])
    if agenda.current is not None:
        assert holder is not None
        assert (agenda.current.point, agenda.current.state.value) == (holder.point, holder.state.value)
    assert sum(item.spoken_ms for item in agenda.items.values()) <= sum(agenda.spoken_ms.values())
    for directive in bridge.state.directives.kept.values():
        answers = [directive.answer(point) for point in directive.points]
        total = directive.total
        assert (total.asked, total.present, total.late) == (
            len(answers),
            answers.count(Answer.IN_TIME),
            answers.count(Answer.LATE),
        )
        assert (directive.id in bridge.state.directives.running) == (directive.state is DirectiveState.RUNNING)
    proposals = bridge.state.proposals
    assert proposals.open_count == sum(each.is_open for each in proposals.kept.values())
    for draw in bridge.state.draws.kept.values():
        assert len(draw.drawn) == draw.k


def check_roll_call(bridge: Bridge, roll_call: RollCall) -> None:
    """Every point is in one state, the counters are their number, and whoever was reached is known to have been."""
    states = [roll_call.presence(point) for point in roll_call.points]
    assert None not in states
    assert (Presence.WAITING in states) <= roll_call.is_asking
    assert (Presence.ABSENT in states or Presence.LATE in states) <= (not roll_call.is_asking)
    total = roll_call.total
    assert (total.asked, total.present, total.late) == (len(states), states.count(Presence.PRESENT), states.count(Presence.LATE))
    assert total.silent == len(roll_call.reached - set(roll_call.confirmed))
    if roll_call.is_asking:
        assert all(point in roll_call.reached for point in roll_call.points if bridge.is_live(point))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(steps)
def test_a_random_meeting(meeting: list[Step]) -> None:
    bridge = Bridge("main", DIRECTORY, RULES)
    now = START
    log = opened(bridge)
    version = plan_of(bridge).version
    for step in meeting:
        now += step[0]
        if step[3]:
            log += bridge.handle_timeout(now)
            due = bridge.next_timeout()
            assert due is None or due > now
        refused: BridgeError | None = None
        try:
            log += bridge.handle(meant(bridge, step), now)
        except BridgeError as error:
            refused = error
        assert refused is None or refused.fault != "bug", refused
        assert plan_of(bridge).version >= version
        version = plan_of(bridge).version
        check(bridge)
    json.dumps([calls_view(bridge), stage_view(bridge), frame_view(bridge), plan_of(bridge).to_dict()])
    assert all(event.at <= now for event in log)
    records = [json.loads(json.dumps(encode_event(event))) for event in log]
    decoded = [decode_event(record) for record in records]
    assert decoded == log
    assert all(verify(event) for event in decoded if isinstance(event, PointsDrawn))
    replayed = Bridge("main", DIRECTORY, RULES)
    for event in decoded:
        replayed.apply(event)
    assert replayed.snapshot() == bridge.snapshot()
    assert plan_of(replayed) == plan_of(bridge)
    assert replayed.next_timeout() == bridge.next_timeout()
    assert replayed.state_frame() == bridge.state_frame()
    assert [call_view(call) for call in replayed.calls.values()] == [call_view(call) for call in bridge.calls.values()]


@settings(max_examples=40, deadline=None)
@given(steps, st.integers(0, 60))
def test_a_session_taken_over_in_the_middle_goes_on_as_if_nothing_had_happened(meeting: list[Step], cut: int) -> None:
    """Two processes, the second from the log alone: the same commands then give the same events."""
    first = Bridge("main", DIRECTORY, RULES)
    now = START
    log = opened(first)
    second: Bridge | None = None
    for number, step in enumerate(meeting):
        now += step[0]
        if number == cut:
            second = Bridge("main", DIRECTORY, RULES)
            for event in log:
                second.apply(event)
        command = meant(first, step)
        happened = answer(first, command, now, timer_first=step[3])
        if second is not None:
            assert answer(second, command, now, timer_first=step[3]) == happened
        log += happened[0]
    if second is not None:
        assert second.snapshot() == first.snapshot()


def answer(bridge: Bridge, command: Command, now: int, *, timer_first: bool) -> tuple[list[Any], str]:
    """The events, and the code of the refusal if there was one."""
    happened = list(bridge.handle_timeout(now)) if timer_first else []
    try:
        return [*happened, *bridge.handle(command, now)], ""
    except BridgeError as refused:
        return happened, refused.code


@settings(max_examples=40, deadline=None)
@given(steps)
def test_closing_leaves_nothing_behind(meeting: list[Step]) -> None:
    bridge = Bridge("main", DIRECTORY, RULES)
    now = START
    opened(bridge)
    for step in meeting:
        now += step[0]
        answer(bridge, meant(bridge, step), now, timer_first=step[3])
    bridge.handle(commands.CloseSession("center"), now)
    assert bridge.active_calls() == []
    assert all(call.state in OVER for call in bridge.calls.values())
    assert bridge.state.floor.holder is None
    assert not any(roll_call.is_asking for roll_call in bridge.roll_calls.values())
    assert bridge.state.matters.running() == []
    assert not any(call_list.is_running for call_list in bridge.state.call_lists.values())
    assert bridge.next_timeout() is None
    assert not any(plan_of(bridge).slots.values())
    assert bridge.handle_timeout(now + 10**9) == []
    for point in DIRECTORY.points:
        with pytest.raises(BridgeError):
            bridge.handle(commands.PlaceCall(point.code, "center"), now)
