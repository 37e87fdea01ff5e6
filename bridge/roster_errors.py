"""Refusals about rosters and shifts."""

from bridge.errors import BridgeError
from bridge.words import clip


def _bad(message_vi: str, message_en: str) -> BridgeError:
    return BridgeError("bad_roster", message_vi, message_en, "user")


def too_many_shifts(most: int) -> BridgeError:
    """Refuse a roster that is too long."""
    return _bad(f"Lịch trực có tối đa {most} ca. Hãy bỏ bớt ca cũ.", f"A roster has {most} shifts at most. Remove old ones.")


def shifts_overlap() -> BridgeError:
    """Refuse two shifts at a time."""
    return _bad("Có hai ca trực trùng giờ nhau. Hãy sửa giờ.", "Two shifts overlap. Correct their times.")


def bad_shift(most_days: int) -> BridgeError:
    """Refuse a shift that does not end after it starts, or not for long."""
    return _bad(
        f"Ca trực phải kết thúc sau khi bắt đầu và dài tối đa {most_days} ngày.",
        f"A shift ends after it starts and takes {most_days} days at most.",
    )


def contact_count(most: int) -> BridgeError:
    """Refuse a shift without anybody, or with too many."""
    return _bad(f"Mỗi ca trực cần từ 1 đến {most} người.", f"A shift has 1 to {most} contacts.")


def contact_without_name() -> BridgeError:
    """Refuse a contact that is nobody."""
    return _bad("Người trực thiếu họ tên: hãy điền tên.", "A contact has no name: fill it in.")


def contact_kind() -> BridgeError:
    """Refuse a contact of another kind."""
    return _bad(
        "Cách liên hệ phải là “phone” (điện thoại) hoặc “point” (điểm cầu).",
        "A contact is reached by “phone” or at a “point”.",
    )


def bad_number(number: str) -> BridgeError:
    """Refuse what is no telephone number."""
    return _bad(
        f"Số điện thoại “{clip(number, 24)}” không hợp lệ: hãy ghi chữ số, có thể có dấu + ở đầu.",
        f"“{clip(number, 24)}” is no telephone number: write digits, with a + in front if wanted.",
    )


def foreign_desk(point: str) -> BridgeError:
    """Refuse a desk of another unit, or none at all."""
    return _bad(
        f"“{clip(point, 32)}” không phải điểm cầu của cùng đơn vị. Hãy chọn điểm cầu khác của đơn vị, hoặc ghi số điện thoại.",
        f"“{clip(point, 32)}” is no point of the same unit. Choose another desk of the unit, or give a telephone number.",
    )


def no_shift(point_name: str) -> BridgeError:
    """Refuse to confirm a shift that there is not."""
    return BridgeError(
        "no_shift",
        f"{point_name} không có ca trực vào lúc này. Hãy lập lịch trực trước.",
        f"{point_name} has no shift at this time. Set its roster first.",
        "user",
    )
