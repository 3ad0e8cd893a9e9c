"""Prints a JSON schema of all types in ``ipy_llmtrace/wire.py``; ``npm run types`` makes ``src/wire/types.gen.ts`` of it."""

from __future__ import annotations

import json
import sys
import typing
from pathlib import Path
from typing import Any

import typing_extensions
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

ROOT = Path(__file__).resolve().parent.parent


class WireSchema(GenerateJsonSchema):
    """JSON schema from which json2ts makes what there is in the browser: a binary buffer is a ``DataView`` there."""

    def bytes_schema(self, schema: Any) -> dict[str, Any]:
        return {"tsType": "DataView"}

    def tuple_schema(self, schema: Any) -> dict[str, Any]:
        """As in the drafts of JSON schema that json2ts knows."""
        found = super().tuple_schema(schema)
        return {**found, "items": found["prefixItems"]}


def schema() -> dict[str, Any]:
    """The schema of all the contract's types, and of its version, which becomes the type ``WireVersion``."""
    sys.path.insert(0, str(ROOT))
    # pydantic reads typing.TypedDict only from Python 3.12 on; typing_extensions' own is the same on every version.
    typing.TypedDict = typing_extensions.TypedDict  # type: ignore[misc]
    from ipy_llmtrace import wire

    names = [name for name, value in vars(wire).items() if typing_extensions.is_typeddict(value)]
    adapters = [(name, "validation", TypeAdapter(getattr(wire, name))) for name in names]
    references, whole = TypeAdapter.json_schemas(adapters, schema_generator=WireSchema)  # type: ignore[arg-type]
    definitions: dict[str, Any] = {**whole["$defs"], "WireVersion": {"const": wire.WIRE_VERSION}}
    for definition in definitions.values():
        definition.pop("title", None)
        for field in definition.get("properties", {}).values():
            field.pop("title", None)
    kinds = {name: reference for (name, _), reference in references.items()}
    return {
        "title": "Wire",
        "type": "object",
        "description": "Every type of the contract, by name.",
        "additionalProperties": False,
        "properties": {**kinds, "WireVersion": {"$ref": "#/$defs/WireVersion"}},
        "$defs": definitions,
    }


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=1)
