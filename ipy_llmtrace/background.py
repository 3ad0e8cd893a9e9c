"""Threads of ours."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable


def in_background(run: Callable[[], object], name: str) -> threading.Thread:
    """Start ``run`` on a daemon thread, in an empty context: what the user's cell has in its own is not ours to carry."""
    thread = threading.Thread(target=run, name=name, daemon=True)
    contextvars.Context().run(thread.start)
    return thread
