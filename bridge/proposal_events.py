"""What happened to proposals. The events are those of the standing line, whatever session they were sent in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProposalSent:
    """A point sent a proposal; it is addressed to ``unit``, the one right above its own."""

    at: int
    proposal: str
    point: str
    text: str
    unit: str
    session: str


@dataclass(frozen=True, slots=True)
class ProposalForwarded:
    """It was passed on to a higher unit, with a remark."""

    at: int
    proposal: str
    unit: str
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class ProposalAnswered:
    """It was answered: ``outcome`` is accepted, declined or noted."""

    at: int
    proposal: str
    outcome: str
    text: str
    by: str


ProposalEvent = ProposalSent | ProposalForwarded | ProposalAnswered
