"""The agenda and the draws of a session over REST."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from bridge.agenda_views import agenda_view, spoken_view
from bridge.draw_views import draw_view
from signaling.agenda_messages import (
    MAX_ITEMS,
    AgendaEntryOrder,
    AgendaItemView,
    Milliseconds,
    NextSpeakerOrder,
    SetAgendaOrder,
    SkipSpeakerOrder,
)
from signaling.draw_messages import MAX_DRAWN, MAX_FILTER_CHARS, MAX_UNITS, DrawPointsOrder, DrawView
from signaling.errors import ServiceError
from signaling.message_fields import ClientModel, Code, ServerModel, Text200, Time
from signaling.ordered import Ordered
from signaling.rest import QueryModel, Route, answer_json, read_body, read_query
from signaling.rest_desk import RestDesk
from signaling.room import Scope

MAX_DRAWS: Final = 100
USUAL_DRAWS: Final = 20


class SpokenRow(ServerModel):
    """How long a point has spoken."""

    point: Code
    point_name: Text200
    spoken_ms: Milliseconds


class AgendaAnswer(ServerModel):
    """The items of the scope in order, which is next, and how long each point has spoken, on the agenda or not."""

    session: Code
    at: Time
    items: list[AgendaItemView]
    next: Code | None
    spoken: list[SpokenRow]


class NewAgenda(ClientModel):
    """The whole agenda, in order."""

    items: Annotated[list[AgendaEntryOrder], Field(max_length=MAX_ITEMS)]


class NewDraw(ClientModel):
    """How many points to draw, of which units, who of them, and by which condition on indicators."""

    count: Annotated[int, Field(ge=1, le=MAX_DRAWN)]
    units: Annotated[list[Code], Field(min_length=1, max_length=MAX_UNITS)] | None = None
    only: Literal["ready", "live", "all"] = "ready"
    filter: Annotated[str, StringConstraints(max_length=MAX_FILTER_CHARS)] = ""


class DrawsQuery(QueryModel):
    """How many, the newest first."""

    limit: Annotated[int, Field(ge=1, le=MAX_DRAWS)] = USUAL_DRAWS


class DrawsAnswer(ServerModel):
    """Draws with the points of the scope, newest first."""

    session: Code
    at: Time
    draws: list[DrawView]


class AgendaApi:
    """Routes under ``/api/sessions/{session}/agenda`` and ``…/draws``."""

    def __init__(self, desk: RestDesk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The routes, as they are served and described."""
        agenda, draws = "/api/sessions/{session}/agenda", "/api/sessions/{session}/draws"
        skip = f"{agenda}/{{item}}/skip"
        return [
            Route("GET", agenda, self.agenda, "The agenda of speakers and their time", AgendaAnswer, access="observer"),
            Route("PUT", agenda, self.set_agenda, "Set the agenda of speakers", Ordered, body=NewAgenda),
            Route("POST", f"{agenda}/next", self.next_speaker, "Give the floor to the next speaker", Ordered),
            Route("POST", skip, self.skip_speaker, "Pass over a speaker", Ordered),
            Route("GET", draws, self.draws, "Draws, newest first", DrawsAnswer, query=DrawsQuery, access="observer"),
            Route("POST", draws, self.draw, "Draw points by lot", DrawView, 201, body=NewDraw),
        ]

    async def agenda(self, request: web.Request) -> web.Response:
        """The items of the scope, and the time of its points."""
        session = request.match_info["session"]
        identity = self._desk.reader(request, session)
        bridge = self._desk.room(session).bridge
        has, agenda, directory = Scope(bridge.directory, identity.scope).has, bridge.state.agenda, bridge.directory
        body = {**agenda_view(agenda, directory, has), "spoken": spoken_view(agenda, directory, has)}
        return answer_json({"session": session, "at": self._desk.now_ms(), **body})

    async def set_agenda(self, request: web.Request) -> web.Response:
        """Replace it by this one."""
        session = request.match_info["session"]
        identity, body = self._desk.console(request, session), await read_body(request, NewAgenda)
        return answer_json(await self._desk.order(identity, session, SetAgendaOrder(kind="set_agenda", items=body.items)))

    async def next_speaker(self, request: web.Request) -> web.Response:
        """Give the floor to the next item; ``call`` of the answer is the call that was placed for it."""
        session = request.match_info["session"]
        identity = self._desk.console(request, session)
        return answer_json(await self._desk.order(identity, session, NextSpeakerOrder(kind="next_speaker")))

    async def skip_speaker(self, request: web.Request) -> web.Response:
        """Pass over an item."""
        session = request.match_info["session"]
        identity = self._desk.console(request, session)
        order = SkipSpeakerOrder(kind="skip_speaker", item=self._desk.code(request, "item"))
        return answer_json(await self._desk.order(identity, session, order))

    async def draws(self, request: web.Request) -> web.Response:
        """Those of units of the scope, the newest first."""
        session = request.match_info["session"]
        identity, query = self._desk.reader(request, session), read_query(request, DrawsQuery)
        bridge = self._desk.room(session).bridge
        views = (draw_view(each, bridge.directory, identity.scope) for each in reversed(bridge.state.draws.kept.values()))
        listed = list(islice((view for view in views if view is not None), query.limit))
        return answer_json({"session": session, "at": self._desk.now_ms(), "draws": listed})

    async def draw(self, request: web.Request) -> web.Response:
        """Draw, and give what came."""
        session = request.match_info["session"]
        identity, body = self._desk.console(request, session), await read_body(request, NewDraw)
        order = DrawPointsOrder(kind="draw_points", count=body.count, units=body.units, only=body.only, filter=body.filter)
        done = await self._desk.order(identity, session, order)
        bridge = self._desk.room(session).bridge
        draw = bridge.state.draws.kept.get(done.made or "")
        view = None if draw is None else draw_view(draw, bridge.directory, identity.scope)
        if view is None:
            raise ServiceError("not_found")  # a hundred others were made in the same instant
        return answer_json(DrawView.model_validate(view), 201)
