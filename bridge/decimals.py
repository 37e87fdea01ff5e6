"""Numbers as people write them: 1234,5 here and 1234.5 elsewhere, with or without points between the thousands.

One form is refused: a single separator before exactly three digits (``1.234``) is 1234 to one reader and a little over one to
another, and a case count that is wrong by a factor of a thousand is worse than a question.
"""

import re
from typing import Final

MAX_CHARS: Final = 24
MAX_MAGNITUDE: Final = 1e15
"""Whole numbers below are exact in the 64 bits of a float."""

_PLAIN: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}([., \u00a0\u202f])[0-9]{3}(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]+)?")
_AMBIGUOUS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")


def is_ambiguous(text: str) -> bool:
    """Say whether ``text`` is one number to some and another to others, such as ``1.234``."""
    return _AMBIGUOUS.fullmatch(text) is not None


def parse_number(text: str) -> float | None:
    """Read a number; None for what is none, is ambiguous (`is_ambiguous`), or is above 10¹⁵."""
    if len(text) > MAX_CHARS or is_ambiguous(text):
        return None
    if _PLAIN.fullmatch(text) is not None:
        return _bounded(text.replace(",", "."))
    found = _GROUPED.fullmatch(text)
    return None if found is None else _bounded(text.replace(found[1], "").replace(",", "."))


def number_text(number: float) -> str:
    """Write a number without needless decimals: ``12``, ``12.5``."""
    return str(int(number)) if number.is_integer() else repr(number)


def _bounded(text: str) -> float | None:
    number = float(text)
    return number + 0.0 if abs(number) <= MAX_MAGNITUDE else None
