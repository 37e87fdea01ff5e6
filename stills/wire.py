"""What goes over the socket between signaling and the process of the desk check. Pure.

Each frame is its length (4 bytes, big-endian, of what follows), its kind (1 byte) and a body:

======== ======================================================= ============================================================
kind     from signaling                                          body
======== ======================================================= ============================================================
HELLO    first of all; the directory whose indices follow        JSON ``{"secret", "directory", "points"}``
STILLS   stills that came since the last frame                   of each: index u32, time u64 (ms since 1970), size u32, JPEG
FORGET   points of which nothing is to be kept                   indices, u32 each
ASK      a question; answered by ANSWER with the same id         JSON, :class:`Question`
======== ======================================================= ============================================================

To signaling: ANSWER (id u32, 1 byte whether there is something, the answer) and BAD (indices of points whose still could not be
decoded). Both ends are one service, of one version, on one machine or on a trusted network; what comes is checked all the same.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, Literal

_HEAD: Final = struct.Struct("!IB")
_STILL: Final = struct.Struct("!IQI")
_ANSWER: Final = struct.Struct("!IB")
HEAD_BYTES: Final = _HEAD.size
MAX_FRAME_BYTES: Final = 64 * 1024 * 1024
"""An answer with 11,367 tiles is some 8 MB, and with the noisiest pictures four times that."""
MAX_BATCH_BYTES: Final = 256 * 1024
"""Of STILLS: some 25 of them, so that no frame keeps the others waiting."""
SMALL: Final = (64, 36)
MEDIUM: Final = (160, 90)
COLUMNS: Final = 16
TILES_A_SHEET: Final = 256
Size = Literal["small", "medium"]


class WireError(ValueError):
    """A frame that is none of these."""


class Kind(IntEnum):
    """The kind of a frame."""

    HELLO = 1
    STILLS = 2
    FORGET = 3
    ASK = 4
    ANSWER = 5
    BAD = 6


@dataclass(frozen=True, slots=True)
class Hello:
    """Who speaks, of which directory."""

    secret: str
    directory: str
    points: int


@dataclass(frozen=True, slots=True)
class Question:
    """What signaling wants to know.

    Attributes:
        id: repeated in the answer.
        what: ``sheets`` of some points, the newest ``jpeg`` of one, or the process's ``numbers``.
        runs: the points by their indices, each run from its first to before its end.
        after: only what changed since this revision; 0 for everything.
        size: of the tiles.
    """

    id: int
    what: Literal["sheets", "jpeg", "numbers"]
    runs: tuple[tuple[int, int], ...] = ()
    after: int = 0
    size: Size = "small"


def frame(kind: Kind, *parts: bytes) -> bytes:
    """A whole frame."""
    return b"".join((_HEAD.pack(1 + sum(map(len, parts)), kind), *parts))


def read_frame_head(head: bytes) -> tuple[Kind, int]:
    """The kind of a frame and the length of its body, of its first ``HEAD_BYTES``; raises :class:`WireError`."""
    size, number = _HEAD.unpack(head)
    if not 1 <= size <= MAX_FRAME_BYTES:
        raise WireError(f"a frame of {size} bytes")
    try:
        return Kind(number), size - 1
    except ValueError:
        raise WireError(f"a frame of kind {number}") from None


def hello_frame(hello: Hello) -> bytes:
    """HELLO."""
    body = {"secret": hello.secret, "directory": hello.directory, "points": hello.points}
    return frame(Kind.HELLO, json.dumps(body).encode())


def read_hello(body: bytes) -> Hello:
    """The body of HELLO; raises :class:`WireError`, whose text does not repeat the secret."""
    try:
        found = json.loads(body)
        secret, directory, points = str(found["secret"]), str(found["directory"]), int(found["points"])
    except (ValueError, KeyError, TypeError):
        raise WireError("no hello") from None
    if not 0 <= points <= 1_000_000:
        raise WireError("a hello of too many points")
    return Hello(secret, directory, points)


def stills_frame(stills: Iterable[tuple[int, int, bytes]]) -> bytes:
    """STILLS, of (index, time in ms, JPEG)."""
    parts: list[bytes] = []
    for index, at_ms, jpeg in stills:
        parts += (_STILL.pack(index, at_ms, len(jpeg)), jpeg)
    return frame(Kind.STILLS, *parts)


def read_stills(body: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The body of STILLS; raises :class:`WireError` where it breaks off."""
    at = 0
    while at < len(body):
        try:
            index, at_ms, size = _STILL.unpack_from(body, at)
        except struct.error:
            raise WireError("a still's head breaks off") from None
        start = at + _STILL.size
        at = start + size
        if at > len(body):
            raise WireError("a still breaks off")
        yield index, at_ms, body[start:at]


def indices_frame(kind: Literal[Kind.FORGET, Kind.BAD], indices: Sequence[int]) -> bytes:
    """FORGET or BAD."""
    return frame(kind, struct.pack(f"!{len(indices)}I", *indices))


def read_indices(body: bytes) -> tuple[int, ...]:
    """The body of FORGET or BAD; raises :class:`WireError`."""
    if len(body) % 4:
        raise WireError("indices break off")
    return struct.unpack(f"!{len(body) // 4}I", body)


def ask_frame(question: Question) -> bytes:
    """ASK."""
    body = {
        "id": question.id,
        "what": question.what,
        "runs": question.runs,
        "after": question.after,
        "size": question.size,
    }
    return frame(Kind.ASK, json.dumps(body).encode())


def read_question(body: bytes) -> Question:
    """The body of ASK; raises :class:`WireError`."""
    try:
        found: dict[str, Any] = json.loads(body)
        runs = tuple((int(first), int(end)) for first, end in found["runs"])
        question = Question(int(found["id"]), found["what"], runs, int(found["after"]), found["size"])
    except (ValueError, KeyError, TypeError):
        raise WireError("no question") from None
    if question.what not in {"sheets", "jpeg", "numbers"} or question.size not in {"small", "medium"}:
        raise WireError("a question of no known kind")
    if any(not 0 <= first <= end for first, end in runs):
        raise WireError("a run of points that ends before it begins")
    return question


def answer_frame(question: int, body: bytes | None) -> bytes:
    """ANSWER; None: there is nothing (newer)."""
    return frame(Kind.ANSWER, _ANSWER.pack(question, body is not None), body or b"")


def read_answer(body: bytes) -> tuple[int, bytes | None]:
    """The body of ANSWER: the question's id, and the answer or None; raises :class:`WireError`."""
    try:
        question, is_something = _ANSWER.unpack_from(body)
    except struct.error:
        raise WireError("an answer breaks off") from None
    return question, body[_ANSWER.size :] if is_something else None
