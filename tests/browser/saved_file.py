"""What a notebook file keeps of widgets, and notebooks that are opened again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from driver import Heard, Notebook
from lab import TOKEN, Lab
from playwright.sync_api import Page

STATE_MIME = "application/vnd.jupyter.widget-state+json"
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


FIRST = "print(litellm.completion(MODEL, ask('PROMPT-ONE echo:REPLY-ONE')).choices[0].message.content)"
SECOND = """\
@mlflow.trace(name='AGENT-TWO')
def agent():
    return litellm.completion(MODEL, ask('PROMPT-TWO echo:REPLY-TWO')).choices[0].message.content


print(agent())"""


class Reopened(Notebook):
    """A notebook that is there already."""

    def __init__(self, page: Page, lab: Lab, name: str, app: str = "lab/tree") -> None:
        self.page = page
        self.lab = lab
        self.name = name
        self.heard = Heard()
        self._listen()
        page.goto(f"{lab.url}{app}/{name}?token={TOKEN}" + ("&reset" if app == "lab/tree" else ""))


def save(notebook: Notebook) -> dict[str, Any]:
    """Save, and what is in the file then."""
    notebook.execute("docmanager:save")
    return json.loads(path_of(notebook).read_text())


def path_of(notebook: Notebook) -> Path:
    return notebook.lab.directory / notebook.name


def entries(file: dict[str, Any]) -> dict[str, Any]:
    """What the file keeps of widgets, by model id."""
    return file["metadata"].get("widgets", {}).get(STATE_MIME, {}).get("state", {})


def kinds(file: dict[str, Any]) -> list[str]:
    names = (entry["state"].get("_anywidget_id", entry["model_name"]) for entry in entries(file).values())
    return sorted(name.rpartition(".")[2] for name in names)


def views(file: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in entries(file).values() if entry["state"].get("_anywidget_id", "").endswith("TraceView")]


def put_cells(notebook: Notebook, *sources: str) -> None:
    """Write cells and run all of them."""
    notebook.write(*sources)
    for index in range(len(sources)):
        notebook.run(index)
