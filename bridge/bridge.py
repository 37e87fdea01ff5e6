"""One session, as the shell sees it: commands in, events out, and the time of the next thing to do.

The shell's whole duty, in this order:

1. after loading the log: `apply` every event, then `handle` a `Reconcile` with the points that are live;
2. `handle` each command; append the returned events to the log; only then tell anybody;
3. after each of these, arm one timer for `next_timeout`; when it fires, `handle_timeout` and append what it returns.

`handle` and `handle_timeout` decide *and* apply. If the append fails, this object knows more than the log: drop it and replay.
"""

from collections.abc import Mapping

from bridge import commands
from bridge.applying import apply
from bridge.calls import Call
from bridge.commands import Command
from bridge.decide import decide, expire
from bridge.due import DUE, NEXT_DUE
from bridge.events import Event
from bridge.follow import following, following_together
from bridge.machine import SessionState
from bridge.points import PointState
from bridge.rollcall import Presence, RollCall
from bridge.rules import Rules
from bridge.sessions import SessionRecord
from bridge.state import State
from bridge.units import Directory
from bridge.views import snapshot_view


class Bridge:
    """The domain of one session over one directory. Holds no clock, task or connection; nothing in it waits."""

    def __init__(self, session_id: str, directory: Directory, rules: Rules | None = None) -> None:
        self.state = State(session_id, directory, rules or Rules())

    def handle(self, command: Command, now: int) -> list[Event]:
        """Decide on a command and apply what it causes.

        Args:
            command: one of `bridge.commands`.
            now: milliseconds since the Unix epoch; it becomes the ``at`` of the events.

        Returns:
            The events, applied already, in order; none when the command changes nothing. The caller appends them to the log.

        Raises:
            BridgeError: refused; nothing has changed.
        """
        decided = decide(self.state, command, now)
        for event in decided:
            apply(self.state, event)
        reason = command.reason if isinstance(command, commands.ReportMedia) else ""
        return [*decided, *self._settle(now, reason)]

    def apply(self, event: Event) -> None:
        """Add an event of the log to the state, deciding nothing; raises `BridgeError` when the log contradicts itself."""
        apply(self.state, event)

    def handle_timeout(self, now: int) -> list[Event]:
        """Apply what the clocks that have run out cause, and give it. Early and repeated calls are harmless.

        Afterwards `next_timeout` is later than ``now``, or None.
        """
        happened: list[Event] = []
        for call in sorted(self.state.active.values(), key=lambda call: call.deadline or 0):
            if call.deadline is not None and call.deadline <= now:
                event = expire(self.state, call, now)
                apply(self.state, event)
                happened.append(event)
        for due in DUE:
            for event in due(self.state, now):
                apply(self.state, event)
                happened.append(event)
        return [*happened, *self._settle(now, "")]

    def next_timeout(self) -> int | None:
        """Give when `handle_timeout` is due, in milliseconds since the Unix epoch; None when no clock runs."""
        clocks = [call.deadline for call in self.state.active.values() if call.deadline is not None]
        clocks.extend(clock for next_due in NEXT_DUE if (clock := next_due(self.state)) is not None)
        return min(clocks, default=None)

    def _settle(self, now: int, reason: str) -> list[Event]:
        settled: list[Event] = []
        while happened := self._follow(now, reason):
            for event in happened:
                apply(self.state, event)
            settled += happened
        return settled

    def _follow(self, now: int, reason: str) -> list[Event]:
        event = following(self.state, now, reason)
        return [event] if event is not None else following_together(self.state, now)

    @property
    def session_id(self) -> str:
        """The session's id."""
        return self.state.session.id

    @property
    def session(self) -> SessionRecord:
        """The session's own record; not to be changed."""
        return self.state.session

    @property
    def directory(self) -> Directory:
        """The directory that the session is over."""
        return self.state.directory

    @property
    def rules(self) -> Rules:
        """The clocks and limits in force."""
        return self.state.rules

    @property
    def is_open(self) -> bool:
        """Whether calls can be placed."""
        return self.state.session.state is SessionState.OPEN

    @property
    def is_center_live(self) -> bool:
        """Whether anything flows from the center."""
        return self.state.is_center_live

    @property
    def live_count(self) -> int:
        """Number of points with a live connection."""
        return self.state.live_count

    @property
    def calls(self) -> Mapping[str, Call]:
        """The calls by id, in the order of placing: those in progress and the newest finished ones; not to be changed."""
        return self.state.calls

    def active_call(self, point: str) -> Call | None:
        """Give the call in progress with a point."""
        return self.state.active.get(point)

    def active_calls(self) -> list[Call]:
        """Give the calls in progress, in the order of placing."""
        return list(self.state.active.values())

    def on_air(self) -> list[Call]:
        """Give the calls on air, the newest first: the order of the pictures."""
        return [self.state.calls[call] for call in reversed(self.state.on_air)]

    def point_of(self, call: str) -> str | None:
        """Name the point of a call or of an item of the agenda; None for what is not known."""
        state = self.state
        found = state.calls.get(call) or state.matters.by_id.get(call) or state.agenda.items.get(call)
        return found.point if found else None

    def next_speaker(self) -> str | None:
        """Name the point that the agenda has next; None when nobody is left."""
        item = self.state.agenda.next_up()
        return item.point if item else None

    @property
    def roll_calls(self) -> Mapping[str, RollCall]:
        """The roll calls by id, in the order of starting: those that ask and the newest closed ones; not to be changed."""
        return self.state.roll_calls

    def points_of_list(self, call_list: str) -> tuple[str, ...] | None:
        """Give the points of a list of calls; None for one that is not known."""
        found = self.state.call_lists.get(call_list)
        return found.points if found else None

    def on_stage(self) -> tuple[str, ...]:
        """Give the points that giving the floor to another sends away: those on air, and the holder."""
        holder = self.state.floor.holder
        points = [call.point for call in self.on_air()] + ([holder.point] if holder is not None else [])
        return tuple(dict.fromkeys(points))

    def units_of(self, roll_call: str) -> tuple[str, ...] | None:
        """Give the units that a roll call or a directive is over, or a proposal is addressed to; None for what is not known."""
        found = self.state.roll_calls.get(roll_call) or self.state.directives.kept.get(roll_call)
        proposal = self.state.proposals.kept.get(roll_call)
        if proposal is not None:
            return (proposal.unit,)
        return found.units if found else None

    def question_to(self, point: str) -> RollCall | None:
        """Give the roll call that a point has to answer: the one that asks it, else the newest that it is absent from."""
        asking = self.state.asked.get(point)
        if asking is not None or not self.is_open:
            return asking
        newest = next((each for each in reversed(self.state.roll_calls.values()) if point in each.points), None)
        return newest if newest is not None and newest.presence(point) is Presence.ABSENT else None

    def is_live(self, point: str) -> bool:
        """Say whether a point has a live connection."""
        return self.state.record(point).is_live

    def point_state(self, point: str) -> PointState:
        """Give the state of a point, or raise ``unknown_point``."""
        return self.state.states[self.state.directory.index_of(point)]

    def state_frame(self) -> bytes:
        """Give the states of all points in directory order, one nibble each, high nibble first."""
        return self.state.states.frame()

    def drain_changes(self) -> list[tuple[int, int]]:
        """Give ``(index, state)`` of each point whose state changed since the last drain, and forget them."""
        return self.state.states.drain_changes()

    def snapshot(self) -> dict[str, object]:
        """Give everything the events have added up to, as plain data: equal snapshots are equal states."""
        return snapshot_view(self.state)
