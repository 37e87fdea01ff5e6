"""The doors' order of buckets, and whose address counts."""

from __future__ import annotations

import pytest

from config.model import Limits
from signaling.admission import Addresses, Admission
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
    assert raised.value.refusal.retry_after_s == 1
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
    retry_after_s = set()
    for number in range(5000):
        clock.now = 2.0 * number / 5000
        try:
            gate.knock("one")
            gate.enter()
            let_in += 1
        except ServiceError as error:
            retry_after_s.add(error.refusal.retry_after_s)
    assert retry_after_s == {1}
    assert let_in == pytest.approx(1000 + 2 * 400, abs=2)


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
