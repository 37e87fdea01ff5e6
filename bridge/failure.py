"""How a call is made to fail: with one cause, and with the evidence that there is at that moment."""

from collections.abc import Sequence

from bridge import events
from bridge.calls import Call, evidence_of
from bridge.events import Event
from bridge.machine import Cause
from bridge.points import Report
from bridge.state import State


def failure(
    state: State,
    call: Call,
    cause: Cause,
    now: int,
    by: str,
    *,
    deadline: int | None = None,
    device: str | None = None,
    detail: str = "",
    report: Report | None = None,
    rang: Sequence[Event] = (),
) -> Event:
    """Give the event of a failing call; ``rang`` are the steps of the same moment that prove the ring."""
    evidence = evidence_of(
        call,
        state.record(call.point),
        state.media_of(call.point),
        deadline=deadline,
        device=device,
        detail=detail,
        report=report,
        rang_now=now if rang else None,
    )
    return events.CallFailed(now, call.id, cause, by, evidence)
