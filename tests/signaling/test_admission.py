"""The doors' order of buckets, and whose address counts."""

from __future__ import annotations

import contextlib
from collections import Counter

import pytest

from config.model import Limits
from signaling.admission import LAG_SHARE, LAG_WAIT_S, Addresses, Admission
from signaling.errors import ServiceError


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def admission(clock: Clock, **limits: float) -> Admission:
    return Admission(Limits(**limits), clock)  # type: ignore[arg-type]


def test_an_address_spends_its_own_tokens_first() -> None:
    clock = Clock()
    gate = admission(clock, joins_burst=10, joins_per_s=1, joins_per_address_burst=2, joins_per_address_per_s=1)
    gate.knock("a")
    gate.knock("a")
    for _ in range(100):
        with pytest.raises(ServiceError) as raised:
            gate.knock("a")
    assert raised.value.refusal.code == "too_many"
    for _ in range(10):
        gate.enter()  # the refused knocks took nothing from everybody's bucket
    with pytest.raises(ServiceError):
        gate.enter()
    assert gate.refused == 101
    clock.now = 1.0
    gate.knock("a")
    gate.enter()


def test_five_thousand_in_two_seconds() -> None:
    clock = Clock()
    gate = admission(clock)
    let_in = 0
    returns_s = []
    for number in range(5000):
        clock.now = 2.0 * number / 5000
        try:
            gate.knock("one")
            gate.enter()
            let_in += 1
        except ServiceError as error:
            returns_s.append(clock.now + (error.refusal.retry_after_s or 0.0))
    assert let_in == pytest.approx(1000 + 2 * 400, abs=2)
    per_second = Counter(int(at) for at in returns_s)
    assert max(per_second.values()) <= 1.2 * 400, "no second in which more come back than the door lets in, but for the jitter"
    assert max(returns_s) == pytest.approx(2 + 3200 / 360, abs=2)


def test_ten_thousand_behind_one_address_fare_as_well_as_from_everywhere() -> None:
    """A country behind one NAT: its address alone keeps nobody out whom the number of all would not keep out."""
    for networks in (1, 250):
        clock = Clock()
        gate = admission(clock)
        let_in = 0
        for number in range(10_000):
            clock.now = 30.0 * number / 10_000
            try:
                gate.knock(f"10.0.{number % networks}.1")
                gate.enter()
                let_in += 1
            except ServiceError:
                pass
        assert let_in == 10_000, networks


def test_a_flood_of_one_address_leaves_the_others_their_tokens() -> None:
    clock = Clock()
    gate = admission(clock, joins_per_address_burst=100, joins_per_address_per_s=40)
    for number in range(10_000):
        clock.now = number / 5000
        with contextlib.suppress(ServiceError):
            gate.knock("flood")
            gate.enter()
        if number % 10 == 0:
            gate.knock(f"10.0.0.{number % 250}")
            gate.enter()
    assert gate.refused == pytest.approx(10_000 - 180, abs=2)


def test_who_leads_is_let_in_through_a_storm_but_not_without_end() -> None:
    clock = Clock()
    gate = admission(clock, joins_per_s=10, joins_burst=100)
    for _ in range(100):
        gate.enter()
    with pytest.raises(ServiceError):
        gate.enter()
    for _ in range(10):
        gate.enter(leads=True)
    with pytest.raises(ServiceError) as raised:
        gate.enter(leads=True)
    assert raised.value.refusal.code == "too_many"
    clock.now = 0.1
    gate.enter()
    with pytest.raises(ServiceError):
        gate.enter()


def test_a_loop_that_lags_lets_in_a_quarter_and_those_who_lead() -> None:
    clock, lag_s = Clock(), [0.6]
    gate = Admission(Limits(joins_per_s=40, joins_burst=1000), clock, lag_s=lambda: lag_s[0], luck=lambda: 0.0)
    waits: list[float] = []
    let_in = 0
    for number in range(1000):
        clock.now = number / 100
        try:
            gate.enter()
            let_in += 1
        except ServiceError as error:
            waits.append(clock.now + (error.refusal.retry_after_s or 0.0))
    assert let_in == pytest.approx(10 * 40 * LAG_SHARE, rel=0.1)
    assert waits[0] == pytest.approx(LAG_WAIT_S, abs=0.1)
    assert len(set(waits)) == len(waits), "each has a place of its own"
    gate.enter(leads=True)
    lag_s[0] = 0.4
    for _ in range(500):
        gate.enter()


def test_a_door_is_closed_for_a_time() -> None:
    clock = Clock()
    gate = Admission(Limits(), clock, luck=lambda: 0.0)
    gate.close_for(2.0)
    gate.close_for(0.5)
    clock.now = 0.5
    with pytest.raises(ServiceError) as raised:
        gate.enter()
    assert raised.value.refusal.retry_after_s == 1.5
    gate.enter(leads=True)
    clock.now = 2.0
    gate.enter()


def refusal_code(gate: Admission, address: str) -> str:
    with pytest.raises(ServiceError) as raised:
        gate.refuse(address)
    return raised.value.refusal.code


def test_bad_credentials_are_limited_per_address_and_forgiven_in_time() -> None:
    clock = Clock()
    gate = admission(clock, bad_credentials_per_address_per_min=2)
    assert [refusal_code(gate, "a") for _ in range(3)] == ["bad_credential", "bad_credential", "bad_credential_limit"]
    with pytest.raises(ServiceError) as raised:
        gate.refuse("a")
    assert raised.value.refusal.retry_after_s == 30
    assert refusal_code(gate, "b") == "bad_credential"
    clock.now = 30.0
    assert refusal_code(gate, "a") == "bad_credential"


def test_doors_share_the_count_of_bad_credentials() -> None:
    clock = Clock()
    first = admission(clock, bad_credentials_per_address_per_min=1)
    second = Admission(Limits(), clock, first.bad_credentials)
    assert refusal_code(first, "a") == "bad_credential"
    assert refusal_code(second, "a") == "bad_credential_limit"


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        (None, "198.51.100.1", "unknown"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", None, "203.0.113.7"),
        ("::1", None, "::/64"),
    ],
)
def test_address_behind_trusted_proxies(remote: str | None, forwarded: str | None, expected: str) -> None:
    assert Addresses(["10.0.0.0/8"]).of(remote, forwarded) == expected


def test_without_trusted_proxies_nobody_else_is_believed() -> None:
    assert Addresses([]).of("10.0.0.1", "198.51.100.1") == "10.0.0.1"
