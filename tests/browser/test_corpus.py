"""Every payload of the hostile corpus, in every place of a trace and every form of it: nothing runs, nothing is asked for."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ipy_llmtrace.bundle import bundled
from ipy_llmtrace.export.page import page as render_page
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.render.html import html
from ipy_llmtrace.render.text import text
from ipy_llmtrace.trace.span import Event, Span

sys.path.insert(0, str(Path(__file__).parent.parent / "corpus"))
from hostile import PAYLOADS

REDACTOR = Redactor.none()
PWNED = "window.hits = 0; window.pwned = () => { window.hits++; };"
Watched = Callable[[str, str], Page]


def spans() -> list[Span]:
    """A failed call of a model a payload, with the payload wherever text of others stands."""
    root = Span("root", "tr-1", None, "agent", 0, type="AGENT", end_ns=10**9, status="ok")
    return [root, *(_span(index, payload) for index, payload in enumerate(PAYLOADS))]


def _span(index: int, payload: str) -> Span:
    call = {"id": payload, "type": "function", "function": {"name": payload, "arguments": payload}}
    messages = [
        {"role": "user", "content": payload, "name": payload},
        {
            "role": payload,
            "content": [{"type": "image_url", "image_url": {"url": payload}}, {"type": payload, payload: payload}],
        },
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": payload, "content": payload},
    ]
    failure = {"exception.type": payload, "exception.message": payload, "exception.stacktrace": payload}
    return Span(
        f"s{index}",
        "tr-1",
        "root",
        payload,
        index,
        type="LLM",
        end_ns=index + 1,
        status="error",
        message=payload,
        inputs={"messages": messages, payload: payload},
        outputs={"choices": [{"message": {"role": "assistant", "content": payload, "reasoning_content": payload}}]},
        attributes={payload: payload, "nested": {payload: [payload]}},
        events=[Event(payload, index, {payload: payload}), Event("exception", index, failure)],
        model=payload,
        provider=payload,
        params={payload: payload},
    )


@pytest.fixture
def watched(browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    """Opens a file in a page; after the test nothing may have run, asked, navigated or opened a window."""
    context = browser.new_context(accept_downloads=False, viewport={"width": 1200, "height": 900})
    context.add_init_script(PWNED)
    happened: list[str] = []
    pages: list[Page] = []

    def open_file(name: str, content: str) -> Page:
        path = tmp_path / name
        path.write_text(content, "utf-8", errors="replace")
        page = context.new_page()
        page.on("dialog", lambda dialog: (happened.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: happened.append(f"error {error}"))
        page.on("popup", lambda popup: happened.append(f"window {popup.url}"))
        page.goto(path.as_uri())
        page.on("request", lambda request: happened.append(f"request {request.url}"))
        page.on("framenavigated", lambda frame: happened.append(f"navigation {frame.url}"))
        page.on("console", lambda said: happened.append(f"console {said.text}") if "leak.invalid" in said.text else None)
        pages.append(page)
        return page

    yield open_file
    for page in pages:
        assert page.evaluate("window.hits") == 0
        assert len(page.frames) == 1
        assert page.locator("script:not([type]), iframe, object, embed, form, base, link, [onerror], [onload]").count() == 0
    assert happened == []
    context.close()


def read_everything(page: Page) -> None:
    """Choose every row of the view, and every tab of its details, by keyboard and mouse."""
    grid = page.get_by_role("treegrid")
    grid.wait_for()
    page.get_by_role("row").and_(page.locator("[data-span-id]")).first.click()
    page.keyboard.press("Home")
    read: set[str] = set()
    for _ in range(len(PAYLOADS) + 1):
        page.keyboard.press("Enter")
        read.add(page.evaluate("document.activeElement.dataset.spanId"))
        page.evaluate("document.querySelectorAll('[role=tab]').forEach(tab => tab.click())")
        page.keyboard.press("ArrowDown")
    assert len(read) == len(PAYLOADS) + 1


def test_the_live_view_is_inert_without_any_content_policy(watched: Watched):
    whole = render_page(spans(), "3", REDACTOR, bundled("page.js"), bundled("page.css"))
    page = watched("view.html", re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", whole))
    read_everything(page)


def test_the_exported_page_is_inert(watched: Watched):
    read_everything(watched("page.html", render_page(spans(), "3", REDACTOR, bundled("page.js"), bundled("page.css"))))


def test_the_static_form_is_inert_without_any_sanitizer(watched: Watched):
    page = watched("static.html", html(spans(), "3", REDACTOR, max_bytes=20_000_000))
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    page.mouse.move(200, 300)
    assert page.locator("img, svg, math, a, style, input, button, template, dialog, video, audio").count() == 0


def test_the_text_form_has_no_terminal_sequence_and_no_invisible_direction(watched: Watched):
    written = text(spans(), "3", REDACTOR, max_lines=1_000)
    invisible = (
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
        r"\U000e0000-\U000e007f]"
    )
    assert not re.search(invisible, written)
    assert len(written.splitlines()) == len(PAYLOADS) + 2
    watched("text.txt", written)
