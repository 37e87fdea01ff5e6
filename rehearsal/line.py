"""Peers on a socket: what comes is given to the peer it came to, what peers say is sent, and those that connect are awaited.

The asyncio shell of :mod:`rehearsal.peers`: one timer while something connects, one reader always or, where somebody calls
:meth:`Line.poll` all the time, only then: to be woken for every answer to a check costs more than the answer.
"""

from __future__ import annotations

import asyncio
import time

from rehearsal.measures import JoinFailedError
from rehearsal.offers import Answer
from rehearsal.peers import Peer, PeerState
from rehearsal.sockets import PointSocket, destination

CONNECT_WITHIN_S = 20.0
NO_ANSWER = "no check was answered; the points are addresses of 127.0.0.0/8, so the service has to run on this machine"
LOOK_S = 0.1
"""How often connecting peers are looked at."""
BATCHES_PER_TURN = 8
"""Batches read before others have their turn: at most 512 datagrams, or 128 bursts."""
BATCHES_PER_POLL = 64


class Line:
    """All peers of one socket, by their numbers.

    Args:
        socket: taken over, and closed with the line.
        is_polled: reads by itself only while something connects.
    """

    def __init__(self, socket: PointSocket, *, is_polled: bool = False) -> None:
        self.socket = socket
        self.peers: dict[int, Peer] = {}
        self._connecting: dict[int, asyncio.Future[None]] = {}
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._is_polled = is_polled
        self._is_reading = False
        self._read_by_itself()

    def _read_by_itself(self) -> None:
        wanted = bool(self._connecting) or not self._is_polled
        if wanted and not self._is_reading:
            self._loop.add_reader(self.socket.fileno(), self._read)
        elif self._is_reading and not wanted:
            self._loop.remove_reader(self.socket.fileno())
        self._is_reading = wanted

    def poll(self) -> None:
        """Read what waits, and send what peers say to it."""
        if not self._is_reading:
            self._read(BATCHES_PER_POLL)

    async def connect(self, peer: Peer, answer: Answer) -> None:
        """Let a peer connect to where an answer says; from then on it is one of ``peers``.

        Raises:
            JoinFailedError: no check was answered, the handshake failed, or it took longer than 20 s.
        """
        number = peer.number
        self.peers[number], peer.to = peer, destination(answer.host, answer.port)
        done: asyncio.Future[None] = self._loop.create_future()
        self._connecting[number] = done
        self._read_by_itself()
        peer.begin(answer, time.monotonic())
        self.send(peer)
        self.socket.flush()
        self._look_later()
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await done
        except TimeoutError:
            reason, why = ("ice", NO_ANSWER) if peer.state is PeerState.CHECKING else ("dtls", "the handshake did not end")
            self.remove(peer)
            raise JoinFailedError(reason, f"not connected within {CONNECT_WITHIN_S:g} s: {why}") from None
        except BaseException:
            self.remove(peer)
            raise
        finally:
            self._connecting.pop(number, None)
            self._read_by_itself()

    def remove(self, peer: Peer) -> None:
        """Let a peer fall silent; what comes for it is not read any more."""
        if self.peers.get(peer.number) is peer:
            del self.peers[peer.number]
        peer.close()
        waiting = self._connecting.get(peer.number)
        if waiting is not None and not waiting.done():
            waiting.set_exception(JoinFailedError("ended"))

    def send(self, peer: Peer) -> None:
        """Take what a peer has to say; it leaves with the next flush."""
        for data in peer.datagrams_to_send():
            self.socket.queue(data, peer.number, peer.to)

    def _read(self, batches: int = BATCHES_PER_TURN) -> None:
        peers = self.peers
        is_more = True
        while is_more and batches:
            batches -= 1
            received, is_more = self.socket.receive()
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
        if self._is_reading:
            self._loop.remove_reader(self.socket.fileno())
        self._is_reading, self._is_polled = False, True
        self.socket.close()
