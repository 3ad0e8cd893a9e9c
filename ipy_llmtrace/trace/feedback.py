"""What people think of a trace, or of a span in it, beside the cell that made it."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from weakref import WeakMethod

Json = Any

NAME = "feedback"
"""What feedback is called that nobody gave another name; MLflow's own default."""


@dataclass(slots=True, frozen=True)
class Feedback:
    """One person's, or one program's, opinion.

    Parameters
    ----------
    trace_id, span_id
        MLflow's; ``span_id`` is ``None`` for the trace as a whole.
    name
        What it is about: one has one opinion of a name.
    value
        ``True`` or ``False`` for thumbs, a number, a text, or what else MLflow takes; ``None`` takes it back.
    by
        Who gives it.
    """

    trace_id: str
    span_id: str | None
    name: str
    value: Json
    comment: str | None = None
    by: str = ""

    @property
    def subject(self) -> tuple[str, str | None, str, str]:
        """What a newer one takes the place of."""
        return self.trace_id, self.span_id, self.name, self.by


class Given:
    """The feedback on the traces of one cell. Safe to use from several threads."""

    def __init__(self, known: Iterable[Feedback] = ()) -> None:
        self._found = {feedback.subject: feedback for feedback in known}
        self._listeners: list[WeakMethod[Callable[[], None]]] = []
        self._lock = threading.Lock()

    def all(self) -> list[Feedback]:
        with self._lock:
            return list(self._found.values())

    def put(self, feedback: Feedback) -> None:
        """Add feedback, or replace what the same person said before."""
        with self._lock:
            self._found.pop(feedback.subject, None)
            if feedback.value is not None:
                self._found[feedback.subject] = feedback
            listeners = [found for listener in self._listeners if (found := listener()) is not None]
        for listener in listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call a method after each change, for as long as its object lives."""
        with self._lock:
            self._listeners = [*(known for known in self._listeners if known() is not None), WeakMethod(listener)]


def user() -> str:
    """Who works here, as MLflow names them."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # no such user in this container
        return "default"
