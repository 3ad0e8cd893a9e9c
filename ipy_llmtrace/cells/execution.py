"""The running code of a cell: its context, and the task that awaits it."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import Any, TypeVar

from ..recorder.code_identity import current_task

T = TypeVar("T")


class Execution:
    """The context and the task of the caller, which is about to run a cell."""

    def __init__(self) -> None:
        self._context = contextvars.copy_context()
        self._task = current_task()

    @property
    def interrupting(self) -> bool:
        """Whether the cell's own task is being cancelled; nothing but an interrupt does that."""
        task = self._task() if self._task is not None else None
        return task is not None and task.cancelling() > 0

    def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Call ``function`` in the cell's context, so that what it displays is the cell's output."""
        return self._context.copy().run(function, *args, **kwargs)
