"""What a view says while its trace cannot be stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from driver import Notebook
from playwright.sync_api import Page, expect

Shot = Callable[[Page, str], None]


def test_the_header_says_what_is_not_stored_until_it_is(notebook: Notebook, shot: Shot, tmp_path: Path) -> None:
    # A path below a file is none that anybody could write, root included.
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    notebook.write(
        f"%llmtrace on --tracking-uri sqlite:///{blocked}/mlflow.db",
        "with mlflow.start_span('plan'): litellm.completion(MODEL, ask('What is the capital of Portugal?'))",
        "litellm.completion(MODEL, ask('hello'));",
    )
    notebook.run(0)
    blocked.rmdir()
    blocked.write_text("a file")
    notebook.run(1)
    notebook.run(2)
    said = notebook.view(1).get_by_role("note", name="Storage")
    expect(said).to_contain_text("not stored: 2 traces, because ")
    expect(said).to_contain_text("kept, and stored when it works again")
    expect(notebook.view(2).get_by_role("note", name="Storage")).to_have_text(said.inner_text())
    expect(notebook.row(1, "litellm-completion")).to_have_attribute("data-status", "ok")
    shot(notebook.page, "not-stored")

    blocked.unlink()
    blocked.mkdir()
    expect(notebook.view(1).get_by_role("treegrid")).to_be_visible()
    expect(said).to_have_count(0)
    expect(notebook.view(2).get_by_role("note", name="Storage")).to_have_count(0)
    shot(notebook.page, "stored")
