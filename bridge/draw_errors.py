"""What is answered about draws when it cannot be done."""

from bridge.errors import BridgeError


def draw_count(limit: int) -> BridgeError:
    """Refuse a number of points that cannot be drawn."""
    return BridgeError(
        "draw_count",
        f"Mỗi lần chọn ngẫu nhiên từ 1 đến {limit} điểm cầu.",
        f"A draw is of 1 to {limit} points.",
        "user",
    )


def draw_too_few(found: int, wanted: int) -> BridgeError:
    """Refuse to draw more points than there are candidates."""
    return BridgeError(
        "draw_too_few",
        f"Chỉ có {found} điểm cầu phù hợp, không chọn được {wanted}. Hãy chọn ít hơn hoặc nới điều kiện.",
        f"There are {found} points to draw from, fewer than {wanted}. Draw fewer, or widen the conditions.",
        "user",
    )


def bad_draw() -> BridgeError:
    """Refuse a draw whose seed or candidates were not made by the shell's rules."""
    return BridgeError(
        "bad_draw",
        "Yêu cầu chọn ngẫu nhiên không hợp lệ. Hãy báo bộ phận kỹ thuật.",
        "The draw's seed or candidates are not valid. Tell the technical team.",
        "caller",
    )
