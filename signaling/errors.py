"""Every refusal of this service in one table: stable code → HTTP status, WebSocket close code and a sentence in two languages.

One function, :func:`refusal_of`, maps any exception to its :class:`Refusal`: this service's :class:`ServiceError`, the domain's
``BridgeError`` and what nobody foresaw (``internal``: the trace goes to the log, never to the client).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from bridge.errors import BridgeError
from signaling.forwarding import Unavailable
from signaling.media import MediaError, MediaRefused
from signaling.messages import Bilingual, ErrorBody
from signaling.store import StoreError

Code = Literal[
    "bad_message",
    "bad_offer",
    "bad_still",
    "bad_credential",
    "forbidden",
    "bad_origin",
    "not_found",
    "hello_timeout",
    "replaced",
    "stale",
    "too_large",
    "unsupported_media_type",
    "unprocessable",
    "precondition_required",
    "too_many",
    "bad_credential_limit",
    "too_slow",
    "unavailable",
    "media_unavailable",
    "restarting",
    "internal",
]

MEDIA_RETRY_S: Final = 2
"""A node that is started again is back within a second."""

CLOSE_INTERNAL: Final = 1011
"""RFC 6455 §7.4.1: the server met a condition that keeps it from going on."""
CLOSE_RESTARTING: Final = 1012
"""Registered with IANA (RFC 6455 §11.7): service restart."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a client is told, over whichever door it came."""

    code: str
    http_status: int
    close_code: int
    message_vi: str
    message_en: str
    retry_after_s: float | None = None

    def body(self) -> ErrorBody:
        """The ``Error`` of PROTOCOL.md."""
        return ErrorBody(
            code=self.code, message=Bilingual(vi=self.message_vi, en=self.message_en), retry_after_s=self.retry_after_s
        )


def _table(*rows: tuple[Code, int, int, str, str]) -> dict[str, Refusal]:
    return {row[0]: Refusal(*row) for row in rows}


REFUSALS: Final = _table(
    (
        "bad_message",
        400,
        4400,
        "Thông điệp không hợp lệ. Xin tải lại trang.",
        "The message is not valid. Please reload the page.",
    ),
    (
        "bad_still",
        400,
        4400,
        "Ảnh nhỏ của điểm cầu không hợp lệ: cần JPEG 320 × 180, không quá cỡ cho phép.",
        "The point's still is not valid: it must be a JPEG of 320 × 180, no larger than allowed.",
    ),
    ("bad_offer", 400, 4400, "Máy chủ không đọc được đề nghị media (SDP).", "The media offer (SDP) was not accepted."),
    (
        "bad_credential",
        401,
        4401,
        "Liên kết hoặc mã truy cập không đúng, hoặc đã hết hạn.",
        "The link or access token is not valid, or has expired.",
    ),
    ("forbidden", 403, 4403, "Tài khoản này không được phép làm việc đó.", "This account may not do that."),
    ("bad_origin", 403, 4403, "Trang này không được phép kết nối tới máy chủ.", "This page may not connect to the server."),
    ("not_found", 404, 4403, "Không tìm thấy.", "Not found."),
    ("hello_timeout", 408, 4408, "Trang không tự giới thiệu kịp thời.", "The page did not introduce itself in time."),
    ("replaced", 409, 4409, "Điểm cầu này đã được mở ở một nơi khác.", "This point was opened elsewhere."),
    ("stale", 412, 4400, "Kết nối media đã được thay mới.", "The media connection was renewed meanwhile."),
    ("too_large", 413, 4400, "Dữ liệu gửi lên quá lớn.", "Too much data was sent."),
    ("unsupported_media_type", 415, 4400, "Kiểu dữ liệu không được hỗ trợ.", "That content type is not supported."),
    ("unprocessable", 422, 4400, "Không đọc được mảnh SDP.", "The SDP fragment could not be read."),
    ("precondition_required", 428, 4400, "Thiếu tiêu đề If-Match.", "The If-Match header is missing."),
    (
        "too_many",
        503,
        4429,
        "Quá nhiều yêu cầu cùng lúc. Xin thử lại sau giây lát.",
        "Too many at once. Please try again in a moment.",
    ),
    (
        "bad_credential_limit",
        429,
        4429,
        "Quá nhiều lần sai mã truy cập từ địa chỉ này. Xin thử lại sau.",
        "Too many wrong credentials from this address. Please try again later.",
    ),
    ("too_slow", 503, 4429, "Đường truyền quá chậm. Đang kết nối lại.", "The line is too slow. Reconnecting."),
    (
        "unavailable",
        503,
        4503,
        "Máy chủ tạm thời chưa ghi được. Xin thử lại.",
        "The server cannot record this right now. Please try again.",
    ),
    (
        "media_unavailable",
        503,
        4503,
        "Máy chủ hình và tiếng tạm thời chưa sẵn sàng. Xin thử lại.",
        "The media server is not ready right now. Please try again.",
    ),
    ("restarting", 503, CLOSE_RESTARTING, "Máy chủ đang khởi động lại.", "The server is restarting."),
    ("internal", 500, CLOSE_INTERNAL, "Máy chủ gặp lỗi.", "The server met an error."),
)

_DOMAIN_STATUS: Final = {"user": 409, "remote": 400, "caller": 400, "bug": 500}
_DOMAIN_CLOSE: Final = {"user": 4403, "remote": 4400, "caller": 4400, "bug": CLOSE_INTERNAL}


class ServiceError(Exception):
    """A refusal by this service.

    ``message_vi`` and ``message_en`` replace the table's sentence where a better one is at hand; they must not carry client text.
    """

    def __init__(
        self, code: Code, *, retry_after_s: float | None = None, message_vi: str | None = None, message_en: str | None = None
    ) -> None:
        super().__init__(code)
        refusal = REFUSALS[code]
        self.refusal = replace(
            refusal,
            retry_after_s=retry_after_s,
            message_vi=message_vi or refusal.message_vi,
            message_en=message_en or refusal.message_en,
        )


def refusal_of(error: BaseException) -> Refusal:
    """Return what the client is told about this exception; anything unforeseen is ``internal``."""
    if isinstance(error, ServiceError):
        return error.refusal
    if isinstance(error, BridgeError):
        status = 404 if error.code.startswith("unknown_") else 403 if error.code == "forbidden" else _DOMAIN_STATUS[error.fault]
        return Refusal(error.code, status, _DOMAIN_CLOSE[error.fault], error.message_vi, error.message_en)
    if isinstance(error, Unavailable | StoreError):
        return replace(REFUSALS["unavailable"], retry_after_s=1)
    if isinstance(error, MediaRefused) and error.code != "busy":
        return REFUSALS["not_found" if error.code == "unknown_peer" else "bad_offer"]
    if isinstance(error, MediaError):
        return replace(REFUSALS["media_unavailable"], retry_after_s=MEDIA_RETRY_S)
    return REFUSALS["internal"]


def is_bug(error: BaseException) -> bool:
    """Whether this exception belongs into the log with its trace."""
    if isinstance(error, BridgeError):
        return error.fault in {"caller", "bug"}
    return not isinstance(error, ServiceError | Unavailable | StoreError | MediaError)
