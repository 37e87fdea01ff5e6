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
from signaling.auth import MAX_SCOPE, WHOLE_COUNTRY, make_token

TIMEOUT_S: Final = 30.0
TABLE_TIMEOUT_S: Final = 120.0
"""A table of the whole country is checked and written in some seconds."""
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
        self._token = self._signed(roots[:MAX_SCOPE] or WHOLE_COUNTRY)

    def get(self, path: str) -> Any:
        """The JSON of a GET; raises :class:`CommandError` with the service's own words."""
        return self._ask("GET", path)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON of a POST; raises :class:`CommandError` with the service's own words."""
        data = None if body is None else json.dumps(body).encode()
        return self._ask("POST", path, data, "application/json")

    def post_table(self, path: str, table: bytes) -> Any:
        """The JSON of a POST of a CSV table; raises :class:`CommandError`, which names every fault of the table."""
        return self._ask("POST", path, table, "text/csv", TABLE_TIMEOUT_S)

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

    def _ask(
        self,
        method: Literal["GET", "POST"],
        path: str,
        data: bytes | None = None,
        content_type: str = "",
        timeout_s: float = TIMEOUT_S,
    ) -> Any:
        request = urllib.request.Request(self._url + path, data=data, method=method)  # noqa: S310 (the URL is our own, and http)
        request.add_header("Authorization", f"Bearer {self._token}")
        if data is not None:
            request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            raise CommandError(_words_of(error)) from error
        except (OSError, ValueError) as error:
            raise CommandError(
                f"the service does not answer at {self._url} ({error}): start it first (diemcau serve), or give the settings "
                "that it runs with (--data-dir, --config, --set http.port=…)"
            ) from error


def _words_of(error: urllib.error.HTTPError) -> str:
    """The service's own words, with each fault of a table on a line of its own."""
    try:
        with error:
            body = json.loads(error.read())
        words = f"{body['message']['vi']} / {body['message']['en']}"
        lines = [
            f"  line {each['line']}{each['column'] and ', '}{each['column']}: {each['message']['vi']} / {each['message']['en']}"
            for each in body.get("faults") or []
        ]
    except (ValueError, KeyError, TypeError, OSError):
        return f"the service answered {error.code}"
    return "\n".join(["nothing was imported:", *lines]) if lines else words
