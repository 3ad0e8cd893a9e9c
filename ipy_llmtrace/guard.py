"""The border that keeps our failures out of the user's calls."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Guard:
    """Catches what a hook of ours raises, and says it once.

    Parameters
    ----------
    say
        Takes one line for the user.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said = False
        self._lock = threading.Lock()

    def report(self, hook: str, error: BaseException) -> None:
        """Say that ``hook`` failed, unless a failure has been said before."""
        with self._lock:
            if self._said:
                return
            self._said = True
        self._say(
            f"llmtrace: {hook} failed ({type(error).__name__}: {error}); your calls are not affected, "
            "the trace may be incomplete. Switch off with %llmtrace off"
        )

    def __call__(self, hook: Callable[P, R]) -> Callable[P, R | None]:
        """Wrap ``hook``: same arguments; ``None`` when it fails."""

        @functools.wraps(hook)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | None:
            try:
                return hook(*args, **kwargs)
            except Exception as error:  # the border: nothing of ours may reach the user's call
                self.report(hook.__qualname__, error)
                return None

        return guarded
