"""The directory over REST for who keeps it: as a table to edit, and a table to take its place, checked before it is kept.

A service reads the directory when it starts: sessions, their logs and every page count points by their place in it. So an
import is kept for the next start, and the answers say so (``coming``, ``awaits_restart``) until then. Who imports is a center
over all roots: one table replaces the whole directory.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections import Counter
from typing import Annotated, Final

import structlog
from aiohttp import web
from pydantic import Field

from bridge.errors import BridgeError
from bridge.units import Directory
from bridge.units_changes import What, changes_between, counted
from bridge.units_csv import UnitsCsvError, read_units
from config.limits import MAX_UNITS_CSV_BYTES
from signaling.account_changes import read_record
from signaling.auth import Identity
from signaling.errors import ServiceError
from signaling.message_fields import Count, ServerModel, Text200, Time
from signaling.rest import QueryModel, Route, answer_json, read_query, read_text
from signaling.rest_desk import RestDesk
from signaling.store import Store
from signaling.table_faults import faulty

_log = structlog.get_logger(__name__)

CHANGES_SHOWN: Final = 100
"""Of each kind of change; the counts are of all."""
ACCOUNTS_SHOWN: Final = 50


class DirectorySize(ServerModel):
    """A directory in three words."""

    version: str
    units: Count
    points: Count


class UnitsStatus(ServerModel):
    """The directory in force and, where another one was imported since the start, that one: it counts from the next start on."""

    at: Time
    present: DirectorySize
    coming: DirectorySize | None


class UnitsImportQuery(QueryModel):
    """``dry_run`` only checks and says what would change."""

    dry_run: bool = False


class UnitChangeView(ServerModel):
    """One change: of a parent (codes), a name or a kind from ``before`` to ``after``; of a point, the unit it stands in."""

    what: What
    code: str
    name: Text200
    before: Text200
    after: Text200


class UnitsImported(ServerModel):
    """What an import changes against the directory in force."""

    version: str
    units: Count
    points: Count
    counts: dict[What, Count]
    changes: Annotated[list[UnitChangeView], Field(max_length=7 * CHANGES_SHOWN)]
    """The first of each kind."""
    accounts: Annotated[list[str], Field(max_length=ACCOUNTS_SHOWN)]
    """Accounts whose scope names a unit that would be no more."""
    is_kept: bool
    """False for a dry run."""
    awaits_restart: bool


class UnitsApi:
    """Routes under ``/api/units``."""

    def __init__(self, desk: RestDesk, store: Store) -> None:
        self._desk = desk
        self._store = store
        self._turn = asyncio.Lock()

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", "/api/units", self.status, "The directory in force, and whether another one waits", UnitsStatus),
            Route("GET", "/api/units/table", self.table, "The directory in force as a table to edit", "text/csv"),
            Route(
                "POST", "/api/units", self.take_in, "Import a directory for the next start, or check one", UnitsImported,
                body="text/csv", query=UnitsImportQuery,
            ),
        ]  # fmt: skip

    async def status(self, request: web.Request) -> web.Response:
        """What is in force, and what is kept."""
        directory = self._line_directory(self._center(request))
        text = await self._store.get_directory()
        kept = None
        if text is not None:
            async with self._turn:
                kept = await asyncio.to_thread(_read_or_none, text)
        awaits = kept is not None and kept.version != directory.version
        size = DirectorySize(version=directory.version, units=len(directory.units), points=len(directory.points))
        coming = None
        if kept is not None and awaits:
            coming = DirectorySize(version=kept.version, units=len(kept.units), points=len(kept.points))
        return answer_json(UnitsStatus(at=self._desk.now_ms(), present=size, coming=coming))

    async def table(self, request: web.Request) -> web.Response:
        """The table of the whole directory: what may be edited and imported again."""
        directory = self._line_directory(self._center(request))
        text = await asyncio.to_thread(units_table, directory)
        response = web.Response(text=text, content_type="text/csv", charset="utf-8", headers={"Cache-Control": "no-store"})
        response.headers["Content-Disposition"] = 'attachment; filename="units.csv"'
        response.enable_compression()
        return response

    async def take_in(self, request: web.Request) -> web.Response:
        """Check a table and, unless it is a dry run, keep it for the next start; nothing of one that has a fault."""
        identity = self._center(request)
        directory = self._line_directory(identity)
        if request.content_type != "text/csv":
            raise ServiceError("unsupported_media_type")
        query = read_query(request, UnitsImportQuery)
        text = await read_text(request, MAX_UNITS_CSV_BYTES)
        async with self._turn:  # a large table takes a second of the processor
            try:
                wanted = await asyncio.to_thread(read_units, text)
            except UnitsCsvError as error:
                return faulty(error, error.lines)
            answer = await asyncio.to_thread(_difference, directory, wanted)
        removed = {unit.code for unit in directory.units if not wanted.has_unit(unit.code)}
        accounts = await self._accounts_of(removed) if removed else []
        if not query.dry_run:
            await self._store.put_directory(text)
            _log.info("api.units_imported", units=answer.units, points=answer.points, version=answer.version, by=identity.subject)
        update = {"accounts": accounts, "is_kept": not query.dry_run, "awaits_restart": wanted.version != directory.version}
        return answer_json(answer.model_copy(update=update))

    async def _accounts_of(self, removed: set[str]) -> list[str]:
        found: list[str] = []
        async for chunk in self._store.accounts():
            found += [record.name for record in map(read_record, chunk) if removed.intersection(record.scope)]
        return sorted(found)[:ACCOUNTS_SHOWN]

    def _center(self, request: web.Request) -> Identity:
        identity = self._desk.console(request)
        if identity.role != "center":
            raise ServiceError("forbidden")
        return identity

    def _line_directory(self, identity: Identity) -> Directory:
        """The directory, for who may replace all of it."""
        directory = self._desk.line().directory
        if not all(directory.is_within(unit.code, identity.scope) for unit in directory.units if unit.parent is None):
            raise ServiceError("forbidden")
        return directory


def units_table(directory: Directory) -> str:
    """The table of a directory, as :func:`bridge.units_csv.read_units` takes it, with a byte order mark for spreadsheets."""
    desks = Counter(point.unit for point in directory.points)
    out = io.StringIO()
    out.write("\ufeff")
    rows = csv.writer(out)
    rows.writerow(("code", "name", "parent", "kind", "points"))
    rows.writerows((unit.code, unit.name, unit.parent or "", unit.kind, desks[unit.code]) for unit in directory.units)
    return out.getvalue()


def _difference(present: Directory, wanted: Directory) -> UnitsImported:
    changes = list(changes_between(present, wanted))
    shown: Counter[str] = Counter()
    views: list[UnitChangeView] = []
    for change in changes:
        shown[change.what] += 1
        if shown[change.what] <= CHANGES_SHOWN:
            views.append(
                UnitChangeView(
                    what=change.what, code=change.code, name=change.name, before=change.before, after=change.after
                )
            )  # fmt: skip
    return UnitsImported(
        version=wanted.version,
        units=len(wanted.units),
        points=len(wanted.points),
        counts=counted(changes),
        changes=views,
        accounts=[],
        is_kept=False,
        awaits_restart=False,
    )


def _read_or_none(text: str) -> Directory | None:
    """What is kept cannot be read only when something else wrote it; the next start will say so."""
    try:
        return read_units(text)
    except BridgeError:
        return None
