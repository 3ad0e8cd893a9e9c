"""A notebook that was saved before the App's module was deflated opens, and goes on beside the views of today."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import SETUP
from driver import START_MS, WINDOW
from lab import Lab
from playwright.sync_api import Browser, Page, expect
from saved_file import FIRST, Reopened, kinds, save

NAME = "saved-before-the-loader.ipynb"
FIXTURE = Path(__file__).parents[1] / "fixtures" / NAME


@pytest.fixture
def older(browser: Browser, tmp_path: Path, shot: Callable[[Page, str], None]) -> Iterator[Reopened]:
    lab = Lab(tmp_path / "notebooks")
    lab.directory.mkdir()
    shutil.copy(FIXTURE, lab.directory)
    trust = [sys.executable, "-m", "jupyter", "trust", NAME]
    subprocess.run(trust, cwd=lab.directory, env=lab.environment(), check=True, capture_output=True)
    try:
        lab.start()
        notebook = Reopened(browser.new_page(viewport=WINDOW), lab, NAME)
        yield notebook
        shot(notebook.page, "end")
        notebook.page.close()
        assert notebook.heard.errors == []
    finally:
        lab.stop()


def row_heights(notebook: Reopened, index: int) -> set[float]:
    boxes = [row.bounding_box() for row in notebook.rows(index).all()]
    return {box["height"] for box in boxes if box is not None}


def test_its_views_show_and_stay_as_they_are_beside_one_of_today(older: Reopened, shot: Callable[[Page, str], None]) -> None:
    expect(older.grid(0)).to_be_visible(timeout=START_MS)
    expect(older.rows(1)).to_have_count(2)
    older.rows(1).nth(1).click()
    expect(older.cell(1).get_by_role("region").last).to_contain_text("REPLY-TWO")
    expect(older.row(2, "AGENT-THREE")).to_be_visible()
    expect(older.rows(2)).to_have_count(15)
    shot(older.page, "opened")
    heights = row_heights(older, 2)
    older.ready()
    older.page.evaluate(
        """([name, source]) => {
            const app = window.jupyterapp;
            const model = [...app.shell.widgets('main')].find(widget => widget.context?.path === name).content.model;
            model.sharedModel.insertCell(0, {cell_type: 'code', source, metadata: {trusted: true}});
        }""",
        [NAME, f"{SETUP}\n%llmtrace on\n{FIRST}"],
    )
    older.run(0)
    expect(older.rows(0)).to_have_count(1)
    assert row_heights(older, 0) == row_heights(older, 3) == heights
    saved = kinds(save(older))
    assert (saved.count("TraceView"), saved.count("App")) == (4, 2)
