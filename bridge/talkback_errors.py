"""What is answered about talkback when it cannot be done."""

from bridge import words
from bridge.errors import BridgeError


def talkback_state(point_name: str) -> BridgeError:
    """Refuse to speak to a point that has not answered, or whose call is over."""
    return BridgeError(
        "talkback_state",
        f"Chưa nói riêng được với {point_name}: chỉ nói riêng khi điểm cầu đã trả lời và cuộc gọi còn tiếp tục.",
        f"There is nobody to speak to at {point_name} yet: talkback is for a call that was answered and goes on.",
        "user",
    )


def talkback_taken(point_name: str, by: str) -> BridgeError:
    """Refuse a second talker."""
    who = words.clip(by, 64)
    return BridgeError(
        "talkback_taken",
        f"{who} đang nói riêng với {point_name}. Xin đợi người này nói xong.",
        f"{who} is speaking to {point_name}. Wait until they have finished.",
        "user",
    )
