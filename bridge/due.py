"""The clocks of a session besides those of its calls: what each causes when it has run out, and when the next one does."""

from collections.abc import Callable, Sequence
from typing import Final

from bridge.decide_air import countdowns_due, countdowns_next_due
from bridge.decide_directives import directives_due, directives_next_due
from bridge.decide_escalation import escalations_due, escalations_next_due
from bridge.decide_floor import floor_due, floor_next_due
from bridge.decide_rollcall import roll_calls_due, roll_calls_next_due
from bridge.decide_talkback import talks_due, talks_next_due
from bridge.events import Event
from bridge.state import State

DUE: Final[Sequence[Callable[[State, int], list[Event]]]] = (
    countdowns_due,
    roll_calls_due,
    floor_due,
    escalations_due,
    directives_due,
    talks_due,
)
"""Each gives what a time has caused; its events are applied before the next is asked."""

NEXT_DUE: Final[Sequence[Callable[[State], int | None]]] = (
    countdowns_next_due,
    roll_calls_next_due,
    floor_next_due,
    escalations_next_due,
    directives_next_due,
    talks_next_due,
)
"""Each gives when it wants to be asked, in milliseconds since the Unix epoch; None when none of its clocks runs."""
