"""The border that keeps our failures out of the user's calls."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ParamSpec, TypeVar

from .redaction.redactor import Redactor
from .render.format import one_line

MAX_ERROR_CHARS = 300
"""How much of an error is said."""

MAX_KINDS = 100
"""How many kinds of failure are told apart."""

_PACKAGE = os.path.dirname(__file__) + os.sep

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Failure:
    """Failures of one kind. ``error`` is the first, on one line."""

    hook: str
    error: str
    count: int = 1

    def __str__(self) -> str:
        times = "once" if self.count == 1 else f"{self.count:,} times"
        return f"{self.hook} {times} ({self.error})"


class Guard:
    """Catches what a hook of ours raises, says each kind of failure once, and counts. A kind is where it failed and the type of
    the exception.

    Parameters
    ----------
    say
        Takes one line for the user.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._failures: dict[tuple[str, str, str], Failure] = {}
        self._said: set[tuple[str, str, str]] = set()
        # A finaliser of ours may fail in the middle of a report.
        self._lock = threading.RLock()

    def say(self, line: str) -> None:
        """Show the user one line."""
        self._say(line)

    def failures(self) -> list[Failure]:
        """What has failed, in the order of the first of each kind."""
        with self._lock:
            return [replace(failure) for failure in self._failures.values()]

    def say_again(self) -> None:
        """Say each kind once more: tracing is switched on anew."""
        with self._lock:
            self._said.clear()

    def report(self, hook: str, error: BaseException) -> None:
        """Count a failure of ``hook``, and say it if it is the first of its kind. Does not raise."""
        # Where it cannot be said, nothing is: this may be within the user's call.
        with contextlib.suppress(Exception):
            kind = (hook, type(error).__qualname__, _place(error))
            with self._lock:
                if len(self._failures) >= MAX_KINDS and kind not in self._failures:
                    kind = ("others", "", "")
                known = self._failures.get(kind)
                if known is not None:
                    known.count += 1
                else:
                    known = self._failures[kind] = Failure(kind[0], error_text(error))
                if kind in self._said:
                    return
                self._said.add(kind)
            self._say(
                f"llmtrace: {known.hook} failed ({known.error}); your calls are not affected, the trace may be incomplete. "
                "Switch off with %llmtrace off"
            )

    def __call__(self, hook: Callable[P, R]) -> Callable[P, R | None]:
        """Wrap ``hook``: same arguments; ``None`` when it fails."""

        # Without functools.wraps: it takes longer than many a hook.
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | None:
            try:
                return hook(*args, **kwargs)
            except Exception as error:  # the border: nothing of ours may reach the user's call
                self.report(getattr(hook, "__qualname__", type(hook).__name__), error)
                return None

        return guarded


def say(line: str) -> None:
    """Print one line for the user. It may quote what failed, and the notebook keeps it: secrets are left out."""
    print(Redactor.of_process().text(line), file=sys.stderr)


def _place(error: BaseException) -> str:
    """The innermost function of ours that ``error`` came through."""
    place = ""
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename.startswith(_PACKAGE):
            place = f"{code.co_filename}:{code.co_qualname}"
        traceback = traceback.tb_next
    return place


def error_text(error: BaseException) -> str:
    """An error on one line, without what it may quote: a secret, or what a terminal would obey."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # its own __str__ fails
        text = type(error).__name__
    return one_line(Redactor(os.environ).text(text), MAX_ERROR_CHARS)
