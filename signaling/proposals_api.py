"""Proposals over REST: to consoles those that their scope sees, to a point its own."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from bridge.ids import STANDING_LINE
from bridge.proposal_errors import unknown_proposal
from bridge.proposal_views import may_see, proposal_row_view, proposal_view
from signaling.errors import ServiceError
from signaling.message_fields import ClientModel, Code, Count, ServerModel, Time
from signaling.ordered import Ordered
from signaling.orders import made_by
from signaling.proposal_messages import (
    MAX_TEXT_CHARS,
    AnswerProposalOrder,
    ForwardProposalOrder,
    ProposalRow,
    ProposalText,
    ProposalView,
    SendProposal,
)
from signaling.rest import QueryModel, Route, answer_json, read_body, read_query
from signaling.rest_desk import RestDesk

MAX_LISTED: Final = 1000
USUAL_LISTED: Final = 100


class ProposalsQuery(QueryModel):
    """Which, and how many, the newest first."""

    unit: Code | None = None
    """Those addressed to this unit or below; by default to the bearer's scope."""
    state: Literal["open", "answered", "all"] = "open"
    limit: Annotated[int, Field(ge=1, le=MAX_LISTED)] = USUAL_LISTED


class ProposalsAnswer(ServerModel):
    """Proposals, the newest first, and how many of them wait in all."""

    at: Time
    proposals: list[ProposalRow]
    open: Count


class NewProposal(ClientModel):
    """What a point proposes."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_CHARS)]


class ProposalReply(ClientModel):
    """What becomes of a proposal."""

    outcome: Literal["accepted", "declined", "noted", "forwarded"]
    text: ProposalText = ""


class ProposalForward(ClientModel):
    """To whom a proposal is passed on."""

    unit: Code
    text: ProposalText = ""


class ProposalsApi:
    """Routes under ``/api/proposals``."""

    def __init__(self, desk: RestDesk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The routes, as they are served and described."""
        at, one = "/api/proposals", "/api/proposals/{proposal}"
        return [
            Route("GET", at, self.all, "Proposals, newest first", ProposalsAnswer, query=ProposalsQuery, access="point"),
            Route("POST", at, self.send, "Send a proposal", ProposalView, 201, body=NewProposal, access="point"),
            Route("GET", one, self.one, "One proposal with all that became of it", ProposalView, access="point"),
            Route("POST", f"{one}/answer", self.answer, "Answer a proposal", Ordered, body=ProposalReply),
            Route("POST", f"{one}/forward", self.forward, "Pass a proposal on to a unit above", Ordered, body=ProposalForward),
        ]

    async def all(self, request: web.Request) -> web.Response:
        """A point's own, or those that a scope sees."""
        identity, query = self._desk.anybody(request), read_query(request, ProposalsQuery)
        bridge = self._desk.line()
        proposals, directory = bridge.state.proposals, bridge.directory
        if identity.point is not None:
            if query.unit is not None:
                raise ServiceError("forbidden")
            seen = proposals.of_point(identity.point)
        else:
            scope = self._desk.scope(identity, query.unit, bridge)
            seen = [each for each in reversed(proposals.kept.values()) if may_see(each, directory, scope)]
        wanted = (each for each in seen if query.state == "all" or each.is_open == (query.state == "open"))
        rows = [proposal_row_view(each, directory) for each in islice(wanted, query.limit)]
        return answer_json({"at": self._desk.now_ms(), "proposals": rows, "open": sum(each.is_open for each in seen)})

    async def send(self, request: web.Request) -> web.Response:
        """Of the point whose bearer it is."""
        identity, body = self._desk.point(request), await read_body(request, NewProposal)
        events = await self._desk.say(identity, SendProposal(type="send_proposal", text=body.text))
        bridge = self._desk.line()
        made = bridge.state.proposals.kept[made_by(events) or ""]
        return answer_json(ProposalView.model_validate(proposal_view(made, bridge.directory)), 201)

    async def one(self, request: web.Request) -> web.Response:
        """The whole of it, to its point and to whoever it was addressed to."""
        identity = self._desk.anybody(request)
        bridge, name = self._desk.line(), request.match_info["proposal"]
        proposal = bridge.state.proposals.kept.get(name)
        if proposal is None:
            raise unknown_proposal(name)
        is_own = identity.point is not None and identity.point == proposal.point
        if not is_own and (identity.point is not None or not may_see(proposal, bridge.directory, identity.scope)):
            raise ServiceError("forbidden")
        return answer_json(ProposalView.model_validate(proposal_view(proposal, bridge.directory)))

    async def answer(self, request: web.Request) -> web.Response:
        """Accept, decline, note or forward it."""
        identity, body = self._desk.console(request), await read_body(request, ProposalReply)
        name = self._desk.code(request, "proposal")
        order = AnswerProposalOrder(kind="answer_proposal", proposal=name, outcome=body.outcome, text=body.text)
        return answer_json(await self._desk.order(identity, STANDING_LINE, order))

    async def forward(self, request: web.Request) -> web.Response:
        """Pass it on to any unit above."""
        identity, body = self._desk.console(request), await read_body(request, ProposalForward)
        name = self._desk.code(request, "proposal")
        order = ForwardProposalOrder(kind="forward_proposal", proposal=name, unit=body.unit, text=body.text)
        return answer_json(await self._desk.order(identity, STANDING_LINE, order))
