"""What is answered about the agenda when it cannot be done."""

from bridge import words
from bridge.errors import BridgeError


def agenda_items(limit: int) -> BridgeError:
    """Refuse an agenda of too many items, or with one of them twice."""
    return BridgeError(
        "agenda_items",
        f"Chương trình phát biểu có tối đa {limit} mục, mỗi mục một lần.",
        f"An agenda has {limit} items at most, each of them once.",
        "user",
    )


def unknown_item(item: str) -> BridgeError:
    """Refuse an item that the agenda does not have."""
    return BridgeError(
        "unknown_item",
        f"Chương trình phát biểu không có mục “{words.clip(item, 32)}”. Hãy tải lại chương trình.",
        f"The agenda has no item “{words.clip(item, 32)}”. Reload it.",
        "user",
    )


def agenda_point(point_name: str) -> BridgeError:
    """Refuse to give an item another point: what became of it is that point's."""
    return BridgeError(
        "agenda_point",
        f"Không đổi được điểm cầu của mục này ({point_name}). Hãy bỏ mục này và thêm mục mới.",
        f"This item's point ({point_name}) cannot be another. Remove the item and add a new one.",
        "user",
    )


def agenda_holder(point_name: str) -> BridgeError:
    """Refuse an agenda without the item that has the floor."""
    return BridgeError(
        "agenda_holder",
        f"{point_name} đang giữ lượt phát biểu nên phải có trong chương trình. Hãy thu lại lượt trước khi bỏ.",
        f"{point_name} has the floor and stays on the agenda. Take the floor back before removing it.",
        "user",
    )


def agenda_over() -> BridgeError:
    """Refuse "next" when everybody has spoken."""
    return BridgeError(
        "agenda_over",
        "Chương trình phát biểu không còn ai chưa phát biểu. Hãy thêm mục mới, hoặc mời điểm cầu trực tiếp.",
        "Nobody on the agenda is left to speak. Add an item, or give the floor to a point directly.",
        "user",
    )


def agenda_state(point_name: str, state: str) -> BridgeError:
    """Refuse to pass over an item that is past it."""
    word_vi, word_en = words.AGENDA_STATES[state]
    return BridgeError(
        "agenda_state",
        f"Không bỏ qua được: {point_name} {word_vi}.",
        f"This item cannot be skipped: {point_name} is {word_en}.",
        "user",
    )
