"""The REST part of the indicators: what there is, values at a date, a unit's history, and the import of a table."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import islice
from typing import Final

import structlog
from aiohttp import web

from bridge.days import day_at, day_text, parse_day
from bridge.errors import BridgeError, forbidden
from bridge.indicator_filter import FilterError, parse_filter
from bridge.indicator_imports import IndicatorImport, plain
from bridge.indicator_queries import Found, Rank, ranking, units_of
from bridge.indicator_queries import IndicatorView as DayView
from bridge.indicators import ImportNote, Indicator, Indicators
from bridge.indicators_csv import IndicatorsCsvError, IndicatorTable, read_indicators
from bridge.units import Directory
from config.limits import MAX_INDICATOR_CSV_BYTES
from signaling.admission import Addresses
from signaling.auth import Identity
from signaling.bearer import Bearers
from signaling.errors import Refusal, ServiceError, refusal_of
from signaling.indicator_messages import (
    History,
    HistoryQuery,
    HistoryValue,
    ImportAnswer,
    ImportedIndicator,
    ImportQuery,
    ImportView,
    IndicatorList,
    IndicatorView,
    ValueList,
    ValuesQuery,
    ValueView,
)
from signaling.indicators import KeptIndicators
from signaling.rest import Route, answer_json, bad, read_query, read_text
from signaling.table_faults import faulty
from signaling.web_errors import problem

_log = structlog.get_logger(__name__)

IMPORTS_SHOWN: Final = 50
MAX_WAITING: Final = 4
"""Tables that wait to be read while one is; more are told to come back."""
SLICE: Final = 2_000
"""Units of an answer made at once."""


class IndicatorsApi:
    """Routes under ``/api/indicators``."""

    def __init__(
        self,
        *,
        indicators: KeptIndicators,
        directory: Callable[[], Directory | None],
        bearers: Bearers,
        addresses: Addresses,
        now_ms: Callable[[], int],
    ) -> None:
        self._kept = indicators
        self._directory = directory
        self._bearers = bearers
        self._addresses = addresses
        self._now_ms = now_ms
        self._reading = asyncio.Lock()
        self._waiting = 0

    def routes(self) -> tuple[Route, ...]:
        """What is served, and what the OpenAPI document says of it."""
        return (
            Route(
                "GET", "/api/indicators", self.all, "The indicators and their newest imports", IndicatorList, access="observer"
            ),
            Route(
                "GET",
                "/api/indicators/values",
                self.values,
                "Values of units at a date",
                ValueList,
                query=ValuesQuery,
                access="observer",
            ),
            Route(
                "GET",
                "/api/indicators/history",
                self.history,
                "All values of a unit",
                History,
                query=HistoryQuery,
                access="observer",
            ),
            Route(
                "POST",
                "/api/indicators",
                self.take_in,
                "Import a table of indicators, or check one",
                ImportAnswer,
                body="text/csv",
                query=ImportQuery,
            ),
        )

    async def all(self, request: web.Request) -> web.Response:
        """The indicators and their imports."""
        self._reader(request)
        state = self._kept.state
        notes = islice(reversed(state.imports.values()), IMPORTS_SHOWN)
        return answer_json(
            IndicatorList(
                at=self._now_ms(),
                today=day_text(self._today()),
                indicators=[_indicator_view(each) for each in state.all()],
                imports=[_import_view(note) for note in notes],
            )
        )

    async def values(self, request: web.Request) -> web.Response:
        """Values at a date, filtered and in order."""
        identity = self._reader(request)
        query = read_query(request, ValuesQuery)
        state, directory = self._kept.state, self._known_directory()
        scope = self._scope(directory, identity, query.unit)
        day = self._day(query.date, "date")
        indicator = state.indicator(query.name)
        try:
            conditions = parse_filter(query.filter, state)
        except FilterError as error:
            return problem(_with_status(error, 400))
        view = DayView(state, directory, day, inherited=query.inherited)
        units = list(units_of(directory, scope))
        found: list[Found] = []
        for start in range(0, len(units), SLICE):
            found += view.find(indicator, units[start : start + SLICE], conditions, missing=query.missing)
            await asyncio.sleep(0)
        if query.sort is not None:
            name = query.sort.removeprefix("-")
            found = view.sort(found, state.indicator(name), descending=name != query.sort)
            await asyncio.sleep(0)
        ranks: dict[str, Rank] = {}
        if query.earlier is not None:
            ranks = ranking(state, indicator, units, day, self._day(query.earlier, "earlier"))
            await asyncio.sleep(0)
        shown = found[: query.limit]
        views: list[ValueView] = []
        for start in range(0, len(shown), SLICE):
            views += [_value_view(each, ranks.get(each.unit.code)) for each in shown[start : start + SLICE]]
            await asyncio.sleep(0)
        return answer_json(
            ValueList(
                at=self._now_ms(),
                name=indicator.name,
                kind=indicator.kind,
                date=day_text(day),
                total=len(found),
                has_more=len(found) > len(shown),
                units=views,
            )
        )

    async def history(self, request: web.Request) -> web.Response:
        """All values of a unit, with who imported them."""
        identity = self._reader(request)
        query = read_query(request, HistoryQuery)
        state, directory = self._kept.state, self._known_directory()
        self._scope(directory, identity, query.unit)
        indicator = state.indicator(query.name)
        values: list[HistoryValue] = []
        for reading in state.history(indicator, query.unit):
            note = state.imports.get(reading.source)
            values.append(
                HistoryValue(
                    date=day_text(reading.day),
                    value=plain(reading.value),
                    number=reading.source,
                    imported_at=None if note is None else note.at_ms,
                    by=None if note is None else note.by,
                    file=None if note is None else note.file,
                )
            )
        unit = directory.unit(query.unit)
        answer = History(
            at=self._now_ms(), name=indicator.name, kind=indicator.kind, unit=unit.code, unit_name=unit.name, values=values
        )
        return answer_json(answer)

    async def take_in(self, request: web.Request) -> web.Response:
        """Import a table: a center's, about units of its scope alone; nothing of one that has a fault."""
        identity = self._reader(request)
        if identity.role != "center":
            raise forbidden("nhập chỉ số", "import indicators")
        if request.content_type != "text/csv":
            raise ServiceError("unsupported_media_type")
        query = read_query(request, ImportQuery)
        directory, state = self._known_directory(), self._kept.state
        text = await read_text(request, MAX_INDICATOR_CSV_BYTES)
        try:
            table = await self._read(text, directory, state)
        except IndicatorsCsvError as error:
            return faulty(error, error.lines, error.more)
        _require_scope(table, directory, identity)
        record = IndicatorImport(self._now_ms(), identity.subject, query.file, table.parts)
        answer = _import_answer(record, table, state)
        if query.dry_run:
            state.check(record)
            return answer_json(answer)
        number = await self._kept.add(record)
        _log.info("api.indicators_imported", number=number, values=answer.values, by=identity.subject)
        return answer_json(answer.model_copy(update={"number": number}))

    async def _read(self, text: str, directory: Directory, state: Indicators) -> IndicatorTable:
        """Read a table beside the loop, one at a time: a large one takes seconds of the processor."""
        if self._waiting > MAX_WAITING:
            raise ServiceError("too_many", retry_after_s=5)
        self._waiting += 1
        try:
            async with self._reading:
                return await asyncio.to_thread(read_indicators, text, directory, state, self._today())
        finally:
            self._waiting -= 1

    def _reader(self, request: web.Request) -> Identity:
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        identity = self._bearers.check(request, address, None)
        if not identity.may_observe:
            raise ServiceError("forbidden")
        return identity

    def _known_directory(self) -> Directory:
        directory = self._directory()
        if directory is None:
            raise ServiceError("unavailable", retry_after_s=1)
        return directory

    def _scope(self, directory: Directory, identity: Identity, unit: str | None) -> tuple[str, ...]:
        if unit is None:
            return tuple(identity.scope)
        if not directory.is_within(directory.unit(unit).code, identity.scope):
            raise ServiceError("forbidden")
        return (unit,)

    def _today(self) -> int:
        return day_at(self._now_ms())

    def _day(self, text: str | None, place: str) -> int:
        day = self._today() if text is None else parse_day(text)
        if day is None:
            raise bad(f"query.{place}", "không phải là ngày như 2021-09-02", "is not a date such as 2021-09-02")
        return day


def _require_scope(table: IndicatorTable, directory: Directory, identity: Identity) -> None:
    outside = [unit for unit in table.line_of if not directory.is_within(unit, identity.scope)]
    if outside:
        first = min(outside, key=lambda unit: table.line_of[unit])
        line, name = table.line_of[first], directory.unit(first).name
        raise forbidden(
            f"nhập chỉ số cho {len(outside)} đơn vị ngoài phạm vi của mình (dòng {line}: {name})",
            f"import indicators of {len(outside)} units outside of its scope (line {line}: {name})",
        )


def _with_status(error: BridgeError, status: int) -> Refusal:
    refusal = refusal_of(error)
    return Refusal(refusal.code, status, refusal.close_code, refusal.message_vi, refusal.message_en)


def _indicator_view(indicator: Indicator) -> IndicatorView:
    return IndicatorView(
        name=indicator.name,
        kind=indicator.kind,
        units=indicator.unit_count,
        first_date=day_text(indicator.first_day),
        last_date=day_text(indicator.last_day),
        last_import=indicator.source,
        categories=indicator.categories,
    )


def _import_view(note: ImportNote) -> ImportView:
    return ImportView(
        number=note.number,
        at=note.at_ms,
        by=note.by,
        file=note.file,
        names=list(note.names),
        values=note.values,
        first_date=day_text(note.first_day),
        last_date=day_text(note.last_day),
    )


def _value_view(found: Found, rank: Rank | None) -> ValueView:
    reading = found.reading
    return ValueView(
        unit=found.unit.code,
        unit_name=found.unit.name,
        value=reading and plain(reading.value),
        date=reading and day_text(reading.day),
        source=found.source,
        rank=None if rank is None else rank.now,
        earlier_rank=None if rank is None else rank.before,
        moved=None if rank is None else rank.moved,
    )


def _import_answer(record: IndicatorImport, table: IndicatorTable, state: Indicators) -> ImportAnswer:
    indicators: list[ImportedIndicator] = []
    for name in dict.fromkeys(part.name for part in record.parts):
        parts = [part for part in record.parts if part.name == name]
        indicators.append(
            ImportedIndicator(
                name=name,
                kind=parts[0].kind,
                is_new=state.find(name) is None,
                values=sum(len(part.values) for part in parts),
                first_date=day_text(min(part.day for part in parts)),
                last_date=day_text(max(part.day for part in parts)),
            )
        )
    return ImportAnswer(number=None, values=record.value_count, units=len(table.line_of), indicators=indicators)
