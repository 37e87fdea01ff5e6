"""The points' sockets against the kernel: addresses, batches, what is counted and what is read."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator

import pytest

from rehearsal.kernel_count import KernelCount, KernelCountMissingError
from rehearsal.sockets import SEND_SLOTS, PointSocket, address_of, destination

RTP = b"\x80\x60" + bytes(98)
RTCP = b"\x80\xc9" + bytes(30)
STUN = b"\x00\x01" + bytes(18)
DTLS = b"\x16\xfe\xfd" + bytes(40)


@pytest.fixture
def node() -> Iterator[socket.socket]:
    """Where points send to, and what sends to them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.bind(("127.0.0.1", 0))
        plain.setblocking(False)
        yield plain


@pytest.fixture
def kernel_count() -> Iterator[KernelCount]:
    try:
        count = KernelCount()
    except KernelCountMissingError as error:
        pytest.skip(f"no eBPF here: {error}")
    yield count
    count.close()


def burst(node: socket.socket, data: bytes, copies: int, to: tuple[str, int]) -> None:
    node.sendmsg([data] * copies, [(17, 103, struct.pack("=H", len(data)))], 0, to)


def test_every_point_sends_from_its_own_address(node: socket.socket) -> None:
    points = PointSocket("read")
    to = destination(*node.getsockname())
    for number in range(SEND_SLOTS + 5):
        points.queue(b"from %d" % number, number, to)
    points.flush()
    heard = {node.recvfrom(100) for _ in range(SEND_SLOTS + 5)}
    assert heard == {(b"from %d" % number, (address_of(number), points.port)) for number in range(SEND_SLOTS + 5)}
    assert (points.refused, points.failed) == (0, 0)
    points.close()


def test_what_cannot_be_sent_is_counted_and_the_rest_goes(node: socket.socket) -> None:
    points = PointSocket("read")
    for number, to in enumerate(
        (destination(*node.getsockname()), destination("127.0.0.1", 0), destination(*node.getsockname()))
    ):
        points.queue(b"%d" % number, number, to)
    points.flush()
    assert [node.recv(10), node.recv(10)] == [b"0", b"2"]
    assert points.failed == 1
    points.close()


def test_media_is_read_with_its_time_and_bursts_as_packets(node: socket.socket) -> None:
    points = PointSocket("read")
    before_ns = time.time_ns()
    burst(node, RTP, 5, (address_of(300), points.port))
    node.sendto(STUN, (address_of(7), points.port))
    received, is_more = points.receive()
    assert not is_more
    assert [(data, point) for data, point, _ in received] == [(RTP, 300)] * 5 + [(STUN, 7)]
    assert all(before_ns <= stamp <= time.time_ns() for _, _, stamp in received)
    assert points.receive() == ([], False)
    points.close()


@pytest.mark.parametrize("whole_bursts", [True, False])
def test_the_kernel_counts_each_packet_of_a_burst(node: socket.socket, kernel_count: KernelCount, whole_bursts: bool) -> None:
    points = PointSocket("count", count=kernel_count, whole_bursts=whole_bursts)
    burst(node, RTP, 5, (address_of(9_811), points.port))
    burst(node, RTP, 44, (address_of(2), points.port))
    node.sendto(RTP, (address_of(2), points.port))
    for data in (STUN, DTLS, RTCP):
        node.sendto(data, (address_of(2), points.port))
    assert [(data, point) for data, point, _ in points.receive()[0]] == [(STUN, 2), (DTLS, 2), (RTCP, 2)]
    assert (kernel_count.of(9_811), kernel_count.of(2)) == (5, 45)
    assert sum(kernel_count.all()) == 50
    points.close()


def test_without_ebpf_the_socket_counts_what_its_filter_dropped(node: socket.socket) -> None:
    points = PointSocket("count")
    burst(node, RTP, 5, (address_of(1), points.port))
    for data in (STUN, DTLS, RTCP, RTP):
        node.sendto(data, (address_of(2), points.port))
    assert [data for data, _, _ in points.receive()[0]] == [STUN, DTLS, RTCP]
    assert points.dropped() == 6
    assert points.dropped() == 6
    points.close()
