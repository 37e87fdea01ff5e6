"""The simulated center: what it publishes, and what it sees of those who answer."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
import time

from rehearsal.handshake import Identity
from rehearsal.joining import Doors
from rehearsal.line import Line
from rehearsal.measures import JoinTimes, SampleCounts, Sent
from rehearsal.offers import CONSOLE_SLOTS, viewer_offer
from rehearsal.peers import Peer, PeerState
from rehearsal.publisher import KEYFRAME_PACKETS, Publisher, Rates
from rehearsal.readers import reader_of
from rehearsal.sockets import PointSocket
from rehearsal.studio import CHECK_EVERY_S, REPORT_EVERY_S, Studio, ice_credentials
from rehearsal.whep import HttpPool

CENTER = 0
"""What the center's packets say who they are from; a point's say its number, from 1."""
CENTER_NUMBER, WATCHER_NUMBER = 32_701, 32_702
"""Of their addresses, beyond all points."""
NACK_EVERY_S = 0.1


class Center:
    """A publisher over WHIP with a token that presides.

    Args:
        base_url: of the service.
        session: what it publishes in.
        token: of a center.
        seed: for its credentials and first numbers.
    """

    def __init__(self, base_url: str, session: str, token: str, *, seed: int = 0) -> None:
        self._session, self._token, self._seed = session, token, seed
        self._http = HttpPool(base_url, connections=1)
        self._doors = Doors(self._http, random.Random(seed))  # noqa: S311
        self._studio: Studio | None = None
        self._publisher: Publisher | None = None
        self._rates = Rates()

    async def start(self, video_pps: int = 100, audio_pps: int = 50, *, keyframe_packets: int = KEYFRAME_PACKETS) -> None:
        """Join and publish.

        Raises:
            JoinFailedError: it did not get in.
        """
        self._rates = Rates(video_pps, audio_pps, keyframe_packets)
        self._studio = Studio(self._doors, self._session, Identity(dt.datetime.now(dt.UTC)), self._seed)
        try:
            self._publisher, _ = await self._studio.join(CENTER_NUMBER, CENTER, self._token)
        except BaseException:
            await self.stop()
            raise
        self._studio.start(self._publisher, self._rates)

    def pause(self) -> None:
        """Publish nothing for a moment, so that what was sent can arrive and be counted; less than 2 s, or the service takes the
        feed for ended."""
        if self._studio is not None and self._publisher is not None:
            self._studio.stop(self._publisher)

    def resume(self) -> None:
        """Go on after :meth:`pause`, with a key frame."""
        if self._studio is not None and self._publisher is not None:
            self._studio.start(self._publisher, self._rates)

    def sent(self) -> Sent:
        """What it has sent so far."""
        return self._publisher.sent() if self._publisher is not None else Sent()

    @property
    def is_live(self) -> bool:
        """Whether it is connected: the service has not closed it."""
        return self._publisher is not None and self._publisher.state is PeerState.CONNECTED

    async def stop(self) -> None:
        """Leave; may be called twice."""
        if self._studio is not None and self._publisher is not None:
            await self._studio.leave(self._publisher)
        if self._studio is not None:
            self._studio.close()
            self._studio = None
        await self._http.close()


class Watcher:
    """What the center sees: a viewer of a console with its monitors, which reads everything it gets.

    Args:
        base_url, session: where.
        token: of a center or an operator: a console's, which gets monitors.
        seed: for its credentials.
    """

    def __init__(self, base_url: str, session: str, token: str, *, seed: int = 0) -> None:
        self._session, self._token = session, token
        self._random = random.Random(f"watcher {seed}")  # noqa: S311
        self._http = HttpPool(base_url, connections=1)
        self._doors = Doors(self._http, self._random)
        self._loop = asyncio.get_running_loop()
        self._line: Line | None = None
        self._peer: Peer | None = None
        self._path = ""
        self._tick: asyncio.TimerHandle | None = None
        self._check_at = self._report_at = 0.0
        self.counts = SampleCounts()
        """What it received."""

    async def start(self) -> JoinTimes:
        """Join.

        Raises:
            JoinFailedError: it did not get in.
        """
        identity = Identity(dt.datetime.now(dt.UTC))
        peer = Peer(WATCHER_NUMBER, *ice_credentials(self._random), identity, self._random.getrandbits(128))
        offer = viewer_offer(peer.ufrag, peer.pwd, identity.fingerprint, self._random.getrandbits(62), CONSOLE_SLOTS)
        times = JoinTimes(time.monotonic())
        admitted = await self._doors.enter(f"/whep/{self._session}", self._token, offer, times, time.monotonic)
        self._path = admitted.path
        self._line = Line(PointSocket("read"))
        peer.make_reader = lambda keys: reader_of(keys, admitted.answer, CONSOLE_SLOTS, self.counts, 0)
        await self._line.connect(peer, admitted.answer)
        times.connected_at = time.monotonic()
        self._peer = peer
        self._keep_up()
        return times

    def first_packet_at(self, publisher: int) -> float | None:
        """When the first packet of a publisher came, in monotonic seconds by the kernel's clock, in whatever slot; None before.

        Since :meth:`forget`, or since the beginning.
        """
        if self._peer is None or self._peer.reader is None:
            return None
        return min((at for (who, _), at in self._peer.reader.publishers.items() if who == publisher), default=None)

    def seen(self) -> dict[tuple[int, str], float]:
        """When the first packet of each publisher came in each slot."""
        return dict(self._peer.reader.publishers) if self._peer is not None and self._peer.reader is not None else {}

    def forget(self, publisher: int) -> None:
        """Let :meth:`first_packet_at` begin anew for a publisher that will be called again."""
        if self._peer is not None and self._peer.reader is not None:
            self._peer.reader.forget_publisher(publisher)

    def _keep_up(self) -> None:
        peer, line = self._peer, self._line
        if peer is None or line is None or peer.reader is None or peer.state is not PeerState.CONNECTED:
            return
        now = time.monotonic()
        peer.reader.handle_timeout(now)
        due = [peer.nacks(now)]
        if now >= self._check_at:
            self._check_at = now + CHECK_EVERY_S
            due.append(peer.check())
        if now >= self._report_at:
            self._report_at = now + REPORT_EVERY_S
            due.append(peer.report(now))
        for data in due:
            if data is not None:
                line.socket.queue(data, peer.number, peer.to)
        line.socket.flush()
        self._tick = self._loop.call_later(NACK_EVERY_S, self._keep_up)

    async def stop(self) -> None:
        """Leave; may be called twice."""
        if self._tick is not None:
            self._tick.cancel()
        if self._path:
            await self._doors.leave(self._path, self._token)
            self._path = ""
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.close()
            self._line = None
        await self._http.close()
