"""When a store that has failed is tried again."""

from __future__ import annotations

from ...clock import monotonic

RETRY_S = (1.0, 2.0, 4.0, 8.0, 15.0)
"""How long after each failure in a row the store is tried again; the last repeats."""

GIVE_UP_FAILURES = 3
"""A flush and the end of a process try so often: two processes that begin with a new database at the same time get in each
other's way once."""

GIVE_UP_S = 10.0
"""... and no longer than this after the first of them."""


class Retries:
    """The failures of one store in a row.

    Attributes
    ----------
    reason
        Why it has failed last; ``None`` once it works.
    number
        How often it has failed in a row.
    at
        When it is to be tried again: monotonic, in seconds.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self.number = 0
        self.at = 0.0
        self._first_at = 0.0

    @property
    def given_up(self) -> bool:
        """Whether it has failed so often, or for so long, that nobody should wait for it."""
        too_long = self.number > 0 and monotonic() - self._first_at > GIVE_UP_S
        return self.number >= GIVE_UP_FAILURES or too_long

    def failed(self, reason: str) -> tuple[float, bool]:
        """It has failed: how many seconds to wait, and whether ``reason`` is another than the last time."""
        is_new = self.reason != reason
        wait_s = RETRY_S[min(self.number, len(RETRY_S) - 1)]
        now = monotonic()
        if self.number == 0:
            self._first_at = now
        self.reason, self.number, self.at = reason, self.number + 1, now + wait_s
        return wait_s, is_new

    def worked(self) -> bool:
        """It works: whether it had failed before."""
        had_failed, self.reason, self.number = self.reason is not None, None, 0
        return had_failed

    def at_once(self) -> None:
        """Somebody waits for it: try it now, and count from the beginning."""
        self.at, self.number = 0.0, 0
