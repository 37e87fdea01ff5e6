"""ICE over TCP, the passive side (RFC 6544): the same datagrams as over UDP, framed (RFC 4571), for networks that let no UDP out.

Every connection is behind one epoll descriptor, so the event loop watches :meth:`TcpPort.fileno` and nothing else. Nothing
blocks. The far end of a connection is an address like any other to the rest of the node, but behind ``tcp:``
(:data:`sfu.ids.STREAM`).

A connection is a stranger's until its first datagram was a check that a peer took for authentic: until then it has a place among
few, holds nothing but its socket, and has :data:`FIRST_CHECK_S`.

What a slow receiver does not take waits here up to a bound, whole messages only; pictures are refused long before sound.
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket
from collections import Counter
from collections.abc import Callable, Sequence

from sfu.fanout import Outlet
from sfu.ids import STREAM, Address, Kind
from sfu.net.udp import UdpSocket
from sfu.wire.errors import WireError
from sfu.wire.framing import FrameReader, frame

FIRST_CHECK_S = 5.0
"""A connection that brought no valid check by then is closed: a browser sends its first one at once."""
CONNECTIONS_MAX = 10_000
STRANGERS_MAX = 1_024
"""Connections without a valid check: with one more, the one that has waited longest is closed."""
STRANGERS_PER_HOST_MAX = 256
"""The same of one IP address, where the newest is refused. A province behind one NAT is one address, its browsers open two each,
and each is a stranger for a round trip."""
VIDEO_WAITS_MAX_BYTES = 64 << 10
"""Pictures are refused while so much waits in a connection: 0.2 s at 2.5 Mb/s. One message more may wait, 62 KiB at most."""
AUDIO_WAITS_MAX_BYTES = 128 << 10
"""Sound, handshakes and reports are refused only here: above what pictures can fill."""
KERNEL_WAITS_BYTES = 16 << 10
"""What the kernel takes beyond what is on its way (``TCP_NOTSENT_LOWAT``): its buffer grows to megabytes, seconds of delay."""
SWEEP_S = 5.0
"""Connections whose peer has gone are looked for this often."""
ACCEPT_PAUSE_S = 1.0
"""No connection is accepted for this long when descriptors or memory have run out: the listener would be ready at once again."""
ACCEPTS_PER_TURN = 64
READS_PER_TURN = 64
READ_BYTES = 8192
STRANGER_READ_BYTES = 2048
BACKLOG = 1024
PAIR_TRIES = 32
"""With port 0: numbers tried until one is free for UDP and TCP."""

COUNTERS = ("accepted", "refused", "unadmitted", "malformed", "dropped", "unreachable", "exhausted")
_AGAIN = (BlockingIOError, InterruptedError)
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class _Connection:
    __slots__ = ("accepted_at", "address", "is_admitted", "out", "reader", "socket")

    def __init__(self, connected: socket.socket, address: Address, now: float) -> None:
        self.socket, self.address, self.accepted_at = connected, address, now
        self.is_admitted = False
        self.reader = FrameReader()
        self.out = b""


class _Lane:
    """One bound for what waits: an :class:`sfu.fanout.Outlet`."""

    def __init__(self, port: TcpPort, waits_max_bytes: int) -> None:
        self._port, self._waits_max_bytes = port, waits_max_bytes

    def send(self, vectors: Sequence[bytes], segment_bytes: int, address: Address) -> bool:
        return self._port._send(vectors, segment_bytes, address, self._waits_max_bytes)  # noqa: SLF001 (one module, two bounds)


class TcpPort:
    """A listening socket and its connections.

    Nothing that the network does makes a method raise. After :meth:`receive`, :meth:`send` and :meth:`handle_timeout` take
    :meth:`lost`. Attributes:

    * ``outlets``: where pictures and sound leave, each with its own bound;
    * ``counters``: ``accepted``, ``refused`` (over a limit), ``unadmitted`` (no valid check), ``malformed`` (a frame too long),
      ``dropped`` (messages that a slow receiver had no room for), ``unreachable`` (messages to a connection that is closed),
      ``exhausted`` (no descriptor or memory for one more).
    """

    def __init__(self, host: str, port: int) -> None:
        """Listens on ``host`` and ``port``.

        Raises:
            OSError: the address cannot be bound; the text names it and the setting to change.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        try:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Connections inherit these (Linux): no system call for each.
            self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, KERNEL_WAITS_BYTES)
            self._listener.bind((host, port))
            self._listener.listen(BACKLOG)
        except OSError as error:
            self._listener.close()
            text = (
                f"cannot listen on TCP {host}:{port} ({error.strerror}); free it, set media.host and media.port, "
                "or do without ICE over TCP (media.tcp = false)"
            )
            raise OSError(error.errno, text) from error
        self._epoll = select.epoll()
        self._epoll.register(self._listener, select.EPOLLIN)
        self._connections: dict[Address, _Connection] = {}
        self._by_descriptor: dict[int, _Connection] = {}
        self._strangers: dict[Address, _Connection] = {}
        self._strangers_of: Counter[str] = Counter()
        self._lost: list[Address] = []
        self._accepts_at: float | None = None
        self._swept_at = float("-inf")
        self.outlets: dict[Kind, Outlet] = {
            "video": _Lane(self, VIDEO_WAITS_MAX_BYTES),
            "audio": _Lane(self, AUDIO_WAITS_MAX_BYTES),
        }
        self.counters: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._connections)

    def __contains__(self, address: Address) -> bool:
        return address in self._connections

    @property
    def strangers(self) -> int:
        """Connections that brought no valid check yet."""
        return len(self._strangers)

    @property
    def address(self) -> Address:
        """Where the listener is bound."""
        name = self._listener.getsockname()
        return name[0], name[1]

    def fileno(self) -> int:
        """The descriptor that is readable when :meth:`receive` has something to do."""
        return self._epoll.fileno()

    def lost(self) -> list[Address]:
        """Addresses whose connection has closed since the last call."""
        lost, self._lost = self._lost, []
        return lost

    def numbers(self) -> dict[str, int]:
        """Counters and gauges, for ``stats``."""
        gauges = {"tcp_connections": len(self._connections), "tcp_strangers": len(self._strangers)}
        return gauges | {f"tcp_{name}": self.counters[name] for name in COUNTERS}

    # -- in

    def receive(self, take: Callable[[bytes, Address], bool], now: float) -> None:
        """Does one turn of what waits: connections, datagrams, room to send.

        Args:
            take: takes a datagram and where it came from, and says whether that is a peer's validated address now. A
                connection for which it says no is closed.
            now: monotonic seconds.
        """
        for descriptor, events in self._epoll.poll(0, READS_PER_TURN):
            connection = self._by_descriptor.get(descriptor)
            if connection is None:
                if descriptor == self._listener.fileno():
                    self._accept(now)
                continue
            if events & select.EPOLLOUT:
                self._flush(connection)
            if events & ~select.EPOLLOUT and connection.address in self._connections:
                self._read(connection, take)

    def _accept(self, now: float) -> None:
        for _ in range(ACCEPTS_PER_TURN):
            try:
                connected, name = self._listener.accept()
            except _AGAIN:
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self.counters["exhausted"] += 1
                    self._accepts_at = now + ACCEPT_PAUSE_S
                    self._epoll.modify(self._listener, 0)
                    return
                continue  # it was closed before it was accepted
            self._enter(connected, (STREAM + name[0], name[1]), now)

    def _enter(self, connected: socket.socket, address: Address, now: float) -> None:
        host = address[0]
        # The same far end twice is possible where we have several addresses: one of them is enough.
        is_over = len(self._connections) >= CONNECTIONS_MAX or self._strangers_of[host] >= STRANGERS_PER_HOST_MAX
        if is_over or address in self._connections:
            self.counters["refused"] += 1
            connected.close()
            return
        if len(self._strangers) >= STRANGERS_MAX:
            self.counters["unadmitted"] += 1
            self._close(next(iter(self._strangers.values())))
        connected.setblocking(False)
        connection = _Connection(connected, address, now)
        self._connections[address] = self._strangers[address] = connection
        self._by_descriptor[connected.fileno()] = connection
        self._strangers_of[host] += 1
        self._epoll.register(connected, select.EPOLLIN)
        self.counters["accepted"] += 1

    def _read(self, connection: _Connection, take: Callable[[bytes, Address], bool]) -> None:
        try:
            data = connection.socket.recv(READ_BYTES if connection.is_admitted else STRANGER_READ_BYTES)
        except _AGAIN:
            return
        except OSError:
            data = b""
        if not data:
            self._close(connection)
            return
        try:
            datagrams = connection.reader.receive(data)
        except WireError:
            self.counters["malformed"] += 1
            self._close(connection)
            return
        for datagram in datagrams:
            if not take(datagram, connection.address):
                self.counters["unadmitted"] += not connection.is_admitted
                self._close(connection)
                return
            if not connection.is_admitted:
                connection.is_admitted = True
                self._forget_stranger(connection)

    # -- out

    def send(self, vectors: Sequence[bytes], segment_bytes: int, address: Address) -> bool:
        """Sends what is neither picture nor sound; see :meth:`sfu.fanout.Outlet.send`. What waits is bounded as for sound."""
        return self._send(vectors, segment_bytes, address, AUDIO_WAITS_MAX_BYTES)

    def _send(self, vectors: Sequence[bytes], segment_bytes: int, address: Address, waits_max_bytes: int) -> bool:
        connection = self._connections.get(address)
        if connection is None:
            self.counters["unreachable"] += 1
            return False
        if len(connection.out) >= waits_max_bytes:
            self.counters["dropped"] += 1
            return False
        try:
            data = frame(b"".join(vectors), segment_bytes)
        except WireError:
            self.counters["malformed"] += 1
            return False
        if connection.out:
            connection.out += data
            return True
        sent = self._write(connection, data)
        if sent is None:
            return False
        if sent < len(data):
            connection.out = data[sent:]
            self._epoll.modify(connection.socket, select.EPOLLIN | select.EPOLLOUT)
        return True

    def _flush(self, connection: _Connection) -> None:
        sent = self._write(connection, connection.out)
        if sent is None:
            return
        connection.out = connection.out[sent:]
        if not connection.out:
            self._epoll.modify(connection.socket, select.EPOLLIN)

    def _write(self, connection: _Connection, data: bytes) -> int | None:
        """Bytes that the kernel took; None when the connection turned out to be closed."""
        try:
            return connection.socket.send(data)
        except _AGAIN:
            return 0
        except OSError:
            self._close(connection)
            return None

    # -- time

    def handle_timeout(self, is_known: Callable[[Address], bool], now: float) -> None:
        """Closes what has no valid check in time, and what is no peer's any more; accepts again after a pause. Call it often.

        Args:
            is_known: whether an address is a peer's.
            now: monotonic seconds.
        """
        while self._strangers:
            oldest = next(iter(self._strangers.values()))
            if now - oldest.accepted_at < FIRST_CHECK_S:
                break
            self.counters["unadmitted"] += 1
            self._close(oldest)
        if self._accepts_at is not None and now >= self._accepts_at:
            self._accepts_at = None
            self._epoll.modify(self._listener, select.EPOLLIN)
        if now - self._swept_at >= SWEEP_S:
            self._swept_at = now
            admitted = [connection for connection in self._connections.values() if connection.is_admitted]
            for connection in admitted:
                if not is_known(connection.address):
                    self._close(connection)

    def _forget_stranger(self, connection: _Connection) -> None:
        if self._strangers.pop(connection.address, None) is not None:
            host = connection.address[0]
            self._strangers_of[host] -= 1
            if not self._strangers_of[host]:
                del self._strangers_of[host]

    def _close(self, connection: _Connection) -> None:
        if self._connections.pop(connection.address, None) is None:
            return
        self._forget_stranger(connection)
        del self._by_descriptor[connection.socket.fileno()]
        with contextlib.suppress(OSError):
            self._epoll.unregister(connection.socket)
        connection.socket.close()
        if connection.is_admitted:
            self._lost.append(connection.address)

    def close(self) -> None:
        """Closes the listener and all connections."""
        for connection in list(self._connections.values()):
            self._close(connection)
        self._listener.close()
        self._epoll.close()


def bind_media(host: str, port: int, *, with_tcp: bool) -> tuple[UdpSocket, TcpPort | None]:
    """The UDP socket of the node and, on the same port number, the TCP one.

    Port 0 takes whatever number is free for both.

    Raises:
        OSError: an address cannot be bound; the text names it and the setting to change.
    """
    for _ in range(PAIR_TRIES):
        udp = UdpSocket(host, port)
        if not with_tcp:
            return udp, None
        try:
            return udp, TcpPort(host, udp.address[1])
        except OSError as error:
            udp.close()
            if port or error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, f"no port of {host} is free for both UDP and TCP; set media.port")
