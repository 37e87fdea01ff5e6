"""Events and directories as dictionaries: stable, exact, suspicious."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import events
from bridge.agenda_events import AgendaSet
from bridge.calls import Evidence
from bridge.codec import EVENT_NAMES, decode_directory, decode_event, encode_directory, encode_event
from bridge.errors import BridgeError
from bridge.escalation import Step
from bridge.events import Event
from bridge.machine import Cause
from bridge.matter_events import EscalationStarted
from bridge.points import Report
from bridge.roster import Contact, Shift
from tests.bridge.scene import SEEN, START, small_directory

texts = st.text(max_size=20)
lists = st.lists(texts, max_size=5).map(tuple)
times = st.integers(0, 2**53)
maybe_times = st.none() | times
reports = st.builds(
    Report,
    visible=st.none() | st.booleans(),
    camera=st.sampled_from(["ok", "absent", "refused", "unknown"]),
    microphone=st.sampled_from(["ok", "absent", "refused", "unknown"]),
    rtt_ms=st.none() | st.floats(0, 1e6) | st.integers(0, 1000),
    device=st.none() | texts,
)
evidence = st.builds(
    Evidence,
    point_live=st.booleans(),
    last_seen=maybe_times,
    offline_since=maybe_times,
    left_reason=st.none() | texts,
    rings_sent=st.integers(0, 9),
    rang_at=maybe_times,
    delivered_at=maybe_times,
    answered_at=maybe_times,
    deadline=maybe_times,
    video=st.booleans(),
    audio=st.booleans(),
    device=st.none() | texts,
    detail=texts,
    report=st.none() | reports,
)
steps = st.builds(Step, texts, texts, texts, texts, texts)
contacts = st.builds(Contact, texts, texts, texts, texts, texts)
shifts = st.builds(Shift, times, times, st.lists(contacts, max_size=2).map(tuple))
numbers = st.lists(st.integers(0, 2**53), max_size=5).map(tuple)
FIELDS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "session_prepared": {
        "title": texts,
        "kind": texts,
        "units": lists,
        "center": texts,
        "level": st.integers(0, 9),
        "by": texts,
        "recording": texts,
    },
    "point_engaged": {"point": texts, "session": texts, "title": texts, "level": st.integers(0, 9), "by": texts},
    "point_released": {"point": texts, "session": texts},
    "session_opened": {"title": texts, "by": texts},
    "session_closed": {"by": texts},
    "recording_started": {"by": texts},
    "recording_stopped": {"by": texts},
    "point_arrived": {"point": texts, "report": st.none() | reports},
    "point_left": {"point": texts, "reason": texts},
    "point_reported": {"point": texts, "report": reports},
    "media_started": {"feed": texts, "kind": texts},
    "media_stopped": {"feed": texts, "kind": texts, "reason": texts},
    "call_placed": {
        "call": texts,
        "point": texts,
        "by": texts,
        "monitor": st.none() | st.integers(1, 4),
        "deadline": maybe_times,
        "level": st.integers(0, 9),
        "record": texts,
        "together": texts,
    },
    "call_ringing": {"call": texts, "deadline": times},
    "call_delivered": {"call": texts, "deadline": times, "report": st.none() | reports},
    "call_answered": {"call": texts, "deadline": times, "report": st.none() | reports},
    "call_connected": {"call": texts, "kind": texts},
    "call_previewed": {"call": texts, "by": texts},
    "call_taken": {"call": texts, "by": texts, "guest": st.integers(1, 2)},
    "call_take_announced": {"call": texts, "by": texts, "air_at": times},
    "call_take_cancelled": {"call": texts, "by": texts, "reason": texts},
    "call_taken_off_air": {"call": texts, "by": texts},
    "call_interrupted": {"call": texts, "deadline": times, "reason": texts},
    "call_resumed": {"call": texts, "kind": texts},
    "call_ended": {"call": texts, "by": texts},
    "call_failed": {"call": texts, "cause": st.sampled_from(Cause), "by": texts, "evidence": evidence},
    "call_noted": {"call": texts, "what": texts, "by": texts, "note": texts, "report": st.none() | reports},
    "call_clock_restarted": {"call": texts, "deadline": times, "by": texts},
    "roll_call_started": {"roll_call": texts, "by": texts, "units": lists, "points": lists, "deadline": times},
    "presence_confirmed": {
        "roll_call": texts,
        "point": texts,
        "name": texts,
        "function": texts,
        "report": st.none() | reports,
    },
    "roll_call_extended": {"roll_call": texts, "deadline": times, "by": texts},
    "roll_call_closed": {"roll_call": texts, "by": texts},
    "floor_asked": {"request": texts, "point": texts, "subject": texts, "by": texts},
    "floor_withdrawn": {"request": texts, "by": texts},
    "floor_given": {"request": texts, "by": texts, "duration_ms": times},
    "floor_started": {"request": texts, "deadline": times},
    "floor_warned": {"request": texts},
    "floor_extended": {"request": texts, "deadline": times, "by": texts},
    "floor_missed": {"request": texts, "by": texts},
    "floor_taken_back": {"request": texts, "by": texts},
    "point_called_back": {"call": texts, "by": texts, "note": texts},
    "call_explained": {"call": texts, "by": texts, "name": texts, "text": texts},
    "call_list_started": {
        "call_list": texts,
        "points": lists,
        "auto": st.booleans(),
        "by": texts,
        "level": st.integers(0, 9),
    },
    "call_list_continued": {"call_list": texts, "by": texts},
    "call_list_moved": {"call_list": texts, "place": st.integers(0, 99), "ring": texts},
    "call_list_skipped": {"call_list": texts, "place": st.integers(0, 99), "reason": texts},
    "call_list_ended": {"call_list": texts, "state": texts, "by": texts},
    "escalation_started": {"escalation": texts, "record": texts, "steps": st.lists(steps, max_size=3).map(tuple), "by": texts},
    "escalation_stepped": {"escalation": texts, "step": st.integers(0, 41), "deadline": times, "ring": texts},
    "contact_marked": {"escalation": texts, "step": st.integers(0, 41), "outcome": texts, "note": texts, "by": texts},
    "alert_confirmed": {
        "escalation": texts,
        "step": st.integers(0, 41),
        "reached": st.booleans(),
        "name": texts,
        "text": texts,
        "by": texts,
    },
    "escalation_ended": {"escalation": texts, "state": texts, "by": texts},
    "escalation_clock_restarted": {"escalation": texts, "deadline": times, "by": texts},
    "roster_set": {"point": texts, "shifts": st.lists(shifts, max_size=2).map(tuple), "by": texts},
    "shift_confirmed": {"point": texts, "start": times, "name": texts, "by": texts},
    "agenda_set": {"items": lists, "points": lists, "subjects": lists, "durations_ms": numbers, "by": texts},
    "agenda_item_called": {"item": texts, "by": texts},
    "agenda_item_missed": {"item": texts, "by": texts},
    "agenda_item_skipped": {"item": texts, "by": texts},
    "directive_issued": {
        "directive": texts,
        "title": texts,
        "text": texts,
        "units": lists,
        "points": lists,
        "deadline": times,
        "session": texts,
        "by": texts,
    },
    "directive_acknowledged": {"directive": texts, "point": texts, "name": texts, "function": texts},
    "directive_due": {"directive": texts},
    "directive_withdrawn": {"directive": texts, "by": texts},
    "proposal_sent": {"proposal": texts, "point": texts, "text": texts, "unit": texts, "session": texts},
    "proposal_forwarded": {"proposal": texts, "unit": texts, "text": texts, "by": texts},
    "proposal_answered": {"proposal": texts, "outcome": texts, "text": texts, "by": texts},
    "talkback_started": {"call": texts, "by": texts, "deadline": times},
    "talkback_renewed": {"call": texts, "deadline": times},
    "talkback_stopped": {"call": texts, "by": texts},
    "points_drawn": {
        "draw": texts,
        "seed": texts,
        "k": st.integers(1, 100),
        "units": lists,
        "filter": texts,
        "candidates": lists,
        "last_called": numbers,
        "drawn_before": lists,
        "drawn": lists,
        "by": texts,
    },
    "point_called_elsewhere": {"point": texts, "session": texts, "called_at": times},
}
any_event = st.one_of([st.builds(EVENT_NAMES[name], at=times, **fields) for name, fields in FIELDS.items()])


def test_every_event_has_a_name_and_every_name_an_event() -> None:
    assert set(EVENT_NAMES.values()) == set(Event.__args__)
    assert len(set(EVENT_NAMES.values())) == len(EVENT_NAMES)
    assert set(FIELDS) == set(EVENT_NAMES)


@given(any_event)
def test_what_is_encoded_is_decoded_through_json(event: Event) -> None:
    record = json.loads(json.dumps(encode_event(event)))
    assert decode_event(record) == event


def test_the_form_in_the_log_stays_what_it_is() -> None:
    """Logs outlive code: this literal may gain siblings and never change."""
    failed = events.CallFailed(START, "c1", Cause.OFFLINE, "server", Evidence(point_live=False, last_seen=START - 5))
    assert encode_event(failed) == {
        "v": 1,
        "type": "call_failed",
        "at": START,
        "call": "c1",
        "cause": "offline",
        "by": "server",
        "evidence": {
            "point_live": False,
            "last_seen": START - 5,
            "offline_since": None,
            "left_reason": None,
            "rings_sent": 0,
            "rang_at": None,
            "delivered_at": None,
            "answered_at": None,
            "deadline": None,
            "video": False,
            "audio": False,
            "device": None,
            "detail": "",
            "report": None,
        },
    }
    assert encode_event(events.PointArrived(START, "27265", SEEN)) == {
        "v": 1,
        "type": "point_arrived",
        "at": START,
        "point": "27265",
        "report": {"visible": True, "camera": "ok", "microphone": "ok", "rtt_ms": 12.5, "device": "Chromium"},
    }


def test_a_field_that_came_later_may_be_missing_from_an_older_record() -> None:
    placed = events.CallPlaced(START, "c1", "27265", "center", 1, START + 1)
    record = encode_event(placed)
    assert record["record"] == record["together"] == ""
    older = {key: value for key, value in record.items() if key not in {"record", "together", "level"}}
    assert decode_event(older) == placed
    with pytest.raises(BridgeError):
        decode_event({key: value for key, value in record.items() if key != "monitor"})


STEPS = encode_event(EscalationStarted(START, "e1", "c1", (Step("phone", "Lan", "", "0901", ""),), "center"))["steps"]


@pytest.mark.parametrize(
    "steps", [None, {}, ["phone"], [None], [{}], [{**STEPS[0], "extra": 1}], [{**STEPS[0], "name": 1}], [STEPS]]
)
def test_what_is_no_list_of_steps(steps: Any) -> None:
    record = encode_event(EscalationStarted(START, "e1", "c1", (), "center"))
    assert decode_event({**record, "steps": STEPS})
    with pytest.raises(BridgeError):
        decode_event({**record, "steps": steps})


@pytest.mark.parametrize("points", ["27265", ["27265", 1], [None], {"27265": 1}, None, 7])
def test_what_is_no_list_of_codes(points: Any) -> None:
    record = encode_event(events.RollCallStarted(START, "r1", "center", ("VN",), ("27265",), START + 1))
    assert record["points"] == ["27265"]
    with pytest.raises(BridgeError):
        decode_event({**record, "points": points})


@pytest.mark.parametrize("durations", [1, [1, "1"], [True], [1.0], [None], None])
def test_what_is_no_list_of_numbers(durations: Any) -> None:
    record = encode_event(AgendaSet(START, ("i1",), ("27265",), ("",), (60_000,), "center"))
    assert record["durations_ms"] == [60_000]
    with pytest.raises(BridgeError):
        decode_event({**record, "durations_ms": durations})


GOOD: dict[Any, Any] = encode_event(events.CallAnswered(START, "c1", START + 1, SEEN))


@pytest.mark.parametrize(
    "record",
    [
        {},
        None,
        [],
        "x",
        {**GOOD, "v": 2},
        {**GOOD, "v": None},
        {**GOOD, "type": "call_exploded"},
        {**GOOD, "type": None},
        {**GOOD, "type": ["call_answered"]},
        {key: value for key, value in GOOD.items() if key != "deadline"},
        {**GOOD, "extra": 1},
        {**GOOD, 7: 1},
        {**GOOD, "at": "now"},
        {**GOOD, "at": True},
        {**GOOD, "at": 1.5},
        {**GOOD, "at": None},
        {**GOOD, "call": 1},
        {**GOOD, "report": "fine"},
        {**GOOD, "report": {**GOOD["report"], "camera": "broken"}},
        {**GOOD, "report": {**GOOD["report"], "camera": ["ok"]}},
        {**GOOD, "report": {**GOOD["report"], "visible": 1}},
        {**GOOD, "report": {**GOOD["report"], "rtt_ms": True}},
        {**GOOD, "report": {**GOOD["report"], "rtt_ms": float("nan")}},
    ],
)
def test_what_is_no_record_of_ours(record: Any) -> None:
    with pytest.raises(BridgeError) as refused:
        decode_event(record)
    assert (refused.value.code, refused.value.fault) == ("corrupt_record", "bug")


def test_fields_that_came_later_may_be_missing_in_old_records() -> None:
    assert decode_event({**GOOD, "report": {"visible": True}}) == events.CallAnswered(
        START, "c1", START + 1, Report(visible=True)
    )
    failed = events.CallFailed(START, "c1", Cause.OFFLINE, "server", Evidence(point_live=True))
    record = encode_event(failed)
    assert decode_event({**record, "evidence": {"point_live": True}}) == failed
    with pytest.raises(BridgeError):
        decode_event({**record, "evidence": {"last_seen": None}})


def test_an_unknown_cause() -> None:
    record = encode_event(events.CallFailed(START, "c1", Cause.OFFLINE, "server", Evidence(point_live=False)))
    for cause in ("bored", None, 1, ["offline"]):
        with pytest.raises(BridgeError):
            decode_event({**record, "cause": cause})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.sampled_from(sorted(EVENT_NAMES)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(any_event, st.data())
def test_a_damaged_record_raises_one_kind_of_error(event: Event, data: st.DataObject) -> None:
    record: dict[Any, Any] = encode_event(event)
    key = data.draw(st.sampled_from(sorted(record)))
    record[key] = data.draw(json_values)
    code = ""
    try:
        decoded = decode_event(record)
    except BridgeError as error:
        code = error.code
    if code:
        assert code == "corrupt_record"
    else:  # what is read is written: the record, and the defaults of fields that it lacked
        assert is_within(record, encode_event(decoded))


def is_within(part: Any, whole: Any) -> bool:
    """Whether ``whole`` has everything of ``part`` and, in dictionaries, perhaps more."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and is_within(value, whole[key]) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(is_within, part, whole))
    return bool(part == whole)


def test_a_directory_goes_and_comes_back() -> None:
    directory = small_directory()
    back = decode_directory(json.loads(json.dumps(encode_directory(directory))))
    assert (back.version, back.units, back.points) == (directory.version, directory.units, directory.points)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"units": []},
        {"units": 1, "points": []},
        {"units": [["A", "x", None]], "points": []},
        {"units": [["A", None, None, ""]], "points": []},
        {"units": [["A", "x", 1, ""]], "points": []},
        {"units": ["ABCD"], "points": []},
        {"units": [["A", "x", None, ""]], "points": [["A", "A", None]]},
        {"units": [["A", "x", "B", ""]], "points": []},
        {"units": [["a b", "x", None, ""]], "points": []},
    ],
)
def test_what_is_no_directory(record: dict[str, Any]) -> None:
    with pytest.raises(BridgeError):
        decode_directory(record)
