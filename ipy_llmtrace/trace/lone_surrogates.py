"""Half characters: UTF-8 cannot carry a lone surrogate, so neither a file, a database nor a browser takes a text with one.
Models and tools write them where an emoji was cut in two."""

from __future__ import annotations

import json
import re
from typing import Any, cast

_LONE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")


def replaced(text: str) -> str:
    """``text`` with U+FFFD in the place of each lone surrogate."""
    return text if text.isascii() else _LONE.sub("\ufffd", text)


def replaced_within(value: Any) -> Any:
    """As `replaced`, in every string of a JSON value."""
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, dict):
        members = cast(dict[Any, Any], value).items()
        return {replaced_within(key): replaced_within(member) for key, member in members}
    return [replaced_within(item) for item in cast(list[Any], value)] if isinstance(value, list) else value


def replaced_in_json(text: str) -> str:
    """A JSON text with U+FFFD in the place of each lone surrogate, also of those that are written as escapes."""
    text = replaced(text)
    if not _ESCAPED.search(text):
        return text
    try:
        return json.dumps(replaced_within(json.loads(text)))
    except (ValueError, RecursionError):
        return text


def may_hold_lone(text: str) -> bool:
    """Whether a JSON text in ASCII, or one within it, has an escape that may be a lone surrogate."""
    return _ESCAPED.search(text) is not None
