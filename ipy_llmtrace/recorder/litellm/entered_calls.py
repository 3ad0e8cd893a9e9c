"""The calls whose functions run here, and when each was entered. LiteLLM makes some calls by way of another of its functions,
which has the same call id: what that one returns is not what the caller gets."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

_NONE: Mapping[str, int] = MappingProxyType({})
_entered: contextvars.ContextVar[Mapping[str, int]] = contextvars.ContextVar("llmtrace_entered", default=_NONE)


@contextmanager
def entered(call_id: str, now_ns: int) -> Iterator[bool]:
    """Around a function of LiteLLM's, at ``now_ns`` (Unix); gives whether it is the one that the caller has called."""
    before = _entered.get()
    outermost = call_id not in before
    if outermost:
        _entered.set({**before, call_id: now_ns})
    try:
        yield outermost
    finally:
        _entered.set(before)


def is_entered(call_id: str) -> bool:
    """Whether a function of this call runs here."""
    return call_id in _entered.get()


def entered_ns(call_id: str) -> int | None:
    """When the caller called it (Unix nanoseconds); ``None`` if no function of this call runs here.

    Calls made at once begin in the order in which they were made, although LiteLLM's threads prepare them in any order.
    """
    return _entered.get().get(call_id)
