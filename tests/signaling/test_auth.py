"""Tokens and link secrets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest

from signaling.auth import (
    CredentialError,
    Identity,
    Role,
    check_point_credential,
    check_point_secret,
    check_token,
    make_point_token,
    make_token,
    point_link,
    point_secret,
)

LINK, KEY, NOW = b"L" * 32, b"K" * 32, 1_795_000_000


def test_point_secret_is_the_documented_hmac() -> None:
    digest = hmac.new(LINK, b"point:26740:0", hashlib.sha256).digest()
    assert point_secret(LINK, "26740") == base64.urlsafe_b64encode(digest).decode()[:22]
    # Fixed: links are printed and handed out; a change here would end them all.
    assert point_secret(bytes(range(32)), "26740") == "DQrkq_PuPpGBtFyQOUIV7J"


def test_secret_belongs_to_one_code_key_and_generation() -> None:
    good = point_secret(LINK, "26740")
    assert check_point_secret(LINK, "26740", good)
    assert not check_point_secret(LINK, "26741", good)
    assert not check_point_secret(b"M" * 32, "26740", good)
    assert not check_point_secret(LINK, "26740", good, generation=1)
    assert check_point_secret(LINK, "26740", point_secret(LINK, "26740", 1), generation=1)


@pytest.mark.parametrize("secret", ["", "A" * 22, "é" * 22, "\x00", "A" * 64])
def test_wrong_secrets(secret: str) -> None:
    assert not check_point_secret(LINK, "26740", secret)
    assert not check_point_secret(LINK, "26740", point_secret(LINK, "26740") + secret[:1] if secret else secret)


def test_good_secret_of_an_unknown_point_is_refused() -> None:
    secret = point_secret(LINK, "99999")
    with pytest.raises(CredentialError):
        check_point_credential(LINK, "99999", secret, is_known=False)
    check_point_credential(LINK, "99999", secret, is_known=True)


@pytest.mark.parametrize(
    ("role", "scope", "feed", "is_console"),
    [
        ("center", ("VN",), "center", True),
        ("operator", ("VN",), None, True),
        ("viewer", (), None, False),
        ("observer", ("VN",), None, False),
    ],
)
def test_token_round_trip(role: Any, scope: tuple[str, ...], feed: str | None, is_console: bool) -> None:
    identity = check_token(KEY, make_token(KEY, role=role, session="main", now=NOW, lifetime_s=60), now=NOW)
    assert identity == Identity(role, role, "main", scope, NOW + 60)
    assert identity.feed == feed
    assert identity.is_console is is_console
    assert identity.point is None


def test_point_token() -> None:
    token, expires = make_point_token(KEY, code="26740-2", session="main", now=NOW)
    identity = check_token(KEY, token, now=NOW, session="main")
    assert identity == Identity("point:26740-2", "point", "main", ("26740-2",), expires)
    assert expires == NOW + 12 * 3600
    assert identity.point == "26740-2"
    assert identity.feed == "point:26740-2"


def test_a_point_token_carries_the_generation_of_its_link() -> None:
    token, _ = make_point_token(KEY, code="26740", session="main", now=NOW, generation=3)
    assert check_token(KEY, token, now=NOW).generation == 3
    token, _ = make_point_token(KEY, code="26740", session="main", now=NOW)
    assert check_token(KEY, token, now=NOW).generation == 0


def test_the_first_generation_is_good_until_there_is_a_second() -> None:
    old, new = point_secret(LINK, "26740"), point_secret(LINK, "26740", 1)
    assert len(old) == len(new)
    check_point_credential(LINK, "26740", new, is_known=True, generation=1)
    with pytest.raises(CredentialError):
        check_point_credential(LINK, "26740", old, is_known=True, generation=1)
    assert point_link("https://a.vn", LINK, "26740", 1) == f"https://a.vn/p/26740#{new}"


def test_token_ends() -> None:
    token = make_token(KEY, role="center", session="main", now=NOW, lifetime_s=60)
    check_token(KEY, token, now=NOW + 59)
    for later in (60, 61, 10**6):
        with pytest.raises(CredentialError):
            check_token(KEY, token, now=NOW + later)


def test_token_from_the_future_is_not_believed() -> None:
    token = make_token(KEY, role="center", session="main", now=NOW + 6)
    with pytest.raises(CredentialError):
        check_token(KEY, token, now=NOW)
    check_token(KEY, make_token(KEY, role="center", session="main", now=NOW + 5), now=NOW)


def test_token_of_another_session() -> None:
    token = make_token(KEY, role="center", session="main", now=NOW)
    check_token(KEY, token, now=NOW, session="main")
    with pytest.raises(CredentialError):
        check_token(KEY, token, now=NOW, session="other")


GOOD: dict[str, Any] = {"sub": "center", "role": "center", "session": "main", "scope": ["VN"], "iat": NOW, "exp": NOW + 60}


@pytest.mark.parametrize(
    "change",
    [
        {"role": "admin"},
        {"role": ["center"]},
        {"sub": ""},
        {"sub": "x" * 129},
        {"session": "../x"},
        {"session": 1},
        {"scope": "VN"},
        {"scope": [1]},
        {"scope": ["../"]},
        {"scope": ["VN"] * 65},
        {"exp": str(NOW + 60)},
        {"exp": NOW + 60.5},
        {"exp": True},
        {"gen": "1"},
        {"gen": True},
        {"gen": -1},
        {"account": ""},
        {"account": 7},
        {"account": "a b"},
        {"role": "point", "sub": "point:26740", "account": "lan"},
        {"session": "**"},
        {"iat": None},
        {"role": "point"},
        {"role": "point", "sub": "point:"},
        {"role": "point", "sub": "point:a/b"},
        *({name: ...} for name in GOOD),
    ],
)
def test_signed_nonsense_is_refused(change: dict[str, Any]) -> None:
    claims = {name: value for name, value in (GOOD | change).items() if value is not ...}
    with pytest.raises(CredentialError):
        check_token(KEY, jwt.encode(claims, KEY, algorithm="HS256"), now=NOW)
    check_token(KEY, jwt.encode(GOOD, KEY, algorithm="HS256"), now=NOW)


def unsigned(header: dict[str, str]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, GOOD)]
    return ".".join([*parts, ""])


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "é.é.é",
        unsigned({"alg": "none", "typ": "JWT"}),
        unsigned({"alg": "HS256", "typ": "JWT"}),
        jwt.encode(GOOD, b"X" * 32, algorithm="HS256"),
        jwt.encode(GOOD, b"K" * 64, algorithm="HS512"),
        jwt.encode(GOOD, KEY, algorithm="HS256")[:-2],
        jwt.encode(GOOD, KEY, algorithm="HS256") + "\n",
    ],
)
def test_forged_tokens(token: str) -> None:
    with pytest.raises(CredentialError) as raised:
        check_token(KEY, token, now=NOW)
    assert raised.value.args == ()


@pytest.mark.parametrize(
    "claims",
    [{"role": "king"}, {"session": "a b"}, {"role": "point"}, {"role": "point", "subject": "26740"}],
)
def test_make_token_refuses_what_check_token_would(claims: dict[str, Any]) -> None:
    values: dict[str, Any] = {"role": "center", "session": "main", "now": NOW, **claims}
    with pytest.raises(ValueError, match=r"role|session|subject"):
        make_token(KEY, **values)


def test_scope_is_carried() -> None:
    token = make_token(KEY, role="operator", session="main", now=NOW, scope=("79", "80"), subject="operator:lan")
    identity = check_token(KEY, token, now=NOW)
    assert identity.scope == ("79", "80")
    assert identity.subject == "operator:lan"


def test_a_token_of_an_account_is_for_every_session_and_names_it() -> None:
    token = make_token(KEY, role="operator", session="*", now=NOW, subject="operator:lan", account="lan", generation=2)
    for session in ("main", "s1", None):
        identity = check_token(KEY, token, now=NOW, session=session)
    assert (identity.account, identity.generation, identity.generation_key) == ("lan", 2, "account:lan")
    assert identity.is_for("main")
    assert identity.may_observe


def test_who_has_a_generation() -> None:
    assert Identity("center", "center", "main", (), NOW).generation_key is None
    assert Identity("point:26740", "point", "main", (), NOW).generation_key == "26740"


@pytest.mark.parametrize(
    ("role", "may"), [("center", True), ("operator", True), ("observer", True), ("viewer", False), ("point", False)]
)
def test_who_may_read_what_consoles_see(role: Any, may: bool) -> None:
    assert Identity("point:26740", role, "main", (), NOW).may_observe is may


def outcome(token: str) -> Identity | None:
    try:
        return check_token(KEY, token, now=NOW)
    except CredentialError:
        return None


@pytest.mark.parametrize("role", ["center", "operator", "observer", "viewer", "point"])
def test_our_own_tokens_are_read_without_the_library(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = "point:26740" if role == "point" else None
    account = None if role == "point" else "lan"
    token = make_token(KEY, role=role, session="main", now=NOW, subject=subject, generation=3, account=account)
    judged = check_token(KEY, token + "", now=NOW)
    monkeypatch.setattr("signaling.auth.jwt.decode", lambda *_, **__: pytest.fail("the library was asked"))
    assert check_token(KEY, token, now=NOW) == judged
    assert (judged.role, judged.generation, judged.account) == (role, 3, account)


@pytest.mark.parametrize(
    "change",
    [{}, {"aud": "x"}, {"aud": None}, {"nbf": NOW + 99}, {"jti": 7}, {"gen": 4}, {"sub": None}, {"iss": "x"}, {"exp": None}],
)
def test_the_short_way_judges_as_the_library_does(change: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    token = jwt.encode(GOOD | change, KEY, algorithm="HS256")
    short = outcome(token)
    monkeypatch.setattr("signaling.auth._OUR_HEADER", "none of this header")
    assert short == outcome(token)
    assert (short is None) == bool(change.keys() & {"jti", "sub", "exp"} or change.get("aud"))


def test_a_token_with_any_character_changed_is_refused() -> None:
    token = make_token(KEY, role="center", session="main", now=NOW)
    assert outcome(token) is not None
    for place in range(token.rindex(".") - 8, len(token) - 1):
        for other in "A.-é=":
            changed = token[:place] + other + token[place + 1 :]
            assert changed == token or outcome(changed) is None


def test_what_the_key_signed_and_is_no_object_is_refused() -> None:
    header = jwt.encode(GOOD, KEY, algorithm="HS256").partition(".")[0]
    for payload in ("W10", "bnVsbA", "eA", "{}", ""):
        signed = f"{header}.{payload}"
        mac = base64.urlsafe_b64encode(hmac.digest(KEY, signed.encode(), "sha256")).rstrip(b"=").decode()
        assert outcome(f"{signed}.{mac}") is None
