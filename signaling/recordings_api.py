"""Recordings over REST: which there are, one as a file, what happened in it, and the evidence beside it.

Who may have them is a center, an operator or an observer whose scope contains all that the session is over.

**Why a cookie here and nowhere else.** A player of a browser asks for parts of a file by itself and sends no ``Authorization``; a
token in the address would end in histories and in logs of proxies. So a ``POST`` with the bearer sets a cookie that is good for
one file, by its path, for ten minutes, and for nothing but reading; scripts cannot read it and other sites cannot make a browser
send it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import structlog
from aiohttp import web
from pydantic import Field

from bridge.bridge import Bridge
from config.keys import Keys
from config.model import Settings
from signaling.auth import Identity
from signaling.errors import ServiceError
from signaling.message_fields import Code, ServerModel, Text64, Text200, Time
from signaling.recording_files import MAX_INDEX, MAX_PARTS, Chronicle, is_part, is_written, parts_of, read_json
from signaling.report_api import HTML_POLICY
from signaling.rest import QueryModel, Route, answer_json, read_query
from signaling.rest_desk import RestDesk
from signaling.store import Store, StoreError

_log = structlog.get_logger(__name__)

COOKIE: Final = "recording"
TICKET_S: Final = 600
PLAYED: Final = "/api/recordings/{of}/{part}.mkv"
"""The session is not called that here: sessions of old are loaded for who has a bearer, and a player has none."""
KEEP_S: Final = 5.0
"""How often parts that became ready are looked for."""
VIDEO: Final = ("video/webm", "video/x-matroska")

Part = Annotated[str, Field(max_length=80)]
Large = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""Bytes or milliseconds of a file: as large as a page's numbers are exact."""


class Stretch(ServerModel):
    """Who was shown from when to when, in milliseconds of the file."""

    feed: Text64
    name: Text200
    from_ms: Large
    to_ms: Large | None


class RecordingPart(ServerModel):
    """One file of a recording."""

    part: Part
    kind: Literal["programme", "call"]
    call: Code | None
    point: Code | None
    title: Text200
    state: Literal["recording", "ready"]
    started_at: Time
    length_ms: Large
    bytes: Large
    codec: Text64 | None
    """Of the picture; None for sound alone."""
    recovered: bool
    """Its writer was killed, and it was made whole afterwards."""
    has_index: bool
    has_trail: bool
    shown: Annotated[tuple[Stretch, ...], Field(max_length=MAX_INDEX)]


class RecordingList(ServerModel):
    """The recordings of a session."""

    at: Time
    recording_since: Time | None
    is_recording: bool
    """Whether anything is written now."""
    notice: Text64 | None
    """Why nothing is, though it should be: ``quota``, ``disk_low``, ``disk_error``, ``no_recorder``."""
    parts: Annotated[tuple[RecordingPart, ...], Field(max_length=MAX_PARTS)]


class IndexEntry(ServerModel):
    """Something that happened while a part was recorded."""

    at: Time
    from_ms: Large
    what: Text64
    point: Code | None
    name: Text200 | None
    call: Code | None
    by: Text200 | None


class RecordingIndex(ServerModel):
    """What happened in a part: who was shown, and the session's events."""

    part: Part
    started_at: Time
    shown: Annotated[tuple[Stretch, ...], Field(max_length=MAX_INDEX)]
    events: Annotated[tuple[IndexEntry, ...], Field(max_length=MAX_INDEX)]


class RecordingTrail(ServerModel):
    """A call's trail: what the log has of it, and each event as it stands there."""

    call: Code
    trail: Annotated[tuple[dict[str, Any], ...], Field(max_length=MAX_INDEX)]


class RecordingTicket(ServerModel):
    """Where a file can be played from, by the cookie that comes with this answer."""

    path: Text200
    expires_at: Time


class TrailQuery(QueryModel):
    """In which form."""

    format: Literal["json", "html"] = "json"


class Recordings:
    """Reads the folder, and writes indexes and trails there."""

    def __init__(self, folder: Path, store: Store, line: Callable[[], Bridge]) -> None:
        """``line`` gives the standing line, which knows the directory."""
        self._folder, self._store, self._line = folder, store, line

    def folder(self, session: str) -> Path:
        """A session's folder, whether it is there or not."""
        return self._folder / session

    def _name(self, point: str) -> str:
        directory = self._line().directory
        return directory.point(point).name if directory.has_point(point) else point

    async def keep(self) -> None:
        """Writes what stands beside parts that became ready, until cancelled."""
        while True:
            await asyncio.sleep(KEEP_S)
            for folder in await asyncio.to_thread(self._unwritten):
                with contextlib.suppress(StoreError, ServiceError):
                    await self.write(folder)

    def _unwritten(self) -> list[Path]:
        folders = [path for path in self._folder.glob("*") if path.is_dir()]
        return [folder for folder in folders if self._ready(folder)]

    @staticmethod
    def _ready(folder: Path) -> list[tuple[str, dict[str, Any]]]:
        return [each for each in parts_of(folder) if each[1]["state"] == "ready" and not is_written(folder, each[0])]

    async def write(self, folder: Path) -> None:
        """Writes what stands beside the parts of a session that are ready and have none; reads its log for that, once."""
        chronicle = Chronicle(await asyncio.to_thread(self._ready, folder), self._name)
        async for records in self._store.read(folder.name):
            for record in records:
                chronicle.add(record.event)
            await asyncio.sleep(0)
        try:
            await asyncio.to_thread(chronicle.write, folder)
        except OSError as error:
            _log.warning("recordings.not_written", session=folder.name, reason=type(error).__name__)


class RecordingsApi:
    """Routes under ``/api/sessions/{session}/recordings``, and ``/api/recordings/{of}/{part}.mkv``."""

    def __init__(self, settings: Settings, keys: Keys, store: Store, desk: RestDesk) -> None:
        self._desk, self._key = desk, keys.token_key
        self._recordings = Recordings(settings.recordings_dir, store, desk.line)
        self._is_secure = settings.public_url.startswith("https:")

    def routes(self) -> list[Route]:
        """The REST routes."""
        every = "/api/sessions/{session}/recordings"
        one = f"{every}/{{part}}"
        return [
            Route("GET", every, self.all, "Recordings of a session", RecordingList, access="observer"),
            Route("GET", one, self.file, "A part as a file; by ranges where asked", VIDEO[0], access="observer", also=VIDEO[1:]),
            Route("GET", f"{one}/index", self.index, "What happened in a part", RecordingIndex, access="observer"),
            Route(
                "GET", f"{one}/trail", self.trail, "Evidence of a recorded call", RecordingTrail,
                query=TrailQuery, access="observer", also=("text/html",),
            ),
            Route("GET", PLAYED, self.play, "A part for a player, by its cookie", VIDEO[0], access="anybody"),
            Route("POST", f"{one}/ticket", self.ticket, "Let a player read a part", RecordingTicket, access="observer"),
        ]  # fmt: skip

    async def run(self, app: web.Application) -> AsyncIterator[None]:  # noqa: ARG002 (aiohttp's own form of such a function)
        """Writes what stands beside parts for as long as the application runs."""
        keeping = asyncio.create_task(self._recordings.keep(), name="recordings")
        yield
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    async def all(self, request: web.Request) -> web.Response:
        """Every part, oldest first, and how it goes."""
        session, _ = self._reader(request)
        folder = self._recordings.folder(session)
        parts, status = await asyncio.to_thread(lambda: (parts_of(folder), read_json(folder / "status.json")))
        record = self._desk.room(session).bridge.session
        views = sorted((_view(folder, name, said) for name, said in parts), key=lambda view: (view.started_at, view.part))
        now = self._desk.now_ms()
        is_fresh = status is not None and now - int(status.get("at", 0)) < 15_000
        is_recording = record.recording_since is not None and is_fresh and bool(status and status.get("is_recording"))
        notice = status.get("notice") if status is not None and is_fresh else None
        if record.recording_since is not None and not is_fresh and now - record.recording_since > 15_000:
            notice = "no_recorder"
        return answer_json(
            RecordingList(
                at=now, recording_since=record.recording_since, is_recording=is_recording, notice=notice, parts=tuple(views)
            )
        )

    async def file(self, request: web.Request) -> web.StreamResponse:
        """The file."""
        session, _ = self._reader(request)
        return await self._file(session, request.match_info["part"], is_download=True)

    async def index(self, request: web.Request) -> web.Response:
        """What happened in a part; of one that is being recorded, who was shown so far."""
        session, _ = self._reader(request)
        folder, name, said = await self._part(session, request.match_info["part"])
        index = await asyncio.to_thread(read_json, folder / f"{name}.index.json")
        if index is None:
            index = {"part": name, "started_at": said["started_at"], "shown": said["shown"], "events": []}
        return answer_json(RecordingIndex.model_validate(index))

    async def trail(self, request: web.Request) -> web.Response:
        """The evidence of a recorded call."""
        session, _ = self._reader(request)
        query = read_query(request, TrailQuery)
        folder, name, _ = await self._part(session, request.match_info["part"])
        try:
            text = await asyncio.to_thread((folder / f"{name}.trail.{query.format}").read_text, "utf-8")
        except OSError:
            raise ServiceError("not_found") from None
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        if query.format == "json":
            return web.Response(text=text, content_type="application/json", headers=headers)
        headers["Content-Security-Policy"] = HTML_POLICY
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def ticket(self, request: web.Request) -> web.Response:
        """Sets the cookie for one part."""
        session, _ = self._reader(request)
        _, name, _ = await self._part(session, request.match_info["part"])
        expires_s = self._desk.now_ms() // 1000 + TICKET_S
        path = PLAYED.format(of=session, part=name)
        response = answer_json(RecordingTicket(path=path, expires_at=expires_s * 1000))
        response.set_cookie(
            COOKIE, f"{expires_s}.{self._seal(path, expires_s)}", max_age=TICKET_S, path=path, httponly=True,
            secure=self._is_secure, samesite="Strict",
        )  # fmt: skip
        return response

    async def play(self, request: web.Request) -> web.StreamResponse:
        """The file, for a player with a cookie."""
        expires, _, seal = request.cookies.get(COOKIE, "").partition(".")
        if not expires.isascii() or not expires.isdecimal() or len(expires) > 12:
            raise ServiceError("bad_credential")
        if not hmac.compare_digest(seal.encode(), self._seal(request.path, int(expires)).encode()):
            raise ServiceError("bad_credential")
        if int(expires) * 1000 <= self._desk.now_ms():
            raise ServiceError("bad_credential")
        return await self._file(request.match_info["of"], request.match_info["part"], is_download="download" in request.query)

    def _seal(self, path: str, expires_s: int) -> str:
        mac = hmac.digest(self._key, f"recording:{path}:{expires_s}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def _reader(self, request: web.Request) -> tuple[str, Identity]:
        session = self._desk.code(request, "session")
        identity = self._desk.reader(request, session)
        bridge = self._desk.room(session).bridge
        units = [unit for unit in bridge.session.units if bridge.directory.has_unit(unit)]
        if not units or not all(bridge.directory.is_within(unit, identity.scope) for unit in units):
            raise ServiceError("forbidden")
        return session, identity

    async def _part(self, session: str, name: str) -> tuple[Path, str, dict[str, Any]]:
        folder = self._recordings.folder(session)
        said = await asyncio.to_thread(read_json, folder / f"{name}.json") if is_part(name) else None
        if said is None:
            raise ServiceError("not_found")
        return folder, name, said

    async def _file(self, session: str, name: str, *, is_download: bool) -> web.StreamResponse:
        folder, name, said = await self._part(session, name)
        path = folder / f"{name}.mkv"
        if not await asyncio.to_thread(path.is_file):
            raise ServiceError("not_found")
        how = "attachment" if is_download else "inline"
        headers = {
            "Content-Type": VIDEO[said.get("codec") not in {"VP8", None}],
            "Content-Disposition": f'{how}; filename="{session}-{name}.mkv"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        return web.FileResponse(path, headers=headers)


def _view(folder: Path, name: str, said: dict[str, Any]) -> RecordingPart:
    return RecordingPart(
        part=name,
        kind="call" if said["kind"] == "call" else "programme",
        call=said["call"],
        point=said["point"],
        title=str(said["title"])[:200],
        state="ready" if said["state"] == "ready" else "recording",
        started_at=said["started_at"],
        length_ms=said["length_ms"],
        bytes=said["bytes"],
        codec=said["codec"],
        recovered=bool(said.get("recovered")),
        has_index=is_written(folder, name),
        has_trail=(folder / f"{name}.trail.json").exists(),
        shown=tuple(Stretch.model_validate(each) for each in said["shown"]),
    )
