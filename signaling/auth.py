"""Who may come in: signed tokens and the secrets of desk links. Pure; ``now`` is whole seconds since the Unix epoch.

Theory of operation. A *desk link* changes only when somebody has it replaced: its secret is an HMAC of the point's code and
its generation under the service's link key, so that nothing is stored for points whose generation is 0. A *token* is a JWT
(RFC 7519) with HS256 and claims of ours; the algorithm is fixed here and never read from the token. A point's token carries
the generation of the link it came by, and ends with it (:mod:`signaling.generations`). In the same way a person's token names
the account and its generation, and ends when the account is changed; such a token is for every session (``"*"``). Whoever
holds neither learns nothing: wrong code, wrong secret, bad signature and expiry raise the same :class:`CredentialError`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

import jwt

from bridge.policy import ANY_SESSION

Role = Literal["center", "operator", "observer", "viewer", "point"]

_ALGORITHM: Final = "HS256"
_ROLES: Final = frozenset(get_args(Role))
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_SECRET_CHARS: Final = 22
"""22 characters of base64url carry 132 bits; the first 128 of them are more than guessing can reach."""

POINT_TOKEN_S: Final = 12 * 3600
"""A point's bearer lives half a day; every hello brings a new one."""
WHOLE_COUNTRY: Final = ("VN",)
MAX_SCOPE: Final = 64
_LEEWAY_S: Final = 5
_REQUIRED_CLAIMS: Final = ("sub", "role", "session", "scope", "iat", "exp")
_OUR_CLAIMS: Final = frozenset({*_REQUIRED_CLAIMS, "gen", "account"})
_OUR_HEADER: Final = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")


class CredentialError(Exception):
    """The credential is not good. Deliberately without a reason: the caller may not tell the client more."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a good token says."""

    subject: str
    role: Role
    session: str
    scope: tuple[str, ...]
    expires_at: int
    """Seconds since the Unix epoch."""
    generation: int = 0
    """Of the link that a point came by, or of the account at the login."""
    account: str | None = None
    """The account's name, for those who came by name and password."""

    @property
    def point(self) -> str | None:
        """The point's code of a ``point`` identity, else None."""
        return self.subject.removeprefix("point:") if self.role == "point" else None

    @property
    def feed(self) -> str | None:
        """The feed that this identity sends: what a viewer of it never gets back."""
        if self.role == "center":
            return "center"
        return self.subject if self.role == "point" else None

    @property
    def is_console(self) -> bool:
        """Whether it works a console."""
        return self.role in {"center", "operator"}

    @property
    def may_observe(self) -> bool:
        """Whether it may read what consoles see."""
        return self.is_console or self.role == "observer"

    @property
    def generation_key(self) -> str | None:
        """Under which name its generation is kept; None for those who have none: the holders of plain tokens."""
        return account_key(self.account) if self.account is not None else self.point

    def is_for(self, session: str) -> bool:
        """Whether it may be used in a session."""
        return self.session in {session, ANY_SESSION}


def is_code(text: str) -> bool:
    """Whether the text has the form of a unit's, point's or session's code."""
    return _CODE.fullmatch(text) is not None


def account_key(name: str) -> str:
    """The name under which an account's generation is kept; no point's, since codes have no colon."""
    return f"account:{name}"


def point_secret(link_key: bytes, code: str, generation: int = 0) -> str:
    """Return the secret of a point's link; ``generation`` is what a revoked link raises."""
    digest = hmac.new(link_key, b"point:" + code.encode() + b":" + str(generation).encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_SECRET_CHARS]


def point_link(public_url: str, link_key: bytes, code: str, generation: int = 0) -> str:
    """The permanent link of a point; its secret is in the fragment, which browsers send to nobody."""
    return f"{public_url}/p/{code}#{point_secret(link_key, code, generation)}"


def check_point_secret(link_key: bytes, code: str, secret: str, generation: int = 0) -> bool:
    """Whether this is the secret of that point's link, in constant time."""
    return hmac.compare_digest(point_secret(link_key, code, generation).encode(), secret.encode("utf-8", "replace"))


def make_token(
    token_key: bytes,
    *,
    role: Role,
    session: str,
    now: int,
    lifetime_s: int = POINT_TOKEN_S,
    subject: str | None = None,
    scope: Sequence[str] | None = None,
    generation: int = 0,
    account: str | None = None,
) -> str:
    """Sign a token.

    ``subject`` defaults to the role's name. ``scope`` is a list of unit codes; it defaults to the whole country for
    consoles and observers and to nothing for viewers. Points' subjects are ``point:<code>``; ``generation`` is that of their
    link, or that of the ``account``. ``session`` may be ``"*"``: every session.

    Raises ValueError for an unknown role, a malformed session or subject (a bug of the caller).
    """
    if role not in _ROLES:
        raise ValueError("unknown role")
    if not _is_session(session):
        raise ValueError("malformed session id")
    subject = subject or role
    if role == "point" and not (subject.startswith("point:") and is_code(subject.removeprefix("point:"))):
        raise ValueError("a point token's subject is point:<code>")
    if scope is None:
        scope = WHOLE_COUNTRY if role in {"center", "operator", "observer"} else ()
    claims: dict[str, Any] = {
        "sub": subject,
        "role": role,
        "session": session,
        "scope": list(scope),
        "iat": now,
        "exp": now + lifetime_s,
    }
    if generation:
        claims["gen"] = generation
    if account is not None:
        claims["account"] = account
    return jwt.encode(claims, token_key, algorithm=_ALGORITHM)


def make_point_token(token_key: bytes, *, code: str, session: str, now: int, generation: int = 0) -> tuple[str, int]:
    """Sign the bearer that a point uses for WHIP and WHEP; return it and when it ends (seconds since the Unix epoch)."""
    token = make_token(
        token_key, role="point", session=session, now=now, subject=f"point:{code}", scope=(code,), generation=generation
    )
    return token, now + POINT_TOKEN_S


def check_token(token_key: bytes, token: str, *, now: int, session: str | None = None) -> Identity:
    """Return what a token says, or raise :class:`CredentialError`.

    A token for ``"*"`` is good for every session. The clock is the caller's: expiry (RFC 7519 §4.1.4) and the time of issue
    (§4.1.6) are compared with ``now`` here and not by the library. With ``session`` the token must be for that one.
    """
    claims = _claims_of_our_own(token_key, token)
    if claims is None:
        claims = _claims(token_key, token)
    identity = _identity_of(claims, now)
    if session is not None and not identity.is_for(session):
        raise CredentialError
    return identity


def _claims(token_key: bytes, token: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            token_key,
            algorithms=[_ALGORITHM],
            options={"require": list(_REQUIRED_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.PyJWTError, ValueError):
        raise CredentialError from None
    return claims


def _claims_of_our_own(token_key: bytes, token: str) -> dict[str, Any] | None:
    """The claims of a token as :func:`make_token` writes them; None for any other, which the library judges.

    Ten thousand points come with one each, and the library takes ten times as long. Nothing is looked at before the signature
    (RFC 7515 §5.2) is found to be that of the key, byte for byte; the header is compared and not read.
    """
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    if header != _OUR_HEADER or not token.isascii():
        return None
    mac = base64.urlsafe_b64encode(hmac.digest(token_key, signed.encode(), "sha256")).rstrip(b"=")
    if not hmac.compare_digest(mac, signature.encode()):
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return None
    is_ours = isinstance(claims, dict) and claims.keys() <= _OUR_CLAIMS
    return claims if is_ours and all(claims.get(claim) is not None for claim in _REQUIRED_CLAIMS) else None


def _is_session(text: str) -> bool:
    return text == ANY_SESSION or is_code(text)


def _identity_of(claims: dict[str, Any], now: int) -> Identity:
    subject, role, session, scope = claims["sub"], claims["role"], claims["session"], claims["scope"]
    issued, expires, generation = claims["iat"], claims["exp"], claims.get("gen", 0)
    account = claims.get("account")
    if not (isinstance(subject, str) and 0 < len(subject) <= 128 and isinstance(role, str) and role in _ROLES):
        raise CredentialError
    if not (isinstance(session, str) and _is_session(session)):
        raise CredentialError
    if not (
        isinstance(scope, list) and len(scope) <= MAX_SCOPE and all(isinstance(code, str) and is_code(code) for code in scope)
    ):
        raise CredentialError
    if type(issued) is not int or type(expires) is not int or now >= expires or issued > now + _LEEWAY_S:
        raise CredentialError
    if type(generation) is not int or generation < 0:
        raise CredentialError
    if account is not None and not (isinstance(account, str) and is_code(account) and role != "point"):
        raise CredentialError
    if role == "point" and not (subject.startswith("point:") and is_code(subject.removeprefix("point:"))):
        raise CredentialError
    return Identity(subject, cast("Role", role), session, tuple(scope), expires, generation, account)


def check_point_credential(link_key: bytes, code: str, secret: str, *, is_known: bool, generation: int = 0) -> None:
    """Raise :class:`CredentialError` unless the point exists and the secret is its own, of that generation.

    The comparison is done in both cases, so that the time tells nothing of which codes exist.
    """
    good = check_point_secret(link_key, code, secret, generation)
    if not (good and is_known):
        raise CredentialError
