"""What a play has recorded: plain values that the result is worked out from. Moments are seconds since the play's beginning."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from rehearsal.measures import Counts, JoinTimes, Sent, Window
from rehearsal.scenario import Scenario
from rehearsal.usage import Reading

PhaseName = Literal["before", "arrive", "join", "idle", "start", "meeting", "end"]


@dataclass(slots=True)
class Phase:
    """A stretch of the play, with the service's and our own state at both ends; None where it could not be read."""

    name: PhaseName
    began_s: float
    ended_s: float
    before: Reading | None
    after: Reading | None
    own_cpu_s: float
    """CPU of the simulator in it."""
    done: int = 0
    """How many points got through: arrivals and joins."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.ended_s - self.began_s


@dataclass(frozen=True, slots=True)
class Second:
    """One entry of the series: about one second, or more in a long play. CPU is in cores: 1.0 is one core busy.

    Attributes:
        at_s: its end.
        phase: in which phase.
        live: desks that are live.
        joined: points with media.
        delivered_pps: media packets a second that all points got.
        cpu: of the service, by process.
        own_cpu: of the simulator.
        video_p99_ms, audio_p99_ms: of what sampled points got in it.
    """

    at_s: float
    phase: str
    live: int
    joined: int
    delivered_pps: float
    cpu: dict[str, float] | None
    own_cpu: float
    video_p99_ms: float | None
    audio_p99_ms: float | None


@dataclass(slots=True)
class CallOutcome:
    """What became of one spot call.

    Attributes:
        expected: `answered`, or the cause with which it has to fail.
        outcome: `answered`, the cause with which it failed, `refused:<code>` when the order was not taken, `unfinished` when the
            play ended before it did.
        ring_ms: from the order to the ring at the desk, on this machine's clock.
        first_packet_ms: from the desk's answer to the first packet of the point at the center's viewer.
    """

    at_s: float
    point: str
    name: str
    expected: str
    outcome: str = "unfinished"
    ring_ms: float | None = None
    first_packet_ms: float | None = None
    detail: str = ""

    @property
    def is_as_expected(self) -> bool:
        """Whether it went as the scenario has it."""
        return self.outcome == self.expected


@dataclass(slots=True)
class RollCallOutcome:
    """What became of one roll call; the counters are those of its board at its end."""

    at_s: float
    asked: int = 0
    present: int = 0
    late: int = 0
    no_answer: int = 0
    offline: int = 0
    expected_present: int = 0
    detail: str = ""


@dataclass(slots=True)
class Record:
    """All of it. `late_joins` are those during the meeting, `comebacks` those after a loss of the line."""

    scenario: Scenario
    points: int
    """Who is to join: the cast without those that never come."""
    session: str = ""
    cpus: int = 1
    phases: list[Phase] = field(default_factory=list)
    series: list[Second] = field(default_factory=list)
    joins: list[JoinTimes] = field(default_factory=list)
    late_joins: list[JoinTimes] = field(default_factory=list)
    comebacks: list[JoinTimes] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    """Joins that failed, by reason."""
    failure_examples: dict[str, str] = field(default_factory=dict)
    arrivals_failed: int = 0
    desk_retries: Counter[str] = field(default_factory=Counter)
    fallen: int = 0
    """Losses of the line that the scenario has."""
    lines_lost: Counter[str] = field(default_factory=Counter)
    """Those that it has not: `consent` (no answer for 15 s) or `closed` by the service."""
    window: Window | None = None
    arrived: int = 0
    """Packets that came to all points in the window, those that are not counted in its share too."""
    counts: Counts | None = None
    """At the end of the meeting, before anybody left."""
    sent: Sent = field(default_factory=Sent)
    keyframe_requests_joining: int | None = None
    """Until the meeting began; None when the center sent nothing before it."""
    calls: list[CallOutcome] = field(default_factory=list)
    roll_calls: list[RollCallOutcome] = field(default_factory=list)
    meter: str | None = None
    """How the service's processes were read: `proc`, `metrics`, or not at all."""
    meter_reason: str = ""
    is_interrupted: bool = False
    notes: list[str] = field(default_factory=list)
    """What went wrong without ending the play."""
