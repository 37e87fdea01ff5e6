"""Records of calls, lists, escalations, alerts and rosters as PROTOCOL.md sends them, and the messages that carry them."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, StringConstraints

from signaling.message_fields import CallState, Cause, Code, Count, ServerModel, Text100, Text200, Text600, Time

MAX_STEPS: Final = 42
MAX_LIST_ITEMS: Final = 100
MAX_MISSED: Final = 10
MAX_SHIFTS: Final = 31
MAX_CONTACTS: Final = 10
MAX_SHIFTS_TOLD: Final = 4
MAX_RECORD_CALLS: Final = 100
MAX_RECORD_LINES: Final = 2_000

Text2000: TypeAlias = Annotated[str, StringConstraints(max_length=2_000)]
StepKind: TypeAlias = Literal["phone", "point", "above"]
Outcome: TypeAlias = Literal["reached", "no_answer", "wrong_number", "refused", "timeout", "not_placed"]
LadderState: TypeAlias = Literal["running", "reached", "exhausted", "stopped"]
Place: TypeAlias = Annotated[int, Field(ge=0, le=99)]


class StepView(ServerModel):
    """One step of an escalation."""

    step: Place
    kind: StepKind
    name: Text200
    function: Text200
    target: Text100
    contact_note: Text200
    state: Literal["waiting", "current", "reached", "failed", "left"]
    started_at: Time | None
    deadline: Time | None
    ended_at: Time | None
    outcome: Outcome | None
    note: Text200
    by: Text200 | None
    ring: Code | None
    confirmed_at: Time | None
    confirmed_name: Text100
    confirmed_text: Text2000


class LadderView(ServerModel):
    """An escalation with its steps."""

    id: Code
    record: Code
    point: Code
    point_name: Text200
    cause: Cause | None
    by: Text200
    state: LadderState
    current: Place | None
    deadline: Time | None
    started_at: Time
    ended_at: Time | None
    ended_by: Text200 | None
    steps: Annotated[tuple[StepView, ...], Field(max_length=MAX_STEPS)]


class ItemView(ServerModel):
    """One point of a list of calls."""

    point: Code
    point_name: Text200
    state: Literal["waiting", "current", "done", "failed", "skipped"]
    call: Code | None
    reason: Text100 | None


class CallListView(ServerModel):
    """A list of points that are called one after the other."""

    id: Code
    by: Text200
    auto: bool
    state: Literal["running", "done", "stopped"]
    current: Place | None
    started_at: Time
    ended_at: Time | None
    items: Annotated[tuple[ItemView, ...], Field(max_length=MAX_LIST_ITEMS)]


class MissedView(ServerModel):
    """A call that a point missed and has not explained."""

    id: Code
    record: Code
    by: Text200
    state: CallState
    cause: Cause | None
    placed_at: Time
    ended_at: Time | None
    called_back_at: Time | None
    explained_at: Time | None


class ContactView(ServerModel):
    """Somebody on a shift."""

    name: Text100
    function: Text100
    kind: Literal["point", "phone"]
    target: Text100
    note: Text200


class ShiftView(ServerModel):
    """A shift and its confirmation."""

    start: Time
    end: Time
    contacts: Annotated[tuple[ContactView, ...], Field(max_length=MAX_CONTACTS)]
    confirmed_at: Time | None
    confirmed_by: Text100 | None


class PersonView(ServerModel):
    """Somebody who may say that they are there."""

    name: Text100
    function: Text100


class Sentence(ServerModel):
    """One sentence for people, in both languages."""

    vi: Text600
    en: Text600


class AlertView(ServerModel):
    """What the desk of a unit above is told of a point below it that nobody reached."""

    record: Code
    escalation: Code
    point: Code
    name: Text200
    cause: Cause | None
    text: Sentence
    at: Time
    deadline: Time | None


class EscalationMessage(ServerModel):
    """To a console: an escalation moved."""

    type: Literal["escalation"] = "escalation"
    escalation: LadderView


class CallListMessage(ServerModel):
    """To a console: a list of calls moved."""

    type: Literal["call_list"] = "call_list"
    call_list: CallListView


class MissedMessage(ServerModel):
    """To a point: what it missed in a session and has not explained, the newest first."""

    type: Literal["missed"] = "missed"
    session: Code
    calls: Annotated[tuple[MissedView, ...], Field(max_length=MAX_MISSED)]


class AlertMessage(ServerModel):
    """To the desk of a unit above: somebody below is not reached. To be confirmed."""

    type: Literal["alert"] = "alert"
    alert: AlertView


class AlertOver(ServerModel):
    """To such a desk: the alert is confirmed, or not needed any more."""

    type: Literal["alert_over"] = "alert_over"
    record: Code


class RosterMessage(ServerModel):
    """To a point: its present and coming shifts, and who may be named as present."""

    type: Literal["roster"] = "roster"
    shifts: Annotated[tuple[ShiftView, ...], Field(max_length=MAX_SHIFTS_TOLD)]
    confirm_early_s: Count
    names: Annotated[tuple[PersonView, ...], Field(max_length=MAX_CONTACTS)]


MatterMessage: TypeAlias = EscalationMessage | CallListMessage | MissedMessage | AlertMessage | AlertOver | RosterMessage
