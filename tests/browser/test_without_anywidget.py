"""A server whose environment has no anywidget, as when the kernel lives in another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from conftest import SETUP
from driver import WINDOW, Notebook
from lab import Lab
from playwright.sync_api import Browser, Page, expect

Shot = Callable[[Page, str], None]


IMPATIENT = "from ipy_llmtrace.views import front_end\nfront_end.DOUBT_S, front_end.GIVE_UP_S = 0.5, 2.0"


@pytest.fixture
def bare(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    lab = Lab(tmp_path_factory.mktemp("bare") / "notebooks", disabled_extensions=["anywidget"])
    try:
        lab.start()
        page = browser.new_page(viewport=WINDOW)
        yield Notebook(page, lab, "bare.ipynb")
        page.close()
    finally:
        lab.stop()


def test_the_static_form_takes_the_views_place_and_says_why(bare: Notebook, shot: Shot) -> None:
    bare.write(
        SETUP + IMPATIENT, "%llmtrace on\nlitellm.completion(MODEL, ask('echo:<img src=x onerror=alert(1)> is all'))", "1 + 1"
    )
    bare.run(0)
    bare.run(1)
    shot(bare.page, "before")
    expect(bare.output(1)).to_contain_text("install anywidget", timeout=60_000)
    expect(bare.output(1)).to_contain_text("LLM trace, cell [2]")
    expect(bare.output(1)).not_to_contain_text("Error displaying widget")
    shot(bare.page, "static")
    bare.output(1).locator("summary").first.click()
    expect(bare.output(1)).to_contain_text("<img src=x onerror=alert(1)> is all")
    shot(bare.page, "opened")
    bare.write("litellm.completion(MODEL, ask('hello'))")
    bare.run(0)
    expect(bare.output(0)).to_contain_text("LLM trace, cell [3]")
    expect(bare.page.get_by_role("treegrid")).to_have_count(0)
    shot(bare.page, "next")
    assert (bare.heard.errors, bare.heard.dialogs, bare.heard.foreign_requests) == ([], [], [])
