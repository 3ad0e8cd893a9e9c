"""The border that keeps our failures out of the user's calls."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from .redaction.redactor import Redactor
from .render.format import one_line

MAX_ERROR_CHARS = 300
"""How much of an error is said."""

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

    def say(self, line: str) -> None:
        """Show the user one line."""
        self._say(line)

    def report(self, hook: str, error: BaseException) -> None:
        """Say that ``hook`` failed, unless a failure has been said before."""
        with self._lock:
            if self._said:
                return
            self._said = True
        # Where it cannot be said, nothing is: this may be within the user's call.
        with contextlib.suppress(Exception):
            self._say(
                f"llmtrace: {hook} failed ({error_text(error)}); your calls are not affected, "
                "the trace may be incomplete. Switch off with %llmtrace off"
            )

    def __call__(self, hook: Callable[P, R]) -> Callable[P, R | None]:
        """Wrap ``hook``: same arguments; ``None`` when it fails."""

        # Without functools.wraps: it takes longer than many a hook.
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | None:
            try:
                return hook(*args, **kwargs)
            except Exception as error:  # the border: nothing of ours may reach the user's call
                self.report(hook.__qualname__, error)
                return None

        return guarded


def say(line: str) -> None:
    """Print one line for the user. It may quote what failed, and the notebook keeps it: secrets are left out."""
    print(Redactor.of_process().text(line), file=sys.stderr)


def error_text(error: BaseException) -> str:
    """An error on one line, without what it may quote: a secret, or what a terminal would obey."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # its own __str__ fails
        text = type(error).__name__
    return one_line(Redactor(os.environ).text(text), MAX_ERROR_CHARS)
