"""What is answered when a session cannot be had: in the form of `bridge.errors`."""

from bridge import words
from bridge.errors import BridgeError


def unknown_session(session: str) -> BridgeError:
    """Refuse a session that was never made."""
    return BridgeError(
        "unknown_session",
        f"Không có phiên họp “{words.clip(session, 32)}”. Hãy chọn trong danh sách phiên họp.",
        f"There is no session “{words.clip(session, 32)}”. Choose one from the list of sessions.",
        "user",
    )


def session_exists(session: str) -> BridgeError:
    """Refuse a second session of the same id."""
    return BridgeError(
        "session_exists",
        f"Đã có phiên họp mang mã “{words.clip(session, 32)}”. Hãy chọn mã khác, hoặc bỏ trống để máy chủ đặt mã.",
        f"There is a session “{words.clip(session, 32)}” already. Choose another id, or leave it to the service.",
        "user",
    )


def too_many_sessions(limit: int) -> BridgeError:
    """Refuse one more session."""
    return BridgeError(
        "too_many_sessions",
        f"Đã có {limit} phiên họp chưa đóng. Hãy đóng một phiên họp rồi mở phiên khác.",
        f"{limit} sessions are not closed. Close one of them, then open another.",
        "user",
    )


def no_common_center() -> BridgeError:
    """Refuse a session whose units lie below none of the account's."""
    return BridgeError(
        "no_common_center",
        "Không đơn vị nào trong phạm vi tài khoản bao gồm tất cả các đơn vị đã chọn. Hãy chọn đơn vị chủ trì hoặc bớt đơn vị.",
        "No unit of the account's scope contains all the units chosen. Say who presides, or choose fewer units.",
        "user",
    )


def in_meeting_above(point_name: str, center: str) -> BridgeError:
    """Refuse to call a point out of a higher level's meeting."""
    return BridgeError(
        "in_meeting_above",
        f"{point_name} đang dự phiên họp do {center} chủ trì. Hãy đợi phiên họp đó kết thúc, hoặc đề nghị cấp trên gọi.",
        f"{point_name} takes part in a meeting that {center} presides. Wait for its end, or ask the higher level to call.",
        "user",
    )
