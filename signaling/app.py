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
from typing import Any, Final, Protocol

import structlog
from aiohttp import web

from bridge.bridge import Bridge
from bridge.commands import OpenSession
from bridge.errors import BridgeError
from bridge.machine import SessionState
from bridge.units import Directory
from bridge.units_csv import read_units
from config.keys import Keys
from config.limits import MAX_SDP_BYTES
from config.model import Settings
from signaling import auth
from signaling.admission import Addresses, Admission
from signaling.api import Api
from signaling.bearer import Bearers
from signaling.forwarding import Unavailable, backoff
from signaling.generations import Generations
from signaling.health import Health
from signaling.heap import Heap
from signaling.hub import Hub
from signaling.loop_lag import LoopLag
from signaling.media import FeedFlowing, FeedStopped, MediaEvent, NodeDown, NodeUp, PeerGone
from signaling.messages import MediaState
from signaling.metrics import Metrics
from signaling.numbers import numbers_of
from signaling.owner import SessionOwner
from signaling.ownership import session_owner
from signaling.pages import NPM_ROOT, WEB_ROOT, Pages
from signaling.point_media import PointMedia
from signaling.presence import Presence, new_process_id
from signaling.resources import Resources
from signaling.store import Store, StoreError
from signaling.web_errors import errors_as_problems
from signaling.websocket import Pump, WebSocketDoor
from signaling.whip import Media, MediaDoors

_log = structlog.get_logger(__name__)

RECONCILE_GRACE_S: Final = 10.0
"""After a start points have this long to come back before the missing ones are taken for gone: the longest backoff of
PROTOCOL.md §4."""
OPENED_BY: Final = "system"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class MediaClient(Media, Protocol):
    """What the process needs of :class:`signaling.media.MediaNode`."""

    ready: bool
    epoch: str | None
    skipped_lines: int

    async def start(self) -> None:
        """Begin to connect."""
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...

    def listen(self, listener: Callable[[MediaEvent], None]) -> Callable[[], None]:
        """Be told what happens at the node."""
        ...

    async def stats(self) -> dict[str, float]:
        """The node's numbers."""
        ...


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
        self.socket_admission = Admission(settings.limits, clock)
        self.media_admission = Admission(settings.limits, clock, self.socket_admission.bad_credentials)
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
        self.loop_lag = LoopLag(clock)
        self.is_loaded = asyncio.Event()
        """Set when every session was given to its owner."""
        self.resources = Resources(keys.token_key, secrets.token_bytes)
        self.point_media = PointMedia(media.leave)
        self.generations.listen(self.point_media.receive_generations)
        self.doors = MediaDoors(
            media=media,
            point_media=self.point_media,
            resources=self.resources,
            bearers=self.bearers,
            admission=self.media_admission,
            addresses=addresses,
            room=self.hub.room,
        )
        self.pages = Pages(settings.public_url, web_root, npm_root)
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
        self.health = Health(store=store, owners=self.owners, media=media, expected=tuple(settings.sessions.open))
        self._tasks: list[asyncio.Task[None]] = []

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
            ("point media", self.point_media.run()),
            ("pump", self.pump.run()),
            ("fan-out", self.hub.run()),
            ("ticks", self.hub.run_ticks()),
            ("errands", self.hub.errands.run()),
            ("heap", self.heap.run()),
            ("loop lag", self.loop_lag.run()),
            ("load", self._load_sessions()),
        ):
            self._spawn(name, work)

    async def stop(self) -> None:
        """End everything in order; bounded by the parts' own deadlines."""
        self.door.is_closing = True
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
                names = {*self.settings.sessions.open, *await self.store.sessions()}
            except StoreError as error:
                attempt += 1
                if attempt == 1:
                    _log.warning("app.store_unavailable", reason=type(error).__name__)
                self.directory = None
                await asyncio.sleep(backoff(attempt))
        await self.generations.wait_known()
        for session in sorted(names):
            owner = session_owner(session, self.store, self.presence, self.directory, self.settings)
            self.owners[session] = owner
            self.hub.add_session(owner)
            await owner.start()
        if self.media.ready:
            self.hub.media_changed()
        for session in self.settings.sessions.open:
            await self._open(session)
        self.is_loaded.set()
        _log.info("app.sessions_ready", sessions=sorted(names), points=len(self.directory.points))

    async def _directory(self) -> Directory:
        text = await self.store.get_directory()
        if text is not None:
            return read_units(text)
        if self.settings.directory.source == "empty":
            return Directory((), ())
        return await asyncio.to_thread(self._load_directory)

    async def _open(self, session: str) -> None:
        """Open the session unless it is or was open; tried again until that is recorded."""
        owner = self.owners[session]
        attempt = 0
        while owner.bridge.session.state is SessionState.PREPARED:
            try:
                await owner.submit(OpenSession(self.settings.sessions.title, OPENED_BY))
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

    # --- media ---------------------------------------------------------------------------------------------------------

    def _receive_media_event(self, event: MediaEvent) -> None:
        match event:
            case NodeUp():
                flowing = [(feed.session, feed.feed, feed.kind) for feed in event.feeds if feed.flowing]
                self.hub.report_all_media(flowing, "node restarted")
                self.hub.media_changed()
            case NodeDown():
                self.hub.media_changed()  # its peers may live on: what flows is told when it is back
            case FeedFlowing():
                self.hub.report_media(event.session, event.feed, event.kind, flowing=True)
            case FeedStopped():
                self.hub.report_media(event.session, event.feed, event.kind, flowing=False, reason=event.reason)
            case PeerGone():
                self.resources.forget(event.peer)
                self.point_media.forget(event.peer)
            case _:
                pass

    # --- HTTP ----------------------------------------------------------------------------------------------------------

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Register every route of the process."""
        self.health.add_routes(router)
        metrics = Metrics(numbers_of(self), self.media.stats)
        router.add_get("/metrics", metrics.handle)
        router.add_get("/ws", self.door.handle)
        self.doors.add_routes(router)
        self.api.add_routes(router)
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
    app = web.Application(middlewares=[errors_as_problems], client_max_size=MAX_SDP_BYTES)
    app[SERVICE] = service
    service.add_routes(app.router)

    async def start(_app: web.Application) -> None:
        await service.start()

    async def stop(_app: web.Application) -> None:
        await service.stop()

    app.on_startup.append(start)
    app.on_shutdown.append(stop)
    return app
