"""Refusals about what joins the record of a call: further calls, call backs, explanations, escalations, lists."""

from bridge import words
from bridge.errors import BridgeError


def not_missed(point_name: str) -> BridgeError:
    """Refuse what is said about a call that did not fail."""
    return BridgeError(
        "not_missed",
        f"Cuộc gọi tới {point_name} không phải cuộc gọi không thành, nên không cần gọi lại hay giải trình.",
        f"The call to {point_name} did not fail: there is nothing to call back about or to explain.",
        "user",
    )


def record_full(most: int) -> BridgeError:
    """Refuse one entry too many on a record."""
    return BridgeError(
        "record_full",
        f"Hồ sơ cuộc gọi này đã đủ {most} mục. Hãy thực hiện một cuộc gọi mới.",
        f"The record of this call has its {most} entries. Place a new call.",
        "user",
    )


def explanation_missing() -> BridgeError:
    """Refuse an explanation without words, or by nobody."""
    return BridgeError(
        "explanation_missing",
        "Hãy điền họ tên và nội dung giải trình.",
        "Enter your name and what happened.",
        "user",
    )


def call_count(most: int) -> BridgeError:
    """Refuse calling nobody, too many, or one twice."""
    return BridgeError(
        "call_count",
        f"Hãy chọn từ 1 đến {most} điểm cầu khác nhau.",
        f"Choose 1 to {most} different points.",
        "user",
    )


def unknown_call_list(call_list: str) -> BridgeError:
    """Refuse a list that this session does not know, or keeps no longer."""
    return BridgeError(
        "unknown_call_list",
        f"Phiên họp không còn giữ danh sách gọi “{words.clip(call_list, 32)}”. Hãy tải lại trang.",
        f"The session does not have the list of calls “{words.clip(call_list, 32)}”. Reload the page.",
        "user",
    )


def call_list_over() -> BridgeError:
    """Refuse a step of a list that has ended."""
    return BridgeError(
        "call_list_over",
        "Danh sách gọi này đã kết thúc. Hãy lập danh sách khác.",
        "This list of calls is over. Start another one.",
        "user",
    )


def too_many_lists(most: int) -> BridgeError:
    """Refuse one more list at a time."""
    return BridgeError(
        "too_many_lists",
        f"Đang có {most} danh sách gọi. Hãy dừng một danh sách rồi lập tiếp.",
        f"{most} lists of calls are running. Stop one of them first.",
        "user",
    )


def unknown_escalation(escalation: str) -> BridgeError:
    """Refuse an escalation that this session does not know, or keeps no longer."""
    return BridgeError(
        "unknown_escalation",
        f"Phiên họp không còn giữ lần báo tuần tự “{words.clip(escalation, 32)}”. Hãy tải lại trang.",
        f"The session does not have the escalation “{words.clip(escalation, 32)}”. Reload the page.",
        "user",
    )


def escalation_running(point_name: str) -> BridgeError:
    """Refuse a second ladder at a time."""
    return BridgeError(
        "escalation_running",
        f"Đang báo tuần tự cho {point_name}. Hãy dùng bậc thang đang chạy, hoặc dừng nó trước.",
        f"An escalation for {point_name} is running. Use that one, or stop it first.",
        "user",
    )


def nobody_to_try(point_name: str) -> BridgeError:
    """Refuse a ladder without steps."""
    return BridgeError(
        "nobody_to_try",
        f"{point_name} không có lịch trực lúc này và không có đơn vị cấp trên nào có điểm cầu. Hãy lập lịch trực.",
        f"{point_name} has no shift at this time, and no unit above it has a desk. Set its roster.",
        "user",
    )


def escalation_over(point_name: str) -> BridgeError:
    """Refuse a step of a ladder that has ended, or was never begun."""
    return BridgeError(
        "escalation_over",
        f"Không có lần báo tuần tự nào đang chạy cho {point_name}.",
        f"No escalation for {point_name} is running.",
        "user",
    )


def step_not_current() -> BridgeError:
    """Refuse to mark a step that is not under way."""
    return BridgeError(
        "step_not_current",
        "Bước này chưa tới lượt hoặc đã có kết quả. Hãy xem lại bậc thang.",
        "This step is not under way or has its outcome. Look at the ladder again.",
        "user",
    )


def bad_outcome() -> BridgeError:
    """Refuse an outcome that there is not."""
    return BridgeError("bad_outcome", "Kết quả liên hệ không hợp lệ.", "There is no such outcome of a contact.", "caller")


def alert_over() -> BridgeError:
    """Refuse to confirm an alert twice, or one that is not there any more."""
    return BridgeError(
        "alert_over",
        "Cảnh báo này đã được xác nhận hoặc đã hết hiệu lực.",
        "This alert was confirmed already, or is not needed any more.",
        "user",
    )
