"""Which code it is that runs: the thread and the task."""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import Any


class Runner:
    """The thread and the task that made it."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.task = current_task()

    def has_left(self, leaving_thread: int) -> bool:
        """Whether it is the code that is leaving a span or a cell now, on ``leaving_thread``."""
        if self.thread != leaving_thread:
            return False
        task = self.task() if self.task is not None else None
        current = current_task()
        return task is None or task.done() or (current is not None and task is current())


def current_task() -> weakref.ref[asyncio.Task[Any]] | None:
    """The task that runs, if one does."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return None
    return None if task is None else weakref.ref(task)
