"""The node process: one socket, one timer, one control connection, one eye on the plans. Everything else is the engine's."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import structlog
import uvloop
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from config import heap
from config.keys import load_keys
from config.model import Settings
from config.process import resident_bytes
from sfu import control_wire as wire
from sfu.control import Answer, ControlServer, Pages, RequestRefusedError
from sfu.dispatch import Dispatcher
from sfu.dtls import DtlsCertificate
from sfu.engine import Engine, EngineError
from sfu.hotpath import select
from sfu.ids import STREAM, Address, FeedId, PeerId, SessionId, SlotName, is_stream
from sfu.intake import Intake
from sfu.join import Joiner
from sfu.net.recorder_line import RecorderLine
from sfu.net.tcp import bind_media
from sfu.numbers import LoopLag, layer_numbers
from sfu.peer import Peer
from sfu.plan import Plan
from sfu.plan_watch import PlanWatch
from sfu.selector import Level
from sfu.tap import Tap
from sfu.viewer import NTP_UNIX_OFFSET_S
from sfu.wire.sdp import SdpError

READS_PER_TURN = 64
"""Datagrams read before timers and slices get their turn."""
PLAN_AT_JOIN_S = 0.5
"""How long the first join of a session waits for its plan; Redis may hang, and the watch reads it later anyhow."""
FAULT_LOG_S = 10.0
"""One traceback is logged in this time, whatever the number of faults: a fault in every packet would fill the disk."""
RECORDER_BEAT_S = 1.0
GREETING_PEERS_MAX = 600
"""Peers in one line to a new control connection: at most 353 bytes each, and a line has 256 KiB. Publishers are in the last one,
the answer to the hello."""
log = structlog.get_logger()


class Node:
    """The shell around an :class:`Engine`: drains it after every event and arms its one timer."""

    def __init__(self, settings: Settings) -> None:
        """Binds the media socket.

        Raises:
            OSError: the port is taken; the text names the setting.
            CoreMissingError: the settings require the native core, and it was not built.
        """
        core = select(settings.media.core)
        self._fanout_missing = core.missing
        keys = load_keys(settings.data_dir)
        self.epoch = secrets.token_hex(8)
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._socket, self._tcp = bind_media(settings.media.host, settings.media.port, with_tcp=settings.media.tcp)
        self._fanout = core.fanout(self._socket, settings.media.fanout_threads)
        now = self._loop.time()
        ntp_offset_s = time.time() + NTP_UNIX_OFFSET_S - now
        self._intake = None if core.intake is None else core.intake(self._socket.fileno(), ntp_offset_s)
        self._recorder = RecorderLine(str(settings.recorder_socket))
        self._tap = Tap(self._recorder.send)
        dispatcher = Dispatcher(self._fanout)
        dispatcher.record, dispatcher.record_news = self._tap.take, self._tap.tell
        self._engine = Engine(
            dispatcher,
            ntp_offset_s=ntp_offset_s,
            started_at=now,
            intake=self._intake,
            stream_outlets=None if self._tcp is None else self._tcp.outlets,
        )
        port = self._socket.address[1]
        transports = ("",) if self._tcp is None else ("", STREAM)
        self._joiner = Joiner(
            certificate=DtlsCertificate.generate(),
            candidates=tuple((transport + host, port) for transport in transports for host in settings.media_announce),
            publisher_ceiling_bps=settings.media.publisher_max_bps,
            keyframe_interval_s=settings.media.keyframe_interval_s,
            audio_ptime_ms=settings.media.audio_ptime_ms,
        )
        self._control = ControlServer(settings.control_address, settings.control_secret(keys), self._perform, self._greeting)
        # The watch tries again by itself; a client that does so too would only hide how long Redis is away.
        self._redis = Redis.from_url(
            settings.redis_url(keys), socket_connect_timeout=2, socket_timeout=5, retry=Retry(NoBackoff(), 0)
        )
        self._plans = PlanWatch(self._redis, settings.redis.prefix, self._engine.sessions, self._take_plan)
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = now
        self._lag = LoopLag(now)
        self._is_sending = False
        self._shell_faults = 0
        self._fault_logged_at = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until ``stop`` is set."""
        settings = self._settings
        self._loop.add_reader((self._intake or self._socket).fileno(), self._read)
        if self._tcp is not None:
            self._loop.add_reader(self._tcp.fileno(), self._read_streams)
        await self._control.start()
        engine = self._engine
        garbage = heap.Heap(lambda: engine.counters["joins"], lambda: engine.counters["gone"])
        tasks = [
            asyncio.create_task(self._plans.run(), name="plan-watch"),
            asyncio.create_task(garbage.run(), name="heap"),
            asyncio.create_task(self._tell_recorder(), name="recorder"),
        ]
        self._drain()
        log.info(
            "node_ready",
            node=settings.media.node_id,
            epoch=self.epoch,
            port=self._socket.address[1],
            fanout=self._fanout.name,
            fanout_missing=self._fanout_missing,
            segmentation=self._socket.has_segmentation,
            tcp=self._tcp is not None,
        )
        try:
            await stop.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._end()

    async def _end(self) -> None:
        now = self._loop.time()
        for peer in list(self._engine.peers()):
            self._engine.leave(peer.id, "node_stopped", now)
        self._drain()
        await self._control.close()
        with contextlib.suppress(RedisError, OSError):
            await self._redis.aclose()
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader((self._intake or self._socket).fileno())
        if self._intake is not None:
            self._intake.close()
        self._fanout.close()
        self._recorder.close()
        self._socket.close()
        if self._tcp is not None:
            self._loop.remove_reader(self._tcp.fileno())
            self._tcp.close()
        log.info("node_stopped")

    # -- the engine's verbs, called by the loop

    def _read(self) -> None:
        self._guard(self._receive_waiting)
        self._drain()

    def _receive_waiting(self) -> None:
        if self._intake is not None:
            self._take_waiting(self._intake)
            return
        for _ in range(READS_PER_TURN):
            received = self._socket.receive()
            if received is None:
                break
            self._engine.receive_datagram(*received, self._loop.time())

    def _take_waiting(self, intake: Intake) -> None:
        now = self._loop.time()
        for data, source in intake.take(READS_PER_TURN):
            if isinstance(source, tuple):
                self._engine.receive_datagram(data, source, now)
            else:
                self._engine.receive_opened(source, data, now)
        intake.take(0)

    def _read_streams(self) -> None:
        self._guard(self._receive_streams)
        self._drain()

    def _receive_streams(self) -> None:
        if self._tcp is not None:
            self._tcp.receive(self._take_framed, self._loop.time())

    def _take_framed(self, data: bytes, address: Address) -> bool:
        self._engine.receive_datagram(data, address, self._loop.time())
        return self._engine.knows(address)

    def _on_timer(self) -> None:
        self._timer = None
        self._lag.note(self._timer_at, self._loop.time())
        self._guard(self._handle_timeout)
        self._drain()

    def _handle_timeout(self) -> None:
        now = self._loop.time()
        self._engine.handle_timeout(now)
        if self._tcp is not None:
            self._tcp.handle_timeout(self._engine.knows, now)

    def _send_slice(self) -> None:
        self._is_sending = True
        self._guard(self._run_slice)
        if self._is_sending:
            self._loop.call_soon(self._send_slice)

    def _run_slice(self) -> None:
        self._is_sending = self._engine.run()

    def _drain(self) -> None:
        self._guard(self._flush)
        if not self._is_sending:
            self._send_slice()
        now = due = self._loop.time()
        with contextlib.suppress(Exception):
            due = max(self._engine.next_timeout(), now)
        # A timer that comes early finds nothing due and is armed anew; one for each datagram would cost more.
        if self._timer is None or due < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer, self._timer_at = self._loop.call_at(due, self._on_timer), due

    def _flush(self) -> None:
        if self._tcp is not None:
            for address in self._tcp.lost():
                self._engine.lose_address(address, self._loop.time())
        for data, address in self._engine.datagrams_to_send():
            if self._tcp is not None and is_stream(address):
                self._tcp.send((data,), 0, address)
            else:
                self._socket.send((data,), 0, address)
        for event in self._engine.events():
            self._control.tell(event)
        for fault in self._engine.faults():
            self._log_fault(fault)

    def _guard(self, step: Callable[[], None]) -> None:
        """Does a step of the shell. The engine keeps to itself what goes wrong with one peer; what goes wrong here is counted
        and logged, and the loop goes on with its timer armed: ten thousand connections hang on it."""
        try:
            step()
        except Exception:  # noqa: BLE001
            self._shell_faults += 1
            self._log_fault(traceback.format_exc())

    def _log_fault(self, text: str) -> None:
        now = self._loop.time()
        if now - self._fault_logged_at >= FAULT_LOG_S:
            self._fault_logged_at = now
            log.error("fault", traceback=text)

    async def _tell_recorder(self) -> None:
        """Looks for a recorder every second, and tells it again what is to be recorded."""
        while True:
            now = self._loop.time()
            self._recorder.connect(now)
            if self._tap.beat(self._engine.routes(), now):
                self._drain()
            await asyncio.sleep(RECORDER_BEAT_S)

    def _take_plan(self, plan: Plan) -> None:
        self._guard(lambda: self._apply_plan(plan))
        self._drain()

    def _apply_plan(self, plan: Plan) -> None:
        if self._engine.set_plan(plan, self._loop.time()):
            log.info("plan_applied", session=plan.session, version=plan.version)

    # -- requests

    def _greeting(self) -> tuple[Answer, Pages]:
        peers = sorted(self._engine.peers(), key=lambda peer: peer.publisher is None)
        answer = {
            "epoch": self.epoch,
            "node": self._settings.media.node_id,
            "peers_total": len(peers),
            "peers": _told(peers[:GREETING_PEERS_MAX]),
            "feeds": [
                {"session": feed.session, "feed": feed.feed, "kind": feed.kind, "peer": feed.peer, "flowing": True}
                for feed in self._engine.feeds()
            ],
        }
        return answer, _pages(peers[GREETING_PEERS_MAX:])

    async def _perform(self, request: Any) -> Answer:
        try:
            match request:
                case wire.JoinViewer() | wire.JoinPublisher():
                    return await self._join(request)
                case wire.Restart():
                    ufrag, pwd = self._engine.restart(PeerId(request.peer), request.ufrag, request.pwd, self._loop.time())
                    return {"ufrag": ufrag, "pwd": pwd}
                case wire.Leave():
                    self._engine.leave(PeerId(request.peer), "left", self._loop.time())
                    return {}
                case wire.Move():
                    return await self._move(PeerId(request.peer), SessionId(request.session))
                case wire.Limit():
                    self._engine.limit(PeerId(request.peer), Level[request.level.upper()], self._loop.time())
                    return {}
                case wire.Stats():
                    return self._stats()
                case _:
                    raise RequestRefusedError("bad_request", "hello comes first and once")
        except EngineError as error:
            raise RequestRefusedError(error.code, str(error)) from error
        except SdpError as error:
            raise RequestRefusedError("bad_offer", str(error)) from error
        except ValueError as error:
            raise RequestRefusedError("bad_request", str(error)) from error
        finally:
            self._drain()

    async def _join(self, request: wire.JoinViewer | wire.JoinPublisher) -> Answer:
        now = self._loop.time()
        peer_id, session = PeerId(request.peer), SessionId(request.session)
        self._engine.admit(peer_id)
        is_new = not self._engine.serves(session)
        if isinstance(request, wire.JoinViewer):
            peer, sdp = self._joiner.viewer(
                peer=peer_id,
                session=session,
                owner=None if request.owner is None else FeedId(request.owner),
                offer=request.offer,
                video=[SlotName(slot) for slot in request.video],
                audio=[SlotName(slot) for slot in request.audio],
                now=now,
            )
        else:
            peer, sdp = self._joiner.publisher(
                peer=peer_id, session=session, feed=FeedId(request.feed), offer=request.offer, now=now
            )
        self._engine.add(peer)
        if is_new:
            await self._read_plan(session)
        return {"answer": sdp}

    async def _move(self, peer: PeerId, session: SessionId) -> Answer:
        is_new = not self._engine.serves(session)
        self._engine.move(peer, session, self._loop.time())
        if is_new:
            await self._read_plan(session)
        return {}

    async def _read_plan(self, session: SessionId) -> None:
        """Reads the plan of a session this node has not served before; without Redis the watch does it later."""
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(PLAN_AT_JOIN_S):
                await self._plans.read(session)

    def _stats(self) -> dict[str, float]:
        counters, memory = self._fanout.counters, resident_bytes()
        received = Counter(self._engine.counters)
        if self._intake is not None:
            received.update(self._intake.counters())
        return {
            **({} if memory is None else {"resident_bytes": memory}),
            **self._engine.gauges(),
            **received,
            "native": self._fanout.name == "native",
            "fanout_threads": self._fanout.threads,
            "fanout_packets": counters.packets,
            "fanout_messages": counters.messages,
            "refused_video": counters.refused_video,
            "refused_audio": counters.refused_audio,
            "socket_refused": self._socket.refused + counters.socket_refused,
            "fanout_bytes": counters.bytes,
            "socket_unreachable": self._socket.unreachable + counters.socket_unreachable,
            "socket_failed": self._socket.failed + counters.socket_failed,
            **({} if self._tcp is None else self._tcp.numbers()),
            "shell_faults": self._shell_faults,
            "plan_watch_connected": self._plans.is_connected,
            **self._tap.counters,
            "recorder_connected": self._recorder.is_connected,
            **layer_numbers(self._engine.peers()),
            "cpu_seconds": time.process_time(),
            "loop_lag_seconds": self._lag.worst_s(self._loop.time()),
        }


def _told(peers: Sequence[Peer]) -> list[Answer]:
    """Peers as signaling is told of them: where each is now, and whose it is."""
    return [
        {
            "peer": peer.id,
            "session": peer.session,
            "role": "viewer" if peer.viewer is not None else "publisher",
            "feed": peer.publisher.feed if peer.publisher is not None else None,
            "owner": peer.viewer.owner if peer.viewer is not None else None,
        }
        for peer in peers
    ]


def _pages(peers: Sequence[Peer]) -> Iterator[list[Answer]]:
    for first in range(0, len(peers), GREETING_PEERS_MAX):
        yield _told(peers[first : first + GREETING_PEERS_MAX])


def run_node(settings: Settings) -> None:
    """Runs a node until SIGTERM or SIGINT.

    Raises:
        OSError: an address is taken.
    """
    settings.ensure_run_dir()
    heap.set_up()
    uvloop.run(_main(settings))


async def _main(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    node = Node(settings)
    heap.settle()
    await node.run(stop)
