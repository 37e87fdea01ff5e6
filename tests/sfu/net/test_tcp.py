"""The TCP port on loopback: strangers, bounds, slow receivers; every clock is a number given here."""

from __future__ import annotations

import errno
import select
import socket
from collections.abc import Callable, Iterator

import pytest

from sfu.ids import Address
from sfu.net import tcp
from sfu.net.tcp import AUDIO_WAITS_MAX_BYTES, FIRST_CHECK_S, VIDEO_WAITS_MAX_BYTES, TcpPort, bind_media
from sfu.wire.framing import FRAME_MAX_BYTES, FrameReader, frame

CHECK = b"a check that the engine takes for authentic"


class Bench:
    """A port, its clock, an engine of two lines: a datagram that is :data:`CHECK` makes its address a peer's."""

    def __init__(self) -> None:
        self.port = TcpPort("127.0.0.1", 0)
        self.now = 100.0
        self.received: list[tuple[bytes, Address]] = []
        self.known: set[Address] = set()
        self.clients: list[socket.socket] = []

    def connect(self, *datagrams: bytes, small_buffer: bool = False) -> tuple[socket.socket, Address]:
        client = socket.socket()
        if small_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(5)
        client.connect(self.port.address)
        self.clients.append(client)
        for datagram in datagrams:
            client.sendall(frame(datagram, 0))
        host, port = client.getsockname()
        return client, ("tcp:" + host, port)

    def peer(self, *, small_buffer: bool = False) -> tuple[socket.socket, Address]:
        """A connection whose check was taken."""
        client, address = self.connect(CHECK, small_buffer=small_buffer)
        self.turn_until(lambda: address in self.known)
        return client, address

    def take(self, data: bytes, address: Address) -> bool:
        self.received.append((data, address))
        if data == CHECK:
            self.known.add(address)
        return address in self.known

    def turn(self) -> None:
        """What the node does when the descriptor is readable."""
        if select.select([self.port.fileno()], [], [], 0)[0]:
            self.port.receive(self.take, self.now)

    def turn_until(self, is_so: Callable[[], bool]) -> None:
        for _ in range(5_000):
            if is_so():
                return
            select.select([self.port.fileno()], [], [], 0.01)
            self.turn()
        raise AssertionError("it never came")

    def tick(self, seconds: float) -> None:
        self.now += seconds
        self.port.handle_timeout(lambda address: address in self.known, self.now)

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.port.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    yield one
    one.close()


def datagrams_of(client: socket.socket, count: int) -> list[bytes]:
    reader = FrameReader()
    found: list[bytes] = []
    while len(found) < count:
        found += reader.receive(client.recv(65536))
    return found


def is_closed(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def fill(bench: Bench, kind: str, address: Address, size: int = 1_200) -> int:
    """Sends until it is refused; gives the bytes that were taken."""
    taken = 0
    lane = bench.port.outlets["audio" if kind == "audio" else "video"]
    while lane.send((bytes(size),), 0, address):
        taken += size + 2
        assert taken < 64 << 20, "it never refuses"
    return taken


# -- who may stay


def test_a_check_admits_and_answers_come_back(bench: Bench) -> None:
    client, address = bench.connect(CHECK, b"more")
    bench.turn_until(lambda: len(bench.received) == 2)
    assert bench.received == [(CHECK, address), (b"more", address)]
    assert bench.port.send((b"ans", b"wer"), 0, address)
    assert bench.port.send((b"12", b"345678"), 3, address)
    assert datagrams_of(client, 4) == [b"answer", b"123", b"456", b"78"]
    bench.tick(FIRST_CHECK_S + 1)
    assert address in bench.port
    assert bench.port.strangers == 0
    assert bench.port.lost() == []


def test_the_same_numbers_over_udp_are_another_address(bench: Bench) -> None:
    _, address = bench.peer()
    assert address[0] == "tcp:127.0.0.1"
    assert not bench.port.send((b"x",), 0, ("127.0.0.1", address[1]))
    assert bench.port.counters["unreachable"] == 1


@pytest.mark.parametrize("first", [b"no check", b"\x16\xfe\xfd" + bytes(60), bytes(FRAME_MAX_BYTES)])
def test_whoever_begins_with_anything_else_is_closed(bench: Bench, first: bytes) -> None:
    client, _ = bench.connect(first, CHECK)
    bench.turn_until(lambda: bench.port.counters["unadmitted"] == 1)
    assert is_closed(client)
    assert len(bench.received) == 1, "what stood behind it was not looked at"
    assert len(bench.port) == bench.port.strangers == 0
    assert bench.port.lost() == [], "nobody knew it"


def test_whoever_says_nothing_has_five_seconds(bench: Bench) -> None:
    client, address = bench.connect()
    bench.turn_until(lambda: len(bench.port) == 1)
    bench.tick(FIRST_CHECK_S - 0.1)
    assert address in bench.port
    bench.tick(0.1)
    assert address not in bench.port
    assert is_closed(client)


def test_a_drop_at_a_time_gains_no_time(bench: Bench) -> None:
    client, address = bench.connect()
    bench.turn_until(lambda: len(bench.port) == 1)
    for byte in frame(CHECK, 0)[:5]:
        bench.tick(0.9)
        client.sendall(bytes([byte]))
        bench.turn()
    bench.tick(0.6)
    assert address not in bench.port


def test_a_frame_that_is_too_long_ends_the_connection(bench: Bench) -> None:
    client, address = bench.peer()
    client.sendall((FRAME_MAX_BYTES + 1).to_bytes(2, "big"))
    bench.turn_until(lambda: address not in bench.port)
    assert bench.port.counters["malformed"] == 1
    assert is_closed(client)
    assert bench.port.lost() == [address]


def test_the_end_of_a_connection_is_told_once(bench: Bench) -> None:
    client, address = bench.peer()
    client.close()
    bench.turn_until(lambda: address not in bench.port)
    assert bench.port.lost() == [address]
    assert bench.port.lost() == []
    assert not bench.port.send((b"late",), 0, address)


def test_a_connection_whose_peer_has_gone_is_closed_at_its_next_datagram(bench: Bench) -> None:
    client, address = bench.peer()
    bench.known.clear()
    client.sendall(frame(b"still here", 0))
    bench.turn_until(lambda: address not in bench.port)
    assert bench.port.counters["unadmitted"] == 0, "it was admitted once"


def test_a_silent_connection_whose_peer_has_gone_is_swept(bench: Bench) -> None:
    _, address = bench.peer()
    bench.tick(0)
    bench.known.clear()
    bench.tick(tcp.SWEEP_S - 0.1)
    assert address in bench.port
    bench.tick(0.1)
    assert address not in bench.port


# -- how many


def test_one_host_has_few_strangers_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "STRANGERS_PER_HOST_MAX", 3)
    for _ in range(3):
        bench.connect()
    bench.turn_until(lambda: bench.port.strangers == 3)
    refused, _ = bench.connect()
    bench.turn_until(lambda: bench.port.counters["refused"] == 1)
    assert is_closed(refused)
    bench.clients[0].sendall(frame(CHECK, 0))
    bench.turn_until(lambda: bench.port.strangers == 2)
    bench.connect()
    bench.turn_until(lambda: bench.port.strangers == 3)
    assert bench.port.counters["refused"] == 1, "who is admitted leaves room for the next"


def test_among_all_strangers_the_one_that_waited_longest_gives_way(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "STRANGERS_MAX", 3)
    addresses = []
    for number in range(4):
        addresses.append(bench.connect()[1])
        bench.turn_until(lambda number=number: bench.port.counters["accepted"] == number + 1)  # type: ignore[misc]
    assert [address in bench.port for address in addresses] == [False, True, True, True]
    assert is_closed(bench.clients[0])


def test_there_is_an_end_to_all_connections(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "CONNECTIONS_MAX", 2)
    peers = [bench.peer()[1] for _ in range(2)]
    refused, _ = bench.connect(CHECK)
    bench.turn_until(lambda: bench.port.counters["refused"] == 1)
    assert is_closed(refused)
    assert all(address in bench.port for address in peers)


def test_without_descriptors_it_waits_instead_of_spinning(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = bench.port._listener

    class Exhausted:
        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def accept(self) -> object:
            raise OSError(errno.EMFILE, "too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(bench.port, "_listener", Exhausted())
        client, address = bench.connect(CHECK)
        bench.turn_until(lambda: bench.port.counters["exhausted"] == 1)
    assert not select.select([bench.port.fileno()], [], [], 0.05)[0], "the descriptor stays ready"
    bench.tick(tcp.ACCEPT_PAUSE_S)
    bench.turn_until(lambda: address in bench.known)
    assert client.fileno() > 0


# -- slow receivers


def test_a_slow_receiver_loses_pictures_before_sound(bench: Bench) -> None:
    client, address = bench.peer(small_buffer=True)
    pictures = fill(bench, "video", address)
    waits = len(bench.port._connections[address].out)
    assert VIDEO_WAITS_MAX_BYTES <= waits < VIDEO_WAITS_MAX_BYTES + 1_300
    assert pictures < (8 << 20), "the kernel takes what is on its way, not what waits"
    sound = fill(bench, "audio", address, 100)
    assert AUDIO_WAITS_MAX_BYTES <= waits + sound < AUDIO_WAITS_MAX_BYTES + 200
    assert bench.port.counters["dropped"] == 2
    received, reader = 0, FrameReader()

    def has_all() -> bool:
        nonlocal received
        while select.select([client], [], [], 0)[0]:
            received += sum(len(one) + 2 for one in reader.receive(client.recv(65536)))
        return received == pictures + sound

    bench.turn_until(has_all)
    assert reader.waiting_bytes == 0, "whole messages only"
    assert bench.port.outlets["video"].send((b"again",), 0, address)
    assert not select.select([bench.port.fileno()], [], [], 0.05)[0], "nothing is left to do"


def test_a_large_message_waits_whole_and_leaves_sound_its_room(bench: Bench) -> None:
    _, address = bench.peer(small_buffer=True)
    fill(bench, "video", address)
    bench.port._connections[address].out = bytes(VIDEO_WAITS_MAX_BYTES - 1)
    assert bench.port.outlets["video"].send([bytes(1_200)] * 50, 1_200, address)
    assert len(bench.port._connections[address].out) == VIDEO_WAITS_MAX_BYTES - 1 + 50 * 1_202
    assert not bench.port.outlets["video"].send((b"x",), 0, address)
    assert bench.port.outlets["audio"].send((b"x",), 0, address)


def test_one_slow_receiver_holds_nobody(bench: Bench) -> None:
    _, slow = bench.peer(small_buffer=True)
    client, quick = bench.peer()
    fill(bench, "video", slow)
    assert bench.port.outlets["video"].send((b"picture",), 0, quick)
    assert datagrams_of(client, 1) == [b"picture"]


def test_a_receiver_that_is_gone_is_told_and_not_raised(bench: Bench) -> None:
    client, address = bench.peer()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    client.close()
    for _ in range(3):
        bench.port.send((b"x",), 0, address)
    bench.turn_until(lambda: address not in bench.port)
    assert bench.port.lost() == [address]


def test_a_datagram_that_no_frame_can_hold_is_refused(bench: Bench) -> None:
    _, address = bench.peer()
    assert not bench.port.send((bytes(70_000),), 0, address)
    assert address in bench.port


# -- the socket


def test_connections_send_at_once_and_let_little_wait_in_the_kernel(bench: Bench) -> None:
    _, address = bench.peer()
    connected = bench.port._connections[address].socket
    assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == tcp.KERNEL_WAITS_BYTES
    assert not connected.getblocking()


def test_udp_and_tcp_have_one_number() -> None:
    udp, over_tcp = bind_media("127.0.0.1", 0, with_tcp=True)
    assert over_tcp is not None
    assert udp.address == over_tcp.address
    udp.close()
    over_tcp.close()
    udp, nothing = bind_media("127.0.0.1", 0, with_tcp=False)
    assert nothing is None
    udp.close()


def test_a_number_that_tcp_has_taken_is_an_error_that_says_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OSError, match=r"TCP 127\.0\.0\.1:\d+ .*media\.tcp = false") as raised:
            bind_media("127.0.0.1", port, with_tcp=True)
        assert raised.value.errno == errno.EADDRINUSE
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
            again.bind(("127.0.0.1", port))


def test_with_any_number_a_taken_one_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    class Taken(TcpPort):
        def __init__(self, host: str, port: int) -> None:
            tries.append(port)
            if len(tries) < 3:
                raise OSError(errno.EADDRINUSE, "taken")
            super().__init__(host, port)

    monkeypatch.setattr(tcp, "TcpPort", Taken)
    udp, over_tcp = bind_media("127.0.0.1", 0, with_tcp=True)
    assert over_tcp is not None
    addresses = udp.address, over_tcp.address
    udp.close()
    over_tcp.close()
    assert addresses[0] == addresses[1]
    assert len(tries) >= 3, "others of this machine may have taken more"


def test_ipv6() -> None:
    try:
        port = TcpPort("::1", 0)
    except OSError:
        pytest.skip("no IPv6 here")
    with socket.create_connection(port.address) as client:
        client.sendall(frame(CHECK, 0))
        seen: list[Address] = []
        while not seen:
            select.select([port.fileno()], [], [], 1)
            port.receive(lambda _, address: not seen.insert(0, address), 0.0)  # type: ignore[func-returns-value]
        assert seen[0][0] == "tcp:::1"
    port.close()


def test_numbers_are_all_there(bench: Bench) -> None:
    bench.peer()
    numbers = bench.port.numbers()
    assert (numbers["tcp_connections"], numbers["tcp_strangers"], numbers["tcp_accepted"], numbers["tcp_dropped"]) == (1, 0, 1, 0)
