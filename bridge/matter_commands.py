"""What can be asked about the record of calls: further calls, lists, call backs, explanations, escalations; and of rosters."""

from dataclasses import dataclass

from bridge.escalation import Step
from bridge.roster import Shift


@dataclass(frozen=True, slots=True)
class RetryCall:
    """Call the point of a call again, on the same record."""

    call: str
    by: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class PlaceCalls:
    """Call several points at once, all or none. ``together``: they go on air when connected, as far as there is room."""

    points: tuple[str, ...]
    together: bool
    by: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class StartCallList:
    """Call points one after the other, the first one now. ``auto``: the next as soon as a call is over."""

    points: tuple[str, ...]
    auto: bool
    by: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class NextCall:
    """End the list's current call, when it is in progress, and call the next point."""

    call_list: str
    by: str


@dataclass(frozen=True, slots=True)
class StopCallList:
    """Call no further point; a call in progress goes on."""

    call_list: str
    by: str


@dataclass(frozen=True, slots=True)
class CallBack:
    """A point asks to be called again about a call that failed."""

    call: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ExplainCall:
    """Somebody at a point says why a call failed. It may be said again: each is kept."""

    call: str
    name: str
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Escalate:
    """Try others for the point of a failed call; `roster.ladder_of` gives the steps."""

    call: str
    steps: tuple[Step, ...]
    by: str


@dataclass(frozen=True, slots=True)
class MarkContact:
    """Say what came of a step: one of `escalation.MARKED`."""

    call: str
    step: int
    outcome: str
    note: str
    by: str


@dataclass(frozen=True, slots=True)
class ConfirmAlert:
    """Somebody at an alerted desk confirms, and says whether they reached the point's people."""

    record: str
    point: str
    reached: bool
    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class StopEscalation:
    """Try nobody else."""

    call: str
    by: str


@dataclass(frozen=True, slots=True)
class SetRoster:
    """Replace the shifts of a point. The same shifts again change nothing."""

    point: str
    shifts: tuple[Shift, ...]
    by: str


@dataclass(frozen=True, slots=True)
class ConfirmShift:
    """Somebody at the point takes up its present shift, or the next one shortly before it starts."""

    point: str
    name: str
    by: str


MatterCommand = RetryCall | PlaceCalls | CallBack | ExplainCall
CallListCommand = StartCallList | NextCall | StopCallList
EscalationCommand = Escalate | MarkContact | ConfirmAlert | StopEscalation
RosterCommand = SetRoster | ConfirmShift
