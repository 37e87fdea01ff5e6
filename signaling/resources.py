"""The ids of WHIP and WHEP sessions, their ICE generations, and the SDP fragments that PATCH carries. Pure.

A peer's id is 128 random bits and a tag: an HMAC of the random part, the kind of door, the session and the token's
subject. So whether a request's bearer owns the resource is computed, not remembered, and survives a restart of this
process. What is remembered (the ICE generation for ``ETag``, RFC 9725 §4.3.1) is bounded and may be lost: a resource
that is not remembered accepts any entity tag for trickling, and ``*`` for a restart.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["whip", "whep"]

MAX_REMEMBERED: Final = 20_000
"""Twice the points of the country; some 200 bytes each."""

_RANDOM_BYTES: Final = 16
_RANDOM_CHARS: Final = 22
_TAG_CHARS: Final = 11
_PEER: Final = re.compile(r"[A-Za-z0-9_-]{33}")
_ICE_CHARS: Final = r"[A-Za-z0-9+/]"
_UFRAG: Final = re.compile(rf"a=ice-ufrag:({_ICE_CHARS}{{4,256}})")
"""RFC 8839 §5.4."""
_UFRAG_LINE: Final = re.compile(rf"\n{_UFRAG.pattern}\r*(?:\n|\Z)")
_PWD: Final = re.compile(rf"a=ice-pwd:({_ICE_CHARS}{{22,256}})")
_MID: Final = re.compile(r"a=mid:([A-Za-z0-9_-]{1,32})")
_MEDIA: Final = re.compile(r"m=(audio|video) [0-9]+ [A-Z/]+( [0-9]+)+")
_LINE: Final = re.compile(r"[a-z]=[^\x00-\x1f\x7f]*")
_MAX_FRAGMENT_LINES: Final = 256


class FragmentError(ValueError):
    """A PATCH body is no SDP fragment of RFC 8840 §9."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """What of an SDP fragment matters here. Candidates are read over: an ICE-lite server learns addresses from checks."""

    ufrag: str | None
    pwd: str | None
    media: str
    mid: str


def parse_fragment(body: bytes) -> Fragment:
    """Parse an ``application/trickle-ice-sdpfrag`` body (RFC 8840 §9).

    Raises :class:`FragmentError`, whatever the bytes.
    """
    try:
        lines = body.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise FragmentError("not UTF-8") from None
    rows = [line.rstrip("\r") for line in lines]
    while rows and not rows[-1]:
        rows.pop()
    if not rows or len(rows) > _MAX_FRAGMENT_LINES or not all(_LINE.fullmatch(row) for row in rows):
        raise FragmentError("not a list of SDP lines")
    ufrag, pwd = _first(_UFRAG, rows), _first(_PWD, rows)
    if (ufrag is None) != (pwd is None):
        raise FragmentError("ufrag and password come together")
    if ufrag is None and not any(row.startswith(("a=candidate:", "a=end-of-candidates")) for row in rows):
        raise FragmentError("neither candidates nor credentials")
    media = next((row for row in rows if _MEDIA.fullmatch(row)), "m=audio 9 UDP/TLS/RTP/SAVPF 0")
    return Fragment(ufrag, pwd, media, _first(_MID, rows) or "0")


def restart_fragment(fragment: Fragment, ufrag: str, pwd: str, candidates: tuple[str, ...]) -> str:
    """The answer to an ICE restart (RFC 9725 §4.3.3): the server's new credentials, its candidates as before."""
    rows = ["a=ice-lite", f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{pwd}", fragment.media, f"a=mid:{fragment.mid}"]
    return "\r\n".join([*rows, *candidates, "a=end-of-candidates", ""])


def candidates_of(answer: str) -> tuple[str, ...]:
    """The candidate lines of an answer's first media section that has some."""
    begin = answer.find("\na=candidate:")
    if begin < 0:
        return ()
    end = answer.find("\nm=", begin)
    section = answer[begin + 1 : end if end >= 0 else None]
    return tuple(row for row in section.splitlines() if row.startswith("a=candidate:"))


def _first(pattern: re.Pattern[str], rows: list[str]) -> str | None:
    return next((match[1] for row in rows if (match := pattern.fullmatch(row))), None)


def ufrag_of(offer: str) -> str | None:
    """The first ICE ufrag of an offer."""
    found = _UFRAG_LINE.search(f"\n{offer}")
    return None if found is None else found[1]


@dataclass(slots=True)
class _Generation:
    number: int
    ufrag: str | None


class Resources:
    """Ids and ICE generations; ``random_bytes`` is :func:`secrets.token_bytes`."""

    def __init__(self, token_key: bytes, random_bytes: Callable[[int], bytes], limit: int = MAX_REMEMBERED) -> None:
        self._key = hmac.new(token_key, b"media resources", hashlib.sha256).digest()
        self._random_bytes = random_bytes
        self._limit = limit
        self._generations: OrderedDict[str, _Generation] = OrderedDict()

    def __len__(self) -> int:
        return len(self._generations)

    def new_peer(self, kind: Kind, session: str, subject: str) -> str:
        """An unguessable id that only this subject's token opens."""
        random_part = base64.urlsafe_b64encode(self._random_bytes(_RANDOM_BYTES)).decode()[:_RANDOM_CHARS]
        return random_part + self._tag(random_part, kind, session, subject)

    def is_owner(self, peer: str, kind: Kind, session: str, subject: str) -> bool:
        """Whether this subject made this resource at this door."""
        if _PEER.fullmatch(peer) is None:
            return False
        expected = self._tag(peer[:_RANDOM_CHARS], kind, session, subject)
        return hmac.compare_digest(expected.encode(), peer[_RANDOM_CHARS:].encode())

    def _tag(self, random_part: str, kind: Kind, session: str, subject: str) -> str:
        text = "\n".join((random_part, kind, session, subject)).encode()
        return base64.urlsafe_b64encode(hmac.digest(self._key, text, "sha256")).decode()[:_TAG_CHARS]

    def remember(self, peer: str, ufrag: str | None) -> str:
        """A peer joined or restarted with these credentials of its own; return the new entity tag."""
        known = self._generations.pop(peer, None)
        number = known.number + 1 if known is not None else 1
        while len(self._generations) >= self._limit:
            self._generations.popitem(last=False)
        self._generations[peer] = _Generation(number, ufrag)
        return _etag(number)

    def forget(self, peer: str) -> None:
        """The peer is no more."""
        self._generations.pop(peer, None)

    def matches(self, peer: str, if_match: str) -> bool:
        """Whether an ``If-Match`` names the current ICE session: RFC 9110 §13.1.1, strong comparison."""
        tags = {tag.strip() for tag in if_match.split(",")}
        known = self._generations.get(peer)
        return "*" in tags or (any(tag.startswith('"') for tag in tags) if known is None else _etag(known.number) in tags)

    def is_restart(self, peer: str, if_match: str, fragment: Fragment) -> bool:
        """Whether the fragment brings other credentials than the ones in use; trickling repeats them (RFC 8840 §9)."""
        if fragment.ufrag is None:
            return False
        known = self._generations.get(peer)
        return if_match.strip() == "*" if known is None else known.ufrag != fragment.ufrag


def _etag(number: int) -> str:
    return f'"ice-{number}"'
