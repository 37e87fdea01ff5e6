"""How a command reaches the running service: its REST API on this machine, with a token made of the local keys."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from bridge.policy import ANY_SESSION
from cli.errors import CommandError
from config import Settings, load_keys
from signaling.auth import WHOLE_COUNTRY, make_token

TIMEOUT_S: Final = 30.0
TOKEN_LIFETIME_S: Final = 600
SUBJECT: Final = "center:cli"


def local_url(settings: Settings) -> str:
    """Where this machine reaches the service itself, whatever its public address is."""
    host = "127.0.0.1" if settings.http.host in {"", "0.0.0.0", "::"} else settings.http.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.http.port}"


class Remote:
    """The running service, asked with the rights of a national center: a scope of all roots of its directory.

    ``subject`` is what goes on record.
    """

    def __init__(self, settings: Settings, subject: str = SUBJECT) -> None:
        self._url = local_url(settings)
        self._key = load_keys(settings.data_dir).token_key
        self._subject = subject
        self._token = self._signed(WHOLE_COUNTRY)
        roots = [unit[0] for unit in self.get("/api/directory")["units"] if unit[2] is None]
        self._token = self._signed(roots[:64] or WHOLE_COUNTRY)

    def get(self, path: str) -> Any:
        """The JSON of a GET; raises :class:`CommandError` with the service's own words."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON of a POST; raises :class:`CommandError` with the service's own words."""
        return self._ask("POST", path, body)

    def _signed(self, scope: Sequence[str]) -> str:
        return make_token(
            self._key,
            role="center",
            session=ANY_SESSION,
            now=int(time.time()),
            lifetime_s=TOKEN_LIFETIME_S,
            subject=self._subject,
            scope=scope,
        )

    def _ask(self, method: Literal["GET", "POST"], path: str, body: Mapping[str, Any] | None) -> Any:
        request = urllib.request.Request(self._url + path, method=method)  # noqa: S310 (the URL is our own, and http)
        request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            raise CommandError(_words_of(error)) from error
        except (OSError, ValueError) as error:
            raise CommandError(
                f"the service does not answer at {self._url} ({error}): start it first (diemcau serve), or give the settings "
                "that it runs with (--data-dir, --config, --set http.port=…)"
            ) from error


def _words_of(error: urllib.error.HTTPError) -> str:
    try:
        with error:
            message = json.loads(error.read())["message"]
        return f"{message['vi']} / {message['en']}"
    except (ValueError, KeyError, TypeError, OSError):
        return f"the service answered {error.code}"
