"""The one door to the media node: a client of its control socket.

The client connects, says hello, and keeps the connection; when it breaks, everything that waits fails with
:class:`MediaUnavailable` and it connects again. Each connection begins with the node's *epoch*: when it is another one
than before, the node has started anew and has no peers, and browsers must join again.

One line is one JSON object of at most 256 KiB. Lines that are not understood are counted and skipped: a newer node may
say more than this client knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import structlog

from config.limits import MAX_CONTROL_LINE_BYTES, MAX_CONTROL_PENDING

logger: Final = structlog.get_logger("media")

ANSWER_TIMEOUT_S: Final = 5.0
"""A join costs the node about a millisecond; a second of queue is long, five are a fault."""

RETRY_MAX_S: Final = 0.5
MAX_GREETING: Final = 40_000
"""Peers in a greeting, and events while it comes: twice the peers a node holds. More is no node of this project."""
MAX_UNSENT_BYTES: Final = 4 * MAX_CONTROL_LINE_BYTES
"""Requests that wait in this process because the node does not read: about sixty joins."""


class MediaError(Exception):
    """The node did not do what was asked."""


class MediaUnavailable(MediaError):  # noqa: N818 (named for what it means)
    """The node cannot be reached, or did not answer in time."""


class MediaRefused(MediaError):  # noqa: N818
    """The node refused: ``code`` is stable (``bad_offer``, ``busy``, ``unknown_peer``…)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class MediaPeer:
    """A peer that the node holds. ``session`` is where it is now, which for a viewer may be another than it joined."""

    peer: str
    session: str
    role: Literal["viewer", "publisher"]
    feed: str | None
    owner: str | None = None
    """The feed that a viewer itself sends, and so is not shown: ``point:26740`` is that point's own. None: it sends none."""


@dataclass(frozen=True, slots=True)
class MediaFeed:
    """A source of audio or video that the node holds."""

    session: str
    feed: str
    kind: str
    peer: str
    flowing: bool


@dataclass(frozen=True, slots=True)
class NodeUp:
    """The node is connected. ``is_new`` when its epoch is another one than the last: it holds nothing from before.

    ``peers`` are all that it holds; one that went meanwhile is told as :class:`PeerGone` right afterwards.
    """

    epoch: str
    is_new: bool
    peers: tuple[MediaPeer, ...]
    feeds: tuple[MediaFeed, ...]


@dataclass(frozen=True, slots=True)
class NodeDown:
    """The connection to the node broke; its peers may live on."""


@dataclass(frozen=True, slots=True)
class PeerConnected:
    """A peer finished ICE and DTLS."""

    peer: str
    session: str


@dataclass(frozen=True, slots=True)
class PeerGone:
    """A peer is no more."""

    peer: str
    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeedFlowing:
    """The first packet of a source came (again)."""

    session: str
    feed: str
    kind: str
    peer: str


@dataclass(frozen=True, slots=True)
class FeedStopped:
    """A source stopped sending."""

    session: str
    feed: str
    kind: str
    peer: str
    reason: str


@dataclass(frozen=True, slots=True)
class ViewerLevel:
    """A viewer's pictures come in another layer, or not at all: ``full``, ``half``, ``quarter``, ``sound``.

    ``is_wish``: it asked for no more; else its line carries no more. ``owner`` as in :class:`MediaPeer`.
    """

    peer: str
    session: str
    owner: str | None
    level: str
    is_wish: bool


MediaEvent = NodeUp | NodeDown | PeerConnected | PeerGone | FeedFlowing | FeedStopped | ViewerLevel


def _feed_of(line: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return str(line["session"]), str(line["feed"]), str(line["kind"]), str(line["peer"])


def _peer_of(peer: Mapping[str, Any]) -> MediaPeer:
    return MediaPeer(peer["peer"], peer["session"], peer["role"], peer.get("feed"), peer.get("owner"))


_EVENTS: Final[dict[str, Callable[[Mapping[str, Any]], MediaEvent]]] = {
    "peer_connected": lambda line: PeerConnected(str(line["peer"]), str(line["session"])),
    "peer_gone": lambda line: PeerGone(str(line["peer"]), str(line["session"]), str(line.get("reason", ""))),
    "feed_flowing": lambda line: FeedFlowing(*_feed_of(line)),
    "viewer_level": lambda line: ViewerLevel(
        str(line["peer"]), str(line["session"]), line.get("owner"), str(line["level"]), bool(line["is_wish"])
    ),
    "feed_stopped": lambda line: FeedStopped(*_feed_of(line), str(line.get("reason", ""))),
}


class MediaNode:
    """The control client. :meth:`start` it, listen, join; :meth:`close` it at the end.

    Args:
        address: ``unix:PATH`` or ``tcp:HOST:PORT``.
        secret: what the node expects in the hello.
    """

    def __init__(self, address: str, secret: str, *, answer_timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self.address = address
        self.epoch: str | None = None
        """The node's boot id of the last connection; kept while it is away."""
        self.node_id: str | None = None
        self.ready = False
        """Whether the node is connected now."""
        self.skipped_lines = 0
        self._secret = secret
        self._answer_timeout_s = answer_timeout_s
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self._listeners: list[Callable[[MediaEvent], None]] = []
        self._listed: list[MediaPeer] = []
        self._early: list[MediaEvent] = []
        """What came before the hello's answer: told after :class:`NodeUp`, which must be the first."""
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_up = asyncio.Event()

    async def start(self) -> None:
        """Begin to connect; returns at once."""
        self._task = asyncio.create_task(self._run(), name="media-control")

    async def close(self) -> None:
        """Disconnect. The node keeps its peers."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def wait_ready(self) -> None:
        """Return when the node is connected. The caller sets the deadline."""
        await self._is_up.wait()

    def listen(self, listener: Callable[[MediaEvent], None]) -> Callable[[], None]:
        """Be told every :data:`MediaEvent` from here on, in the node's order. Returns a function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def join_viewer(
        self, *, session: str, peer: str, owner: str | None, video: Sequence[str], audio: Sequence[str], offer: str
    ) -> str:
        """Make a viewer of an offer; returns the answer's SDP.

        Args:
            session: the session's id.
            peer: the unguessable id that this peer shall have.
            owner: the feed that this viewer itself sends, and so is not shown; None when it sends none.
            video: slots for the offer's video lines, in their order.
            audio: slots for the offer's audio lines, in their order.
            offer: the offer's SDP.
        """
        slots = {"owner": owner, "video": list(video), "audio": list(audio)}
        return await self._join("join_viewer", {"session": session, "peer": peer, **slots, "offer": offer})

    async def join_publisher(self, *, session: str, peer: str, feed: str, offer: str) -> str:
        """Make a publisher of an offer; returns the answer's SDP."""
        return await self._join("join_publisher", {"session": session, "peer": peer, "feed": feed, "offer": offer})

    async def restart(self, peer: str, ufrag: str, pwd: str) -> tuple[str, str]:
        """ICE restart: takes the peer's new credentials, returns the node's new ones (ufrag, pwd)."""
        answer = await self._ask("restart", {"peer": peer, "ufrag": ufrag, "pwd": pwd})
        try:
            return str(answer["ufrag"]), str(answer["pwd"])
        except KeyError as error:
            raise MediaUnavailable(f"the node's answer has no {error}") from None

    async def move(self, peer: str, session: str) -> None:
        """Let a viewer's slots follow another session's plan, without any negotiation; nothing where it is there already.

        Raises:
            MediaRefused: ``unknown_peer`` when it is gone; ``not_a_viewer`` for a publisher, which cannot be moved.
        """
        await self._ask("move", {"peer": peer, "session": session})

    async def limit(self, peer: str, level: str) -> None:
        """Give a viewer no more of the pictures than ``full``, ``half``, ``quarter`` or ``sound``.

        Raises:
            MediaRefused: ``unknown_peer`` when it is gone; ``not_a_viewer``.
        """
        await self._ask("limit", {"peer": peer, "level": level})

    async def leave(self, peer: str) -> None:
        """End a peer; one that the node does not know is gone already, and that is fine."""
        try:
            await self._ask("leave", {"peer": peer})
        except MediaRefused as error:
            if error.code != "unknown_peer":
                raise

    async def stats(self) -> dict[str, float]:
        """Counters and gauges of the node."""
        answer = await self._ask("stats", {})
        return {name: value for name, value in answer.items() if isinstance(value, int | float) and not isinstance(value, bool)}

    # The connection -------------------------------------------------------------------------------------------------

    async def _join(self, operation: str, arguments: Mapping[str, Any]) -> str:
        answer = (await self._ask(operation, arguments)).get("answer")
        if not isinstance(answer, str):
            raise MediaUnavailable("the node's answer has no SDP")
        return answer

    async def _ask(self, operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send a request and return what is in its ``ok``.

        Raises:
            MediaRefused: the node says why.
            MediaUnavailable: no connection, no answer in time, or too many requests wait.
        """
        if not self.ready or self._writer is None:
            raise MediaUnavailable("the media node is not connected")
        return await self._exchange(self._writer, next(self._numbers), operation, arguments)

    async def _exchange(
        self, writer: asyncio.StreamWriter, number: int, operation: str, arguments: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        line = json.dumps({"id": number, "op": operation, **arguments}, ensure_ascii=False).encode() + b"\n"
        if len(line) > MAX_CONTROL_LINE_BYTES:
            raise MediaRefused("too_large", "the request is too long for the control socket")
        if len(self._waiting) >= MAX_CONTROL_PENDING or writer.transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            raise MediaUnavailable("too many requests wait for the media node")
        future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            writer.write(line)
            async with asyncio.timeout(self._answer_timeout_s):
                return await future
        except TimeoutError:
            raise MediaUnavailable("the media node did not answer in time") from None
        finally:
            self._waiting.pop(number, None)

    async def _run(self) -> None:
        attempt = 0
        while True:
            try:
                async with asyncio.timeout(self._answer_timeout_s):
                    reader, writer = await self._connect()
            except (OSError, TimeoutError) as error:
                attempt += 1
                if attempt == 1:
                    logger.warning("media_node_unreachable", reason=str(error) or type(error).__name__)
                await asyncio.sleep(min(RETRY_MAX_S, 0.05 * 2.0 ** min(attempt - 1, 10)))
                continue
            try:
                await self._converse(reader, writer)
                attempt = 0
            except MediaError as error:
                attempt += 1
                logger.warning("media_node_refused", reason=str(error))
            finally:
                self._disconnected()
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
            await asyncio.sleep(min(RETRY_MAX_S, 0.05 * 2.0 ** min(attempt, 10)))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        kind, _, rest = self.address.partition(":")
        if kind == "unix":
            return await asyncio.open_unix_connection(rest, limit=MAX_CONTROL_LINE_BYTES)
        host, _, port = rest.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port), limit=MAX_CONTROL_LINE_BYTES)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say hello, then read until the connection ends."""
        self._listed, self._early = [], []
        reading = asyncio.create_task(self._read(reader))
        greeting = asyncio.create_task(self._greet(writer))
        try:
            await asyncio.wait({reading, greeting}, return_when=asyncio.FIRST_COMPLETED)
            if not greeting.done():
                await reading  # it may know more of why
                raise MediaUnavailable("the media node closed the connection instead of answering the hello")
            self._greeted(greeting.result(), writer)
            await reading
        finally:
            reading.cancel()
            greeting.cancel()
            await asyncio.gather(reading, greeting, return_exceptions=True)

    async def _greet(self, writer: asyncio.StreamWriter) -> Mapping[str, Any]:
        return await self._exchange(writer, 0, "hello", {"secret": self._secret})

    def _greeted(self, hello: Mapping[str, Any], writer: asyncio.StreamWriter) -> None:
        try:
            epoch, node = str(hello["epoch"]), str(hello["node"])
            peers = (*map(_peer_of, hello["peers"]), *self._listed)
            feeds = tuple(MediaFeed(f["session"], f["feed"], f["kind"], f["peer"], bool(f["flowing"])) for f in hello["feeds"])
        except (KeyError, TypeError) as error:
            raise MediaUnavailable(f"the media node's hello lacks {error}") from None
        is_new = epoch != self.epoch
        self.epoch, self.node_id, self._writer, self.ready = epoch, node, writer, True
        logger.info("media_node_connected", node=node, epoch=epoch, is_new=is_new, peers=len(peers))
        self._tell(NodeUp(epoch, is_new, peers, feeds))
        for event in self._early:
            self._tell(event)
        self._listed, self._early = [], []
        self._is_up.set()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await reader.readuntil(b"\n")
            except (asyncio.IncompleteReadError, OSError):
                return
            except asyncio.LimitOverrunError:
                logger.warning("media_node_line_too_long", limit_bytes=MAX_CONTROL_LINE_BYTES)
                return
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                self.skipped_lines += 1

    def _take(self, line: Mapping[str, Any]) -> None:
        if (name := line.get("event")) is not None:
            self._take_event(name, line)
            return
        future = self._waiting.get(line["id"])
        if future is None or future.done():
            return  # it came too late: nobody waits any more
        if "error" in line:
            error = line["error"]
            future.set_exception(MediaRefused(str(error.get("code", "internal")), str(error.get("message", ""))))
        else:
            future.set_result(line["ok"])

    def _take_event(self, name: str, line: Mapping[str, Any]) -> None:
        if name == "peers":
            self._listed += [_peer_of(peer) for peer in line["peers"]]
        elif self.ready:
            self._tell(_EVENTS[name](line))
        else:
            self._early.append(_EVENTS[name](line))
        if len(self._listed) + len(self._early) > MAX_GREETING:
            raise MediaUnavailable("the media node's greeting has no end")

    def _disconnected(self) -> None:
        was_ready, self.ready, self._writer = self.ready, False, None
        self._is_up.clear()
        for future in list(self._waiting.values()):
            if not future.done():
                future.set_exception(MediaUnavailable("the connection to the media node broke"))
        if was_ready:
            logger.warning("media_node_lost")
            self._tell(NodeDown())

    def _tell(self, event: MediaEvent) -> None:
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception:  # a listener's mistake must not end the connection
                logger.exception("listener_failed")
