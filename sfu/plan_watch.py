"""The node's eye on the forwarding plans in Redis: what changed is read at once, everything again every few seconds.

Pub/sub is only the bell; the plan itself is always read from its key, so a message lost while Redis was away costs seconds and
never a wrong picture. Without Redis the node goes on with the plans it has.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from sfu.ids import SessionId
from sfu.plan import Plan, PlanError, parse_plan

POLL_S = 1.0
RETRY_S = 0.3
log = structlog.get_logger()


class PlanWatch:
    """Reads plans and hands them on. Plans of sessions that this node does not serve are not read.

    Args:
        redis: a client of its own.
        prefix: key prefix.
        sessions: names the sessions this node has peers for.
        take: receives every plan read; whether it is newer is for the receiver to see.
    """

    def __init__(
        self, redis: Redis, prefix: str, sessions: Callable[[], Iterable[SessionId]], take: Callable[[Plan], object]
    ) -> None:
        self._redis, self._prefix, self._sessions, self._take = redis, prefix, sessions, take
        self.is_connected = False

    async def read(self, session: SessionId) -> None:
        """Reads one session's plan now; does nothing when there is none.

        Raises:
            RedisError: Redis is not there.
        """
        text = await self._redis.get(f"{self._prefix}plan:{session}")
        if text is None:
            return
        try:
            plan = parse_plan(text)
            if plan.session != session:
                raise PlanError("it is another session's")
        except PlanError as error:
            log.error("plan_unreadable", session=session, error=str(error))
            return
        self._take(plan)

    async def run(self) -> None:
        """Watches until cancelled, through every outage of Redis."""
        while True:
            try:
                await self._watch()
            except (RedisError, OSError) as error:
                if self.is_connected:
                    log.warning("plan_watch_lost", error=type(error).__name__)
                self.is_connected = False
                await asyncio.sleep(RETRY_S)
            except Exception:  # noqa: BLE001 (a watch that ended in silence would leave the node on an old plan for ever)
                log.error("plan_watch_failed", traceback=traceback.format_exc())
                self.is_connected = False
                await asyncio.sleep(POLL_S)

    async def _watch(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(f"{self._prefix}plan")
            for session in list(self._sessions()):
                await self.read(session)
            self.is_connected = True
            while True:
                message = await channel.get_message(timeout=POLL_S)
                if message is not None:
                    session = SessionId(bytes(message["data"]).decode("utf-8", "replace"))
                    if session in self._sessions():
                        await self.read(session)
                    continue
                for session in list(self._sessions()):
                    await self.read(session)
