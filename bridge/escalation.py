"""Escalation: who else is tried when a point cannot be reached, one after the other, on a clock.

A ladder is a list of steps, made when it starts: the contacts of the point's present shift in their order, then the desks of the
units above it. One step is current; it ends when somebody marks it, when what it rang is over, or when its clock runs out, and
the next begins. A person whose clock has run out may still be reached while the ladder runs: the phone goes on ringing.

=========  ===========================================================================================================
kind       what happens
=========  ===========================================================================================================
``phone``  the operator dials the number and marks what came of it
``point``  another desk of the same unit rings, as a call on the same record; answering it is being reached
``above``  the desk of a unit above is alerted; its confirmation is on record and says whether it has reached anybody
=========  ===========================================================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bridge.machine import advance

MAX_STEPS: Final = 42
"""Ten contacts and a tree of 32 levels."""

STEP_KINDS: Final = frozenset({"phone", "point", "above"})


class LadderState(StrEnum):
    """The life of a ladder."""

    RUNNING = "running"
    REACHED = "reached"
    EXHAUSTED = "exhausted"
    STOPPED = "stopped"


class LadderInput(StrEnum):
    """What moves a ladder."""

    STEP = "step"
    REACH = "reach"
    EXHAUST = "exhaust"
    STOP = "stop"


class StepState(StrEnum):
    """The life of a step."""

    WAITING = "waiting"
    CURRENT = "current"
    REACHED = "reached"
    FAILED = "failed"
    LEFT = "left"
    """The ladder ended while the step was current."""


class StepInput(StrEnum):
    """What moves a step."""

    BEGIN = "begin"
    REACH = "reach"
    MISS = "miss"
    LEAVE = "leave"


class Outcome(StrEnum):
    """What came of a step."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    """Its clock ran out."""
    NOT_PLACED = "not_placed"
    """The desk could not even be called."""


MARKED: Final = frozenset({Outcome.REACHED, Outcome.NO_ANSWER, Outcome.WRONG_NUMBER, Outcome.REFUSED})
"""What an operator may mark; the clock and the machinery give the others."""

LADDER_TABLE: Final[Mapping[LadderState, Mapping[LadderInput, LadderState]]] = MappingProxyType(
    {
        LadderState.RUNNING: {
            LadderInput.STEP: LadderState.RUNNING,
            LadderInput.REACH: LadderState.REACHED,
            LadderInput.EXHAUST: LadderState.EXHAUSTED,
            LadderInput.STOP: LadderState.STOPPED,
        },
        LadderState.REACHED: {},
        LadderState.EXHAUSTED: {},
        LadderState.STOPPED: {},
    }
)

STEP_TABLE: Final[Mapping[StepState, Mapping[StepInput, StepState]]] = MappingProxyType(
    {
        StepState.WAITING: {StepInput.BEGIN: StepState.CURRENT},
        StepState.CURRENT: {
            StepInput.REACH: StepState.REACHED,
            StepInput.MISS: StepState.FAILED,
            StepInput.LEAVE: StepState.LEFT,
        },
        StepState.REACHED: {},
        StepState.FAILED: {StepInput.REACH: StepState.REACHED},
        StepState.LEFT: {},
    }
)

ENDINGS: Final[Mapping[LadderState, LadderInput]] = MappingProxyType(
    {
        LadderState.REACHED: LadderInput.REACH,
        LadderState.EXHAUSTED: LadderInput.EXHAUST,
        LadderState.STOPPED: LadderInput.STOP,
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it is planned: whom to try. ``target`` is a telephone number or a point's code."""

    kind: str
    name: str
    function: str
    target: str
    note: str


@dataclass(slots=True)
class Rung:
    """One step as it went. Times are milliseconds since the Unix epoch."""

    step: Step
    state: StepState = StepState.WAITING
    started_at: int | None = None
    deadline: int | None = None
    """The end of its clock; None when none runs."""
    ended_at: int | None = None
    outcome: str = ""
    note: str = ""
    by: str = ""
    """Who said what came of it."""
    ring: str = ""
    """The call that was placed to another desk."""
    confirmed_at: int | None = None
    confirmed_name: str = ""
    confirmed_text: str = ""

    def advance(self, move: StepInput) -> None:
        """Move the step, or raise `IllegalMove`, having changed nothing."""
        self.state = advance(STEP_TABLE, self.state, move)


@dataclass(slots=True)
class Ladder:
    """One escalation. Only applied events change it."""

    id: str
    matter: str
    point: str
    point_name: str
    cause: str
    by: str
    started_at: int
    level: int = 0
    """How far whoever called the point is below the root."""
    rungs: list[Rung] = field(default_factory=list)
    state: LadderState = LadderState.RUNNING
    current: int | None = None
    """The step that is under way; None before the first and between two."""
    reached_by: str = ""
    """Through whom somebody was reached; the ladder ends when this is known."""
    ended_at: int | None = None
    ended_by: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.state is LadderState.RUNNING

    @property
    def deadline(self) -> int | None:
        """When the current step's clock runs out; None when none runs."""
        return self.rungs[self.current].deadline if self.is_running and self.current is not None else None

    def next_step(self) -> int | None:
        """Give the number of the next step; None after the last."""
        return next((number for number, rung in enumerate(self.rungs) if rung.state is StepState.WAITING), None)

    def rings(self, call: str) -> bool:
        """Say whether a call is one that this ladder placed."""
        return any(rung.ring == call for rung in self.rungs)
