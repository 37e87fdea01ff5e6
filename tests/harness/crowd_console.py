"""A console without a browser, for crowds: orders with their acknowledgements, frame and changes decoded, all with its time.

    async with CrowdConsole(service, role="operator", scope=("79",)) as console:
        answer = await console.order("place_call", point="26740")          # ack or error, both with .took_s
        waiting = console.begin("cancel_call", call=answer.call)           # many at once: a future of the same
        await until("ringing", lambda: console.state("26740") == 2)
        console.changes                                                     # (when, index, state), the newest MAX_CHANGES

Times are the loop's seconds. The states are those of the newest frame and the changes after it, one byte a point in directory
order; `index_of` comes from the national directory unless another is given.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any, Self

from bridge.units import Directory
from rehearsal.ws_client import WsClient
from tests.harness.nation import nation
from tests.harness.service import Service
from tests.harness.wait import until

Message = dict[str, Any]

MAX_CHANGES = 200_000
MAX_WAITING_ORDERS = 10_000
ANSWER_WITHIN_S = 15.0
CLOSE_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an order.

    Attributes:
        message: the `ack` or `error` as it came.
        sent_at, heard_at: the loop's seconds.
    """

    message: Message
    sent_at: float
    heard_at: float

    @property
    def is_ack(self) -> bool:
        """Whether it is on disk."""
        return bool(self.message["type"] == "ack")

    @property
    def took_s(self) -> float:
        """From the order to its answer."""
        return self.heard_at - self.sent_at

    @property
    def call(self) -> str:
        """The call that the order began or touched."""
        assert self.is_ack, self.message
        return str(self.message["call"])

    @property
    def roll_call(self) -> str:
        """The roll call that the order began or touched."""
        assert self.is_ack, self.message
        return str(self.message["roll_call"])


class CrowdConsole:
    """See the module's text."""

    def __init__(
        self, service: Service, role: str = "operator", scope: tuple[str, ...] = ("VN",), directory: Directory | None = None
    ) -> None:
        self.service = service
        self.directory = directory or nation()
        self.states = bytearray()
        self.version = 0
        self.changes: deque[tuple[float, int, int]] = deque(maxlen=MAX_CHANGES)
        """When, which point's index, which state: as told in `changes`, not in the frame."""
        self.newest: dict[str, Message] = {}
        """The newest message of each type; of `call` and `roll_call_board` see `calls` and `boards` too."""
        self.counts: Counter[str] = Counter()
        self.bytes_by_type: Counter[str] = Counter()
        self.calls: dict[str, Message] = {}
        """The newest view of each call told by `call`; as many as the session has."""
        self.boards: dict[str, Message] = {}
        self.close_code: int | None = None
        self._token = service.token(role, scope)
        self._client = WsClient(self._receive, self._end)
        self._orders: dict[int, tuple[float, asyncio.Future[Answered]]] = {}
        self._next_id = 1

    async def __aenter__(self) -> Self:
        await self._client.connect(self.service.host, self.service.http_port)
        credential = {"kind": "token", "token": self._token}
        hello = {"type": "hello", "protocol": 1, "credential": credential, "session": self.service.session}
        self._client.send_text(json.dumps(hello).encode())
        await until("the console has its frame and its calls", lambda: self.close_code is not None or "calls" in self.newest)
        assert self.close_code is None, f"the console was refused: {self.newest.get('refused')}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._client.close()
        try:
            await until("the console is closed", lambda: self.close_code is not None, CLOSE_WITHIN_S)
        finally:
            self._client.abort()
            await asyncio.sleep(0)

    @property
    def bytes_in(self) -> int:
        """Everything it heard, heads of the WebSocket's frames included."""
        return self._client.bytes_in

    def index_of(self, point: str) -> int:
        """A point's place in frame and changes."""
        return self.directory.index_of(point)

    def state(self, point: str) -> int:
        """A point's state now (PROTOCOL.md §1)."""
        return self.states[self.index_of(point)]

    def in_state(self, state: int) -> int:
        """How many points are in a state now."""
        return self.states.count(state)

    def begin(self, kind: str, **fields: Any) -> asyncio.Future[Answered]:
        """Send an order; the future is done when its answer came."""
        assert len(self._orders) < MAX_WAITING_ORDERS, "too many orders wait for their answers"
        loop = asyncio.get_running_loop()
        number, self._next_id = self._next_id, self._next_id + 1
        future: asyncio.Future[Answered] = loop.create_future()
        self._orders[number] = (loop.time(), future)
        order = {"type": "command", "id": number, "command": {"kind": kind, **fields}}
        self._client.send_text(json.dumps(order, ensure_ascii=False).encode())
        return future

    async def order(self, kind: str, **fields: Any) -> Answered:
        """Send an order and wait for its answer, `ack` or `error`."""
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await self.begin(kind, **fields)

    def _receive(self, text: bytes) -> None:
        now = asyncio.get_running_loop().time()
        message: Message = json.loads(text)
        kind = message["type"]
        self.newest[kind] = message
        self.counts[kind] += 1
        self.bytes_by_type[kind] += len(text)
        if kind == "frame":
            packed = base64.b64decode(message["states"])
            both = bytearray(2 * len(packed))
            both[::2], both[1::2] = bytes(byte >> 4 for byte in packed), bytes(byte & 15 for byte in packed)
            self.states, self.version = both[: message["count"]], message["version"]
        elif kind == "changes" and message["version"] > self.version:
            self.version = message["version"]
            for index, state in message["changes"]:
                self.states[index] = state
                self.changes.append((now, index, state))
        elif kind == "call":
            self.calls[message["call"]["id"]] = message["call"]
        elif kind == "roll_call_board":
            self.boards[message["roll_call"]["id"]] = message["roll_call"]
        elif kind in {"ack", "error"} and message["id"] in self._orders:
            sent_at, future = self._orders.pop(message["id"])
            if not future.done():
                future.set_result(Answered(message, sent_at, now))

    def _end(self, code: int) -> None:
        self.close_code = code
        for _, future in self._orders.values():
            if not future.done():
                future.set_exception(ConnectionResetError(f"the console was closed with {code}"))
        self._orders.clear()
