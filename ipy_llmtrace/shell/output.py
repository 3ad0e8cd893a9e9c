"""The output of the cell that runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ShellOutput:
    """Publishes what a shell displays.

    Parameters
    ----------
    shell
        The ``InteractiveShell``.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    @property
    def has_widgets(self) -> bool:
        """Whether the shell is a kernel's: a terminal shows text only."""
        return hasattr(self._shell, "kernel")

    def publish(self, data: Mapping[str, Any], *, display_id: str | None = None, update: bool = False) -> None:
        """Display ``data``, a MIME bundle, or update what was displayed with the same ``display_id``."""
        transient = {} if display_id is None else {"display_id": display_id}
        # Asked for each time: `on` may run in a cell whose output is captured.
        self._shell.display_pub.publish(dict(data), {}, transient=transient, update=update)
