"""A real JupyterLab server on a free port of 127.0.0.1, with settings of its own and none of the person who runs the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

TOKEN = "test"

ANOTHER_HOST = "hub.example"
"""A name that the browser takes for this machine's."""

QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # Two saves at once, and JupyterLab takes the one for a change by somebody else: the other waits for an answer.
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
"""What would ask questions of the person, or others on the network."""

NOT_INHERITED = ("JUPYTER", "LLMTRACE", "MLFLOW", "OPENAI", "LITELLM")
"""Prefixes of environment variables that would lead the notebooks elsewhere."""

# No proxy of the environment reaches this machine's own address.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Lab:
    """A JupyterLab server on ``directory``, which is the directory of its notebooks and their kernels.

    Parameters
    ----------
    disabled_extensions
        Names of lab extensions that this server does not serve.
    options
        More of its command line.
    variables
        More of its and its kernels' environment.
    """

    def __init__(
        self,
        directory: Path,
        disabled_extensions: Sequence[str] = (),
        options: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self.url = ""
        self._home = directory.with_name(f"{directory.name}-home")
        self._disabled_extensions = disabled_extensions
        self._options = options
        self._variables = variables or {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        labconfig = self._home / "config" / "labconfig"
        labconfig.mkdir(parents=True, exist_ok=True)
        self.directory.mkdir(exist_ok=True)
        disabled = dict.fromkeys(self._disabled_extensions, True)
        (labconfig / "default_setting_overrides.json").write_text(json.dumps(QUIET))
        (labconfig / "page_config.json").write_text(json.dumps({"disabledExtensions": disabled}))
        with (self._home / "lab.log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                    *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={self.directory}"),
                    *(f"--IdentityProvider.token={TOKEN}", "--LabApp.extension_manager=readonly"),
                    *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
                    *self._options,
                ],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        # The file is there, and empty, before it is written.
        info = self._until(lambda: next((file.read_text() for file in self._home.glob("runtime/jpserver-*.json")), ""))
        self.url = json.loads(info)["url"]
        self._until(self._answers)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()  # JupyterLab ends its kernels first
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def write(self, name: str) -> None:
        """A notebook without cells."""
        notebook = nbformat.v4.new_notebook()
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.directory / name)

    def open_gate(self, name: str) -> None:
        """Let a cell go on that waits in ``gate(name)``."""
        (self.directory / f"{name}.gate").touch()

    def close_gates(self) -> None:
        for gate in self.directory.glob("*.gate"):
            gate.unlink()

    def environment(self) -> dict[str, str]:
        """The environment variables of the server and what it starts."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
        return inherited | {
            "LLMTRACE_SPOOL": str(self._home / "spool"),
            "JUPYTER_CONFIG_DIR": str(self._home / "config"),
            "JUPYTER_DATA_DIR": str(self._home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._home / "runtime"),
            "IPYTHONDIR": str(self._home / "ipython"),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            **self._variables,
        }

    def _answers(self) -> bool:
        try:
            with _opener.open(f"{self.url}api/status?token={TOKEN}", timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def _until(self, found: Callable[[], Any], seconds: float = 60) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process is not None and self._process.poll() is not None:
                break
            if value := found():
                return value
            time.sleep(0.1)
        raise AssertionError(f"JupyterLab did not start:\n{(self._home / 'lab.log').read_text()[-4000:]}")
