"""Calls, their trails and evidence."""

from bridge.calls import TRAIL_NOTES_MAX, Call, Evidence, TrailEntry, evidence_of
from bridge.machine import CallState
from bridge.points import PointRecord, Report
from tests.bridge.scene import SEEN, START


def a_call() -> Call:
    return Call("c1", "27265", "Phường 10", "center", START)


def test_steps_are_always_kept_and_remarks_up_to_a_bound() -> None:
    call = a_call()
    for number in range(TRAIL_NOTES_MAX + 50):
        call.remark(START + number, "reported", "point:27265")
    for number in range(100):
        call.step(START + number, "on_air", "center")
    assert [entry.what for entry in call.trail].count("reported") == TRAIL_NOTES_MAX
    assert [entry.what for entry in call.trail].count("on_air") == 100
    assert not call.can_note


def test_a_report_is_kept_even_where_its_line_is_not() -> None:
    call = a_call()
    for _ in range(TRAIL_NOTES_MAX):
        call.remark(START, "reported", "point:27265")
    call.remark(START, "reported", "point:27265", "", SEEN)
    assert call.report is SEEN


def test_a_later_line_without_a_report_keeps_the_report() -> None:
    call = a_call()
    call.step(START, "delivered", "point:27265", "", SEEN)
    call.step(START, "answered", "point:27265")
    assert call.report is SEEN


def test_voice_only() -> None:
    call = a_call()
    assert not call.is_voice_only
    for camera, voice_only in (("ok", False), ("unknown", False), ("absent", True), ("refused", True)):
        call.report = Report(camera=camera)
        assert call.is_voice_only is voice_only


def test_over_and_talking() -> None:
    call = a_call()
    for state in CallState:
        call.state = state
        assert call.is_over is (state in {CallState.ENDED, CallState.FAILED})
        assert call.is_talking is (state in {CallState.CONNECTED, CallState.PREVIEW, CallState.ON_AIR})


def test_the_entry_s_form() -> None:
    assert TrailEntry(START, "answered", "point:27265", "x", SEEN).to_dict() == {
        "at": START,
        "what": "answered",
        "by": "point:27265",
        "note": "x",
        "report": SEEN.to_dict(),
    }
    assert TrailEntry(START, "ringing", "server").to_dict()["report"] is None


def test_evidence_of_a_point_that_never_came() -> None:
    assert evidence_of(None, PointRecord(), frozenset()) == Evidence(point_live=False)


def test_evidence_of_a_call_that_rang() -> None:
    call = a_call()
    call.rings_sent, call.ringing_at, call.delivered_at, call.report = 2, START + 1, START + 2, SEEN
    record = PointRecord(is_live=True, last_seen=START + 2)
    evidence = evidence_of(call, record, frozenset({"audio"}), deadline=START + 9, detail="x", device="camera")
    assert evidence == Evidence(
        point_live=True,
        last_seen=START + 2,
        rings_sent=2,
        rang_at=START + 1,
        delivered_at=START + 2,
        deadline=START + 9,
        audio=True,
        device="camera",
        detail="x",
        report=SEEN,
    )


def test_evidence_of_a_ring_that_is_only_now_proven() -> None:
    evidence = evidence_of(a_call(), PointRecord(is_live=True), frozenset(), rang_now=START + 5)
    assert (evidence.rings_sent, evidence.rang_at, evidence.delivered_at) == (1, START + 5, START + 5)
    call = a_call()
    call.rings_sent, call.ringing_at = 2, START + 1
    evidence = evidence_of(call, PointRecord(is_live=True), frozenset(), rang_now=START + 5)
    assert (evidence.rings_sent, evidence.rang_at, evidence.delivered_at) == (2, START + 1, START + 5)


def test_the_newest_report_counts() -> None:
    call, old, older = a_call(), Report(device="old"), Report(device="older")
    record = PointRecord(report=older)
    assert evidence_of(call, record, frozenset()).report is older
    call.report = old
    assert evidence_of(call, record, frozenset()).report is old
    assert evidence_of(call, record, frozenset(), report=SEEN).report is SEEN


def test_evidence_s_form_has_every_field() -> None:
    names = set(Evidence.__dataclass_fields__)
    assert set(Evidence(point_live=True, report=SEEN).to_dict()) == names
    assert Evidence(point_live=True, report=SEEN).to_dict()["report"] == SEEN.to_dict()
