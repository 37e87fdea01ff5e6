"""The reports over REST: of a session, and of a period, for the units of the bearer's scope.

A report is made from the logs alone, read when it is asked for: nothing is kept between two requests, and the command line
makes the same report from an exported log (:mod:`cli.report`). Reading a million records takes a while, so that one report is
made at a time, a few wait, and more are told to come back.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import Field

from bridge import report_folds
from bridge.codec import decode_event
from bridge.ids import STANDING_LINE
from bridge.live_curve import LiveCurve
from bridge.report import Report
from bridge.report_rows import Window
from bridge.units import Directory
from signaling.admission import Addresses
from signaling.auth import Identity
from signaling.bearer import Bearers
from signaling.errors import ServiceError
from signaling.message_fields import Code, ServerModel, Text200, Time
from signaling.report_files import STYLE, Heading, to_csv, to_html, to_xlsx
from signaling.report_plots import ReportPlots, plots_of
from signaling.report_tables import Cell, Language, Table, tables_of
from signaling.rest import QueryModel, Route, answer_json, bad, read_query
from signaling.store import Store

MAX_WAITING: Final = 4
MAX_DEPTH: Final = 6
MAX_PERIOD_MS: Final = 400 * 86_400_000
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES: Final = ("text/html", "text/csv", XLSX)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HTML_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"


TableName = Literal["units", "calls", "roll_calls", "missing", "directives", "points"]


class ReportQuery(QueryModel):
    """Which form, language and units."""

    format: Literal["json", "csv", "xlsx", "html"] = "json"
    lang: Language = "vi"
    unit: Code | None = None
    """Only this unit and what is below it; by default the bearer's scope."""
    depth: Annotated[int, Field(ge=0, le=MAX_DEPTH)] = 1
    """Levels of units below the scope that have a row of their own."""
    table: TableName = "units"
    """Which table a CSV file has."""


class PeriodQuery(ReportQuery):
    """And the time: from ``start`` up to ``end``."""

    start: Time
    end: Time


class ReportColumn(ServerModel):
    """One column of a table."""

    name: str
    heading: str
    kind: Literal["text", "number", "time", "duration"]


class ReportTable(ServerModel):
    """One table: its rows have a cell for each column."""

    name: TableName
    title: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]


class ReportAnswer(ServerModel):
    """A report."""

    title: Text200
    scope: str
    start: Time
    end: Time
    at: Time
    events: int
    tables: tuple[ReportTable, ...]
    plots: ReportPlots


class Reports:
    """Makes reports of the logs in a store."""

    def __init__(self, store: Store, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._now_ms = now_ms
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def make(
        self,
        sessions: Collection[str],
        window: Window,
        presence_in: str | None,
        directives_of: str | None = None,
        curve: LiveCurve | None = None,
    ) -> Report:
        """Read the logs of some sessions and add them up; raises ``too_many`` when several wait already.

        ``directives_of``: with what the standing line's log has of the directives that were given in this session. ``curve`` is
        told who was connected when.
        """
        if self._waiting >= MAX_WAITING:
            raise ServiceError("too_many", retry_after_s=10)
        self._waiting += 1
        try:
            async with self._turn:
                report = Report(window, presence_in, curve)
                for session in sorted(sessions):
                    async for records in self._store.read(session):
                        for record in records:
                            report_folds.add(report, session, decode_event(record.event))
                        await asyncio.sleep(0)
                if directives_of is not None:
                    async for records in self._store.read(STANDING_LINE):
                        for record in records:
                            if is_of_directive(record.event):
                                report_folds.add_directive_of(report, directives_of, decode_event(record.event))
                        await asyncio.sleep(0)
                report.finish(self._now_ms())
                return report
        finally:
            self._waiting -= 1


class ReportApi:
    """``/api/sessions/{session}/report`` and ``/api/report``."""

    def __init__(
        self,
        *,
        store: Store,
        directory: Callable[[], Directory | None],
        bearers: Bearers,
        addresses: Addresses,
        now_ms: Callable[[], int],
    ) -> None:
        self._store = store
        self._directory = directory
        self._bearers = bearers
        self._addresses = addresses
        self._now_ms = now_ms
        self._reports = Reports(store, now_ms)

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route(
                "GET",
                "/api/sessions/{session}/report",
                self.of_session,
                "Report of a session: who was there, who answered, how fast, why not",
                ReportAnswer,
                query=ReportQuery,
                access="observer",
                also=FILES,
            ),
            Route(
                "GET",
                "/api/report",
                self.of_period,
                "Report of a period over all sessions",
                ReportAnswer,
                query=PeriodQuery,
                access="observer",
                also=FILES,
            ),
        ]

    async def of_session(self, request: web.Request) -> web.Response:
        """The report of one session, from its opening to its end or to now."""
        session = request.match_info["session"]
        identity = self._reader(request, session)
        query = read_query(request, ReportQuery)
        if session not in await self._store.sessions():
            raise ServiceError("not_found")
        directory, units = self._scope(identity, query)
        curve = _curve_of(directory, units)
        report = await self._reports.make([session], Window(), session, None if session == STANDING_LINE else session, curve)
        start = report.opened_at.get(session, report.ends_at)
        end = report.closed_at.get(session, self._now_ms())
        vi, en = report.titles.get(session, session), report.titles.get(session, session)
        title = f"Báo cáo phiên họp: {vi}" if query.lang == "vi" else f"Report of the session: {en}"
        return await self._answer(query, report, directory, units, (title, start, end), curve)

    async def of_period(self, request: web.Request) -> web.Response:
        """The report of a time, over every session whose log has something of it."""
        identity = self._reader(request, None)
        query = read_query(request, PeriodQuery)
        if not query.start < query.end <= query.start + MAX_PERIOD_MS:
            raise bad("query.end", "phải sau start, không quá 400 ngày", "must be after start, by 400 days at most")
        directory, units = self._scope(identity, query)
        sessions = await self._store.sessions()
        window = Window(query.start, query.end)
        curve = _curve_of(directory, units)
        report = await self._reports.make(sessions, window, STANDING_LINE, curve=curve)
        title = "Báo cáo theo thời gian" if query.lang == "vi" else "Report of a period"
        return await self._answer(query, report, directory, units, (title, query.start, query.end), curve)

    def _reader(self, request: web.Request, session: str | None) -> Identity:
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        identity = self._bearers.check(request, address, session)
        if not identity.may_observe:
            raise ServiceError("forbidden")
        return identity

    def _scope(self, identity: Identity, query: ReportQuery) -> tuple[Directory, Sequence[str]]:
        directory = self._directory()
        if directory is None:
            raise ServiceError("unavailable", retry_after_s=1)
        if query.unit is None:
            return directory, tuple(unit for unit in identity.scope if directory.has_unit(unit))
        if not directory.is_within(query.unit, identity.scope):
            raise ServiceError("forbidden")
        if not directory.has_unit(query.unit):
            raise ServiceError("not_found")
        return directory, (query.unit,)

    async def _answer(
        self,
        query: ReportQuery,
        report: Report,
        directory: Directory,
        units: Sequence[str],
        about: tuple[str, int, int],
        curve: LiveCurve,
    ) -> web.Response:
        """Make the answer beside the loop: a year of the country takes seconds, and calls do not wait for it."""
        return await asyncio.to_thread(self._made, query, report, directory, units, about, curve)

    def _made(
        self,
        query: ReportQuery,
        report: Report,
        directory: Directory,
        units: Sequence[str],
        about: tuple[str, int, int],
        curve: LiveCurve,
    ) -> web.Response:
        title, start, end = about
        tables = tables_of(report, directory, units, query.lang, query.depth)
        scope = ", ".join(directory.unit(unit).name for unit in units)
        head = Heading(title, scope, start, end, self._now_ms())
        if query.format == "json":
            return answer_json(_json_of(head, tables, query.lang, report.events, plots_of(report, curve, directory, units)))
        body, content_type, extension = file_of(query.format, query.table, head, tables, query.lang)
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        if query.format == "html":
            headers["Content-Security-Policy"] = HTML_POLICY
        else:
            name = query.table if extension == "csv" else "report"
            headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
        charset = "utf-8" if content_type.startswith("text/") else None
        return web.Response(body=body, content_type=content_type, charset=charset, headers=headers)


def is_of_directive(stored: Mapping[str, Any]) -> bool:
    """Whether a stored event is about a directive, without decoding it."""
    return str(stored.get("type", "")).startswith("directive_")


def file_of(
    form: Literal["csv", "xlsx", "html"], table: str, head: Heading, tables: Sequence[Table], language: Language
) -> tuple[bytes, str, str]:
    """A report as a file: its bytes, media type and extension. A CSV file has one ``table``."""
    if form == "csv":
        return to_csv(next(each for each in tables if each.name == table), language), "text/csv", "csv"
    if form == "xlsx":
        return to_xlsx(head, tables, language), XLSX, "xlsx"
    return to_html(head, tables, language), "text/html", "html"


def _curve_of(directory: Directory, units: Sequence[str]) -> LiveCurve:
    """The curve of the units asked for."""
    return LiveCurve(lambda point: directory.is_within(point, units))


def _json_of(head: Heading, tables: Sequence[Table], language: Language, events: int, plots: ReportPlots) -> ReportAnswer:
    return ReportAnswer(
        title=head.title[:200],
        scope=head.scope,
        start=head.start,
        end=head.end,
        at=head.made_at,
        events=events,
        tables=tuple(
            ReportTable.model_validate(
                {
                    "name": table.name,
                    "title": table.vi if language == "vi" else table.en,
                    "columns": [
                        {"name": column.name, "heading": column.vi if language == "vi" else column.en, "kind": column.kind}
                        for column in table.columns
                    ],
                    "rows": table.rows,
                }
            )
            for table in tables
        ),
        plots=plots,
    )
