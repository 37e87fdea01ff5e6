"""The simulated points' sockets: the only file of the rehearsal that touches UDP.

All points share a few sockets, bound to every address of the machine; each point is an address of its own, 127.64.0.0 plus its
number. What it sends leaves with that address (``IP_PKTINFO``), what comes is told apart by the address it came to. Sending and
receiving are done in batches (``sendmmsg``, ``recvmmsg``) over memory that is laid out once: per datagram there is one copy and a
few stores, and no object.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
from array import array
from typing import Literal

from rehearsal.kernel_count import POINTS_MAX, KernelCount, classic_filter

Received = tuple[bytes, int, int]
"""A datagram, the number of the point it came to, and when the kernel took it: nanoseconds since the epoch, 0 if not told."""

FIRST_ADDRESS = 0x7F400000
"""127.64.0.0; the point's number is added."""
BUFFER_BYTES = 48 << 20
"""Forced where the process may: 100 sampled points' media of a second are 19 MB."""
DATAGRAM_BYTES = 2048
BURST_BYTES = 65_536
SEND_SLOTS = 128
RECEIVE_SLOTS = 64
BURST_SLOTS = 16

_SO_RCVBUFFORCE, _SO_SNDBUFFORCE = 33, 32
_SO_ATTACH_FILTER, _SO_ATTACH_BPF = 26, 50
_SO_MEMINFO, _MEMINFO_DROPS = 55, 8
_SO_TIMESTAMPNS = 35
_SOL_UDP, _UDP_GRO = 17, 104
_IP_PKTINFO = 8
_HEADER_BYTES = 64  # struct mmsghdr on 64-bit Linux
_CONTROL_BYTES = 128
_PKTINFO = struct.Struct("=QiiI4s4s")  # cmsghdr; interface, local address, destination
_CMSG = struct.Struct("=Qii")
_TIMESPEC = struct.Struct("=qq")
_ADDRESS = struct.Struct("!I")
_INT = struct.Struct("=i")

_SOURCES = array("I", (socket.htonl(FIRST_ADDRESS + point) for point in range(POINTS_MAX)))
"""All points' addresses as the kernel has them, in network order."""


def destination(host: str, port: int) -> int:
    """An IPv4 socket address as the first eight bytes of ``sockaddr_in`` in one native integer."""
    return int.from_bytes(struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton(host), "little")


def address_of(point: int) -> str:
    """The address of a point, as text."""
    return socket.inet_ntoa(_ADDRESS.pack(FIRST_ADDRESS + point))


class _Slots:
    """Memory for a batch of messages: mmsghdr, iovec, name, control and data of each."""

    def __init__(self, count: int, data_bytes: int, control_bytes: int) -> None:
        self.count, self.data_bytes = count, data_bytes
        self._buffers = [
            ctypes.create_string_buffer(count * size) for size in (_HEADER_BYTES, 16, 16, _CONTROL_BYTES, data_bytes)
        ]
        headers, vectors, names, controls, data = (ctypes.addressof(buffer) for buffer in self._buffers)
        self.headers_at = headers
        self.headers, self.vectors, self.names, self.controls = (
            memoryview(buffer).cast("B").cast("Q") for buffer in self._buffers[:4]
        )
        self.lengths = memoryview(self._buffers[0]).cast("B").cast("I")
        self.control_bytes = memoryview(self._buffers[3]).cast("B")
        self.data = memoryview(self._buffers[4]).cast("B")
        for slot in range(count):
            self.vectors[2 * slot] = data + slot * data_bytes
            self.vectors[2 * slot + 1] = data_bytes
            at = slot * _HEADER_BYTES // 8
            self.headers[at] = names + 16 * slot
            self.headers[at + 1] = 16
            self.headers[at + 2] = vectors + 16 * slot
            self.headers[at + 3] = 1
            self.headers[at + 4] = controls + _CONTROL_BYTES * slot
            self.headers[at + 5] = control_bytes


class PointSocket:
    """One UDP socket of many points.

    Args:
        media: ``count`` lets the kernel drop and count RTP; ``read`` receives it, with the kernel's time of arrival.
        whole_bursts: takes a sender's burst (``UDP_SEGMENT``) as one, which spares the kernel to cut it up. It still counts
            as its packets; where only the socket's drops can be counted, bursts are cut up whatever is asked for.

    Attributes:
        refused: datagrams the kernel had no room for.
        failed: datagrams that could not be sent otherwise.
    """

    def __init__(self, media: Literal["count", "read"], *, count: KernelCount | None = None, whole_bursts: bool = True) -> None:
        """Binds to a free port of all addresses.

        Raises:
            OSError: this is no Linux, or it has no room for another socket.
        """
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self.refused = self.failed = 0
        self._drops_read = self._drops = 0
        self._counts_drops = media == "count" and count is None
        self._keeps_bursts = whole_bursts and not self._counts_drops
        self._kernel_count = count if media == "count" else None
        self._prepare(media)
        self._socket.bind(("0.0.0.0", 0))
        self.port: int = self._socket.getsockname()[1]
        library = ctypes.CDLL(None, use_errno=True)
        self._sendmmsg, self._recvmmsg = library.sendmmsg, library.recvmmsg
        self._fd = self._socket.fileno()
        self._out = _Slots(SEND_SLOTS, DATAGRAM_BYTES, 32)
        for slot in range(SEND_SLOTS):
            _PKTINFO.pack_into(self._out.control_bytes, slot * _CONTROL_BYTES, 28, socket.IPPROTO_IP, _IP_PKTINFO, 0, b"", b"")
        self._out_sources = self._out.control_bytes.cast("I")
        self._waiting = 0
        if media == "read" and self._keeps_bursts:
            self._in = _Slots(BURST_SLOTS, BURST_BYTES, _CONTROL_BYTES)
        else:
            self._in = _Slots(RECEIVE_SLOTS, DATAGRAM_BYTES, _CONTROL_BYTES)

    def _prepare(self, media: Literal["count", "read"]) -> None:
        options = ((socket.SO_RCVBUF, _SO_RCVBUFFORCE), (socket.SO_SNDBUF, _SO_SNDBUFFORCE))
        for option, force in options:
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, force, BUFFER_BYTES)
            except OSError:
                self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        self._socket.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        if media == "read":
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        elif self._kernel_count is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_BPF, self._kernel_count.filter_fd)
        else:
            steps = b"".join(struct.pack("=HBBI", *step) for step in classic_filter())
            code = ctypes.create_string_buffer(steps, len(steps))
            program = struct.pack("HL", len(classic_filter()), ctypes.addressof(code))
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
        if self._keeps_bursts:
            try:
                self._socket.setsockopt(_SOL_UDP, _UDP_GRO, 1)
            except OSError:
                self._keeps_bursts = False

    def fileno(self) -> int:
        """The descriptor, for the event loop."""
        return self._fd

    # -- sending

    def queue(self, data: bytes, point: int, to: int) -> None:
        """Take a datagram of at most 2,048 bytes from ``point`` to a :func:`destination`; it leaves with :meth:`flush`."""
        slot, out = self._waiting, self._out
        size = len(data)
        at = slot * DATAGRAM_BYTES
        out.data[at : at + size] = data
        out.vectors[2 * slot + 1] = size
        out.names[2 * slot] = to
        self._out_sources[slot * (_CONTROL_BYTES // 4) + 5] = _SOURCES[point]
        self._waiting = slot + 1
        if self._waiting == SEND_SLOTS:
            self.flush()

    def flush(self) -> None:
        """Send what waits. What the kernel has no room for is dropped and counted."""
        first, count = 0, self._waiting
        self._waiting = 0
        while first < count:
            sent = self._sendmmsg(
                self._fd, ctypes.c_void_p(self._out.headers_at + first * _HEADER_BYTES), count - first, socket.MSG_DONTWAIT
            )
            if sent > 0:
                first += sent
                continue
            code = ctypes.get_errno()
            if code in {errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM}:
                self.refused += count - first
                return
            if code != errno.EINTR:
                self.failed += 1
                first += 1

    # -- receiving

    def receive(self) -> tuple[list[Received], bool]:
        """One batch of what waits, and whether more may wait. A burst comes as its packets.

        Raises:
            OSError: the socket is closed or broken.
        """
        slots = self._in
        count = self._recvmmsg(self._fd, ctypes.c_void_p(slots.headers_at), slots.count, socket.MSG_DONTWAIT, None)
        if count < 0:
            code = ctypes.get_errno()
            if code in {errno.EAGAIN, errno.EINTR, errno.ECONNREFUSED}:
                return [], False
            raise OSError(code, os.strerror(code))
        received: list[Received] = []
        for slot in range(count):
            head = slot * _HEADER_BYTES // 8
            size = slots.lengths[2 * head + 14]
            point, stamp, segment = self._read_control(slot * _CONTROL_BYTES, slots.headers[head + 5])
            slots.headers[head + 5] = _CONTROL_BYTES
            at = slot * slots.data_bytes
            if 0 < segment < size:
                received += [
                    (bytes(slots.data[begin : min(begin + segment, at + size)]), point, stamp)
                    for begin in range(at, at + size, segment)
                ]
            else:
                received.append((bytes(slots.data[at : at + size]), point, stamp))
        return received, count == slots.count

    def _read_control(self, at: int, size: int) -> tuple[int, int, int]:
        """Point, time of arrival and segment size in a message's control data."""
        control, end = self._in.control_bytes, at + size
        point = stamp = segment = 0
        while at + 16 <= end:
            length, level, kind = _CMSG.unpack_from(control, at)
            if level == socket.IPPROTO_IP and kind == _IP_PKTINFO:
                point = _ADDRESS.unpack_from(control, at + 24)[0] & (POINTS_MAX - 1)
            elif level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
                seconds, nanoseconds = _TIMESPEC.unpack_from(control, at + 16)
                stamp = seconds * 1_000_000_000 + nanoseconds
            elif level == _SOL_UDP and kind == _UDP_GRO:
                segment = _INT.unpack_from(control, at + 16)[0]
            at += (length + 7) & ~7
        return point, stamp, segment

    # -- counting

    def dropped(self) -> int:
        """Datagrams that the kernel dropped at this socket: by the filter and for want of room. Ask at least once in ten minutes
        under full load: the kernel's counter has 32 bits. After :meth:`close` it is what it was then."""
        if self._socket.fileno() < 0:
            return self._drops
        now = struct.unpack("=9I", self._socket.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 36))[_MEMINFO_DROPS]
        self._drops += (now - self._drops_read) & 0xFFFFFFFF
        self._drops_read = now
        return self._drops

    def close(self) -> None:
        """Close the socket; what waits to be sent is lost."""
        self.dropped()
        self._socket.close()
