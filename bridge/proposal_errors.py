"""What is answered about proposals when it cannot be done."""

from bridge import words
from bridge.errors import BridgeError


def unknown_proposal(proposal: str) -> BridgeError:
    """Refuse a proposal that is not known, or kept no longer."""
    return BridgeError(
        "unknown_proposal",
        f"Không còn giữ kiến nghị “{words.clip(proposal, 32)}”. Hãy tải lại danh sách kiến nghị.",
        f"There is no proposal “{words.clip(proposal, 32)}”. Reload the list of proposals.",
        "user",
    )


def proposal_text(limit: int) -> BridgeError:
    """Refuse a proposal or an answer without words, or with too many: it is never cut."""
    return BridgeError(
        "proposal_text",
        f"Hãy nhập nội dung, tối đa {limit} ký tự. Không chấp thuận thì phải nêu lý do.",
        f"Enter a text of {limit} characters at most. Declining takes a reason.",
        "user",
    )


def proposals_full(limit: int) -> BridgeError:
    """Refuse one more proposal of a point that has so many open."""
    return BridgeError(
        "proposals_full",
        f"Điểm cầu đã có {limit} kiến nghị chờ trả lời. Hãy chờ cấp trên trả lời rồi gửi tiếp.",
        f"{limit} proposals of this point wait for an answer. Wait for the level above, then send the next.",
        "user",
    )


def proposals_full_everywhere() -> BridgeError:
    """Refuse one more proposal of anybody."""
    return BridgeError(
        "proposals_full",
        "Đang có quá nhiều kiến nghị chờ trả lời trên cả nước. Hãy gửi lại sau.",
        "Too many proposals wait for an answer everywhere. Send it later.",
        "user",
    )


def proposal_state(state: str) -> BridgeError:
    """Refuse to answer what has been answered."""
    word_vi, word_en = words.PROPOSAL_STATES[state]
    return BridgeError(
        "proposal_state",
        f"Kiến nghị này {word_vi}, không trả lời lại được.",
        f"This proposal has been answered already: {word_en}.",
        "user",
    )


def proposal_outcome() -> BridgeError:
    """Refuse an outcome that there is not."""
    return BridgeError(
        "proposal_outcome",
        "Kết quả phải là chấp thuận, không chấp thuận, ghi nhận hoặc chuyển lên cấp trên.",
        "The outcome is accepted, declined, noted or forwarded.",
        "caller",
    )


def proposal_not_above(unit_name: str) -> BridgeError:
    """Refuse to forward to a unit that is not above the present one."""
    return BridgeError(
        "proposal_not_above",
        f"Chỉ chuyển được lên đơn vị cấp trên của {unit_name}. Hãy chọn lại.",
        f"A proposal is forwarded to a unit above {unit_name} only. Choose another one.",
        "user",
    )
