"""The intake in C against the reference in Python: the same answers byte for byte, the same packets opened and refused."""

from __future__ import annotations

import math
import random
import struct
from dataclasses import dataclass, field

import pytest

from tests.sfu.kit import CORES

if "native" not in CORES:
    pytest.skip("no compiler: the reference serves", allow_module_level=True)

from sfu._native.intake import Intake, Line
from sfu.ice import IceAgent, IceCredentials
from sfu.ids import Address, PeerId, SessionId
from sfu.intake import MAX_LEGS
from sfu.report_window import EXPECTED_FIRST, EXPECTED_MAX, Losses, ReportReader
from sfu.srtcp import InboundSrtcp
from sfu.srtp import MAX_SSRCS, OutboundSrtcp, SrtpError, Suite, derive_session_keys
from sfu.viewer import Viewer
from sfu.wire import rtcp, stun
from sfu.wire.errors import WireError
from tests.harness.browser_bytes import CHROMIUM, FIREFOX, Capture
from tests.harness.ice_client import IceClient
from tests.sfu import intake_programme
from tests.sfu.intake_programme import NTP_OFFSET_S, PICTURES, SOUNDS, reports
from tests.sfu.kit import leg
from tests.sfu.test_srtp import master

SUITES = tuple(Suite)
LEGS = (*(leg(ssrc=ssrc) for ssrc in PICTURES), *(leg("audio", ssrc=ssrc) for ssrc in SOUNDS))
LOCAL, REMOTE = IceCredentials("serverAB", "p" * 24), IceCredentials("clnt", "q" * 24)
HERE: Address = ("192.0.2.7", 40_000)
SIX: Address = ("2001:db8::7", 40_001)
MAPPED: Address = ("::ffff:192.0.2.9", 40_002)
ELSEWHERE: Address = ("192.0.2.8", 40_000)


def sum_of(losses: list[Losses]) -> tuple[float, float] | None:
    """As the intake tells it: exactly, for a share is a number of 256ths and so is a sum of some."""
    total = sum(losses, Losses())
    return (total.lost, total.expected) if losses else None


def share(told: tuple[float, float] | None) -> float | None:
    """Of the packets that were expected."""
    return None if told is None else Losses(*told).share


@dataclass
class Pair:
    """One settled peer, in the intake and as an agent of the reference; and a viewer that its reports are about."""

    suite: Suite = Suite.AES_128_GCM
    address: Address = HERE
    local: IceCredentials = LOCAL
    remote: IceCredentials = REMOTE
    ring: int = 4096
    intake: Intake = field(init=False)
    line: Line = field(init=False)

    def __post_init__(self) -> None:
        self.keys = derive_session_keys(self.suite, *master(self.suite))
        self.outbound = OutboundSrtcp(self.suite, *master(self.suite))
        self.viewer = Viewer(peer=PeerId("p"), session=SessionId("s"), owner=None, legs=LEGS, cname="x")
        self.agent = IceAgent(self.local, self.remote, 0.0)
        self.client = IceClient(self.local.ufrag, self.local.pwd, self.remote.ufrag)
        self.agent.receive_stun(self.client.check(nominate=True), self.address, 0.0)
        self.agent.datagrams_to_send()
        self.agent.events()
        self.intake = Intake(-1, NTP_OFFSET_S, self.ring)
        self.intake.expect(self.local.ufrag)
        self.line = self.intake.connect(self.viewer, self.suite, self.keys, PICTURES, SOUNDS)
        self.intake.assign(self.address, self.line)
        self.settle()

    def settle(self) -> None:
        check = self.agent.settled_check()
        assert check is not None
        assert self.line.settle(check.local, check.remote, check.password, check.address)

    def passed(self) -> list[tuple[bytes, object]]:
        items = self.intake.take(10_000)
        assert self.intake.take(0) == []
        return items

    def give(self, data: bytes, address: Address, now: float) -> str:
        """A datagram to both; what the intake did, which was not against what the agent did."""
        before = self.intake.counters()
        refused = self.agent.counters.unauthenticated
        self.agent.events()
        answer = self.intake.feed(data, address, now)
        self.agent.receive_stun(data, address, now)
        expected = b"".join(out for out, _ in self.agent.datagrams_to_send())
        done = {name for name, value in self.intake.counters().items() if value != before[name]} - {"intake_datagrams"}
        assert len(done) == 1, done
        if answer:
            assert answer == expected
            assert self.line.checked_at == self.agent.checked_at(address) == now
            assert not self.agent.events()
            assert done == {"stun_answered"}
        elif done == {"intake_passed"}:
            assert self.passed() == [(data, address)]
        elif done == {"stun_unauthenticated"}:
            assert self.agent.counters.unauthenticated == refused + 1
        else:
            assert done == {"dropped_unknown_ufrag"}
            assert stun.stun_username_fragment(data) not in self.agent.ufrags
            assert not expected
        return done.pop()


class TestChecks:
    @pytest.mark.parametrize("address", [HERE, SIX, MAPPED])
    def test_all_that_browsers_send_is_answered_with_the_same_bytes(self, address: Address) -> None:
        pair = Pair(address=address)
        for number in range(16):
            nominate, priority, controlling, fingerprint = (bool(number >> bit & 1) for bit in range(4))
            data = pair.client.check(nominate=nominate, priority=priority, controlling=controlling, fingerprint=fingerprint)
            size = len(stun.binding_success(data[8:20], address, stun.IntegrityKey(LOCAL.pwd), len(data)) or b"")
            assert pair.give(data, address, number + 1.0) == ("stun_answered" if size else "intake_passed")

    @pytest.mark.parametrize("capture", [CHROMIUM, FIREFOX], ids=["chromium", "firefox"])
    def test_captured_checks(self, capture: Capture) -> None:
        remote = stun.read_request(capture.check).username.partition(":")[2]
        pair = Pair(local=IceCredentials(capture.ufrag, capture.pwd), remote=IceCredentials(remote, "q" * 24))
        assert pair.give(capture.check, HERE, 5.0) == "stun_answered"
        rng = random.Random(5)
        done = set()
        for _ in range(3000):
            damaged = bytearray(capture.check)
            for _ in range(rng.choice((1, 1, 2))):
                damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
            if damaged[0] < 4:
                size = rng.choice((len(damaged), len(damaged), rng.randrange(20, len(damaged))))
                done.add(pair.give(bytes(damaged[:size]), HERE, 6.0))
        assert done >= {"stun_unauthenticated", "dropped_unknown_ufrag", "intake_passed"}

    def test_random_requests(self) -> None:
        """Attributes of every kind, twice, out of order, of odd lengths, with the right password and another."""
        pair, rng = Pair(), random.Random(6)
        done: dict[str, int] = {}
        username = b"serverAB:clnt"
        pool = (
            (stun.Attribute.USERNAME, username),
            (stun.Attribute.PRIORITY, b"\x6e\x00\x01\xff"),
            (stun.Attribute.USE_CANDIDATE, b""),
            (stun.Attribute.ICE_CONTROLLING, bytes(8)),
            (stun.Attribute.ICE_CONTROLLED, bytes(8)),
            (0xC057, b"\0\1\0\2"),
            (0x8022, b"software"),
            (0x7777, b"must be understood"),
            (stun.Attribute.USERNAME, b"serverAB:other"),
            (stun.Attribute.USERNAME, b"stranger:clnt"),
        )
        weights = (30, 10, 10, 10, 1, 5, 5, 1, 1, 1)
        for _ in range(4000):
            attributes = tuple(rng.choices(pool, weights, k=rng.randrange(1, 7)))
            key = stun.IntegrityKey(LOCAL.pwd if rng.random() < 0.8 else "x" * 24)
            data = stun.serialize(1, rng.randbytes(12), attributes, key, fingerprint=rng.random() < 0.7)
            if rng.random() < 0.1:
                data += bytes(4)
            what = pair.give(data, rng.choice((HERE, HERE, HERE, ELSEWHERE)), 7.0)
            done[what] = done.get(what, 0) + 1
            if pair.agent.settled_check() is None or pair.agent.address != HERE:
                pair = Pair()
        assert (
            min(done[name] for name in ("stun_answered", "intake_passed", "stun_unauthenticated", "dropped_unknown_ufrag")) > 100
        )

    def test_only_the_settled_address_is_answered(self) -> None:
        pair = Pair()
        assert pair.give(pair.client.check(), ELSEWHERE, 1.0) == "intake_passed"
        pair.intake.assign(HERE, None)
        assert pair.give(pair.client.check(), HERE, 2.0) == "intake_passed", "another peer has the address"
        assert pair.line.checked_at == -math.inf

    def test_a_restart_leaves_all_to_the_engine_until_it_settles(self) -> None:
        pair = Pair()
        assert pair.give(pair.client.check(), HERE, 1.0) == "stun_answered"
        new = IceCredentials("newufrag", "n" * 24)
        pair.agent.restart(IceCredentials("clnt", "r" * 24), new, 2.0)
        assert pair.agent.settled_check() is None
        pair.line.unsettle()
        pair.intake.expect(new.ufrag)
        assert pair.give(pair.client.check(), HERE, 3.0) == "intake_passed"
        after = IceClient(new.ufrag, new.pwd, "clnt")
        assert pair.give(after.check(), HERE, 4.0) == "intake_passed"
        assert pair.give(after.check(nominate=True), HERE, 5.0) == "intake_passed"
        pair.intake.forget(LOCAL.ufrag)
        pair.agent.events()
        pair.settle()
        assert pair.give(after.check(), HERE, 6.0) == "stun_answered"
        assert pair.give(pair.client.check(), HERE, 7.0) == "dropped_unknown_ufrag"

    def test_a_peer_that_left_is_not_answered(self) -> None:
        pair = Pair()
        pair.line.release()
        assert pair.intake.feed(pair.client.check(), HERE, 1.0) == b""
        assert len(pair.passed()) == 1, "the engine has not forgotten the fragment yet"
        pair.intake.forget(LOCAL.ufrag)
        assert pair.intake.feed(pair.client.check(), HERE, 1.0) == b""
        assert pair.passed() == []
        assert pair.line.checked_at == -math.inf
        assert not pair.line.settle(LOCAL.ufrag, REMOTE.ufrag, LOCAL.pwd, HERE)
        pair.line.release()

    def test_what_cannot_be_kept_is_left_to_the_engine(self) -> None:
        pair = Pair()
        assert not pair.line.settle(LOCAL.ufrag, REMOTE.ufrag, LOCAL.pwd, ("tcp:192.0.2.7", 40_000))
        assert not pair.line.settle(LOCAL.ufrag, "r" * 200, LOCAL.pwd, HERE)
        assert not pair.line.settle("nobodyis", REMOTE.ufrag, LOCAL.pwd, HERE)
        assert pair.give(pair.client.check(), HERE, 1.0) == "intake_passed"
        with pytest.raises(ValueError, match="fragment"):
            pair.intake.expect("u" * 32)


@pytest.mark.parametrize("suite", SUITES)
class TestReports:
    def test_a_disturbed_line_opens_and_refuses_as_the_reference_does(self, suite: Suite) -> None:
        rng = random.Random(8)
        pair = Pair(suite)
        reference = InboundSrtcp(suite, pair.keys)
        waiting: list[bytes] = []
        seen: dict[str, int] = {}
        for _ in range(3000):
            if len(waiting) < 30:
                waiting.append(pair.outbound.protect(struct.pack("!BBHI", 0x80, 200, 1, rng.randrange(20)) + rng.randbytes(60)))
            data = rng.choice(waiting)
            if rng.random() < 0.5:
                waiting.remove(data)
            if rng.random() < 0.2:
                changed = bytearray(data)
                changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
                data = bytes(changed)[: rng.choice((len(data), rng.randrange(len(data))))]
            outcomes: list[bytes | str] = []
            for opener in (reference, pair.line):
                try:
                    outcomes.append(opener.unprotect_rtcp(data))
                except SrtpError as error:
                    outcomes.append(error.refusal)
            assert outcomes[0] == outcomes[1]
            name = outcomes[0] if isinstance(outcomes[0], str) else "opened"
            seen[name] = seen.get(name, 0) + 1
        assert set(seen) == {"opened", "auth", "replay", "sources", "short"}
        assert seen["opened"] > 500
        assert len(reference.ssrcs) == MAX_SSRCS

    def test_reports_become_the_same_line_quality(self, suite: Suite) -> None:
        """Losses of all streams of a kind together, by the packets that each report is of, whatever else is in the compound."""
        rng = random.Random(9)
        pair, reader = watched(suite), ReportReader()
        native = passed = mixed = 0
        known_rtt_ms: float | None = None
        for _ in range(3000):
            data = reports(rng)
            assert pair.intake.feed(pair.outbound.protect(data), HERE, 100.0) == b""
            items, told = pair.passed(), pair.intake.reports()
            try:
                packets = rtcp.parse_compound(data)
            except WireError:
                assert items == [(data, pair.viewer)]
                pair, reader, known_rtt_ms = watched(suite), ReportReader(), None
                passed += 1
                continue
            is_all = all(isinstance(p, (rtcp.ReceiverReport, rtcp.SourceDescription)) for p in packets)
            assert items == ([] if is_all else [(data, pair.viewer)])
            blocks = [
                b for p in packets if isinstance(p, rtcp.ReceiverReport) for b in p.blocks if b.ssrc in (*PICTURES, *SOUNDS)
            ]
            losses = [sum_of([reader.read(b) for b in blocks if b.ssrc in ssrcs]) for ssrcs in (PICTURES, SOUNDS)]
            if not blocks:
                assert [tuple(rest) for _, *rest in told] in ([], [(None, None, None)]), "the first authentic packet at most"
                continue
            native += is_all
            mixed += not is_all
            ((owner, picture, sound, rtt_ms),) = told
            assert (owner, [picture, sound]) == (pair.viewer, losses)
            judge = Viewer(peer=PeerId("j"), session=SessionId("s"), owner=None, legs=LEGS, cname="x")
            for packet in packets:
                if isinstance(packet, rtcp.ReceiverReport):
                    judge.receive_rtcp([packet], 100.0, NTP_OFFSET_S + 100.0)
            known_rtt_ms = known_rtt_ms if judge.quality.rtt_ms is None else judge.quality.rtt_ms
            assert rtt_ms == (None if known_rtt_ms is None else pytest.approx(known_rtt_ms, rel=1e-6))
        assert native > 1000
        assert mixed > 100
        assert passed > 50

    def test_only_what_is_worth_it_is_told(self, suite: Suite) -> None:
        pair = Pair(suite)

        highest = 0

        def report(
            lost: int = 0, rtt_s: float | None = None, ssrc: int = 1
        ) -> list[tuple[float | None, float | None, float | None]]:
            nonlocal highest
            highest += 64
            last_sr = 0 if rtt_s is None else int((NTP_OFFSET_S + 100 - rtt_s) * 65536) & 0xFFFF_FFFF
            data = rtcp.ReceiverReport(
                9, (rtcp.ReportBlock(ssrc, lost, 0, highest, 0, last_sr, 0), rtcp.ReportBlock(77, 255))
            ).serialize()
            pair.intake.feed(pair.outbound.protect(data), HERE, 100.0)
            told = pair.intake.reports()
            assert all(owner is pair.viewer for owner, *_ in told)
            return [(share(picture), share(sound), rtt_ms) for _, picture, sound, rtt_ms in told]

        assert report() == [(0.0, None, None)], "the first authentic packet"
        assert report() == report(2) == []
        assert report(3) == [(3 / 256, None, None)]
        assert report(ssrc=2) == report(ssrc=SOUNDS[0]) == [], "other streams are well and were"
        assert report() == [(0.0, None, None)], "that it is over is worth telling, once"
        assert report() == []
        assert report(64, ssrc=SOUNDS[0]) == [(None, 0.25, None)]
        assert report(ssrc=SOUNDS[0]) == [(None, 0.0, None)]
        assert report(rtt_s=0.1) == report(rtt_s=0.15) == []
        ((_, _, rtt_ms),) = report(rtt_s=0.2)
        assert rtt_ms == pytest.approx(200, abs=0.1)
        assert len(report(rtt_s=0.1)) == 1
        assert report(rtt_s=0.1) == []
        pair.line.watch(True)
        assert len(report(rtt_s=0.1)) == 1
        pair.line.watch(False)
        assert report(rtt_s=0.1) == []

    def test_of_several_reports_between_two_looks_all_packets_count(self, suite: Suite) -> None:
        """Browsers report on each stream by itself, and of few packets where they miss some: a good word on the sound
        does not hide what the picture lost.
        """
        pair = Pair(suite)
        said = (
            (1, 0, 1000),
            (2, 0, 10),
            (SOUNDS[0], 0, 5),
            (1, 128, 1100),
            (1, 0, 1100),
            (2, 0, 20),
            (1, 255, 1101),
        )
        for ssrc, lost, highest in said:
            data = rtcp.ReceiverReport(9, (rtcp.ReportBlock(ssrc, lost, 0, highest),)).serialize()
            pair.intake.feed(pair.outbound.protect(data), HERE, 100.0)
            if highest == 5:
                pair.intake.reports()
        ((owner, picture, sound, rtt_ms),) = pair.intake.reports()
        assert picture == (50 + 255 / 256, 111)
        assert (owner, sound, rtt_ms) == (pair.viewer, None, None)
        assert pair.intake.reports() == []

    def test_numbers_that_go_back_or_leap_are_no_country_of_packets(self, suite: Suite) -> None:
        pair = watched(suite)
        counts = []
        for highest in (7000, 6000, 6010, 4_000_000_000, 90_000):
            data = rtcp.ReceiverReport(9, (rtcp.ReportBlock(1, 255, 0, highest),)).serialize()
            pair.intake.feed(pair.outbound.protect(data), HERE, 100.0)
            ((_, picture, _, _),) = pair.intake.reports()
            assert picture is not None
            counts.append(picture[1])
        assert counts == [EXPECTED_FIRST, 1, 10, 1, EXPECTED_MAX]

    def test_of_who_left_nothing_is_told(self, suite: Suite) -> None:
        pair = Pair(suite)
        pair.intake.feed(pair.outbound.protect(rtcp.Nack(9, 1, (5,)).serialize()), HERE, 1.0)
        pair.intake.feed(pair.outbound.protect(rtcp.ReceiverReport(9, (rtcp.ReportBlock(1, 255),)).serialize()), HERE, 1.0)
        pair.line.release()
        assert pair.intake.reports() == []
        assert [owner for _, owner in pair.passed()] == [None]
        with pytest.raises(SrtpError):
            pair.line.unprotect_rtcp(pair.outbound.protect(rtcp.ReceiverReport(9).serialize()))


def watched(suite: Suite) -> Pair:
    """A pair of which every report is told."""
    pair = Pair(suite)
    pair.line.watch(True)
    return pair


class TestWhatIsDropped:
    def test_a_viewers_media_and_what_belongs_to_nobody(self) -> None:
        pair = Pair()
        for data, address, name in (
            (b"", HERE, "dropped_size"),
            (bytes(1501), HERE, "dropped_size"),
            (b"\x50" + bytes(30), HERE, "dropped_unknown_kind"),
            (b"\x50" + bytes(30), ELSEWHERE, "dropped_unknown_address"),
            (b"\x80\x60" + bytes(30), HERE, "dropped_rtp"),
            (b"\x80\x60" + bytes(30), ELSEWHERE, "dropped_unknown_address"),
            (b"\x80\xc9" + bytes(30), ELSEWHERE, "dropped_unknown_address"),
            (b"\x16\xfe\xfd" + bytes(30), ELSEWHERE, "dropped_unknown_address"),
        ):
            before = pair.intake.counters()[name]
            assert pair.intake.feed(data, address, 1.0) == b""
            assert pair.intake.counters()[name] == before + 1, (data, name)
        assert pair.passed() == []

    def test_an_address_that_a_waiting_check_may_make_known_is_passed_on(self) -> None:
        """A publisher's port changes: its check and the picture behind it come together."""
        pair = Pair()
        pair.intake.feed(pair.client.check(), ELSEWHERE, 1.0)
        pair.intake.feed(b"\x80\x60" + bytes(30), ELSEWHERE, 1.0)
        assert len(pair.intake.take(64)) == 2
        pair.intake.feed(b"\x80\x60" + bytes(30), ELSEWHERE, 1.0)
        assert len(pair.intake.take(64)) == 1, "what was taken is not handled before the next call"
        assert pair.intake.take(0) == []
        pair.intake.feed(b"\x80\x60" + bytes(30), ELSEWHERE, 1.0)
        assert pair.passed() == []

    def test_a_full_ring_drops_checks_first_and_media_last(self) -> None:
        pair = Pair(ring=64)
        pair.intake.connect("publisher", None, None, (), ())
        pair.intake.assign(ELSEWHERE, None)
        taken = []
        for data in (pair.client.check(), b"\x80\xc9" + bytes(30), b"\x80\x60" + bytes(30)):
            for _ in range(64):
                pair.intake.feed(data, ELSEWHERE, 1.0)
            counters = pair.intake.counters()
            taken.append(counters["intake_passed"])
        assert taken == [32, 48, 64]
        full = [counters[f"intake_full_{what}"] for what in ("stun", "control", "media")]
        assert full == [32, 48, 48]
        assert len(pair.passed()) == 64

    def test_reports_of_more_legs_than_are_followed(self) -> None:
        pair = Pair()
        many = [100 + number for number in range(MAX_LEGS + 8)]
        line = pair.intake.connect("console", pair.suite, pair.keys, many, ())
        pair.intake.assign(ELSEWHERE, line)
        for ssrc, expected in ((many[MAX_LEGS - 1], 0.5), (many[MAX_LEGS], None)):
            line.watch(True)
            data = rtcp.ReceiverReport(9, (rtcp.ReportBlock(ssrc, 128),)).serialize()
            pair.intake.feed(pair.outbound.protect(data), ELSEWHERE, 1.0)
            assert [share(lost) for _, lost, _, _ in pair.intake.reports()] == ([] if expected is None else [expected])


class TestTables:
    def test_thousands_come_and_go(self) -> None:
        """The tables grow, and what was removed leaves no hole that hides another: against plain sets."""
        rng, intake = random.Random(11), Intake(-1, 0.0)
        fragments: dict[str, IceClient] = {}
        lines: dict[Address, Line] = {}
        for number in range(6000):
            if rng.random() < 0.6:
                ufrag = f"u{number:07}"
                fragments[ufrag] = IceClient(ufrag, "p" * 24)
                intake.expect(ufrag)
                address = (f"10.{number >> 8 & 7}.{number & 255}.1", 1024 + number)
                lines[address] = intake.connect(address, None, None, (), ())
                intake.assign(address, lines[address])
            elif fragments:
                ufrag = rng.choice(list(fragments))
                del fragments[ufrag]
                intake.forget(ufrag)
                address = rng.choice(list(lines))
                intake.unassign(address)
                lines.pop(address).release()
        assert len(lines) > 500
        gone = IceClient("u9999999", "p" * 24)
        for client in [*rng.sample(list(fragments.values()), 300), gone]:
            intake.feed(client.check(), HERE, 1.0)
            assert len(intake.take(9)) == (0 if client is gone else 1)
            intake.take(0)
        for address in lines:
            intake.feed(b"\x80\x60" + bytes(30), address, 1.0)
            assert intake.take(9) == [(b"\x80\x60" + bytes(30), address)]
            intake.take(0)


def test_no_bytes_do_harm() -> None:
    assert intake_programme.feed(12, 20_000) == 20_000


def test_peers_come_and_go_while_the_thread_receives() -> None:
    assert intake_programme.storm(13, 300) > 0
