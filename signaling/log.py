"""How the service writes about itself: structlog, one JSON object a line, nothing secret in it.

A processor stands between every log call and the output: fields whose name says that they are secret are blanked, and so is
anything in any text that has the form of a token, a point's secret in a link, or a password in a URL. Addresses of
people can be blanked too.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED: Final = "[redacted]"

SECRET_FIELDS: Final = frozenset(
    {"secret", "token", "password", "pwd", "credential", "credentials", "authorization", "cookie", "offer", "answer", "sdp"}
)
"""Names of fields that are never shown; also with a prefix (``valkey_password``). ``pwd`` is ICE's, ``sdp`` contains it."""

ADDRESS_FIELDS: Final = frozenset({"address", "remote", "peer_address", "client"})

_SECRET_TEXTS: Final = (
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]{5,}"), REDACTED),  # a JWT, RFC 7519 §3.1: base64url of '{"…'
    (
        re.compile(r"\b[a-z0-9][a-z0-9._-]{0,31}\.[\w-]{16}\.[\w-]{43}(?![\w-])"),
        REDACTED,
    ),  # a refresh token: signaling/refresh.py
    (re.compile(r"\$argon2[a-z]*\$\S+"), REDACTED),
    (re.compile(r"(?i)(\bbearer\s+)[\w.~+/=-]+"), rf"\1{REDACTED}"),  # RFC 6750 §2.1
    (re.compile(r"(://[^/\s:@]*:)[^@\s/]+@"), rf"\1{REDACTED}@"),  # the password of a URL, RFC 3986 §3.2.1
    (re.compile(r"(#)(?:token=|s=)?[\w.-]{16,}"), rf"\1{REDACTED}"),  # what a link carries in its fragment
)
_ADDRESS: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\[?\b(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{1,4}\b\]?")


class Redactor:
    """A structlog processor that blanks what must not be in a log.

    Args:
        hide_addresses: blank addresses of people as well.
    """

    def __init__(self, *, hide_addresses: bool = False) -> None:
        self._hide_addresses = hide_addresses

    def __call__(self, logger: WrappedLogger, name: str, event_dict: EventDict) -> EventDict:  # noqa: ARG002 (structlog's signature)
        """Blank in place of passing on."""
        return {key: self._clean(key, value) for key, value in event_dict.items()}

    def _clean(self, key: str, value: Any) -> Any:
        word = key.lower()
        if word in SECRET_FIELDS or word.rpartition("_")[2] in SECRET_FIELDS:
            return REDACTED
        if self._hide_addresses and word in ADDRESS_FIELDS:
            return REDACTED
        if isinstance(value, Mapping):
            return {str(inner): self._clean(str(inner), each) for inner, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean("", each) for each in value]
        if isinstance(value, str):
            return self.clean_text(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.clean_text(repr(value))

    def clean_text(self, text: str) -> str:
        """Blank secrets within a text."""
        for pattern, replacement in _SECRET_TEXTS:
            text = pattern.sub(replacement, text)
        return _ADDRESS.sub(REDACTED, text) if self._hide_addresses else text


def set_up_logging(
    level: str = "info", form: str = "json", *, process: str = "", hide_addresses: bool = False, stream: TextIO | None = None
) -> None:
    """Configure structlog and the standard library's logging for this process, both through the redactor.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        form: ``json`` (one object a line) or ``console`` (for people).
        process: shown in every line, when given.
        hide_addresses: blank addresses of people.
        stream: where lines go; the standard error by default.
    """
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Redactor(hide_addresses=hide_addresses),
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.contextvars.clear_contextvars()
    if process:
        structlog.contextvars.bind_contextvars(process=process)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[_without_stdlib_record, last], foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)  # ten thousand lines a reconnect, with the paths in them


def _without_stdlib_record(logger: WrappedLogger, name: str, event_dict: EventDict) -> EventDict:  # noqa: ARG001
    event_dict.pop("_record", None)
    event_dict.pop("_from_structlog", None)
    return event_dict
