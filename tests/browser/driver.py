"""A notebook open in JupyterLab, driven as a person would; what shows a trace is found by role and accessible name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lab import TOKEN, Lab
from playwright.sync_api import Dialog, Locator, Page, Request, ViewportSize, expect

WINDOW: ViewportSize = {"width": 1500, "height": 950}
"""Wide enough for a view beside the output, with the file browser open."""

START_MS = 60_000
"""How long a page, a kernel or the first imports may take on a slow machine."""

_PANEL = """name => {
    const app = window.jupyterapp;
    return [...app.shell.widgets('main')].find(widget => widget.context?.path === name);
}"""


@dataclass
class Heard:
    """What the page did that nobody should notice."""

    errors: list[str] = field(default_factory=list[str])
    console: list[str] = field(default_factory=list[str])
    dialogs: list[str] = field(default_factory=list[str])
    foreign_requests: list[str] = field(default_factory=list[str])


class Notebook:
    """A notebook that is open in ``page``. Cells are numbered from 0, as they stand in it. ``route`` is where the server has
    the application: ``lab/tree`` is JupyterLab, ``notebooks`` Notebook 7."""

    def __init__(self, page: Page, lab: Lab, name: str, route: str = "lab/tree") -> None:
        self.page = page
        self.lab = lab
        self.name = name
        self.heard = Heard()
        self.known_errors: set[str] = set()
        """What JupyterLab says in the console without us."""
        self._listen()
        lab.write(name)
        page.goto(f"{lab.url}{route}/{name}?token={TOKEN}&reset")
        self.ready()

    def ready(self) -> None:
        """Returns when the kernel waits for code."""
        self.page.wait_for_function(
            f"""name => {{
                const session = window.jupyterapp && ({_PANEL})(name)?.sessionContext;
                return session?.isReady && session.session?.kernel?.status === 'idle';
            }}""",
            arg=self.name,
            timeout=START_MS,
        )

    def write(self, *sources: str) -> None:
        """Put these code cells in the place of all others."""
        self.page.evaluate(
            f"""([name, sources]) => {{
                const model = ({_PANEL})(name).content.model.sharedModel;
                model.transact(() => {{
                    model.deleteCellRange(0, model.cells.length);
                    model.insertCells(0, sources.map(source => ({{cell_type: 'code', source, metadata: {{trusted: true}}}})));
                }});
            }}""",
            [self.name, sources],
        )
        expect(self.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(sources))

    def cell(self, index: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)

    def editor(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-InputArea-editor").get_by_role("textbox")

    def prompt(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-InputPrompt")

    def output(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-Cell-outputArea")

    def start(self, index: int) -> None:
        """Run a cell; returns while it runs."""
        self.editor(index).click()
        expect(self.editor(index)).to_be_focused()
        self.page.keyboard.press("Control+Enter")

    def run(self, index: int) -> None:
        """Run a cell to its end."""
        self.start(index)
        self.finished(index)

    def running(self, index: int) -> None:
        """Holds only while the cell runs."""
        assert self.prompt(index).inner_text() == "[*]:"

    def finished(self, index: int) -> None:
        expect(self.prompt(index)).to_have_text(re.compile(r"\[\d+\]:"), timeout=START_MS)

    # -- the trace of a cell ------------------------------------------------------------------------------------------

    def grid(self, index: int) -> Locator:
        return self.cell(index).get_by_role("treegrid", name=re.compile(r"^LLM trace, cell \[\d+\]$"))

    def rows(self, index: int) -> Locator:
        """The rows of spans, without the row of column headers."""
        return self.grid(index).get_by_role("row").and_(self.page.locator("[data-span-id]"))

    def row(self, index: int, name: str) -> Locator:
        """The row of the span with this name."""
        return self.rows(index).filter(has=self.page.get_by_title(name, exact=True))

    def details(self, index: int, name: str) -> Locator:
        """The region with the details of the span of this name."""
        return self.cell(index).get_by_role("region", name=name, exact=True)

    def view(self, index: int) -> Locator:
        """All of the view, as far as Jupyter's own keys are quiet in it."""
        return self.cell(index).locator("[data-lm-suppress-shortcuts=true]").filter(has=self.page.get_by_role("treegrid"))

    # -- the page -----------------------------------------------------------------------------------------------------

    def execute(self, command: str, **arguments: Any) -> None:
        """One of JupyterLab's own commands."""
        self.page.evaluate(
            "([command, given]) => window.jupyterapp.commands.execute(command, given).then(() => null)", [command, arguments]
        )

    def theme(self, name: str) -> None:
        """Switch to a theme, ``JupyterLab Dark`` say."""
        self.execute("apputils:change-theme", theme=name)
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", name)

    def interrupt(self) -> None:
        """Interrupt the kernel if it runs a cell, and wait until it does not."""
        running = self.page.locator(".jp-InputPrompt", has_text="[*]:")
        if running.count():
            self.execute("notebook:interrupt-kernel")
        # Not by the kernel's status: what a widget sends while a cell runs makes that idle.
        # A long traceback takes IPython seconds to write.
        expect(running).to_have_count(0, timeout=START_MS)

    def _listen(self) -> None:
        def error(error: Exception) -> None:
            self.heard.errors.append(str(error))

        def dialog(dialog: Dialog) -> None:
            # A page that is left with unsaved cells asks as well.
            if dialog.type != "beforeunload":
                self.heard.dialogs.append(dialog.message)
            dialog.accept()

        def request(request: Request) -> None:
            url = urlsplit(request.url)
            if url.scheme not in ("data", "blob") and url.netloc != urlsplit(self.lab.url).netloc:
                self.heard.foreign_requests.append(request.url)

        self.page.on("pageerror", error)
        self.page.on("dialog", dialog)
        self.page.on("request", request)
        self.page.on("console", lambda said: self.heard.console.append(said.text) if said.type == "error" else None)
