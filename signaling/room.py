"""The connections of one session in this process, and what each of them is to hear. No task, no clock, no waiting.

Theory of operation. Everything that is sent follows from the domain's state on disk: :meth:`Room.receive_events` is
called with events that are durable, sends at once what is urgent and small (rings, the calls that moved), and notes that
the stage or point states may have changed. :meth:`Room.fan_out` is called at most every 100 ms and yields what everybody
hears; its caller gives the loop away between slices. A console hears only of points within its scope.

A point has one connection, whatever the sessions over it: the standing line's room holds it, and every other room looks at the
same table through the units of its session (:class:`PointsOver`). So a ring, a roll call or the floor of any session finds the
point, and nobody has to be entered anywhere when a meeting opens over ten thousand of them. What is said to a point as a member
of the audience (the stage) comes from the one session that it attends.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from bridge import events
from bridge.bridge import Bridge
from bridge.calls import Call
from bridge.events import CallPlaced, Event, PointArrived
from bridge.ids import STANDING_LINE
from bridge.units import Directory
from bridge.views import call_view, stage_view
from signaling.auth import Identity
from signaling.coverage import points_over
from signaling.errors import REFUSALS
from signaling.messages import (
    MAX_CALLS_LISTED,
    MAX_TRAIL_ENTRIES,
    CallMessage,
    Calls,
    CallView,
    Frame,
    MediaMessage,
    MediaState,
    Ring,
    Stage,
    StageMessage,
)
from signaling.room_floor import CONSOLE_KEY, FloorNews, queue_of
from signaling.room_matters import MatterNews
from signaling.room_news import News
from signaling.room_rollcall import RollCalls
from signaling.room_talkback import TalkbackNews
from signaling.session import Outgoing, SignalingSession, State

FLOOR_EVENTS: Final = (
    events.FloorAsked,
    events.FloorWithdrawn,
    events.FloorGiven,
    events.FloorStarted,
    events.FloorWarned,
    events.FloorExtended,
    events.FloorMissed,
    events.FloorTakenBack,
    events.SessionClosed,
)
OUT_OF_SCOPE: Final = 15
_NIBBLE_MASK: Final = 15


class Listener(Protocol):
    """What a room knows of a connection; :class:`signaling.websocket.Line` is one."""

    session: SignalingSession
    identity: Identity | None

    @property
    def wake(self) -> Callable[[Any], None]:
        """Called after something was queued in its session."""
        ...


def view_of(call: Call) -> CallView:
    """A call as it is sent."""
    view = call_view(call)
    trail = view["trail"]
    if isinstance(trail, list):
        view["trail"] = trail[-MAX_TRAIL_ENTRIES:]
    return CallView.model_validate(view)


def calls_listed(bridge: Bridge, within: Scope, limit: int = MAX_CALLS_LISTED) -> tuple[CallView, ...]:
    """The calls worth showing, newest first: all that are not over, then the latest others."""
    newest_first = [call for call in reversed(list(bridge.calls.values())) if within.has(call.point)]
    active = [call for call in newest_first if not call.is_over]
    over = [call for call in newest_first if call.is_over]
    shown = {call.id for call in (active + over)[:limit]}
    return tuple(view_of(call) for call in newest_first if call.id in shown)


class Scope:
    """The points that a console hears of."""

    def __init__(self, directory: Directory, units: Sequence[str]) -> None:
        self._directory = directory
        self.units = tuple(units)
        self._ranges = tuple(directory.points_within(unit) for unit in units if directory.has_unit(unit))
        self.is_everything = any(len(one) == len(directory.points) for one in self._ranges)

    def has(self, point: str) -> bool:
        """Whether the point is within; also for points that only the log still knows, when the scope is everything."""
        return self.is_everything or self._directory.is_within(point, self.units)

    def has_index(self, index: int) -> bool:
        """Whether the point of that index is within."""
        return self.is_everything or any(index in one for one in self._ranges)

    def mask(self, frame: bytes, count: int) -> bytes:
        """The frame with every point outside set to 15."""
        if self.is_everything:
            return frame
        masked = bytearray(b"\xff" * len(frame))
        for one in self._ranges:
            for index in one:
                byte = frame[index >> 1]
                if index & 1:
                    masked[index >> 1] = (masked[index >> 1] & 0xF0) | (byte & _NIBBLE_MASK)
                else:
                    masked[index >> 1] = (masked[index >> 1] & _NIBBLE_MASK) | (byte & 0xF0)
        if count & 1:
            masked[-1] &= 0xF0
        return bytes(masked)


class PointsOver(Mapping[str, Listener]):
    """The connections of the points that a session is over, in directory order: a view, as large as the session."""

    def __init__(self, lines: Mapping[str, Listener], bridge: Callable[[], Bridge]) -> None:
        self._lines = lines
        self._bridge = bridge

    def __getitem__(self, point: str) -> Listener:
        line = self._lines[point]
        if not self._bridge().state.covers(point):
            raise KeyError(point)
        return line

    def __iter__(self) -> Iterator[str]:
        bridge = self._bridge()
        points = bridge.directory.points
        for run in points_over(bridge.session.units, bridge.directory):
            for index in run:
                if points[index].code in self._lines:
                    yield points[index].code

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Room:
    """See the module's text. ``points`` maps a point's code to its newest connection.

    Args:
        session: the session's id.
        bridge: gives its state on disk.
        media: gives the state of the media node.
        lines: the connections of all points, which the standing line's room changes; None where there is no other room.
        attended: gives the session whose programme a point was told that it gets; None: this one.
        has_point: says whether it is this session's call that has a point; None: it is.
        line: gives the standing line's state on disk; None, or the same function as ``bridge``, when this is its room.
    """

    def __init__(
        self,
        session: str,
        bridge: Callable[[], Bridge],
        media: Callable[[], MediaState],
        lines: dict[str, Listener] | None = None,
        attended: Callable[[str], str] | None = None,
        has_point: Callable[[str, str], bool] | None = None,
        line: Callable[[], Bridge] | None = None,
    ) -> None:
        self.session = session
        self._lines = {} if lines is None else lines
        self.points: Mapping[str, Listener] = self._lines if self.is_standing else PointsOver(self._lines, bridge)
        self._attended = attended
        self._has_point = has_point
        self.consoles: dict[Listener, Scope] = {}
        self.viewers: dict[Listener, None] = {}
        self._bridge = bridge
        self._media = media
        self._roll_calls = RollCalls(bridge)
        self._floor = FloorNews(bridge)
        self.matters = MatterNews(bridge)
        self._talks = TalkbackNews(bridge)
        self._has_floor_news = False
        self._news = News(bridge, line or bridge)
        self._told_stage: Stage | None = None
        self._told_media: MediaState | None = None
        self._is_reset = False

    @property
    def bridge(self) -> Bridge:
        """The state on disk."""
        return self._bridge()

    def __len__(self) -> int:
        return len(self.listeners())

    @property
    def is_standing(self) -> bool:
        """Whether this is the standing line's room, the one that holds the points' connections."""
        return self.session == STANDING_LINE

    def listeners(self) -> list[Listener]:
        """Everybody whose connection this room holds, consoles first: they are few and waited for."""
        return [*self.consoles, *(self._lines.values() if self.is_standing else ()), *self.viewers]

    def audience(self) -> list[Listener]:
        """Everybody who gets this session's programme."""
        attended = self._attended
        points = (line for point, line in self.points.items() if attended is None or attended(point) == self.session)
        return [*self.consoles, *points, *self.viewers]

    # --- views ----------------------------------------------------------------------------------------------------------

    def stage(self) -> Stage:
        """What everybody may know."""
        return Stage.model_validate(stage_view(self.bridge))

    def call_of(self, point: str) -> CallView | None:
        """The point's call that is not over."""
        call = self.bridge.active_call(point)
        return view_of(call) if call is not None else None

    def frame(self, within: Scope) -> Frame:
        """All states, those outside of the scope hidden."""
        states = self.bridge.state.states
        packed = within.mask(self.bridge.state_frame(), states.count)
        return Frame(
            version=states.version,
            directory=self.bridge.directory.version,
            count=states.count,
            states=base64.b64encode(packed).decode("ascii"),
        )

    # --- connections ----------------------------------------------------------------------------------------------------

    def add_console(self, line: Listener, units: Sequence[str], now: float) -> None:
        """A console was welcomed: it gets one frame and one list of calls."""
        within = Scope(self.bridge.directory, units)
        self.consoles[line] = within
        self._show_all(line, within, now)

    def _show_all(self, line: Listener, within: Scope, now: float) -> None:
        _send(line, Outgoing(self.frame(within), "frame"), now)
        _send(line, Outgoing(Calls(calls=calls_listed(self.bridge, within)), "calls"), now)
        for board in self._roll_calls.boards_for(within.units):
            _send(line, board, now)
        if self.bridge.state.floor.asked:
            _send(line, Outgoing(queue_of(self.bridge, within.has), CONSOLE_KEY), now)
        for outgoing in (
            *self.matters.for_console(within.has),
            *self._news.for_console(within),
            *self._talks.for_console(within.has),
        ):
            _send(line, outgoing, now)

    def ask(self, point: str, now: float) -> None:
        """A point was welcomed: a roll call that waits for its answer is shown, and its request to speak."""
        line = self.points.get(point)
        first = (self._roll_calls.question_to(point), self._floor.request_of(point))
        for outgoing in (*first, *self._news.for_point(point), *self._talks.for_point(point)):
            if line is not None and outgoing is not None:
                _send(line, outgoing, now)

    def remove(self, line: Listener) -> str | None:
        """Forget a connection; return the point's code when it was that point's newest."""
        self.consoles.pop(line, None)
        self.viewers.pop(line, None)
        point = line.identity.point if line.identity is not None else None
        if point is not None and self._lines.get(point) is line:
            del self._lines[point]
            return point
        return None

    # --- what is told at once -------------------------------------------------------------------------------------------

    def receive_events(self, happened: Iterable[Event], now: float) -> list[str]:
        """Tell of what is on disk now; return the calls whose ring was handed to a connection."""
        moved: dict[str, None] = {}
        placed: list[str] = []
        happened = list(happened)
        self.matters.receive_events(happened)
        for event in happened:
            if isinstance(event, PointArrived) and self.is_standing:
                self._note_arrival(event, now)
            self._has_floor_news = self._has_floor_news or isinstance(event, FLOOR_EVENTS)
            for answered in (self._roll_calls.receive_event(event), self._news.receive_event(event)):
                if answered is not None and (line := self.points.get(answered[0])) is not None:
                    _send(line, answered[1], now)
            call = getattr(event, "call", None)
            if isinstance(call, str):
                moved[call] = None
                if isinstance(event, CallPlaced):
                    placed.append(call)
        rung = [call for call in placed if self.ring(call, now)]
        for call in moved:
            self._tell_call(call, now)
        self._tell_talks(now)
        return rung

    def _tell_talks(self, now: float) -> None:
        for code, outgoing in self._talks.take():
            point = self.points.get(code)
            for line in (*(line for line, within in self.consoles.items() if within.has(code)), *([point] if point else [])):
                _send(line, outgoing, now)

    def receive_line_events(self, happened: Iterable[Event]) -> None:
        """Note what is on disk in the standing line, in the room of another session: its consoles hear of some of it."""
        for event in happened:
            self._news.receive_line_event(event)

    def _note_arrival(self, event: PointArrived, now: float) -> None:
        """An arrival that this process did not report is a newer connection elsewhere: ours has been replaced.

        Ours is not welcomed yet when its own arrival is told; arrivals without a report are a take-over's bookkeeping.
        """
        line = self.points.get(event.point)
        if line is not None and event.report is not None and line.session.state is State.WELCOMED:
            del self._lines[event.point]
            line.session.refuse(REFUSALS["replaced"], now)
            line.wake(line)

    def refuse_replaced_links(self, generations: Mapping[str, int], now: float) -> None:
        """Close connections that came by an older link or login than this; those not welcomed yet are checked again before."""
        people = [line for line in (*self.consoles, *self.viewers) if line.identity is not None and line.identity.account]
        for line in (*(self.points[point] for point in generations if point in self.points), *people):
            if line.identity is None or line.session.state is not State.WELCOMED:
                continue
            if line.identity.generation < generations.get(line.identity.generation_key or "", 0):
                line.session.refuse(REFUSALS["bad_credential"], now)
                line.wake(line)

    def ring(self, call_id: str, now: float) -> bool:
        """Hand the ring to the point's connection; False when there is none or the call needs no ring.

        A call that lost its point to another session's before it was told so is not rung: a page that is rung leaves the call it
        is in.
        """
        call = self.bridge.calls.get(call_id)
        if call is None or call.state.value not in {"queued", "ringing", "delivered"}:
            return False
        line = self.points.get(call.point)
        if line is None or line.session.state is not State.WELCOMED:
            return False
        if self._has_point is not None and not self._has_point(call.point, self.session):
            return False
        _send(line, Outgoing(Ring(call=view_of(call)), f"ring:{call.id}"), now)
        return True

    def _tell_call(self, call_id: str, now: float) -> None:
        call = self.bridge.calls.get(call_id)
        if call is None:
            return
        outgoing = Outgoing(CallMessage(call=view_of(call)), f"call:{call.id}")
        for line, within in self.consoles.items():
            if within.has(call.point):
                _send(line, outgoing, now)
        point = self.points.get(call.point)
        if point is not None:
            _send(point, outgoing, now)

    # --- what is told to everybody --------------------------------------------------------------------------------------

    def reset(self) -> None:
        """The state was built anew: everything is shown again at the next :meth:`fan_out`."""
        self._is_reset = bool(self.consoles)
        self._roll_calls.reset()
        self.matters.reset()
        self._news.reset()
        self._has_floor_news = bool(self.bridge.state.floor.asked)

    def fan_out(self, now: float) -> Iterator[None]:
        """Tell everybody what changed since the last time; yields once a connection served."""
        changes = self.bridge.drain_changes()
        version = self.bridge.state.states.version
        if self._is_reset:
            self._is_reset = False
            for line in list(self.consoles):
                self.consoles[line] = Scope(self.bridge.directory, line.identity.scope if line.identity else ())
                self._show_all(line, self.consoles[line], now)
                yield
        elif changes:
            for line, within in list(self.consoles.items()):
                own = changes if within.is_everything else [change for change in changes if within.has_index(change[0])]
                if own:
                    line.session.send_changes(version, own, now)
                    line.wake(line)
                yield
        yield from self._tell_all(now)
        self._tell_talks(now)
        yield from self._tell_roll_calls(now)
        yield from self._tell_matters(now)
        if self._has_floor_news:
            self._has_floor_news = False
            yield from self._tell_floor(now)
        yield from self._tell_news(now)

    def _tell_news(self, now: float) -> Iterator[None]:
        for_console, for_point = self._news.take_for_consoles(), self._news.take_for_points()
        for line, within in list(self.consoles.items()) if for_console is not None else ():
            for outgoing in for_console(within) if for_console is not None else ():
                _send(line, outgoing, now)
            yield
        for point, line in list(self.points.items()) if for_point is not None else ():
            for outgoing in for_point(point) if for_point is not None else ():
                _send(line, outgoing, now)
            yield

    def _tell_floor(self, now: float) -> Iterator[None]:
        for line, within in list(self.consoles.items()):
            _send(line, Outgoing(queue_of(self.bridge, within.has), CONSOLE_KEY), now)
            yield
        for point, outgoing in self._floor.take().items():
            line_of_point = self.points.get(point)
            if line_of_point is not None:
                _send(line_of_point, outgoing, now)
                yield

    def _tell_matters(self, now: float) -> Iterator[None]:
        if not self.matters.has_news:
            return
        messages_of = self.matters.take_for_consoles()
        for line, within in list(self.consoles.items()):
            for outgoing in messages_of(within.has):
                _send(line, outgoing, now)
            yield

    def _tell_roll_calls(self, now: float) -> Iterator[None]:
        boards_of = self._roll_calls.boards()
        for line, within in list(self.consoles.items()) if boards_of is not None else ():
            for board in boards_of(within.units) if boards_of is not None else ():
                _send(line, board, now)
            yield
        for point, question in self._roll_calls.questions():
            line_of_point = self.points.get(point)
            if line_of_point is not None:
                _send(line_of_point, question, now)
                yield

    def _tell_all(self, now: float) -> Iterator[None]:
        news: list[Outgoing] = []
        stage, media = self.stage(), self._media()
        if stage != self._told_stage:
            self._told_stage = stage
            news.append(Outgoing(StageMessage(stage=stage), "stage"))
        if media != self._told_media:
            self._told_media = media
            news.append(Outgoing(MediaMessage(ready=media.ready, epoch=media.epoch), "media"))
        for outgoing in news:
            for line in self.audience() if outgoing.key == "stage" else self.listeners():
                _send(line, outgoing, now)
                yield

    def broadcast(self, outgoing: Outgoing, now: float) -> Iterator[None]:
        """Tell everybody one thing; yields once a connection served."""
        for line in self.listeners():
            _send(line, outgoing, now)
            yield


def _send(line: Listener, outgoing: Outgoing, now: float) -> None:
    line.session.send(outgoing, now)
    line.wake(line)
