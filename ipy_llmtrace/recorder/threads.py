"""Carries what a cell's code has in its context (the cell, the active span) into the threads it starts.

Python gives a new thread an empty context, so a call made there would lose its parent span and its cell. Only these two are
carried, not the whole context: other libraries' context variables keep Python's rule.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

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
        self._carry = carry
        self._start = threading.Thread.start
        self._submit = ThreadPoolExecutor.submit
        self._installed: tuple[Any, Any] | None = None

    def install(self) -> None:
        if self._installed:
            return
        self._start, self._submit = threading.Thread.start, ThreadPoolExecutor.submit
        start, submit, carrier = self._start, self._submit, self

        @functools.wraps(start)
        def start_carrying(self: threading.Thread) -> None:
            carried = carrier._carry()
            if carried is not None:
                self.run = _within(carried, self.run)
            start(self)

        @functools.wraps(submit)
        def submit_carrying(pool: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            carried = carrier._carry()
            return submit(pool, fn if carried is None else _within(carried, fn), *args, **kwargs)

        threading.Thread.start = start_carrying
        ThreadPoolExecutor.submit = submit_carrying
        self._installed = (start_carrying, submit_carrying)

    def remove(self) -> None:
        """Put back what was there, unless somebody has patched on top: then ours stays under theirs and carries nothing."""
        if not self._installed:
            return
        start, submit = self._installed
        self._installed = None
        self._carry = lambda: None
        if threading.Thread.start is start:
            threading.Thread.start = self._start
        if ThreadPoolExecutor.submit is submit:
            ThreadPoolExecutor.submit = self._submit


def _within(carried: AbstractContextManager[object], run: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(run)
    def run_within(*args: Any, **kwargs: Any) -> Any:
        with carried:
            return run(*args, **kwargs)

    return run_within
