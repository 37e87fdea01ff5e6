"""The one UDP socket, on loopback: segmentation, and refusals that are counted and never raised."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sfu.net.udp import IP_MTU_DISCOVER, PMTUDISC_DONT, PMTUDISC_PROBE, UdpSocket


class Pair:
    """The node's socket and a plain one to watch it with."""

    def __init__(self) -> None:
        self.node = UdpSocket("127.0.0.1", 0)
        self.other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.other.bind(("127.0.0.1", 0))
        self.other.settimeout(5)
        self.address: tuple[str, int] = self.other.getsockname()

    def received(self, count: int) -> list[bytes]:
        return [self.other.recv(4096) for _ in range(count)]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one = Pair()
    yield one
    one.node.close()
    one.other.close()


def fail_with(*numbers: int) -> Callable[..., int]:
    left = list(numbers)

    def sendmsg(vectors: Any, *_: Any) -> int:
        if left:
            raise OSError(left.pop(0), "as told")
        return sum(len(v) for v in vectors)

    return sendmsg


class Failing:
    """A socket whose calls fail as told."""

    def __init__(self, real: socket.socket, **calls: Callable[..., Any]) -> None:
        self._real, self._calls = real, calls

    def __getattr__(self, name: str) -> Any:
        return self._calls.get(name) or getattr(self._real, name)


def test_vectors_leave_as_one_datagram(pair: Pair) -> None:
    assert pair.node.send((b"head", b"er and ", b"rest"), 0, pair.address)
    assert pair.received(1) == [b"header and rest"]


def test_a_run_leaves_as_datagrams_of_equal_length_and_a_shorter_last(pair: Pair) -> None:
    assert pair.node.send((b"aaaa", b"bbbb", b"cc"), 4, pair.address)
    assert pair.received(3) == [b"aaaa", b"bbbb", b"cc"]


def test_where_nothing_can_segment_the_same_datagrams_leave(pair: Pair) -> None:
    pair.node.has_segmentation = False
    assert pair.node.send((b"aaaa", b"bb"), 4, pair.address)
    assert pair.received(2) == [b"aaaa", b"bb"]


@pytest.mark.parametrize(
    ("number", "keeps"), [(errno.EIO, False), (errno.EOPNOTSUPP, False), (errno.EINVAL, True), (errno.EMSGSIZE, True)]
)
def test_an_interface_that_cannot_segment_gets_them_singly(pair: Pair, number: int, keeps: bool) -> None:
    real = pair.node._socket
    sent: list[bytes] = []

    def sendmsg(vectors: Any, control: Any, flags: int, address: Any) -> int:
        if control:
            raise OSError(number, "as told")
        sent.append(b"".join(vectors))
        return len(sent[-1])

    pair.node._socket = Failing(real, sendmsg=sendmsg)  # type: ignore[assignment]
    pair.node.has_segmentation = True
    assert pair.node.send((b"aaaa", b"bb"), 4, pair.address)
    pair.node._socket = real
    assert sent == [b"aaaa", b"bb"]
    assert pair.node.has_segmentation is keeps


@pytest.mark.parametrize(
    ("number", "counter"),
    [
        (errno.EAGAIN, "refused"),
        (errno.ENOBUFS, "refused"),
        (errno.EHOSTUNREACH, "unreachable"),
        (errno.EPERM, "unreachable"),
        (errno.EMSGSIZE, "failed"),
        (errno.ENETDOWN, "failed"),
        (errno.EBADF, "failed"),
    ],
)
def test_no_refusal_raises_and_each_is_counted(pair: Pair, number: int, counter: str) -> None:
    real = pair.node._socket
    times = 2 if number == errno.EMSGSIZE else 1
    pair.node._socket = Failing(real, sendmsg=fail_with(*[number] * times))  # type: ignore[assignment]
    assert not pair.node.send((b"x",), 0, pair.address)
    assert pair.node.send((b"x",), 0, pair.address)
    pair.node._socket = real
    assert {name: getattr(pair.node, name) for name in ("refused", "unreachable", "failed")} == {
        "refused": 0,
        "unreachable": 0,
        "failed": 0,
        counter: 1,
    }


def test_datagrams_are_not_fragmented_unless_the_own_interface_is_too_narrow(pair: Pair) -> None:
    real = pair.node._socket
    assert real.getsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER) == PMTUDISC_PROBE
    pair.node._socket = Failing(real, sendmsg=fail_with(errno.EMSGSIZE))  # type: ignore[assignment]
    assert pair.node.send((b"x",), 0, pair.address)
    pair.node._socket = real
    assert real.getsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER) == PMTUDISC_DONT


def test_it_never_blocks_when_nobody_reads() -> None:
    node = UdpSocket("127.0.0.1", 0)
    node._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        deaf.bind(("127.0.0.1", 0))
        for _ in range(2000):
            node.send((bytes(1000),) * 10, 1000, deaf.getsockname())
    node.close()


def test_what_came_is_given_with_its_address_and_then_nothing(pair: Pair) -> None:
    assert pair.node.receive() is None
    pair.other.sendto(b"hello", pair.node.address)
    pair.other.sendto(bytes(1600), pair.node.address)
    assert pair.node.receive() == (b"hello", pair.address)
    received = pair.node.receive()
    assert received is not None
    assert len(received[0]) == 1600  # longer than may be: for the engine to see and drop
    assert pair.node.receive() is None


def test_errors_of_receiving_are_no_exceptions(pair: Pair) -> None:
    real, errors = pair.node._socket, [ConnectionRefusedError(), OSError(errno.ENETDOWN, "as told")]

    def recvfrom(_: int) -> Any:
        raise errors.pop(0)

    pair.node._socket = Failing(real, recvfrom=recvfrom)  # type: ignore[assignment]
    assert pair.node.receive() is None
    pair.node._socket = real
    assert pair.node.failed == 1


def test_a_taken_port_says_which_setting(pair: Pair) -> None:
    with pytest.raises(OSError, match=r"media\.port"):
        UdpSocket("127.0.0.1", pair.node.address[1])


def test_ipv6_has_plain_addresses_too() -> None:
    try:
        node = UdpSocket("::1", 0)
    except OSError:
        pytest.skip("no IPv6 here")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:
        other.bind(("::1", 0))
        other.settimeout(5)
        other.sendto(b"x", node.address)
        received = node.receive()
        assert received is not None
        assert received[1] == ("::1", other.getsockname()[1])
        assert node.send((b"y",), 0, received[1])
        assert other.recv(10) == b"y"
    node.close()
