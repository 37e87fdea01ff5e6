"""Logins that last: families of refresh tokens that are used once each. Pure; ``now`` is milliseconds since the Unix epoch.

Theory of operation (RFC 9700 §4.14.2, rotation with reuse detection). A login begins a *family*. Its token is good for one
refresh, which gives the successor; whoever comes with an older one shows that the token is in two hands, the owner's and
somebody else's, and nobody can tell which is which: the family ends and the owner logs in again.

One exception: an answer may be lost on the way, and the page then asks again with the token it has. Within ``GRACE_MS`` the
token just used gives the **same** successor once more, so an honest page never loses its login to a bad line. A thief who
copies a token and is that fast gets the successor too, but the two of them then share it, and the next refresh but one is the
second use that ends the family.

The successor's secret is an HMAC of the secret before it, so it can be given again and needs no place to be kept: the store
has SHA-256 digests only, of the present token and the one before. (Secrets have 256 random bits: no salt, no slow hash.)
A token is ``name.family.secret``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal

from signaling.accounts import is_name

TOKEN_MS: Final = 12 * 3600_000
"""A token that is not used ends after half a day: a shift and its break."""
FAMILY_MS: Final = 7 * 24 * 3600_000
"""However diligently it is used, the password is asked for once a week."""
GRACE_MS: Final = 20_000
"""The page gives an answer 5 s and asks again at once; a line that hangs twice is still within."""
MAX_FAMILIES: Final = 16
"""Logins of one account at a time; the one used longest ago gives way."""
SECRET_BYTES: Final = 32
_MAX_TOKEN_CHARS: Final = 128

Outcome = Literal["rotated", "repeated", "reused", "unknown"]


@dataclass(frozen=True, slots=True)
class Family:
    """One login, as it is kept."""

    id: str
    digest: str
    """Of the token that is good now."""
    previous: str
    """Of the one before it; empty at first."""
    used_at: int
    """When the present token was given."""
    ends_at: int
    """When it ends unused."""
    last_at: int
    """When the family ends for good."""
    generation: int
    """Of the account at the login."""


@dataclass(frozen=True, slots=True)
class Token:
    """A refresh token, taken apart."""

    name: str
    family: str
    secret: str

    @property
    def text(self) -> str:
        """As the page keeps it."""
        return f"{self.name}.{self.family}.{self.secret}"

    @property
    def digest(self) -> str:
        """What is kept of it."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


def parse_token(text: str) -> Token | None:
    """Take a token apart; None for what has not its form."""
    parts = text.rsplit(".", 2) if len(text) <= _MAX_TOKEN_CHARS and text.isascii() else []
    if len(parts) != 3 or not all(parts) or not is_name(parts[0]):
        return None
    return Token(*parts)


def new_token(name: str, random_id: bytes, random_secret: bytes) -> Token:
    """The first token of a family."""
    return Token(name, _text(random_id), _text(random_secret))


def successor(token: Token, key: bytes) -> Token:
    """The next token: always the same for the same one."""
    digest = hmac.new(key, b"refresh:" + token.text.encode(), hashlib.sha256).digest()
    return replace(token, secret=_text(digest))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


Families = tuple[Family, ...]


def begun(families: Families, token: Token, now: int, generation: int) -> Families:
    """A login: its family is added; those that ended, are of another generation, or are too many, go."""
    family = Family(token.family, token.digest, "", now, now + TOKEN_MS, now + FAMILY_MS, generation)
    kept = [each for each in families if _is_good(each, now, generation)]
    kept.sort(key=lambda each: each.used_at)
    return (*kept[-(MAX_FAMILIES - 1) :], family)


def refreshed(families: Families, token: Token, key: bytes, now: int, generation: int) -> tuple[Families, Outcome]:
    """Somebody comes with a token.

    Returns:
        the families afterwards, and what happened. ``rotated`` and ``repeated``: the :func:`successor` is good now and is the
        answer. ``reused``: an old one came, and the family has ended. ``unknown``: no such family, or it ended, or the account
        changed since.
    """
    family = next((each for each in families if each.id == token.family), None)
    if family is None or not _is_good(family, now, generation):
        return families, "unknown"
    if hmac.compare_digest(family.digest, token.digest):
        ends_at = min(now + TOKEN_MS, family.last_at)
        after = replace(
            family, digest=successor(token, key).digest, previous=family.digest, used_at=max(now, family.used_at), ends_at=ends_at
        )
        return tuple(after if each is family else each for each in families), "rotated"
    if hmac.compare_digest(family.previous, token.digest) and abs(now - family.used_at) <= GRACE_MS:
        return families, "repeated"
    return tuple(each for each in families if each is not family), "reused"


def ended(families: Families, token: Token) -> Families:
    """A logout: the family of this token goes. Only who had one of its tokens knows its id."""
    return tuple(each for each in families if each.id != token.family)


def ends_at(families: Families, token: Token) -> int:
    """When the token of this family ends unused."""
    return next((each.ends_at for each in families if each.id == token.family), 0)


def kept_ms(families: Families, now: int) -> int:
    """For how long the store has to keep them."""
    return max((each.ends_at - now for each in families), default=0)


def _is_good(family: Family, now: int, generation: int) -> bool:
    return now < family.ends_at and family.generation == generation


def families_text(families: Families) -> str:
    """What the store keeps."""
    return json.dumps([asdict(each) for each in families], separators=(",", ":"))


def families_of(text: str | None) -> Families:
    """Read :func:`families_text`; what somebody else wrote is no login."""
    try:
        return tuple(Family(**each) for each in json.loads(text)) if text is not None else ()
    except (ValueError, TypeError):
        return ()
