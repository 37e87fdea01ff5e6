"""Simulated points by the thousand: light WebSocket clients in this process, against the real service.

    async with Crowd(service) as crowd:
        await crowd.join(codes, Script(roll_call=Confirmation("Nguyễn Thị Lan", "Phó Chủ tịch")))
        crowd[code].script = Script(ring="answer", answer_after_s=2)     # of one point; also while it is live
        await crowd.until("asked", lambda: crowd.heard("roll_call") == len(codes))
        crowd[code].say("hang_up", call="c7")                            # anything of PROTOCOL.md §2.4, by hand
        crowd.drop([code])                                               # the line is cut
        await crowd.leave([code])                                        # the page is closed
        await crowd.join([code])                                         # and comes back, with the script it had

A point says hello with the secret of its link, and does by itself only what its `Script` says: confirms a ring, answers or
declines it, confirms a roll call. It has no media: a call it answers waits for media until the domain gives up on it, unless the
test publishes for it (`tests/harness/webrtc.py`, with `point.token` as the bearer).

A message's JSON is read only where it has to be: of each type the newest is kept as it came (`point.newest`), with when it came
and how many there were. With `reconnects=True` a point whose line ends comes back as PROTOCOL.md §4 tells pages to; refusals as
`too_many` and `unavailable` are always tried again, after the time that the service gives.

Bounds: `concurrent` joins at once, one task each for those that wait to come back, the newest message of each type, a deadline
on every wait.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import config.keys
from cli.files import raise_open_files
from tests.harness.wait import until
from tests.harness.ws_client import UpgradeError, WsClient

Message = dict[str, Any]

CONCURRENT_JOINS = 128
WELCOME_WITHIN_S = 20.0
LEAVE_WITHIN_S = 30.0
MAX_BACKOFF_S = 10.0
REPORT = '{"visible":true,"camera":"ok","microphone":"ok","rtt_ms":2.0,"device":"crowd"}'
TRY_AGAIN = frozenset({1005, 1006, 1011, 1012, 4408, 4429, 4503})
"""Close codes after which PROTOCOL.md §4 has a page come back."""


class Address(Protocol):
    """Where a service is, and the data folder with the key of its links; `tests.harness.service.Service` is one."""

    @property
    def host(self) -> str: ...
    @property
    def http_port(self) -> int: ...
    @property
    def data_dir(self) -> Path: ...
    @property
    def session(self) -> str: ...


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
        ring: what it does with a call: nothing, confirm that it rings, and then answer or decline.
        answer_after_s: how long after the ring it answers or declines.
        roll_call: how it answers a roll call; None does not.
        on_message: called with the point, a message's type and its bytes, for every message; anything else a test wants.
    """

    ring: Literal["ignore", "confirm", "answer", "decline"] = "confirm"
    answer_after_s: float = 0.0
    roll_call: Confirmation | None = None
    on_message: Callable[[CrowdPoint, str, bytes], None] | None = None


SILENT = Script(ring="ignore")


class RefusedError(Exception):
    """The service refused the point; `code` is PROTOCOL.md's."""

    def __init__(self, code: str, retry_after_s: float) -> None:
        super().__init__(code)
        self.code, self.retry_after_s = code, retry_after_s


class CrowdPoint:
    """One simulated point, live or not."""

    __slots__ = (
        "_client",
        "_crowd",
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

    def __init__(self, crowd: Crowd, code: str, script: Script) -> None:
        self.code, self.script = code, script
        self.is_live = False
        """Welcomed, and the line has not ended."""
        self.is_wanted = False
        """Joined by the test and not sent away by it: such a point comes back by itself, if the crowd reconnects."""
        self.close_code: int | None = None
        self.newest: dict[str, bytes] = {}
        self.counts: Counter[str] = Counter()
        """How many messages of each type it heard, over all its connections."""
        self.heard_at: dict[str, float] = {}
        """When the newest of each type came, in the loop's seconds."""
        self.past_bytes_in = 0
        self._crowd = crowd
        self._client: WsClient | None = None
        self._welcomed: asyncio.Future[None] | None = None

    @property
    def bytes_in(self) -> int:
        """What it heard in bytes, over all its connections."""
        return self.past_bytes_in + (self._client.bytes_in if self._client is not None else 0)

    @property
    def token(self) -> str:
        """The bearer of its newest welcome, for WHIP and WHEP."""
        welcome = self.message("welcome")
        assert welcome is not None, f"{self.code} was never welcomed"
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
                await client.connect(self._crowd.service.host, self._crowd.service.http_port)
                client.send_text(self._crowd.hello(self.code))
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
        """Cut the line. `for_good=False`: the point wants to come back, and does if the crowd reconnects."""
        self.is_wanted = self.is_wanted and not for_good
        if self._client is not None:
            self._client.abort()

    # --- what the service says ------------------------------------------------------------------------------------------

    def _receive(self, text: bytes) -> None:
        kind = text[9 : text.index(b'"', 9)].decode()  # {"type":"…: the type is the first field of all messages
        self.newest[kind] = text
        self.counts[kind] += 1
        self.heard_at[kind] = self._crowd.loop.time()
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
            self._later(script.answer_after_s, self._answer, f'{{"type":"{script.ring}","call":"{call}","report":{REPORT}}}')

    def _answer(self, text: str) -> None:
        if self._client is not None and self._client.is_open:
            self._send(text)

    def _confirm(self, roll_call: str) -> None:
        how = self.script.roll_call
        if how is not None and self.is_live:
            person = f'"name":{json.dumps(how.name)},"function":{json.dumps(how.function)}'
            self._answer(f'{{"type":"present","roll_call":"{roll_call}",{person},"report":{REPORT}}}')

    def _confirm_again(self) -> None:
        """As PROTOCOL.md §2.4 has it for an answer that could not be recorded."""
        newest = self.message("roll_call")
        if newest is not None and newest["roll_call"]["presence"] == "waiting":
            self._later(self._crowd.dice.uniform(0.5, 3.0), self._confirm, str(newest["roll_call"]["id"]))

    def _later(self, after_s: float, act: Callable[[str], None], argument: str) -> None:
        if after_s <= 0:
            act(argument)
        else:
            self._crowd.loop.call_later(after_s, act, argument)

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
            self._crowd.lost(self)


class Crowd:
    """See the module's text. Use it as a context manager: the end closes every connection.

    Args:
        service: the running service.
        session: which session the points are for.
        reconnects: whether points come back by themselves.
        concurrent: joins in flight at once.
        seed: of the random waits between two tries.
    """

    def __init__(
        self,
        service: Address,
        *,
        session: str | None = None,
        reconnects: bool = False,
        concurrent: int = CONCURRENT_JOINS,
        seed: int = 1,
    ) -> None:
        self.service = service
        self.session = session or service.session
        self.points: dict[str, CrowdPoint] = {}
        self.retries: Counter[str] = Counter()
        """Tries to join that did not succeed, by why."""
        self._reconnects = reconnects
        self._link_key = config.keys.load_keys(service.data_dir).link_key
        self._gate = asyncio.Semaphore(concurrent)
        self.dice = random.Random(seed)
        self._coming_back: set[asyncio.Task[None]] = set()
        self.loop = asyncio.get_running_loop()

    async def __aenter__(self) -> Self:
        raise_open_files()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reconnects = False
        for task in self._coming_back:
            task.cancel()
        await asyncio.gather(*self._coming_back, return_exceptions=True)
        for point in self.points.values():
            point.drop()
        await asyncio.sleep(0)  # connections are told of their end in the loop's next turn

    def __getitem__(self, code: str) -> CrowdPoint:
        return self.points[code]

    def __iter__(self) -> Iterator[CrowdPoint]:
        return iter(self.points.values())

    @property
    def live(self) -> int:
        """Points that are live now."""
        return sum(point.is_live for point in self.points.values())

    def heard(self, kind: str) -> int:
        """Points that heard at least one message of a type."""
        return sum(kind in point.newest for point in self.points.values())

    def count(self, kind: str) -> int:
        """Messages of a type that came, at all points together."""
        return sum(point.counts[kind] for point in self.points.values())

    async def until(self, what: str, condition: Callable[[], Any], within_s: float = 15) -> Any:
        """As `wait.until`."""
        return await until(what, condition, within_s)

    def expect(self, code: str, script: Script | None = None) -> CrowdPoint:
        """Make a point that has not joined yet, or give the one there is; with a script, if one is given."""
        point = self.points.get(code)
        if point is None:
            point = self.points[code] = CrowdPoint(self, code, script or Script())
        elif script is not None:
            point.script = script
        return point

    async def join(self, codes: Iterable[str], script: Script | None = None, within_s: float = 60) -> None:
        """Connect points and wait until every one of them is welcomed.

        Args:
            codes: points that are live already stay as they are.
            script: for all of them; None keeps the one a point had, `Script()` for a new one.

        Raises:
            TimeoutError: with the number that was not welcomed in time.
            RefusedError: the service refuses one of them for good.
        """
        wanted = [self.expect(code, script) for code in codes]
        for point in wanted:
            point.is_wanted = True
        coming = iter([point for point in wanted if not point.is_live])

        async def work() -> None:
            for point in coming:
                await self._bring(point)

        try:
            async with asyncio.timeout(within_s), asyncio.TaskGroup() as workers:
                for _ in range(min(len(wanted), CONCURRENT_JOINS)):
                    workers.create_task(work())
        except TimeoutError:
            missing = sum(not point.is_live for point in wanted)
            raise TimeoutError(f"{missing} of {len(wanted)} points were not welcomed within {within_s:g} s") from None
        except ExceptionGroup as group:
            raise group.exceptions[0] from group

    async def leave(self, codes: Iterable[str]) -> None:
        """Close the pages of points, with a closing handshake, and wait for its end."""
        leaving = [self.points[code] for code in codes]
        for point in leaving:
            point.leave()
        await until("the pages are closed", lambda: not any(point.is_live for point in leaving), LEAVE_WITHIN_S)

    def drop(self, codes: Iterable[str], *, for_good: bool = True) -> None:
        """Cut the lines of points. `for_good=False`: they come back by themselves, if the crowd reconnects."""
        for code in codes:
            self.points[code].drop(for_good=for_good)

    def hello(self, code: str) -> bytes:
        """A point's first message."""
        mac = hmac.digest(self._link_key, f"point:{code}:0".encode(), hashlib.sha256)
        secret = base64.urlsafe_b64encode(mac).decode()[:22]
        credential = f'{{"kind":"point","code":"{code}","secret":"{secret}"}}'
        text = f'{{"type":"hello","protocol":1,"credential":{credential},"session":"{self.session}","report":{REPORT}}}'
        return text.encode()

    def lost(self, point: CrowdPoint) -> None:
        """Called by a point whose line has ended."""
        if self._reconnects and point.is_wanted and point.close_code in TRY_AGAIN:
            task = self.loop.create_task(self._come_back(point))
            self._coming_back.add(task)
            task.add_done_callback(self._coming_back.discard)

    async def _come_back(self, point: CrowdPoint) -> None:
        await asyncio.sleep(self.dice.uniform(0.2, 0.5))
        await self._bring(point)

    async def _bring(self, point: CrowdPoint) -> None:
        """Connect one point, tried again as long as the service says so and the test wants it."""
        attempt = 0
        while point.is_wanted and not point.is_live:
            try:
                async with self._gate:
                    await point.connect()
            except (RefusedError, UpgradeError) as error:
                if isinstance(error, RefusedError) and error.code not in {"too_many", "unavailable", "restarting", "too_slow"}:
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
