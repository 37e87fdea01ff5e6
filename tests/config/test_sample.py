"""The sample is the documentation of the settings: it must be true and complete."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import config
from config.load import keys_of

SAMPLE = Path(config.__file__).with_name("sample.toml")


def leaves(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_the_sample_equals_the_defaults() -> None:
    assert config.load(SAMPLE) == config.load()


def test_the_sample_has_every_key_in_the_order_of_the_model() -> None:
    assert list(leaves(tomllib.loads(SAMPLE.read_text(encoding="utf-8")))) == list(keys_of())


def test_every_key_of_the_sample_is_explained() -> None:
    """A comment stands above each key, or above a run of keys that it explains together."""
    explained = False
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            explained = True
        elif not line or line.startswith("["):
            explained = False
        elif re.match(r"[a-z_]+ =", line):
            assert explained, line
