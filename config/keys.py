"""The service's own secrets: made once, at the first start, and kept in ``data_dir/keys.json`` (mode 0600).

``link_key`` signs the permanent links of the points: losing it means ten thousand new links. The others may be
replaced by deleting their line: tokens end, and the processes are started again.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

KEYS_FILE = "keys.json"
KEY_BYTES = 32
"""256 bits: the block of HMAC-SHA256's output, RFC 2104 §3."""


class KeysError(Exception):
    """The file of keys cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one data folder."""

    link_key: bytes = field(repr=False)
    token_key: bytes = field(repr=False)
    control_secret: str = field(repr=False)
    valkey_password: str = field(repr=False)


def load_keys(data_dir: Path) -> Keys:
    """Read the keys of ``data_dir``, making the folder and whatever is missing.

    Several processes may call this at the same moment: the first one's file wins, and all return the same keys.

    Raises:
        KeysError: the file cannot be read or written, or is not what this function writes.
    """
    path = data_dir / KEYS_FILE
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, _new_keys())
        stored = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeysError(f"cannot use {path}: {error.strerror}; make the folder writable, or set data_dir") from error
    except ValueError as error:
        raise KeysError(f"{path} is damaged: put back its copy, or delete it (every point's link then changes)") from error
    if isinstance(stored, dict) and (missing := _new_keys().keys() - stored.keys()):
        stored |= {name: value for name, value in _new_keys().items() if name in missing}
        _replace(path, stored)
    return _parse(path, stored)


def _new_keys() -> dict[str, str]:
    return {
        "link_key": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
        "token_key": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
        "control_secret": secrets.token_urlsafe(KEY_BYTES),
        "valkey_password": secrets.token_urlsafe(KEY_BYTES),
    }


def _parse(path: Path, stored: object) -> Keys:
    try:
        if not isinstance(stored, dict):
            raise TypeError("not an object")
        link_key = base64.b64decode(stored["link_key"], validate=True)
        token_key = base64.b64decode(stored["token_key"], validate=True)
        secret, password = stored["control_secret"], stored["valkey_password"]
        if min(len(link_key), len(token_key)) < KEY_BYTES or not (isinstance(secret, str) and isinstance(password, str)):
            raise TypeError("too short, or not text")
        if min(len(secret), len(password)) < KEY_BYTES:
            raise TypeError("too short")
    except (TypeError, KeyError, binascii.Error) as error:
        raise KeysError(f"{path} is damaged: put back its copy, or delete it (every point's link then changes)") from error
    return Keys(link_key, token_key, secret, password)


def _write_temporary(path: Path, keys: dict[str, str]) -> Path:
    temporary = path.with_name(f".{KEYS_FILE}.{secrets.token_hex(6)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _write_once(path: Path, keys: dict[str, str]) -> None:
    temporary = _write_temporary(path, keys)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)  # atomic, and fails where another process was first
    finally:
        temporary.unlink()


def _replace(path: Path, keys: dict[str, str]) -> None:
    _write_temporary(path, keys).replace(path)
