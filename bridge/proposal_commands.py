"""What can be asked about proposals. They are kept on the standing line, whatever session they are sent in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SendProposal:
    """A point proposes something to the level above it; ``session`` is the one it takes part in."""

    point: str
    text: str
    session: str = ""


@dataclass(frozen=True, slots=True)
class AnswerProposal:
    """Say what becomes of a proposal: accepted, declined, noted, or forwarded to the unit right above."""

    proposal: str
    text: str
    outcome: str
    by: str


@dataclass(frozen=True, slots=True)
class ForwardProposal:
    """Pass a proposal on to a unit above the one it is addressed to."""

    proposal: str
    unit: str
    text: str
    by: str


ProposalCommand = SendProposal | AnswerProposal | ForwardProposal
