"""The shape of an offer: its text without what is each browser's own.

Ten thousand pages of one make send offers that differ in the ICE credentials, the fingerprint and the origin, and in what is read
over here anyway. What is negotiated follows from the rest alone, so it can be worked out once for all of them. :func:`cut` takes
the differing parts out and leaves a mark in the place of each: two offers with the same shape have the same lines with the same
meaning, so that :func:`sfu.wire.sdp.parse_offer` gives the same values for both, apart from the credentials, the fingerprint and,
of the media lines, the SSRCs and the number of a port that is not 0, of which nothing follows for one who only receives.

A mark is a zero byte, which no offer may have. Whatever is out of the ordinary (another order, a weaker fingerprint, text that
is not ASCII) is not cut at all and goes the long way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sfu.wire.answer_template import MARK
from sfu.wire.sdp import ICE_PWD_GRAMMAR, ICE_UFRAG_GRAMMAR, MAX_OFFER_BYTES, MAX_SSRCS

_TEXT = r"[^\x00-\x1f\x7f]"
_ORIGIN = re.compile(rf"v=0\r?\no={_TEXT}{{1,256}}(?=\r?\n)")
_UFRAG = re.compile(rf"\na=ice-ufrag:({ICE_UFRAG_GRAMMAR})\r?\n")
_PWD = re.compile(rf"\na=ice-pwd:({ICE_PWD_GRAMMAR})\r?\n")
_FINGERPRINT = re.compile(r"\na=fingerprint:sha-256 ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31})\r?\n")
_PATH = re.compile(rf"\n(?:c=|a=candidate:|a=rtcp:){_TEXT}{{0,512}}\r?(?=\n)")
"""What an offer says of its sender's addresses; none of it is read here."""
_PORT = re.compile(r"(?<=\nm=(?:audio|video) )(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3})(?= )")
_SSRC = re.compile(rf"\na=ssrc:(?:[0-9]{{1,9}}|[1-3][0-9]{{9}}|4[01][0-9]{{8}}|42[0-8][0-9]{{7}}) {_TEXT}{{0,256}}\r?(?=\n)")
"""Firefox names an SSRC even where it only receives. Ten digits go up to 4,289,999,999: those above are read the long way."""


@dataclass(frozen=True, slots=True)
class OwnParts:
    """What one browser's offer has for itself; ``fingerprint`` is SHA-256, upper-case hex pairs with colons."""

    ufrag: str
    pwd: str
    fingerprint: str


def cut(offer: str) -> tuple[str, OwnParts] | None:
    """An offer's shape and its own parts; None for one that has to be read the long way."""
    if len(offer) > MAX_OFFER_BYTES or not offer.isascii() or MARK in offer:
        return None
    origin, ufrag, pwd, fingerprint = (
        _ORIGIN.match(offer),
        _UFRAG.search(offer),
        _PWD.search(offer),
        _FINGERPRINT.search(offer),
    )
    if origin is None or ufrag is None or pwd is None or fingerprint is None:
        return None
    shape = offer[origin.end() :]
    for found in (ufrag, pwd, fingerprint):
        # The whole line, wherever it stands again: what differs from the first of its kind stays, and makes another shape.
        line, start, end = found[0], found.start(1) - found.start(), found.end(1) - found.start()
        shape = shape.replace(line, line[:start] + MARK + line[end:])
    if "\na=candidate:" in shape:
        shape = _PORT.sub(MARK, _PATH.sub("", shape))
    if "\na=ssrc:" in shape:
        shape, removed = _SSRC.subn("", shape)
        if removed > MAX_SSRCS or "\na=ssrc:" in shape:
            return None
    return shape, OwnParts(ufrag[1], pwd[1], fingerprint[1].upper())


def is_uniform(shape: str) -> bool:
    """Whether every line of credentials and fingerprints in an offer of this shape says the same as the first of its kind.

    Only then do the own parts tell all that the offer says of them.
    """
    return all(
        shape.count(f"\n{attribute}") == shape.count(f"\n{attribute}{form}{MARK}")
        for attribute, form in (("a=ice-ufrag", ":"), ("a=ice-pwd", ":"), ("a=fingerprint", ":sha-256 "))
    )
