"""Accounts: what a record may hold, what ends logins, and who may manage whom."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError
from bridge.policy import ANY_SESSION
from bridge.policy import Account as Asker
from bridge.units import Directory
from signaling.accounts import (
    AccountRecord,
    Changes,
    account_of_json,
    changed,
    check_password,
    covers,
    ends_logins,
    folded_name,
    is_national,
    new_account,
    require_managing,
)
from tests.signaling.world import UNITS, directory

DIRECTORY = directory()
NOW = 1_795_000_000_000
CODES = [unit.code for unit in UNITS]


def record(**fields: Any) -> AccountRecord:
    values: dict[str, Any] = {"name": "lan", "display_name": "Lan", "role": "operator", "scope": ("79",), "password_hash": "h"}
    return new_account(**{**values, "directory": DIRECTORY, "by": "center", "now": NOW, **fields})


def asker(*scope: str, role: Any = "center", subject: str = "center:minh") -> Asker:
    return Asker(role, scope, ANY_SESSION, subject)


def refusal(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(BridgeError) as raised:
        call(*arguments, **named)
    return raised.value.code


def test_a_record_is_kept_and_read() -> None:
    made = record(scope=("79", "79", "80"), display_name="  Nguyễn Thị Lan ")
    assert (made.scope, made.display_name, made.subject, made.version) == (("79", "80"), "Nguyễn Thị Lan", "operator:lan", 1)
    assert account_of_json(made.to_json()) == made
    assert "argon2" not in repr(record(password_hash="$argon2id$"))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Lan"},
        {"role": "king"},
        {"scope": None},
        {"scope": [1]},
        {"version": "1"},
        {"generation": True},
        {"is_disabled": 0},
        {"password_hash": None},
        {"unknown": 1},
    ],
)
def test_what_is_no_record(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not an account"):
        account_of_json(record().to_json() | change)


@pytest.mark.parametrize("name", ["", "Lan", "lan anh", "-lan", "lan\n", "lân", "a" * 33, "point:1"])
def test_names_have_the_form_of_a_code(name: str) -> None:
    assert refusal(record, name=name) == "bad_account"
    assert folded_name("  LaN ") == "lan"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"role": "point"}, "bad_account"),
        ({"role": "viewer"}, "bad_account"),
        ({"scope": ()}, "bad_account"),
        ({"scope": tuple(f"u{number}" for number in range(65))}, "bad_account"),
        ({"scope": ("nowhere",)}, "unknown_unit"),
        ({"scope": ("../x",)}, "unknown_unit"),
        ({"display_name": "x" * 101}, "bad_account"),
        ({"display_name": "a\u202eb"}, "bad_account"),
        ({"display_name": "a\nb"}, "bad_account"),
    ],
)
def test_what_is_no_account(fields: dict[str, Any], code: str) -> None:
    assert refusal(record, **fields) == code


@pytest.mark.parametrize(
    "password",
    ["", "short", "x" * 9, "aaaaaaaaaaaa", "abababababab", "x" * 201, "nguyen.thi.lan", "NGUYEN.THI.LAN", "Nguyễn Thị Lan"],
)
def test_passwords_that_are_not_taken(password: str) -> None:
    assert refusal(check_password, password, "nguyen.thi.lan", "Nguyễn Thị Lan") == "weak_password"


def test_passwords_that_are() -> None:
    for password in ("mười ký tự", "correct horse", "x1y2" * 50):
        check_password(password, "lan")
    decomposed = unicodedata.normalize("NFD", "ộộộộ1234")
    assert len(decomposed) >= 10
    assert refusal(check_password, decomposed, "lan") == "weak_password", "characters are counted as they are seen"


CHANGES = st.builds(
    Changes,
    display_name=st.none() | st.sampled_from(["Lan", "Hoa"]),
    role=st.none() | st.sampled_from(["center", "operator", "observer"]),
    scope=st.none() | st.lists(st.sampled_from(CODES), min_size=1, max_size=3).map(tuple),
    password_hash=st.none() | st.sampled_from(["h", "g"]),
    is_disabled=st.none() | st.booleans(),
)


@given(st.lists(CHANGES, max_size=8))
def test_generations_rise_exactly_when_logins_end(programme: list[Changes]) -> None:
    now = record()
    for step in programme:
        before, now = now, changed(now, step, directory=DIRECTORY, by="x", now=NOW + 1)
        assert (now is before) == (now == before)
        assert now.version == before.version + (now is not before)
        assert now.generation == before.generation + ends_logins(before, now)
        assert (now.made_by, now.made_at, now.name) == (before.made_by, before.made_at, before.name)
        if now is not before:
            assert now.changed_by == "x"
        gives_more = (now.role, now.scope, now.password_hash) != (before.role, before.scope, before.password_hash)
        if gives_more or (now.is_disabled and not before.is_disabled):
            assert now.generation > before.generation


def test_showing_another_name_ends_no_login() -> None:
    assert changed(record(), Changes(display_name="Hoa"), directory=DIRECTORY, by="x", now=NOW).generation == 0
    disabled = changed(record(), Changes(is_disabled=True), directory=DIRECTORY, by="x", now=NOW)
    assert changed(disabled, Changes(is_disabled=False), directory=DIRECTORY, by="x", now=NOW).generation == 1


@pytest.mark.parametrize(
    ("who", "before", "after", "code"),
    [
        (asker("VN"), None, {"role": "center", "scope": ("VN",)}, None),
        (asker("79"), None, {"role": "center", "scope": ("79",)}, None),
        (asker("79"), None, {"scope": ("773", "27286")}, None),
        (asker("79"), None, {"scope": ("79", "80")}, "forbidden"),
        (asker("79"), None, {"scope": ("VN",)}, "forbidden"),
        (asker("79"), {"scope": ("80",)}, {"scope": ("80",)}, "unknown_account"),
        (asker("79"), {"scope": ("80",)}, None, "unknown_account"),
        (asker("79"), {"scope": ("VN",)}, {"scope": ("79",)}, "unknown_account"),
        (asker("79"), {"scope": ("773",)}, {"scope": ("80",)}, "forbidden"),
        (asker("79", "80"), {"scope": ("79", "80")}, {"scope": ("80",)}, None),
        (asker("VN", role="operator"), None, {}, "forbidden"),
        (asker("VN", role="observer"), {}, None, "forbidden"),
        (asker("VN", role="viewer"), {}, None, "forbidden"),
        (asker("79", role="point", subject="point:79"), {}, None, "forbidden"),
        (asker("79", subject="operator:lan"), {}, {"display_name": "Hoa"}, None),
        (asker("79", subject="operator:lan"), {}, {"role": "center"}, "forbidden"),
        (asker("79", subject="operator:lan"), {}, {"scope": ("773",)}, "forbidden"),
        (asker("79", subject="operator:lan"), {}, {"password_hash": "g"}, "forbidden"),
    ],
)
def test_who_may_manage_whom(who: Asker, before: dict[str, Any] | None, after: dict[str, Any] | None, code: str | None) -> None:
    old = record(**before) if before is not None else None
    new = record(**after) if after is not None else None
    if code is None:
        require_managing(who, old, new, DIRECTORY)
    else:
        assert refusal(require_managing, who, old, new, DIRECTORY) == code


def test_nobody_disables_himself() -> None:
    own = record()
    off = changed(own, Changes(is_disabled=True), directory=DIRECTORY, by="x", now=NOW)
    assert refusal(require_managing, asker("79", subject="operator:lan"), own, off, DIRECTORY) == "forbidden"
    require_managing(asker("79"), own, off, DIRECTORY)


UNIT_SETS = st.lists(st.sampled_from(CODES), min_size=1, max_size=3).map(tuple)


@given(UNIT_SETS, UNIT_SETS, st.sampled_from(["center", "operator", "observer"]))
def test_what_somebody_manages_never_reaches_beyond_his_own(mine: tuple[str, ...], theirs: tuple[str, ...], role: str) -> None:
    who, other = asker(*mine), record(scope=theirs, role=role)
    try:
        require_managing(who, None, other, DIRECTORY)
    except BridgeError:
        assert any(not DIRECTORY.is_within(unit, mine) for unit in theirs)
    else:
        assert all(DIRECTORY.is_within(unit, mine) for unit in theirs)


def test_units_that_an_import_left_over_are_for_the_top() -> None:
    assert covers(("VN",), ("gone",), DIRECTORY)
    assert not covers(("79", "gone"), ("gone",), DIRECTORY)
    assert not covers(("VN",), ("VN",), Directory((), ()))


def test_the_national_center_has_the_root() -> None:
    assert is_national(record(role="center", scope=("VN",)), DIRECTORY)
    assert not is_national(record(role="center", scope=("79", "80")), DIRECTORY)
    assert not is_national(record(role="operator", scope=("VN",)), DIRECTORY)
