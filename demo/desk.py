"""What one simulated point decides: the rules of a point's page without any clock, socket or task.

Feed it with `receive_message(message, now)` and `handle_timeout(now)`; after each call carry out all of `actions()`, in
order, and wake it at `next_timeout()`. Times are seconds of any steady clock.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from demo.cast import DELAYS_S, Character, Part

# PROTOCOL.md, 2.3: everybody rejoins after a restart of the media node, so not all in the same instant.
REJOIN_JITTER_S = 3.0
REJOIN_JITTER_IN_CALL_S = 0.3

FINAL_STATES = frozenset({"ended", "failed"})
TALKING_STATES = frozenset({"answered", "connected", "preview", "on_air"})

CONFIRM_AFTER_S = (1.0, 12.0)
"""Somebody at the desk sees the question and presses the button."""

REPORT = {"visible": True, "camera": "ok", "microphone": "ok", "rtt_ms": 1.0, "device": "Điểm Cầu demo"}
NAMES = ("Nguyễn Thị Lan", "Trần Văn Minh", "Lê Thị Hoa", "Phạm Quốc Hùng", "Võ Thanh Bình", "Đặng Thu Hà")
FUNCTIONS = ("Chủ tịch", "Phó Chủ tịch", "Trực ban", "Trưởng trạm y tế")
DECLINE_REASON = "Đang họp khẩn với trạm y tế, xin gọi lại sau 15 phút"


@dataclass(frozen=True, slots=True)
class Send:
    """Send `message` over the WebSocket."""

    message: dict[str, object]


@dataclass(frozen=True, slots=True)
class JoinProgramme:
    """Close the viewer if there is one and join WHEP with `token`."""

    token: str


@dataclass(frozen=True, slots=True)
class ConnectUplink:
    """Close the publisher if there is one and connect WHIP with `token`, sending nothing yet."""

    token: str


@dataclass(frozen=True, slots=True)
class StartSending:
    """Give the publisher its camera and microphone."""


@dataclass(frozen=True, slots=True)
class CloseUplink:
    """Stop camera and microphone and close the publisher."""


Action = Send | JoinProgramme | ConnectUplink | StartSending | CloseUplink


class Desk:
    """The decisions of one simulated point."""

    def __init__(self, part: Part, rng: random.Random) -> None:
        self._part = part
        self._rng = rng
        self._actions: list[Action] = []
        self._token = ""
        self._epoch = ""
        self._rejoin_at: float | None = None
        self._call: str | None = None
        self._decide_at: float | None = None
        self._roll_call: str | None = None
        self._confirm_at: float | None = None
        self._is_sending = False

    @property
    def call(self) -> str | None:
        """The call it takes part in or is rung for."""
        return self._call

    @property
    def is_sending(self) -> bool:
        """Whether its camera is on."""
        return self._is_sending

    def actions(self) -> list[Action]:
        """What is to be done, in order; each action is given once."""
        actions, self._actions = self._actions, []
        return actions

    def next_timeout(self) -> float | None:
        """When `handle_timeout` wants to be called, or None."""
        return min((at for at in (self._rejoin_at, self._decide_at, self._confirm_at) if at is not None), default=None)

    def receive_message(self, message: dict[str, Any], now: float) -> None:
        """Takes one message of the server."""
        match message.get("type"):
            case "welcome":
                self._token = str(message["token"])
                self._take_media(message["media"], now)
                self._take_call(message["call"])
            case "media":
                self._take_media(message, now)
            case "ring":
                self._take_ring(message["call"], now)
            case "call":
                self._take_call(message["call"])
            case "roll_call":
                self._take_roll_call(message["roll_call"], now)
            case _:
                pass  # stage and tick change nothing here

    def media_lost(self, now: float) -> None:
        """The viewer's connection ended: join again soon."""
        self._schedule_rejoin(now)

    def uplink_lost(self) -> None:
        """The publisher's connection ended: connect again if the call still goes on."""
        if self._call is not None and self._part.character is not Character.SILENT:
            self._connect_uplink()

    def handle_timeout(self, now: float) -> None:
        """Does what has become due."""
        if self._rejoin_at is not None and now >= self._rejoin_at:
            self._rejoin_at = None
            self._actions.append(JoinProgramme(self._token))
            if self._call is not None:
                self._connect_uplink()
        if self._decide_at is not None and now >= self._decide_at:
            self._decide_at = None
            self._decide()
        if self._confirm_at is not None and now >= self._confirm_at:
            self._confirm_at = None
            self._confirm()

    def _take_media(self, media: dict[str, Any], now: float) -> None:
        if media["ready"] and media["epoch"] != self._epoch:
            is_first = self._epoch == ""
            self._epoch = str(media["epoch"])
            if is_first:
                self._actions.append(JoinProgramme(self._token))
            else:
                self._schedule_rejoin(now)

    def _schedule_rejoin(self, now: float) -> None:
        if self._rejoin_at is None:
            jitter_s = REJOIN_JITTER_IN_CALL_S if self._call is not None else REJOIN_JITTER_S
            self._rejoin_at = now + self._rng.uniform(0, jitter_s)

    def _take_ring(self, call: dict[str, Any], now: float) -> None:
        self._send("ringing", call["id"])
        if call["id"] == self._call:
            return
        self._call = str(call["id"])
        if self._part.character is not Character.SILENT:
            self._connect_uplink()
            self._decide_at = now + self._rng.uniform(*DELAYS_S[self._part.character])

    def _take_call(self, call: dict[str, Any] | None) -> None:
        if call is None:
            self._end_call()
        elif call["state"] in TALKING_STATES:
            if call["id"] != self._call or not self._is_sending:  # this desk forgot the call, the service did not
                self._call = str(call["id"])
                self._is_sending = True
                self._decide_at = None
                self._connect_uplink()
        elif call["state"] in FINAL_STATES and call["id"] == self._call:
            self._end_call()

    def _decide(self) -> None:
        if self._part.character is Character.BUSY:
            self._send("decline", self._call, reason=DECLINE_REASON)
            return
        self._send("answer", self._call)
        self._is_sending = True
        self._actions.append(StartSending())

    def _take_roll_call(self, roll_call: dict[str, Any], now: float) -> None:
        if roll_call["presence"] != "waiting" or self._part.character is Character.SILENT:
            self._roll_call = self._confirm_at = None
        elif roll_call["id"] != self._roll_call:
            self._roll_call = str(roll_call["id"])
            self._confirm_at = now + self._rng.uniform(*CONFIRM_AFTER_S)

    def _confirm(self) -> None:
        who = {"name": self._rng.choice(NAMES), "function": self._rng.choice(FUNCTIONS)}
        self._actions.append(Send({"type": "present", "roll_call": self._roll_call, **who, "report": REPORT}))

    def _connect_uplink(self) -> None:
        self._actions.append(ConnectUplink(self._token))
        if self._is_sending:
            self._actions.append(StartSending())

    def _end_call(self) -> None:
        if self._call is not None:
            self._actions.append(CloseUplink())
        self._call = None
        self._decide_at = None
        self._is_sending = False

    def _send(self, kind: str, call: object, **more: object) -> None:
        self._actions.append(Send({"type": kind, "call": call, **more, "report": REPORT}))
