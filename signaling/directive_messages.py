"""Directives as PROTOCOL.md sends them: what consoles order, what points answer, and what both hear."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, StringConstraints

from signaling.message_fields import ClientModel, Code, Count, ServerModel, Text100, Text200, Time

MAX_TEXT_CHARS: Final = 10_000
MAX_UNITS: Final = 100
MAX_SECONDS: Final = 366 * 86_400

Title: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200)]
DirectiveText: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_CHARS)]
DirectiveState: TypeAlias = Literal["running", "due", "withdrawn"]
DirectiveAnswer: TypeAlias = Literal["waiting", "in_time", "late", "overdue"]


class IssueDirectiveOrder(ClientModel):
    """Give a directive to every point of some units, by default of the account's scope, to be acknowledged by a time."""

    kind: Literal["issue_directive"]
    title: Title
    text: DirectiveText
    deadline: Time
    units: Annotated[list[Code], Field(min_length=1, max_length=MAX_UNITS)] | None = None


class WithdrawDirectiveOrder(ClientModel):
    """Take a directive back."""

    kind: Literal["withdraw_directive"]
    directive: Code


class AcknowledgeDirective(ClientModel):
    """Somebody at the point has read a directive."""

    type: Literal["acknowledge_directive"]
    directive: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    function: Text100 = ""


class DirectiveHead(ServerModel):
    """What everybody may know of a directive that concerns them, apart from its text."""

    id: Code
    title: Text200
    by: Text200
    session: str
    state: DirectiveState
    issued_at: Time
    deadline: Time
    withdrawn_at: Time | None


class NoticeView(DirectiveHead):
    """A directive as one of its points hears of it."""

    answer: DirectiveAnswer
    acknowledged_at: Time | None
    name: Text100 | None
    function: Text100 | None


class DirectiveTally(ServerModel):
    """The counters of a directive."""

    addressed: Count
    in_time: Count
    late: Count
    silent: Count
    offline: Count


class UnitDirectiveTally(DirectiveTally):
    """The counters of one unit."""

    unit: Code
    name: Text200


class DirectiveBoardView(DirectiveHead):
    """A directive as consoles see it: counters of their scope."""

    total: DirectiveTally
    units: Annotated[tuple[UnitDirectiveTally, ...], Field(max_length=MAX_UNITS)]
    units_left_out: Count


class DirectiveMessage(ServerModel):
    """To a point: a directive is addressed to it, or its own state in one changed."""

    type: Literal["directive"] = "directive"
    directive: NoticeView


class DirectiveBoard(ServerModel):
    """To a console: the counters of a directive."""

    type: Literal["directive_board"] = "directive_board"
    directive: DirectiveBoardView
