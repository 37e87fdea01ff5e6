"""Proposals as PROTOCOL.md sends them: what points send, what consoles order, and what both hear."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, StringConstraints

from signaling.message_fields import ClientModel, Code, Count, ServerModel, Text200, Time

MAX_TEXT_CHARS: Final = 4_000
MAX_LISTED: Final = 50

ProposalText: TypeAlias = Annotated[str, StringConstraints(max_length=MAX_TEXT_CHARS)]
ProposalState: TypeAlias = Literal["sent", "forwarded", "accepted", "declined", "noted"]


class SendProposal(ClientModel):
    """The point proposes something to the level above it."""

    type: Literal["send_proposal"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_CHARS)]


class AnswerProposalOrder(ClientModel):
    """Say what becomes of a proposal; ``forwarded`` passes it to the unit right above."""

    kind: Literal["answer_proposal"]
    proposal: Code
    outcome: Literal["accepted", "declined", "noted", "forwarded"]
    text: ProposalText = ""


class ForwardProposalOrder(ClientModel):
    """Pass a proposal on to a unit above."""

    kind: Literal["forward_proposal"]
    proposal: Code
    unit: Code
    text: ProposalText = ""


class ProposalRow(ServerModel):
    """A proposal in a list, with the beginnings of its text and of the last words about it."""

    id: Code
    point: Code
    point_name: Text200
    session: str
    state: ProposalState
    unit: Code
    unit_name: Text200
    sent_at: Time
    moved_at: Time | None
    excerpt: Text200
    reply: Text200


class ProposalStep(ServerModel):
    """What a proposal became, when, by whom, and to which unit it was addressed then."""

    at: Time
    state: ProposalState
    unit: Code
    unit_name: Text200
    text: ProposalText
    by: Text200


class ProposalView(ProposalRow):
    """A proposal whole."""

    text: ProposalText
    steps: list[ProposalStep]


class ProposalsMessage(ServerModel):
    """To a point: its own proposals, to a console those that it sees; the newest first. ``open`` is how many wait in all."""

    type: Literal["proposals"] = "proposals"
    proposals: Annotated[tuple[ProposalRow, ...], Field(max_length=MAX_LISTED)]
    open: Count


class ProposalMessage(ServerModel):
    """To a console: a proposal was sent or moved."""

    type: Literal["proposal"] = "proposal"
    proposal: ProposalRow
