"""Which sessions this process serves: those that run, those that ended not long ago, and older ones while somebody asks for them.

Theory of operation. The store keeps the names of all sessions and, of those that were closed, when. Every process looks once a
second which ones run, so that a session made elsewhere is served here within that time; whether it is open follows from its log,
as everything else. A closed session stays for explanations and for those who look at it, the newest ``MAX_ENDED`` of them for
``ENDED_KEPT_S``; then its owner is put away. Asked for by name, it is loaded again and stays as long as the others.

Nothing is loaded at the start but what runs and what ended in that time, so that years of sessions cost nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from bridge.bridge import Bridge
from bridge.ids import STANDING_LINE, is_code
from bridge.machine import SessionState
from bridge.session_errors import too_many_sessions
from signaling.errors import ServiceError
from signaling.hub import Hub
from signaling.owner import SessionOwner
from signaling.slices import in_slices
from signaling.store import Store, StoreError

_log = structlog.get_logger(__name__)

LOOK_S: Final = 1.0
MAX_OPEN_SESSIONS: Final = 1000
"""One for every district of the country and some: each costs its process a lease, an inbox and the state of its points."""
MAX_ENDED: Final = 50
ENDED_KEPT_S: Final = 24 * 3600
READY_WAIT_S: Final = 3.0

Owner = SessionOwner[Bridge]


class SessionBook:
    """See the module's text. :meth:`run` must be running.

    Args:
        store: where sessions are named.
        hub: told of sessions that are served, and no longer.
        owners: filled with their owners.
        new_owner: makes the owner of a session.
        now_ms: milliseconds since the epoch.
    """

    def __init__(
        self, store: Store, hub: Hub, owners: dict[str, Owner], new_owner: Callable[[str], Owner], now_ms: Callable[[], int]
    ) -> None:
        self._store, self._hub, self._owners, self._new_owner, self._now_ms = store, hub, owners, new_owner, now_ms
        self._ended: dict[str, int] = {}
        """When the closed sessions that are served were last wanted, the longest unwanted first."""
        self._noted: set[str] = set()
        """Sessions whose end the store has."""
        self._starting = asyncio.Lock()

    @property
    def unclosed(self) -> int:
        """How many sessions that are not closed are served."""
        return sum(owner.bridge.session.state is not SessionState.CLOSED for owner in self._owners.values())

    def require_room(self) -> None:
        """Refuse one session more than may run (``too_many_sessions``)."""
        if self.unclosed >= MAX_OPEN_SESSIONS:
            raise too_many_sessions(MAX_OPEN_SESSIONS)

    async def first_names(self) -> list[str]:
        """What is to be served from the start, the standing line first. Raises :class:`StoreError`."""
        running = await self._store.running_sessions()
        ended = await self._store.ended_sessions(MAX_ENDED)
        since_ms = self._now_ms() - ENDED_KEPT_S * 1000
        recent = {name: at for name, at in ended.items() if at >= since_ms}
        self._ended = dict(sorted(recent.items(), key=lambda each: each[1]))
        self._noted = set(recent)
        return [STANDING_LINE, *sorted((running | recent.keys()) - {STANDING_LINE})]

    async def start(self, session: str) -> Owner:
        """Serve a session; returns at once, also when it is served already."""
        async with self._starting:
            owner = self._owners.get(session)
            if owner is None:
                owner = self._owners[session] = self._new_owner(session)
                self._hub.add_session(owner)
                await owner.start()
            return owner

    async def load(self, session: str) -> None:
        """Serve a session that somebody asks for by name.

        Raises:
            ServiceError: ``not_found``; ``unavailable`` while it is not known.
        """
        if session in self._owners:
            return
        if STANDING_LINE not in self._owners:  # sessions are still being loaded
            raise ServiceError("unavailable", retry_after_s=1)
        try:
            is_there = is_code(session) and await self._store.has_session(session)
        except StoreError:
            raise ServiceError("unavailable", retry_after_s=1) from None
        if not is_there:
            raise ServiceError("not_found")
        owner = await self.start(session)
        self._ended[session] = self._now_ms()
        try:
            async with asyncio.timeout(READY_WAIT_S):
                await owner.wait_ready()
        except TimeoutError:
            raise ServiceError("unavailable", retry_after_s=1) from None

    async def run(self) -> None:
        """Look for sessions until cancelled, and set right what sessions have to know of each other."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except StoreError as error:
                _log.info("sessions.not_looked_up", reason=type(error).__name__)
            await in_slices(self._hub.membership.compare())

    async def look(self) -> None:
        """Serve what runs, note what ended, put away what nobody wants any more. Raises :class:`StoreError`."""
        for session in await self._store.running_sessions():
            if session not in self._owners:
                await self.start(session)
        for session, owner in list(self._owners.items()):
            if owner.bridge.session.state is SessionState.CLOSED:
                await self._note_end(session, owner)
        oldest_ms = self._now_ms() - ENDED_KEPT_S * 1000
        for session in [name for name, at in self._ended.items() if at < oldest_ms or len(self._ended) > MAX_ENDED]:
            if self._ended[session] < oldest_ms or len(self._ended) > MAX_ENDED:
                await self._put_away(session)

    async def _note_end(self, session: str, owner: Owner) -> None:
        self._ended.setdefault(session, self._now_ms())
        if session not in self._noted:
            await self._store.end_session(session, owner.bridge.session.closed_at or self._now_ms())
            self._noted.add(session)

    async def _put_away(self, session: str) -> None:
        """Serve a closed session no longer, unless somebody is looking at it."""
        owner, room = self._owners.get(session), self._hub.rooms.get(session)
        if owner is None or (owner.is_ready and owner.bridge.session.state is not SessionState.CLOSED):
            self._ended.pop(session, None)
            return
        if room is not None and (room.consoles or room.viewers):
            self._ended[session] = self._now_ms()
            return
        del self._owners[session]
        self._hub.remove_session(session)
        self._ended.pop(session, None)
        self._noted.discard(session)
        await owner.close()
