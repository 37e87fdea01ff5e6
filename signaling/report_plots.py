"""What a report's plots are drawn from: how fast calls were answered, who was connected when, and figures by unit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

from bridge.live_curve import LiveCurve
from bridge.report import Report
from bridge.report_units import Placed, UnitRow, unit_row
from bridge.units import Directory
from signaling.message_fields import Code, Count, ServerModel, Text200, Time

ANSWER_BUCKET_S: Final = 5
ANSWER_BUCKETS: Final = 13
"""0 to 5 s, …, 55 to 60 s, and longer."""
MAX_LIVE: Final = 600
"""Moments of the curve; a screen has hardly more."""
MAX_UNITS: Final = 800
"""Units that have a bar: all districts of the country."""


class LiveSample(ServerModel):
    """How many points are connected from this moment on."""

    at: Time
    live: Count


class UnitFigures(ServerModel):
    """The figures of one unit, for bars beside those of others. ``asked`` and below count roll calls of points."""

    unit: Code
    name: Text200
    points: Count
    attended: Count
    asked: Count
    present: Count
    late: Count
    absent: Count
    calls: Count
    answered: Count
    causes: dict[str, Count]
    """Calls that failed, by cause."""


class ReportPlots(ServerModel):
    """The figures of a report's plots."""

    answer_bucket_s: Count
    answers: Annotated[list[Count], Field(max_length=ANSWER_BUCKETS)]
    """Answered calls by the seconds from ring to answer; the last one has all that took longer."""
    live: Annotated[list[LiveSample], Field(max_length=MAX_LIVE)]
    units: Annotated[list[UnitFigures], Field(max_length=MAX_UNITS)]
    """The units right below the one asked for; where there are none, itself."""


def plots_of(report: Report, curve: LiveCurve, directory: Directory, units: Sequence[str]) -> ReportPlots:
    """Make the figures for some units.

    Args:
        report: finished.
        curve: what the report told of connections within those units.
        directory: in force.
        units: those asked for.
    """
    below = [child.code for unit in units if directory.has_unit(unit) for child in directory.children(unit)]
    shown = below or [unit for unit in units if directory.has_unit(unit)]
    placed = Placed(report, directory)
    answers = [0] * ANSWER_BUCKETS
    for call in report.calls_within():
        if call.answer_ms is not None and directory.is_within(call.point, units):
            answers[min(max(0, call.answer_ms) // (ANSWER_BUCKET_S * 1000), ANSWER_BUCKETS - 1)] += 1
    return ReportPlots(
        answer_bucket_s=ANSWER_BUCKET_S,
        answers=answers,
        live=[LiveSample(at=at, live=max(0, live)) for at, live in curve.samples(MAX_LIVE)],
        units=[_figures(unit_row(placed, directory, unit)) for unit in shown[:MAX_UNITS]],
    )


def _figures(row: UnitRow) -> UnitFigures:
    return UnitFigures(
        unit=row.unit,
        name=row.name,
        points=row.points,
        attended=row.attended,
        asked=row.asked,
        present=row.present,
        late=row.late,
        absent=row.absent,
        calls=row.calls,
        answered=row.answered,
        causes=dict(row.causes),
    )
