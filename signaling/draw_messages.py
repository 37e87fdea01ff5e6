"""Draws as PROTOCOL.md sends them: what consoles order, and what they hear."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from signaling.message_fields import ClientModel, Code, Count, ServerModel, Text64, Text200, Text400, Time

MAX_DRAWN: Final = 100
MAX_UNITS: Final = 100
MAX_FILTER_CHARS: Final = 300


class DrawPointsOrder(ClientModel):
    """Draw points by lot: of some units, by default of the account's scope; only those there, or all; by an indicator or not."""

    kind: Literal["draw_points"]
    count: Annotated[int, Field(ge=1, le=MAX_DRAWN)]
    units: Annotated[list[Code], Field(min_length=1, max_length=MAX_UNITS)] | None = None
    only: Literal["ready", "live", "all"] = "ready"
    filter: Annotated[str, StringConstraints(max_length=MAX_FILTER_CHARS)] = ""


class DrawnPoint(ServerModel):
    """One point that was drawn, its place in the lot, and when it had last been called."""

    place: Annotated[int, Field(ge=1, le=MAX_DRAWN)]
    point: Code
    point_name: Text200
    last_called: Time | None


class DrawView(ServerModel):
    """A draw as a console sees it: the points of its scope."""

    id: Code
    at: Time
    by: Text200
    k: Annotated[int, Field(ge=1, le=MAX_DRAWN)]
    units: list[Code]
    filter: Text400
    seed: Text64
    candidates: Count
    left_out: Count
    started_over: bool
    drawn: Annotated[list[DrawnPoint], Field(max_length=MAX_DRAWN)]


class DrawMessage(ServerModel):
    """To a console: points were drawn."""

    type: Literal["draw"] = "draw"
    draw: DrawView
