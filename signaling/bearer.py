"""Bearer tokens on HTTP requests (RFC 6750 §2.1): the ``Authorization`` header only, never the URL."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from signaling import auth
from signaling.admission import Admission
from signaling.auth import CredentialError, Identity
from signaling.errors import ServiceError
from signaling.generations import Generations


class Bearers:
    """Checks bearers and counts wrong ones per address."""

    def __init__(self, token_key: bytes, admission: Admission, generations: Generations, now_ms: Callable[[], int]) -> None:
        self._token_key = token_key
        self._generations = generations
        self._admission = admission
        self._now_ms = now_ms
        self.refused = 0

    def check(self, request: web.Request, address: str, session: str | None = None) -> Identity:
        """Who asks.

        Raises ``bad_credential_limit``, ``bad_credential`` (no token, a wrong or expired one, or that of a point whose
        link was replaced or of a person whose account was changed since), ``forbidden`` when the token is good and for another
        session than ``session``, or ``unavailable`` to points and accounts as long as it is not known which were.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise CredentialError
            identity = auth.check_token(self._token_key, token.strip(), now=self._now_ms() // 1000)
            if not self._generations.is_current(identity):
                raise CredentialError
        except CredentialError:
            self.refused += 1
            if not scheme:
                raise ServiceError("bad_credential") from None
            self._admission.refuse(address)
        if session is not None and not identity.is_for(session):
            raise ServiceError("forbidden")
        return identity

    def check_again(self, identity: Identity) -> None:
        """After something was waited for: raises ``bad_credential`` when the link was replaced or the account changed."""
        if not self._generations.is_current(identity):
            raise ServiceError("bad_credential")
