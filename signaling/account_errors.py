"""What may be wrong with an account or a change of one, in both languages; the form is that of :mod:`bridge.errors`."""

from __future__ import annotations

from bridge.errors import BridgeError


def unknown_account() -> BridgeError:
    """There is no such account, or it is none of the asker's affair: both are the same answer."""
    return BridgeError(
        "unknown_account",
        "Không có tài khoản này trong phạm vi của quý vị. Hãy chọn lại trong danh sách tài khoản.",
        "There is no such account within your scope. Choose it from the list of accounts.",
        "user",
    )


def name_taken() -> BridgeError:
    """Names are never used twice, not even when an account is disabled: records speak of them."""
    return BridgeError(
        "name_taken",
        "Tên đăng nhập này đã có. Hãy chọn tên khác; tài khoản đã khóa thì mở lại, không tạo mới.",
        "This name is taken. Choose another; an account that is disabled is enabled again, not made anew.",
        "user",
    )


def too_many_accounts(most: int) -> BridgeError:
    """The store keeps no more."""
    return BridgeError(
        "too_many_accounts",
        f"Đã có {most} tài khoản, là số nhiều nhất. Hãy dùng lại tài khoản đã khóa.",
        f"There are {most} accounts, which is the most. Use one again that is disabled.",
        "user",
    )


def bad_account(vi: str, en: str) -> BridgeError:
    """A field of an account is not what it must be; none of the words may be the client's."""
    return BridgeError("bad_account", vi, en, "remote")


def weak_password(vi: str, en: str) -> BridgeError:
    """A password is not taken."""
    return BridgeError("weak_password", vi, en, "remote")


def wrong_password() -> BridgeError:
    """The present password, asked for once more, was another one. Not 401: the access token is good."""
    return BridgeError(
        "wrong_password",
        "Mật khẩu hiện tại không đúng. Hãy nhập lại.",
        "The present password is not right. Type it again.",
        "remote",
    )
