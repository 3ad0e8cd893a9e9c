"""The page that shows the view without a kernel (``js/dev``), for what needs no JupyterLab."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Locator, Page, expect

JS = Path(__file__).parents[2] / "js"

Host = Literal["jupyterlab", "vscode", "colab"]


@contextmanager
def served() -> Iterator[str]:
    """The page's address, on 127.0.0.1; it shows what ``js/dev/cases.ts`` names."""
    with subprocess.Popen(["node", "dev/serve.mjs"], cwd=JS, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.match(r"http://\S+", server.stdout.readline())
            assert found, "js/dev/serve.mjs serves"
            yield found[0]
        finally:
            server.terminate()


class ViewPage:
    """A page with the view of one case in it. ``errors`` is what the page threw or complained of.

    Parameters
    ----------
    theme
        ``light``, ``dark``, or for VS Code ``high-contrast``, ``high-contrast-light``.
    """

    def __init__(self, page: Page, url: str, host: Host = "jupyterlab", theme: str = "light") -> None:
        self.page = page
        self.host = host
        self.theme = theme
        self._url = url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def show(self, *cases: str) -> None:
        """Show these cases."""
        self.page.goto(f"{self._url}?show={','.join(cases)}&host={self.host}&theme={self.theme}")
        expect(self.views).to_have_count(len(cases))

    @property
    def views(self) -> Locator:
        return self.page.locator("section[data-lm-suppress-shortcuts=true]")

    @property
    def view(self) -> Locator:
        """The only one."""
        return self.views

    @property
    def grid(self) -> Locator:
        return self.page.get_by_role("treegrid")

    def row(self, name: str) -> Locator:
        return self.grid.get_by_role("row").filter(has=self.page.get_by_title(name, exact=True))

    def focus_first_row(self) -> None:
        self.grid.get_by_role("row").and_(self.page.locator("[tabindex='0']")).focus()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


@contextmanager
def opened(
    browser: Browser, url: str, host: Host = "jupyterlab", theme: str = "light", width_px: int = 1280, **options: Any
) -> Iterator[ViewPage]:
    """A page of this width, with Playwright's further options of a page. At its end nothing may have been thrown in it."""
    page = browser.new_page(viewport={"width": width_px, "height": 900}, **options)
    shown = ViewPage(page, url, host, theme)
    try:
        yield shown
        assert shown.errors == []
    finally:
        page.close()
