"""What a roll call is asked to do, and what it answers."""

import pytest

from bridge.commands import (
    CloseRollCall,
    CloseSession,
    ConfirmPresence,
    PointArrived,
    PointLeft,
    Reconcile,
    StartRollCall,
)
from bridge.events import PresenceConfirmed, RollCallClosed, RollCallExtended, RollCallStarted
from bridge.points import Report
from bridge.rollcall import AbsenceCause, Presence, RollCall
from bridge.rules import Rules
from bridge.views import attendance_view, board_view, question_view
from tests.bridge.scene import FAR, OTHER, SEEN, START, WARD, Scene, kinds, refused, wide_directory
from tests.harness.effort import calls_in


def started(scene: Scene, *units: str, duration_ms: int = 60_000) -> RollCall:
    """Start a roll call and give it."""
    (event,) = scene.do(StartRollCall(units or ("VN",), duration_ms, "operator:lan"))
    assert isinstance(event, RollCallStarted)
    return scene.bridge.roll_calls[event.roll_call]


def here(roll_call: RollCall, point: str = WARD, name: str = "Lan", function: str = "Chủ tịch") -> ConfirmPresence:
    return ConfirmPresence(roll_call.id, point, name, function, SEEN)


def test_a_start_names_everybody_who_is_asked() -> None:
    scene = Scene()
    (event,) = scene.do(StartRollCall(("773", WARD), 60_000, "center"))
    assert event == RollCallStarted(START, "r1", "center", ("773",), ("773", WARD, OTHER), START + 60_000)
    assert scene.bridge.next_timeout() == START + 60_000
    assert scene.bridge.units_of("r1") == ("773",)
    assert scene.bridge.units_of("r2") is None


def test_what_cannot_be_started() -> None:
    scene = Scene()
    assert refused(scene, StartRollCall(("99",), 60_000, "x")).code == "unknown_unit"
    assert refused(scene, StartRollCall((), 60_000, "x")).code == "roll_call_nobody"
    assert refused(scene, StartRollCall(("VN",), 999, "x")).code == "roll_call_duration"
    assert refused(scene, StartRollCall(("VN",), 86_400_001, "x")).code == "roll_call_duration"
    assert refused(scene, StartRollCall(("VN",) * 101, 60_000, "x")).code == "roll_call_units"
    assert refused(Scene(opened=False), StartRollCall(("VN",), 60_000, "x")).code == "session_state"


def test_nobody_is_asked_twice_at_a_time_and_separate_scopes_run_side_by_side() -> None:
    scene = Scene()
    started(scene, "773")
    assert refused(scene, StartRollCall(("VN",), 60_000, "center")).code == "roll_call_running"
    assert refused(scene, StartRollCall((WARD,), 60_000, "center")).code == "roll_call_running"
    started(scene, "80", duration_ms=5_000)
    assert scene.bridge.next_timeout() == START + 5_000
    scene.tick(5_000)
    assert started(scene, "80").id == "r3"


def test_a_confirmation_in_time() -> None:
    scene = Scene()
    scene.arrive(WARD)
    roll_call = started(scene)
    (event,) = scene.do(here(roll_call, name="  Nguyễn\nThị Lan ", function="x" * 500), 2_000)
    assert event == PresenceConfirmed(START + 2_000, "r1", WARD, "Nguyễn Thị Lan", "x" * 100, None)
    assert roll_call.presence(WARD) is Presence.PRESENT
    assert scene.do(here(roll_call, name="Another")) == []
    assert scene.bridge.state.record(WARD).last_seen == START + 2_000


def test_a_report_is_kept_when_it_is_news() -> None:
    scene = Scene()
    scene.arrive(WARD)
    roll_call = started(scene)
    hidden = Report(visible=False, camera="ok")
    (event,) = scene.do(ConfirmPresence(roll_call.id, WARD, "Lan", "", hidden))
    assert isinstance(event, PresenceConfirmed)
    assert event.report == hidden
    assert scene.bridge.state.record(WARD).report == hidden


def test_what_is_no_confirmation() -> None:
    scene = Scene()
    roll_call = started(scene, "773")
    assert refused(scene, here(roll_call, name=" \n ")).code == "name_missing"
    assert refused(scene, here(roll_call, FAR)).code == "not_asked"
    assert refused(scene, here(roll_call, "stranger")).code == "unknown_point"
    assert refused(scene, ConfirmPresence("r9", WARD, "Lan")).code == "unknown_roll_call"


def test_the_deadline_and_the_two_causes() -> None:
    scene = Scene()
    scene.arrive(WARD)
    roll_call = started(scene, "773")
    scene.do(PointLeft(WARD), 1_000)
    assert scene.tick(58_999) == []
    assert scene.tick(1) == [RollCallClosed(START + 60_000, "r1", "clock")]
    assert roll_call.cause(WARD) is AbsenceCause.NO_ANSWER, "it was there to be asked"
    assert roll_call.cause(OTHER) is AbsenceCause.OFFLINE
    assert scene.bridge.next_timeout() is None


def test_who_comes_in_the_middle_is_asked() -> None:
    scene = Scene()
    roll_call = started(scene)
    assert scene.bridge.question_to(WARD) is roll_call
    scene.do(PointArrived(WARD, SEEN), 30_000)
    scene.tick(30_000)
    assert roll_call.cause(WARD) is AbsenceCause.NO_ANSWER


def test_late_while_the_session_is_open() -> None:
    scene = Scene()
    scene.arrive(WARD)
    roll_call = started(scene)
    scene.tick(60_000)
    assert scene.bridge.question_to(WARD) is roll_call
    scene.do(here(roll_call), 600_000)
    assert roll_call.presence(WARD) is Presence.LATE
    assert scene.bridge.question_to(WARD) is None
    assert scene.bridge.question_to("stranger") is None
    scene.do(CloseSession("center"))
    assert refused(scene, here(roll_call, OTHER)).code == "session_state"
    assert scene.do(here(roll_call)) == [], "a repetition is no refusal"
    assert scene.bridge.question_to(OTHER) is None


def test_an_answer_that_overtakes_the_timer_is_late() -> None:
    scene = Scene()
    roll_call = started(scene)
    assert kinds(scene.do(here(roll_call), 60_000)) == ["RollCallClosed", "PresenceConfirmed"]
    assert roll_call.presence(WARD) is Presence.LATE
    assert scene.tick(0) == []


def test_closing_by_hand() -> None:
    scene = Scene()
    roll_call = started(scene)
    assert scene.do(CloseRollCall("r1", "center"), 5) == [RollCallClosed(START + 5, "r1", "center")]
    assert refused(scene, CloseRollCall("r1", "center")).code == "roll_call_over"
    assert refused(scene, CloseRollCall("r2", "center")).code == "unknown_roll_call"
    assert (roll_call.closed_at, roll_call.closed_by) == (START + 5, "center")
    started(scene)


def test_closing_the_session_closes_what_asks() -> None:
    scene = Scene()
    started(scene, "79")
    started(scene, "80")
    scene.do(CloseRollCall("r1", "center"))
    assert kinds(scene.do(CloseSession("center"))) == ["RollCallClosed", "SessionClosed"]
    assert scene.bridge.next_timeout() is None


def test_a_takeover_gives_time_back() -> None:
    scene = Scene()
    started(scene, "79")
    started(scene, "80", duration_ms=5_000)
    happened = scene.do(Reconcile(frozenset({WARD}), "system"), 50_000)
    extended = [event for event in happened if isinstance(event, RollCallExtended)]
    assert extended == [
        RollCallExtended(START + 50_000, "r1", START + 80_000, "system"),
        RollCallExtended(START + 50_000, "r2", START + 55_000, "system"),
    ]
    assert scene.bridge.next_timeout() == START + 55_000
    assert scene.do(Reconcile(frozenset({WARD}), "system"), -45_000) == [], "there is time enough"


def test_only_the_newest_closed_ones_stay_in_memory() -> None:
    scene = Scene(Rules(kept_roll_calls=2))
    running = started(scene, "80")
    for _ in range(4):
        scene.do(CloseRollCall(started(scene, "79").id, "center"))
    assert list(scene.bridge.roll_calls) == [running.id, "r4", "r5"]
    assert scene.replayed().snapshot() == scene.bridge.snapshot()


def test_replay_gives_the_same() -> None:
    scene = Scene()
    scene.arrive(WARD)
    roll_call = started(scene)
    scene.do(here(roll_call))
    scene.arrive(FAR)
    scene.tick(60_000)
    scene.do(here(roll_call, OTHER), 5)
    assert scene.replayed().snapshot() == scene.bridge.snapshot()


def test_the_question_as_its_point_sees_it() -> None:
    scene = Scene()
    roll_call = started(scene)
    waiting = {
        "id": "r1",
        "state": "asking",
        "started_at": START,
        "deadline": START + 60_000,
        "presence": "waiting",
        "cause": None,
        "confirmed_at": None,
        "name": None,
        "function": None,
    }
    assert question_view(roll_call, WARD) == waiting
    scene.do(here(roll_call), 3)
    confirmed = {"presence": "present", "confirmed_at": START + 3, "name": "Lan", "function": "Chủ tịch"}
    assert question_view(roll_call, WARD) == waiting | confirmed


def rows(scene: Scene, roll_call: RollCall, *scope: str) -> list[tuple[str, int, int]]:
    view = board_view(roll_call, scene.bridge.directory, scope)
    assert view is not None
    units = view["units"]
    assert isinstance(units, list)
    return [(row["unit"], row["asked"], row["present"]) for row in units]


def test_the_board_of_a_scope_most_missing_first() -> None:
    scene = Scene()
    roll_call = started(scene)
    scene.do(here(roll_call, WARD))
    scene.do(here(roll_call, "79"))
    assert rows(scene, roll_call, "VN") == [("80", 3, 0), ("79", 4, 2)]
    assert rows(scene, roll_call, "79") == [("773", 3, 1), ("79", 1, 1)]
    assert rows(scene, roll_call, WARD) == [(WARD, 1, 1)]
    assert rows(scene, roll_call, "773", "801") == [("773", 3, 1), ("801", 2, 0)]
    assert board_view(roll_call, scene.bridge.directory, ("99",)) is None


def test_a_board_has_an_end() -> None:
    scene = Scene(directory=wide_directory(150))
    view = board_view(started(scene), scene.bridge.directory, ("VN",))
    assert view is not None
    assert isinstance(view["units"], list)
    assert (len(view["units"]), view["units_left_out"]) == (100, 50)


def test_the_points_of_a_unit_in_a_state() -> None:
    scene = Scene()
    scene.arrive(OTHER)
    roll_call = started(scene)
    scene.do(here(roll_call, WARD))
    scene.tick(60_000)
    missing = frozenset({Presence.WAITING, Presence.ABSENT})
    listed = list(attendance_view(roll_call, scene.bridge.directory, ("773", "773", "99"), missing))
    assert [(row["point"], row["presence"], row["cause"]) for row in listed] == [
        ("773", "absent", "offline"),
        (OTHER, "absent", "no_answer"),
    ]
    (there,) = attendance_view(roll_call, scene.bridge.directory, ("VN",), frozenset({Presence.PRESENT}))
    assert (there["point"], there["name"], there["function"]) == (WARD, "Lan", "Chủ tịch")


def test_ten_thousand_answers_are_cheap() -> None:
    """The whole country answers: some calls each, whoever answered before; see the benchmark for times."""
    scene = Scene(directory=wide_directory(9_811))
    roll_call = started(scene)

    def answer() -> None:
        for number in range(9_811):
            scene.bridge.handle(ConfirmPresence(roll_call.id, f"p{number}", "Lan", "Chủ tịch", SEEN), START + number)

    assert calls_in(answer) < 120 * 9_811, "63 an answer"
    assert roll_call.total.present == 9_811
    assert scene.bridge.handle_timeout(START + 60_000) == [RollCallClosed(START + 60_000, "r1", "clock")]


@pytest.mark.parametrize("duration_ms", [1_000, 86_400_000])
def test_the_shortest_and_the_longest(duration_ms: int) -> None:
    assert started(Scene(), duration_ms=duration_ms).deadline == START + duration_ms
