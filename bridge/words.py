"""The words people read for states and causes, in Vietnamese and English, and the cutting of foreign text.

Keys are the values of `bridge.machine`'s enumerations as plain text, so that this module imports nothing.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

NOTE_MAX_CHARS: Final = 200
"""Longest free text kept in an event: a reason, an error of a browser, a title."""

SESSION_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "prepared": ("chưa mở", "not open yet"),
    "open": ("đang mở", "open"),
    "closed": ("đã đóng", "closed"),
}

CALL_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "queued": ("đang chờ gửi chuông", "waiting to be sent"),
    "ringing": ("đang gọi", "being sent"),
    "delivered": ("đang đổ chuông", "ringing at the desk"),
    "answered": ("đã trả lời, đang chờ hình và tiếng", "answered, waiting for picture and voice"),
    "connected": ("đã kết nối", "connected"),
    "preview": ("đang chuẩn bị", "in preview"),
    "on_air": ("đang phát", "on air"),
    "ended": ("đã kết thúc", "ended"),
    "failed": ("không thành", "failed"),
}

CAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "offline": ("điểm cầu không kết nối", "the point was not connected"),
    "undelivered": ("chuông đã gửi nhưng trang không xác nhận", "the ring was sent, the page never confirmed it"),
    "no_answer": ("chuông đã đổ, không ai trả lời", "it rang and nobody answered"),
    "declined": ("điểm cầu từ chối", "declined at the desk"),
    "no_device": ("không dùng được camera hoặc micrô", "no usable camera or microphone"),
    "media_failed": ("đã trả lời nhưng không có hình, tiếng", "answered, but no picture or voice arrived"),
    "network_lost": ("mất kết nối giữa chừng", "the connection was lost"),
    "engaged_above": ("cấp trên đang gọi điểm cầu này", "a higher level is calling this point"),
    "cancelled": ("đã hủy", "cancelled"),
}

ROLL_CALL_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "asking": ("đang điểm danh", "asking"),
    "closed": ("đã kết thúc", "closed"),
}

PRESENCES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("chưa xác nhận", "not confirmed yet"),
    "present": ("có mặt", "present"),
    "late": ("có mặt muộn", "present, late"),
    "absent": ("vắng", "absent"),
}

ABSENCE_CAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "offline": ("điểm cầu không kết nối suốt lần điểm danh", "not connected during the whole roll call"),
    "no_answer": ("đã hỏi, không ai xác nhận", "asked, and nobody confirmed"),
}

FLOOR_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("trong hàng chờ", "waiting"),
    "called": ("được mời, đang gọi", "given the floor, being called"),
    "speaking": ("đang phát biểu", "speaking"),
    "withdrawn": ("đã rút", "withdrawn"),
    "done": ("đã phát biểu xong", "done"),
}

LADDER_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "running": ("đang tìm người", "running"),
    "reached": ("đã liên lạc được", "reached"),
    "exhausted": ("đã thử hết, không ai trả lời", "exhausted"),
    "stopped": ("đã dừng", "stopped"),
}

STEP_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("chưa tới lượt", "waiting"),
    "current": ("đang liên lạc", "being tried"),
    "reached": ("đã liên lạc được", "reached"),
    "failed": ("không liên lạc được", "not reached"),
    "left": ("không cần nữa", "not needed any more"),
}

STEP_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "phone": ("gọi điện thoại", "telephoned"),
    "point": ("gọi điểm cầu khác", "rang another desk"),
    "above": ("báo cấp trên", "alerted the unit above"),
}

OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "": ("chưa rõ kết quả", "outcome not known"),
    "reached": ("đã liên lạc được", "reached"),
    "no_answer": ("không nhấc máy", "no answer"),
    "wrong_number": ("sai số", "wrong number"),
    "refused": ("từ chối", "refused"),
    "timeout": ("hết giờ", "time ran out"),
    "not_placed": ("không gọi được", "could not be called"),
    "alerted": ("đã xác nhận cảnh báo", "alert confirmed"),
}

LIST_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "running": ("đang gọi", "running"),
    "done": ("đã gọi hết", "done"),
    "stopped": ("đã dừng", "stopped"),
}

ITEM_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("chưa gọi", "waiting"),
    "current": ("đang gọi", "being called"),
    "done": ("đã gọi", "done"),
    "failed": ("gọi không thành", "failed"),
    "skipped": ("bỏ qua", "skipped"),
}

DUTIES: Final[Mapping[str, tuple[str, str]]] = {
    "unconfirmed": ("quá giờ chưa nhận ca", "shift not confirmed"),
    "no_roster": ("không có ca trực", "no shift"),
    "waiting": ("vừa đến giờ, chờ nhận ca", "shift has just begun"),
    "confirmed": ("đã nhận ca", "shift confirmed"),
}

DIRECTIVE_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "running": ("còn thời hạn", "running"),
    "due": ("đã hết hạn", "past its deadline"),
    "withdrawn": ("đã thu hồi", "withdrawn"),
}

DIRECTIVE_ANSWERS: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("chưa xác nhận", "not acknowledged yet"),
    "in_time": ("đã xác nhận đúng hạn", "acknowledged in time"),
    "late": ("xác nhận muộn", "acknowledged late"),
    "overdue": ("quá hạn, chưa xác nhận", "overdue"),
}

PROPOSAL_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "sent": ("đã gửi, chờ trả lời", "sent, waiting for an answer"),
    "forwarded": ("đã chuyển lên cấp trên", "forwarded to a higher level"),
    "accepted": ("được chấp thuận", "accepted"),
    "declined": ("không được chấp thuận", "declined"),
    "noted": ("đã ghi nhận", "noted"),
}

AGENDA_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("chưa đến lượt", "waiting"),
    "called": ("được mời, đang gọi", "given the floor, being called"),
    "speaking": ("đang phát biểu", "speaking"),
    "done": ("đã phát biểu xong", "done"),
    "missed": ("mời nhưng không liên lạc được", "could not be reached"),
    "skipped": ("đã bỏ qua", "skipped"),
}

HINTS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("end", ""): ("Điểm cầu chưa trả lời: hãy dùng “Hủy gọi”.", "The point has not answered: use “Cancel”."),
    ("cancelled", ""): ("Điểm cầu đã trả lời: hãy dùng “Kết thúc”.", "The point has answered: use “End”."),
    ("take", ""): ("Hãy chờ có hình rồi đưa lên phát.", "Wait for the picture, then take it on air."),
    ("take", "on_air"): ("Điểm cầu này đang phát rồi.", "The point is on air already."),
    ("off_air", ""): ("Điểm cầu này chưa phát.", "The point is not on air."),
    ("preview", ""): ("Hãy chờ có hình.", "Wait for the picture."),
    ("preview", "preview"): ("Hình đã ở màn chuẩn bị.", "It is in preview already."),
    ("preview", "on_air"): ("Hãy dùng “Hạ hình”.", "Use “Off air”."),
    ("declined", ""): ("Hãy dùng “Kết thúc”.", "Use “Hang up”."),
}


def clip(text: str, max_chars: int = NOTE_MAX_CHARS) -> str:
    """Make foreign text fit to be kept and shown: control characters become spaces, the rest is cut to ``max_chars``."""
    head = text[: max_chars * 2]
    if not head.isprintable():  # a printable text has none of these: tables of a hundred thousand cells are mostly so
        head = "".join(
            " " if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else character for character in head
        )
    return " ".join(head.split())[:max_chars]


def clip_lines(text: str, max_chars: int) -> str:
    """Make a foreign text of several lines fit to be kept and shown: as `clip`, but line ends and empty lines stay."""
    lines = text[: max_chars * 2].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(clip(line, max_chars) for line in lines).strip()[:max_chars]
