"""Directives: a text that every point of a scope must acknowledge by a time.

Who has acknowledged, in time or late, and the counters by unit are `bridge.asking`'s; here is the life of a directive. Its end is
not the end of acknowledging: who is late acknowledges late, and that is on record too. Only a withdrawn one takes no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bridge.asking import Asking, Presence
from bridge.errors import corrupt_record
from bridge.machine import advance

TITLE_MAX_CHARS: Final = 200
TEXT_MAX_CHARS: Final = 10_000
MAX_DIRECTIVE_UNITS: Final = 100
MIN_AHEAD_MS: Final = 1_000
MAX_AHEAD_MS: Final = 366 * 86_400_000
MAX_RUNNING: Final = 100
"""Directives whose deadline is ahead. A point that arrives is checked against each of them."""
MAX_KEPT: Final = 500
"""Directives in memory; beyond that the oldest that are not running are forgotten. The log keeps all."""
MAX_ADDRESSED: Final = 500_000
"""Points in those, together: some fifty directives to the whole country, 150 bytes each and as much again when acknowledged."""


class DirectiveState(StrEnum):
    """The life of a directive."""

    RUNNING = "running"
    DUE = "due"
    WITHDRAWN = "withdrawn"


class DirectiveInput(StrEnum):
    """What moves a directive; ``expire`` is its deadline."""

    EXPIRE = "expire"
    WITHDRAW = "withdraw"


class Answer(StrEnum):
    """What became of one point that a directive is addressed to."""

    WAITING = "waiting"
    IN_TIME = "in_time"
    LATE = "late"
    OVERDUE = "overdue"


DIRECTIVE_TABLE: Final[Mapping[DirectiveState, Mapping[DirectiveInput, DirectiveState]]] = MappingProxyType(
    {
        DirectiveState.RUNNING: {
            DirectiveInput.EXPIRE: DirectiveState.DUE,
            DirectiveInput.WITHDRAW: DirectiveState.WITHDRAWN,
        },
        DirectiveState.DUE: {DirectiveInput.WITHDRAW: DirectiveState.WITHDRAWN},
        DirectiveState.WITHDRAWN: {},
    }
)

ANSWERS: Final[Mapping[Presence, Answer]] = MappingProxyType(
    {
        Presence.WAITING: Answer.WAITING,
        Presence.PRESENT: Answer.IN_TIME,
        Presence.LATE: Answer.LATE,
        Presence.ABSENT: Answer.OVERDUE,
    }
)
"""What a directive calls the states of `bridge.asking`: nobody has to be *present* for one."""


@dataclass(slots=True)
class Directive(Asking):
    """One directive. Only applied events change it."""

    title: str = ""
    text: str = ""
    session: str = ""
    """Where it was given."""
    state: DirectiveState = DirectiveState.RUNNING
    due_at: int | None = None
    """When the deadline was noticed to have passed."""
    withdrawn_at: int | None = None
    withdrawn_by: str | None = None

    @property
    def is_asking(self) -> bool:
        """Whether acknowledgements are still in time."""
        return self.due_at is None

    def answer(self, point: str) -> Answer | None:
        """Say what became of a point; None for one that it is not addressed to."""
        presence = self.presence(point)
        return None if presence is None else ANSWERS[presence]

    def is_open_to(self, point: str) -> bool:
        """Whether the point has yet to acknowledge it."""
        return self.state is not DirectiveState.WITHDRAWN and point in self.points and point not in self.confirmed

    def expire(self, at: int) -> None:
        """The deadline passed."""
        self.state = advance(DIRECTIVE_TABLE, self.state, DirectiveInput.EXPIRE)
        self.due_at = at

    def withdraw(self, at: int, by: str) -> None:
        """It is taken back. The counters stay what they were."""
        self.state = advance(DIRECTIVE_TABLE, self.state, DirectiveInput.WITHDRAW)
        self.withdrawn_at, self.withdrawn_by = at, by

    def to_plain(self) -> dict[str, object]:
        """Give everything as plain data, to compare."""
        head = [self.id, self.by, self.units, self.started_at, self.deadline, self.title, self.text, self.session]
        life = [self.state, self.due_at, self.withdrawn_at, self.withdrawn_by]
        return {"head": head, "life": life, **self.answers_plain()}


class Directives:
    """The directives in memory, in the order of issuing: all that run, and the newest others."""

    def __init__(self) -> None:
        self.kept: dict[str, Directive] = {}
        self.running: dict[str, Directive] = {}
        self.issued = 0
        """Number of directives so far."""
        self._addressed = 0

    def add(self, directive: Directive) -> None:
        """Enter a directive; the oldest that do not run make room. Raises ``corrupt_record`` for an id that is there."""
        if directive.id in self.kept:
            raise corrupt_record(f"{directive.id} was issued twice")
        self.kept[directive.id] = self.running[directive.id] = directive
        self.issued += 1
        self._addressed += len(directive.points)
        for oldest in [each for each in self.kept.values() if each.id not in self.running]:
            if len(self.kept) <= MAX_KEPT and self._addressed <= MAX_ADDRESSED:
                break
            del self.kept[oldest.id]
            self._addressed -= len(oldest.points)

    def has_room(self, points: int) -> bool:
        """Whether another one to so many points can run beside those that do."""
        return (
            len(self.running) < MAX_RUNNING and points + sum(len(each.points) for each in self.running.values()) <= MAX_ADDRESSED
        )

    def settle(self, directive: Directive) -> None:
        """Take one out of those that run, as its state says."""
        if directive.state is not DirectiveState.RUNNING:
            self.running.pop(directive.id, None)

    def open_to(self, point: str) -> list[Directive]:
        """Give those that a point has yet to acknowledge, the newest first."""
        return [each for each in reversed(self.kept.values()) if each.is_open_to(point)]

    def to_plain(self) -> dict[str, object]:
        """Give everything as plain data, to compare."""
        return {
            "kept": [each.to_plain() for each in self.kept.values()],
            "running": list(self.running),
            "issued": self.issued,
            "addressed": self._addressed,
        }
