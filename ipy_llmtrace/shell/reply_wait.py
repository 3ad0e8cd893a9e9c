"""Where no browser is attached, a cell's reply waits a moment for what the cell has left running.

nbclient and papermill keep nothing that is sent after the last cell, and the kernel ends then.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any, Protocol

from ..clock import monotonic
from ..guard import Guard

WAIT_S = 1.0
"""How long a cell's reply waits at most for calls to end."""

BEGIN_S = 1.0
"""How long at most for the first call of a task or thread to begin."""

_POLL_S = 0.02


class CallWaiter(Protocol):
    """Waits for calls, as `ipy_llmtrace.shell.cell_events.CellEvents` does."""

    async def wait_for_calls(self, left_tasks: bool) -> None:
        """A cell has run. ``left_tasks``: it has left tasks or threads behind, whose calls may not have begun."""
        ...


class ReplyWait:
    """Makes an ipykernel wait for a cell's calls after each cell, in the cell's own request, until `remove`.

    Parameters
    ----------
    kernel
        The kernel, or ``None`` in a terminal.
    waiter
        Waits.
    guard
        Takes what ``waiter`` raises.
    """

    def __init__(self, kernel: Any, waiter: CallWaiter, guard: Guard) -> None:
        self._kernel = kernel
        self._waiter = waiter
        self._guard = guard
        self._installed: Any = None

    @property
    def installed(self) -> bool:
        return self._installed is not None

    def install(self) -> None:
        original = getattr(self._kernel, "do_execute", None)
        if original is None:
            return

        @functools.wraps(original)
        async def do_execute(*args: Any, **kwargs: Any) -> Any:
            before = _running()
            reply = original(*args, **kwargs)
            reply = await reply if inspect.isawaitable(reply) else reply
            try:
                await self._waiter.wait_for_calls(bool(_running() - before))
            except Exception as error:  # the reply is the user's
                self._guard.report("waiting for pending calls", error)
            return reply

        self._installed = self._kernel.do_execute = do_execute

    def remove(self) -> None:
        if self._installed is not None and vars(self._kernel).get("do_execute") is self._installed:
            del self._kernel.do_execute
        self._installed = None


def _running() -> set[object]:
    return {*asyncio.all_tasks(), *threading.enumerate()}


async def until(condition: Callable[[], bool], at_most_s: float) -> None:
    """Return when ``condition`` holds, or after ``at_most_s``; the event loop runs meanwhile."""
    end = monotonic() + at_most_s
    while not condition() and monotonic() < end:
        await asyncio.sleep(_POLL_S)
