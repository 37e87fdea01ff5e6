"""Simulated publishers on a socket of their own: they join by WHIP, keep consent, and send when it is time.

The asyncio shell of :mod:`rehearsal.publisher`. One timer serves all of them; a rehearsal has one center and, at a time, as many
points that speak as there are calls: some tens.
"""

from __future__ import annotations

import asyncio
import random
import time

from rehearsal.handshake import Identity
from rehearsal.joining import Admitted, Doors
from rehearsal.line import Line
from rehearsal.measures import AnswerTimes, JoinFailedError, JoinTimes
from rehearsal.offers import publisher_offer
from rehearsal.peers import PeerState
from rehearsal.publisher import Publisher, Rates
from rehearsal.sockets import PointSocket

CHECK_EVERY_S = 2.5
REPORT_EVERY_S = 1.0
NTP_UNIX_OFFSET_S = 2_208_988_800
PUBLISHERS_MAX = 256
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def ice_credentials(generator: random.Random) -> tuple[str, str]:
    """A ufrag and a password as long as Chromium's."""
    return "".join(generator.choices(_ALPHABET, k=4)), "".join(generator.choices(_ALPHABET, k=24))


class Studio:
    """Publishers of one process.

    Args:
        doors: where they join.
        session: the session they join.
        identity: the certificate.
        seed: for their credentials, SSRCs and first numbers.
    """

    def __init__(self, doors: Doors, session: str, identity: Identity, seed: int) -> None:
        self._doors, self._session, self._identity = doors, session, identity
        self._random = random.Random(f"studio {seed}")  # noqa: S311 (simulated credentials keep nothing safe)
        self._loop = asyncio.get_running_loop()
        self._line = Line(PointSocket("read"))
        self._resources: dict[int, tuple[Admitted, str]] = {}
        self._due: dict[int, list[float]] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def join(self, number: int, publisher: int, token: str) -> tuple[Publisher, AnswerTimes]:
        """A connected publisher that does not send yet, at the address of ``number``.

        Raises:
            JoinFailedError: it did not get in.
        """
        if len(self._due) >= PUBLISHERS_MAX:
            raise JoinFailedError("busy", f"more than {PUBLISHERS_MAX} simulated publishers at once")
        peer = Publisher(
            number,
            *ice_credentials(self._random),
            self._identity,
            self._random.getrandbits(128),
            publisher=publisher,
            clock_ns=time.monotonic_ns,
            ntp_offset_s=time.time() + NTP_UNIX_OFFSET_S - time.monotonic(),
        )
        offer = publisher_offer(peer.ufrag, peer.pwd, self._identity.fingerprint, self._random.getrandbits(62), peer.sending)
        times = JoinTimes(time.monotonic())
        admitted = await self._doors.enter(f"/whip/{self._session}", token, offer, times, time.monotonic)
        try:
            await self._line.connect(peer, admitted.answer)
        except BaseException:
            # Hung up meanwhile, or it could not connect: the service shall not wait for it.
            await asyncio.shield(self._doors.leave(admitted.path, token))
            raise
        now = time.monotonic()
        self._resources[number] = admitted, token
        self._due[number] = [now + CHECK_EVERY_S, now + REPORT_EVERY_S]
        self._arm()
        return peer, AnswerTimes(times.started_at or times.asked_at, times.answered_at, now)

    def start(self, peer: Publisher, rates: Rates) -> None:
        """Let a publisher send; its first packets leave before this returns."""
        peer.start(rates, time.monotonic())
        self._pump()

    def stop(self, peer: Publisher) -> None:
        """Let a publisher be silent; it stays connected."""
        peer.stop()

    async def leave(self, peer: Publisher) -> None:
        """End a publisher: DELETE, then silence."""
        peer.stop()
        admitted = self._resources.pop(peer.number, None)
        if admitted is not None:
            await self._doors.leave(admitted[0].path, admitted[1])
        self.drop(peer)

    def drop(self, peer: Publisher) -> None:
        """End a publisher without a word."""
        self._resources.pop(peer.number, None)
        self._due.pop(peer.number, None)
        self._line.remove(peer)

    def _publishers(self) -> list[Publisher]:
        return [peer for peer in self._line.peers.values() if isinstance(peer, Publisher) and peer.number in self._due]

    def _pump(self) -> None:
        """Send what is due, and arm the timer for what is next."""
        now = time.monotonic()
        for peer in self._publishers():
            if peer.state is not PeerState.CONNECTED:
                continue
            while peer.next_media_at() <= now:
                for data in peer.media(now):
                    self._line.socket.queue(data, peer.number, peer.to)
            self._keep_up(peer, now)
        self._line.socket.flush()
        self._arm()

    def _keep_up(self, peer: Publisher, now: float) -> None:
        due = self._due[peer.number]
        for which, every_s, make in ((0, CHECK_EVERY_S, peer.check), (1, REPORT_EVERY_S, lambda: peer.report(now))):
            if due[which] <= now:
                due[which] = now + every_s
                data = make()
                if data is not None:
                    self._line.socket.queue(data, peer.number, peer.to)

    def _arm(self) -> None:
        moments = [min(peer.next_media_at(), *self._due[peer.number]) for peer in self._publishers()]
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if moments:
            self._timer = self._loop.call_at(min(moments), self._pump)

    def close(self) -> None:
        """End everything without a word."""
        if self._timer is not None:
            self._timer.cancel()
        self._due.clear()
        self._line.close()
