"""The composition of the signaling process: what there is, in which order it starts and ends.

Start: routes answer at once (``/healthz`` says ok while the process lives); the sessions are loaded in the background,
tried again while the store is away, and until then hellos are refused as ``unavailable``. End: nobody new is let in,
everybody is told ``restarting`` (1012), the owners write what waits, the store is told that this process is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web

from bridge.bridge import Bridge
from bridge.commands import OpenSession, PrepareSession
from bridge.errors import BridgeError
from bridge.ids import STANDING_LINE
from bridge.machine import SessionState
from bridge.units import Directory
from bridge.units_csv import read_units
from config.heap import Heap
from config.keys import Keys
from config.limits import MAX_SDP_BYTES
from config.model import Settings
from signaling import auth
from signaling.accounts_api import AccountsApi
from signaling.administration import administration
from signaling.admission import Addresses, Admission
from signaling.api import Api
from signaling.app_parts import MediaClient
from signaling.bearer import Bearers
from signaling.fitted import Fitted
from signaling.forwarding import Unavailable, backoff
from signaling.generations import Generations
from signaling.health import Health
from signaling.hub import Hub
from signaling.indicators import KeptIndicators
from signaling.indicators_api import IndicatorsApi
from signaling.line_test import LineTest
from signaling.logins import Logins
from signaling.loop_lag import LoopLag
from signaling.matter_api import MatterApi
from signaling.media import FeedFlowing, FeedStopped, MediaEvent, NodeDown, NodeUp, PeerGone, ViewerLevel
from signaling.messages import MediaState
from signaling.metrics import Metrics
from signaling.numbers import numbers_of
from signaling.openapi import Description
from signaling.owner import SessionOwner
from signaling.ownership import session_owner
from signaling.pages import NPM_ROOT, WEB_ROOT, Pages
from signaling.papers_api import papers_of
from signaling.passwords import Passwords
from signaling.pictures import Pictures
from signaling.point_media import PointMedia
from signaling.presence import Presence, new_process_id
from signaling.recordings_api import RecordingsApi
from signaling.report_api import ReportApi
from signaling.resources import Resources
from signaling.rest import Route, add_routes
from signaling.rest_desk import RestDesk
from signaling.roster_api import RosterApi
from signaling.session_book import SessionBook
from signaling.sessions_api import SessionsApi
from signaling.stills import Stills
from signaling.store import Store, StoreError
from signaling.web_errors import errors_as_problems
from signaling.websocket import Pump, WebSocketDoor
from signaling.whip import MediaDoors

_log = structlog.get_logger(__name__)

RECONCILE_GRACE_S: Final = 10.0
"""After a start points have this long to come back before the missing ones are taken for gone: the longest backoff of
PROTOCOL.md §4."""
OPENED_BY: Final = "system"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Service:
    """Everything of one signaling process but the HTTP server; :func:`create_app` wires it to one."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        media: MediaClient,
        keys: Keys,
        load_directory: Callable[[], Directory],
        clock: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = _now_ms,
        web_root: Path = WEB_ROOT,
        npm_root: Path = NPM_ROOT,
    ) -> None:
        self.settings = settings
        self.store = store
        self.media = media
        self.owners: dict[str, SessionOwner[Bridge]] = {}
        self.directory: Directory | None = None
        self._load_directory = load_directory
        self._started_at_s = clock()
        self._clock = clock
        self.presence = Presence(
            store, new_process_id(), lease_s=settings.presence.lease_s, heartbeat_s=settings.presence.heartbeat_s
        )
        self.loop_lag = LoopLag(clock)
        self.socket_admission = Admission(settings.limits, clock, lag_s=lambda: self.loop_lag.present_s)
        self.media_admission = Admission(
            settings.limits, clock, self.socket_admission.bad_credentials, lag_s=lambda: self.loop_lag.present_s
        )
        self.generations = Generations(store)
        self.hub = Hub(
            link_key=keys.link_key,
            token_key=keys.token_key,
            admission=self.socket_admission,
            generations=self.generations,
            presence=self.presence,
            media=self.media_state,
            clock=clock,
            now_ms=now_ms,
            escalates=settings.escalation.automatic,
        )
        self.pump = Pump(clock)
        addresses = Addresses(settings.http.trusted_proxies)
        self.bearers = Bearers(keys.token_key, self.media_admission, self.generations, now_ms)
        self.door = WebSocketDoor(
            hub=self.hub,
            pump=self.pump,
            admission=self.socket_admission,
            addresses=addresses,
            origins=settings.allowed_origins,
            clock=clock,
            queue_limit=settings.limits.ws_queue,
            slow_close_s=settings.limits.ws_slow_close_s,
            hello_timeout_s=settings.limits.hello_timeout_s,
        )
        self.heap = Heap(lambda: self.door.opened, lambda: self.door.ended)
        self.is_loaded = asyncio.Event()
        """Set when every session was given to its owner."""
        self.resources = Resources(keys.token_key, secrets.token_bytes)
        self.point_media = PointMedia(media)
        self.pictures = Pictures(self.hub.lines, self.point_media.viewers_of, media, clock)
        self.hub.limit_picture = self.pictures.limit
        self.generations.listen(self.point_media.receive_generations)
        self.hub.membership.has_viewers = self.point_media.has_viewers
        self.hub.membership.on_attending = self.point_media.attend
        self.book = SessionBook(store, self.hub, self.owners, self._new_owner, now_ms)
        self.hub.load = self.book.load
        self.doors = MediaDoors(
            media=media,
            point_media=self.point_media,
            resources=self.resources,
            bearers=self.bearers,
            admission=self.media_admission,
            addresses=addresses,
            room=self.hub.room,
            attending=self.hub.membership.attending,
        )
        self.pages = Pages(settings.public_url, web_root, npm_root, hotline=settings.help.hotline)
        self.api = Api(
            directory=lambda: self.directory,
            room=self.hub.room,
            store=store,
            bearers=self.bearers,
            addresses=addresses,
            now_ms=now_ms,
            generations=self.generations,
            link_of=lambda code, generation: auth.point_link(settings.public_url, keys.link_key, code, generation),
        )
        shared: dict[str, Any] = {
            "room": self.hub.room,
            "submit": self.hub.submit,
            "bearers": self.bearers,
            "addresses": addresses,
            "now_ms": now_ms,
        }
        self.matter_api, self.roster_api = MatterApi(**shared), RosterApi(**shared)
        self.sessions_api = SessionsApi(
            hub=self.hub, book=self.book, bearers=self.bearers, addresses=addresses, store=store, now_ms=now_ms
        )
        self.passwords = Passwords()
        self.accounts_api = AccountsApi(
            store=store,
            logins=Logins(
                store=store,
                generations=self.generations,
                passwords=self.passwords,
                token_key=keys.token_key,
                now_ms=now_ms,
                random_bytes=secrets.token_bytes,
            ),
            passwords=self.passwords,
            bearers=self.bearers,
            admission=self.media_admission,
            addresses=addresses,
            directory=lambda: self.directory,
            now_ms=now_ms,
        )
        self.reports = ReportApi(
            store=store, directory=lambda: self.directory, bearers=self.bearers, addresses=addresses, now_ms=now_ms
        )
        desk = RestDesk(self.bearers, addresses, self.hub.room, self.hub.order, self.hub.say, now_ms)
        self.stills = Stills(
            settings.stills,
            settings.stills_address,
            settings.control_secret(keys),
            desk=desk,
            hub=self.hub,
            directory=lambda: self.directory,
            clock=clock,
        )
        self.door.stills = self.stills.intake
        self.recordings = RecordingsApi(settings, keys, store, desk)
        self.papers = (*papers_of(desk), *administration(desk, store, self.api.link), LineTest(addresses, clock))
        self.indicators = KeptIndicators(store)
        self.indicators_api = IndicatorsApi(
            indicators=self.indicators,
            directory=lambda: self.directory,
            bearers=self.bearers,
            addresses=addresses,
            now_ms=now_ms,
        )
        self.hub.fitting = Fitted(self.indicators, lambda: self.directory, now_ms).fitting
        self.description = Description()
        self.health = Health(store=store, owners=self.owners, media=media, expected=self._first_sessions)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def _first_sessions(self) -> tuple[str, ...]:
        """The sessions that are opened at the start, the standing line first."""
        return tuple(dict.fromkeys((STANDING_LINE, *self.settings.sessions.open)))

    def _new_owner(self, session: str) -> SessionOwner[Bridge]:
        directory = self.directory
        if directory is None:
            raise RuntimeError("sessions come after the directory")
        standing = None if session == STANDING_LINE else self.owners.get(STANDING_LINE)
        return session_owner(session, self.store, self.presence, directory, self.settings, standing)

    def media_state(self) -> MediaState:
        """What clients are told of the media node."""
        return MediaState(ready=self.media.ready, epoch=self.media.epoch or "")

    # --- start and end -------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start everything; returns at once."""
        self.media.listen(self._receive_media_event)
        self.presence.listen(self._points_may_differ)
        await self.media.start()
        await self.presence.start()
        for name, work in (
            ("generations", self.generations.run()),
            ("indicators", self.indicators.run()),
            ("point media", self.point_media.run()),
            ("pump", self.pump.run()),
            ("fan-out", self.hub.run()),
            ("ticks", self.hub.run_ticks()),
            ("errands", self.hub.errands.run()),
            ("heap", self.heap.run()),
            ("stills", self.stills.run(self.is_loaded)),
            ("loop lag", self.loop_lag.run()),
            ("load", self._load_sessions()),
        ):
            self._spawn(name, work)

    async def stop(self) -> None:
        """End everything in order; bounded by the parts' own deadlines."""
        self.door.is_closing = True
        self.stills.views.close()
        await self.hub.refuse_everybody()
        await self.pump.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for owner in self.owners.values():
            await owner.close()
        await self.presence.close()
        await self.media.close()
        self.passwords.close()
        with contextlib.suppress(StoreError):
            await self.store.close()

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.append(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        if task in self._tasks and task.cancelled() is False and task.exception() is None:
            self._tasks.remove(task)
        elif not task.cancelled() and (error := task.exception()) is not None:
            _log.error("app.task_ended", task=task.get_name(), exc_info=error)

    # --- sessions ------------------------------------------------------------------------------------------------------

    async def _load_sessions(self) -> None:
        """Load the directory, then serve every session; tried again until the store answers."""
        attempt = 0
        while self.directory is None:
            try:
                self.directory = await self._directory()
                names = await self.book.first_names()
            except StoreError as error:
                attempt += 1
                if attempt == 1:
                    _log.warning("app.store_unavailable", reason=type(error).__name__)
                self.directory = None
                await asyncio.sleep(backoff(attempt))
        await self.generations.wait_known()
        for session in dict.fromkeys((*names, *self._first_sessions)):
            await self.book.start(session)
        if self.media.ready:
            self.hub.media_changed()
        for session in self._first_sessions:
            await self._open(session, self.directory)
        self.is_loaded.set()
        _log.info("app.sessions_ready", sessions=len(self.owners), points=len(self.directory.points))
        await self.book.run()

    async def _directory(self) -> Directory:
        text = await self.store.get_directory()
        if text is not None:
            return read_units(text)
        if self.settings.directory.source == "empty":
            return Directory((), ())
        return await asyncio.to_thread(self._load_directory)

    async def _open(self, session: str, directory: Directory) -> None:
        """Prepare and open the session unless that was done; tried again until it is recorded.

        The standing line is over all roots of the directory, another session over what lies below the first.
        """
        owner = self.owners[session]
        roots = tuple(unit.code for unit in directory.units if unit.parent is None)
        kind, units = ("standing", roots) if session == STANDING_LINE else ("meeting", roots[:1])
        title = self.settings.sessions.title
        attempt = 0
        while owner.bridge.session.state is SessionState.PREPARED:
            try:
                await owner.wait_ready()
                if owner.bridge.session.state is not SessionState.PREPARED:
                    break
                if roots and owner.bridge.session.prepared_by is None:
                    await owner.submit(PrepareSession(title, kind, units, roots[0], OPENED_BY))
                await owner.submit(OpenSession(title, OPENED_BY))
                await self.store.add_session(session)
            except BridgeError:
                return  # another process was faster
            except (Unavailable, StoreError):
                attempt += 1
                await asyncio.sleep(backoff(attempt))

    def _points_may_differ(self) -> None:
        """A process died, or enough time passed since our start to know who is there."""
        self._spawn("reconcile", self._reconcile())

    async def _reconcile(self) -> None:
        await asyncio.sleep(max(0.0, self._started_at_s + RECONCILE_GRACE_S - self._clock()))
        for owner in list(self.owners.values()):
            try:
                await owner.reconcile()
            except (Unavailable, StoreError, BridgeError) as error:
                _log.warning("app.not_reconciled", session=owner.session, reason=type(error).__name__)

    def _receive_media_event(self, event: MediaEvent) -> None:
        match event:
            case NodeUp():
                flowing = [(feed.session, feed.feed, feed.kind) for feed in event.feeds if feed.flowing]
                self.hub.media_reports.report_all(flowing, "node restarted")
                for point in self.point_media.found(event.peers, self._generation_of):
                    self.hub.membership.tell(point)
                self.hub.media_changed()
            case NodeDown():
                self.hub.media_changed()  # its peers may live on: what flows is told when it is back
            case FeedFlowing():
                self.hub.media_reports.report(event.session, event.feed, event.kind, flowing=True)
            case FeedStopped():
                reports = self.hub.media_reports
                reports.report(event.session, event.feed, event.kind, flowing=False, reason=event.reason)
            case PeerGone():
                self.resources.forget(event.peer)
                self.point_media.forget(event.peer)
            case ViewerLevel():
                self.pictures.receive(event)
            case _:
                pass

    def _generation_of(self, point: str) -> int:
        return self.generations.of(point) if self.generations.is_known else 0

    def routes(self) -> list[Route]:
        """The REST part, which describes itself."""
        described = [
            *self.api.routes(),
            *self.sessions_api.routes(),
            *self.reports.routes(),
            *self.indicators_api.routes(),
            *self.accounts_api.routes(),
            *self.matter_api.routes(),
            *self.roster_api.routes(),
            *self.stills.routes(),
            *self.recordings.routes(),
            *(route for api in self.papers for route in api.routes()),
        ]
        return [*described, self.description.route(described)]

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Register every route of the process."""
        self.health.add_routes(router)
        metrics = Metrics((*numbers_of(self), *self.stills.numbers()), self.media.stats, self.stills.numbers_of_process)
        router.add_get("/metrics", metrics.handle)
        router.add_get("/ws", self.door.handle)
        self.doors.add_routes(router)
        add_routes(router, self.routes())
        self.pages.add_routes(router)


SERVICE: Final = web.AppKey("service", Service)


def create_app(
    settings: Settings,
    *,
    store: Store,
    media: MediaClient,
    keys: Keys,
    load_directory: Callable[[], Directory],
    clock: Callable[[], float] = time.monotonic,
    now_ms: Callable[[], int] = _now_ms,
    web_root: Path = WEB_ROOT,
    npm_root: Path = NPM_ROOT,
) -> web.Application:
    """Compose the signaling application.

    Args:
        settings: see :mod:`config`.
        store: connected, or connecting; closed with the application.
        media: not started yet; started and closed with the application.
        keys: see :func:`config.keys.load_keys`.
        load_directory: the directory where none was imported; called in a thread when ``directory.source`` is
            ``national``.
        clock: monotonic seconds.
        now_ms: milliseconds since the Unix epoch.
        web_root: the pages' files.
        npm_root: the ``node_modules`` folder.

    Run it with ``access_log=None``: paths are not for logs.
    """
    service = Service(
        settings,
        store=store,
        media=media,
        keys=keys,
        load_directory=load_directory,
        clock=clock,
        now_ms=now_ms,
        web_root=web_root,
        npm_root=npm_root,
    )
    app = web.Application(middlewares=[errors_as_problems, service.sessions_api.middleware], client_max_size=MAX_SDP_BYTES)
    app[SERVICE] = service
    service.add_routes(app.router)

    async def start(_app: web.Application) -> None:
        await service.start()

    async def stop(_app: web.Application) -> None:
        await service.stop()

    app.cleanup_ctx.append(service.recordings.run)
    app.on_startup.append(start)
    app.on_shutdown.append(stop)
    return app
