"""The witness sees what is missing, doubled, at another time, or behind a gap."""

from typing import Any

from tests.harness.witness import Witness

PLACED = {"type": "call_placed", "at": 10, "call": "c1", "point": "1"}
FAILED = {"type": "call_failed", "at": 20, "call": "c1"}
ARRIVED = {"type": "point_arrived", "at": 5, "point": "1"}
VIEW = {"id": "c1", "state": "failed", "placed_at": 10, "delivered_at": None, "answered_at": None, "ended_at": 20}


def faults(events: list[dict[str, Any]], numbers: list[int] | None = None) -> list[str]:
    witness = Witness()
    witness.call(VIEW)
    return witness.faults(events, numbers or list(range(1, len(events) + 1)))


def test_a_good_log_has_none() -> None:
    assert faults([ARRIVED, PLACED, FAILED, ARRIVED]) == []


def test_an_acknowledged_event_is_missing() -> None:
    (fault,) = faults([PLACED])
    assert fault.startswith("missing: ('call_failed'")


def test_an_event_is_there_twice() -> None:
    (fault,) = faults([PLACED, FAILED, FAILED])
    assert fault.startswith("2 times: ('call_failed'")


def test_an_event_nobody_acknowledged_may_be_there_but_not_twice() -> None:
    other = PLACED | {"call": "c2"}
    assert faults([PLACED, FAILED, other]) == []
    assert len(faults([PLACED, FAILED, other, other])) == 1


def test_another_time_than_was_told() -> None:
    (fault,) = faults([PLACED, FAILED | {"at": 21}])
    assert "told as [20]" in fault


def test_a_gap() -> None:
    (fault,) = faults([PLACED, FAILED], [1, 3])
    assert "gaps" in fault


def test_what_a_ladder_proves() -> None:
    witness = Witness()
    step = {
        "step": 0, "kind": "phone", "started_at": 1, "ended_at": 2, "outcome": "no_answer", "confirmed_at": None,
        "confirmed_text": "",
    }  # fmt: skip
    witness.ladder({"id": "e1", "started_at": 1, "ended_at": None, "steps": [step]})
    assert {kind for kind, _ in witness.facts} == {"escalation_started", "escalation_stepped", "contact_marked"}
