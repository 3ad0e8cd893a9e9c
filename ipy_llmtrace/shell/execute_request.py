"""What IPython and the front-end's request say of the cell that runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class ExecuteRequest:
    """The requests to run cells, in one shell.

    Parameters
    ----------
    shell
        The ``InteractiveShell``.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._count_ahead = 0
        self.front_end_seen: bool = False
        """Whether a front-end that a person looks at has shown itself."""

    @property
    def execution_count(self) -> int:
        """The number of the cell that runs, or is about to."""
        return self._shell.execution_count - self._count_ahead

    def counted(self, told: int, true: int) -> None:
        """A cell has got the number ``true`` that was ``told`` to have another: some versions of IPython count on before a
        cell runs, others after."""
        self._count_ahead += told - true

    @property
    def cell_id(self) -> str | None:
        """The notebook's id of the running cell; ``None`` where the front-end sends none."""
        return self._parent().get("metadata", {}).get("cellId")

    @property
    def source(self) -> str:
        """The running cell's code."""
        return self._parent().get("content", {}).get("code") or self._shell.history_manager.input_hist_raw[-1]

    def note_front_end(self) -> None:
        """JupyterLab and Notebook say which cells were deleted, VS Code names its cells; a headless runner does neither."""
        metadata = self._parent().get("metadata", {})
        if "deletedCells" in metadata or str(metadata.get("cellId", "")).startswith("vscode"):
            self.front_end_seen = True

    def _parent(self) -> dict[str, Any]:
        kernel = getattr(self._shell, "kernel", None)
        parent: Callable[..., Any] | None = getattr(kernel, "get_parent", None)
        return (parent("shell") if parent is not None else None) or {}
