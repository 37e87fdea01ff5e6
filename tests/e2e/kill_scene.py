"""The scene of 2 September in small and without media, by clients that do not give up: any process may be killed at any moment.

Everything that the service acknowledges goes to a `Witness`. A client whose answer did not come does as PROTOCOL.md tells: it
connects again, looks, and says it once more where nothing is to be seen of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

from rehearsal.ws_client import UpgradeError
from tests.harness.crowd import Confirmation, Crowd, CrowdPoint, Script
from tests.harness.crowd_console import Answered, CrowdConsole
from tests.harness.nation_2_september import DISTRICT_4, WARD_10, called_communes, south
from tests.harness.service import Service
from tests.harness.wait import until
from tests.harness.witness import Witness

Message = dict[str, Any]

COMMUNES = 12
STEP_WITHIN_S = 60.0
SAY_AGAIN_S = 1.0
AGAIN_S = 0.3
"""How soon something is tried again."""
OVER = frozenset({"ended", "failed"})


class _Eyes(CrowdConsole):
    """A console that passes on what it sees."""

    def __init__(self, service: Service, sees: Callable[[Message], None]) -> None:
        super().__init__(service, "center", directory=south(COMMUNES))
        self._sees = sees

    def _receive(self, text: bytes) -> None:
        super()._receive(text)
        self._sees(json.loads(text))


class KillScene:
    """One playing of the scene, in a session of its own.

    Args:
        service: the running service.
        session: the id of the session, new.
        step: called before everything that a client says, with its number: the place for a kill.
    """

    def __init__(self, service: Service, session: str, step: Callable[[int], None]) -> None:
        self.service, self.session = service, session
        self.meeting = Witness()
        self.standing = Witness()
        """Of the standing line, which keeps the rosters."""
        self.steps = 0
        self.calls: dict[str, Message] = {}
        self.ladders: dict[str, Message] = {}
        self.missed: dict[str, set[str]] = {}
        """Of the ward: what it has missed and not explained, by session."""
        self.called_back: set[str] = set()
        self.confirmed: set[str] = set()
        self.shift_confirmed_by: str | None = None
        self._step = step
        self._console: _Eyes | None = None
        self._roll_call = ""

    # --- what clients see ---------------------------------------------------------------------------------------------------

    def _see(self, message: Message) -> None:
        """What a console or a point was told, as far as it proves anything."""
        kind = message["type"]
        if kind in {"call", "ring"}:
            self._see_call(message["call"])
        elif kind == "calls":
            for view in message["calls"]:
                self._see_call(view)
        elif kind == "escalation":
            self.ladders[message["escalation"]["record"]] = message["escalation"]
            self.meeting.ladder(message["escalation"])

    def _see_call(self, view: Message) -> None:
        if view["id"].startswith(f"{self.session}-"):
            self.calls[view["id"]] = view
            self.meeting.call(view)

    def _hear(self, point: CrowdPoint, kind: str, text: bytes) -> None:
        """What a point was told."""
        if kind in {"call", "ring"}:
            self._see(json.loads(text))
        elif kind == "roll_call":
            question = json.loads(text)["roll_call"]
            if question["id"] == self._roll_call and question["presence"] == "present":
                self.confirmed.add(point.code)
                self.meeting.acknowledged(
                    "presence_confirmed", question["confirmed_at"], roll_call=self._roll_call, point=point.code
                )
        elif kind == "missed" and point.code == WARD_10:
            message = json.loads(text)
            self.missed[message["session"]] = {each["id"] for each in message["calls"]}
            self.called_back |= {each["id"] for each in message["calls"] if each["called_back_at"] is not None}
        elif kind == "roster" and point.code == WARD_10:
            for shift in json.loads(text)["shifts"]:
                if shift["confirmed_at"] is not None:
                    self.shift_confirmed_by = shift["confirmed_by"]
                    self.standing.acknowledged("shift_confirmed", shift["confirmed_at"], point=WARD_10, start=shift["start"])

    # --- what clients say ---------------------------------------------------------------------------------------------------

    def _next(self) -> None:
        self.steps += 1
        self._step(self.steps)

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and body of a REST request that the service answered; it is asked again while it cannot."""
        self._next()

        async def answered() -> tuple[int, Any] | None:
            status, answer = await asyncio.to_thread(_ask, self.service, method, path, body)
            return None if status in {0, 503} else (status, answer)

        found: tuple[int, Any] = await until(f"{method} {path} is answered", answered, STEP_WITHIN_S, AGAIN_S)
        return found

    async def order(self, kind: str, **fields: Any) -> Answered:
        """An order's answer, `ack` or a refusal by the domain; given again when no answer came."""
        self._next()

        async def answered() -> Answered | None:
            try:
                answer = await (await self._connected()).order(kind, **fields)
            except (OSError, TimeoutError):
                return None
            is_away = not answer.is_ack and answer.message["error"]["code"] in {"unavailable", "restarting"}
            return None if is_away else answer

        found: Answered = await until(f"{kind} is answered", answered, STEP_WITHIN_S, AGAIN_S)
        return found

    async def _connected(self) -> _Eyes:
        """The console, connected again if its line has ended."""

        async def console() -> _Eyes | None:
            if self._console is None or self._console.close_code is not None:
                eyes = _Eyes(_in_session(self.service, self.session), self._see)
                try:
                    self._console = await eyes.__aenter__()
                except (OSError, UpgradeError, TimeoutError):
                    return None
            return self._console

        found: _Eyes = await until("the console is connected", console, STEP_WITHIN_S, AGAIN_S)
        return found

    async def tell(self, point: CrowdPoint, done: Callable[[], Any], kind: str, **fields: Any) -> None:
        """A point says something until it is to be seen that it is on disk."""
        self._next()
        said_at = 0.0

        async def is_done() -> bool:
            nonlocal said_at
            await self._connected()
            if not done() and point.is_live and time.monotonic() - said_at > SAY_AGAIN_S:
                said_at = time.monotonic()
                with contextlib.suppress(ConnectionError):
                    point.say(kind, **fields)
            return bool(done())

        await until(f"{point.code} said {kind}, and it is on disk", is_done, STEP_WITHIN_S)

    async def _sees(self, what: str, is_so: Callable[[], Any]) -> None:
        """Waits for something that the console is told, connected again if need be."""

        async def is_seen() -> bool:
            await self._connected()
            return bool(is_so())

        await until(f"{what} is seen", is_seen, STEP_WITHIN_S)

    # --- the scene ------------------------------------------------------------------------------------------------------------

    async def play(self, crowd: Crowd) -> None:
        """All of it. The crowd's points are live, but for the ward."""
        for point in crowd:
            point.script = Script(ring="answer", on_message=self._hear)
        crowd.expect(WARD_10, Script(ring="answer", on_message=self._hear))
        try:
            await self._prepare()
            await self._roll_call_of(crowd)
            for code in called_communes()[1:3]:
                await self._call_and_end(crowd[code], "place_call", {"point": code})
            await self._ward(crowd)
            status, answer = await self.ask("POST", f"/api/sessions/{self.session}/close")
            assert status in {200, 409}, answer
            if status == 200:
                self.meeting.acknowledged("session_closed", answer["closed_at"])
        finally:
            if self._console is not None:
                await self._console.__aexit__()

    async def _prepare(self) -> None:
        start = int(time.time()) // 3600 * 3600_000 - 3_600_000
        contact = {"name": f"Trực {self.session}", "kind": "phone", "target": "0901 234 567"}
        shift = {"start": start, "end": start + 12 * 3_600_000, "contacts": [contact]}
        status, answer = await self.ask("PUT", f"/api/rosters/{WARD_10}", {"shifts": [shift]})
        assert (status, answer["shifts"][0]["contacts"][0]["name"]) == (200, contact["name"]), answer
        shifts = [
            {name: each[name] for name in ("start", "end")}
            | {
                "contacts": [
                    {name: one[name] for name in ("name", "function", "kind", "target", "note")} for one in each["contacts"]
                ]
            }
            for each in answer["shifts"]
        ]
        self.standing.acknowledged("roster_set", answer["set_at"], point=WARD_10, shifts=shifts)

        units = [unit.code for unit in south(COMMUNES).children("VN")]
        body = {"id": self.session, "title": f"Họp {self.session}", "units": units, "center": "VN"}
        status, view = await self.ask("POST", "/api/sessions", body)
        if status == 409:  # made by a request whose answer was lost; opened or not
            status, view = await self.ask("GET", f"/api/sessions/{self.session}")
            if view["state"] == "prepared":
                status, view = await self.ask("POST", f"/api/sessions/{self.session}/open")
        assert (status, view["state"]) in {(200, "open"), (201, "open")}, view
        self.meeting.acknowledged("session_prepared")
        self.meeting.acknowledged("session_opened", view["opened_at"])

    async def _roll_call_of(self, crowd: Crowd) -> None:
        answer = await self.order("start_roll_call", seconds=3600)
        if not answer.is_ack:  # it was begun by an order whose answer was lost
            assert answer.message["error"]["code"] == "roll_call_running", answer.message
            _, boards = await self.ask("GET", f"/api/sessions/{self.session}/roll-calls")
            self._roll_call = boards["roll_calls"][0]["id"]
        else:
            self._roll_call = answer.roll_call
        self.meeting.acknowledged("roll_call_started", roll_call=self._roll_call)
        for point in crowd:
            point.script = Script(ring="answer", roll_call=Confirmation(f"Trực ban {point.code}"), on_message=self._hear)
        present = [point for point in crowd if point.code != WARD_10]
        for point in present[::6]:
            is_present = partial(self.confirmed.__contains__, point.code)
            name = f"Trực ban {point.code}"
            await self.tell(point, is_present, "present", roll_call=self._roll_call, name=name)

    async def _call_and_end(self, point: CrowdPoint, kind: str, fields: Message) -> str:
        """The point is called until it has answered, and the call is ended; the call that was answered."""
        for _ in range(4):
            answer = await self.order(kind, **fields)
            if answer.is_ack:
                call = answer.call
                self.meeting.acknowledged("call_placed", call=call)
            else:  # it is called already, by an order whose answer was lost
                assert answer.message["error"]["code"] == "point_busy", answer.message
                call = next(
                    each["id"] for each in self.calls.values() if each["point"] == point.code and each["state"] not in OVER
                )

            def is_settled(call: str = call) -> bool:
                return self.calls.get(call, {}).get("state") in OVER | {"answered"}

            await self.tell(point, is_settled, "answer", call=call)
            if self.calls[call]["answered_at"] is not None:
                ended = await self.order("end_call", call=call)
                if ended.is_ack:
                    self.meeting.acknowledged("call_ended", call=call)
                return call
        raise AssertionError(f"{point.code} was called four times and never answered")

    async def _ward(self, crowd: Crowd) -> None:
        """Not there; its contact, its district; then it comes, calls back, explains, and is called again."""
        call = (await self.order("place_call", point=WARD_10)).call
        self.meeting.acknowledged("call_placed", call=call)
        # A process that was killed right after the ward had left may not have said so: then its page does not confirm the ring.
        await self._sees(f"that {call} failed", lambda: self.calls.get(call, {}).get("state") == "failed")
        assert self.calls[call]["cause"] in {"offline", "undelivered"}, self.calls[call]
        escalated = await self.order("escalate", call=call)
        if escalated.is_ack:
            self.meeting.acknowledged("escalation_started", escalation=escalated.message["made"])
        marked = await self.order("mark_contact", call=call, step=0, outcome="no_answer", note="không nhấc máy")
        await self._sees(f"the ladder ({escalated.message})", lambda: call in self.ladders)
        if marked.is_ack:
            ladder = self.ladders[call]["id"]
            self.meeting.acknowledged("contact_marked", escalation=ladder, step=0, outcome="no_answer")
        await self.tell(
            crowd[DISTRICT_4],
            lambda: self.ladders[call]["steps"][1]["confirmed_at"],
            "confirm_alert",
            record=call,
            reached=False,
            name="Trần Văn Minh",
            text=f"Đang xuống phường, {self.session}",
        )
        self._next()
        await crowd.join([WARD_10], within_s=STEP_WITHIN_S)
        ward, note, text = crowd[WARD_10], f"đã có người, {self.session}", f"Liên kết vừa được đổi, {self.session}"
        await self.tell(ward, lambda: call in self.called_back, "call_back", call=call, note=note)
        self.meeting.acknowledged("point_called_back", self.calls[call]["called_back_at"], call=call, note=note)
        name = "Nguyễn Thị Lan"
        await self.tell(ward, lambda: self.calls[call]["explained_at"], "explain", call=call, name=name, text=text)
        self.meeting.acknowledged("call_explained", self.calls[call]["explained_at"], call=call, name=name, text=text)
        await self.tell(ward, lambda: self.shift_confirmed_by == name, "confirm_shift", name=name)
        again = await self._call_and_end(ward, "retry_call", {"call": call})
        _, record = await self.ask("GET", f"/api/sessions/{self.session}/records/{again}")
        assert record["record"] == call
        assert {each["id"] for each in record["calls"]} >= {call, again}
        assert [each["text"] for each in record["explanations"]] == [text]


def _in_session(service: Service, session: str) -> Service:
    """The same service, seen from a session."""
    return Service(
        service.process, service.data_dir, service.log_path, service.http_port, service.media_port, service.host, session
    )


def _ask(service: Service, method: str, path: str, body: Any) -> tuple[int, Any]:
    """Status and JSON; status 0 when the connection did not last."""
    request = urllib.request.Request(service.base_url + path, method=method)
    request.add_header("Authorization", f"Bearer {service.token('center', session='*')}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())
    except (OSError, ValueError, http.client.HTTPException) as error:
        return 0, repr(error)
