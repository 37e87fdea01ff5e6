"""The desks of simulated points: each point's WebSocket as its page has it, by the thousand in one process.

    async with Desks(place, secret_of) as desks:
        await desks.join(codes, Script(ring="answer", answer_after_s=2))
        desks[code].say("hang_up", call="c7")                            # anything of PROTOCOL.md §2.4, by hand
        desks.drop([code])                                               # the line is cut
        await desks.leave([code])                                        # the page is closed
        await desks.join([code])                                         # and comes back, with the script it had

A desk says hello with the secret of its link, and does by itself only what its `Script` says: confirms a ring, answers or
declines it, confirms a roll call. It has no media: whoever gives the script may be told of every message (`on_message`) and of
the moment of an answer (`on_answer`), and publish then.

A message's JSON is read only where it has to be: of each type the newest is kept as it came (`desk.newest`), with when it came
and how many there were. With `reconnects=True` a desk whose line ends comes back as PROTOCOL.md §4 tells pages to; refusals as
`too_many` and `unavailable` are always tried again, after the time that the service gives.

Bounds: `concurrent` joins at once, one task each for those that wait to come back, the newest message of each type, a deadline
on every wait.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from rehearsal.ws_client import UpgradeError, WsClient

Message = dict[str, Any]

CONCURRENT_JOINS: Final = 128
WELCOME_WITHIN_S: Final = 20.0
LEAVE_WITHIN_S: Final = 30.0
LOOK_S: Final = 0.05
MAX_BACKOFF_S: Final = 10.0
REPORT: Final = '{"visible":true,"camera":"ok","microphone":"ok","rtt_ms":2.0,"device":"rehearsal"}'
NO_CAMERA: Final = '{"visible":true,"camera":"refused","microphone":"refused","rtt_ms":2.0,"device":"rehearsal"}'
TRY_AGAIN: Final = frozenset({1005, 1006, 1011, 1012, 4408, 4429, 4503})
"""Close codes after which PROTOCOL.md §4 has a page come back."""
PASSING: Final = frozenset({"too_many", "unavailable", "restarting", "too_slow"})
"""Refusals after which a point tries again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is.

    Attributes:
        host: its address, as a client reaches it.
        port: of its HTTP.
        session: the session that a hello names; that of points is always the standing line.
    """

    host: str
    port: int
    session: str = "main"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How a point answers a roll call: who says so, and how long after the question arrived."""

    name: str = "Nguyễn Thị Lan"
    function: str = "Phó Chủ tịch"
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Script:
    """What a point does by itself.

    Attributes:
        ring: what it does with a call: nothing, confirm that it rings, and then answer, decline, or find that its camera and
            its microphone cannot be had.
        answer_after_s: how long after the ring it answers or declines.
        roll_call: how it answers a roll call; None does not.
        on_message: called with the desk, a message's type and its bytes, for every message; anything else that is wanted.
        on_answer: called with the desk and the call's id in the moment after the answer was sent.
    """

    ring: Literal["ignore", "confirm", "answer", "decline", "no_device"] = "confirm"
    answer_after_s: float = 0.0
    roll_call: Confirmation | None = None
    on_message: Callable[[Desk, str, bytes], None] | None = None
    on_answer: Callable[[Desk, str], None] | None = None


SILENT = Script(ring="ignore")


class RefusedError(Exception):
    """The service refused the point; `code` is PROTOCOL.md's."""

    def __init__(self, code: str, retry_after_s: float) -> None:
        super().__init__(code)
        self.code, self.retry_after_s = code, retry_after_s


class Desk:
    """One simulated point's page, live or not."""

    __slots__ = (
        "_client",
        "_desks",
        "_welcomed",
        "close_code",
        "code",
        "counts",
        "heard_at",
        "is_live",
        "is_wanted",
        "newest",
        "past_bytes_in",
        "script",
    )

    def __init__(self, desks: Desks, code: str, script: Script) -> None:
        self.code, self.script = code, script
        self.is_live = False
        """Welcomed, and the line has not ended."""
        self.is_wanted = False
        """Joined and not sent away: such a point comes back by itself, if the desks reconnect."""
        self.close_code: int | None = None
        self.newest: dict[str, bytes] = {}
        self.counts: Counter[str] = Counter()
        """How many messages of each type it heard, over all its connections."""
        self.heard_at: dict[str, float] = {}
        """When the newest of each type came, in the loop's seconds."""
        self.past_bytes_in = 0
        self._desks = desks
        self._client: WsClient | None = None
        self._welcomed: asyncio.Future[None] | None = None

    @property
    def bytes_in(self) -> int:
        """What it heard in bytes, over all its connections."""
        return self.past_bytes_in + (self._client.bytes_in if self._client is not None else 0)

    @property
    def token(self) -> str:
        """The bearer of its newest welcome, for WHIP and WHEP; raises LookupError before the first one."""
        welcome = self.message("welcome")
        if welcome is None:
            raise LookupError(f"{self.code} was never welcomed")
        return str(welcome["token"])

    def message(self, kind: str) -> Message | None:
        """The newest message of a type; None when there was none."""
        text = self.newest.get(kind)
        return None if text is None else dict(json.loads(text))

    def say(self, kind: str, **fields: Any) -> None:
        """Send a message; `ringing`, `answer`, `decline`, `present`, `report` get a report, unless one is given.

        Raises:
            ConnectionError: the point is not live.
        """
        if kind in {"ringing", "answer", "decline", "device_failed", "present", "report"} and "report" not in fields:
            fields["report"] = json.loads(REPORT)
        self._send(json.dumps({"type": kind, **fields}, ensure_ascii=False))

    def send_frame(self, frame: bytes) -> None:
        """Send a message that was framed before, a still; raises ConnectionError when the point is not live."""
        if self._client is None:
            raise ConnectionError(f"{self.code} is not connected")
        self._client.send_frame(frame)

    async def connect(self) -> None:
        """Connect, say hello, and wait for the welcome.

        Raises:
            RefusedError: the service does not want it.
            UpgradeError, OSError, TimeoutError: it did not get as far.
        """
        if self._client is not None:
            self.past_bytes_in += self._client.bytes_in
        self.close_code = None
        client = self._client = WsClient(self._receive, lambda code: self._end(client, code))
        welcomed = self._welcomed = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(WELCOME_WITHIN_S):
                await client.connect(self._desks.place.host, self._desks.place.port)
                client.send_text(self._desks.hello(self.code))
                await welcomed
        except BaseException:
            if not welcomed.done():
                welcomed.cancel()
            client.abort()
            raise

    def leave(self) -> None:
        """Close the page."""
        self.is_wanted = False
        if self._client is not None:
            self._client.close()

    def drop(self, *, for_good: bool = True) -> None:
        """Cut the line. `for_good=False`: the point wants to come back, and does if the desks reconnect."""
        self.is_wanted = self.is_wanted and not for_good
        if self._client is not None:
            self._client.abort()

    # --- what the service says ------------------------------------------------------------------------------------------

    def _receive(self, text: bytes) -> None:
        kind = text[9 : text.index(b'"', 9)].decode()  # {"type":"…: the type is the first field of all messages
        self.newest[kind] = text
        self.counts[kind] += 1
        self.heard_at[kind] = self._desks.loop.time()
        if kind == "welcome":
            self.is_live = True
            if self._welcomed is not None and not self._welcomed.done():
                self._welcomed.set_result(None)
        elif kind == "refused":
            if self._welcomed is not None and not self._welcomed.done():
                error = json.loads(text)["error"]
                self._welcomed.set_exception(RefusedError(error["code"], error["retry_after_s"] or 0.0))
        elif kind == "ring":
            self._ring(str(json.loads(text)["call"]["id"]))
        elif kind == "roll_call" and self.script.roll_call is not None:
            question = json.loads(text)["roll_call"]
            if question["presence"] == "waiting":
                self._later(self.script.roll_call.after_s, self._confirm, str(question["id"]))
        elif kind == "error" and self.script.roll_call is not None and b'"unavailable"' in text:
            self._confirm_again()
        if self.script.on_message is not None:
            self.script.on_message(self, kind, text)

    def _ring(self, call: str) -> None:
        script = self.script
        if script.ring == "ignore":
            return
        self._send(f'{{"type":"ringing","call":"{call}","report":{REPORT}}}')
        if script.ring != "confirm":
            self._later(script.answer_after_s, self._react, call)

    def _react(self, call: str) -> None:
        script = self.script
        if script.ring == "answer":
            if self._say(f'{{"type":"answer","call":"{call}","report":{REPORT}}}') and script.on_answer is not None:
                script.on_answer(self, call)
        elif script.ring == "decline":
            self._say(f'{{"type":"decline","call":"{call}","report":{REPORT}}}')
        elif script.ring == "no_device":  # somebody presses the button, and the browser gives neither of the two
            error = '"device":"camera","error":"NotAllowedError"'
            self._say(f'{{"type":"device_failed","call":"{call}",{error},"report":{NO_CAMERA}}}')

    def _say(self, text: str) -> bool:
        """Send a text if the line is open; whether it was."""
        if self._client is None or not self._client.is_open:
            return False
        self._send(text)
        return True

    def _confirm(self, roll_call: str) -> None:
        how = self.script.roll_call
        if how is not None and self.is_live:
            person = f'"name":{json.dumps(how.name)},"function":{json.dumps(how.function)}'
            self._say(f'{{"type":"present","roll_call":"{roll_call}",{person},"report":{REPORT}}}')

    def _confirm_again(self) -> None:
        """As PROTOCOL.md §2.4 has it for an answer that could not be recorded."""
        newest = self.message("roll_call")
        if newest is not None and newest["roll_call"]["presence"] == "waiting":
            self._later(self._desks.dice.uniform(0.5, 3.0), self._confirm, str(newest["roll_call"]["id"]))

    def _later(self, after_s: float, act: Callable[[str], None], argument: str) -> None:
        if after_s <= 0:
            act(argument)
        else:
            self._desks.loop.call_later(after_s, act, argument)

    def _send(self, text: str) -> None:
        if self._client is None:
            raise ConnectionError(f"{self.code} is not connected")
        self._client.send_text(text.encode())

    def _end(self, client: WsClient, code: int) -> None:
        if client is not self._client:
            return
        was_live, self.is_live, self.close_code = self.is_live, False, code
        if self._welcomed is not None and not self._welcomed.done():
            self._welcomed.set_exception(ConnectionResetError(f"closed with {code} before the welcome"))
        if was_live:
            self._desks.lost(self)


class Desks:
    """See the module's text. Use it as a context manager: the end closes every connection.

    Args:
        place: the running service.
        secret_of: gives the secret of a point's link.
        reconnects: whether points come back by themselves.
        concurrent: joins in flight at once.
        seed: of the random waits between two tries.
    """

    def __init__(
        self,
        place: Place,
        secret_of: Callable[[str], str],
        *,
        reconnects: bool = False,
        concurrent: int = CONCURRENT_JOINS,
        seed: int = 1,
    ) -> None:
        self.place = place
        self.points: dict[str, Desk] = {}
        self.retries: Counter[str] = Counter()
        """Tries to join that did not succeed, by why."""
        self._reconnects = reconnects
        self._secret_of = secret_of
        self._concurrent = concurrent
        self._gate = asyncio.Semaphore(concurrent)
        self.dice = random.Random(seed)  # noqa: S311 (spreads tries over time, and shall do so again with the same seed)
        self._coming_back: set[asyncio.Task[None]] = set()
        self.loop = asyncio.get_running_loop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reconnects = False
        for task in self._coming_back:
            task.cancel()
        await asyncio.gather(*self._coming_back, return_exceptions=True)
        for desk in self.points.values():
            desk.drop()
        await asyncio.sleep(0)  # connections are told of their end in the loop's next turn

    def __getitem__(self, code: str) -> Desk:
        return self.points[code]

    def __iter__(self) -> Iterator[Desk]:
        return iter(self.points.values())

    @property
    def live(self) -> int:
        """Points that are live now."""
        return sum(desk.is_live for desk in self.points.values())

    def heard(self, kind: str) -> int:
        """Points that heard at least one message of a type."""
        return sum(kind in desk.newest for desk in self.points.values())

    def count(self, kind: str) -> int:
        """Messages of a type that came, at all points together."""
        return sum(desk.counts[kind] for desk in self.points.values())

    def expect(self, code: str, script: Script | None = None) -> Desk:
        """Make a desk that has not joined yet, or give the one there is; with a script, if one is given."""
        desk = self.points.get(code)
        if desk is None:
            desk = self.points[code] = Desk(self, code, script or Script())
        elif script is not None:
            desk.script = script
        return desk

    async def join(self, codes: Iterable[str], script: Script | None = None, within_s: float = 60) -> None:
        """Connect points and wait until every one of them is welcomed.

        Args:
            codes: points that are live already stay as they are.
            script: for all of them; None keeps the one a desk had, `Script()` for a new one.

        Raises:
            TimeoutError: with the number that was not welcomed in time.
            RefusedError: the service refuses one of them for good.
        """
        wanted = [self.expect(code, script) for code in codes]
        for desk in wanted:
            desk.is_wanted = True
        coming = iter([desk for desk in wanted if not desk.is_live])

        async def work() -> None:
            for desk in coming:
                await self._bring(desk)

        try:
            async with asyncio.timeout(within_s), asyncio.TaskGroup() as workers:
                for _ in range(min(len(wanted), self._concurrent)):
                    workers.create_task(work())
        except TimeoutError:
            missing = sum(not desk.is_live for desk in wanted)
            raise TimeoutError(f"{missing} of {len(wanted)} points were not welcomed within {within_s:g} s") from None
        except ExceptionGroup as group:
            raise group.exceptions[0] from group

    async def leave(self, codes: Iterable[str]) -> None:
        """Close the pages of points, with a closing handshake, and wait for its end.

        Raises:
            TimeoutError: with the number of those that the service did not close in time.
        """
        leaving = [self.points[code] for code in codes]
        for desk in leaving:
            desk.leave()
        deadline = self.loop.time() + LEAVE_WITHIN_S
        while left := sum(desk.is_live for desk in leaving):
            if self.loop.time() > deadline:
                raise TimeoutError(f"{left} of {len(leaving)} pages were not closed within {LEAVE_WITHIN_S:g} s")
            await asyncio.sleep(LOOK_S)

    def drop(self, codes: Iterable[str], *, for_good: bool = True) -> None:
        """Cut the lines of points. `for_good=False`: they come back by themselves, if the desks reconnect."""
        for code in codes:
            self.points[code].drop(for_good=for_good)

    def hello(self, code: str) -> bytes:
        """A point's first message."""
        credential = f'{{"kind":"point","code":"{code}","secret":"{self._secret_of(code)}"}}'
        text = f'{{"type":"hello","protocol":1,"credential":{credential},"session":"{self.place.session}","report":{REPORT}}}'
        return text.encode()

    def lost(self, desk: Desk) -> None:
        """Called by a desk whose line has ended."""
        if self._reconnects and desk.is_wanted and desk.close_code in TRY_AGAIN:
            task = self.loop.create_task(self._come_back(desk))
            self._coming_back.add(task)
            task.add_done_callback(self._coming_back.discard)

    async def _come_back(self, desk: Desk) -> None:
        await asyncio.sleep(self.dice.uniform(0.2, 0.5))
        try:
            await self._bring(desk)
        except RefusedError as error:  # for good: it stays away, and is counted
            self.retries[error.code] += 1
            desk.is_wanted = False

    async def _bring(self, desk: Desk) -> None:
        """Connect one point, tried again as long as the service says so and it is wanted."""
        attempt = 0
        while desk.is_wanted and not desk.is_live:
            try:
                async with self._gate:
                    await desk.connect()
            except (RefusedError, UpgradeError) as error:
                if isinstance(error, RefusedError) and error.code not in PASSING:
                    raise
                self.retries[str(error.code if isinstance(error, RefusedError) else error.status)] += 1
                wait_s = error.retry_after_s
            except (OSError, TimeoutError) as error:
                self.retries[type(error).__name__] += 1
                wait_s = 0.0
            else:
                return
            attempt += 1
            await asyncio.sleep(wait_s + self.dice.uniform(0.2, min(0.5 * 2**attempt, MAX_BACKOFF_S)))
