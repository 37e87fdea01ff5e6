"""The node's one UDP socket: the only file of ``sfu`` that touches sockets for media.

Sending uses generic segmentation offload where the kernel has it (``UDP_SEGMENT``, Linux 4.18): one system call and one walk
through the stack for all packets of a frame to one receiver. The socket never blocks; what the kernel has no room for is
dropped and counted, because late media is worth nothing and one slow receiver must not hold the others.

Datagrams are marked "do not fragment": they have at most some 1,240 bytes with their headers, which every path for IPv6 takes
(RFC 8200 §5) and WebRTC relies on anyhow; and the kernel need not find a number for each (a tenth of what a message of
one packet costs). Where the node's own interface is narrower still, the mark is given up for good.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
from collections.abc import Sequence

from sfu.ids import Address

SOL_UDP = 17
UDP_SEGMENT = 103
"""linux/udp.h; Python's socket module does not name it."""
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER = 10, 23
"""linux/in.h and in6.h; as above."""
PMTUDISC_DONT, PMTUDISC_PROBE = 0, 3
"""Fragments may be made; or "do not fragment" is set, and what the network says of its MTU is not listened to."""
BUFFER_BYTES = 8 << 20
"""Asked for in both directions; the kernel gives what ``net.core.*mem_max`` allows, or all of it to root (``…BUFFORCE``)."""
RECEIVE_BYTES = 2048
SO_RCVBUFFORCE = 33
SO_SNDBUFFORCE = 32

_REFUSED = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS, errno.ENOMEM})
_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ECONNREFUSED, errno.EPERM, errno.EINVAL, errno.EACCES})
_GSO_MISSING = frozenset({errno.EIO, errno.EOPNOTSUPP, errno.ENOPROTOOPT})
_GSO_UNFIT = frozenset({errno.EINVAL, errno.EMSGSIZE})
"""Segments longer than the path's MTU: single datagrams may still be fragmented."""
_SEGMENT = struct.Struct("=H")


class UdpSocket:
    """A non-blocking UDP socket; an :class:`sfu.fanout.Outlet`.

    Nothing that the network or a peer's address does makes :meth:`receive` or :meth:`send` raise. Attributes:

    * ``refused``: messages the kernel had no room for;
    * ``unreachable``: messages to addresses that cannot be sent to;
    * ``failed``: whatever else went wrong, in either direction.
    """

    def __init__(self, host: str, port: int) -> None:
        """Binds to ``host`` and ``port``.

        Raises:
            OSError: the address cannot be bound; the text names it and the setting to change.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        for option, force in ((socket.SO_RCVBUF, SO_RCVBUFFORCE), (socket.SO_SNDBUF, SO_SNDBUFFORCE)):
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, force, BUFFER_BYTES)
            except OSError:
                self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            text = f"cannot bind UDP {host}:{port} ({error.strerror}); free it or set media.host and media.port"
            raise OSError(error.errno, text) from error
        self._set_mtu_discovery(PMTUDISC_PROBE)
        self._may_fragment = False
        self.has_segmentation = self._probe()
        self.refused = 0
        self.unreachable = 0
        self.failed = 0

    def _probe(self) -> bool:
        try:
            self._socket.setsockopt(SOL_UDP, UDP_SEGMENT, 0)
        except OSError:
            return False
        return True

    def _set_mtu_discovery(self, mode: int) -> None:
        for level, option in ((socket.IPPROTO_IP, IP_MTU_DISCOVER), (socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER)):
            with contextlib.suppress(OSError):  # a socket of IPv4 has not the one, some kernels without IPv6 not the other
                self._socket.setsockopt(level, option, mode)

    def fileno(self) -> int:
        """The descriptor, for the event loop."""
        return self._socket.fileno()

    @property
    def address(self) -> Address:
        """Where the socket is bound."""
        name = self._socket.getsockname()
        return name[0], name[1]

    def receive(self) -> tuple[bytes, Address] | None:
        """One datagram and where it came from; None when none waits."""
        while True:
            try:
                data, address = self._socket.recvfrom(RECEIVE_BYTES)
            except BlockingIOError:
                return None
            except ConnectionError:
                continue
            except OSError:
                self.failed += 1
                return None
            return data, (address[0], address[1])

    def send(self, vectors: Sequence[bytes], segment_bytes: int, address: Address) -> bool:
        """See :meth:`sfu.fanout.Outlet.send`."""
        try:
            if segment_bytes and self.has_segmentation:
                control = [(SOL_UDP, UDP_SEGMENT, _SEGMENT.pack(segment_bytes))]
                self._socket.sendmsg(vectors, control, 0, address)
            elif segment_bytes:
                return self._send_singly(b"".join(vectors), segment_bytes, address)
            else:
                self._socket.sendmsg(vectors, (), 0, address)
        except OSError as error:
            if error.errno in _REFUSED:
                self.refused += 1
                return False
            if segment_bytes and error.errno in _GSO_MISSING:
                self.has_segmentation = False
                return self._send_singly(b"".join(vectors), segment_bytes, address)
            if segment_bytes and error.errno in _GSO_UNFIT:
                return self._send_singly(b"".join(vectors), segment_bytes, address)
            if error.errno == errno.EMSGSIZE and not self._may_fragment:
                self._may_fragment = True
                self._set_mtu_discovery(PMTUDISC_DONT)
                return self.send(vectors, segment_bytes, address)
            if error.errno in _UNREACHABLE:
                self.unreachable += 1
            else:
                self.failed += 1
            return False
        return True

    def _send_singly(self, data: bytes, segment_bytes: int, address: Address) -> bool:
        """Where the kernel or the interface cannot segment."""
        return all(self.send((data[at : at + segment_bytes],), 0, address) for at in range(0, len(data), segment_bytes))

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()
