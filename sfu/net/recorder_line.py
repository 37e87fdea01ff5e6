"""The node's line to the recorder: a Unix socket that keeps messages apart (``SOCK_SEQPACKET``), and never blocks.

Datagram sockets would do but for their queue, ten messages by default; here the bound is bytes. What does not fit is not sent,
and while there is no recorder nothing is: the caller counts both.
"""

from __future__ import annotations

import contextlib
import socket

BUFFER_BYTES = 4 << 20
"""Asked for; the kernel gives what ``net.core.wmem_max`` allows. Some ten seconds of a session with four pictures."""
RETRY_S = 0.5


class RecorderLine:
    """The sending end.

    Args:
        path: where the recorder listens.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._retry_at = float("-inf")
        self.connections = 0
        """How often a recorder was found."""

    @property
    def is_connected(self) -> bool:
        """Whether a recorder was there at the last message."""
        return self._socket is not None

    def connect(self, now: float) -> bool:
        """Looks for a recorder where none is connected, once in :data:`RETRY_S` at most; True when there is one anew."""
        if self._socket is not None or now < self._retry_at:
            return False
        self._retry_at = now + RETRY_S
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            line.setblocking(False)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            line.connect(self._path)
        except OSError:
            line.close()
            return False
        self._socket = line
        self.connections += 1
        return True

    def send(self, message: bytes) -> bool:
        """Sends one message, whole or not at all; False when it was not sent."""
        if self._socket is None:
            return False
        try:
            self._socket.send(message)
        except BlockingIOError:
            return False
        except OSError:
            self.close()
            return False
        return True

    def close(self) -> None:
        """Closes the line; :meth:`connect` opens another."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
