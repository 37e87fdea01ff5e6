"""Roll calls: every point of a scope says that somebody is there, before a deadline.

What becomes of one point, and the counters, are `bridge.asking`'s; here is the life of a roll call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bridge.asking import (
    MAX_BOARD_UNITS,
    PERSON_MAX_CHARS,
    PRESENCE_TABLE,
    AbsenceCause,
    Asking,
    Confirmation,
    Presence,
    PresenceInput,
    Tally,
    outermost,
    points_asked,
    shown_units,
)
from bridge.machine import advance

__all__ = [
    "GRACE_MS",
    "MAX_BOARD_UNITS",
    "MAX_DURATION_MS",
    "MAX_ROLL_CALL_UNITS",
    "MIN_DURATION_MS",
    "PERSON_MAX_CHARS",
    "PRESENCE_TABLE",
    "ROLL_CALL_TABLE",
    "AbsenceCause",
    "Confirmation",
    "Presence",
    "PresenceInput",
    "RollCall",
    "RollCallInput",
    "RollCallState",
    "Tally",
    "outermost",
    "points_asked",
    "shown_units",
]

MIN_DURATION_MS: Final = 1_000
MAX_DURATION_MS: Final = 24 * 3_600_000
GRACE_MS: Final = 30_000
"""What a roll call has left, at least, after another process took the session over: points could not answer meanwhile."""
MAX_ROLL_CALL_UNITS: Final = 100


class RollCallState(StrEnum):
    """The life of a roll call."""

    ASKING = "asking"
    CLOSED = "closed"


class RollCallInput(StrEnum):
    """What moves a roll call."""

    CLOSE = "close"


ROLL_CALL_TABLE: Final[Mapping[RollCallState, Mapping[RollCallInput, RollCallState]]] = MappingProxyType(
    {
        RollCallState.ASKING: {RollCallInput.CLOSE: RollCallState.CLOSED},
        RollCallState.CLOSED: {},
    }
)


@dataclass(slots=True)
class RollCall(Asking):
    """One roll call. Only applied events change it."""

    state: RollCallState = RollCallState.ASKING
    closed_at: int | None = None
    closed_by: str | None = None

    @property
    def is_asking(self) -> bool:
        """Whether answers are still in time."""
        return self.state is RollCallState.ASKING

    def close(self, at: int, by: str) -> None:
        """End the asking: whoever has not confirmed is absent."""
        self.state = advance(ROLL_CALL_TABLE, self.state, RollCallInput.CLOSE)
        self.closed_at, self.closed_by = at, by

    def to_plain(self) -> dict[str, object]:
        """Give everything as plain data, to compare."""
        head = [self.id, self.by, self.units, self.started_at, self.deadline, self.state, self.closed_at, self.closed_by]
        return {"head": head, **self.answers_plain()}
