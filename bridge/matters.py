"""Matters: all calls about one thing on one record, with what the point says afterwards and the ladders that were climbed.

A matter begins with a call and has that call's id. Calling again, ringing another desk of the same unit, the point's calling back
and its explanation join it. A matter is in memory as long as one of its calls is, or a ladder of it runs; the log has all.
"""

from dataclasses import asdict, dataclass, field
from typing import Final

from bridge.calls import Call
from bridge.escalation import Ladder, LadderState
from bridge.machine import MISSED

MAX_CALLS: Final = 100
"""Calls of one matter."""
MAX_CALL_BACKS: Final = 10
MAX_EXPLANATIONS: Final = 10
MAX_LADDERS: Final = 10
"""Ladders of one matter."""
EXPLANATION_MAX_CHARS: Final = 2_000
MAX_MISSED_SHOWN: Final = 10
"""Unexplained calls that a point is shown."""


@dataclass(slots=True)
class CalledBack:
    """The point asks to be called again."""

    at: int
    call: str
    by: str
    note: str
    answered_by: str | None = None
    """The call that was placed on the matter afterwards."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a point writes onto a call that it missed."""

    at: int
    call: str
    by: str
    name: str
    text: str


@dataclass(slots=True)
class Matter:
    """One matter. Only applied events change it."""

    id: str
    point: str
    point_name: str
    calls: list[str] = field(default_factory=list)
    """Ids in the order of placing, also of those that are in memory no more."""
    call_backs: list[CalledBack] = field(default_factory=list)
    explanations: list[Explanation] = field(default_factory=list)
    ladders: list[str] = field(default_factory=list)


class Matters:
    """The matters of a session, and what is found through them."""

    def __init__(self) -> None:
        self.by_id: dict[str, Matter] = {}
        self.ladders: dict[str, Ladder] = {}
        """By id: those of the matters in memory, in the order of starting."""
        self.escalations_started = 0
        self.unexplained: dict[str, dict[str, None]] = {}
        """The calls in memory that a point missed and has not explained, by point, the oldest first."""
        self.alerts: dict[str, dict[str, int]] = {}
        """The alerts that wait at a point: the step, by point and ladder."""

    def running(self) -> list[Ladder]:
        """Give the ladders that run, in the order of starting."""
        return [ladder for ladder in self.ladders.values() if ladder.is_running]

    def ladder_of(self, matter: str) -> Ladder | None:
        """Give the newest ladder of a matter."""
        found = self.by_id.get(matter)
        return self.ladders.get(found.ladders[-1]) if found is not None and found.ladders else None

    def add_call(self, call: Call) -> None:
        """Enter a call into its matter, which it may begin; a call back that waits is answered by it."""
        matter = self.by_id.get(call.record)
        if matter is None:
            matter = self.by_id[call.record] = Matter(call.record, call.point, call.point_name)
        matter.calls.append(call.id)
        if call.point == matter.point:
            for each in matter.call_backs:
                each.answered_by = each.answered_by or call.id

    def call_failed(self, call: Call) -> None:
        """Note that a call may want an explanation."""
        if call.cause in MISSED:
            self.unexplained.setdefault(call.point, {})[call.id] = None

    def drop_unexplained(self, call: Call) -> None:
        """Note that it has one, or is in memory no more."""
        waiting = self.unexplained.get(call.point)
        if waiting is not None:
            waiting.pop(call.id, None)
            if not waiting:
                del self.unexplained[call.point]

    def call_answered(self, call: Call, by: str) -> None:
        """Somebody answered: the ladders for that point, and the one that rang this desk, have reached who they were for."""
        for ladder in self.running():
            if ladder.point == call.point or ladder.rings(call.id):
                ladder.reached_by = ladder.reached_by or by

    def point_called_back(self, matter: str, by: str) -> None:
        """The point is there again: nobody else need be sought."""
        for ladder in self.running():
            if ladder.matter == matter:
                ladder.reached_by = ladder.reached_by or by

    def add_alert(self, point: str, ladder: str, step: int) -> None:
        """An alert waits at a desk until it is confirmed."""
        self.alerts.setdefault(point, {})[ladder] = step

    def alerts_about(self, point: str, matter: str) -> list[tuple[str, int]]:
        """Give the alerts about a matter that wait at a desk: ladder and step."""
        waiting = self.alerts.get(point, {})
        return [(ladder, step) for ladder, step in waiting.items() if self.ladders[ladder].matter == matter]

    def drop_alert(self, point: str, ladder: str) -> None:
        """It waits no more."""
        waiting = self.alerts.get(point)
        if waiting is not None:
            waiting.pop(ladder, None)
            if not waiting:
                del self.alerts[point]

    def drop_alerts(self, ladder: Ladder) -> None:
        """Nobody need confirm anything of this ladder any more."""
        for rung in ladder.rungs:
            self.drop_alert(rung.step.target, ladder.id)

    def forget_if_done(self, matter_id: str, calls: dict[str, Call]) -> None:
        """Forget a matter of which no call is in memory and no ladder runs."""
        matter = self.by_id.get(matter_id)
        if matter is None or any(call in calls for call in matter.calls):
            return
        if any(self.ladders[ladder].state is LadderState.RUNNING for ladder in matter.ladders):
            return
        for ladder in matter.ladders:
            self.drop_alerts(self.ladders.pop(ladder))
        del self.by_id[matter_id]

    def to_plain(self) -> dict[str, object]:
        """Give everything as plain data, to compare."""
        return {
            "matters": [asdict(matter) for matter in self.by_id.values()],
            "ladders": [asdict(ladder) for ladder in self.ladders.values()],
            "escalations_started": self.escalations_started,
            "unexplained": {point: list(calls) for point, calls in sorted(self.unexplained.items())},
            "alerts": {point: dict(found) for point, found in sorted(self.alerts.items())},
        }
