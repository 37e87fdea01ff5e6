"""ICE and DTLS together, as the node drives them: two peers, a seeded network, virtual time, and somebody who sprays."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from sfu.dtls import GIVE_UP_S, KEEP_S, DtlsCertificate, DtlsRole
from sfu.srtp import Suite
from sfu.transport import (
    AddressChanged,
    AddressForgotten,
    AddressValidated,
    Connected,
    ConsentLost,
    Failed,
    IceCredentials,
    RemoteClosed,
    Transport,
    TransportEvent,
    UfragForgotten,
    stun_username_fragment,
)
from tests.harness.dtls_client import DtlsPeer, PeerIdentity, fatal_alert, huge_fragment, null_cipher_hello
from tests.harness.ice_client import IceClient
from tests.harness.netem import Conditions, Network

LOCAL = IceCredentials("serverAB", "p" * 24)
REMOTE = IceCredentials("clnt", "r" * 24)
IDENTITY = PeerIdentity.generate()
STRANGER = PeerIdentity.generate()
CERTIFICATE = DtlsCertificate.generate()
SERVER = ("198.51.100.1", 10_000)
PEER = ("192.0.2.1", 50_000)
MOVED = ("192.0.2.1", 61_234)
SPRAYER = ("203.0.113.66", 6_666)


def make(role: DtlsRole = "server", identity: PeerIdentity = IDENTITY, now: float = 0.0) -> Transport:
    return Transport(LOCAL, REMOTE, CERTIFICATE, (("sha-256", identity.fingerprint()),), role, now)


@dataclass
class Browser:
    """A peer on the network: checks, DTLS, and a memory of what it was sent."""

    network: Network
    address: tuple[str, int] = PEER
    dtls: DtlsPeer = field(default_factory=lambda: DtlsPeer("client", IDENTITY))
    ice: IceClient = field(default_factory=lambda: IceClient(LOCAL.ufrag, LOCAL.pwd, REMOTE.ufrag))
    received: list[bytes] = field(default_factory=list)
    mapped: tuple[str, int] | None = None

    def send(self, data: bytes, now: float) -> None:
        self.network.send(data, self.address, SERVER, now)

    def check(self, now: float, *, nominate: bool = True) -> None:
        self.send(self.ice.check(nominate=nominate), now)

    def receive(self, data: bytes, now: float) -> None:
        self.received.append(data)
        if data[0] < 4:
            self.mapped = self.ice.receive(data) or self.mapped
        elif 20 <= data[0] <= 63:
            for answer in self.dtls.receive(data):
                self.send(answer, now)

    def start_dtls(self, now: float) -> None:
        for data in self.dtls.start():
            self.send(data, now)


@dataclass
class World:
    """The node's part in small: demultiplexes, drains, re-arms; keeps what was sent where."""

    transport: Transport
    network: Network = field(default_factory=lambda: Network(1))
    now: float = 0.0
    events: list[TransportEvent] = field(default_factory=list)
    in_bytes: dict[tuple[str, int], int] = field(default_factory=dict)
    out_bytes: dict[tuple[str, int], int] = field(default_factory=dict)

    def drain(self) -> None:
        for data, to in self.transport.datagrams_to_send():
            self.out_bytes[to] = self.out_bytes.get(to, 0) + len(data)
            self.network.send(data, SERVER, to, self.now)
        self.events += self.transport.events()

    def give(self, data: bytes, source: tuple[str, int]) -> None:
        """Hands a datagram over at once."""
        self.in_bytes[source] = self.in_bytes.get(source, 0) + len(data)
        if data and data[0] < 4:
            self.transport.receive_stun(data, source, self.now)
        else:
            self.transport.receive_dtls(data, source, self.now)
        self.drain()

    def run(self, until: float, *browsers: Browser) -> None:
        """Plays deliveries and timeouts in order."""
        at = {browser.address: browser for browser in browsers}
        while True:
            due = [time for time in (self.network.next_delivery(), self.transport.next_timeout()) if time is not None]
            if not due or min(due) > until:
                break
            self.now = max(self.now, min(due))
            for datagram in self.network.deliver(self.now):
                if datagram.destination == SERVER:
                    self.give(datagram.data, datagram.source)
                elif datagram.destination in at:
                    at[datagram.destination].receive(datagram.data, self.now)
            self.transport.handle_timeout(self.now)
            self.drain()
        self.now = until

    @property
    def connected(self) -> list[Connected]:
        return [event for event in self.events if isinstance(event, Connected)]


def connect(world: World, browser: Browser) -> Connected:
    """A whole connection: check, nomination, handshake."""
    browser.check(world.now)
    world.run(world.now + 0.1, browser)
    browser.start_dtls(world.now)
    world.run(world.now + 0.5, browser)
    assert len(world.connected) == 1
    assert browser.dtls.is_connected
    return world.connected[0]


class TestConnect:
    """The straight way."""

    def test_server(self) -> None:
        world = World(make())
        browser = Browser(world.network)
        keys = connect(world, browser)
        assert world.events == [AddressValidated(PEER), keys]
        assert keys.suite is Suite.AES_128_GCM
        assert (keys.remote_key, keys.remote_salt, keys.local_key, keys.local_salt) == browser.dtls.keys()
        assert browser.mapped == PEER
        assert world.transport.address == PEER

    def test_client(self) -> None:
        """FFmpeg offers setup:passive: our hello follows the first check, unasked."""
        world = World(make("client"))
        browser = Browser(world.network, dtls=DtlsPeer("server", IDENTITY))
        browser.check(0.0)
        world.run(0.5, browser)
        keys = world.connected[0]
        assert (keys.remote_key, keys.remote_salt, keys.local_key, keys.local_salt) == browser.dtls.keys()

    def test_dtls_before_the_nomination(self) -> None:
        """Chromium sends its hello as soon as a check was answered, and nominates on the next."""
        world = World(make())
        browser = Browser(world.network)
        browser.check(0.0, nominate=False)
        world.run(0.1, browser)
        browser.start_dtls(0.1)
        world.run(0.5, browser)
        assert len(world.connected) == 1

    def test_reordered_and_doubled(self) -> None:
        """No timer helps here (OpenSSL's runs in real time, see test_dtls): what arrives has to do, in any order."""
        connected = 0
        for seed in range(20):
            world = World(make(), Network(seed, Conditions(jitter_s=0.01, duplication=0.5)))
            browser = Browser(world.network, dtls=DtlsPeer("client", IDENTITY, mtu=300))
            browser.check(0.0)
            world.run(0.1, browser)
            browser.start_dtls(0.1)
            world.run(0.9, browser)
            assert browser.dtls.error is None
            assert [type(event) for event in world.events] in ([AddressValidated], [AddressValidated, Connected])
            connected += len(world.connected)
        # The others saw a ChangeCipherSpec overtake what belongs before it, and wait for the peer to repeat it.
        assert connected >= 8

    def test_answers_go_before_dtls(self) -> None:
        transport = make("client")
        client = IceClient(LOCAL.ufrag, LOCAL.pwd, REMOTE.ufrag)
        transport.receive_stun(client.check(), PEER, 0.0)
        first, second = transport.datagrams_to_send()
        assert first[0][0] == 1
        assert second[0][0] == 22
        assert transport.datagrams_to_send() == []

    def test_the_node_finds_the_peer_by_its_fragment(self) -> None:
        client = IceClient(LOCAL.ufrag, LOCAL.pwd, REMOTE.ufrag)
        assert stun_username_fragment(client.check()) in make().ufrags


SPRAY = [null_cipher_hello(), fatal_alert(), huge_fragment(), bytes([22, 254, 253]) + bytes(60), b"\x14\xfe\xfd"]


class TestHelloRace:
    """CVE-2023-49786 and its like: whoever is first on the port with DTLS must not win, nor spoil it."""

    def spray(self, world: World, hello: list[bytes]) -> None:
        for data in [*SPRAY, *hello]:
            world.give(data, SPRAYER)

    def test_before_during_and_after(self) -> None:
        world = World(make())
        browser = Browser(world.network)
        stranger = DtlsPeer("client", STRANGER)
        hello = stranger.start()
        self.spray(world, hello)
        assert world.out_bytes == {}
        browser.check(0.0)
        world.run(0.1, browser)
        self.spray(world, hello)
        for data in browser.dtls.start():
            self.spray(world, hello)
            world.give(data, PEER)
        self.spray(world, hello)
        world.run(world.now + 0.02, browser)
        for step in range(20):
            self.spray(world, hello)
            world.run(world.now + 0.01 * step, browser)
        assert len(world.connected) == 1
        assert browser.dtls.is_connected
        self.spray(world, hello)
        assert len(world.connected) == 1
        assert world.transport.address == PEER
        assert SPRAYER not in world.out_bytes
        assert SPRAYER not in world.transport.addresses
        counters = world.transport.counters()
        assert counters["dtls_stray"] >= 20 * len(SPRAY)
        assert counters["dtls_renewals"] == 0

    def test_replayed_hello_of_the_real_peer(self) -> None:
        """The very bytes of the real hello, from elsewhere, make no handshake."""
        world = World(make())
        browser = Browser(world.network)
        hello = browser.dtls.start()
        for data in hello:
            world.give(data, SPRAYER)
        assert not world.transport.is_handshaking
        browser.check(0.0)
        world.run(0.1, browser)
        for data in hello:
            world.give(data, PEER)
        world.run(0.5, browser)
        assert len(world.connected) == 1
        assert SPRAYER not in world.out_bytes

    def test_poison_from_the_validated_address(self) -> None:
        """Somebody who forges even the address costs a fresh object each time, not the connection."""
        world = World(make())
        browser = Browser(world.network)
        browser.check(0.0)
        world.run(0.1, browser)
        for data in SPRAY:
            world.give(data, PEER)
        assert world.transport.counters()["dtls_renewals"] == 1
        browser.start_dtls(world.now)
        world.run(0.5, browser)
        assert len(world.connected) == 1

    def test_another_certificate(self) -> None:
        world = World(make())
        browser = Browser(world.network, dtls=DtlsPeer("client", STRANGER))
        browser.check(0.0)
        world.run(0.1, browser)
        browser.start_dtls(0.1)
        world.run(0.5, browser)
        assert world.events == [AddressValidated(PEER), Failed("fingerprint_mismatch")]
        assert not browser.dtls.is_connected
        assert world.transport.has_ended
        assert world.transport.next_timeout() is None


class TestAmplification:
    """Until an address is validated nothing but answers to checks goes there, never more than came from it."""

    def test_bytes_out_never_exceed_bytes_in(self) -> None:
        world = World(make())
        rng = random.Random(7675)
        good = IceClient(LOCAL.ufrag, LOCAL.pwd, REMOTE.ufrag)
        stranger = DtlsPeer("client", IDENTITY)
        hello = stranger.start()[0]
        for number in range(400):
            source = ("203.0.113.7" if number % 2 else "2001:db8::7", 1000 + number % 50)
            data = rng.choice(
                [
                    good.check(password="wrong" * 5),
                    good.check(username="serverAB:other"),
                    good.check(username="nobody00:clnt"),
                    good.check(controlled=True),
                    good.check(controlled=True, priority=False, fingerprint=False),
                    hello,
                    rng.randbytes(rng.randrange(1, 200)),
                    *SPRAY,
                ]
            )
            world.give(data, source)
            assert world.transport.address is None
            assert world.out_bytes.get(source, 0) <= world.in_bytes[source]
        assert world.events == []

    def test_client_says_nothing_before_a_check(self) -> None:
        world = World(make("client"))
        world.run(5.0)
        assert world.out_bytes == {}

    def test_bare_checks(self) -> None:
        """The smallest request there is, in both families."""
        client = IceClient(LOCAL.ufrag, LOCAL.pwd, REMOTE.ufrag)
        for source in (PEER, ("2001:db8::1", 4000)):
            for fingerprint in (True, False):
                world = World(make())
                world.give(client.check(priority=False, controlling=False, fingerprint=fingerprint), source)
                assert world.out_bytes.get(source, 0) <= world.in_bytes[source]


class TestAddress:
    """What moves it and what does not."""

    def test_dtls_from_elsewhere_does_not(self) -> None:
        world = World(make())
        browser = Browser(world.network)
        connect(world, browser)
        for data in browser.dtls.close():
            world.give(data, MOVED)
        assert world.transport.address == PEER
        assert not world.transport.has_ended

    def test_an_unauthenticated_check_does_not(self) -> None:
        world = World(make())
        connect(world, Browser(world.network))
        client = IceClient(LOCAL.ufrag, "x" * 24, REMOTE.ufrag)
        world.give(client.check(nominate=True), MOVED)
        assert world.transport.address == PEER
        assert MOVED not in world.out_bytes

    def test_a_nomination_does(self) -> None:
        world = World(make())
        browser = Browser(world.network)
        connect(world, browser)
        world.give(browser.ice.check(nominate=False), MOVED)
        assert world.transport.address == PEER
        world.give(browser.ice.check(nominate=True), MOVED)
        assert world.transport.address == MOVED
        assert world.events[-2:] == [AddressValidated(MOVED), AddressChanged(MOVED)]
        assert world.transport.addresses == (PEER, MOVED)

    def test_in_the_middle_of_the_handshake(self) -> None:
        """Another network takes over between two flights: ours goes to the new address."""
        world = World(make())
        browser = Browser(world.network)
        world.give(browser.ice.check(), PEER)
        for data in browser.dtls.start():
            world.give(data, PEER)
        world.give(browser.ice.check(nominate=True), MOVED)
        browser.address = MOVED
        for datagram in world.network.deliver(10.0):
            if datagram.destination == PEER and datagram.data[0] == 22:
                browser.receive(datagram.data, 0.0)
        before = world.out_bytes.get(PEER, 0)
        world.run(0.5, browser)
        assert len(world.connected) == 1
        assert browser.dtls.is_connected
        assert world.out_bytes[PEER] == before

    def test_ice_restart_keeps_the_keys(self) -> None:
        world = World(make())
        browser = Browser(world.network)
        connect(world, browser)
        fresh = IceCredentials("newserve", "n" * 24)
        world.transport.restart(IceCredentials("new1", "m" * 24), fresh, world.now)
        assert list(world.transport.ufrags) == [LOCAL.ufrag, fresh.ufrag]
        world.give(browser.ice.check(nominate=True), PEER)
        assert world.out_bytes[PEER]
        renewed = IceClient(fresh.ufrag, fresh.pwd, "new1")
        world.give(renewed.check(nominate=True), MOVED)
        assert world.transport.address == MOVED
        assert list(world.transport.ufrags) == [fresh.ufrag]
        assert UfragForgotten(LOCAL.ufrag) in world.events
        assert len(world.connected) == 1


class TestEnd:
    """Each way a transport ends, and that it then is silent."""

    def assert_silent(self, world: World) -> None:
        events, sent = len(world.events), dict(world.out_bytes)
        assert world.transport.has_ended
        assert world.transport.next_timeout() is None
        client = IceClient(LOCAL.ufrag, LOCAL.pwd, REMOTE.ufrag)
        world.give(client.check(nominate=True), PEER)
        for data in DtlsPeer("client", IDENTITY).start():
            world.give(data, PEER)
        world.transport.handle_timeout(world.now + 1000)
        world.transport.restart(REMOTE, LOCAL, world.now)
        world.transport.close()
        world.drain()
        assert len(world.events) == events
        assert world.out_bytes == sent

    def test_no_check_ever(self) -> None:
        world = World(make())
        world.run(31.0)
        assert world.events == [Failed("ice_timeout")]
        self.assert_silent(world)

    def test_no_hello(self) -> None:
        world = World(make())
        browser = Browser(world.network)
        browser.check(0.0)
        world.run(GIVE_UP_S + 0.5, browser)
        assert world.events == [AddressValidated(PEER), Failed("dtls_timeout")]
        self.assert_silent(world)

    def test_consent(self) -> None:
        world = World(make())
        browser = Browser(world.network)
        connect(world, browser)
        world.run(40.0, browser)
        assert world.events[-2:] == [AddressForgotten(PEER), ConsentLost()]
        self.assert_silent(world)

    def test_consent_timeout_is_a_parameter(self) -> None:
        transport = Transport(
            LOCAL, REMOTE, CERTIFICATE, (("sha-256", IDENTITY.fingerprint()),), "server", 0.0, consent_timeout_s=2.0
        )
        world = World(transport)
        world.run(3.0)
        assert world.events == [Failed("ice_timeout")]

    def test_checks_keep_it_alive_without_the_ssl_object(self) -> None:
        world = World(make())
        browser = Browser(world.network)
        connect(world, browser)
        while world.now < 3 * KEEP_S:
            browser.check(world.now)
            world.run(world.now + 2.5, browser)
        assert not world.transport.has_ended
        assert [type(event) for event in world.events] == [AddressValidated, Connected]
        # The object is gone: a close_notify cannot be read any more, nor sent.
        for data in browser.dtls.close():
            world.give(data, PEER)
        assert not world.transport.has_ended
        world.transport.close()
        assert world.transport.datagrams_to_send() == []

    def test_remote_closes(self) -> None:
        world = World(make())
        browser = Browser(world.network)
        connect(world, browser)
        for data in browser.dtls.close():
            browser.send(data, world.now)
        world.run(world.now + 0.1, browser)
        assert world.events[-1] == RemoteClosed()
        self.assert_silent(world)

    def test_we_close(self) -> None:
        world = World(make())
        browser = Browser(world.network)
        connect(world, browser)
        world.transport.close()
        world.drain()
        world.run(world.now + 0.1, browser)
        assert browser.dtls.is_closed
        self.assert_silent(world)

    def test_we_close_early(self) -> None:
        world = World(make())
        world.transport.close()
        self.assert_silent(world)


def test_noise_never_raises() -> None:
    """Any bytes from anywhere, in any state."""
    rng = random.Random(5764)
    for _ in range(30):
        world = World(make("server" if rng.random() < 0.5 else "client"))
        browser = Browser(world.network)
        samples = [browser.ice.check(nominate=True), *browser.dtls.start(), *SPRAY]
        for _ in range(60):
            data = bytearray(rng.choice(samples) if rng.random() < 0.7 else rng.randbytes(rng.randrange(1, 300)))
            for _ in range(rng.randrange(3)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            world.give(bytes(data), rng.choice((PEER, MOVED, SPRAYER)))
            world.now += rng.random()
            world.transport.handle_timeout(world.now)
            world.drain()
        assert set(world.out_bytes) <= {PEER, MOVED, SPRAYER}
        for address in world.out_bytes:
            assert AddressValidated(address) in world.events or world.out_bytes[address] <= world.in_bytes[address]
