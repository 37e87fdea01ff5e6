"""Events on the record of calls: call backs, explanations, lists of calls, escalations; and of rosters."""

from dataclasses import dataclass

from bridge.escalation import Step
from bridge.roster import Shift


@dataclass(frozen=True, slots=True)
class PointCalledBack:
    """A point that missed a call asks to be called again."""

    at: int
    call: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class CallExplained:
    """Somebody at a point explains a call that it missed."""

    at: int
    call: str
    by: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class CallListStarted:
    """Points are to be called one after the other."""

    at: int
    call_list: str
    points: tuple[str, ...]
    auto: bool
    by: str
    level: int


@dataclass(frozen=True, slots=True)
class CallListContinued:
    """Somebody asked for the next point of a list."""

    at: int
    call_list: str
    by: str


@dataclass(frozen=True, slots=True)
class CallListMoved:
    """The point at ``place`` is called now: the call ``ring`` follows."""

    at: int
    call_list: str
    place: int
    ring: str


@dataclass(frozen=True, slots=True)
class CallListSkipped:
    """The point at ``place`` could not be called; ``reason`` is the code of the refusal."""

    at: int
    call_list: str
    place: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallListEnded:
    """A list is ``done`` or was ``stopped``."""

    at: int
    call_list: str
    state: str
    by: str


@dataclass(frozen=True, slots=True)
class EscalationStarted:
    """Others are tried for the point of a matter, in this order."""

    at: int
    escalation: str
    record: str
    steps: tuple[Step, ...]
    by: str


@dataclass(frozen=True, slots=True)
class EscalationStepped:
    """A step began; its clock ends at ``deadline``. ``ring`` is the call to another desk that follows, where it is one."""

    at: int
    escalation: str
    step: int
    deadline: int
    ring: str


@dataclass(frozen=True, slots=True)
class ContactMarked:
    """What came of a step. ``by`` is "clock" when its time ran out, "auto" when its ring was over."""

    at: int
    escalation: str
    step: int
    outcome: str
    note: str
    by: str


@dataclass(frozen=True, slots=True)
class AlertConfirmed:
    """Somebody at the desk of a unit above confirmed the alert, and says whether the point's people were reached."""

    at: int
    escalation: str
    step: int
    reached: bool
    name: str
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class EscalationEnded:
    """A ladder ended: ``reached``, ``exhausted`` or ``stopped``."""

    at: int
    escalation: str
    state: str
    by: str


@dataclass(frozen=True, slots=True)
class EscalationClockRestarted:
    """The clock of the current step was started afresh, because for a while nobody served it."""

    at: int
    escalation: str
    deadline: int
    by: str


@dataclass(frozen=True, slots=True)
class RosterSet:
    """The shifts of a point; those it had before are no more."""

    at: int
    point: str
    shifts: tuple[Shift, ...]
    by: str


@dataclass(frozen=True, slots=True)
class ShiftConfirmed:
    """Somebody at the point took up the shift that starts at ``start``."""

    at: int
    point: str
    start: int
    name: str
    by: str


MatterEvent = PointCalledBack | CallExplained
CallListEvent = CallListStarted | CallListContinued | CallListMoved | CallListSkipped | CallListEnded
EscalationEvent = (
    EscalationStarted | EscalationStepped | ContactMarked | AlertConfirmed | EscalationEnded | EscalationClockRestarted
)
RosterEvent = RosterSet | ShiftConfirmed
