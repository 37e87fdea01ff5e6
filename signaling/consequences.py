"""What events of one session cause beyond its own room: in the standing line, in other rooms, at desks it is not over.

* Calls that were placed in any session are noted on the standing line, where draws look for who was called last.
* Directives and proposals are the standing line's: the rooms of other sessions are told its events too.
* Points hear of alerts, missed calls and rosters at once; an alert may be for a desk that the session is not over.
* Whoever spoke to a point by talkback and is gone speaks no more.
* Escalations that begin by themselves are begun by the process that owns the session.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bridge.bridge import Bridge
from bridge.events import Event
from bridge.ids import STANDING_LINE
from bridge.matter_commands import Escalate
from signaling.calls_noted import calls_noted
from signaling.errands import Errand, Errands
from signaling.membership import Deciding
from signaling.room import Listener, Room
from signaling.room_matters import ladders_wanted, resolved
from signaling.talkers import Talkers

AUTO: Final = "auto"


class Consequences:
    """See the module's text.

    Args:
        rooms: the rooms by session.
        owners: the owners by session.
        lines: the connections of points that this process holds.
        errands: what takes commands that nobody waits for.
        clock: monotonic seconds.
        now_ms: wall time.
        escalates: whether escalations begin by themselves.
    """

    def __init__(
        self,
        rooms: Mapping[str, Room],
        owners: Mapping[str, Deciding],
        lines: Mapping[str, Listener],
        errands: Errands,
        clock: Callable[[], float],
        now_ms: Callable[[], int],
        escalates: bool,
    ) -> None:
        self._rooms, self._owners, self._lines, self._errands = rooms, owners, lines, errands
        self._clock, self._now_ms, self._escalates = clock, now_ms, escalates
        self.talkers = Talkers(owners, errands)

    def receive_events(self, session: str, events: Sequence[Event]) -> None:
        """Something of a session is on disk, and its own room knows it."""
        room = self._rooms[session]
        self.tell_points(room)
        self._escalate(session, events)
        if session == STANDING_LINE:
            for other in self._rooms.values():
                if other is not room:
                    other.receive_line_events(events)
        self._note_calls(session, events)

    def tell_points(self, room: Room) -> None:
        """Send what points are to hear at once."""
        now = self._clock()
        for point, outgoing in room.matters.take_for_points():
            listener = self._lines.get(point)
            if listener is not None:
                listener.session.send(outgoing, now)
                listener.wake(listener)

    def line(self) -> Bridge | None:
        """The standing line's state, where there is one."""
        room = self._rooms.get(STANDING_LINE)
        return room.bridge if room is not None else None

    def _escalate(self, session: str, events: Sequence[Event]) -> None:
        owner = self._owners[session]
        if not self._escalates or not owner.is_owner:
            return
        for call, level in ladders_wanted(events, owner.bridge):
            command = resolved(Escalate(call, (), AUTO), owner.bridge, self.line(), level, self._now_ms())
            self._errands.put(("escalate", session, call), Errand(owner.submit, command))

    def _note_calls(self, session: str, events: Sequence[Event]) -> None:
        line = self._owners.get(STANDING_LINE)
        if line is None or not self._owners[session].is_owner:
            return
        for noted in calls_noted(session, events):
            self._errands.put(("called", noted.point), Errand(line.submit, noted))
