"""`diemcau order SESSION KIND [NAME=VALUE…]`: give the running service an order, as a console does."""

from __future__ import annotations

import argparse
import json
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from cli.errors import EXIT_USAGE, CommandError
from cli.remote import Remote
from config import Settings
from signaling.console_orders import Order


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The session, the order and its fields."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "orders and their fields (? may be left out; PROTOCOL.md §2.5 and §2.6 say what they mean):\n" + "\n".join(
        f"  {kind:<20} {' '.join(_described(model))}" for kind, model in sorted(orders().items())
    )
    parser.add_argument("session", metavar="SESSION", help="the session's id, such as main (diemcau session list)")
    parser.add_argument("kind", metavar="KIND", help="the order, such as place_call")
    parser.add_argument(
        "fields",
        nargs="*",
        metavar="NAME=VALUE",
        help="a field: text or a number as it is; a list as JSON or with commas (points=26740,26743); text=@FILE, items=@FILE",
    )
    parser.add_argument("--as", dest="subject", metavar="WHO", help="what goes on record as who ordered it (center:cli)")


def run(settings: Settings, arguments: argparse.Namespace, flags: list[str]) -> int:  # noqa: ARG001
    """Print the answer as one line of JSON: when it was recorded, and the ids of what it began.

    Raises:
        CommandError: the order does not fit together, or the service does not answer or refuses.
    """
    known = orders()
    if arguments.kind not in known:
        raise CommandError(f"there is no order {arguments.kind!r}; there are {', '.join(sorted(known))}", EXIT_USAGE)
    body = {"kind": arguments.kind, **fields_of(known[arguments.kind], arguments.fields)}
    remote = Remote(settings, arguments.subject) if arguments.subject else Remote(settings)
    answer = remote.post(f"/api/sessions/{quote(arguments.session, safe='')}/orders", body)
    print(json.dumps(answer, ensure_ascii=False))
    return 0


def orders() -> dict[str, type[BaseModel]]:
    """The model of every order, by its kind."""
    found: dict[str, type[BaseModel]] = {}
    for model in typing.get_args(typing.get_args(Order)[0]):
        for kind in typing.get_args(model.model_fields["kind"].annotation):
            found[kind] = model
    return found


def fields_of(model: type[BaseModel], words: Sequence[str]) -> Mapping[str, Any]:
    """The fields that were given as ``name=value``.

    Raises:
        CommandError: a word is no such pair, or the order has no such field.
    """
    given: dict[str, Any] = {}
    described = model.model_json_schema()["properties"]
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name == "kind" or name not in model.model_fields:
            raise CommandError(f"{word!r} does not fit: the order takes {' '.join(_described(model)) or 'no fields'}", EXIT_USAGE)
        given[name] = _value(text, _types_of(described[name]))
    return given


def _value(text: str, types: frozenset[str]) -> Any:
    """A value as its field wants it: codes that look like numbers stay text, lists may be written with commas."""
    if text == "null" and "null" in types:
        return None
    if text.startswith("@"):
        text = _contents(text[1:])
        if "array" not in types:
            return text
    if "array" in types:
        text = text.strip()
        return _json(text) if text.startswith("[") else [part for part in text.split(",") if part]
    if "boolean" in types:
        return {"true": True, "false": False}.get(text, text)
    if "integer" in types and text.lstrip("-").isdigit() and text.isascii():
        return int(text)
    return text


def _contents(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"cannot read {path}: {error}", EXIT_USAGE) from error


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is not JSON: {error}", EXIT_USAGE) from error


def _types_of(schema: Mapping[str, Any]) -> frozenset[str]:
    choices = schema.get("anyOf", [schema])
    return frozenset(choice.get("type", "object") for choice in choices)


def _described(model: type[BaseModel]) -> list[str]:
    fields = ((name, field) for name, field in model.model_fields.items() if name != "kind")
    return [f"{name}=…" if field.is_required() else f"{name}?=…" for name, field in fields]
