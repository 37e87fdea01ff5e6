"""What happened, in the past tense. Events are the only truth: state is what they add up to.

``at`` is milliseconds since the Unix epoch on the clock of the process that owned the session; the order of events is the
order of the log, not of ``at``. Deadlines are in the events, so that other rules after a restart do not move a clock that
runs.

`PointArrived`, `PointLeft` and `PointReported` are also commands: being told and it having happened is the same thing there.
Import the two modules by name (``from bridge import commands, events``) where both are needed.
"""

from dataclasses import dataclass

from bridge.agenda_events import AgendaEvent
from bridge.calls import Evidence
from bridge.directive_events import DirectiveEvent
from bridge.draw_events import DrawEvent
from bridge.machine import Cause
from bridge.matter_events import CallListEvent, EscalationEvent, MatterEvent, RosterEvent
from bridge.points import Report
from bridge.proposal_events import ProposalEvent
from bridge.talkback_events import TalkbackEvent


@dataclass(frozen=True, slots=True)
class SessionPrepared:
    """It was said what the session is: kind, the units it is over, and the unit whose center presides, at which level."""

    at: int
    title: str
    kind: str
    units: tuple[str, ...]
    center: str
    level: int
    by: str
    recording: str = "manual"


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The session was opened."""

    at: int
    title: str
    by: str


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """The session was closed; its calls had ended before."""

    at: int
    by: str


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """The session is recorded from here on, and everybody in it sees that."""

    at: int
    by: str


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    """The session is recorded no more."""

    at: int
    by: str


@dataclass(frozen=True, slots=True)
class PointArrived:
    """A point's connection is live."""

    at: int
    point: str
    report: Report | None


@dataclass(frozen=True, slots=True)
class PointLeft:
    """A point has no live connection any more. The reason "reconciled": nobody saw it go, it was missing after a takeover."""

    at: int
    point: str
    reason: str


@dataclass(frozen=True, slots=True)
class PointReported:
    """A point's machine is different from what it reported before."""

    at: int
    point: str
    report: Report


@dataclass(frozen=True, slots=True)
class PointEngaged:
    """A higher level calls the point in another session, titled ``title``: it is taken out of this one."""

    at: int
    point: str
    session: str
    title: str
    level: int
    by: str


@dataclass(frozen=True, slots=True)
class PointReleased:
    """The higher level's call is over: the point is given back."""

    at: int
    point: str
    session: str


@dataclass(frozen=True, slots=True)
class MediaStarted:
    """Packets of a feed began to arrive; ``kind`` is video or audio."""

    at: int
    feed: str
    kind: str


@dataclass(frozen=True, slots=True)
class MediaStopped:
    """Packets of a feed ceased to arrive."""

    at: int
    feed: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallPlaced:
    """A call was placed. ``monitor`` and ``deadline`` are None when the point was not connected: it fails at once then."""

    at: int
    call: str
    point: str
    by: str
    monitor: int | None
    deadline: int | None
    level: int = 0
    """How far the caller is below the root: a higher one takes the point away."""
    record: str = ""
    """The first call of the matter; empty: this one."""
    together: str = ""
    """The first of the calls that were placed together, which go on air together; empty for a call alone."""


@dataclass(frozen=True, slots=True)
class CallRinging:
    """The ring was handed to a live connection; by ``deadline`` the page must confirm."""

    at: int
    call: str
    deadline: int


@dataclass(frozen=True, slots=True)
class CallDelivered:
    """The page confirmed that it rings; by ``deadline`` somebody must answer."""

    at: int
    call: str
    deadline: int
    report: Report | None


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """Somebody answered; by ``deadline`` media must arrive."""

    at: int
    call: str
    deadline: int
    report: Report | None


@dataclass(frozen=True, slots=True)
class CallConnected:
    """Media of the point arrives; ``kind`` is the one that counted."""

    at: int
    call: str
    kind: str


@dataclass(frozen=True, slots=True)
class CallPreviewed:
    """The call is in preview."""

    at: int
    call: str
    by: str


@dataclass(frozen=True, slots=True)
class CallTaken:
    """The call is on air, its voice in guest slot ``guest``."""

    at: int
    call: str
    by: str
    guest: int


@dataclass(frozen=True, slots=True)
class CallTakeAnnounced:
    """The call goes on air at ``air_at``, unless something comes between."""

    at: int
    call: str
    by: str
    air_at: int


@dataclass(frozen=True, slots=True)
class CallTakeCancelled:
    """The countdown was stopped. ``by`` is "auto" where it could not be kept; ``reason`` says why then."""

    at: int
    call: str
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallTakenOffAir:
    """The call is off air, in preview again."""

    at: int
    call: str
    by: str


@dataclass(frozen=True, slots=True)
class CallInterrupted:
    """No media of a connected point arrives any more; by ``deadline`` some must."""

    at: int
    call: str
    deadline: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallResumed:
    """Media of an interrupted call arrives again."""

    at: int
    call: str
    kind: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The call was ended by somebody, as calls should."""

    at: int
    call: str
    by: str


@dataclass(frozen=True, slots=True)
class CallFailed:
    """The call failed, with one cause and the evidence for it. ``by`` is "clock" when a clock ran out."""

    at: int
    call: str
    cause: Cause
    by: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class CallNoted:
    """Something worth keeping happened in a call without moving it: ``what`` is a trail word (BRIDGE.md)."""

    at: int
    call: str
    what: str
    by: str
    note: str
    report: Report | None


@dataclass(frozen=True, slots=True)
class CallClockRestarted:
    """The running clock of a call was started afresh, because for a while nobody served the point."""

    at: int
    call: str
    deadline: int
    by: str


@dataclass(frozen=True, slots=True)
class RollCallStarted:
    """A roll call began: these points are asked until ``deadline``. They are listed, since the directory may change later."""

    at: int
    roll_call: str
    by: str
    units: tuple[str, ...]
    points: tuple[str, ...]
    deadline: int


@dataclass(frozen=True, slots=True)
class PresenceConfirmed:
    """Somebody at a point confirmed; in time while the roll call asks, late afterwards. ``report`` is there when it is news."""

    at: int
    roll_call: str
    point: str
    name: str
    function: str
    report: Report | None


@dataclass(frozen=True, slots=True)
class RollCallExtended:
    """A running roll call has a later deadline, because for a while nobody could answer."""

    at: int
    roll_call: str
    deadline: int
    by: str


@dataclass(frozen=True, slots=True)
class RollCallClosed:
    """The roll call is over: whoever has not confirmed is absent. ``by`` is "clock" when the deadline passed."""

    at: int
    roll_call: str
    by: str


@dataclass(frozen=True, slots=True)
class FloorAsked:
    """A point asks to speak, or was asked to without having asked itself: ``by`` says which."""

    at: int
    request: str
    point: str
    subject: str
    by: str


@dataclass(frozen=True, slots=True)
class FloorWithdrawn:
    """A request was taken out of the queue."""

    at: int
    request: str
    by: str


@dataclass(frozen=True, slots=True)
class FloorGiven:
    """The floor was given to a request, for ``duration_ms`` from when it is on air."""

    at: int
    request: str
    by: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class FloorStarted:
    """The holder of the floor is on air; its time ends at ``deadline``."""

    at: int
    request: str
    deadline: int


@dataclass(frozen=True, slots=True)
class FloorWarned:
    """The speaker's time ends soon."""

    at: int
    request: str


@dataclass(frozen=True, slots=True)
class FloorExtended:
    """The speaker has more time, and is warned again before its end."""

    at: int
    request: str
    deadline: int
    by: str


@dataclass(frozen=True, slots=True)
class FloorMissed:
    """The floor went from one that had not spoken yet: it keeps its place in the queue. ``by`` is "auto" when its call failed."""

    at: int
    request: str
    by: str


@dataclass(frozen=True, slots=True)
class FloorTakenBack:
    """The holder has the floor no more. ``by`` is "auto" when its call was over or off air."""

    at: int
    request: str
    by: str


SessionEvent = SessionPrepared | SessionOpened | SessionClosed | RecordingStarted | RecordingStopped
PresenceEvent = PointArrived | PointLeft | PointReported | PointEngaged | PointReleased | MediaStarted | MediaStopped
CallEvent = (
    CallPlaced
    | CallRinging
    | CallDelivered
    | CallAnswered
    | CallConnected
    | CallPreviewed
    | CallTaken
    | CallTakeAnnounced
    | CallTakeCancelled
    | CallTakenOffAir
    | CallInterrupted
    | CallResumed
    | CallEnded
    | CallFailed
    | CallNoted
    | CallClockRestarted
)
RollCallEvent = RollCallStarted | PresenceConfirmed | RollCallExtended | RollCallClosed
FloorEvent = FloorAsked | FloorWithdrawn | FloorGiven | FloorStarted | FloorWarned | FloorExtended | FloorMissed | FloorTakenBack
Event = (
    SessionEvent
    | PresenceEvent
    | CallEvent
    | RollCallEvent
    | FloorEvent
    | MatterEvent
    | CallListEvent
    | EscalationEvent
    | RosterEvent
    | AgendaEvent
    | DirectiveEvent
    | ProposalEvent
    | DrawEvent
    | TalkbackEvent
)
