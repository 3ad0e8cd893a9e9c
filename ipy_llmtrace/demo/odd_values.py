"""Replies that are JSON but not what their API promises: counts of the wrong type, and a field nobody asked for."""

from __future__ import annotations

from typing import Any, cast

from .directives import Directives
from .prompt import Body, Json
from .raw_json import INFINITE, nested

ODD_COUNTS: dict[str, Json] = {
    "text": "many",
    "digits": "12",
    "list": [1, 2],
    "object": {"count": 1},
    "infinite": INFINITE,
    "negative": -5,
    "huge": 10**30,
    "fraction": 2.5,
    "true": True,
    "null": None,
}
"""What stands in the place of every token count, by the word behind ``usage:``."""

_USAGES = frozenset({"usage", "usageMetadata"})


def distort(body: Body, wanted: Directives) -> Body:
    """``body`` as the directives want it; unchanged if they want nothing odd."""
    if wanted.odd_usage in ODD_COUNTS:
        body = cast(Body, _with_counts(body, ODD_COUNTS[wanted.odd_usage], counting=False))
    if wanted.nested_depth:
        body = {**body, "x_nested": nested(wanted.nested_depth)}
    return body


def _with_counts(value: Json, odd: Json, *, counting: bool) -> Json:
    match value:
        case dict():
            members = cast(dict[str, Any], value).items()
            return {key: _with_counts(member, odd, counting=counting or key in _USAGES) for key, member in members}
        case list():
            return [_with_counts(member, odd, counting=counting) for member in cast(list[Any], value)]
        case int() if counting:
            return odd
        case _:
            return value
