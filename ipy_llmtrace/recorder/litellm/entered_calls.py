"""The calls whose functions run here. LiteLLM makes some calls by way of another of its functions, which has the same call id:
what that one returns is not what the caller gets."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager

_entered: contextvars.ContextVar[tuple[str, ...]] = contextvars.ContextVar("llmtrace_entered", default=())


@contextmanager
def entered(call_id: str) -> Iterator[bool]:
    """Around a function of LiteLLM's; gives whether it is the one that the caller has called."""
    before = _entered.get()
    _entered.set((*before, call_id))
    try:
        yield call_id not in before
    finally:
        _entered.set(before)


def is_entered(call_id: str) -> bool:
    """Whether a function of this call runs here."""
    return call_id in _entered.get()
