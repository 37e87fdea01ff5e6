"""Directives over REST: to consoles the list, the counters and the laggards of their scope, to a point the text of its own.

The text is given here and nowhere else: ten thousand points are told that there is a directive, and whoever opens it asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from bridge.bridge import Bridge
from bridge.directive_views import answers_view, directive_board_view, notice_view
from bridge.directives import Answer, Directive
from bridge.ids import STANDING_LINE
from signaling.directive_messages import (
    MAX_UNITS,
    AcknowledgeDirective,
    DirectiveAnswer,
    DirectiveBoardView,
    DirectiveText,
    IssueDirectiveOrder,
    NoticeView,
    Title,
    WithdrawDirectiveOrder,
)
from signaling.errors import ServiceError
from signaling.message_fields import AbsenceCause, ClientModel, Code, ServerModel, Text100, Text200, Time
from signaling.ordered import Ordered
from signaling.rest import QueryModel, Route, answer_json, read_body, read_query
from signaling.rest_desk import RestDesk

MAX_LISTED: Final = 500
USUAL_LISTED: Final = 50
MAX_POINTS: Final = 20_000
USUAL_POINTS: Final = 1000

MISSING: Final = frozenset({Answer.WAITING, Answer.OVERDUE})
WANTED: Final[Mapping[str, tuple[frozenset[Answer], bool | None]]] = {
    **{answer.value: (frozenset({answer}), None) for answer in Answer},
    "missing": (MISSING, None),
    "silent": (MISSING, True),
    "offline": (MISSING, False),
    "all": (frozenset(Answer), None),
}
"""What ``?status=`` may say: with which answers, and whether it reached them."""


class DirectivesQuery(QueryModel):
    """How many, the newest first, and of which unit (by default the bearer's scope)."""

    unit: Code | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_LISTED)] = USUAL_LISTED


class DirectivesAnswer(ServerModel):
    """Directives with the counters of the scope, newest first."""

    at: Time
    directives: list[DirectiveBoardView]


class DirectiveQuery(QueryModel):
    """The counters of which unit (by default the bearer's scope)."""

    unit: Code | None = None


class DirectiveAnswerWhole(ServerModel):
    """One directive with its text: to a console with ``board``, to a point with ``notice``, its own answer."""

    at: Time
    id: Code
    title: Text200
    text: str
    board: DirectiveBoardView | None
    notice: NoticeView | None


class DirectivePointsQuery(QueryModel):
    """Whose answers, and which of them; by default the laggards of the scope."""

    unit: Code | None = None
    status: Literal["waiting", "in_time", "late", "overdue", "missing", "silent", "offline", "all"] = "missing"
    limit: Annotated[int, Field(ge=1, le=MAX_POINTS)] = USUAL_POINTS


class DirectivePoint(ServerModel):
    """What became of one point; ``cause`` says of an overdue one whether it could have known."""

    point: Code
    point_name: Text200
    answer: DirectiveAnswer
    cause: AbsenceCause | None
    acknowledged_at: Time | None
    name: Text100 | None
    function: Text100 | None


class DirectivePointsAnswer(ServerModel):
    """One directive: the counters of a unit, and points in directory order."""

    at: Time
    directive: DirectiveBoardView
    points: list[DirectivePoint]
    has_more: bool


class NewDirective(ClientModel):
    """What a directive is to say, to whom, and until when; ``session`` is the meeting in which it is given."""

    title: Title
    text: DirectiveText
    deadline: Time
    units: Annotated[list[Code], Field(min_length=1, max_length=MAX_UNITS)] | None = None
    session: Code = STANDING_LINE


class Acknowledgement(ClientModel):
    """Who has read it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    function: Text100 = ""


class DirectivesApi:
    """Routes under ``/api/directives``."""

    def __init__(self, desk: RestDesk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """The routes, as they are served and described."""
        at, one = "/api/directives", "/api/directives/{directive}"
        return [
            Route("GET", at, self.all, "Directives, newest first", DirectivesAnswer, query=DirectivesQuery, access="observer"),
            Route("POST", at, self.issue, "Give a directive", Ordered, 201, body=NewDirective),
            Route(
                "GET", one, self.one, "One directive with its text", DirectiveAnswerWhole, query=DirectiveQuery, access="point"
            ),
            Route(
                "GET",
                f"{one}/points",
                self.points,
                "Who has acknowledged a directive, and who has not",
                DirectivePointsAnswer,
                query=DirectivePointsQuery,
                access="observer",
            ),
            Route("POST", f"{one}/withdraw", self.withdraw, "Take a directive back", Ordered),
            Route(
                "POST", f"{one}/acknowledge", self.acknowledge, "Acknowledge", NoticeView, body=Acknowledgement, access="point"
            ),
        ]

    async def all(self, request: web.Request) -> web.Response:
        """Those that concern the scope, newest first, with its counters."""
        identity, query = self._desk.reader(request), read_query(request, DirectivesQuery)
        bridge = self._desk.line()
        scope = self._desk.scope(identity, query.unit, bridge)
        boards = (directive_board_view(each, bridge.directory, scope) for each in reversed(bridge.state.directives.kept.values()))
        listed = list(islice((board for board in boards if board is not None), query.limit))
        return answer_json({"at": self._desk.now_ms(), "directives": listed})

    async def issue(self, request: web.Request) -> web.Response:
        """Give one; ``made`` of the answer is its id."""
        identity, body = self._desk.console(request), await read_body(request, NewDirective)
        order = IssueDirectiveOrder(
            kind="issue_directive", title=body.title, text=body.text, deadline=body.deadline, units=body.units
        )
        return answer_json(await self._desk.order(identity, body.session, order), 201)

    async def one(self, request: web.Request) -> web.Response:
        """The text, to whoever it concerns."""
        identity, query = self._desk.anybody(request), read_query(request, DirectiveQuery)
        bridge = self._desk.line()
        directive = bridge.state.directive(request.match_info["directive"])
        board, notice = None, None
        if identity.point is not None:
            if identity.point not in directive.points or query.unit is not None:
                raise ServiceError("forbidden")
            notice = notice_view(directive, identity.point)
        else:
            board = self._board(directive, self._desk.scope(identity, query.unit, bridge), bridge)
        head = {"id": directive.id, "title": directive.title, "text": directive.text}
        return answer_json({"at": self._desk.now_ms(), **head, "board": board, "notice": notice})

    async def points(self, request: web.Request) -> web.Response:
        """The laggards, or others."""
        identity, query = self._desk.reader(request), read_query(request, DirectivePointsQuery)
        bridge = self._desk.line()
        directive = bridge.state.directive(request.match_info["directive"])
        scope = self._desk.scope(identity, query.unit, bridge)
        board = self._board(directive, scope, bridge)
        found = answers_view(directive, bridge.directory, scope, *WANTED[query.status])
        points = list(islice(found, query.limit))
        has_more = next(found, None) is not None
        return answer_json({"at": self._desk.now_ms(), "directive": board, "points": points, "has_more": has_more})

    async def withdraw(self, request: web.Request) -> web.Response:
        """Take one back."""
        identity = self._desk.console(request)
        order = WithdrawDirectiveOrder(kind="withdraw_directive", directive=self._desk.code(request, "directive"))
        return answer_json(await self._desk.order(identity, STANDING_LINE, order))

    async def acknowledge(self, request: web.Request) -> web.Response:
        """Of the point whose bearer it is."""
        identity, body = self._desk.point(request), await read_body(request, Acknowledgement)
        name = self._desk.code(request, "directive")
        message = AcknowledgeDirective(type="acknowledge_directive", directive=name, name=body.name, function=body.function)
        await self._desk.say(identity, message)
        directive = self._desk.line().state.directive(name)
        return answer_json(NoticeView.model_validate(notice_view(directive, identity.point or "")))

    def _board(self, directive: Directive, scope: tuple[str, ...], bridge: Bridge) -> dict[str, object]:
        board = directive_board_view(directive, bridge.directory, scope)
        if board is None:
            raise ServiceError("forbidden")
        return board
