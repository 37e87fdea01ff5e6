"""What is answered about directives when it cannot be done."""

from bridge import words
from bridge.errors import BridgeError


def unknown_directive(directive: str) -> BridgeError:
    """Refuse a directive that is not known, or kept no longer."""
    return BridgeError(
        "unknown_directive",
        f"Không còn giữ chỉ đạo “{words.clip(directive, 32)}”. Hãy tải lại danh sách chỉ đạo.",
        f"There is no directive “{words.clip(directive, 32)}”. Reload the list of directives.",
        "user",
    )


def directive_text(title_max: int, text_max: int) -> BridgeError:
    """Refuse a directive without a title or text, or with too long a one: a directive is never cut."""
    return BridgeError(
        "directive_text",
        f"Chỉ đạo cần có tiêu đề (tối đa {title_max} ký tự) và nội dung (tối đa {text_max} ký tự).",
        f"A directive has a title ({title_max} characters at most) and a text ({text_max} characters at most).",
        "user",
    )


def directive_deadline() -> BridgeError:
    """Refuse a deadline that is past or more than a year ahead."""
    return BridgeError(
        "directive_deadline",
        "Thời hạn phải ở tương lai và trong vòng một năm. Hãy chọn lại.",
        "The deadline has to be ahead, and within a year. Choose another one.",
        "user",
    )


def directive_nobody() -> BridgeError:
    """Refuse a directive to units without any point, or to none."""
    return BridgeError(
        "directive_nobody",
        "Phạm vi của chỉ đạo không có điểm cầu nào. Hãy chọn đơn vị khác.",
        "There is no point in the scope of the directive. Choose other units.",
        "user",
    )


def directive_units(limit: int) -> BridgeError:
    """Refuse a list of too many units."""
    return BridgeError(
        "directive_units",
        f"Mỗi chỉ đạo gửi tới tối đa {limit} đơn vị (kèm mọi cấp dưới). Hãy chọn đơn vị cấp cao hơn.",
        f"A directive goes to {limit} units at most (with all below them). Choose higher units.",
        "user",
    )


def directives_full() -> BridgeError:
    """Refuse one more directive while so many wait for their deadline."""
    return BridgeError(
        "directives_full",
        "Đang có quá nhiều chỉ đạo còn thời hạn. Hãy thu hồi chỉ đạo không còn hiệu lực rồi gửi lại.",
        "Too many directives are running. Withdraw those that are out of force, then send it again.",
        "user",
    )


def not_addressed(point_name: str) -> BridgeError:
    """Refuse the acknowledgement of a point that a directive is not addressed to."""
    return BridgeError(
        "not_addressed",
        f"Chỉ đạo này không gửi tới {point_name}.",
        f"This directive is not addressed to {point_name}.",
        "user",
    )


def directive_withdrawn() -> BridgeError:
    """Refuse what is asked about a directive that was taken back."""
    return BridgeError(
        "directive_withdrawn",
        "Chỉ đạo này đã được thu hồi, không cần xác nhận nữa.",
        "This directive was withdrawn: it needs no acknowledgement any more.",
        "user",
    )
