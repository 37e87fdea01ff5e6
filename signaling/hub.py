"""Who is connected to which session, and the way from what they say to the domain and back.

Theory of operation. One :class:`~signaling.room.Room` a session holds the connections; this module checks credentials,
hands commands to the session's owner and answers. What others hear comes only from events that are on disk (the owner's
listeners). Two rules:

* The newest connection of a point wins. It is entered before its arrival is recorded, so that the older one's end is no
  departure.
* A call placed to a live point is rung at once by the process that holds the point's connection, which then reports
  ``RingSent``; a point that comes back while its call still rings is rung again.

Tasks: :meth:`Hub.run` (fan-out, at most every ``FAN_OUT_S``), :meth:`Hub.run_ticks` (one timer for all) and the errands'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import structlog

from bridge import commands
from bridge.bridge import Bridge
from bridge.events import CallPlaced, Event, RollCallStarted
from bridge.points import Report as PointReport
from bridge.policy import may
from signaling import auth
from signaling.admission import Admission
from signaling.auth import CredentialError, Identity
from signaling.errands import Errand, Errands
from signaling.errors import REFUSALS, ServiceError, is_bug, refusal_of
from signaling.generations import Generations
from signaling.message_fields import RequestId
from signaling.messages import (
    Ack,
    ClientMessage,
    CommandMessage,
    ErrorMessage,
    Hello,
    MediaState,
    PointCredential,
    PointRef,
    SessionRef,
    Tick,
    Welcome,
)
from signaling.orders import account_of, command_of_console, command_of_point, report_of
from signaling.room import Listener, Room
from signaling.session import Outgoing

_log = structlog.get_logger(__name__)

FAN_OUT_S: Final = 0.1
TICK_S: Final = 10.0
READY_WAIT_S: Final = 3.0
SLICE: Final = 100
"""Connections told before others get the loop."""
SLICE_S: Final = 0.005
"""And not longer than this, whatever there is to tell each of them: what waits to be written gets a turn in between only."""


class Owner(Protocol):
    """What the hub needs of :class:`signaling.owner.SessionOwner`."""

    session: str

    @property
    def bridge(self) -> Bridge:
        """The state on disk."""
        ...

    @property
    def is_ready(self) -> bool:
        """Whether commands can be given."""
        ...

    async def wait_ready(self) -> None:
        """Return when it is ready."""
        ...

    async def submit(self, command: Any) -> list[Any]:
        """Have a command carried out; its events."""
        ...

    def listen(self, listener: Callable[[Sequence[Any]], None], on_reset: Callable[[], None] | None = None) -> Callable[[], None]:
        """Be told events once they are on disk."""
        ...


class Presence(Protocol):
    """Where this process notes which points it holds."""

    def arrived(self, session: str, point: str) -> None:
        """A point is connected here. Called before its arrival is recorded, so that no take-over misses it."""
        ...

    def left(self, session: str, point: str) -> None:
        """It is not any more."""
        ...


class HubLine(Listener, Protocol):
    """A connection with the address it came from."""

    address: str


class Hub:
    """See the module's text."""

    def __init__(
        self,
        *,
        link_key: bytes,
        token_key: bytes,
        admission: Admission,
        generations: Generations,
        presence: Presence,
        media: Callable[[], MediaState],
        clock: Callable[[], float],
        now_ms: Callable[[], int],
    ) -> None:
        self.rooms: dict[str, Room] = {}
        self.owners: dict[str, Owner] = {}
        self.errands = Errands()
        self.refused_credentials = 0
        self.is_ending = False
        """Set when the process ends: connections that close then are no departures."""
        self._link_key = link_key
        self._token_key = token_key
        self._admission = admission
        self._generations = generations
        generations.listen(self._receive_generations)
        self._presence = presence
        self._media = media
        self._clock = clock
        self._now_ms = now_ms
        self._news = asyncio.Event()

    # --- sessions -------------------------------------------------------------------------------------------------------

    def add_session(self, owner: Owner) -> Room:
        """Serve a session from now on."""
        session = owner.session
        room = self.rooms[session] = Room(session, lambda: owner.bridge, self._media)
        self.owners[session] = owner
        owner.listen(lambda events: self._receive_events(session, events), lambda: self._receive_reset(session))
        return room

    def room(self, session: str) -> Room:
        """The session's room; raises ``not_found``, or ``unavailable`` while there are none yet."""
        room = self.rooms.get(session)
        if room is None:
            if not self.rooms:  # sessions are still being loaded
                raise ServiceError("unavailable", retry_after_s=1)
            raise ServiceError("not_found")
        return room

    async def submit(self, session: str, command: commands.Command) -> list[Event]:
        """Have a command carried out by the session's owner."""
        return list(await self.owners[session].submit(command))

    def _receive_events(self, session: str, events: Sequence[Event]) -> None:
        room = self.rooms[session]
        for call in room.receive_events(events, self._clock()):
            self._report_ring(session, call)
        self._news.set()

    def _receive_reset(self, session: str) -> None:
        self.rooms[session].reset()
        self._news.set()

    def _receive_generations(self, risen: Mapping[str, int]) -> None:
        for room in self.rooms.values():
            room.refuse_replaced_links(risen, self._clock())

    def media_changed(self) -> None:
        """The media node came, went or started anew: everybody is told."""
        self._news.set()

    def report_media(self, session: str, feed: str, kind: str, *, flowing: bool, reason: str = "") -> None:
        """Have the domain told what the node sees; the newest of a feed and kind counts."""
        owner = self.owners.get(session)
        if owner is not None:
            self.errands.put(
                ("media", session, feed, kind), Errand(owner.submit, commands.ReportMedia(feed, kind, flowing, reason))
            )

    def report_all_media(self, flowing: Iterable[tuple[str, str, str]], reason: str) -> None:
        """The node says (or, when it is gone, we know) that exactly these ``(session, feed, kind)`` flow."""
        now_flowing = set(flowing)
        for session, room in self.rooms.items():
            known = {(session, feed, kind) for feed, kinds in room.bridge.state.media.items() for kind in kinds}
            for _, feed, kind in known - now_flowing:
                self.report_media(session, feed, kind, flowing=False, reason=reason)
        for session, feed, kind in now_flowing:
            self.report_media(session, feed, kind, flowing=True)

    # --- hello ----------------------------------------------------------------------------------------------------------

    async def receive_hello(self, line: HubLine, hello: Hello) -> None:
        """Check the credential and welcome.

        Raises ServiceError, BridgeError or Unavailable; the connection is to be refused with it then.
        """
        identity = self.identify(line.address, hello)
        self._admission.enter()
        room = self.room(hello.session)
        await self._wait_ready(self.owners[room.session])
        line.identity = identity
        if identity.role == "point":
            await self._welcome_point(line, room, identity, hello)
            return
        token = getattr(hello.credential, "token", "")
        self._welcome(line, room, identity, token, None)
        if identity.is_console:
            room.add_console(line, identity.scope, self._clock())
        else:
            room.viewers[line] = None

    def identify(self, address: str, hello: Hello) -> Identity:
        """Who this is; raises ``bad_credential``, ``bad_credential_limit``, ``forbidden`` or, to points, ``unavailable``."""
        now_s = self._now_ms() // 1000
        credential = hello.credential
        try:
            if not isinstance(credential, PointCredential):
                identity = auth.check_token(self._token_key, credential.token, now=now_s, session=hello.session)
                if identity.role == "point":
                    raise ServiceError("forbidden")
                return identity
            room = self.rooms.get(hello.session)
            is_known = room is None or room.bridge.directory.has_point(credential.code)
            generation = self._generations.of(credential.code)
            auth.check_point_credential(
                self._link_key, credential.code, credential.secret, is_known=is_known, generation=generation
            )
        except CredentialError:
            self.refused_credentials += 1
            self._admission.refuse(address)
        ends = now_s + auth.POINT_TOKEN_S
        return Identity(f"point:{credential.code}", "point", hello.session, (credential.code,), ends, generation)

    async def _wait_ready(self, owner: Owner) -> None:
        """Wait for a session that is being loaded; go on with the last known state when the store went away later."""
        if owner.is_ready:
            return
        try:
            async with asyncio.timeout(READY_WAIT_S):
                await owner.wait_ready()
        except TimeoutError:
            if owner.bridge.session.opened_at is None:
                raise ServiceError("unavailable", retry_after_s=1) from None

    async def _welcome_point(self, line: HubLine, room: Room, identity: Identity, hello: Hello) -> None:
        code = identity.subject.removeprefix("point:")
        older = room.points.get(code)
        room.points[code] = line
        try:
            self._presence.arrived(room.session, code)
            await self.submit(room.session, commands.PointArrived(code, report_of(hello.report) or PointReport()))
            if not self._generations.is_current(identity):  # replaced while the arrival was written
                raise ServiceError("bad_credential")
        except BaseException:
            if room.points.get(code) is line:
                if older is not None and not older.session.is_over and self._came_by_this_link(older):
                    room.points[code] = older
                else:
                    if older is not None:  # nothing happens to one that is over
                        older.session.refuse(REFUSALS["bad_credential"], self._clock())
                        older.wake(older)
                    del room.points[code]
                    self._presence.left(room.session, code)
                    self._report_departure(room, code, "refused")
            raise
        now = self._clock()
        if older is not None:
            older.session.refuse(REFUSALS["replaced" if self._came_by_this_link(older) else "bad_credential"], now)
            older.wake(older)
        if room.points.get(code) is not line:
            raise ServiceError("replaced")
        token, _ = auth.make_point_token(
            self._token_key, code=code, session=room.session, now=self._now_ms() // 1000, generation=identity.generation
        )
        directory = room.bridge.directory
        path = tuple(unit.name for unit in directory.path(code))
        self._welcome(line, room, identity, token, PointRef(code=code, name=directory.point(code).name, path=path))
        call = room.bridge.active_call(code)
        if call is not None and room.ring(call.id, now):
            self._report_ring(room.session, call.id)
        room.ask(code, now)

    def _came_by_this_link(self, line: Listener) -> bool:
        return line.identity is None or self._generations.is_current(line.identity)

    def _welcome(self, line: HubLine, room: Room, identity: Identity, token: str, point: PointRef | None) -> None:
        session = room.bridge.session
        message = Welcome(
            session=SessionRef(id=session.id, title=session.title),
            role=identity.role,
            point=point,
            subject=identity.subject,
            token=token,
            token_expires_at=identity.expires_at * 1000,
            media=self._media(),
            stage=room.stage(),
            call=room.call_of(point.code) if point is not None else None,
            at=self._now_ms(),
        )
        line.session.welcome(message, self._clock())
        line.wake(line)

    def _report_ring(self, session: str, call: str) -> None:
        room, owner = self.rooms[session], self.owners[session]

        def still_rings() -> bool:
            found = room.bridge.calls.get(call)
            return found is not None and not found.is_over and found.point in room.points

        self.errands.put(("ring", session, call), Errand(owner.submit, commands.RingSent(call), still_rings))

    # --- messages -------------------------------------------------------------------------------------------------------

    async def receive_message(self, line: HubLine, message: ClientMessage) -> None:
        """Carry out what a welcomed client says; the answer goes into its session."""
        identity = line.identity
        if identity is None or line.session.is_over:
            return
        request = message.id if isinstance(message, CommandMessage) else None
        try:
            await self._carry_out(line, identity, message)
        except Exception as error:  # noqa: BLE001 (every refusal goes to the client, bugs also to the log)
            if is_bug(error):
                _log.exception("hub.message_failed", type=message.type)
            self._send_error(line, request, error)

    async def _carry_out(self, line: HubLine, identity: Identity, message: ClientMessage) -> None:
        room = self.rooms[identity.session]
        bridge = room.bridge
        point = identity.point
        if isinstance(message, CommandMessage):
            scope = tuple(unit for unit in identity.scope if bridge.directory.has_unit(unit))
            command = command_of_console(message, identity.subject, scope)
        elif isinstance(message, Hello) or point is None:
            raise ServiceError("forbidden")
        else:
            command = command_of_point(message, point)
        may(
            account_of(identity), command, bridge.directory, bridge.point_of, units_of=bridge.units_of, on_stage=bridge.on_stage()
        )
        events = await self.submit(room.session, command)
        if isinstance(message, CommandMessage):
            at = events[-1].at if events else self._now_ms()
            ack = Ack(id=message.id, at=at, call=_call_of(command, events), roll_call=_roll_call_of(command, events))
            line.session.send(Outgoing(ack), self._clock())

    def _send_error(self, line: HubLine, request: RequestId | None, error: Exception) -> None:
        line.session.send(Outgoing(ErrorMessage(id=request, error=refusal_of(error).body())), self._clock())
        line.wake(line)

    # --- the end of a connection ----------------------------------------------------------------------------------------

    def lose(self, line: HubLine, reason: str) -> None:
        """A connection is gone; a point's newest one makes the point leave."""
        if line.identity is None:
            return
        room = self.rooms.get(line.identity.session)
        point = room.remove(line) if room is not None else None
        if room is None or point is None or self.is_ending:
            return
        self._presence.left(room.session, point)
        self._report_departure(room, point, reason)

    def _report_departure(self, room: Room, point: str, reason: str) -> None:
        errand = Errand(self.owners[room.session].submit, commands.PointLeft(point, reason), lambda: point not in room.points)
        self.errands.put(("point", room.session, point), errand)

    # --- timers ---------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Tell everybody what changed, at most every ``FAN_OUT_S``, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self.fan_out()
            await asyncio.sleep(FAN_OUT_S)

    async def fan_out(self) -> None:
        """Tell everybody what changed, now."""
        now = self._clock()
        for room in list(self.rooms.values()):
            await self._in_slices(room.fan_out(now))

    async def run_ticks(self) -> None:
        """Tell everybody every ``TICK_S`` that the line lives, until cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            await self.tick()

    async def tick(self) -> None:
        """Send one tick to everybody, and set right what the domain believes of points that are here."""
        outgoing = Outgoing(Tick(at=self._now_ms()), "tick")
        for room in list(self.rooms.values()):
            await self._in_slices(room.broadcast(outgoing, self._clock()))
            self._repair(room)

    def _repair(self, room: Room) -> None:
        """A point that is connected here and that the domain takes for gone (a take-over missed it) arrives again."""
        bridge, submit = room.bridge, self.owners[room.session].submit
        for code, line in room.points.items():
            if line.identity is not None and not line.session.is_over and not bridge.is_live(code):
                is_here = lambda code=code, line=line: room.points.get(code) is line  # noqa: E731
                self.errands.put(("point", room.session, code), Errand(submit, commands.PointArrived(code), is_here))

    async def refuse_everybody(self) -> None:
        """The process ends: tell everybody to come back."""
        self.is_ending = True
        for room in list(self.rooms.values()):
            await self._in_slices(_refuse_all(room, self._clock()))

    async def _in_slices(self, steps: Iterator[None]) -> None:
        began = self._clock()
        for number, _ in enumerate(steps, start=1):
            if number % SLICE == 0 or self._clock() - began >= SLICE_S:
                await asyncio.sleep(0)
                began = self._clock()


def _refuse_all(room: Room, now: float) -> Iterator[None]:
    for line in room.listeners():
        line.session.refuse(REFUSALS["restarting"], now)
        line.wake(line)
        yield


def _call_of(command: commands.Command, events: Sequence[Event]) -> str | None:
    for event in events:
        if isinstance(event, CallPlaced):
            return event.call
    call = getattr(command, "call", None)
    return call if isinstance(call, str) else None


def _roll_call_of(command: commands.Command, events: Sequence[Event]) -> str | None:
    for event in events:
        if isinstance(event, RollCallStarted):
            return event.roll_call
    return command.roll_call if isinstance(command, commands.CloseRollCall) else None
