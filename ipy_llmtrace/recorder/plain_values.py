"""Any value as plain JSON values that MLflow can write, however deep or odd it is."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 64
"""How deep a value may be nested that MLflow cannot write as it is. Its writer gives up at 300 to 900 levels, sooner in the
middle of deep user code; what is deeper here is replaced by a sentence."""

_TOO_DEEP = f"[nested deeper than {MAX_DEPTH} levels]"


def plain(value: Any) -> Any:
    """A reply as plain values: of one of LiteLLM's classes what it holds, of anything else itself. Does not raise."""
    if not hasattr(value, "model_dump"):
        return value
    try:
        # LiteLLM's reply classes hold values of other types than they declare: pydantic would warn of it in the user's cell.
        return value.model_dump(warnings=False)
    except Exception:  # what a field may hold is up to the server
        return bounded(value)


def bounded(value: Any, depth: int = MAX_DEPTH) -> Any:
    """``value`` with what is nested deeper than ``depth`` left out, and nothing but JSON's types. Does not raise."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if depth <= 0:
        return _TOO_DEEP
    if isinstance(value, Mapping):
        return {_text(key): bounded(member, depth - 1) for key, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [bounded(member, depth - 1) for member in value]
    fields = _fields(value)
    return _text(value) if fields is None else bounded(fields, depth)


def _fields(value: Any) -> dict[str, Any] | None:
    """The fields of a pydantic model, the undeclared ones too."""
    if not hasattr(type(value), "model_fields"):
        return None
    try:
        return dict(value)
    except Exception:  # its own iteration is up to its class
        return None


def _text(value: Any) -> str:
    try:
        return value if isinstance(value, str) else str(value)
    except Exception:  # its own __str__ fails
        return f"[{type(value).__name__}]"
