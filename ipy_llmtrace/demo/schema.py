"""Fills a JSON schema in, as a model does for a tool's arguments or a structured reply."""

from __future__ import annotations

import re
from typing import Any

from .prompt import Body, Json

_ORIGINS = {"origin", "from", "departure"}
_PLACE = r"\s+([A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)*)"


def fill(schema: Body, text: str, name: str = "", root: Body | None = None) -> Json:
    """A value that satisfies ``schema``, its strings taken from ``text``.

    Parameters
    ----------
    name
        The property's name: ``origin`` is the place after "from", other strings the place after "to" or "in".
    root
        The whole schema, where ``$ref`` looks.
    """
    root = schema if root is None else root
    if "$ref" in schema:
        return fill(_resolve(schema["$ref"], root), text, name, root)
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return fill(schema[union][0], text, name, root)
    for given in ("const", "default"):
        if given in schema:
            return schema[given]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            properties: dict[str, Body] = schema.get("properties", {})
            return {key: fill(value, text, key, root) for key, value in properties.items()}
        case "array":
            return [fill(schema.get("items", {}), text, name, root)]
        case "integer":
            return _number(schema, text)
        case "number":
            return float(_number(schema, text))
        case "boolean":
            return True
        case "null":
            return None
        case _:
            if name in _ORIGINS:
                return place(text, _ORIGINS) or "Berlin"
            return place(text, {"to", "in", "of", "for"}) or text[:80]


def place(text: str, after: set[str]) -> str | None:
    """The capitalised words after one of these prepositions: "to Lisbon" is ``Lisbon``."""
    match = re.search(rf"\b(?:{'|'.join(sorted(after))})\b{_PLACE}", text)
    return match[1] if match else None


def _number(schema: Body, text: str) -> int:
    written = re.search(r"\b\d{1,6}\b", text)
    value = int(written[0]) if written else 3
    return int(min(max(value, schema.get("minimum", value)), schema.get("maximum", value)))


def _resolve(reference: str, root: Body) -> Body:
    found: Any = root
    for key in reference.removeprefix("#/").split("/"):
        found = found[key]
    return found
