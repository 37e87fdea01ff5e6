"""Simulated points by the thousand: light WebSocket clients in this process, against the real service.

    async with Crowd(service) as crowd:
        await crowd.join(codes, Script(roll_call=Confirmation("Nguyễn Thị Lan", "Phó Chủ tịch")))
        crowd[code].script = Script(ring="answer", answer_after_s=2)     # of one point; also while it is live
        await crowd.until("asked", lambda: crowd.heard("roll_call") == len(codes))

They are the desks of the rehearsal (`rehearsal/desks.py`, which see), with the secrets of a service that a test started. A call
that a point answers waits for media until the domain gives up on it, unless the test publishes for it
(`tests/harness/webrtc.py`, with `point.token` as the bearer).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import config.keys
from cli.files import raise_open_files
from rehearsal import rooms
from rehearsal.desks import CONCURRENT_JOINS, Confirmation, Desks, Message, Place, RefusedError, Script
from rehearsal.desks import Desk as CrowdPoint
from rehearsal.still_sender import EVERY_S, StillSender
from tests.harness.wait import until

__all__ = ["CONCURRENT_JOINS", "SILENT", "Confirmation", "Crowd", "CrowdPoint", "Message", "RefusedError", "Script", "stills_of"]

SILENT = Script(ring="ignore")


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


class Crowd(Desks):
    """See the module's text. Use it as a context manager: the end closes every connection."""

    def __init__(
        self,
        service: Address,
        *,
        session: str | None = None,
        reconnects: bool = False,
        concurrent: int = CONCURRENT_JOINS,
        seed: int = 1,
    ) -> None:
        key = config.keys.load_keys(service.data_dir).link_key

        def secret_of(code: str) -> str:
            """Computed here once more, so that a mistake of the service's own arithmetic shows."""
            mac = hmac.digest(key, f"point:{code}:0".encode(), hashlib.sha256)
            return base64.urlsafe_b64encode(mac).decode()[:22]

        place = Place(service.host, service.http_port, session or service.session)
        super().__init__(place, secret_of, reconnects=reconnects, concurrent=concurrent, seed=seed)

    async def __aenter__(self) -> Self:
        raise_open_files()
        return await super().__aenter__()

    async def until(self, what: str, condition: Callable[[], Any], within_s: float = 30) -> Any:
        """As `wait.until`."""
        return await until(what, condition, within_s)


@contextlib.asynccontextmanager
async def stills_of(crowd: Desks, codes: Sequence[str], *, every_s: float = EVERY_S, seed: int = 1) -> AsyncIterator[StillSender]:
    """While it is entered, those of these points that are live send stills: drawn desks, of each kind some."""
    pictures = await asyncio.to_thread(rooms.cast, len(codes), seed)  # seconds, in which pings want their pongs
    sender = StillSender(crowd, dict(zip(codes, pictures, strict=True)), every_s=every_s, seed=seed)
    sending = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
