"""The intake's thread on a real socket: it answers, it wakes the loop, it ends."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.sfu.kit import CORES

if "native" not in CORES:
    pytest.skip("no compiler: the reference serves", allow_module_level=True)

from sfu._native.intake import Intake, Line
from sfu.report_window import EXPECTED_FIRST
from sfu.srtp import OutboundSrtcp, Suite, derive_session_keys
from sfu.wire import rtcp, stun
from tests.harness.ice_client import IceClient
from tests.harness.wait import until
from tests.sfu.test_srtp import master

WAIT_S = 5.0


@dataclass
class Bench:
    """An intake on a socket of its own, and a browser's socket that is settled there."""

    node: socket.socket
    browser: socket.socket
    intake: Intake
    line: Line
    client: IceClient

    def send(self, data: bytes) -> None:
        self.browser.sendto(data, self.node.getsockname())

    def taken(self) -> list[tuple[bytes, object]]:
        """Waits until something is there to take, and takes all."""
        readable, _, _ = select.select([self.intake.fileno()], [], [], WAIT_S)
        assert readable, "nothing woke the loop"
        items = self.intake.take(100)
        self.intake.take(0)
        return items


@pytest.fixture(params=["127.0.0.1", "::1"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    node, browser = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
    node.bind((request.param, 0))
    node.setblocking(False)
    browser.bind((request.param, 0))
    browser.settimeout(WAIT_S)
    suite = Suite.AES_128_GCM
    intake = Intake(node.fileno(), 0.0)
    intake.expect("serverAB")
    line = intake.connect("browser", suite, derive_session_keys(suite, *master(suite)), (1,), ())
    address = browser.getsockname()[:2]
    intake.assign(address, line)
    assert line.settle("serverAB", "clnt", "p" * 24, address)
    yield Bench(node, browser, intake, line, IceClient("serverAB", "p" * 24, "clnt"))
    intake.close()
    node.close()
    browser.close()


def test_a_settled_check_is_answered_to_where_it_came_from(bench: Bench) -> None:
    check = bench.client.check(nominate=True)
    bench.send(check)
    answer = bench.browser.recv(2048)
    address = bench.browser.getsockname()[:2]
    assert answer == stun.binding_success(check[8:20], address, stun.IntegrityKey("p" * 24), len(check))
    assert bench.line.checked_at > 0
    assert bench.intake.take(10) == []


def test_many_checks_at_once_are_all_answered(bench: Bench) -> None:
    checks = [bench.client.check() for _ in range(200)]
    for check in checks:
        bench.send(check)
    for _ in checks:
        bench.client.receive(bench.browser.recv(2048))
    assert len(bench.client.answered) == 200


def test_the_rest_wakes_the_loop_with_its_address(bench: Bench) -> None:
    other = IceClient("serverAB", "p" * 24, "other").check()
    bench.send(other)
    assert bench.taken() == [(other, bench.browser.getsockname()[:2])]
    assert not select.select([bench.intake.fileno()], [], [], 0)[0], "all was taken"
    bench.send(other)
    bench.send(other)
    seen = bench.taken()
    while len(seen) < 2:
        seen += bench.taken()
    assert [data for data, _ in seen] == [other, other]


def test_what_is_not_taken_at_once_keeps_the_loop_awake(bench: Bench) -> None:
    other = IceClient("serverAB", "p" * 24, "other").check()
    bench.send(other)
    select.select([bench.intake.fileno()], [], [], WAIT_S)
    assert bench.intake.take(0) == []
    assert select.select([bench.intake.fileno()], [], [], 0)[0]
    assert len(bench.taken()) == 1


async def test_reports_of_a_viewer_are_counted_and_requests_come_opened(bench: Bench) -> None:
    outbound = OutboundSrtcp(Suite.AES_128_GCM, *master(Suite.AES_128_GCM))
    bench.send(outbound.protect(rtcp.ReceiverReport(9, (rtcp.ReportBlock(1, 128),)).serialize()))
    nack = rtcp.Nack(9, 1, (5,)).serialize()
    bench.send(outbound.protect(nack))
    assert bench.taken() == [(nack, "browser")]
    assert bench.intake.reports() == [("browser", (EXPECTED_FIRST / 2, EXPECTED_FIRST), None, None)]
    bench.send(b"\x50" + bytes(20))
    await until("the last one is counted", lambda: bench.intake.counters()["intake_datagrams"] == 3, every_s=0.01)
    assert bench.intake.counters()["dropped_unknown_kind"] == 1


def test_after_its_end_nothing_is_read(bench: Bench) -> None:
    bench.intake.close()
    bench.send(bench.client.check())
    readable, _, _ = select.select([bench.node], [], [], WAIT_S)
    assert readable
    assert bench.node.recv(2048)[:2] == b"\x00\x01"
    bench.intake.close()
