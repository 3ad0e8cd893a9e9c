"""A real kernel, one cell at a time, and what a notebook file would keep of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from ipy_llmtrace.views.cell_view import WIDGET_MIME

STATE_MIME = "application/vnd.jupyter.widget-state+json"
TRACE_MIMES = {WIDGET_MIME, "text/html", "text/plain"}


@dataclass(frozen=True)
class Ran:
    """A cell's outputs, and the number in its prompt."""

    outputs: list[Any]
    count: int | None = None

    def stream(self, name: str) -> str:
        return "".join(output.text for output in self.outputs if output.output_type == "stream" and output.name == name)

    @property
    def stdout(self) -> str:
        return self.stream("stdout")

    @property
    def stderr(self) -> str:
        return self.stream("stderr")

    @property
    def value(self) -> Any:
        """What the cell printed as JSON."""
        return json.loads(self.stdout)

    @property
    def result(self) -> str:
        """The text form of the cell's last value."""
        return next(output.data["text/plain"] for output in self.outputs if output.output_type == "execute_result")

    @property
    def error(self) -> str | None:
        """The name of the exception that ended the cell."""
        return next((output.ename for output in self.outputs if output.output_type == "error"), None)

    @property
    def views(self) -> list[dict[str, Any]]:
        """The MIME bundles of the live views."""
        return [output.data for output in self.outputs if WIDGET_MIME in output.get("data", {})]

    @property
    def tree(self) -> list[str]:
        """The lines of the only view's text form, the header first."""
        (view,) = self.views
        assert set(view) == TRACE_MIMES
        return str(view["text/plain"]).splitlines()


class Kernel:
    """A kernel that keeps running from cell to cell."""

    def __init__(self, client: NotebookClient) -> None:
        self._client = client

    def run(self, source: str, cell_id: str | None = None) -> Ran:
        """Execute a cell; ``cell_id`` names one that is executed again."""
        cell = nbformat.v4.new_code_cell(source)
        if cell_id is not None:
            cell["id"] = cell_id
        self._client.nb.cells.append(cell)
        self._client.execute_cell(cell, len(self._client.nb.cells) - 1)
        return Ran(cell.outputs, cell.execution_count)

    def file(self) -> str:
        """The notebook's file as it would be saved now."""
        self._client.set_widgets_metadata()
        return nbformat.writes(self._client.nb)

    def widgets(self) -> list[dict[str, Any]]:
        """The states of our widgets that the notebook's metadata would hold."""
        self._client.set_widgets_metadata()
        return our_widgets(self._client.nb)


def our_widgets(notebook: Any) -> list[dict[str, Any]]:
    """The states of our widgets in a notebook's metadata: one App, and a view a traced cell."""
    models = notebook.metadata.get("widgets", {}).get(STATE_MIME, {}).get("state", {}).values()
    return [model["state"] for model in models if model["model_name"] == "AnyModel"]


def carries_bundle(state: Mapping[str, Any]) -> bool:
    """Whether this is the state of the App, and not that of a view, whose module is a line."""
    return len(state.get("_esm", "")) > 10_000


@contextmanager
def kernel(directory: Path, environment: Mapping[str, str]) -> Iterator[Kernel]:
    """A kernel in ``directory`` with ``environment``; it inherits no variable of the tests."""
    client = NotebookClient(
        nbformat.v4.new_notebook(),
        timeout=120,
        kernel_name="python3",
        allow_errors=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(directory)}},
    )
    with client.setup_kernel(env=dict(environment)):
        yield Kernel(client)
