"""``%%llmtrace``: tracing for the running cell only."""

from __future__ import annotations

from typing import Protocol

from ..options import Options


class TracingSwitch(Protocol):
    """Switches tracing, as `ipy_llmtrace.session.Session` does."""

    @property
    def options(self) -> Options | None:
        """How cells are traced; ``None`` while they are not."""
        ...

    def switch_on(self, options: Options, *, within_cell: bool = True) -> None: ...

    def switch_off(self) -> None: ...


class OneCell:
    """Traces one cell, and leaves everything as it was before.

    Attributes
    ----------
    active
        Whether the running cell, or one whose calls still run, is traced by itself.
    """

    def __init__(self, switch: TracingSwitch) -> None:
        self.active = False
        self._switch = switch
        self._before: Options | None = None

    def begin(self, options: Options) -> None:
        """Trace the running cell with ``options``."""
        before = self._before if self.active else self._switch.options
        self._switch.switch_on(options)
        self.active, self._before = True, before

    def end(self) -> None:
        """Trace as before the cell."""
        before = self._before
        self._switch.switch_off()
        if before is not None:
            self._switch.switch_on(before, within_cell=False)

    def forget(self) -> None:
        """Tracing was switched on or off for all cells: there is nothing to go back to."""
        self.active, self._before = False, None
