"""What the log says of who was there, who answered, how fast, and why not: the figures of a report. Pure.

A report is what the events of one or more sessions add up to, and nothing else: the same log gives the same report, on any
machine, at any time later. It is over a *window* of time: what began within it counts (a call by its placing, a roll call by
its start), and what lasts (being connected, being on air, speaking) counts for as long as it lasted within.

Feed every event of a log (`bridge.report_folds.add`) from its beginning, also those before the window: whoever was connected
then may still be.
"""

from typing import Final

from bridge.escalation import Step
from bridge.live_curve import LiveCurve
from bridge.report_rows import FOREVER, NOT_OF_THE_POINT, CallRow, DirectiveRow, PointRow, RollCallRow, StepRow, Window

EVERYTHING: Final = Window()


class Report:
    """Feed it with `bridge.report_folds.add`, end it with :meth:`finish`, then read its rows.

    Args:
        window: what time it is about.
        presence_in: the session whose log says who was connected; None takes that of every session that is fed, which counts
            a point twice that two sessions have at once.
        curve: is told of every time that a point was connected within the window; None where no plot is wanted.
    """

    def __init__(self, window: Window = EVERYTHING, presence_in: str | None = None, curve: LiveCurve | None = None) -> None:
        self.window = window
        self.points: dict[str, PointRow] = {}
        self.calls: dict[str, CallRow] = {}
        self.titles: dict[str, str] = {}
        """The sessions' titles, by session."""
        self.opened_at: dict[str, int] = {}
        self.closed_at: dict[str, int] = {}
        self.roll_calls: dict[str, RollCallRow] = {}
        self.directives: dict[str, DirectiveRow] = {}
        self.ladders: dict[str, tuple[str, tuple[Step, ...]]] = {}
        """The record and the planned steps of every escalation."""
        self.steps: dict[tuple[str, int], StepRow] = {}
        """By escalation and step."""
        self.events = 0
        self._presence_in = presence_in
        self._curve = curve
        self._live_since: dict[tuple[str, str], int] = {}
        self._on_air_since: dict[str, int] = {}
        self._floor: dict[str, str] = {}
        self._speaking_since: dict[str, int] = {}
        self.ends_at = 0
        """The time of the latest event."""

    def row(self, point: str) -> PointRow:
        """Give a point's row; a new one for a point that nothing was said of."""
        found = self.points.get(point)
        if found is None:
            found = self.points[point] = PointRow(point)
        return found

    def count(self, at: int) -> None:
        """Count an event, whatever it is."""
        self.events += 1
        self.ends_at = max(self.ends_at, at)

    def finish(self, now: int) -> None:
        """End what still lasts, at ``now`` or at the window's end; to be called once, after the last event.

        ``now`` is when the log was read. What lasts is counted up to then, and no figure can change afterwards.
        """
        for (session, point), since in self._live_since.items():
            self._add_live(session, point, since, now)
        for call, since in self._on_air_since.items():
            self._add_air(call, since, now)
        for request, since in self._speaking_since.items():
            self._add_speech(self._floor[request], since, now)
        self._live_since.clear()
        self._on_air_since.clear()
        self._speaking_since.clear()
        explained = {call.record for call in self.calls.values() if call.explanations}
        for call_row in self.calls.values():
            self._count_call(call_row, call_row.record in explained)
        for roll_call in self.roll_calls.values():
            self._count_roll_call(roll_call)
        for directive in self.directives.values():
            self._count_directive(directive)

    # --- what lasts -----------------------------------------------------------------------------------------------------

    def live_begins(self, session: str, point: str, at: int) -> None:
        """A point is connected."""
        if self._presence_in not in {None, session}:
            return
        row = self.row(point)
        if self.window.has(at):
            row.arrivals += 1
            row.first_live_at = at if row.first_live_at is None else row.first_live_at
        self._live_since.setdefault((session, point), at)

    def live_ends(self, session: str, point: str, at: int) -> None:
        """It is not any more."""
        since = self._live_since.pop((session, point), None)
        if since is not None:
            self._add_live(session, point, since, at)
            if self.window.has(at):
                self.row(point).last_left_at = at

    def _add_live(self, session: str, point: str, since: int, until: int) -> None:
        opened, closed = self.opened_at.get(session, FOREVER), self.closed_at.get(session, FOREVER)
        row = self.row(point)
        begun, ended = max(since, opened), min(until, closed)
        live_ms = self.window.length_ms(begun, ended)
        row.live_ms += live_ms
        if self._curve is not None:
            self._curve.add(point, max(begun, self.window.start), min(ended, self.window.end))
        if live_ms > 0 and row.first_live_at is None:
            row.first_live_at = max(begun, self.window.start)

    def air_begins(self, call: str, at: int) -> None:
        """A call is on air."""
        self._on_air_since[call] = at

    def air_ends(self, call: str, at: int) -> None:
        """It is not any more; harmless for one that was not."""
        since = self._on_air_since.pop(call, None)
        if since is not None:
            self._add_air(call, since, at)

    def _add_air(self, call: str, since: int, until: int) -> None:
        row = self.calls.get(call)
        if row is not None:
            length_ms = self.window.length_ms(since, until)
            row.on_air_ms += length_ms
            self.row(row.point).on_air_ms += length_ms

    def floor_asked(self, request: str, point: str) -> None:
        """A request to speak exists."""
        self._floor[request] = point

    def speech_begins(self, request: str, at: int) -> None:
        """Its speaker speaks."""
        self._speaking_since[request] = at
        if self.window.has(at) and request in self._floor:
            self.row(self._floor[request]).speeches += 1

    def speech_ends(self, request: str, at: int) -> None:
        """The speaker has done; harmless for one that never began."""
        since = self._speaking_since.pop(request, None)
        if since is not None and request in self._floor:
            self._add_speech(self._floor[request], since, at)

    def _add_speech(self, point: str, since: int, until: int) -> None:
        self.row(point).speaking_ms += self.window.length_ms(since, until)

    # --- what is counted ------------------------------------------------------------------------------------------------

    def _count_call(self, call: CallRow, is_explained: bool) -> None:
        if not self.window.has(call.placed_at):
            return
        row = self.row(call.point)
        row.calls += 1
        if call.answered_at is not None:
            row.answered += 1
            if call.answer_ms is not None:
                row.answer_ms.append(call.answer_ms)
        if call.cause is not None:
            row.causes[call.cause.value] += 1
            if call.cause not in NOT_OF_THE_POINT:
                row.explained += is_explained
                row.unexplained += not is_explained

    def _count_roll_call(self, roll_call: RollCallRow) -> None:
        if not self.window.has(roll_call.started_at):
            return
        for point in roll_call.points:
            row = self.row(point)
            row.asked += 1
            row.present += roll_call.is_in_time(point) is True
            row.late += roll_call.is_in_time(point) is False

    def _count_directive(self, directive: DirectiveRow) -> None:
        if not self.window.has(directive.issued_at):
            return
        for point in directive.points:
            row = self.row(point)
            row.directives += 1
            if point in directive.acknowledged:
                row.acknowledged += point not in directive.late
                row.acknowledged_late += point in directive.late

    def calls_within(self) -> list[CallRow]:
        """Give the calls that were placed within the window, in the order of placing."""
        found = [call for call in self.calls.values() if self.window.has(call.placed_at)]
        return sorted(found, key=lambda call: (call.placed_at, call.call))

    def roll_calls_within(self) -> list[RollCallRow]:
        """Give the roll calls that began within the window, in the order of their logs."""
        return [roll_call for roll_call in self.roll_calls.values() if self.window.has(roll_call.started_at)]

    def directives_within(self) -> list[DirectiveRow]:
        """Give the directives that were issued within the window, in the order of the log."""
        return [directive for directive in self.directives.values() if self.window.has(directive.issued_at)]
