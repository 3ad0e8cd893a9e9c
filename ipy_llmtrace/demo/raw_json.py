"""JSON that Python's encoder does not write: numbers beyond a float, and nesting beyond its stack."""

from __future__ import annotations

import json
import re
from typing import Any

_MARK = "\0raw:"
_MARKED = re.compile(r'"\\u0000raw:([^"]*)"')

INFINITE = _MARK + "1e400"
"""A number that is valid JSON, and that every parser reads as infinite."""


def nested(depth: int) -> str:
    """A list in a list, and so on, for `dumps`."""
    return _MARK + "[" * depth + "]" * depth


def dumps(value: Any) -> str:
    """``value`` as JSON, with `INFINITE` and `nested` as they are meant."""
    return _MARKED.sub(lambda found: found[1], json.dumps(value))
