"""Bearer tokens on HTTP requests (RFC 6750 §2.1): the ``Authorization`` header only, never the URL."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from signaling import auth
from signaling.admission import Admission
from signaling.auth import CredentialError, Identity
from signaling.errors import ServiceError


class Bearers:
    """Checks bearers and counts wrong ones per address."""

    def __init__(self, token_key: bytes, admission: Admission, now_ms: Callable[[], int]) -> None:
        self._token_key = token_key
        self._admission = admission
        self._now_ms = now_ms
        self.refused = 0

    def check(self, request: web.Request, address: str, session: str | None = None) -> Identity:
        """Who asks.

        Raises ``bad_credential_limit``, ``bad_credential`` (no token, or a wrong or expired one), or ``forbidden`` when
        the token is good and for another session than ``session``.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise CredentialError
            identity = auth.check_token(self._token_key, token.strip(), now=self._now_ms() // 1000)
        except CredentialError:
            self.refused += 1
            if not scheme:
                raise ServiceError("bad_credential") from None
            self._admission.refuse(address)
        if session is not None and identity.session != session:
            raise ServiceError("forbidden")
        return identity
