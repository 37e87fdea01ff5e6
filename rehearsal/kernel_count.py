"""Counting media in the kernel, point by point: an eBPF socket filter that drops it and adds to a map that is mapped here.

Theory of operation. The filter sees every datagram of its socket from the UDP header on. STUN, DTLS and RTCP (second byte 192 to
223, RFC 5761 §4) are let through; everything else that has RTP's version bits is counted under the low bits of its destination
address and dropped. A burst that the sender handed over as one (``UDP_SEGMENT``) counts as all its segments, whether the kernel
cuts it up before the filter or, with ``UDP_GRO`` on the socket, does not: ``gso_segs`` says how many it is.

The map is plain memory for its reader (``BPF_F_MMAPABLE``): reading it is no system call. Where eBPF is not to be had (it wants
CAP_BPF, as a rule root), :func:`classic_filter` drops the same packets, and the socket's own count of drops has to do.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import struct

POINTS_MAX = 32_768
"""Addresses that are told apart, a power of two; three times the communes of the country."""

_SYSCALLS = {"x86_64": 321, "aarch64": 280}
_MAP_CREATE, _PROG_LOAD = 0, 5
_MAP_TYPE_ARRAY, _PROG_TYPE_SOCKET_FILTER = 2, 1
_F_MMAPABLE = 1 << 10
_NET_OFFSET = -0x100000
"""SKF_NET_OFF: loads relative to the IP header."""
_GSO_SEGS_OFFSET = 164
"""In ``struct __sk_buff``."""
_LOG_BYTES = 65_536
_LICENSE = b"MIT"

_Step = tuple[int, int, int, int, int, str, str]


def _step(op: int, dst: int = 0, src: int = 0, off: int = 0, imm: int = 0, *, label: str = "", to: str = "") -> _Step:
    return op, dst, src, off, imm, label, to


def _program(map_fd: int) -> bytes:
    """The filter's instructions. Registers: r0 result and scratch, r6 the packet."""
    steps = [
        _step(0xBF, 6, 1),  # r6 = packet
        _step(0x30, imm=8),  # r0 = first byte of the payload
        _step(0x54, 0, imm=0xC0),
        _step(0x55, 0, imm=0x80, to="accept"),  # not RTP's version: STUN, DTLS
        _step(0x30, imm=9),
        _step(0xA5, 0, imm=192, to="media"),
        _step(0xB5, 0, imm=223, to="accept"),  # RTCP
        _step(0x20, imm=_NET_OFFSET + 16, label="media"),  # r0 = destination address
        _step(0x54, 0, imm=POINTS_MAX - 1),
        _step(0x63, 10, 0, off=-4),
        _step(0xBF, 2, 10),
        _step(0x07, 2, imm=-4),
        _step(0x18, 1, 1, imm=map_fd),
        _step(0x00),
        _step(0x85, imm=1),  # r0 = the counter's address
        _step(0x15, 0, imm=0, to="drop"),
        _step(0x61, 1, 6, off=_GSO_SEGS_OFFSET),
        _step(0x55, 1, imm=0, to="add"),
        _step(0xB7, 1, imm=1),
        _step(0xDB, 0, 1, label="add"),  # *r0 += r1, atomically: packets are delivered on more than one core
        _step(0xB7, 0, imm=0, label="drop"),
        _step(0x95),
        _step(0xB7, 0, imm=0xFFFF, label="accept"),
        _step(0x95),
    ]
    places = {step[5]: place for place, step in enumerate(steps) if step[5]}
    return b"".join(
        struct.pack("=BBhi", op, src << 4 | dst, places[to] - place - 1 if to else off, imm)
        for place, (op, dst, src, off, imm, _, to) in enumerate(steps)
    )


def classic_filter() -> list[tuple[int, int, int, int]]:
    """The same filter without counting, as classic BPF: (code, jump if true, jump if false, operand)."""
    return [
        (0x30, 0, 0, 8),  # the payload's first byte
        (0x54, 0, 0, 0xC0),
        (0x15, 0, 4, 0x80),
        (0x30, 0, 0, 9),
        (0x35, 0, 1, 192),
        (0x25, 0, 1, 223),
        (0x06, 0, 0, 0),
        (0x06, 0, 0, 0xFFFF),
    ]


class KernelCountMissingError(OSError):
    """The kernel does not let this process count: it wants Linux 5.5 and CAP_BPF."""


class KernelCount:
    """The counters and the filter that adds to them. ``filter_fd`` goes into ``SO_ATTACH_BPF``."""

    def __init__(self) -> None:
        """Loads the filter.

        Raises:
            KernelCountMissingError: the kernel refuses, or this is no Linux on x86-64 or ARM64.
        """
        self._map_fd = _bpf(_MAP_CREATE, struct.pack("=IIIII", _MAP_TYPE_ARRAY, 4, 8, POINTS_MAX, _F_MMAPABLE).ljust(72, b"\0"))
        try:
            self._memory = mmap.mmap(self._map_fd, POINTS_MAX * 8)
            self._counters = memoryview(self._memory).cast("Q")
            self.filter_fd = self._load()
        except OSError:
            os.close(self._map_fd)
            raise

    def _load(self) -> int:
        program = _program(self._map_fd)
        code, license_text = ctypes.create_string_buffer(program, len(program)), ctypes.create_string_buffer(_LICENSE)
        log = ctypes.create_string_buffer(_LOG_BYTES)
        addresses = [ctypes.addressof(buffer) for buffer in (code, license_text, log)]
        attributes = struct.pack(
            "=IIQQIIQ", _PROG_TYPE_SOCKET_FILTER, len(program) // 8, addresses[0], addresses[1], 1, _LOG_BYTES, addresses[2]
        )
        try:
            return _bpf(_PROG_LOAD, attributes.ljust(128, b"\0"))
        except KernelCountMissingError as error:
            lines = log.value.decode(errors="replace").splitlines()
            raise KernelCountMissingError(error.errno, f"{error.strerror}; {lines[-1] if lines else 'no log'}") from None

    def of(self, point: int) -> int:
        """Packets for one point so far."""
        return self._counters[point]

    def all(self) -> list[int]:
        """Packets for every point so far, by number."""
        return self._counters.tolist()

    def close(self) -> None:
        """Lets go of map and filter."""
        self._counters.release()
        self._memory.close()
        os.close(self.filter_fd)
        os.close(self._map_fd)


def _bpf(command: int, attributes: bytes) -> int:
    number = _SYSCALLS.get(platform.machine())
    if number is None or platform.system() != "Linux":
        raise KernelCountMissingError(0, "counting by eBPF is for Linux on x86-64 and ARM64")
    library = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    result = int(library.syscall(number, command, buffer, len(attributes)))
    if result < 0:
        code = ctypes.get_errno()
        raise KernelCountMissingError(code, os.strerror(code))
    return result
