"""Carries what a cell's code has in its context (the cell, the active span) into the threads it starts.

Python gives a new thread an empty context, so a call made there would lose its parent span and its cell. Only these two are
carried, not the whole context: other libraries' context variables keep Python's rule.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

from .patches import Patches

Carry = Callable[[], AbstractContextManager[object] | None]


class ThreadCarrier:
    """Patches ``Thread.start`` and ``ThreadPoolExecutor.submit`` until `remove`.

    Parameters
    ----------
    carry
        Called in the starting thread; returns a context manager to enter in the started one, or ``None`` when there is
        nothing to carry.
    """

    def __init__(self, carry: Carry) -> None:
        self._carry: Carry = carry
        self._carry_nothing: Carry = lambda: None
        self._patches = Patches()
        self._now = self._carry_nothing

    def install(self) -> None:
        self._now = self._carry
        self._patches.replace(threading.Thread, "start", self._start)
        self._patches.replace(ThreadPoolExecutor, "submit", self._submit)

    def remove(self) -> None:
        self._now = self._carry_nothing
        self._patches.restore()

    def _start(self, original: Any) -> Any:
        @functools.wraps(original)
        def start(thread: threading.Thread) -> None:
            carried = self._now()
            if carried is not None:
                thread.run = _within(carried, thread.run)
            original(thread)

        return start

    def _submit(self, original: Any) -> Any:
        @functools.wraps(original)
        def submit(pool: ThreadPoolExecutor, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            carried = self._now()
            return original(pool, function if carried is None else _within(carried, function), *args, **kwargs)

        return submit


def _within(carried: AbstractContextManager[object], run: Callable[..., Any]) -> Callable[..., Any]:
    # Without functools.wraps, which would be most of what it costs to start a thread's work.
    def run_within(*args: Any, **kwargs: Any) -> Any:
        with carried:
            return run(*args, **kwargs)

    return run_within
