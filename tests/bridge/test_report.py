"""Reports: figures that can be counted by hand, and what a report never depends on."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.codec import decode_event, encode_event
from bridge.commands import (
    CloseSession,
    ConfirmPresence,
    EndCall,
    GiveFloor,
    OpenSession,
    PlaceCall,
    PointLeft,
    PrepareSession,
    StartRollCall,
    TakeBackFloor,
    TakeCall,
    TakeOffAir,
)
from bridge.directive_commands import AcknowledgeDirective, IssueDirective
from bridge.events import Event
from bridge.report import EVERYTHING, Report
from bridge.report_folds import add
from bridge.report_rows import FOREVER, Window
from bridge.report_units import Placed, unit_row, unit_rows
from tests.bridge.scene import FAR, OTHER, START, WARD, Scene, small_directory

DIRECTORY = small_directory()


def report_of(log: list[Event], now: int, window: Window = EVERYTHING) -> Report:
    report = Report(window, "main")
    for event in log:
        add(report, "main", event)
    report.finish(now)
    return report


def test_directives_acknowledged_in_time_and_late() -> None:
    scene = Scene()
    scene.do(IssueDirective("Tám việc", "Trực 24/7", ("79",), START + 60_000, "s7", "center"))
    scene.do(AcknowledgeDirective("d1", WARD, "Lan"))
    scene.do(AcknowledgeDirective("d1", OTHER, "Ba"), 60_000)
    report = report_of(scene.log, scene.now)
    (directive,) = report.directives_within()
    assert (directive.title, directive.session, len(directive.points)) == ("Tám việc", "s7", 4)
    of_points = [report.row(point) for point in (WARD, OTHER, "773")]
    assert [(row.directives, row.acknowledged, row.acknowledged_late) for row in of_points] == [(1, 1, 0), (1, 0, 1), (1, 0, 0)]


def test_presence_counts_while_the_session_is_open() -> None:
    scene = Scene(opened=False)
    scene.arrive(WARD)
    scene.now += 10_000
    scene.do(OpenSession("Phiên họp", "center"))
    scene.do(PointLeft(WARD, "gone"), 5_000)
    scene.now += 3_000
    scene.arrive(WARD)
    scene.now += 2_000
    report = report_of(scene.log, scene.now)
    row = report.row(WARD)
    assert row.live_ms == 7_000
    assert row.arrivals == 2
    assert (row.first_live_at, row.last_left_at) == (START, START + 15_000)
    assert report.row(OTHER).live_ms == 0


def test_what_comes_after_the_end_does_not_count() -> None:
    scene = Scene()
    scene.arrive(WARD)
    scene.do(CloseSession("center"), 4_000)
    scene.now += 60_000
    assert report_of(scene.log, scene.now).row(WARD).live_ms == 4_000


def test_calls_answers_and_time_on_air() -> None:
    scene = Scene()
    call = scene.connect(WARD)
    scene.do(TakeCall(call.id, "center"))
    scene.do(TakeOffAir(call.id, "center"), 20_000)
    scene.do(TakeCall(call.id, "center"), 5_000)
    scene.do(EndCall(call.id, "center"), 10_000)
    scene.do(PlaceCall(FAR, "operator:lan"), 1_000)
    report = report_of(scene.log, scene.now)
    ward, far = report.row(WARD), report.row(FAR)
    assert (ward.calls, ward.answered, ward.answer_ms, ward.on_air_ms) == (1, 1, [3_000], 30_000)
    assert (far.calls, far.answered, dict(far.causes)) == (1, 0, {"offline": 1})
    assert (far.explained, far.unexplained) == (0, 1)
    assert [row.call for row in report.calls_within()] == ["c1", "c2"]
    first, second = report.calls_within()
    assert (first.answer_ms, first.on_air_ms, first.cause) == (3_000, 30_000, None)
    assert (second.by, second.cause and second.cause.value, second.last_seen) == ("operator:lan", "offline", None)


def test_a_roll_call_with_one_in_time_one_late_and_the_rest_absent() -> None:
    scene = Scene()
    scene.arrive(WARD, OTHER)
    scene.do(StartRollCall(("79",), 60_000, "center"))
    scene.do(ConfirmPresence("r1", WARD, "Lan", "Chủ tịch"), 1_000)
    scene.tick(60_000)
    scene.do(ConfirmPresence("r1", OTHER, "Minh"), 1_000)
    report = report_of(scene.log, scene.now)
    figures = {point: (row.asked, row.present, row.late, row.absent) for point, row in report.points.items() if row.asked}
    assert figures == {"79": (1, 0, 0, 1), "773": (1, 0, 0, 1), WARD: (1, 1, 0, 0), OTHER: (1, 0, 1, 0)}
    assert report.roll_calls["r1"].is_in_time(WARD) is True
    assert report.roll_calls["r1"].is_in_time(OTHER) is False
    assert report.roll_calls["r1"].is_in_time("79") is None


def test_speaking_time_is_that_of_the_floor() -> None:
    scene = Scene()
    scene.connect(WARD)
    scene.do(GiveFloor(WARD, 60_000, "center"))
    scene.do(TakeBackFloor(WARD, "center"), 45_000)
    row = report_of(scene.log, scene.now).row(WARD)
    assert (row.speeches, row.speaking_ms) == (1, 45_000)


def test_whoever_speaks_is_on_air_or_is_here_when_the_report_is_made_is_counted_up_to_then() -> None:
    scene = Scene()
    scene.connect(WARD)
    scene.do(GiveFloor(WARD, 60_000, "center"))
    row = report_of(scene.log, scene.now + 9_000).row(WARD)
    assert (row.speaking_ms, row.on_air_ms) == (9_000, 9_000)


def test_a_window_cuts_what_lasts_and_counts_what_begins_in_it() -> None:
    scene = Scene()
    call = scene.connect(WARD)
    scene.do(TakeCall(call.id, "center"))
    begun = scene.now
    scene.do(EndCall(call.id, "center"), 30_000)
    scene.connect(OTHER)
    window = Window(begun + 10_000, begun + 20_000)
    report = report_of(scene.log, scene.now, window)
    assert report.row(WARD).on_air_ms == 10_000
    assert report.row(WARD).live_ms == 10_000
    assert report.row(WARD).calls == report.row(OTHER).calls == 0
    assert report.calls_within() == []


def test_units_add_up_what_is_below_them() -> None:
    scene = Scene()
    scene.connect(WARD)
    scene.do(PlaceCall(OTHER, "center"))
    scene.do(PlaceCall(FAR, "center"))
    report = report_of(scene.log, scene.now + 1_000)
    country, city, province = (unit_row(Placed(report, DIRECTORY), DIRECTORY, unit) for unit in ("VN", "79", "80"))
    assert (country.calls, city.calls, province.calls) == (3, 2, 1)
    assert (country.points, country.attended, city.attended, province.attended) == (7, 1, 1, 0)
    assert (city.answered, city.answer_ms_median, dict(city.causes)) == (1, 3_000, {"offline": 1})
    assert [row.unit for row in unit_rows(report, DIRECTORY, ["VN"])] == ["VN", "79", "80"]
    assert [row.unit for row in unit_rows(report, DIRECTORY, ["79", "773", "nowhere"], 1)] == ["79", "773", "27265", "27286"]
    assert len(unit_rows(report, DIRECTORY, ["VN"], 9)) == len(DIRECTORY.units)


def test_the_title_is_the_session_s() -> None:
    scene = Scene(opened=False)
    scene.do(PrepareSession("Giao ban", "meeting", ("79",), "79", "center"))
    assert report_of(scene.log, scene.now).titles == {"main": "Giao ban"}


STEPS = st.lists(st.tuples(st.sampled_from([WARD, OTHER, FAR]), st.sampled_from("alcre"), st.integers(0, 5_000)), max_size=25)


def played(steps: list[tuple[str, str, int]]) -> Scene:
    scene = Scene()
    for point, step, after_ms in steps:
        scene.now += after_ms
        call = scene.bridge.active_call(point)
        if step == "a":
            scene.arrive(point)
        elif step == "l":
            scene.do(PointLeft(point, "gone"))
        elif step == "c" and call is None:
            scene.do(PlaceCall(point, "center"))
        elif step == "r" and not scene.bridge.state.asked:
            scene.do(StartRollCall(("VN",), 10_000, "center"))
        elif step == "e":
            scene.tick(0)
    return scene


@settings(max_examples=60)
@given(STEPS)
def test_the_log_alone_makes_the_report(steps: list[tuple[str, str, int]]) -> None:
    scene = played(steps)
    now = scene.now + 1_000
    read_back = [decode_event(json.loads(json.dumps(encode_event(event)))) for event in scene.log]
    first, second = report_of(scene.log, now), report_of(read_back, now)
    assert first.points == second.points
    assert first.calls == second.calls
    for row in first.points.values():
        assert 0 <= row.live_ms <= now - START
        assert row.calls >= row.answered
        assert row.asked == row.present + row.late + row.absent


@settings(max_examples=60)
@given(STEPS, st.integers(0, 60_000))
def test_two_windows_side_by_side_add_up_to_one(steps: list[tuple[str, str, int]], cut: int) -> None:
    scene = played(steps)
    now = scene.now + 1_000
    whole = report_of(scene.log, now)
    before = report_of(scene.log, now, Window(0, START + cut))
    after = report_of(scene.log, now, Window(START + cut, FOREVER))
    for point, row in whole.points.items():
        one, two = before.row(point), after.row(point)
        assert row.live_ms == one.live_ms + two.live_ms
        assert (row.calls, row.asked, row.arrivals) == (one.calls + two.calls, one.asked + two.asked, one.arrivals + two.arrivals)
