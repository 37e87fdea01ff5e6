"""What every event adds up to: the one place where states change.

Each family of events has a module ``apply_*`` with a table from event to function; this is their sum.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import (
    apply_agenda,
    apply_calls,
    apply_directives,
    apply_draw,
    apply_floor,
    apply_matters,
    apply_presence,
    apply_proposals,
    apply_rollcall,
    apply_session,
    apply_talkback,
)
from bridge.events import Event
from bridge.state import State

APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    **apply_session.APPLY,
    **apply_presence.APPLY,
    **apply_calls.APPLY,
    **apply_rollcall.APPLY,
    **apply_floor.APPLY,
    **apply_matters.APPLY,
    **apply_agenda.APPLY,
    **apply_directives.APPLY,
    **apply_proposals.APPLY,
    **apply_draw.APPLY,
    **apply_talkback.APPLY,
}


def apply(state: State, event: Event) -> None:
    """Add one event to the state.

    Raises:
        BridgeError: the event contradicts what came before it; nothing has changed.
    """
    APPLY[type(event)](state, event)
