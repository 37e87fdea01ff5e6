"""Points and sessions: who attends what, what sessions learn of the points over them, and who has a point when several call it.

Theory of operation. The standing line's record says which points are live; the other open sessions over a point *follow* it: the
process that owns such a session hands in each arrival and departure that is on the standing line's disk, and what a page reports
while the session calls or asks it. What was missed (a session that opened, a restart) is found by comparing the two records
(:meth:`Membership.compare_presence`), so nothing has to be delivered exactly once.

What a point attends follows from the records alone (:mod:`signaling.attendance`): every process can say it of every point. The
one that holds the point's connection tells the page, each one that let its viewer in has the media node move it.

Which call has a point when sessions of several levels call it follows from the records too (:mod:`signaling.engagement`):
whenever a call moves, and again every second for every point that is called or engaged, the owner of each session concerned
hands in what is missing.

Whole sessions (one that opened or closed) are worked off by :meth:`Membership.work`, a generator that its caller runs in slices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from bridge import commands, events
from bridge.bridge import Bridge
from bridge.events import Event
from bridge.ids import STANDING_LINE
from signaling.attendance import ON_DUTY, Attending, attending_of, kind_of
from signaling.coverage import Coverage, points_over
from signaling.engagement import repairs
from signaling.errands import Errand, Errands
from signaling.messages import AttendingMessage, SessionRef
from signaling.room import Listener, Room
from signaling.session import Outgoing, State

CALL_MOVES: Final = (events.CallPlaced, events.CallEnded, events.CallFailed)
POINT_MOVES: Final = (events.PointEngaged, events.PointReleased)
SESSION_MOVES: Final = (events.SessionPrepared, events.SessionOpened, events.SessionClosed)

MAX_MESSAGES_KEPT: Final = 64
LOOK_SLICE: Final = 200
"""Points looked at between two steps of :meth:`Membership.work` that have nobody to tell: under half a millisecond."""


class Deciding(Protocol):
    """The part of a session's owner that is needed."""

    @property
    def bridge(self) -> Bridge:
        """The state on disk."""
        ...

    @property
    def is_owner(self) -> bool:
        """Whether this process decides."""
        ...

    async def submit(self, command: Any) -> list[Any]:
        """Have a command carried out."""
        ...


class Membership:
    """See the module's text.

    Args:
        rooms: the rooms by session.
        owners: the owners by session.
        lines: the connections of points that this process holds.
        errands: what takes commands that nobody waits for.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        rooms: Mapping[str, Room],
        owners: Mapping[str, Deciding],
        lines: Mapping[str, Listener],
        errands: Errands,
        clock: Callable[[], float],
    ) -> None:
        self._rooms, self._owners, self._lines, self._errands, self._clock = rooms, owners, lines, errands, clock
        self._coverage = Coverage()
        self._told: dict[str, Attending] = {}
        """What the points connected here were told last."""
        self._moved: dict[str, None] = {}
        """Sessions that opened, closed or were loaded: their points are looked at."""
        self._messages: dict[Attending, tuple[object, Outgoing]] = {}
        self._engaged: dict[str, set[str]] = {}
        """The points that a session gave away, by session."""
        self.has_viewers: Callable[[str], bool] = lambda _: False
        """Whether a point has media at the node that this process is to move."""
        self.on_attending: Callable[[str, str], None] = lambda _point, _session: None
        """Called with a point and the session whose programme it is to get."""

    # --- questions ------------------------------------------------------------------------------------------------------

    def bridges_over(self, point: str) -> list[Bridge]:
        """The open sessions over a point, the standing line first."""
        main = self._owners.get(STANDING_LINE)
        if main is None:
            return []
        found = [main.bridge]
        for session in self._coverage.over(point, main.bridge.directory):
            owner = self._owners.get(session)
            if owner is not None and session != STANDING_LINE:
                found.append(owner.bridge)
        return [bridge for bridge in found if bridge.is_open]

    def attending(self, point: str) -> Attending:
        """What a point attends, by the record."""
        return attending_of(point, self.bridges_over(point))

    def has_point(self, point: str, session: str) -> bool:
        """Whether it is a session's call that has a point."""
        return self.attending(point) == Attending(session, "call")

    def told(self, point: str) -> str:
        """The session whose programme a point was told last that it gets."""
        return self._told.get(point, ON_DUTY).session

    # --- what happens ---------------------------------------------------------------------------------------------------

    def receive_events(self, session: str, happened: Sequence[Event]) -> None:
        """Something of a session is on disk."""
        bridge = self._owners[session].bridge
        moved: dict[str, None] = {}
        for event in happened:
            if isinstance(event, CALL_MOVES):
                call = bridge.calls.get(event.call)
                if call is not None:
                    moved[call.point] = None
            elif isinstance(event, POINT_MOVES):
                self._note_engaged(session, event)
                moved[event.point] = None
            elif isinstance(event, SESSION_MOVES):
                self._session_moved(session)
            elif session == STANDING_LINE:
                self._follow(bridge, event)
        for point in moved:
            self.settle(point)

    def receive_reset(self, session: str) -> None:
        """A session's state was built anew."""
        bridge = self._owners[session].bridge
        self._engaged[session] = {point for point, record in bridge.state.records.items() if record.engaged_in is not None}
        self._session_moved(session)

    def forget(self, session: str) -> None:
        """A session is not served here any more."""
        self._coverage.remove(session)
        self._engaged.pop(session, None)
        self._moved.pop(session, None)

    def lose(self, point: str) -> None:
        """A point's connection here is gone."""
        self._told.pop(point, None)

    def welcome(self, point: str) -> Attending:
        """A point is being welcomed: what it is told that it attends."""
        attending = self._told[point] = self.attending(point)
        return attending

    def settle(self, point: str) -> None:
        """Set right who has a point and what it attends."""
        for session, command in repairs(point, self.bridges_over(point)):
            owner = self._owners[session]
            if owner.is_owner:
                is_so = lambda session=session, command=command: self._is_wanted(session, command)  # noqa: E731
                self._errands.put(("engage", session, point), Errand(owner.submit, command, is_so))
        self.tell(point)

    def tell(self, point: str) -> bool:
        """Tell a point's page and the media node what it attends, where that changed; whether anybody was told."""
        line = self._lines.get(point)
        if line is None and not self.has_viewers(point):
            return False
        attending = self.attending(point)
        self.on_attending(point, attending.session)
        if line is None or line.session.state is not State.WELCOMED or self._told.get(point) == attending:
            return False
        self._told[point] = attending
        line.session.send(self.message_of(attending), self._clock())
        line.wake(line)
        return True

    def message_of(self, attending: Attending) -> Outgoing:
        """What a page is told of what it attends; made once for all who are told while the stage stays as it is."""
        room = self._rooms[attending.session]
        bridge = room.bridge
        is_recorded = bridge.session.recording_since is not None
        stage = (bridge.session.state, bridge.is_center_live, tuple(bridge.state.on_air), is_recorded)
        kept = self._messages.get(attending)
        if kept is not None and kept[0] == stage:
            return kept[1]
        outgoing = self._made(attending, room)
        if len(self._messages) >= MAX_MESSAGES_KEPT:
            self._messages.clear()
        self._messages[attending] = (stage, outgoing)
        return outgoing

    def _made(self, attending: Attending, room: Room) -> Outgoing:
        session, directory = room.bridge.session, room.bridge.directory
        message = AttendingMessage(
            session=SessionRef(id=session.id, title=session.title),
            kind=kind_of(session),
            center=directory.unit(session.center).name if directory.has_unit(session.center) else "",
            level=session.level,
            reason=attending.reason,
            stage=room.stage(),
        )
        return Outgoing(message, "attending")

    def _is_wanted(self, session: str, command: Any) -> bool:
        return (session, command) in repairs(command.point, self.bridges_over(command.point))

    def _note_engaged(self, session: str, event: Any) -> None:
        engaged = self._engaged.setdefault(session, set())
        if isinstance(event, events.PointEngaged):
            engaged.add(event.point)
        else:
            engaged.discard(event.point)

    def _session_moved(self, session: str) -> None:
        bridge = self._owners[session].bridge
        if session == STANDING_LINE:
            pass
        elif bridge.is_open:
            self._coverage.set(session, bridge.session.units)
        else:
            self._coverage.remove(session)
            self._engaged.pop(session, None)
        self._moved[session] = None

    # --- presence -------------------------------------------------------------------------------------------------------

    def _follow(self, main: Bridge, event: Event) -> None:
        """Hand what the standing line learned of a point to the sessions over it that are owned here."""
        if not isinstance(event, events.PointArrived | events.PointLeft | events.PointReported):
            return
        point = event.point
        for session in self._coverage.over(point, main.directory):
            owner = self._owners.get(session)
            if owner is None or not owner.is_owner or session == STANDING_LINE:
                continue
            if isinstance(event, events.PointReported):
                if owner.bridge.active_call(point) is not None or point in owner.bridge.state.asked:
                    command = commands.PointReported(point, event.report)
                    self._errands.put(("report", session, point), Errand(owner.submit, command))
            else:
                reason = event.reason if isinstance(event, events.PointLeft) else ""
                self._bring_presence(main, session, owner, point, reason)

    def _bring_presence(self, main: Bridge, session: str, owner: Deciding, point: str, reason: str = "") -> None:
        record = main.state.record(point)
        command: Any
        if record.is_live:
            command = commands.PointArrived(point, record.report)
        else:
            command = commands.PointLeft(point, reason or record.left_reason or "")
        is_live = record.is_live
        is_so = lambda: self._owners[STANDING_LINE].bridge.is_live(point) is is_live  # noqa: E731
        self._errands.put(("point", session, point), Errand(owner.submit, command, is_so))

    def compare_presence(self, session: str) -> Iterator[None]:
        """Have an open session that is owned here agree with the standing line about who is live; yields now and then."""
        main, owner = self._owners.get(STANDING_LINE), self._owners.get(session)
        if session == STANDING_LINE or main is None or owner is None or not (owner.is_owner and owner.bridge.is_open):
            return
        bridge, standing = owner.bridge, main.bridge
        for number, point in enumerate(_points_of(bridge), start=1):
            if standing.is_live(point) != bridge.is_live(point):
                self._bring_presence(standing, session, owner, point)
                yield
            elif number % LOOK_SLICE == 0:
                yield

    # --- work -----------------------------------------------------------------------------------------------------------

    @property
    def has_work(self) -> bool:
        """Whether :meth:`work` has something to do."""
        return bool(self._moved)

    def work(self) -> Iterator[None]:
        """Tell the points of sessions that opened or closed what they attend now; yields once a point told."""
        while self._moved:
            session = next(iter(self._moved))
            del self._moved[session]
            owner = self._owners.get(session)
            if owner is None or session == STANDING_LINE:
                continue
            for number, point in enumerate(_points_of(owner.bridge), start=1):
                if self.tell(point) or number % LOOK_SLICE == 0:
                    yield
            yield from self.compare_presence(session)

    def compare(self) -> Iterator[None]:
        """Look again at every point that is called or engaged anywhere; yields once a point."""
        points: dict[str, None] = {}
        for owner in self._owners.values():
            points |= dict.fromkeys(owner.bridge.state.active)
        for engaged in self._engaged.values():
            points |= dict.fromkeys(engaged)
        for point in points:
            self.settle(point)
            yield


def _points_of(bridge: Bridge) -> Iterator[str]:
    points = bridge.directory.points
    for run in points_over(bridge.session.units, bridge.directory):
        for index in run:
            yield points[index].code
