"""A small language for choosing units by their indicators: ``ca mới > 100 and vùng = đỏ``.

    filter     = condition { ("and" | "và") condition }
    condition  = name operator value
    operator   = "=" | "!=" | "<" | "<=" | ">" | ">="        (also ≠ ≤ ≥)

Names and values are words, with their spaces, or anything in quotes (``"…"``, ``“…”`` or ``'…'``). Numbers are compared by size,
as `bridge.decimals` reads them; categories are equal or not, without regard to case. A unit without a value fits no condition.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from bridge.decimals import parse_number
from bridge.errors import BridgeError
from bridge.indicator_imports import CATEGORY, Value
from bridge.indicators import Indicator, Indicators, name_key
from bridge.words import clip

MAX_CHARS: Final = 500
MAX_CONDITIONS: Final = 16

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<operator>!=|<=|>=|<|>|=|≠|≤|≥)|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|“(?P<curly>[^”]*)”|(?P<word>[^\s!<>=≠≤≥"'“”]+))"""
)
_PLAIN: Final = {"≠": "!=", "≤": "<=", "≥": ">="}
_AND: Final = frozenset({"and", "và"})


class FilterError(BridgeError):
    """The filter cannot be understood: ``position`` is the character (from 1) where reading stopped."""

    def __init__(self, position: int, message_vi: str, message_en: str) -> None:
        super().__init__(
            "bad_filter",
            f"Bộ lọc sai ở ký tự {position}: {message_vi}",
            f"The filter is wrong at character {position}: {message_en}",
            "user",
        )
        self.position = position


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison with an indicator's value; ``operand`` is a number, or the key of a category (`name_key`)."""

    indicator: Indicator
    operator: str
    operand: Value

    def fits(self, value: Value | None) -> bool:
        """Say whether a value fits; none never does."""
        if value is None:
            return False
        if isinstance(value, str) or isinstance(self.operand, str):
            return (name_key(str(value)) == self.operand) is (self.operator == "=")
        match self.operator:
            case "=":
                return value == self.operand
            case "!=":
                return value != self.operand
            case "<":
                return value < self.operand
            case "<=":
                return value <= self.operand
            case ">":
                return value > self.operand
            case _:
                return value >= self.operand


class _Token(NamedTuple):
    """``kind`` is operator, word, quoted or end."""

    kind: str
    text: str
    position: int


def parse_filter(text: str, indicators: Indicators) -> tuple[Condition, ...]:
    """Read a filter; an empty one has no conditions.

    Raises:
        FilterError: it is wrong, or compares an indicator that there is not, or a category by size; no other exception.
    """
    if len(text) > MAX_CHARS:
        raise FilterError(MAX_CHARS, f"dài quá {MAX_CHARS} ký tự.", f"it is longer than {MAX_CHARS} characters.")
    tokens = list(_tokens(text))
    conditions: list[Condition] = []
    while len(tokens) > 1:
        name, operator, value = (
            _text(tokens, "tên chỉ số", "the name of an indicator"),
            _operator(tokens),
            _text(tokens, "giá trị", "a value"),
        )
        conditions.append(_condition(name, operator, value, indicators))
        if len(conditions) > MAX_CONDITIONS:
            raise FilterError(
                name.position, f"có quá {MAX_CONDITIONS} điều kiện.", f"there are more than {MAX_CONDITIONS} conditions."
            )
        joint = tokens[0]
        if joint.kind == "end":
            break
        if not _is_and(joint):
            raise FilterError(joint.position, "cần “and” giữa hai điều kiện.", "“and” is needed between two conditions.")
        tokens.pop(0)
        if tokens[0].kind == "end":
            raise FilterError(tokens[0].position, "thiếu điều kiện sau “and”.", "a condition is missing after “and”.")
    return tuple(conditions)


def _tokens(text: str) -> Iterator[_Token]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            raise FilterError(
                start + 1, "dấu nháy mở mà không đóng, hoặc ký tự lạ.", "a quote is not closed, or a sign is unknown."
            )
        kind = found.lastgroup or "word"
        quoted = kind in {"double", "single", "curly"}
        yield _Token("quoted" if quoted else kind, found[kind], found.start(kind) + 1 - quoted)
        place = found.end()
    yield _Token("end", "", end + 1)


def _is_and(token: _Token) -> bool:
    return token.kind == "word" and name_key(token.text) in _AND


def _text(tokens: list[_Token], what_vi: str, what_en: str) -> _Token:
    """Take a quoted text, or words up to the next sign or “and”."""
    first = tokens[0]
    if first.kind == "quoted":
        return tokens.pop(0)
    words: list[str] = []
    while tokens[0].kind == "word" and not _is_and(tokens[0]):
        words.append(tokens.pop(0).text)
    if not words:
        raise FilterError(first.position, f"cần {what_vi}.", f"{what_en} is expected.")
    return _Token("word", " ".join(words), first.position)


def _operator(tokens: list[_Token]) -> _Token:
    token = tokens[0]
    if token.kind != "operator":
        raise FilterError(token.position, "cần một dấu so sánh: = != < <= > >=.", "a comparison is expected: = != < <= > >=.")
    return tokens.pop(0)


def _condition(name: _Token, operator: _Token, value: _Token, indicators: Indicators) -> Condition:
    indicator = indicators.find(name.text)
    sign = _PLAIN.get(operator.text, operator.text)
    if indicator is None:
        shown = clip(name.text, 40)
        raise FilterError(name.position, f"không có chỉ số “{shown}”.", f"there is no indicator “{shown}”.")
    if indicator.kind == CATEGORY:
        if sign not in {"=", "!="}:
            raise FilterError(
                operator.position,
                f"“{indicator.name}” là nhãn, chỉ so sánh được bằng = hoặc !=.",
                f"“{indicator.name}” is a category: it can be compared by = or != only.",
            )
        return Condition(indicator, sign, name_key(value.text))
    number = parse_number(value.text)
    if number is None:
        shown = clip(value.text, 24)
        raise FilterError(value.position, f"“{shown}” không phải là một số rõ ràng.", f"“{shown}” is not a clear number.")
    return Condition(indicator, sign, number)
