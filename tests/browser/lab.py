"""A real JupyterLab on a free port of 127.0.0.1, and a notebook in it, driven in the system's Chromium as a person would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium, headless."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "the browser tests need Chromium: tests/browser/install-chromium.sh"
    browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
    try:
        yield browser
    finally:
        browser.close()


class Lab:
    """A JupyterLab server on ``directory``; its kernels see the demo server's environment."""

    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        self.directory = directory
        self.url = ""
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        home = self.directory / ".home"
        home.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--ServerApp.port=0", "--ServerApp.ip=127.0.0.1", "--no-browser"]
            + ["--allow-root", "--IdentityProvider.token=test", f"--ServerApp.root_dir={self.directory}"]
            + ["--ServerApp.port_retries=50", "--LabApp.extension_manager=readonly", "--LabApp.news_url=None"],
            env={**os.environ, **self._environment, "JUPYTER_RUNTIME_DIR": str(home), "IPYTHONDIR": str(home / "ipython")}
            | {"JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data")},
            stdout=subprocess.DEVNULL,
            stderr=(self.directory / "lab.log").open("wb"),
        )
        info = _until(lambda: next(iter(home.glob("jpserver-*.json")), None), "JupyterLab writes where it listens")
        self.url = json.loads(info.read_text())["url"]
        _until(lambda: self._answers(), "JupyterLab answers")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def write(self, name: str, cells: list[str]) -> None:
        """A notebook without outputs."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.directory / name)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}api/status?token=test", timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False


class Notebook:
    """A notebook open in JupyterLab."""

    def __init__(self, page: Page, lab: Lab, name: str) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{lab.url}lab/tree/{name}?token=test&reset")
        expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=60_000)
        self._idle()

    def cell(self, index: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def start(self, index: int) -> None:
        """Run a cell; returns while it runs."""
        self.cell(index).locator(".jp-InputArea-editor").click()
        self.page.keyboard.press("Control+Enter")

    def run(self, index: int) -> None:
        """Run a cell to its end."""
        self.start(index)
        self.finished(index)

    def finished(self, index: int) -> None:
        expect(self.cell(index).locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"), timeout=60_000)
        self._idle()

    def grid(self, index: int) -> Locator:
        """The treegrid of the cell's trace."""
        return self.cell(index).get_by_role("treegrid", name=re.compile(r"^LLM trace, cell \["))

    def theme(self, name: str) -> None:
        """Switch to a theme, ``JupyterLab Dark`` say, by JupyterLab's own settings."""
        self.page.evaluate(
            """async name => {
                const app = window.jupyterapp ?? window.jupyterlab;
                await app.commands.execute('apputils:change-theme', {theme: name});
            }""",
            name,
        )

    def _idle(self) -> None:
        expect(self.page.locator(".jp-NotebookPanel .jp-Notebook-ExecutionIndicator")).to_have_attribute(
            "data-status", "idle", timeout=60_000
        )


def _until(found: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")
