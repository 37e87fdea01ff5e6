"""A console without a browser: it calls points and asks for roll calls as an operator's page does, over its WebSocket.

What it sees of the session is kept as it is now: the newest view of each call, the counters of each roll call, the stage, and
which points are live. `order` gives a command and waits until it is on disk.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Iterable
from typing import Any, Final, Self

from rehearsal.desks import Place
from rehearsal.ws_client import UpgradeError, WsClient

Message = dict[str, Any]

ANSWER_WITHIN_S: Final = 20.0
WELCOME_WITHIN_S: Final = 20.0
CLOSE_WITHIN_S: Final = 2.0
NOT_LIVE: Final = frozenset({0, 9, 15})
"""Point states (PROTOCOL.md §1) of points without a connection: offline, missed and offline, outside of the scope."""


class OrderRefusedError(Exception):
    """The service did not carry out an order; `code` is that of PROTOCOL.md §3, the text the service's words."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class ConsoleClosedError(Exception):
    """The console's connection is not there, or ended; the text says why."""


class Console:
    """See the module's text. Use it as a context manager: it connects, and says goodbye at the end.

    Args:
        place: the service, and the session whose console it is.
        token: a bearer of role center or operator.
    """

    def __init__(self, place: Place, token: str) -> None:
        self.place = place
        self.calls: dict[str, Message] = {}
        """The newest view of each call."""
        self.boards: dict[str, Message] = {}
        """The newest counters of each roll call."""
        self.stage: Message = {}
        self.states = bytearray()
        """One byte a point in directory order."""
        self.closed_with: str | None = None
        """Why the connection ended; None while it lives."""
        self._token = token
        self._client = WsClient(self._receive, self._end)
        self._orders: dict[int, asyncio.Future[Message]] = {}
        self._next_id = 1
        self._waiting: list[tuple[str, frozenset[str], asyncio.Future[Message]]] = []
        self._is_complete, self._has_ended = asyncio.Event(), asyncio.Event()

    async def __aenter__(self) -> Self:
        credential = {"kind": "token", "token": self._token}
        hello = {"type": "hello", "protocol": 1, "credential": credential, "session": self.place.session}
        try:
            async with asyncio.timeout(WELCOME_WITHIN_S):
                await self._client.connect(self.place.host, self.place.port)
                self._client.send_text(json.dumps(hello).encode())
                await self._is_complete.wait()
        except (OSError, TimeoutError, UpgradeError) as error:
            self._client.abort()
            raise ConsoleClosedError(f"the console could not be opened: {error or type(error).__name__}") from error
        if self.closed_with is not None:
            self._client.abort()
            raise ConsoleClosedError(f"the console was refused: {self.closed_with}")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._client.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._has_ended.wait()
        self._client.abort()

    @property
    def center_live(self) -> bool:
        """Whether somebody sends the session's programme."""
        return bool(self.stage.get("center_live"))

    def live_places(self) -> list[int]:
        """The places in the directory of the points that are live."""
        return [place for place, state in enumerate(self.states) if state not in NOT_LIVE]

    async def order(self, kind: str, **fields: Any) -> Message:
        """Give an order; the `ack`.

        Raises:
            OrderRefusedError: the service does not want it.
            ConsoleClosedError: the connection is not there, or no answer came in time.
        """
        number, self._next_id = self._next_id, self._next_id + 1
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._orders[number] = future
        order = {"type": "command", "id": number, "command": {"kind": kind, **fields}}
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                self._client.send_text(json.dumps(order, ensure_ascii=False).encode())
                answer = await future
        except (ConnectionError, TimeoutError) as error:
            raise ConsoleClosedError(f"{kind}: {error or 'no answer in time'}") from error
        finally:
            self._orders.pop(number, None)
        if answer["type"] == "error":
            body = answer["error"]
            raise OrderRefusedError(body["code"], f"{body['message']['vi']} / {body['message']['en']}")
        return answer

    async def call_in(self, call: str, states: Iterable[str]) -> Message:
        """The view of a call as soon as it is in one of these states. The caller sets the deadline.

        Raises:
            ConsoleClosedError: the connection ended.
        """
        wanted = frozenset(states)
        view = self.calls.get(call, {})
        if view.get("state") in wanted:
            return view
        if self.closed_with is not None:
            raise ConsoleClosedError(f"the console was closed: {self.closed_with}")
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        entry = (call, wanted, future)
        self._waiting.append(entry)
        try:
            return await future
        finally:
            self._waiting.remove(entry)

    # --- what the service says ------------------------------------------------------------------------------------------

    def _receive(self, text: bytes) -> None:
        message: Message = json.loads(text)
        kind = message["type"]
        if kind in {"ack", "error"}:
            self._take_answer(message)
        elif kind == "call":
            self._take_call(message["call"])
        elif kind == "calls":
            for view in message["calls"]:
                self._take_call(view)
            self._is_complete.set()
        elif kind == "roll_call_board":
            self.boards[message["roll_call"]["id"]] = message["roll_call"]
        elif kind in {"welcome", "stage"}:
            self.stage = message["stage"]
        elif kind in {"frame", "changes"}:
            self._take_states(message)
        elif kind == "refused":
            self._close(f"{message['error']['code']}: {message['error']['message']['en']}")

    def _take_answer(self, message: Message) -> None:
        future = self._orders.get(message["id"])
        if future is not None and not future.done():
            future.set_result(message)

    def _take_call(self, view: Message) -> None:
        self.calls[view["id"]] = view
        for call, states, future in self._waiting:
            if call == view["id"] and view["state"] in states and not future.done():
                future.set_result(view)

    def _take_states(self, message: Message) -> None:
        if message["type"] == "frame":
            packed = base64.b64decode(message["states"])
            both = bytearray(2 * len(packed))
            both[::2], both[1::2] = bytes(byte >> 4 for byte in packed), bytes(byte & 15 for byte in packed)
            self.states = both[: message["count"]]
        else:
            for index, state in message["changes"]:
                self.states[index] = state

    def _end(self, code: int) -> None:
        self._close(f"close code {code}")
        self._has_ended.set()

    def _close(self, why: str) -> None:
        self.closed_with = self.closed_with or why
        self._is_complete.set()
        for future in (*self._orders.values(), *(future for _, _, future in self._waiting)):
            if not future.done():
                future.set_exception(ConsoleClosedError(f"the console was closed: {self.closed_with}"))
