"""Names of things: units, points, sessions, calls and feeds.

A code is what a person may type or a link may carry, so its form is narrow: one letter or digit, then up to 31 letters, digits,
dots, underscores or hyphens, ASCII only. It is safe in a path, a key and a file name, and is compared exactly ("01" is not "1").
"""

import hashlib
import re
from typing import Final, Literal, NewType

from bridge.errors import BridgeError

UnitCode = NewType("UnitCode", str)
PointCode = NewType("PointCode", str)
SessionId = NewType("SessionId", str)
CallId = NewType("CallId", str)
Feed = NewType("Feed", str)

MediaKind = Literal["video", "audio"]

CODE_MAX_CHARS: Final = 32
STANDING_LINE: Final = "main"
"""The session that never closes: every point is on it day and night."""

CENTER_FEED: Final = "center"
POINT_FEED_PREFIX: Final = "point:"
TALK_FEED_PREFIX: Final = "talk:"

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)
_PLAIN_SUBJECT: Final = re.compile(r"[A-Za-z0-9._:-]{1,75}", re.ASCII)


def is_code(text: str) -> bool:
    """Say whether ``text`` has the form of a unit code, point code or session id."""
    return _CODE.fullmatch(text) is not None


def check_code(text: str, what_vi: str, what_en: str) -> str:
    """Give ``text`` back when it is a code.

    Raises:
        BridgeError: ``bad_identifier``; ``what_vi`` and ``what_en`` name the thing in the message.
    """
    if not is_code(text):
        raise BridgeError(
            "bad_identifier",
            f"{what_vi} không hợp lệ: chỉ dùng chữ không dấu, chữ số, dấu chấm, gạch dưới, gạch nối; dài tối đa 32 ký tự.",
            f"The {what_en} is not valid: use plain letters, digits, dot, underscore and hyphen, 32 characters at most.",
            "caller",
        )
    return text


def point_feed(point: str) -> str:
    """Name the feed that a point sends: ``point:<code>``."""
    return POINT_FEED_PREFIX + point


def point_of_feed(feed: str) -> str | None:
    """Name the point that sends ``feed``; None for the center's feed and for anything that is no feed."""
    if not feed.startswith(POINT_FEED_PREFIX):
        return None
    code = feed[len(POINT_FEED_PREFIX) :]
    return code if is_code(code) else None


def talk_feed(subject: str) -> str:
    """Name the feed by which an account speaks to single points: ``talk:<subject>``.

    Nodes take names of 80 plain characters; a subject that is none goes by its SHA-256.
    """
    if _PLAIN_SUBJECT.fullmatch(subject) is None:
        subject = "sha256:" + hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
    return TALK_FEED_PREFIX + subject


def is_talk_feed(feed: str) -> bool:
    """Say whether a feed is somebody's voice for single points, of which no call and no stage speaks."""
    return feed.startswith(TALK_FEED_PREFIX)


def session_of_id(thing: str) -> str:
    """Name the session that a call, a roll call or another numbered thing belongs to: see `State.new_id`."""
    session, hyphen, _ = thing.rpartition("-")
    return session if hyphen else STANDING_LINE
