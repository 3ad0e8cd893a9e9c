"""When to look again for links that a settled cell's view lacks: only the store can say the id of an experiment."""

from __future__ import annotations

from ..clock import monotonic

FIRST_WAIT_S, MAX_WAIT_S = 1.0, 30.0
"""Seconds after a cell has settled until its missing links are looked for; each next wait is twice as long, up to a limit."""


class LinkUpdates:
    """The next time to look."""

    def __init__(self) -> None:
        self._wait_s = FIRST_WAIT_S
        self._at = 0.0

    def settled(self) -> None:
        """A cell settled just now: its store may know more soon."""
        self._wait_s, self._at = FIRST_WAIT_S, monotonic() + FIRST_WAIT_S

    @property
    def due_s(self) -> float:
        """Seconds until it is time."""
        return max(0.0, self._at - monotonic())

    def looked(self) -> None:
        """Links were looked for just now."""
        self._wait_s = min(2 * self._wait_s, MAX_WAIT_S)
        self._at = monotonic() + self._wait_s
