"""Who is connected to which session, and the way from what they say to the domain and back.

Theory of operation. One :class:`~signaling.room.Room` a session holds the connections; this module checks credentials,
hands commands to the session's owner and answers. What others hear comes only from events that are on disk (the owner's
listeners). Two rules:

* The newest connection of a point wins. It is entered before its arrival is recorded, so that the older one's end is no
  departure.
* A call placed to a live point is rung at once by the process that holds the point's connection, which then reports
  ``RingSent``; a point that comes back while its call still rings is rung again.

A point has one connection, to the standing line, whatever sessions are over it (:mod:`signaling.membership`); what it says goes
to the session of the call or roll call it speaks of, else to the one that it attends. A console's connection is to one session;
what it orders about the whole line (``LINE_COMMANDS``) goes to the standing line.

Tasks: :meth:`Hub.run` (fan-out, at most every ``FAN_OUT_S``), :meth:`Hub.run_ticks` (one timer for all) and the errands'.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from bridge import commands
from bridge.bridge import Bridge
from bridge.events import Event
from bridge.ids import STANDING_LINE, session_of_id
from bridge.points import Report as PointReport
from bridge.policy import level_of, may
from signaling import auth
from signaling.admission import Admission
from signaling.auth import CredentialError, Identity
from signaling.consequences import Consequences
from signaling.console_orders import Order
from signaling.coverage import overlaps
from signaling.drawing import Drawing, Fitting
from signaling.errands import Errand, Errands
from signaling.errors import REFUSALS, ServiceError, is_bug, refusal_of
from signaling.generations import Generations
from signaling.hub_parts import HubLine, Owner, Presence, load_nothing
from signaling.media_reports import MediaReports
from signaling.membership import Membership
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
from signaling.ordered import Ordered, ordered
from signaling.orders import LINE_COMMANDS, Orderer, account_of, command_of_order, command_of_point, report_of, said_in, thing_of
from signaling.point_messages import LimitPicture, PointMessage, ReportMessage, StillsConsent, WithdrawFloor
from signaling.precedence import require_precedence
from signaling.room import Listener, Room
from signaling.room_matters import resolved, what_waits
from signaling.session import Outgoing
from signaling.slices import in_slices

_log = structlog.get_logger(__name__)

FAN_OUT_S: Final = 0.1
TICK_S: Final = 10.0
READY_WAIT_S: Final = 3.0
SEED_BYTES: Final = 16


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
        escalates: bool = False,
    ) -> None:
        self.rooms: dict[str, Room] = {}
        self.owners: dict[str, Owner] = {}
        self.lines: dict[str, Listener] = {}
        """The connections of points, by code."""
        self.errands = Errands()
        self.membership = Membership(self.rooms, self.owners, self.lines, self.errands, clock)
        self.media_reports = MediaReports(self.owners, self.errands)
        self.load: Callable[[str], Awaitable[None]] = load_nothing
        """Called for a session that is not served here: serves it, or raises ``not_found``."""
        self.consequences = Consequences(self.rooms, self.owners, self.lines, self.errands, clock, now_ms, escalates)
        self.refused_credentials = 0
        self.new_seed: Callable[[], str] = lambda: secrets.token_hex(SEED_BYTES)
        self.fitting: Fitting | None = None
        """What says which points fit a condition on indicators; None where there are none."""
        self.is_ending = False
        """Set when the process ends: connections that close then are no departures."""
        self._link_key = link_key
        self._token_key = token_key
        self._admission = admission
        self._generations = generations
        generations.listen(self._receive_generations)
        self._presence = presence
        self._media = media
        self.limit_picture: Callable[[str, str], Awaitable[None]] | None = None
        self._clock = clock
        self._now_ms = now_ms
        self._news = asyncio.Event()

    # --- sessions -------------------------------------------------------------------------------------------------------

    def add_session(self, owner: Owner) -> Room:
        """Serve a session from now on."""
        session = owner.session
        self.owners[session] = owner
        membership = self.membership
        own: Callable[[], Bridge] = lambda: owner.bridge  # noqa: E731 (the standing line's own room is told by identity)
        line = own if session == STANDING_LINE else lambda: self.owners.get(STANDING_LINE, owner).bridge
        room = self.rooms[session] = Room(session, own, self._media, self.lines, membership.told, membership.has_point, line)
        owner.listen(lambda events: self._receive_events(session, events), lambda: self._receive_reset(session))
        return room

    def remove_session(self, session: str) -> None:
        """Serve a session no longer."""
        self.owners.pop(session, None)
        self.rooms.pop(session, None)
        self.membership.forget(session)

    async def load_room(self, session: str) -> Room:
        """The session's room, of one that is not served here as well; raises ``not_found`` or ``unavailable``."""
        if session not in self.rooms:
            await self.load(session)
        room = self.room(session)
        await self._wait_ready(self.owners[session])
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
        room = self.rooms.get(session)
        if room is None:  # put away a moment ago
            return
        rung = room.receive_events(events, self._clock())
        self.membership.receive_events(session, events)
        for call in rung:
            self._report_ring(session, call)
        self.consequences.receive_events(session, events)
        self._news.set()

    def _receive_reset(self, session: str) -> None:
        room = self.rooms.get(session)
        if room is None:
            return
        room.reset()
        self.consequences.tell_points(room)
        self.membership.receive_reset(session)
        self.media_reports.compare(session)
        self._news.set()

    def _receive_generations(self, risen: Mapping[str, int]) -> None:
        for room in self.rooms.values():
            room.refuse_replaced_links(risen, self._clock())

    def media_changed(self) -> None:
        """The media node came, went or started anew: everybody is told."""
        self._news.set()

    # --- hello ----------------------------------------------------------------------------------------------------------

    async def receive_hello(self, line: HubLine, hello: Hello) -> None:
        """Check the credential and welcome.

        Raises ServiceError, BridgeError or Unavailable; the connection is to be refused with it then.
        """
        identity = self.identify(line.address, hello)
        self._admission.enter(leads=identity.is_console)
        if identity.role == "point":
            self.room(hello.session)
            room = await self.load_room(STANDING_LINE)
            line.identity = identity
            await self._welcome_point(line, room, identity, hello)
            return
        room = await self.load_room(hello.session)
        if identity.may_observe and not overlaps(room.bridge, identity.scope):
            raise ServiceError("forbidden")
        if not self._generations.is_current(identity):  # changed while that was waited for
            raise ServiceError("bad_credential")
        identity = line.identity = replace(identity, session=room.session)
        token = getattr(hello.credential, "token", "")
        self._welcome(line, room, identity, token, None)
        if identity.may_observe:
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
                if not self._generations.is_current(identity):
                    raise CredentialError
                return identity
            room = self.rooms.get(STANDING_LINE)
            is_known = room is None or room.bridge.directory.has_point(credential.code)
            generation = self._generations.of(credential.code)
            auth.check_point_credential(
                self._link_key, credential.code, credential.secret, is_known=is_known, generation=generation
            )
        except CredentialError:
            self.refused_credentials += 1
            self._admission.refuse(address)
        ends = now_s + auth.POINT_TOKEN_S
        return Identity(f"point:{credential.code}", "point", STANDING_LINE, (credential.code,), ends, generation)

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
        older = self.lines.get(code)
        self.lines[code] = line
        try:
            self._presence.arrived(room.session, code)
            await self.submit(room.session, commands.PointArrived(code, report_of(hello.report) or PointReport()))
            if not self._generations.is_current(identity):  # replaced while the arrival was written
                raise ServiceError("bad_credential")
        except BaseException:
            if self.lines.get(code) is line:
                if older is not None and not older.session.is_over and self._came_by_this_link(older):
                    self.lines[code] = older
                else:
                    if older is not None:  # nothing happens to one that is over
                        older.session.refuse(REFUSALS["bad_credential"], self._clock())
                        older.wake(older)
                    del self.lines[code]
                    self._presence.left(room.session, code)
                    self._report_departure(room, code, "refused")
            raise
        now = self._clock()
        if older is not None:
            older.session.refuse(REFUSALS["replaced" if self._came_by_this_link(older) else "bad_credential"], now)
            older.wake(older)
        if self.lines.get(code) is not line:
            raise ServiceError("replaced")
        token, _ = auth.make_point_token(
            self._token_key, code=code, session=room.session, now=self._now_ms() // 1000, generation=identity.generation
        )
        directory = room.bridge.directory
        path = tuple(unit.name for unit in directory.path(code))
        self._welcome(line, room, identity, token, PointRef(code=code, name=directory.point(code).name, path=path))
        self._tell_what_waits(line, code, now)

    def _tell_what_waits(self, line: HubLine, code: str, now: float) -> None:
        """A point was welcomed: its calls ring, and whatever waits for it in any session over it is shown."""
        for bridge in self.membership.bridges_over(code):
            room_over = self.rooms[bridge.session_id]
            call = bridge.active_call(code)
            if call is not None and room_over.ring(call.id, now):
                self._report_ring(room_over.session, call.id)
            room_over.ask(code, now)
        for outgoing in what_waits([each.bridge for each in self.rooms.values()], code, self._now_ms()):
            line.session.send(outgoing, now)
        line.wake(line)

    def _came_by_this_link(self, line: Listener) -> bool:
        return line.identity is None or self._generations.is_current(line.identity)

    def _welcome(self, line: HubLine, room: Room, identity: Identity, token: str, point: PointRef | None) -> None:
        session = room.bridge.session
        attending = self.membership.welcome(point.code) if point is not None else None
        attended = room if attending is None else self.rooms[attending.session]
        message = Welcome(
            session=SessionRef(id=session.id, title=session.title),
            role=identity.role,
            point=point,
            subject=identity.subject,
            token=token,
            token_expires_at=identity.expires_at * 1000,
            media=self._media(),
            stage=attended.stage(),
            call=attended.call_of(point.code) if point is not None else None,
            at=self._now_ms(),
        )
        line.session.welcome(message, self._clock())
        if attending is not None:
            line.session.send(self.membership.message_of(attending), self._clock())
        line.wake(line)

    def _report_ring(self, session: str, call: str) -> None:
        room, owner = self.rooms[session], self.owners[session]

        def still_rings() -> bool:
            found = room.bridge.calls.get(call)
            return found is not None and not found.is_over and found.point in self.lines

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
        if isinstance(message, CommandMessage):
            done = await self.order(identity, identity.session, message.command)
            self.consequences.talkers.note(line, identity, message.command)
            line.session.send(Outgoing(Ack(id=message.id, **done.model_dump())), self._clock())
            return
        if isinstance(message, Hello | StillsConsent):  # consent is the business of the door that takes stills
            raise ServiceError("forbidden")
        if isinstance(message, LimitPicture):
            if identity.point is None or self.limit_picture is None:
                raise ServiceError("forbidden")
            await self.limit_picture(identity.point, message.level)
            return
        await self.say(identity, message)

    async def order(self, identity: Identity, session: str, order: Order) -> Ordered:
        """Carry out what a console orders in a session, over whichever door it came; returns when that is on disk.

        Raises:
            ServiceError, BridgeError, Unavailable: refused, or not recorded; nothing changed, or it is not known.
        """
        bridge = (await self.load_room(session)).bridge
        scope = tuple(unit for unit in identity.scope if bridge.directory.has_unit(unit))
        drawing = Drawing(bridge, [room.bridge for room in self.rooms.values()], self.new_seed, self.fitting)
        command = command_of_order(order, Orderer(identity.subject, scope, level_of(scope, bridge.directory), session, drawing))
        return ordered(command, await self._give(session, identity, command), self._now_ms())

    async def say(self, identity: Identity, message: PointMessage) -> list[Event]:
        """Carry out what a point says, over whichever door, where it speaks of or attends; raises as :meth:`order`."""
        point = identity.point
        if point is None:
            raise ServiceError("forbidden")
        command = said_in(command_of_point(message, point), self.membership.attending(point).session)
        session = STANDING_LINE if type(command) in LINE_COMMANDS else await self._session_for(message, point)
        return await self._give(session, identity, command)

    async def _give(self, session: str, identity: Identity, command: commands.Command) -> list[Event]:
        """Hand a command in, if this account may, to the session or to the standing line, whichever keeps what it is about.

        Whether the account may be in the session at all was asked at its door.
        """
        keeper = STANDING_LINE if type(command) in LINE_COMMANDS else session
        bridge = (await self.load_room(keeper)).bridge
        may(account_of(replace(identity, session=keeper)), command, bridge)
        level = level_of(identity.scope, bridge.directory)
        require_precedence(command, level, bridge, self.membership.bridges_over)
        return await self.submit(keeper, resolved(command, bridge, self.consequences.line(), level, self._now_ms()))

    async def _session_for(self, message: ClientMessage, point: str) -> str:
        """The session that a point speaks to: that of the thing it names, else the one it attends."""
        thing = thing_of(message)
        if thing is not None:
            session = session_of_id(thing)
            if session not in self.rooms:
                try:
                    await self.load_room(session)
                except ServiceError as error:
                    if error.refusal.code != "not_found":
                        raise
                    return STANDING_LINE  # which does not know the thing, and says so
            return session
        if isinstance(message, ReportMessage):
            return STANDING_LINE
        if isinstance(message, WithdrawFloor):
            asked = [b.session_id for b in self.membership.bridges_over(point) if point in b.state.floor.by_point]
            if asked and self.membership.attending(point).session not in asked:
                return asked[0]
        return self.membership.attending(point).session

    def _send_error(self, line: HubLine, request: RequestId | None, error: Exception) -> None:
        line.session.send(Outgoing(ErrorMessage(id=request, error=refusal_of(error).body())), self._clock())
        line.wake(line)

    # --- the end of a connection ----------------------------------------------------------------------------------------

    def lose(self, line: HubLine, reason: str) -> None:
        """A connection is gone; a point's newest one makes the point leave."""
        if line.identity is None:
            return
        self.consequences.talkers.lose(line)
        room = self.rooms.get(STANDING_LINE if line.identity.role == "point" else line.identity.session)
        point = room.remove(line) if room is not None else None
        if room is None or point is None or self.is_ending:
            return
        self.membership.lose(point)
        self._presence.left(room.session, point)
        self._report_departure(room, point, reason)

    def _report_departure(self, room: Room, point: str, reason: str) -> None:
        errand = Errand(self.owners[room.session].submit, commands.PointLeft(point, reason), lambda: point not in self.lines)
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
        await self._in_slices(self.membership.work())
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
            await self._in_slices(self._repair(room) if room.is_standing else self.membership.compare_presence(room.session))

    async def _in_slices(self, steps: Iterator[None]) -> None:
        await in_slices(steps, self._clock)

    def _repair(self, room: Room) -> Iterator[None]:
        """A point that is connected here and that the domain takes for gone (a take-over missed it) arrives again."""
        submit = self.owners[room.session].submit
        for code, line in list(self.lines.items()):
            yield
            if line.identity is not None and not line.session.is_over and not room.bridge.is_live(code):
                is_here = lambda code=code, line=line: self.lines.get(code) is line  # noqa: E731
                self.errands.put(("point", room.session, code), Errand(submit, commands.PointArrived(code), is_here))

    async def refuse_everybody(self) -> None:
        """The process ends: tell everybody to come back, consoles at once, the others one after the other."""
        self.is_ending = True
        for room in list(self.rooms.values()):
            await self._in_slices(self._refuse_all(room))

    def _refuse_all(self, room: Room) -> Iterator[None]:
        refusal = REFUSALS["restarting"]
        for line in room.listeners():
            is_console = line.identity is not None and line.identity.is_console
            retry_after_s = None if is_console else round(self._admission.restart_s(), 3)
            line.session.refuse(replace(refusal, retry_after_s=retry_after_s), self._clock())
            line.wake(line)
            yield
