"""Reading the settings: file < environment < flags, and errors that say what to do."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsError

from config.model import Settings

PREFIX = "DIEMCAU_"
FILE_VARIABLE = "DIEMCAU_CONFIG"
"""Names the file where no flag does; so the children of ``diemcau serve`` read the same one."""

NOT_SETTINGS = (FILE_VARIABLE, "DIEMCAU_TEST_", "DIEMCAU_DEMO_", "DIEMCAU_BENCH_")
"""Variables (or beginnings of them) with our prefix that are not settings."""


class ConfigError(Exception):
    """The settings cannot be used. The message has one line a mistake, each with the key and what to do."""


def load(path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings.

    Args:
        path: a TOML file; None reads the one that ``DIEMCAU_CONFIG`` names, or none.
        overrides: what flags say, nested (``{"http": {"port": 8081}}``) or dotted (``{"http.port": 8081}``).

    Raises:
        ConfigError: the file cannot be read, a key is unknown or a value is wrong.
    """
    if path is None and os.environ.get(FILE_VARIABLE):
        path = Path(os.environ[FILE_VARIABLE])
    from_file = _read_file(path) if path is not None else {}
    _refuse_unknown_variables()

    class _WithFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=from_file))

    try:
        merged = _WithFile(**nest(overrides or {}))
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(error, path))) from None
    except SettingsError as error:
        raise ConfigError(
            f"{_variable_of(error)}: not valid JSON; lists are written as DIEMCAU_HTTP__ORIGINS='[\"https://example.vn\"]'"
        ) from None
    return Settings.model_construct(**{name: getattr(merged, name) for name in Settings.model_fields})


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted keys into nested ones: ``{"http.port": 1}`` → ``{"http": {"port": 1}}``."""
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        head, _, rest = key.partition(".")
        if rest:
            value = nest({rest: value})  # noqa: PLW2901 (the value at this level)
        elif isinstance(value, Mapping):
            value = nest(value)  # noqa: PLW2901
        present = nested.get(head)
        nested[head] = _merge(present, value) if isinstance(present, dict) and isinstance(value, dict) else value
    return nested


def keys_of(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Every key of the settings, dotted, in the order of the model."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys_of(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def parse_assignment(text: str) -> tuple[str, Any]:
    """Read a flag ``KEY=VALUE`` such as ``http.port=8081`` or ``http.origins=["https://example.vn"]``.

    Raises:
        ConfigError: there is no ``=`` in it, or the key is unknown.
    """
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals:
        raise ConfigError(f"--set {text}: write it as KEY=VALUE, such as --set http.port=8081")
    if key not in set(keys_of()):
        raise ConfigError(f"--set {text}: {_unknown(key)}")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = dict(below)
    for key, value in above.items():
        present = both.get(key)
        both[key] = _merge(present, value) if isinstance(present, dict) and isinstance(value, dict) else value
    return both


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; give an existing file with --config") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}; config/sample.toml shows the form") from error


def _refuse_unknown_variables() -> None:
    known = {f"{PREFIX}{key.upper().replace('.', '__')}" for key in keys_of()}
    sections = {name.rpartition("__")[0] for name in known if "__" in name}
    wrong = [
        f"{name}: unknown setting; {_nearest(name, known)}"
        for name in sorted(os.environ)
        if name.upper().startswith(PREFIX) and not name.upper().startswith(NOT_SETTINGS) and name.upper() not in known | sections
    ]
    if wrong:
        raise ConfigError("\n".join(wrong))


def _explain(error: ValidationError, path: Path | None) -> Iterator[str]:
    where = f" (in {path})" if path else ""
    for mistake in error.errors():
        key = ".".join(str(part) for part in mistake["loc"])
        if mistake["type"] == "extra_forbidden":
            yield _unknown(key) + where
        else:
            yield f"{key}: {mistake['msg'].removeprefix('Value error, ')}; see {key} in config/sample.toml{where}"


def _unknown(key: str) -> str:
    return f"{key}: unknown setting; {_nearest(key, set(keys_of()))}"


def _nearest(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    advice = f"did you mean {near[0]}?" if near else "remove it"
    return f"{advice} (every key is in config/sample.toml)"


def _variable_of(error: SettingsError) -> str:
    text = str(error)
    field = text.split('"')[1] if text.count('"') >= 2 else "?"
    return f"the variables {PREFIX}{field.upper()}__…"
