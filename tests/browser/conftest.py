"""One JupyterLab, one browser and one kernel for all of these tests; each test writes its own cells into the notebook."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driver import WINDOW, Heard, Notebook
from lab import ANOTHER_HOST, Lab
from playwright.sync_api import Browser, Page, expect, sync_playwright
from view_page import served

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "output" / "browser"

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {ANOTHER_HOST} 127.0.0.1",
]

SETUP = """\
%load_ext ipy_llmtrace
import json
import time
from pathlib import Path
from ipy_llmtrace import demo
MODEL = demo.setup()
import litellm
import mlflow
litellm.suppress_debug_info = True


def ask(text):
    return [{"role": "user", "content": text}]


def gate(name):
    while not Path(f"{name}.gate").exists():
        time.sleep(0.02)
"""
"""What every test's cells may use; ``gate`` waits for `Notebook.open_gate`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser tests come last: Playwright's event loop stays in the main thread, and others want one of their own."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "the browser tests need Chromium: tests/browser/install-chromium.sh"
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def view_url() -> Iterator[str]:
    """The address of the page that shows the view without a kernel."""
    with served() as url:
        yield url


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab") / "notebooks")
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


@pytest.fixture(scope="session")
def opened(browser: Browser, lab: Lab) -> Iterator[Notebook]:
    """The notebook that all tests share, its kernel ready."""
    page = browser.new_page(viewport=WINDOW)
    notebook = Notebook(page, lab, "trace.ipynb")
    notebook.write(SETUP)
    notebook.run(0)
    expect(notebook.output(0)).to_contain_text("demo server")
    notebook.known_errors.update(notebook.heard.console)
    yield notebook
    page.close()


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keeps a picture of the page under the test's output."""
    folder = OUTPUT / re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")
    shutil.rmtree(folder, ignore_errors=True)
    count = iter(range(1, 100))

    def take(page: Page, step: str) -> None:
        page.screenshot(path=folder / f"{next(count)}-{step}.png")

    return take


@pytest.fixture
def notebook(opened: Notebook, shot: Callable[[Page, str], None]) -> Iterator[Notebook]:
    """The shared notebook with tracing on. After the test: nothing on the page may have failed or gone elsewhere."""
    opened.heard = Heard()
    opened.lab.close_gates()
    opened.page.set_viewport_size(WINDOW)
    opened.write("%llmtrace on")
    opened.run(0)
    yield opened
    shot(opened.page, "end")
    opened.interrupt()
    opened.theme("JupyterLab Light")
    opened.heard.console = [text for text in opened.heard.console if text not in opened.known_errors]
    assert opened.heard == Heard()
