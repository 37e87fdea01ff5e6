"""An answer with holes: written once for all offers of one shape, filled for each peer.

A hole is a name between two zero bytes. Nothing else of an answer has one: its words are constants, numbers and tokens that
:mod:`sfu.wire.sdp` has checked. So a value is put where it belongs and nowhere else, whatever the values before it were.
"""

from __future__ import annotations

from collections.abc import Mapping

MARK = "\0"
"""Never part of SDP (RFC 8866 section 9: byte-string)."""


def hole(name: str) -> str:
    """What stands in a template for the value of ``name``."""
    return f"{MARK}{name}{MARK}"


class AnswerTemplate:
    """A text with holes. Immutable; thousands of peers share one."""

    __slots__ = ("_holes", "_pieces")

    def __init__(self, text: str) -> None:
        """Finds the holes of ``text``.

        Raises:
            ValueError: a mark without its partner: something in the text was not checked.
        """
        pieces = text.split(MARK)
        if len(pieces) % 2 == 0:
            raise ValueError("an odd number of marks: a word of this answer was never checked")
        self._pieces = tuple(pieces)
        self._holes = tuple((place, pieces[place]) for place in range(1, len(pieces), 2))

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with every hole filled.

        Raises:
            KeyError: a hole has no value.
        """
        pieces = list(self._pieces)
        for place, name in self._holes:
            pieces[place] = values[name]
        return "".join(pieces)
