"""A cell that is run again and again: its view before goes from the kernel, the page and the file."""

from __future__ import annotations

from typing import Any

import pytest
from driver import Notebook
from playwright.sync_api import expect
from saved_file import path_of, save

KERNEL_COMMS = "import ipywidgets\nprint('widgets', len(ipywidgets.widgets.widget._instances))"
CALL = "print(litellm.completion(MODEL, ask('echo:again')).choices[0].message.content)"
DETACHED = "() => { window.probe = document.createElement('p'); window.probe.className = 'llmtrace'; }"


def comms(notebook: Notebook) -> int:
    """How many widgets' comms the page has open."""
    return notebook.page.evaluate(
        """name => {
            const app = window.jupyterapp;
            const panel = [...app.shell.widgets('main')].find(widget => widget.context?.path === name);
            return panel.sessionContext.session.kernel._comms.size;
        }""",
        notebook.name,
    )


def detached_views(notebook: Notebook) -> int:
    """How many of our views' nodes are still in the page's memory and no longer in the page."""
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("HeapProfiler.collectGarbage")
    found: list[dict[str, Any]] = session.send("DOM.getDetachedDomNodes")["detachedNodes"]
    session.detach()
    return sum("llmtrace" in str(tree) for tree in found)


def widgets_in_kernel(notebook: Notebook) -> int:
    notebook.run(1)
    return int(notebook.output(1).inner_text().split()[1])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_hundred_reruns_leave_one_view(notebook: Notebook):
    notebook.write(CALL, KERNEL_COMMS)
    notebook.run(0)
    in_kernel, in_page = widgets_in_kernel(notebook), comms(notebook)
    for count in range(200):
        notebook.run(0)
        if count == 0:
            save(notebook)
            size_bytes = path_of(notebook).stat().st_size
    assert widgets_in_kernel(notebook) == in_kernel
    assert comms(notebook) == in_page
    save(notebook)
    grown_bytes = path_of(notebook).stat().st_size - size_bytes
    print(f"the file grew by {grown_bytes} bytes in 200 runs; {in_page} comms, {in_kernel} widgets")
    assert abs(grown_bytes) < 500
    assert detached_views(notebook) == 0
    notebook.page.evaluate(DETACHED)
    assert detached_views(notebook) == 1, "the count itself no longer works"
    notebook.page.evaluate("() => { delete window.probe; }")


def test_what_a_cell_has_shown_again_goes_when_it_runs_again(notebook: Notebook):
    notebook.write(CALL, KERNEL_COMMS, "%llmtrace show -1")
    notebook.run(0)
    notebook.run(2)
    expect(notebook.grid(2)).to_be_visible()
    in_kernel, in_page = widgets_in_kernel(notebook), comms(notebook)
    for _ in range(3):
        notebook.run(2)
        expect(notebook.grid(2)).to_be_visible()
    assert widgets_in_kernel(notebook) == in_kernel
    assert comms(notebook) == in_page
