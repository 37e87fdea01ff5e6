"""Peers on a socket: what comes is given to the peer it came to, what peers say is sent, and those that connect are awaited.

The asyncio shell of :mod:`rehearsal.peers`: one reader, one timer while something connects.
"""

from __future__ import annotations

import asyncio
import time

from rehearsal.measures import JoinFailedError
from rehearsal.offers import Answer
from rehearsal.peers import Peer, PeerState
from rehearsal.sockets import PointSocket, destination

CONNECT_WITHIN_S = 20.0
LOOK_S = 0.1
"""How often connecting peers are looked at."""
BATCHES_PER_TURN = 8
"""Batches read before others have their turn: at most 512 datagrams, or 128 bursts."""


class Line:
    """All peers of one socket, by their numbers."""

    def __init__(self, socket: PointSocket) -> None:
        """Takes the socket over and begins to read."""
        self.socket = socket
        self.peers: dict[int, Peer] = {}
        self._to: dict[int, int] = {}
        self._connecting: dict[int, asyncio.Future[None]] = {}
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._loop.add_reader(socket.fileno(), self._read)

    async def connect(self, peer: Peer, answer: Answer) -> None:
        """Let a peer connect to where an answer says; from then on it is one of ``peers``.

        Raises:
            JoinFailedError: no check was answered, the handshake failed, or it took longer than 20 s.
        """
        number = peer.number
        self.peers[number], self._to[number] = peer, destination(answer.host, answer.port)
        done: asyncio.Future[None] = self._loop.create_future()
        self._connecting[number] = done
        peer.begin(answer, time.monotonic())
        self.send(peer)
        self.socket.flush()
        self._look_later()
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await done
        except TimeoutError:
            reason = "ice" if peer.state is PeerState.CHECKING else "dtls"
            self.remove(peer)
            raise JoinFailedError(reason, f"not connected within {CONNECT_WITHIN_S:g} s") from None
        except BaseException:
            self.remove(peer)
            raise
        finally:
            self._connecting.pop(number, None)

    def remove(self, peer: Peer) -> None:
        """Let a peer fall silent; what comes for it is not read any more."""
        if self.peers.get(peer.number) is peer:
            del self.peers[peer.number]
            self._to.pop(peer.number, None)
        peer.close()
        waiting = self._connecting.get(peer.number)
        if waiting is not None and not waiting.done():
            waiting.set_exception(JoinFailedError("ended"))

    def queue(self, data: bytes, number: int) -> None:
        """Take a datagram of a peer that is one of ``peers``; it leaves with the next flush."""
        self.socket.queue(data, number, self._to[number])

    def send(self, peer: Peer) -> None:
        """Take what a peer has to say."""
        to = self._to.get(peer.number)
        for data in peer.datagrams_to_send():
            if to is not None:
                self.socket.queue(data, peer.number, to)

    def _read(self) -> None:
        peers = self.peers
        for _ in range(BATCHES_PER_TURN):
            received = self.socket.receive()
            if not received:
                break
            now = time.monotonic()
            # What the kernel stamped with the clock on the wall, on the clock that packets carry.
            offset_ns = time.monotonic_ns() - time.time_ns()
            for data, number, stamp in received:
                peer = peers.get(number)
                if peer is None or len(data) < 2:
                    continue
                if data[0] & 0xC0 == 0x80 and not 192 <= data[1] <= 223:
                    if peer.reader is not None:
                        peer.reader.receive(data, stamp + offset_ns, now)
                    continue
                peer.receive(data, now)
                self.send(peer)
                if number in self._connecting:
                    self._settle(peer)
        self.socket.flush()

    def _settle(self, peer: Peer) -> None:
        """Tell whoever waits for a peer how it went."""
        waiting = self._connecting[peer.number]
        if waiting.done():
            return
        if peer.state is PeerState.CONNECTED:
            waiting.set_result(None)
        elif peer.failure is not None:
            waiting.set_exception(JoinFailedError(*peer.failure))

    def _look_later(self) -> None:
        if self._timer is None and self._connecting:
            self._timer = self._loop.call_later(LOOK_S, self._look)

    def _look(self) -> None:
        self._timer = None
        now = time.monotonic()
        for number in self._connecting:
            peer = self.peers.get(number)
            if peer is not None:
                peer.handle_timeout(now)
                self.send(peer)
        self.socket.flush()
        self._look_later()

    def close(self) -> None:
        """End all peers without a word, and close the socket."""
        for peer in list(self.peers.values()):
            self.remove(peer)
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self.socket.fileno())
        self.socket.close()
