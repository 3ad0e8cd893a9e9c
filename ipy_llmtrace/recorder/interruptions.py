"""Which exceptions are no failure of the user's code: an interrupt, a cancellation."""

from __future__ import annotations

import asyncio

from .listener import Listener

INTERRUPTED, CANCELLED = "interrupted", "cancelled"
"""Descriptions of spans that such an exception ended."""


class Interruptions:
    """Tells interrupts and cancellations from other exceptions.

    Parameters
    ----------
    listener
        Knows whether a cancellation comes from an interrupt: ipykernel cancels a cell that awaits.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def description(self, error: BaseException) -> str | None:
        """The description for a span that ``error`` ended; ``None`` if the error itself describes it."""
        if isinstance(error, KeyboardInterrupt):
            return INTERRUPTED
        if isinstance(error, asyncio.CancelledError):
            return INTERRUPTED if self._listener.interrupting() else CANCELLED
        return None
