"""What is asked about proposals, as events. Nothing in here changes anything."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge import proposal_commands as commands
from bridge import proposal_errors as errors
from bridge import proposal_events as events
from bridge.errors import session_state
from bridge.events import Event
from bridge.machine import SessionState
from bridge.proposals import MAX_OPEN, MAX_OPEN_OF_POINT, OUTCOMES, TEXT_MAX_CHARS, Proposal
from bridge.state import State
from bridge.words import clip, clip_lines

FORWARDED: Final = "forwarded"


def send_proposal(state: State, command: commands.SendProposal, now: int) -> list[Event]:
    """Take a point's proposal; it goes to the unit right above the point's own, or to its own where there is none."""
    if state.session.state is not SessionState.OPEN:
        raise session_state(state.session.state)
    above = state.directory.units_above(command.point)
    text = _text(command.text)
    if not text:
        raise errors.proposal_text(TEXT_MAX_CHARS)
    if state.proposals.open_of(command.point) >= MAX_OPEN_OF_POINT:
        raise errors.proposals_full(MAX_OPEN_OF_POINT)
    if state.proposals.open_count >= MAX_OPEN:
        raise errors.proposals_full_everywhere()
    unit = above[min(1, len(above) - 1)]
    proposal = state.new_id("p", state.proposals.sent)
    return [events.ProposalSent(now, proposal, command.point, text, unit, clip(command.session, 32))]


def answer_proposal(state: State, command: commands.AnswerProposal, now: int) -> list[Event]:
    """Answer it, or forward it to the unit right above."""
    proposal = _open(state, command.proposal)
    text, by = _text(command.text), clip(command.by)
    if command.outcome == FORWARDED:
        parent = state.directory.unit(proposal.unit).parent
        return _forwarded(state, proposal, parent or proposal.unit, text, by, now)
    if command.outcome not in OUTCOMES:
        raise errors.proposal_outcome()
    if command.outcome == "declined" and not text:
        raise errors.proposal_text(TEXT_MAX_CHARS)
    return [events.ProposalAnswered(now, proposal.id, command.outcome, text, by)]


def forward_proposal(state: State, command: commands.ForwardProposal, now: int) -> list[Event]:
    """Pass it on to a unit above."""
    proposal = _open(state, command.proposal)
    return _forwarded(state, proposal, state.directory.unit(command.unit).code, _text(command.text), clip(command.by), now)


def _forwarded(state: State, proposal: Proposal, unit: str, text: str, by: str, now: int) -> list[Event]:
    if unit == proposal.unit or not state.directory.is_within(proposal.unit, (unit,)):
        raise errors.proposal_not_above(state.directory.unit(proposal.unit).name)
    return [events.ProposalForwarded(now, proposal.id, unit, text, by)]


def _open(state: State, proposal_id: str) -> Proposal:
    proposal = state.proposals.kept.get(proposal_id)
    if proposal is None:
        raise errors.unknown_proposal(proposal_id)
    if not proposal.is_open:
        raise errors.proposal_state(proposal.state)
    return proposal


def _text(text: str) -> str:
    kept = clip_lines(text, TEXT_MAX_CHARS + 1)
    if len(kept) > TEXT_MAX_CHARS:
        raise errors.proposal_text(TEXT_MAX_CHARS)
    return kept


DECISIONS: Final[Mapping[type, Callable[[State, Any, int], list[Event]]]] = {
    commands.SendProposal: send_proposal,
    commands.AnswerProposal: answer_proposal,
    commands.ForwardProposal: forward_proposal,
}
