"""All simulated points of a process: they join, keep consent, report, leave, drop and come back.

    swarm = Swarm("http://127.0.0.1:8080", "main", sample=100, seed=1)
    await swarm.start()
    point = swarm.add("26740", token)
    times = await swarm.join(point)
    mark = await swarm.begin_window(center)
    ...
    window = await swarm.end_window(mark, center)

Theory of operation. Most points share the *bulk* socket, where the kernel counts and drops their media; a sample of them, spread
evenly over all that were added before the first one joins, shares another, where every packet is read and compared. One wheel has
all points' checks and reports; there is no task and no timer per point, only one task for each join while it lasts.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import resource
import time
from collections import Counter, deque
from collections.abc import Callable

from rehearsal.handshake import Identity, MediaKeys
from rehearsal.joining import Admitted, Doors
from rehearsal.kernel_count import KernelCount, KernelCountMissingError
from rehearsal.line import Line
from rehearsal.measures import AnswerTimes, Counts, JoinFailedError, JoinTimes, SampleCounts, Sent, Window
from rehearsal.offers import POINT_SLOTS, Answer, viewer_offer
from rehearsal.peers import Peer, PeerState
from rehearsal.points import Pausing, PointMedia
from rehearsal.publisher import Rates
from rehearsal.readers import reader_of
from rehearsal.samples import SampleReader
from rehearsal.sockets import PointSocket
from rehearsal.studio import Studio, ice_credentials
from rehearsal.wheel import TICK_S, Wheel
from rehearsal.whep import HttpPool
from rehearsal.windows import Mark, PointCount, window_of

__all__ = ["PointMedia", "Swarm"]

CHECK_EVERY_S, CHECK_JITTER_S = 2.5, 0.25
"""As Chromium does once a line is stable."""
REPORT_EVERY_S = 1.0
"""As Chromium does. Points are spread over the second when they join, and stay where they are: RFC 3550 §6.2's jitter for each
report would cost as much as the report."""
NACK_EVERY_S = 0.1
EXCUSED_S = 5.0
"""How long gaps are this process's own after it left something unread: what waits in the socket is read within that time."""
STALLED_S = 1.0
JOINS_AT_ONCE = 64
NUMBERS = range(1, 32_700)
"""Of addresses; each join takes one that was not used lately, as a browser takes a new port."""
POINT_RATES = Rates(video_pps=60, audio_pps=50)
"""What a point sends that answers a call: some 0.6 Mb/s."""
QUIET_S, DRAIN_WITHIN_S, LOOK_S = 0.6, 1.8, 0.05
"""Around a window: the service takes a feed for ended that is silent for 2.5 s."""


class Swarm:
    """See the module's text.

    Args:
        base_url: of the service: http://HOST:PORT.
        session: where all points join.
        sample: how many points' media is read and compared.
        seed: for credentials, jitter and pretended losses.
        whole_bursts: the bulk socket takes a burst of the service (``UDP_SEGMENT``) uncut, as a network card with segmentation
            offload would; else the kernel cuts it up, at the expense of whoever sent it, as it does for the floor.

    """

    def __init__(
        self,
        base_url: str,
        session: str,
        *,
        sample: int = 100,
        seed: int = 0,
        whole_bursts: bool = True,
        joins_at_once: int = JOINS_AT_ONCE,
    ) -> None:
        self.points: list[PointMedia] = []
        self._session, self._sample, self._seed, self._whole_bursts = session, sample, seed, whole_bursts
        self._random = random.Random(f"swarm {seed}")  # noqa: S311 (simulated credentials keep nothing safe)
        self._http = HttpPool(base_url, min(32, joins_at_once))
        self._doors = Doors(self._http, self._random)
        self._gate = asyncio.Semaphore(joins_at_once)
        self._fresh = deque(NUMBERS)
        self._failures: Counter[str] = Counter()
        self._joins = self._consent_lost = self._closed = 0
        self._past: Counter[str] = Counter()
        self._sample_counts = SampleCounts()
        self._is_sample_settled = False
        self._kernel_count: KernelCount | None = None
        self._final_bulk: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._nacks_at = 0.0
        self._turned_at = self._judges_from = 0.0
        self._unread = 0
        self._excused_until: float | None = None
        self.on_lost: Callable[[PointMedia, str], None] | None = None
        """Called when a point's line ends without its doing: ``consent`` (15 s without an answer) or ``closed`` (by the service).
        It is no longer joined then; :meth:`come_back` brings it back."""

    async def start(self) -> None:
        """Open the sockets and begin to turn the wheel.

        Raises:
            OSError: no sockets to be had.
        """
        self._loop = asyncio.get_running_loop()
        self._identity = Identity(dt.datetime.now(dt.UTC))
        try:
            self._kernel_count = KernelCount()
        except KernelCountMissingError:
            self._kernel_count = None
        bulk = PointSocket("count", count=self._kernel_count, whole_bursts=self._whole_bursts)
        self._bulk, self._sampled = Line(bulk, is_polled=True), Line(PointSocket("read"), is_polled=True)
        self._studio = Studio(self._doors, self._session, self._identity, self._seed)
        now = time.monotonic()
        self._checks: Wheel[tuple[PointMedia, Peer]] = Wheel(now)
        self._reports: Wheel[tuple[PointMedia, Peer]] = Wheel(now)
        self._timer = self._loop.call_later(TICK_S, self._turn)

    @property
    def counts_each_point(self) -> bool:
        """Whether the kernel counts point by point (eBPF)."""
        return self._kernel_count is not None

    def add(self, code: str, token: str, *, is_sampled: bool | None = None) -> PointMedia:
        """A point; nothing is sent yet. ``is_sampled`` decides by hand what the swarm would decide."""
        point = PointMedia(code, token, publisher_id=len(self.points) + 1, is_sampled=is_sampled)
        if is_sampled is None and self._is_sample_settled:
            point.is_sampled = False
        self.points.append(point)
        return point

    def _settle_sample(self) -> None:
        """Spread the sample evenly over the points in the order of their codes."""
        self._is_sample_settled = True
        free = sorted((point for point in self.points if point.is_sampled is None), key=lambda point: point.code)
        wanted = min(len(free), max(0, self._sample - sum(point.is_sampled is True for point in self.points)))
        chosen = {int((number + 0.5) * len(free) / wanted) for number in range(wanted)} if wanted else set()
        for place, point in enumerate(free):
            point.is_sampled = place in chosen

    # -- coming and going

    async def join(self, point: PointMedia) -> JoinTimes:
        """Let a point join; returns once it is connected. ``first_packet_at`` is filled in later, for sampled points.

        Raises:
            JoinFailedError: it did not get in; :attr:`JoinFailedError.reason` is counted.
            RuntimeError: it has joined already.
        """
        if point.peer is not None or point.task is not None:
            raise RuntimeError(f"{point.code} has joined already; drop it or let it leave first")
        if not self._is_sample_settled:
            self._settle_sample()
        times = point.times = JoinTimes(time.monotonic())
        point.task = asyncio.current_task()
        self._joins += 1
        try:
            async with self._gate:
                await self._enter(point, times)
        except JoinFailedError as error:
            self._failures[error.reason] += 1
            raise
        except asyncio.CancelledError:
            self._failures["ended"] += 1
            raise
        finally:
            point.task = None
        return times

    async def _enter(self, point: PointMedia, times: JoinTimes) -> None:
        if not self._fresh:
            raise JoinFailedError("busy", "all simulated addresses are in use")
        number = self._fresh.popleft()
        line = self._sampled if point.is_sampled else self._bulk
        peer = Peer(number, *ice_credentials(self._random), self._identity, self._random.getrandbits(128))
        admitted: Admitted | None = None
        try:
            offer = viewer_offer(peer.ufrag, peer.pwd, self._identity.fingerprint, self._random.getrandbits(62), POINT_SLOTS)
            path = f"/whep/{self._session}"
            admitted = await self._doors.enter(path, point.token, offer, times, time.monotonic)
            answer = admitted.answer
            if point.is_sampled:
                peer.make_reader = lambda keys: self._reader(point, keys, answer)
            await line.connect(peer, answer)
        except BaseException:
            self._fresh.append(number)
            if admitted is not None:
                await asyncio.shield(self._doors.leave(admitted.path, point.token))
            raise
        now = times.connected_at = time.monotonic()
        point.peer, point.resource = peer, admitted.path
        peer.loss = point.loss
        self._checks.add((point, peer), now + CHECK_EVERY_S * self._random.random())
        self._reports.add((point, peer), now + REPORT_EVERY_S * self._random.random())

    def _reader(self, point: PointMedia, keys: MediaKeys, answer: Answer) -> SampleReader:
        reader = reader_of(keys, answer, POINT_SLOTS, self._sample_counts, self._random.getrandbits(32))
        reader.loss = point.loss
        return reader

    async def leave(self, point: PointMedia) -> None:
        """Let a point close its page: DELETE, then silence. Nothing happens to one that has not joined."""
        resource = point.resource
        self.drop(point)
        if resource:
            await self._doors.leave(resource, point.token)

    def drop(self, point: PointMedia) -> None:
        """Cut a point's line: it falls silent at once, and the service has to find out."""
        peer, point.peer, point.resource = point.peer, None, ""
        if point.publisher is not None:
            self._studio.drop(point.publisher)
            self._fresh.append(point.publisher.number)
            point.publisher = None
        if peer is not None:
            self._note_past(peer)
            (self._sampled if point.is_sampled else self._bulk).remove(peer)
            self._fresh.append(peer.number)

    async def come_back(self, point: PointMedia) -> JoinTimes:
        """Let a point join again, from another port and with other credentials, as its page does after a reload.

        Raises:
            JoinFailedError: as :meth:`join`.
        """
        self.drop(point)
        return await self.join(point)

    def lose(self, point: PointMedia, share: float) -> None:
        """Let a point claim to have lost a share of its packets (0 to 1) from now on.

        A sampled point treats so many packets as if they had not come, and asks for them again; any other can only say so in its
        reports, for it does not see its packets' numbers.
        """
        point.loss = share
        if point.peer is not None:
            point.peer.loss = share
            if point.peer.reader is not None:
                point.peer.reader.loss = share

    # -- answering a call

    async def prepare(self, point: PointMedia, token: str) -> AnswerTimes:
        """Connect a point's publisher while the call rings, as its page does; it sends nothing yet.

        Raises:
            JoinFailedError: it did not get in.
        """
        if point.publisher is not None:
            raise RuntimeError(f"{point.code} has a publisher already; hang up first")
        number = self._fresh.popleft()
        try:
            point.publisher, times = await self._studio.join(number, point.publisher_id, token)
        except BaseException:
            self._fresh.append(number)
            raise
        return times

    async def answer(self, point: PointMedia, token: str, rates: Rates = POINT_RATES) -> AnswerTimes:
        """Let a point send picture and sound, connecting first where :meth:`prepare` has not.

        Raises:
            JoinFailedError: it did not get in.
        """
        now = time.monotonic()
        times = AnswerTimes(now, now, now) if point.publisher is not None else await self.prepare(point, token)
        publisher = point.publisher
        if publisher is None:
            raise JoinFailedError("ended", "hung up meanwhile")
        self._studio.start(publisher, rates)
        times.sending_at = publisher.first_media_at
        return times

    async def hang_up(self, point: PointMedia) -> None:
        """End a point's publisher; nothing happens where there is none."""
        publisher, point.publisher = point.publisher, None
        if publisher is not None:
            await self._studio.leave(publisher)
            self._fresh.append(publisher.number)

    # -- time

    def _turn(self) -> None:
        """One tick. The wheel goes on turning whatever happens in it."""
        self._timer = self._loop.call_later(TICK_S, self._turn)
        self._bulk.poll()
        self._sampled.poll()
        self._do_what_is_due(time.monotonic())

    def _do_what_is_due(self, now: float) -> None:
        """Checks, reports, NACKs."""
        bulk, sampled, rand = self._bulk, self._sampled, self._random.random
        if now - self._turned_at > STALLED_S:
            # This process stood still: answers may wait in the sockets, and are read before anybody is given up.
            self._judges_from = now + STALLED_S
        self._turned_at = now
        to_bulk, to_sampled = bulk.socket.queue, sampled.socket.queue
        may_judge = now >= self._judges_from
        for item in self._checks.advance(now):
            point, peer = item
            if point.peer is not peer:
                continue
            if peer.state is not PeerState.CONNECTED or (may_judge and not peer.has_consent(now)):
                self._lose_line(point, peer)
                continue
            data = peer.check()
            if data is not None:
                (to_sampled if point.is_sampled else to_bulk)(data, peer.number, peer.to)
            self._checks.add(item, now + CHECK_EVERY_S + (rand() - 0.5) * 2 * CHECK_JITTER_S)
        reporting = []
        for item in self._reports.advance(now):
            point, peer = item
            if point.peer is not peer or peer.state is not PeerState.CONNECTED:
                continue
            data = peer.report(now)
            if data is not None:
                (to_sampled if point.is_sampled else to_bulk)(data, peer.number, peer.to)
            reporting.append(item)
        self._reports.extend(reporting, now + REPORT_EVERY_S)
        if now >= self._nacks_at:
            self._nacks_at = now + NACK_EVERY_S
            self._ask_again(now)
        bulk.socket.flush()
        sampled.socket.flush()

    def _lose_line(self, point: PointMedia, peer: Peer) -> None:
        is_closed = peer.state is PeerState.ENDED
        if is_closed:
            self._closed += 1
        else:
            self._consent_lost += 1
        self.drop(point)
        if self.on_lost is not None:
            self.on_lost(point, "closed" if is_closed else "consent")

    def _ask_again(self, now: float) -> None:
        unread = self._sampled.socket.dropped()
        if unread > self._unread:
            self._unread, self._excused_until = unread, now + EXCUSED_S
        if self._excused_until is not None:
            is_over = now >= self._excused_until
            for peer in self._sampled.peers.values():
                if peer.reader is not None:
                    peer.reader.excuse()
                    peer.reader.is_excused = not is_over
            if is_over:
                self._excused_until = None
        for peer in self._sampled.peers.values():
            if peer.reader is not None:
                peer.reader.handle_timeout(now)
                data = peer.nacks(now)
                if data is not None:
                    self._sampled.socket.queue(data, peer.number, peer.to)

    # -- figures

    def _note_past(self, peer: Peer) -> None:
        """Keep the counters of a peer that goes."""
        self._past["checks_sent"] += peer.checks_sent
        self._past["checks_answered"] += peer.checks_answered
        self._past["reports_sent"] += peer.reports_sent
        self._past["reports_received"] += peer.reports_received

    def counts(self) -> Counts:
        """Everything so far; some 10 ms with ten thousand points."""
        totals = Counter(self._past)
        joined = connected = 0
        for point in self.points:
            peer = point.peer
            if peer is None:
                continue
            joined += 1
            connected += peer.state is PeerState.CONNECTED
            totals["checks_sent"] += peer.checks_sent
            totals["checks_answered"] += peer.checks_answered
            totals["reports_sent"] += peer.reports_sent
            totals["reports_received"] += peer.reports_received
            reader = peer.reader
            if reader is not None and point.times is not None:
                point.times.first_packet_at = reader.first_packet_at
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return Counts(
            points=len(self.points),
            joined=joined,
            connected=connected,
            sampled=sum(point.is_sampled is True for point in self.points),
            joins=self._joins,
            join_failures=dict(self._failures),
            refused_503=self._doors.refused,
            bulk_packets=self.bulk_packets(),
            sample_unread=self._sampled.socket.dropped(),
            sample=self._sample_counts.copy(),
            checks_sent=totals["checks_sent"],
            checks_answered=totals["checks_answered"],
            reports_sent=totals["reports_sent"],
            reports_received=totals["reports_received"],
            consent_lost=self._consent_lost,
            closed=self._closed,
            cpu_s=usage.ru_utime + usage.ru_stime,
        )

    def bulk_packets(self) -> int:
        """Media packets that the kernel counted for points that are not sampled."""
        if self._kernel_count is None:
            return self._bulk.socket.dropped() if self._final_bulk is None else self._final_bulk
        return sum(self._kernel_count.all())

    def mark(self, sent: Sent) -> Mark:
        """The beginning of a measured window; ``sent`` is the center's count at this moment."""
        counters = self._kernel_count.all() if self._kernel_count is not None else None
        points: dict[Peer, PointCount] = {}
        for point in self.points:
            peer = point.peer
            if peer is None or peer.state is not PeerState.CONNECTED:
                continue
            reader = peer.reader
            if reader is not None:
                points[peer] = PointCount(reader.received, is_sampled=True, is_lossy=point.loss > 0)
            else:
                points[peer] = PointCount(counters[peer.number] if counters is not None else None, False, False)
        return Mark(
            time.monotonic(), sent, points, self.bulk_packets(), self._sample_counts.copy(), self._sampled.socket.dropped()
        )

    def since(self, mark: Mark, sent: Sent) -> Window:
        """What happened since a mark; ``sent`` is the center's count at this moment.

        What is under way at either end is counted wrongly: with a delay of 50 ms that is 5 packets of a second's 100. For a
        delivered share that is worth its third digit, use :meth:`begin_window` and :meth:`end_window`.
        """
        return window_of(mark, self.mark(sent))

    async def begin_window(self, center: Pausing) -> Mark:
        """Let the center pause until everything has arrived, mark, and let it go on."""
        await self._drain(center)
        mark = self.mark(center.sent())
        center.resume()
        return mark

    async def end_window(self, mark: Mark, center: Pausing) -> Window:
        """Let the center pause until everything has arrived, 1.8 s at most; take the window, and let the center go on."""
        center.pause()
        deadline = time.monotonic() + DRAIN_WITHIN_S
        while True:
            await asyncio.sleep(LOOK_S)
            window = self.since(mark, center.sent())
            if window.delivered_packets >= window.expected_packets or time.monotonic() >= deadline:
                break
        center.resume()
        return window

    async def _drain(self, center: Pausing) -> None:
        """Pause the center until nothing has come for 0.6 s, at most 1.8 s.

        On a machine that has too much to do, the service may stand still for half as long and then go on.
        """
        center.pause()
        began = quiet_since = time.monotonic()
        arrived = -1
        while time.monotonic() - quiet_since < QUIET_S and time.monotonic() - began < DRAIN_WITHIN_S:
            now_arrived = self.bulk_packets() + self._sample_counts.packets
            if now_arrived != arrived:
                arrived, quiet_since = now_arrived, time.monotonic()
            await asyncio.sleep(LOOK_S)

    async def close(self, *, leaves: bool = True) -> None:
        """End everything: every point that is joined leaves with a DELETE, some at a time, then the sockets close.

        Without ``leaves`` all fall silent at once, as after a power cut. :meth:`counts` still tells what was.
        """
        for point in self.points:
            if point.task is not None:
                point.task.cancel()
        if not leaves:
            for point in self.points:
                self.drop(point)
        await asyncio.gather(*(self.leave(point) for point in self.points if point.peer is not None))
        if self._timer is not None:
            self._timer.cancel()
            self._bulk.close()
            self._sampled.close()
            self._studio.close()
        if self._kernel_count is not None:
            self._final_bulk = self.bulk_packets()
            self._kernel_count.close()
            self._kernel_count = None
        await self._http.close()
