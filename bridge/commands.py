"""What the domain can be asked to do, in the imperative; and what it can be told about the world.

``by`` says who asks: an account's subject ("center", "operator:lan", "point:26740") or "system". The domain records it and
trusts it: whoever hands a command in has asked `bridge.policy.may` and has set ``by`` itself.
"""

from dataclasses import dataclass

from bridge.agenda_commands import AgendaCommand
from bridge.directive_commands import DirectiveCommand
from bridge.draw_commands import DrawCommand
from bridge.matter_commands import CallListCommand, EscalationCommand, MatterCommand, RosterCommand
from bridge.points import Report
from bridge.proposal_commands import ProposalCommand
from bridge.talkback_commands import TalkbackCommand


@dataclass(frozen=True, slots=True)
class PrepareSession:
    """Say what a new session is: one of `sessions.KINDS`, over these units, presided by the center of one above them all.

    ``recording``: one of `sessions.RECORDINGS`.
    """

    title: str
    kind: str
    units: tuple[str, ...]
    center: str
    by: str
    recording: str = "manual"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Open the prepared session; without a title it keeps the one it was prepared with."""

    title: str
    by: str


@dataclass(frozen=True, slots=True)
class CloseSession:
    """Close the open session; every call in progress ends with it."""

    by: str


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record the open session from now on: its programme and every call. Saying it again changes nothing."""

    by: str


@dataclass(frozen=True, slots=True)
class StopRecording:
    """Record the session no more. Saying it again changes nothing."""

    by: str


@dataclass(frozen=True, slots=True)
class PointArrived:
    """A live connection of the point exists (a further one, replacing the older, is told the same way)."""

    point: str
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class PointLeft:
    """The point's last live connection is gone."""

    point: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PointReported:
    """The point's page says how its machine is. Recorded when it says something new; a new round-trip time alone is not."""

    point: str
    report: Report


@dataclass(frozen=True, slots=True)
class EngagePoint:
    """A center ``level`` below the root calls the point in another session. The machinery says it, no account.

    ``since`` is when that call was placed: of two calls of one level the earlier keeps the point; 0 where it is not known.
    """

    point: str
    session: str
    title: str
    level: int
    by: str
    since: int = 0


@dataclass(frozen=True, slots=True)
class ReleasePoint:
    """That call is over."""

    point: str
    session: str


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """Call a point; the caller is ``level`` below the root, 0 is the highest."""

    point: str
    by: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class RingSent:
    """The ring was handed to a live connection of the point (again, after it came back)."""

    call: str


@dataclass(frozen=True, slots=True)
class ConfirmRing:
    """The page confirms that it rings; the answer clock starts."""

    call: str
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """Somebody at the desk answered."""

    call: str
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class DeclineCall:
    """Somebody at the desk declined."""

    call: str
    reason: str = ""
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class ReportDeviceFailure:
    """The page could not open its ``camera`` or ``microphone``; ``error`` is the browser's own word for it."""

    call: str
    device: str
    error: str = ""
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class ReportMedia:
    """Media of a feed began to arrive at the node, or stopped. Telling the same twice is harmless."""

    feed: str
    kind: str
    flowing: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PreviewCall:
    """Put a connected call into preview."""

    call: str
    by: str


@dataclass(frozen=True, slots=True)
class TakeCall:
    """Take a call on air, after a countdown where ``delay_ms`` says so; a call that counts already is taken at once."""

    call: str
    by: str
    delay_ms: int = 0


@dataclass(frozen=True, slots=True)
class TakeOffAir:
    """Take a call off air, back to preview."""

    call: str
    by: str


@dataclass(frozen=True, slots=True)
class EndCall:
    """End an answered call."""

    call: str
    by: str


@dataclass(frozen=True, slots=True)
class CancelCall:
    """Call off a call that is not connected yet."""

    call: str
    by: str


@dataclass(frozen=True, slots=True)
class StartRollCall:
    """Ask every point of these units, and of everything below them, to confirm presence within a time."""

    units: tuple[str, ...]
    duration_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class ConfirmPresence:
    """Somebody at the point says that they are there. Saying it again changes nothing."""

    roll_call: str
    point: str
    name: str
    function: str = ""
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class CloseRollCall:
    """End a roll call before its deadline."""

    roll_call: str
    by: str


@dataclass(frozen=True, slots=True)
class AskFloor:
    """A point asks to speak. Asking again while it waits changes nothing."""

    point: str
    subject: str
    by: str


@dataclass(frozen=True, slots=True)
class WithdrawFloor:
    """Take a point's request out of the queue."""

    point: str
    by: str


@dataclass(frozen=True, slots=True)
class GiveFloor:
    """Let a point speak, whether it asked or not; ``duration_ms`` 0 is the usual time. ``level`` is the caller's."""

    point: str
    duration_ms: int
    by: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class ExtendFloor:
    """Give the speaker more time."""

    point: str
    duration_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class TakeBackFloor:
    """Take the floor from its holder."""

    point: str
    by: str


@dataclass(frozen=True, slots=True)
class Reconcile:
    """A process took the session over: these points, and no others, are live. First of all commands after a replay.

    Running clocks start afresh: no point is blamed for the time in which nobody served it.
    """

    live_points: frozenset[str]
    by: str


SessionCommand = PrepareSession | OpenSession | CloseSession | StartRecording | StopRecording | Reconcile
PresenceCommand = PointArrived | PointLeft | PointReported | EngagePoint | ReleasePoint | ReportMedia
CallCommand = (
    PlaceCall
    | RingSent
    | ConfirmRing
    | AnswerCall
    | DeclineCall
    | ReportDeviceFailure
    | PreviewCall
    | TakeCall
    | TakeOffAir
    | EndCall
    | CancelCall
)
RollCallCommand = StartRollCall | ConfirmPresence | CloseRollCall
FloorCommand = AskFloor | WithdrawFloor | GiveFloor | ExtendFloor | TakeBackFloor
Command = (
    SessionCommand
    | PresenceCommand
    | CallCommand
    | RollCallCommand
    | FloorCommand
    | MatterCommand
    | CallListCommand
    | EscalationCommand
    | RosterCommand
    | AgendaCommand
    | DirectiveCommand
    | ProposalCommand
    | DrawCommand
    | TalkbackCommand
)
