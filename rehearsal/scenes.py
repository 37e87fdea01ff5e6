"""What happens in the middle of a meeting: spot calls, roll calls, points that fall out of the line and those that come late."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from typing import Any, Final

from rehearsal.cast import Cast, Fall, Role, SpotCall
from rehearsal.console import ConsoleClosedError, OrderRefusedError
from rehearsal.desks import Confirmation, Desk, RefusedError, Script
from rehearsal.measures import JoinFailedError, JoinTimes
from rehearsal.parts import ConsoleLike, Parts
from rehearsal.record import CallOutcome, Record, RollCallOutcome
from rehearsal.scenario import CAUSES, Ring, RollCall

ANSWERED: Final = frozenset({"connected", "preview", "on_air"})
OVER: Final = frozenset({"ended", "failed"})
FIRST_PACKET_WITHIN_S: Final = 10.0
DESK_WITHIN_S: Final = 60.0
COME_BACK_WITHIN_S: Final = 3.0
BOARD_LATE_S: Final = 1.0
"""After the deadline of a roll call until its counters are read."""
MAX_UNITS_ASKED: Final = 100
"""Of a roll call's order: PROTOCOL.md §2.5."""

_RINGS: Final[dict[Ring, Script]] = {
    "answers": Script(ring="answer"),
    "no_answer": Script(ring="confirm"),
    "declines": Script(ring="decline"),
    "no_device": Script(ring="no_device"),
    "undelivered": Script(ring="ignore"),
    "offline": Script(ring="ignore"),
}


class Scenes:
    """Plays single scenes and notes in the record what came of them.

    Args:
        parts: what is played with.
        cast: who plays.
        record: where it is noted.
        began: the loop's time at the play's beginning.
    """

    def __init__(self, parts: Parts, cast: Cast, record: Record, began: float) -> None:
        self._parts, self._cast, self._record, self._began = parts, cast, record, began
        self._loop = asyncio.get_running_loop()
        self._called = {call.code for call in cast.calls}
        self._rang_at: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._dice = random.Random(record.scenario.seed)  # noqa: S311 (spreads points over time)
        self._is_over = False
        parts.media.on_lost = self._lost

    def script_of(self, role: Role) -> Script:
        """What a role's desk does by itself."""
        return replace(
            _RINGS[role.ring],
            answer_after_s=role.answer_after_s,
            roll_call=None if role.present_after_s is None else Confirmation(after_s=role.present_after_s),
            on_message=self._hear if role.code in self._called else None,
            on_answer=self._answered,
        )

    async def join(self, code: str, into: list[JoinTimes]) -> bool:
        """Bring one point's media; whether it got in."""
        return self._note_join(await self._tried(code, is_back=False), into)

    async def late(self, role: Role) -> None:
        """A point comes during the meeting, its page and its media one after the other."""
        await asyncio.sleep(role.join_at_s)
        if await self._desk(role):
            await self.join(role.code, self._record.late_joins)

    async def fall(self, role: Role, fall: Fall) -> None:
        """A point falls out of the line and, if it does, comes back."""
        await asyncio.sleep(fall.at_s)
        self._record.fallen += 1
        self._parts.media.drop(role.code)
        if role.has_desk and self._parts.desks is not None:
            self._parts.desks.drop([role.code])
        if fall.back_after_s is None:
            return
        await asyncio.sleep(fall.back_after_s)
        if await self._desk(role):
            self._note_join(await self._tried(role.code, is_back=True), self._record.comebacks)

    async def call(self, spot: SpotCall) -> None:
        """The center calls a point, talks for a while, and ends the call."""
        console = self._parts.console
        if console is None:
            return
        await asyncio.sleep(spot.at_s)
        expected = "answered" if spot.ring == "answers" else CAUSES[spot.ring]
        outcome = CallOutcome(self._now_s(), spot.code, self._parts.name_of(spot.code), expected)
        self._record.calls.append(outcome)
        self._rang_at.pop(spot.code, None)
        placed_at = self._loop.time()
        try:
            call = str((await console.order("place_call", point=spot.code))["call"])
        except OrderRefusedError as error:
            outcome.outcome, outcome.detail = f"refused:{error.code}", str(error)
            return
        except ConsoleClosedError as error:
            outcome.detail = str(error)
            return
        try:
            await self._converse(console, call, spot, outcome)
        except (ConsoleClosedError, OrderRefusedError) as error:
            outcome.detail = str(error)
        finally:
            if spot.code in self._rang_at:
                outcome.ring_ms = (self._rang_at[spot.code] - placed_at) * 1000
            await self._end_call(console, call, outcome)
            await self._parts.media.hang_up(spot.code)

    async def roll_call(self, wanted: RollCall, units: Iterable[str]) -> None:
        """The center asks everybody, and the counters at the deadline are noted."""
        console = self._parts.console
        if console is None:
            return
        await asyncio.sleep(wanted.at_s)
        outcome = RollCallOutcome(self._now_s())
        self._record.roll_calls.append(outcome)
        within = [role for role in self._cast.joining if role.present_after_s is not None]
        outcome.expected_present = sum((role.present_after_s or 0) < wanted.seconds for role in within)
        named = list(units)
        try:
            order = {"seconds": wanted.seconds, **({"units": named} if len(named) <= MAX_UNITS_ASKED else {})}
            roll_call = str((await console.order("start_roll_call", **order))["roll_call"])
        except (ConsoleClosedError, OrderRefusedError) as error:
            outcome.detail = str(error)
            return
        await asyncio.sleep(wanted.seconds + BOARD_LATE_S)
        total = console.boards.get(roll_call, {}).get("total", {})
        for counter in ("asked", "present", "late", "no_answer", "offline"):
            setattr(outcome, counter, int(total.get(counter, 0)))
        if not total:
            outcome.detail = "the console was told no counters"

    async def close(self) -> None:
        """Give up what still connects; who loses the line from now on stays away."""
        self._is_over = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- inside ---------------------------------------------------------------------------------------------------------

    def _now_s(self) -> float:
        return self._loop.time() - self._began

    async def _desk(self, role: Role) -> bool:
        """Bring the page of a point that has one; whether it is there now."""
        desks = self._parts.desks
        if desks is None or not role.has_desk:
            return True
        try:
            await desks.join([role.code], within_s=DESK_WITHIN_S)
        except (RefusedError, TimeoutError) as error:
            self._record.arrivals_failed += 1
            self._record.notes.append(f"{role.code}: {error}")
            return False
        return True

    async def _tried(self, code: str, *, is_back: bool) -> JoinTimes | JoinFailedError:
        media = self._parts.media
        try:
            return await (media.come_back(code) if is_back else media.join(code))
        except JoinFailedError as error:
            return error

    def _note_join(self, came: JoinTimes | JoinFailedError, into: list[JoinTimes]) -> bool:
        if isinstance(came, JoinTimes):
            into.append(came)
            return True
        self._record.failures[came.reason] += 1
        self._record.failure_examples.setdefault(came.reason, came.detail)
        return False

    async def _converse(self, console: ConsoleLike, call: str, spot: SpotCall, outcome: CallOutcome) -> None:
        view = await console.call_in(call, ANSWERED | OVER)
        if view["state"] in OVER:
            outcome.outcome = str(view["cause"] or view["state"])
            return
        outcome.outcome = "answered"
        try:
            async with asyncio.timeout(FIRST_PACKET_WITHIN_S):
                outcome.first_packet_ms = 1000 * await self._parts.media.answer_to_first_packet_s(spot.code)
        except TimeoutError:
            outcome.detail = f"no packet at the center's viewer within {FIRST_PACKET_WITHIN_S:g} s of the connection"
        await asyncio.sleep(spot.talk_s)

    async def _end_call(self, console: ConsoleLike, call: str, outcome: CallOutcome) -> None:
        """End a call that is not over, whatever ended its scene."""
        if outcome.outcome not in {"answered", "unfinished"}:
            return
        kind = "end_call" if outcome.outcome == "answered" else "cancel_call"
        try:
            await console.order(kind, call=call)
        except (ConsoleClosedError, OrderRefusedError) as error:
            outcome.detail = outcome.detail or f"{kind}: {error}"

    def _hear(self, desk: Desk, kind: str, _text: bytes) -> None:
        if kind == "ring" and desk.code not in self._rang_at:
            self._rang_at[desk.code] = self._loop.time()
            if desk.script.ring == "answer":
                self._begin(self._connect(desk.code))

    def _begin(self, doing: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _lost(self, code: str, why: str) -> None:
        """A line ended that nobody cut: a page joins again after a moment (PROTOCOL.md §2.3)."""
        if not self._is_over:
            self._record.lines_lost[why] += 1
            self._begin(self._return(code))

    async def _return(self, code: str) -> None:
        await asyncio.sleep(self._dice.uniform(0, COME_BACK_WITHIN_S))
        self._note_join(await self._tried(code, is_back=True), self._record.comebacks)

    async def _connect(self, code: str) -> None:
        """As the page does it: the publisher is connected while the call rings."""
        with contextlib.suppress(JoinFailedError):  # the call fails then, and says so
            await self._parts.media.ring(code)

    def _answered(self, desk: Desk, _call: str) -> None:
        self._parts.media.answer(desk.code)
