"""Listeners for the recorders of tests."""

from __future__ import annotations

from ipy_llmtrace.recorder import Change, Listener


class Said(Listener):
    """Keeps the lines for the user, in ``said`` if that is given; holds no span."""

    def __init__(self, said: list[str] | None = None) -> None:
        self.said: list[str] = [] if said is None else said

    def say(self, line: str) -> None:
        self.said.append(line)


class Recorded(Said):
    """Keeps the changes, too."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[Change] = []

    def take(self, change: Change) -> None:
        self.changes.append(change)
