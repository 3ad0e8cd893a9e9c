"""What a page sends, checked against the contract's types (`ipy_llmtrace.wire`)."""

from __future__ import annotations

import functools
from typing import Any, Literal, NotRequired, TypeVar, cast, get_args, get_origin, get_type_hints

R = TypeVar("R")


def kind_of(request_type: type[Any]) -> str:
    """The ``kind`` of the messages of a type."""
    return get_args(_fields(request_type)["kind"][0])[0]


def parsed(message: Any, request_type: type[R]) -> R | None:
    """``message`` with the fields of ``request_type``; ``None`` if one is missing or of another type. A field that need not be
    there and is ``null`` is absent."""
    if not isinstance(message, dict):
        return None
    sent = cast(dict[str, Any], message)
    found: dict[str, Any] = {}
    for name, (hint, required) in _fields(request_type).items():
        value = sent.get(name)
        if value is None and not required:
            continue
        if name not in sent or not _fits(value, hint):
            return None
        found[name] = value
    return cast(R, found)


@functools.cache
def _fields(request_type: type[Any]) -> dict[str, tuple[Any, bool]]:
    """The type of each field of a ``TypedDict``, and whether it must be there."""
    found: dict[str, tuple[Any, bool]] = {}
    for name, hint in get_type_hints(request_type, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        found[name] = (get_args(hint)[0] if optional else hint, not optional)
    return found


def _fits(value: Any, hint: Any) -> bool:
    kind, of = get_origin(hint), get_args(hint)
    if kind is Literal:
        return value in of
    if kind is list:
        return isinstance(value, list) and all(_fits(item, of[0]) for item in cast(list[Any], value))
    if kind is tuple:
        items = cast(list[Any], value)
        return isinstance(value, list) and len(items) == len(of) and all(map(_fits, items, of))
    # JSON's true is no number, though Python's True is an int.
    return hint is Any or (isinstance(value, hint) and (hint is bool or not isinstance(value, bool)))
