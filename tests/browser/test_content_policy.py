"""The view in pages that forbid modules from blob: addresses, or whose browser cannot inflate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from ipy_llmtrace import widget, wire
from ipy_llmtrace.bundle import bundled
from ipy_llmtrace.encoding.snapshot import Snapshot, encoded
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.trace import tree
from ipy_llmtrace.trace.span import Span
from ipy_llmtrace.views.kernel_app import KernelApp

REST = "; default-src 'none'; style-src 'unsafe-inline'"
STRICT = "script-src 'self'" + REST
WITH_BLOBS = "script-src 'self' blob:" + REST
# A script's nonce goes on to what it imports.
WITH_NONCE = "script-src 'nonce-of-the-host'" + REST

PAGE = """\
<!doctype html>
<title>A host that imports modules from its own addresses</title>
<main></main>
<script type="module" src="/host.mjs" nonce="of-the-host"></script>
"""

HOST = """\
// As much of an anywidget host as the view needs; after anywidget 0.11's.
class Model extends EventTarget {
  constructor(id) { super(); this.id = id; this.heard = new Map(); }
  async open() { this.traits = await traits(this.id); this.exports = this.bind(); return this; }
  get(name) { return this.traits[name]; }
  set(name, value) { this.traits[name] = value; }
  save_changes() {}
  on(name, callback) { this.heard.set(name, [...(this.heard.get(name) ?? []), callback]); }
  off() {}
  async send(message) {
    window.sent.push(message.kind);
    const changed = await toKernel(this.id, message);
    if (!changed) return;
    this.traits = {...this.traits, ...changed};
    for (const callback of this.heard.get('change:_esm') ?? []) callback();
    this.exports = this.bind();
  }
  async bind() {
    this.module = (await import(await addressOf(this.get('_esm')))).default;
    if (typeof this.module === 'function') this.module = await this.module();
    return this.module.initialize?.({model: this});
  }
}
window.sent = [];
const app = await new Model('app').open();
const view = await new Model('view').open();
await view.exports;
const host = {getWidget: async () => ({exports: await app.exports})};
const {signal} = new AbortController();
await view.module.render({model: view, el: document.querySelector('main'), host, signal});
"""


def view_traits() -> dict[str, Any]:
    span = Span("00f067aa0ba902b7", "tr-1", None, "agent", 5, type="AGENT", end_ns=905, status="ok", inputs="hello")
    snapshot = Snapshot(
        [encoded(span, 5, Redactor({}), limit_chars=None)], wire.Cell(label="3"), 1, 5, tree.summary([span]), []
    )
    return {
        "_esm": widget._VIEW_ESM,  # pyright: ignore[reportPrivateUsage]
        "app": "anywidget:app",
        "view_id": "view",
        "snapshot": snapshot.packed(plain_bytes=100_000),
        "placement": "below",
        "feedback": [],
    }


@contextmanager
def hosted(browser: Browser, policy: str, *, kernel: bool = True, prepare: str = "") -> Iterator[Page]:
    """The view in a page with this content policy, which imports a module's text from an address of the page."""
    app = KernelApp().open()
    modules: list[str] = []
    page = browser.new_page()

    def address_of(text: str) -> str:
        modules.append(text)
        return f"/module/{len(modules) - 1}.js"

    def to_kernel(model: str, message: Any) -> Any:
        if model != "app" or not kernel:
            return None
        before = app._esm  # pyright: ignore
        app._receive(app, message, [])  # pyright: ignore[reportPrivateUsage]
        after = app._esm  # pyright: ignore
        return None if after == before else {"_esm": after}

    def fulfill(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name.endswith("js"):
            text = HOST if name == "host.mjs" else modules[int(name.removesuffix(".js"))]
            route.fulfill(body=text, content_type="text/javascript")
        else:
            route.fulfill(body=PAGE, content_type="text/html", headers={"content-security-policy": policy})

    page.route("https://host.example/**", fulfill)
    page.expose_function("addressOf", address_of)
    page.expose_function("toKernel", to_kernel)
    page.expose_function("traits", lambda model: view_traits() if model == "view" else {"_esm": bundled("app.js"), "ui": {}})
    page.add_init_script(prepare)
    page.goto("https://host.example/")
    try:
        yield page
    finally:
        page.close()
        app.close()


def rows(page: Page) -> Any:
    return page.get_by_role("treegrid", name="LLM trace, cell [3]").get_by_role("row").filter(has_text="agent")


@pytest.mark.parametrize("policy", [WITH_BLOBS, WITH_NONCE], ids=["blob", "nonce"])
def test_a_page_that_allows_it_runs_the_deflated_view(policy: str, browser: Browser):
    with hosted(browser, policy) as page:
        expect(rows(page)).to_have_count(1)
        assert "plain_view" not in page.evaluate("sent")


@pytest.mark.parametrize(
    ("policy", "prepare"), [(STRICT, ""), (WITH_BLOBS, "delete window.DecompressionStream")], ids=["no blob", "no inflating"]
)
def test_any_other_page_gets_the_plain_view_from_the_kernel(
    policy: str, prepare: str, browser: Browser, shot: Callable[[Page, str], None]
):
    with hosted(browser, policy, prepare=prepare) as page:
        expect(rows(page)).to_have_count(1)
        expect(rows(page)).to_have_css("height", "26px")
        assert page.evaluate("sent")[0] == "plain_view"
        shot(page, "shown")


def test_without_a_kernel_such_a_page_says_what_to_do(browser: Browser):
    with hosted(browser, STRICT, kernel=False) as page:
        expect(page.get_by_role("main")).to_contain_text("content policy does not let the trace view run", timeout=20_000)
