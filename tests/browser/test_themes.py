"""Light and dark, and what axe-core says of both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from axe import violations
from driver import Notebook
from playwright.sync_api import Locator, Page, expect

Shot = Callable[[Page, str], None]

CELL = """\
@mlflow.trace(span_type="TOOL")
def look_up(city):
    raise LookupError("no such city")


with mlflow.start_span("root", span_type="AGENT"):
    litellm.completion(MODEL, [{"role": "system", "content": "Be brief. " * 40}, *ask("What is the capital of France?")])
    said = "# Head\\n\\n- **one**\\n- `two`\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |\\n\\n[link](https://example.com)"
    for text in litellm.completion(MODEL, ask("echo:" + said), stream=True): pass
    try: look_up("Atlantis")
    except LookupError: pass
print("the output")"""


@pytest.fixture(params=[pytest.param("JupyterLab Light", marks=pytest.mark.slow), "JupyterLab Dark"])
def themed(request: pytest.FixtureRequest, notebook: Notebook) -> Iterator[Notebook]:
    notebook.theme(request.param)
    notebook.write(CELL)
    notebook.run(0)
    expect(notebook.rows(0)).to_have_count(4)
    return notebook


def luminance(colour: str) -> float:
    """As WCAG 2 defines it, of ``rgb(r, g, b)``."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def colours(view: Locator) -> tuple[float, float]:
    """The luminance of the view's text and of its ground."""
    text, ground = view.evaluate("view => [getComputedStyle(view).color, getComputedStyle(view).backgroundColor]")
    return luminance(text), luminance(ground)


def test_the_view_follows_a_change_of_the_theme(notebook: Notebook, shot: Shot) -> None:
    notebook.write(CELL)
    notebook.run(0)
    text, ground = colours(notebook.view(0))
    assert (ground + 0.05) / (text + 0.05) > 7, "dark on light"
    shot(notebook.page, "light")
    notebook.theme("JupyterLab Dark")
    notebook.page.wait_for_function(
        "view => getComputedStyle(view).colorScheme === 'dark'", arg=notebook.view(0).element_handle()
    )
    text, ground = colours(notebook.view(0))
    assert (text + 0.05) / (ground + 0.05) > 7, "light on dark"
    shot(notebook.page, "dark")


def test_axe_finds_nothing_in_any_pane(themed: Notebook, shot: Shot) -> None:
    view = themed.view(0)
    found = {"grid": violations(view)}
    for row in themed.rows(0).all():
        row.click()
        for tab in view.get_by_role("tab").all():
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
            found[f"{row.get_attribute('aria-rowindex')} {tab.inner_text()}"] = violations(view)
            shot(themed.page, f"{row.get_attribute('aria-rowindex')}-{tab.inner_text().split()[0]}")
    found = {where: what for where, what in found.items() if what}
    assert not found, json.dumps(found, indent=1)


def test_axe_finds_nothing_while_a_cell_runs(notebook: Notebook) -> None:
    notebook.write("with mlflow.start_span('held', span_type='AGENT'):\n    gate('held')")
    notebook.start(0)
    notebook.row(0, "held").click()
    expect(notebook.row(0, "held")).to_have_attribute("aria-busy", "true")
    assert violations(notebook.view(0)) == []
