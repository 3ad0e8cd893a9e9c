"""What LiteLLM logs of a question that only we ask it: the user did not, and the view says it."""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router")

_asking: contextvars.ContextVar[bool] = contextvars.ContextVar("llmtrace_asking", default=False)


def _of_the_user(record: logging.LogRecord) -> bool:
    return not _asking.get()


def install() -> None:
    """Make `quiet` work, until `remove`."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_of_the_user)


def remove() -> None:
    for name in _LOGGERS:
        logging.getLogger(name).removeFilter(_of_the_user)


@contextmanager
def quiet() -> Iterator[None]:
    """What LiteLLM logs within, in this context, is dropped."""
    token = _asking.set(True)
    try:
        yield
    finally:
        _asking.reset(token)
