"""A whole node but its sockets, and browsers that are none of the project's code in ICE, DTLS and SRTP; in virtual time."""

from __future__ import annotations

import heapq
import math
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, ClassVar

import pylibsrtp

from sfu.dispatch import Dispatcher
from sfu.dtls import DtlsCertificate
from sfu.engine import Engine
from sfu.events import NodeEvent
from sfu.fanout import ReferenceFanout
from sfu.ids import Address, FeedId, PeerId, SessionId, SlotName, is_stream
from sfu.join import Joiner
from sfu.peer import Peer
from sfu.plan import Plan
from sfu.viewer import NTP_UNIX_OFFSET_S
from sfu.wire import rtcp
from sfu.wire.rtp import RtpPacket
from tests.harness.dtls_client import DtlsPeer, PeerIdentity
from tests.harness.ice_client import IceClient
from tests.harness.netem import Conditions, Network
from tests.sfu.kit import DELTA_PAYLOAD, KEY_PAYLOAD, REST_PAYLOAD

if TYPE_CHECKING:
    from sfu._native.intake import Intake

NODE: Address = ("198.51.100.1", 10_000)
CERTIFICATE = DtlsCertificate.generate()
IDENTITY = PeerIdentity.generate()
MAIN = SessionId("main")
CHECK_S = 2.5
_PROFILES = {
    b"SRTP_AEAD_AES_128_GCM": pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    b"SRTP_AES128_CM_SHA1_80": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}
_HEAD = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE {mids}
"""
_TRANSPORT = """c=IN IP4 0.0.0.0
a=ice-ufrag:clnt
a=ice-pwd:rrrrrrrrrrrrrrrrrrrrrrrr
a=fingerprint:sha-256 {fingerprint}
a=setup:{setup}
a=rtcp-mux
"""
_RECEIVES_VIDEO = """m=video 9 UDP/TLS/RTP/SAVPF 100
a=mid:{mid}
a=recvonly
a=rtpmap:100 VP8/90000
a=rtcp-fb:100 nack
a=rtcp-fb:100 nack pli
"""
_RECEIVES_AUDIO = """m=audio 9 UDP/TLS/RTP/SAVPF 109
a=mid:{mid}
a=recvonly
a=rtpmap:109 opus/48000/2
"""
_SENDS_VIDEO = """m=video 9 UDP/TLS/RTP/SAVPF 96 97
a=mid:{mid}
a=sendonly
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 goog-remb
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=ssrc-group:FID 5000 5001
a=ssrc:5000 cname:x
a=ssrc:5001 cname:x
"""
_SENDS_AUDIO = """m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:{mid}
a=sendonly
a=rtpmap:111 opus/48000/2
a=ssrc:6000 cname:x
"""


def offer(*lines: str, identity: PeerIdentity = IDENTITY, setup: str = "actpass") -> str:
    """An offer of these media lines."""
    transport = _TRANSPORT.format(fingerprint=identity.fingerprint(), setup=setup)
    text = _HEAD.format(mids=" ".join(str(n) for n in range(len(lines))))
    for number, line in enumerate(lines):
        first, rest = line.split("\n", 1)
        text += f"{first}\n{transport}{rest.format(mid=number)}"
    return text.replace("\n", "\r\n")


@dataclass
class Browser:
    """One connection of a browser: checks, DTLS, and SRTP by libsrtp."""

    world: World
    address: Address
    peer: Peer
    ice: IceClient
    dtls: DtlsPeer
    received_bytes: int = 0
    sent_bytes: int = 0
    is_checking: bool = True
    foreign_answers: int = 0
    """Answers to checks that others made in this one's name."""
    replays: int = 0
    """Datagrams that the network doubled, or that crossed their repetition."""
    received_rtcp: list[rtcp.RtcpPacket] = field(default_factory=list)
    outbound: pylibsrtp.Session | None = None
    inbound: pylibsrtp.Session | None = None

    def send(self, data: bytes) -> None:
        self.sent_bytes += len(data)
        self.world.network.send(data, self.address, NODE, self.world.now)

    def start(self) -> None:
        self.check()
        for data in self.dtls.start():
            self.world.at(self.world.now + 0.05, lambda data=data: self.send(data))  # type: ignore[misc]

    def check(self) -> None:
        if self.is_checking:
            self.send(self.ice.check(nominate=True))
            self.world.at(self.world.now + CHECK_S, self.check)

    def receive(self, data: bytes) -> None:
        self.received_bytes += len(data)
        if data[0] < 4:
            try:
                self.ice.receive(data)
            except AssertionError:
                self.foreign_answers += 1
        elif 20 <= data[0] <= 63:
            for answer in self.dtls.receive(data):
                self.send(answer)
            if self.dtls.is_connected and self.outbound is None:
                self._open()
        elif self.inbound is not None and 192 <= data[1] <= 223:
            try:
                packets = rtcp.parse_compound(self.inbound.unprotect_rtcp(data))
            except pylibsrtp.Error as error:
                self._take_replay(error)
                return
            self.received_rtcp += packets
            self.on_rtcp(packets)
        elif self.inbound is not None:
            try:
                plain = self.inbound.unprotect(data)
            except pylibsrtp.Error as error:
                self._take_replay(error)
                return
            self.on_rtp(RtpPacket.parse(plain))

    def _take_replay(self, error: Exception) -> None:
        if not str(error).startswith("replay"):
            raise error
        self.replays += 1

    def _open(self) -> None:
        key, salt, other_key, other_salt = self.dtls.keys()
        profile = _PROFILES[self.dtls.ssl.get_selected_srtp_profile()]
        outbound = pylibsrtp.Policy(key=key + salt, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        outbound.allow_repeat_tx = True
        inbound = pylibsrtp.Policy(key=other_key + other_salt, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=profile)
        inbound.window_size = 8192
        inbound.allow_repeat_tx = True
        self.outbound, self.inbound = pylibsrtp.Session(outbound), pylibsrtp.Session(inbound)

    def send_rtp(self, packet: RtpPacket) -> None:
        assert self.outbound is not None, "not connected"
        self.send(self.outbound.protect(packet.serialize()))

    def send_rtcp(self, *packets: rtcp.RtcpPacket) -> None:
        assert self.outbound is not None, "not connected"
        self.send(self.outbound.protect_rtcp(rtcp.serialize_compound([rtcp.ReceiverReport(9, ()), *packets])))

    def on_rtcp(self, packets: Sequence[rtcp.RtcpPacket]) -> None: ...

    def on_rtp(self, packet: RtpPacket) -> None: ...


@dataclass
class PublishingBrowser(Browser):
    """Sends frames; answers NACKs by RTX and PLIs by key frames."""

    sequence: int = 65_400
    timestamp: int = 1_000_000
    sent: dict[int, RtpPacket] = field(default_factory=dict)
    wants_key: bool = True
    plis: list[float] = field(default_factory=list)
    nacked: int = 0
    rtx_sequence: int = 0
    answers_nacks: bool = True

    def on_rtcp(self, packets: Sequence[rtcp.RtcpPacket]) -> None:
        for packet in packets:
            if isinstance(packet, rtcp.Pli):
                self.plis.append(self.world.now)
                self.wants_key = True
            elif isinstance(packet, rtcp.Nack) and self.answers_nacks:
                for lost in packet.lost:
                    self.nacked += 1
                    self._send_again(lost)

    def _send_again(self, lost: int) -> None:
        packet = self.sent.get(lost)
        if packet is not None:
            self.rtx_sequence = self.rtx_sequence + 1 & 0xFFFF
            payload = lost.to_bytes(2, "big") + packet.payload
            self.send_rtp(RtpPacket(packet.marker, 97, self.rtx_sequence, packet.timestamp, 5001, payload=payload))

    def frame(self, packets: int = 4, size: int = 200) -> None:
        """A frame; a key frame when one is wanted."""
        self.timestamp = self.timestamp + 3000 & 0xFFFFFFFF
        is_key, self.wants_key = self.wants_key, False
        for i in range(packets):
            self.sequence = self.sequence + 1 & 0xFFFF
            start = (KEY_PAYLOAD if is_key else DELTA_PAYLOAD) if i == 0 else REST_PAYLOAD
            payload = start + b"%05d" % self.sequence + bytes(size)
            packet = RtpPacket(i == packets - 1, 96, self.sequence, self.timestamp, 5000, payload=payload)
            self.sent[self.sequence] = packet
            self.send_rtp(packet)

    def sound(self, number: int) -> None:
        self.send_rtp(RtpPacket(False, 111, number & 0xFFFF, number * 960 & 0xFFFFFFFF, 6000, payload=b"sound%d" % number))


@dataclass
class WatchingBrowser(Browser):
    """Keeps what it gets, by SSRC and unwrapped number; asks for what is missing, and for a key frame where that is in vain."""

    got: dict[int, dict[int, RtpPacket]] = field(default_factory=lambda: defaultdict(dict))
    asked: dict[tuple[int, int], int] = field(default_factory=dict)
    given_up: set[tuple[int, int]] = field(default_factory=set)
    is_asking: bool = True

    def on_rtp(self, packet: RtpPacket) -> None:
        got = self.got[packet.ssrc]
        newest = max(got, default=packet.sequence_number)
        index = newest + ((packet.sequence_number - newest + 0x8000 & 0xFFFF) - 0x8000)
        known = got.get(index)
        assert known is None or known == packet, "one number, two packets"
        got[index] = packet
        if self.is_asking and index > newest + 1:
            self.world.at(self.world.now + 0.01, lambda: self.ask(packet.ssrc, range(newest + 1, index)))

    def ask(self, ssrc: int, indices: Sequence[int]) -> None:
        missing = [index for index in indices if index not in self.got[ssrc]]
        for index in missing:
            self.asked[ssrc, index] = self.asked.get((ssrc, index), 0) + 1
        lost = [index for index in missing if self.asked[ssrc, index] > 10]
        if lost:
            self.given_up |= {(ssrc, index) for index in lost}
            self.send_rtcp(rtcp.Pli(9, ssrc))
        missing = [index for index in missing if index not in lost]
        if missing:
            self.send_rtcp(rtcp.Nack(9, ssrc, tuple(index & 0xFFFF for index in missing)))
            self.world.at(self.world.now + 0.1, lambda: self.ask(ssrc, missing))

    def payloads(self, slot: str) -> list[bytes]:
        """What came of a slot, in order."""
        viewer = self.peer.viewer
        assert viewer is not None
        ssrc = next(leg.ssrc for leg in viewer.legs if leg.slot == slot)
        return [packet.payload for _, packet in sorted(self.got[ssrc].items())]


class Streams:
    """Where media leaves for browsers behind TCP connections."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.is_full = False
        self.refused = 0

    def send(self, vectors: Sequence[bytes], segment_bytes: int, address: Address) -> bool:
        assert is_stream(address), "a UDP address's media to a TCP connection"
        if self.is_full:
            self.refused += 1
            return False
        self._world.send_media(b"".join(vectors), segment_bytes, address)
        return True


def intake() -> Intake:
    """The native intake without a socket; it fails where it was not built."""
    from sfu._native.intake import Intake as NativeIntake  # noqa: PLC0415 (there may be no compiler)

    return NativeIntake(-1, NTP_UNIX_OFFSET_S)


class World:
    """An engine on a seeded network. Time passes in :meth:`run` only.

    Attributes:
        core: "reference", where the engine takes every datagram, or "native", where the intake in C takes it first.
    """

    core: ClassVar[str] = "reference"

    def __init__(self, seed: int = 1) -> None:
        self.now = 1000.0
        self.network = Network(seed, Conditions(delay_s=0.01))
        self.dispatcher = Dispatcher(ReferenceFanout(self))
        self.intake = intake() if self.core == "native" else None
        self.streams = Streams(self)
        self.engine = Engine(
            self.dispatcher,
            ntp_offset_s=NTP_UNIX_OFFSET_S,
            started_at=self.now,
            intake=self.intake,
            stream_outlets={"audio": self.streams, "video": self.streams},
        )
        self.transport = ""
        """Put before the addresses of browsers that come: ``tcp:`` for those behind a TCP connection."""
        self.joiner = Joiner(CERTIFICATE, (NODE,), 2_500_000, 1.0)
        self.browsers: dict[Address, Browser] = {}
        self.events: list[NodeEvent] = []
        self.sent_to: dict[Address, int] = defaultdict(int)
        self.version = 0
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._ports = count(20_000)

    # -- the outlet

    def send(self, vectors: Sequence[bytes], segment_bytes: int, address: Address) -> bool:
        assert not is_stream(address), "a TCP connection's media to the UDP socket"
        self.send_media(b"".join(vectors), segment_bytes, address)
        return True

    def send_media(self, data: bytes, segment_bytes: int, address: Address) -> None:
        step = segment_bytes or len(data)
        for at in range(0, len(data), step):
            self._send(data[at : at + step], address)

    def _send(self, data: bytes, address: Address) -> None:
        self.sent_to[address] += len(data)
        self.network.send(data, NODE, address, self.now)

    # -- who is there

    def _join(self, kind: type[Browser], peer: Peer, answer: str, identity: PeerIdentity, profiles: bytes | None) -> Browser:
        self.engine.add(peer)
        ufrag, pwd, setup = (
            re.search(pattern, answer).group(1)  # type: ignore[union-attr]
            for pattern in (r"a=ice-ufrag:(\S+)", r"a=ice-pwd:(\S+)", r"a=setup:(\S+)")
        )
        role = "client" if setup == "passive" else "server"
        dtls = DtlsPeer(role, identity) if profiles is None else DtlsPeer(role, identity, profiles=profiles)
        address = (f"{self.transport}192.0.2.{1 + next(self._numbers) % 250}", next(self._ports))
        browser = self.browsers[address] = kind(self, address, peer, IceClient(ufrag, pwd, "clnt"), dtls)
        browser.start()
        return browser

    def publish(
        self, feed: str, peer: str = "", *, audio: bool = True, profiles: bytes | None = None, session: SessionId = MAIN
    ) -> PublishingBrowser:
        lines = (_SENDS_VIDEO, _SENDS_AUDIO) if audio else (_SENDS_VIDEO,)
        made, answer = self.joiner.publisher(
            peer=PeerId(peer or f"publisher-{feed}"), session=session, feed=FeedId(feed), offer=offer(*lines), now=self.now
        )
        browser = self._join(PublishingBrowser, made, answer, IDENTITY, profiles)
        assert isinstance(browser, PublishingBrowser)
        return browser

    def watch(
        self,
        peer: str,
        owner: str | None = None,
        video: Sequence[str] = ("main",),
        audio: Sequence[str] = ("center",),
        profiles: bytes | None = None,
    ) -> WatchingBrowser:
        made, answer = self.joiner.viewer(
            peer=PeerId(peer),
            session=MAIN,
            owner=None if owner is None else FeedId(owner),
            offer=offer(*[_RECEIVES_VIDEO] * len(video), *[_RECEIVES_AUDIO] * len(audio)),
            video=[SlotName(slot) for slot in video],
            audio=[SlotName(slot) for slot in audio],
            now=self.now,
        )
        browser = self._join(WatchingBrowser, made, answer, IDENTITY, profiles)
        assert isinstance(browser, WatchingBrowser)
        return browser

    def plan(self, session: SessionId = MAIN, **slots: tuple[str, ...]) -> None:
        self.version += 1
        read = {SlotName(slot): tuple(FeedId(feed) for feed in feeds) for slot, feeds in slots.items()}
        assert self.engine.set_plan(Plan(session, self.version, read), self.now)
        self._drain()

    # -- time

    def at(self, when: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (when, next(self._numbers), action))

    def every(self, period_s: float, times: int, action: Callable[[int], None]) -> None:
        for number in range(times):
            self.at(self.now + number * period_s, lambda number=number: action(number))  # type: ignore[misc]

    def inject(self, data: bytes, address: Address) -> None:
        """A datagram out of nowhere."""
        self._receive(data, address)
        self._drain()

    def _receive(self, data: bytes, address: Address) -> None:
        if self.intake is None or is_stream(address):
            self.engine.receive_datagram(data, address, self.now)
            return
        if answer := self.intake.feed(data, address, self.now):
            self._send(answer, address)
        for passed, source in self.intake.take(64):
            if isinstance(source, tuple):
                self.engine.receive_datagram(passed, source, self.now)
            else:
                self.engine.receive_opened(source, passed, self.now)
        self.intake.take(0)

    def counter(self, name: str) -> int:
        """A counter, whoever counts it."""
        return self.engine.counters[name] + (0 if self.intake is None else self.intake.counters().get(name, 0))

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        self._drain()
        while True:
            moments = [self.engine.next_timeout(), self._timers[0][0] if self._timers else math.inf]
            delivery = self.network.next_delivery()
            if delivery is not None:
                moments.append(delivery)
            moment = min(moments)
            if moment > end:
                break
            self.now = max(self.now, moment)
            self._step()
        self.now = end

    def _step(self) -> None:
        for datagram in self.network.deliver(self.now):
            if datagram.destination == NODE:
                self._receive(datagram.data, datagram.source)
            elif datagram.destination in self.browsers:
                self.browsers[datagram.destination].receive(datagram.data)
        while self._timers and self._timers[0][0] <= self.now:
            heapq.heappop(self._timers)[2]()
        self.engine.handle_timeout(self.now)
        self._drain()

    def _drain(self) -> None:
        for data, address in self.engine.datagrams_to_send():
            self._send(data, address)
        while self.engine.run():
            pass
        self.events += self.engine.events()
        faults = self.engine.faults()
        assert not faults, faults[0]
