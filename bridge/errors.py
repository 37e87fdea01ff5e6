"""What the domain answers when it cannot do what it was asked.

Every refusal is one `BridgeError`: a stable ``code`` for machines, one sentence in Vietnamese and one in English that say
what is the matter and what to do, and who is at fault. A refusal never leaves a trace in the state.

==========  =====================================================================================
fault       what the shell does with it
==========  =====================================================================================
``user``    shows it to the person; nothing is wrong with the service
``remote``  the other side of a connection sent nonsense: refuse it, count it
``caller``  the code that called the domain asked for something that cannot be: log it, answer 400
``bug``     the domain or its record contradicts itself: log it loudly
==========  =====================================================================================
"""

from typing import Literal

from bridge import words

Fault = Literal["user", "remote", "caller", "bug"]


class BridgeError(Exception):
    """A refusal: stable code, a message in two languages, and whose fault it is."""

    def __init__(self, code: str, message_vi: str, message_en: str, fault: Fault) -> None:
        super().__init__(f"{code}: {message_en}")
        self.code = code
        self.message_vi = message_vi
        self.message_en = message_en
        self.fault: Fault = fault

    def to_dict(self) -> dict[str, object]:
        """Give the form that pages receive: ``{"code", "message": {"vi", "en"}}``."""
        return {"code": self.code, "message": {"vi": self.message_vi, "en": self.message_en}}


class IllegalMove(BridgeError):  # noqa: N818 - the name of the thing itself, as in h11's "illegal event"
    """A state machine was given an input that its table does not have; the state is unchanged."""

    def __init__(self, state: str, move: str) -> None:
        super().__init__(
            "illegal_move",
            f"Không thể thực hiện bước “{move}” khi đang ở trạng thái “{state}”.",
            f"The move “{move}” is not possible in the state “{state}”.",
            "bug",
        )
        self.state = state
        self.move = move


def unknown_point(point: str) -> BridgeError:
    """Refuse a point that the directory does not have."""
    return BridgeError(
        "unknown_point",
        f"Không có điểm cầu nào mang mã “{words.clip(point, 32)}” trong danh bạ. Hãy chọn lại trong danh sách.",
        f"The directory has no point “{words.clip(point, 32)}”. Choose it from the list.",
        "user",
    )


def unknown_unit(unit: str) -> BridgeError:
    """Refuse a unit that the directory does not have."""
    return BridgeError(
        "unknown_unit",
        f"Không có đơn vị nào mang mã “{words.clip(unit, 32)}” trong danh bạ. Hãy kiểm tra lại mã.",
        f"The directory has no unit “{words.clip(unit, 32)}”. Check the code.",
        "user",
    )


def unknown_call(call: str) -> BridgeError:
    """Refuse a call that this session does not know, or keeps no longer."""
    return BridgeError(
        "unknown_call",
        f"Phiên họp không còn giữ cuộc gọi “{words.clip(call, 32)}”. Hãy tải lại danh sách cuộc gọi.",
        f"The session does not have the call “{words.clip(call, 32)}”. Reload the list of calls.",
        "user",
    )


def bad_feed(feed: str) -> BridgeError:
    """Refuse a feed or a kind of media that cannot exist."""
    return BridgeError(
        "bad_feed",
        f"Nguồn hình, tiếng “{words.clip(feed, 48)}” không hợp lệ.",
        f"“{words.clip(feed, 48)}” is not a feed of video or audio.",
        "caller",
    )


def bad_device(device: str) -> BridgeError:
    """Refuse a device that is neither camera nor microphone."""
    return BridgeError(
        "bad_device",
        f"Thiết bị “{words.clip(device, 32)}” không hợp lệ: chỉ có camera và micrô.",
        f"“{words.clip(device, 32)}” is not a device: there are camera and microphone.",
        "remote",
    )


def session_not_open(state: str) -> BridgeError:
    """Refuse a call while the session is prepared or closed."""
    if state == "closed":
        return BridgeError(
            "session_not_open",
            "Phiên họp đã đóng nên không gọi điểm cầu được nữa. Hãy mở một phiên họp khác.",
            "The session is closed: no point can be called any more. Open another session.",
            "user",
        )
    return BridgeError(
        "session_not_open",
        "Phiên họp chưa mở. Hãy mở phiên họp rồi gọi điểm cầu.",
        "The session is not open yet. Open it, then call the point.",
        "user",
    )


def session_state(state: str) -> BridgeError:
    """Refuse opening or closing a session that is past it."""
    word_vi, word_en = words.SESSION_STATES[state]
    return BridgeError(
        "session_state",
        f"Không làm được: phiên họp {word_vi}.",
        f"That cannot be done: the session is {word_en}.",
        "user",
    )


def standing_line() -> BridgeError:
    """Refuse to close the session that never closes."""
    return BridgeError(
        "standing_line",
        "Đường trực luôn mở, không đóng được. Hãy kết thúc từng cuộc gọi.",
        "The standing line is always open and cannot be closed. End the calls one by one.",
        "user",
    )


def already_prepared() -> BridgeError:
    """Refuse to prepare a session for the second time."""
    return BridgeError(
        "already_prepared",
        "Phiên họp này đã được chuẩn bị. Hãy tạo phiên họp khác.",
        "This session has been prepared already. Create another one.",
        "user",
    )


def bad_session(detail_vi: str, detail_en: str) -> BridgeError:
    """Refuse a session that cannot be as it is described."""
    return BridgeError("bad_session", detail_vi, detail_en, "user")


def outside_session(point_name: str) -> BridgeError:
    """Refuse what is asked about a point that the session is not over."""
    return BridgeError(
        "outside_session",
        f"{point_name} không thuộc phạm vi của phiên họp này. Hãy gọi từ đường trực hoặc từ phiên họp của cấp đó.",
        f"{point_name} is outside of this session's scope. Call it on the standing line or in a session over it.",
        "user",
    )


def point_busy(point_name: str, state: str) -> BridgeError:
    """Refuse a second call to a point; the message names the state of the first."""
    word_vi, word_en = words.CALL_STATES[state]
    return BridgeError(
        "point_busy",
        f"{point_name} đang trong một cuộc gọi ({word_vi}). Hãy dùng cuộc gọi đó, hoặc kết thúc nó rồi gọi lại.",
        f"{point_name} is in a call already ({word_en}). Use that call, or end it and call again.",
        "user",
    )


def too_many_calls(limit: int) -> BridgeError:
    """Refuse a call when every monitor is taken."""
    return BridgeError(
        "too_many_calls",
        f"Đang có {limit} cuộc gọi, hết màn hình theo dõi. Hãy kết thúc hoặc hủy một cuộc gọi rồi gọi tiếp.",
        f"{limit} calls are in progress and every monitor is taken. End or cancel one, then call again.",
        "user",
    )


def stage_full(limit: int) -> BridgeError:
    """Refuse one more point on air."""
    return BridgeError(
        "stage_full",
        f"Đã có {limit} điểm cầu đang phát. Hãy hạ hình một điểm cầu rồi đưa điểm cầu này lên.",
        f"{limit} points are on air already. Take one of them off air first.",
        "user",
    )


def call_over(point_name: str, state: str, cause: str | None, *, at_desk: bool) -> BridgeError:
    """Refuse a step in a call that is over; the message says how it went, and to a desk that it may be called again."""
    word_vi, word_en = words.CAUSES[cause] if cause else words.CALL_STATES[state]
    hint_vi, hint_en = ("Nếu vẫn cần, hãy gọi lại.", "Call again if it is still needed.")
    if at_desk:
        hint_vi = "Trung tâm có thể gọi lại: hãy giữ trang này mở."
        hint_en = "The center can call again: keep this page open."
    return BridgeError(
        "call_over",
        f"Cuộc gọi tới {point_name} đã kết thúc ({word_vi}). {hint_vi}",
        f"The call to {point_name} is over ({word_en}). {hint_en}",
        "user",
    )


def wrong_state(point_name: str, state: str, move: str) -> BridgeError:
    """Refuse a step that the call's present state does not allow, and say which step would do."""
    word_vi, word_en = words.CALL_STATES[state]
    hint_vi, hint_en = words.HINTS.get((move, state), words.HINTS.get((move, ""), ("", "")))
    return BridgeError(
        "wrong_state",
        f"Chưa làm được: cuộc gọi tới {point_name} {word_vi}.{' ' if hint_vi else ''}{hint_vi}",
        f"That is not possible now: the call to {point_name} is {word_en}.{' ' if hint_en else ''}{hint_en}",
        "user",
    )


def unknown_roll_call(roll_call: str) -> BridgeError:
    """Refuse a roll call that this session does not know, or keeps no longer."""
    return BridgeError(
        "unknown_roll_call",
        f"Phiên họp không còn giữ lần điểm danh “{words.clip(roll_call, 32)}”. Hãy tải lại trang.",
        f"The session does not have the roll call “{words.clip(roll_call, 32)}”. Reload the page.",
        "user",
    )


def roll_call_nobody() -> BridgeError:
    """Refuse a roll call over units without any point, or over none."""
    return BridgeError(
        "roll_call_nobody",
        "Phạm vi điểm danh không có điểm cầu nào. Hãy chọn đơn vị khác.",
        "There is no point in the scope of the roll call. Choose other units.",
        "user",
    )


def roll_call_running(unit_name: str) -> BridgeError:
    """Refuse asking a point twice at a time; ``unit_name`` is a point that is being asked."""
    return BridgeError(
        "roll_call_running",
        f"Một lần điểm danh đang diễn ra trong phạm vi này ({unit_name}). Hãy chờ hết giờ hoặc kết thúc lần đó.",
        f"A roll call is running in this scope already ({unit_name}). Wait for its end or close it first.",
        "user",
    )


def roll_call_duration(least_s: int, most_s: int) -> BridgeError:
    """Refuse a deadline that nobody can keep or that never comes."""
    return BridgeError(
        "roll_call_duration",
        f"Thời hạn điểm danh phải từ {least_s} giây đến {most_s} giây.",
        f"A roll call takes from {least_s} to {most_s} seconds.",
        "user",
    )


def roll_call_over() -> BridgeError:
    """Refuse closing a roll call twice."""
    return BridgeError("roll_call_over", "Lần điểm danh này đã kết thúc.", "This roll call is over already.", "user")


def not_asked(point_name: str) -> BridgeError:
    """Refuse the answer of a point that was not asked."""
    return BridgeError(
        "not_asked",
        f"{point_name} không thuộc phạm vi của lần điểm danh này.",
        f"{point_name} is not in the scope of this roll call.",
        "user",
    )


def name_missing() -> BridgeError:
    """Refuse a confirmation by nobody."""
    return BridgeError("name_missing", "Hãy nhập họ và tên người có mặt.", "Enter the name of whoever is present.", "user")


def floor_not_asked(point_name: str) -> BridgeError:
    """Refuse a step for a point that neither waits nor speaks."""
    return BridgeError(
        "floor_not_asked",
        f"{point_name} không có trong hàng chờ phát biểu.",
        f"{point_name} is not in the queue to speak.",
        "user",
    )


def floor_state(point_name: str, state: str, move: str) -> BridgeError:
    """Refuse a step that a request's present state does not allow."""
    word_vi, word_en = words.FLOOR_STATES[state]
    return BridgeError(
        "floor_state",
        f"Chưa làm được bước “{move}”: {point_name} {word_vi}.",
        f"“{move}” is not possible now: {point_name} is {word_en}.",
        "user",
    )


def floor_full(limit: int) -> BridgeError:
    """Refuse one more request."""
    return BridgeError(
        "floor_full",
        f"Hàng chờ phát biểu đã đủ {limit} điểm cầu. Hãy xin lại sau.",
        f"{limit} points wait to speak already. Ask again later.",
        "user",
    )


def floor_duration(most_s: int) -> BridgeError:
    """Refuse a time to speak that is none."""
    return BridgeError(
        "floor_duration",
        f"Thời gian phát biểu phải từ 1 giây đến {most_s} giây.",
        f"The time to speak is from 1 to {most_s} seconds.",
        "user",
    )


def forbidden(what_vi: str, what_en: str) -> BridgeError:
    """Refuse an account; the two texts complete “may not …”."""
    return BridgeError(
        "forbidden",
        f"Tài khoản này không được phép {what_vi}. Hãy liên hệ người điều hành phiên họp.",
        f"This account may not {what_en}. Ask whoever runs the session.",
        "user",
    )


def corrupt_record(detail: str) -> BridgeError:
    """Refuse a stored event that does not have the form this version writes."""
    return BridgeError(
        "corrupt_record",
        f"Bản ghi của phiên họp không đọc được ({words.clip(detail, 120)}). Hãy báo bộ phận kỹ thuật.",
        f"A record of the session cannot be read ({words.clip(detail, 120)}). Tell the technical team.",
        "bug",
    )


def bad_directory(message_vi: str, message_en: str) -> BridgeError:
    """Refuse a directory whose units or points do not fit together."""
    return BridgeError("bad_directory", message_vi, message_en, "caller")
