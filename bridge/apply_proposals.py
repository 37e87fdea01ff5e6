"""What proposals add up to.

Each function adds one event to the state, or raises `BridgeError` and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import proposal_events as events
from bridge.errors import corrupt_record
from bridge.proposals import OUTCOMES, Proposal, ProposalInput
from bridge.state import State


def _sent(state: State, event: events.ProposalSent) -> None:
    state.proposals.add(Proposal(event.proposal, event.point, event.text, event.unit, event.session, event.at))


def _forwarded(state: State, event: events.ProposalForwarded) -> None:
    state.proposals.move(event.proposal, ProposalInput.FORWARD, event.at, event.unit, event.text, event.by)


def _answered(state: State, event: events.ProposalAnswered) -> None:
    move = OUTCOMES.get(event.outcome)
    if move is None:
        raise corrupt_record(f"{event.proposal} was answered with {event.outcome!r}")
    state.proposals.move(event.proposal, move, event.at, None, event.text, event.by)


APPLY: Final[Mapping[type, Callable[[State, Any], None]]] = {
    events.ProposalSent: _sent,
    events.ProposalForwarded: _forwarded,
    events.ProposalAnswered: _answered,
}
