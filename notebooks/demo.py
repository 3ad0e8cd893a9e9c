"""``make demo``: the quickstart in JupyterLab, or executed here where there is no display.

Either way on a copy in ``notebooks/out``, so that the traces that MLflow keeps beside a notebook (``mlflow.db``) are there,
too, and the notebooks in git stay without outputs.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from ipy_llmtrace.convert import StaticTraces
from ipy_llmtrace.views.cell_view import WIDGET_MIME

NOTEBOOKS = Path(__file__).parent


def main() -> int:
    """The exit code: 0 unless a cell failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", nargs="?", type=Path, default=NOTEBOOKS / "quickstart.ipynb")
    parser.add_argument("--out", type=Path, default=NOTEBOOKS / "out", help="where the copy goes (default notebooks/out)")
    options = parser.parse_args()
    copy = options.out.resolve() / options.notebook.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(options.notebook, copy)
    if has_display():
        open_lab(copy)
    return execute(copy)


def has_display() -> bool:
    """Whether somebody can look at a browser here."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        return False
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def open_lab(notebook: Path) -> None:
    """Become a JupyterLab server that opens ``notebook`` in the browser; does not return."""
    port, token = free_port(), secrets.token_hex(16)
    print(f"JupyterLab: http://127.0.0.1:{port}/lab/tree/{notebook.name}?token={token}", "(Ctrl+C ends it)", flush=True)
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,  # on another port the line above would not be true
        "ServerApp.root_dir": notebook.parent,
        "ServerApp.allow_root": True,  # in a container one is root
        "IdentityProvider.token": token,
        "Application.log_level": "WARN",
    }
    flags = [f"--{name}={value}" for name, value in settings.items()]
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", str(notebook), *flags])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def execute(path: Path) -> int:
    """Run the notebook at ``path`` in place, write it as ``.html`` beside it, and print each cell's trace as text.

    Returns the exit code: 1 if a cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        allow_errors=True,  # the cells after a failed one and both files are wanted, too
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    # A new store takes longer to make than Jupyter gives a kernel to end.
    notebook.cells.append(nbformat.v4.new_code_cell("%llmtrace flush"))
    client.execute()
    notebook.cells.pop()
    nbformat.write(notebook, path)
    page, _ = HTMLExporter(preprocessors=[StaticTraces]).from_notebook_node(notebook)
    path.with_suffix(".html").write_text(page, "utf-8")
    failed = [report(cell) for cell in notebook.cells if cell.cell_type == "code"].count(True)
    print(f"Written: {path} and {path.with_suffix('.html').name}")
    print(f"Jupyter shows the live views of a file that was executed elsewhere after: jupyter trust {path}")
    if failed:
        print(f"{failed} cells failed", file=sys.stderr)
    return 1 if failed else 0


def report(cell: nbformat.NotebookNode) -> bool:
    """Print a code cell's traces, and its error; whether it failed."""
    failed = False
    for output in cell.outputs:
        if WIDGET_MIME in output.get("data", {}):
            print(output.data["text/plain"], end="\n\n")
        elif output.output_type == "error":
            failed = True
            print(f"In [{cell.execution_count}] failed: {output.ename}: {output.evalue}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main())
