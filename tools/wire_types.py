"""Writes signaling/web/wire.d.ts: the WebSocket's messages as types, made from the pydantic models that parse and send them.

``python -m tools.wire_types`` writes the file, ``--check`` says whether it is what the models say now. The JSON schemas that
pydantic gives are turned into types by json-schema-to-typescript (MIT), which is asked once for all of them. What a client sends
may leave out what has a default; what the server sends has every field.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from signaling import console_orders, messages

ROOT: Final = Path(__file__).resolve().parents[1]
TARGET: Final = ROOT / "signaling" / "web" / "wire.d.ts"
HEAD: Final = """// The WebSocket's messages as types, made from the models of signaling/ by `python -m tools.wire_types`: edit
// those, not this. What the words mean is in signaling/PROTOCOL.md. Types only: no page loads this file.
"""
_COMPILE: Final = """
import { compile } from "json-schema-to-typescript";
import { readFileSync } from "node:fs";
const schema = JSON.parse(readFileSync(0, "utf8"));
const options = { bannerComment: "", additionalProperties: false, unreachableDefinitions: true, enableConstEnums: false,
  strictIndexSignatures: true, style: { printWidth: 130 } };
process.stdout.write(await compile(schema, "Wire", options));
"""


def models_of(union: object) -> list[type[BaseModel]]:
    """The models of a union, in its order, whatever it is annotated with."""
    if get_origin(union) is Annotated:
        return models_of(get_args(union)[0])
    if isinstance(union, type) and issubclass(union, BaseModel):
        return [union]
    return [model for part in get_args(union) for model in models_of(part)]


def schema() -> dict[str, Any]:
    """One JSON schema that defines all messages, and ``ServerMessage``, ``ClientMessage`` and ``Command`` as unions of them."""
    unions: Mapping[str, tuple[object, JsonSchemaMode]] = {
        "ServerMessage": (messages.ServerMessage, "serialization"),
        "ClientMessage": (messages.ClientMessage, "validation"),
        "Command": (console_orders.Order, "validation"),
    }
    wanted = {(model, mode): None for union, mode in unions.values() for model in models_of(union)}
    names, whole = models_json_schema(list(wanted), ref_template="#/definitions/{model}")
    definitions: dict[str, Any] = whole["$defs"]
    for definition in definitions.values():
        _plain(definition)
    sent = {names[model, mode]["$ref"].rsplit("/", 1)[1] for model, mode in wanted if mode == "serialization"}
    for name in _reached(definitions, sent):
        definitions[name]["required"] = sorted(definitions[name].get("properties", {}))
    for union, (parts, mode) in unions.items():
        definitions[union] = {"title": union, "anyOf": [names[model, mode] for model in models_of(parts)]}
    return {"title": "Wire", "definitions": definitions, "anyOf": [{"$ref": f"#/definitions/{union}"} for union in unions]}


def _reached(definitions: Mapping[str, Any], names: set[str]) -> set[str]:
    """The objects among the named definitions and all that they refer to."""
    reached: set[str] = set()
    todo = set(names)
    while todo:
        name = todo.pop()
        reached.add(name)
        todo |= set(_references(definitions[name])) - reached
    return {name for name in reached if definitions[name].get("type") == "object"}


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []


def _plain(node: Any, *, is_properties: bool = False) -> None:
    """Leave what a type says: no titles of fields, no bounds, tuples as JSON schema of older drafts has them."""
    if isinstance(node, list):
        for each in node:
            _plain(each)
    if not isinstance(node, dict):
        return
    if not is_properties:
        for key in ("discriminator", "default", "pattern", "minLength", "maxLength", "minimum", "maximum", "examples"):
            node.pop(key, None)
        if isinstance(node.get("title"), str) and "properties" not in node:
            del node["title"]
        if node.get("type") == "array":
            _plain_array(node)
        if "description" in node:
            node["description"] = node["description"].split("\n\n", 1)[0].replace("``", "`")
    for key, value in node.items():
        _plain(value, is_properties=key in {"properties", "definitions"} and not is_properties)


def _plain_array(node: dict[str, Any]) -> None:
    if "prefixItems" in node:
        node["items"], node["additionalItems"] = node.pop("prefixItems"), False
        node["minItems"] = node["maxItems"] = len(node["items"])
    else:
        node.pop("minItems", None)
        node.pop("maxItems", None)


def text() -> str:
    """The file as the models say it.

    Raises:
        RuntimeError: json-schema-to-typescript is not installed, or refused the schema; its own words are in it.
    """
    done = subprocess.run(  # noqa: S603 (a program of this very file)
        ["node", "--input-type=module", "--eval", _COMPILE],  # noqa: S607
        input=json.dumps(schema()),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode != 0:
        raise RuntimeError(f"json-schema-to-typescript failed (tools/bootstrap.sh test installs it):\n{done.stderr[-2000:]}")
    return f"{HEAD}\n{done.stdout}"


def main() -> int:
    """The entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is not what the models say")
    given = parser.parse_args()
    made = text()
    if not given.check:
        TARGET.write_text(made)
        return 0
    if TARGET.exists() and TARGET.read_text() == made:
        return 0
    print(f"{TARGET.relative_to(ROOT)} is not what the models say: run python -m tools.wire_types", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
