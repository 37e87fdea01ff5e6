"""What the events of a session add up to. Only the functions of `bridge.applying` change anything here.

Applying an event that contradicts the tables, or speaks of a call that was never placed, raises `BridgeError` and changes
nothing. A point that the directory no longer has keeps its call and its record; it only has no index, and so no state in the
frame.
"""

from typing import Final

from bridge.agenda import Agenda
from bridge.call_lists import CallList
from bridge.calls import Call
from bridge.directive_errors import unknown_directive
from bridge.directives import Directive, Directives
from bridge.draw import Draws
from bridge.errors import unknown_call, unknown_roll_call
from bridge.escalation import Ladder
from bridge.floor import Floor
from bridge.ids import CENTER_FEED, STANDING_LINE, point_feed
from bridge.machine import CallState
from bridge.matter_errors import unknown_call_list, unknown_escalation
from bridge.matters import Matters
from bridge.points import PointRecord, PointState, PointStates
from bridge.proposals import Proposals
from bridge.rollcall import RollCall
from bridge.roster import Roster
from bridge.rules import Rules
from bridge.sessions import SessionRecord
from bridge.stage import Plan, Recording, private_of, recording_of, slots_of
from bridge.talkback import Talk
from bridge.units import Directory

RECONCILED: Final = "reconciled"
"""The reason of a `PointLeft` that nobody saw happen: the point was last seen before, not now."""

NO_MEDIA: Final[frozenset[str]] = frozenset()

_STATE_OF_CALL: Final = {
    CallState.RINGING: PointState.RINGING,
    CallState.DELIVERED: PointState.DELIVERED,
    CallState.ANSWERED: PointState.ANSWERED,
    CallState.CONNECTED: PointState.CONNECTED,
    CallState.PREVIEW: PointState.PREVIEW,
    CallState.ON_AIR: PointState.ON_AIR,
}
"""A queued call is not in here: nothing has been sent, so the point is still what it was."""


class State:
    """The whole state of one session."""

    def __init__(self, session_id: str, directory: Directory, rules: Rules) -> None:
        self.directory = directory
        self.rules = rules
        self.session = SessionRecord(session_id)
        self.records: dict[str, PointRecord] = {}
        self.states = PointStates(len(directory.points))
        self.live_count = 0
        self.calls: dict[str, Call] = {}
        """By id, in the order of placing: the active ones and the newest finished ones."""
        self.active: dict[str, Call] = {}
        """The calls in progress, by point."""
        self.on_air: list[str] = []
        """Calls on air in the order of their taking."""
        self.calls_placed = 0
        self.media: dict[str, frozenset[str]] = {}
        """What flows, by feed; feeds of which nothing flows are absent."""
        self.roll_calls: dict[str, RollCall] = {}
        """By id, in the order of starting: those that ask and the newest closed ones."""
        self.roll_calls_started = 0
        self.asked: dict[str, RollCall] = {}
        """The roll call that asks a point, by point: one at most."""
        self.talks: dict[str, Talk] = {}
        """Who speaks to the point of a call, by call."""
        self.floor = Floor()
        self.matters = Matters()
        self.call_lists: dict[str, CallList] = {}
        """By id, in the order of starting: those that run and the newest others."""
        self.call_lists_started = 0
        self.rosters: dict[str, Roster] = {}
        """By point; those of the whole service are on the standing line."""
        self.agenda = Agenda()
        self.directives = Directives()
        self.proposals = Proposals()
        self.draws = Draws()
        self.last_called: dict[str, int] = {}
        """When each point was last called, here or (on the standing line) in any session; milliseconds since the Unix epoch."""
        self.plan_version = 0
        self._slots = slots_of(self.session.state, (), self.on_air)
        self._private = private_of((), self.talks, self._slots)
        self._recording: Recording | None = None

    def record(self, point: str) -> PointRecord:
        """Give what is known of a point; a fresh record, not kept, for one that never came."""
        return self.records.get(point) or PointRecord()

    def media_of(self, point: str) -> frozenset[str]:
        """Give the kinds of media that flow from a point."""
        return self.media.get(point_feed(point), NO_MEDIA)

    @property
    def is_center_live(self) -> bool:
        """Whether anything flows from the center."""
        return CENTER_FEED in self.media

    def call(self, call: str) -> Call:
        """Give a call, or raise ``unknown_call``."""
        found = self.calls.get(call)
        if found is None:
            raise unknown_call(call)
        return found

    def roll_call(self, roll_call: str) -> RollCall:
        """Give a roll call, or raise ``unknown_roll_call``."""
        found = self.roll_calls.get(roll_call)
        if found is None:
            raise unknown_roll_call(roll_call)
        return found

    def call_list(self, call_list: str) -> CallList:
        """Give a list of calls, or raise ``unknown_call_list``."""
        found = self.call_lists.get(call_list)
        if found is None:
            raise unknown_call_list(call_list)
        return found

    def escalation(self, escalation: str) -> Ladder:
        """Give a ladder, or raise ``unknown_escalation``."""
        found = self.matters.ladders.get(escalation)
        if found is None:
            raise unknown_escalation(escalation)
        return found

    def directive(self, directive: str) -> Directive:
        """Give a directive, or raise ``unknown_directive``."""
        found = self.directives.kept.get(directive)
        if found is None:
            raise unknown_directive(directive)
        return found

    def asking(self) -> list[RollCall]:
        """Give the roll calls that ask, in the order of starting."""
        return [roll_call for roll_call in self.roll_calls.values() if roll_call.is_asking]

    def new_id(self, kind: str, made: int) -> str:
        """Name the next thing of a kind, ``c`` for calls, after ``made`` of them.

        Names are unique in the whole service: those of another session than the standing line begin with the session's id.
        """
        prefix = "" if self.session.id == STANDING_LINE else f"{self.session.id}-"
        return f"{prefix}{kind}{made + 1}"

    def plan(self) -> Plan:
        """Give the present forwarding plan."""
        return Plan(self.session.id, self.plan_version, self._slots, self._private, self._recording)

    def refresh(self, point: str) -> None:
        """Set a point's state in the frame to what its record and its call add up to."""
        if self.directory.has_point(point):
            call = self.active.get(point)
            state = _STATE_OF_CALL.get(call.state) if call else None
            self.states.set(self.directory.index_of(point), self.record(point).idle_state() if state is None else state)

    def covers(self, point: str) -> bool:
        """Say whether the session is over a point.

        The standing line is, whatever units a directory of before had; so is a session whose units were never said.
        """
        session = self.session
        return session.kind == "standing" or not session.units or self.directory.is_within(point, session.units)

    def replan(self) -> None:
        """Compute the plan anew; another one is a new version."""
        slots = slots_of(self.session.state, self.active.values(), self.on_air)
        private = private_of(self.active.values(), self.talks, slots)
        recording = None if self.session.recording_since is None else recording_of(self.active.values())
        if (slots, private, recording) != (self._slots, self._private, self._recording):
            self._slots, self._private, self._recording = slots, private, recording
            self.plan_version += 1
