"""Carries what a cell's code has in its context (the cell, the active span) into the threads it starts.

Python gives a new thread an empty context, so a call made there would lose its parent span and its cell. Only these two are
carried, not the whole context: other libraries' context variables keep Python's rule. Where something cannot be carried, the
thread runs without it; nothing here touches the thread object, whose class may compute or protect what it has.

Python internals relied on: ``threading.Thread._bootstrap_inner``, which runs in the new thread, and, from Python 3.14 on,
``Thread._context``, the context that it calls ``run`` in.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

from ..guard import Guard
from .patches import Patches

_THREADS_HAVE_CONTEXTS = sys.version_info >= (3, 14)

Carry = Callable[[], AbstractContextManager[object] | None]


class Carried:
    """A context to be in, which fails neither when it is entered nor when it is left.

    Parameters
    ----------
    context
        The context manager, to be entered once.
    thread_context
        The context variables it is for, where these are not the caller's.
    """

    def __init__(self, context: AbstractContextManager[object], guard: Guard) -> None:
        self._context = context
        self._guard = guard
        self._within: Callable[..., Any] = _call
        self._entered = False

    def __enter__(self) -> None:
        try:
            self._within(self._context.__enter__)
            self._entered = True
        except Exception as error:  # the border: the user's code runs in here
            self._guard.report("ThreadCarrier", error)

    def __exit__(self, *error: object) -> None:
        if self._entered:
            self._guard(self._within)(self._context.__exit__, None, None, None)

    def of(self, thread: threading.Thread) -> Carried:
        """For the context variables that a thread's ``run`` will have."""
        own = object.__getattribute__(thread, "__dict__").get("_context") if _THREADS_HAVE_CONTEXTS else None
        if isinstance(own, contextvars.Context):
            self._within = own.run
        return self


class ThreadCarrier:
    """Patches ``Thread.start`` and ``ThreadPoolExecutor.submit`` until `remove`.

    Parameters
    ----------
    carry
        Called in the starting thread; returns a context manager to enter in the started one, or ``None`` when there is
        nothing to carry. It does not raise.
    guard
        Takes what fails in a started thread.
    """

    def __init__(self, carry: Carry, guard: Guard) -> None:
        self._carry = carry
        self._guard = guard
        self._patches = Patches()
        self._on = False
        # By the id of a thread that is being started: a thread object of the user's may not be hashable.
        self._starting: dict[int, Carried] = {}

    def install(self) -> None:
        self._on = True
        with contextlib.suppress(AttributeError):  # in a Python without it, threads carry nothing
            self._patches.replace(threading.Thread, "_bootstrap_inner", self._run)
            self._patches.replace(threading.Thread, "start", self._start)
        self._patches.replace(ThreadPoolExecutor, "submit", self._submit)

    def remove(self) -> None:
        self._on = False
        self._patches.restore()

    def _now(self) -> Carried | None:
        found = self._carry() if self._on else None
        return None if found is None else Carried(found, self._guard)

    def _note(self, thread: threading.Thread) -> None:
        carried = self._now()
        if carried is not None:
            self._starting[id(thread)] = carried

    def _taken(self, thread: threading.Thread) -> Carried | None:
        carried = self._starting.pop(id(thread), None)
        return None if carried is None else carried.of(thread)

    def _start(self, original: Any) -> Any:
        @functools.wraps(original)
        def start(thread: threading.Thread) -> None:
            self._guard(self._note)(thread)
            try:
                original(thread)
            except BaseException:
                self._starting.pop(id(thread), None)
                raise

        return start

    def _run(self, original: Any) -> Any:
        @functools.wraps(original)
        def _bootstrap_inner(thread: threading.Thread) -> None:
            with self._guard(self._taken)(thread) or contextlib.nullcontext():
                original(thread)

        return _bootstrap_inner

    def _submit(self, original: Any) -> Any:
        @functools.wraps(original)
        def submit(pool: ThreadPoolExecutor, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            carried = self._guard(self._now)()
            return original(pool, function if carried is None else _within(carried, function), *args, **kwargs)

        return submit


def _within(carried: Carried, run: Callable[..., Any]) -> Callable[..., Any]:
    # Without functools.wraps, which would be most of what it costs to start a thread's work.
    def run_within(*args: Any, **kwargs: Any) -> Any:
        with carried:
            return run(*args, **kwargs)

    return run_within


def _call(function: Callable[..., Any], *args: Any) -> Any:
    return function(*args)
