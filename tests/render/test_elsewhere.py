"""The static form where others decide what stays of it: GitHub's list of HTML, Markdown, and pages that nbconvert makes."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import nbformat
import nh3
from markdown_it import MarkdownIt
from nbconvert import HTMLExporter, MarkdownExporter

from ipy_llmtrace.convert import STATE_MIME, StaticTraces
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.render.html import html
from ipy_llmtrace.trace.span import Span, Tokens
from ipy_llmtrace.views.cell_view import WIDGET_MIME

GITHUB_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "br", "b", "i", "strong", "em", "a", "pre", "code", "img", "tt", "div", "ins", "del"),
    *("sup", "sub", "p", "ol", "ul", "table", "thead", "tbody", "tfoot", "blockquote", "dl", "dt", "dd", "kbd", "q", "samp"),
    *("var", "hr", "ruby", "rt", "rp", "li", "tr", "td", "th", "s", "strike", "summary", "details", "caption", "figure"),
    *("figcaption", "abbr", "bdo", "cite", "dfn", "mark", "small", "span", "time", "wbr"),
}
"""https://github.com/gjtorikian/html-pipeline/blob/main/lib/html_pipeline/sanitization_filter.rb"""

GITHUB_ATTRIBUTES = {"*": {"align", "dir", "open", "title", "width"}, "a": {"href"}, "img": {"src"}}
"""Of the same list what could be in question here: `style` and `class` are not on it."""

LEAK = "![x](https://leak.invalid/a.png) <img src=https://leak.invalid/b.png> [y](https://leak.invalid)"
HOSTILE = f"first\n\n{LEAK}\n   \n\t\n# no heading\n\n\n    no code\n\n</pre></details>\n\n{LEAK}"


class Read(HTMLParser):
    """What a page says, by element, and how deep in lists each ``<code>`` of a row stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.said = ""
        self.pre: list[str] = []
        self.depths: dict[str, int] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._open.append(tag)
        if tag == "pre":
            self.pre.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data
        if "pre" in self._open:
            self.pre[-1] += data
        elif self._open[-1:] == ["code"]:
            self.depths.setdefault(data, self._open.count("ul"))


def spans() -> list[Span]:
    def span(span_id: str, parent: str | None, **fields: Any) -> Span:
        return Span(span_id, "tr-1", parent, fields.pop("name", span_id), 0, end_ns=10**9, status="ok", **fields)

    messages = [{"role": "user", "content": HOSTILE}]
    outputs = {"choices": [{"message": {"role": "assistant", "content": HOSTILE}}]}
    return [
        span("agent", None, type="AGENT"),
        span("step", "agent"),
        span("call", "step", type="LLM", inputs={"messages": messages}, outputs=outputs, tokens=Tokens(3, 4), cost_usd=0.1),
        span("tool", "agent", type="TOOL", inputs=HOSTILE, outputs=[HOSTILE]),
    ]


def static_form() -> str:
    return html(spans(), "3", Redactor.none(), notes=[HOSTILE])


def notebook(*others: Any) -> Any:
    """A cell with a trace, and what the notebook keeps of it, and outputs of others."""
    model = {"model_name": "AnyModel", "model_module": "anywidget", "model_module_version": "~0.11.*"}
    layout = {
        "model_name": "LayoutModel",
        "model_module": "@jupyter-widgets/base",
        "model_module_version": "2.0.0",
        "state": {},
    }
    ours = {"_anywidget_id": "ipy_llmtrace.widget.TraceView", "layout": "IPY_MODEL_layout", "app": "anywidget:app"}
    state = {
        "view": {**model, "state": ours},
        "app": {**model, "state": {**ours, "_anywidget_id": "ipy_llmtrace.widget.App", "_esm": "export default {}"}},
        "layout": layout,
    }
    trace = {"text/html": static_form(), "text/plain": "LLM trace", WIDGET_MIME: {"version_major": 2, "model_id": "view"}}
    outputs = [nbformat.v4.new_output("display_data", data) for data in [trace, *others]]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("ask()", outputs=outputs)])
    made.metadata["widgets"] = {STATE_MIME: {"version_major": 2, "version_minor": 0, "state": state}}
    return nbformat.from_dict(made)


def on_github(page: str) -> Read:
    return Read(nh3.clean(page, tags=GITHUB_TAGS, attributes=GITHUB_ATTRIBUTES, link_rel=None))


def test_on_github_nothing_is_lost_but_the_styles():
    before, after = Read(static_form()), on_github(static_form())
    assert (after.said, after.pre) == (before.said, before.pre)
    assert set(before.tags) - set(after.tags) == {"data"}


def test_on_github_the_tree_is_still_a_tree():
    depths = on_github(static_form()).depths
    assert [depths[name] for name in ("agent", "step", "call", "user", "tool", "inputs")] == [1, 2, 3, 4, 2, 3]


def test_in_markdown_foreign_text_stays_text():
    written, _ = MarkdownExporter().from_notebook_node(notebook())
    shown = on_github(MarkdownIt("commonmark", {"html": True}).render(written))
    static = Read(static_form())
    assert shown.pre[-len(static.pre) :] == static.pre
    assert not {"img", "a", "h1", "p"} & set(shown.tags)


def test_a_page_of_nbconverts_with_our_preprocessor_needs_no_network_and_shows_the_static_form():
    page, _ = HTMLExporter(preprocessors=[StaticTraces]).from_notebook_node(notebook())
    assert "<b>LLM trace, cell [3]</b>" in page
    assert WIDGET_MIME not in page
    assert STATE_MIME not in page
    without, _ = HTMLExporter().from_notebook_node(notebook())
    assert (WIDGET_MIME in without, "<b>LLM trace, cell [3]</b>" in without) == (True, False), "nbconvert no longer needs it"


def test_widgets_of_others_stay_as_they_are():
    slider = {"model_name": "IntSliderModel", "state": {"layout": "IPY_MODEL_theirs"}}
    theirs = {WIDGET_MIME: {"version_major": 2, "model_id": "slider"}, "text/plain": "IntSlider()"}
    given = notebook(theirs, {"image/png": "iVBORw0KGgo="})
    state = given.metadata.widgets[STATE_MIME].state
    state.update({"slider": slider, "theirs": {"model_name": "LayoutModel", "state": {}}})
    made, _ = StaticTraces().preprocess(given, {})
    assert set(made.metadata.widgets[STATE_MIME].state) == {"slider", "theirs"}
    assert [sorted(output.data) for output in made.cells[0].outputs] == [
        ["text/html", "text/plain"],
        [WIDGET_MIME, "text/plain"],
        ["image/png"],
    ]


def test_a_notebook_without_widgets_stays_as_it_is():
    plain = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("text"), nbformat.v4.new_code_cell("1")])
    made, _ = StaticTraces().preprocess(nbformat.from_dict(plain), {})
    assert made == plain


def test_what_is_left_of_damaged_views_is_no_obstacle():
    ours = {"_anywidget_id": "ipy_llmtrace.widget.TraceView", "layout": None}
    damaged: dict[str, Any] = {"cut": "TraceVi", "empty": {"state": None}, "ours": {"state": ours}}
    given = nbformat.from_dict({"cells": [], "metadata": {"widgets": {STATE_MIME: {"state": damaged}}}})
    made, _ = StaticTraces().preprocess(given, {})
    assert set(made.metadata.widgets[STATE_MIME].state) == {"cut", "empty"}
