"""MLflow's own notebook renderer beside our view, on the same traces, one after the other in the same browser.

It prints, and fails on nothing: ``python tests/bench/peer.py [COUNT ...]``. MLflow's rows are all open; ours are opened once
the view has been painted. The heap is what came to that of an empty page, so that code counts, too.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from frames import wheeled
from peer_trace import store
from playwright.sync_api import Page, TimeoutError, sync_playwright
from view import ARGUMENTS, COUNTS, WINDOW, heading, heap_bytes, percentiles, row, served

from ipy_llmtrace.bundle import bundled

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers import tracking_server

LIMIT_S = 60
MOST_SPANS = 10_000
"""More are not tried with MLflow, whose server alone is busy for minutes with a trace ten times as large."""

AGENT_SPANS = 100

# The time of its paint. Not innerText, which would have the page laid out each time.
DRAWN = """name => {
    if (window.drawn_ms === undefined && document.body?.textContent.includes(name)) {
        window.drawn_ms = 0;
        requestAnimationFrame(() => setTimeout(() => { window.drawn_ms = performance.now(); }, 0));
    }
    return window.drawn_ms;
}"""
LOADED = "performance.getEntries().filter(entry => 'transferSize' in entry)"
DATA = f"{LOADED}.find(entry => entry.name.includes('get-trace-artifact'))"
SCROLLER = """() => {
    const hidden = element => element.scrollHeight - element.clientHeight;
    return [...document.querySelectorAll("div")].reduce((a, b) => (hidden(b) > hidden(a) ? b : a));
}"""


@dataclass
class Figures:
    """Of one view of one trace; times are in ms. It was painted ``painted_ms`` after its data was there, ``page_ms`` after its
    page was asked for, where it has one of its own."""

    data_bytes: int
    code_bytes: int
    painted_ms: float
    heap_bytes: int
    elements: int
    frames_ms: list[float]
    page_ms: float = 0
    note: str = ""


def main(counts: Sequence[int]) -> None:
    with (
        tempfile.TemporaryDirectory() as scratch,
        tracking_server(Path(scratch)) as server,
        served() as url,
        sync_playwright() as playwright,
    ):
        server.wait()
        before = ""
        for count in counts:
            heading(f"{count:,} spans, MLflow's notebook renderer beside ours")
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
            page = browser.new_page(viewport=WINDOW)
            us = ours(page, url, count)
            if count > MOST_SPANS:
                them = f"not tried{before}"
            else:
                trace_id = store(server.uri, page.evaluate("bench.spans()"))
                page.close()
                them = theirs(browser.new_page(viewport=WINDOW), server.uri, trace_id, f"case {max(1, count // AGENT_SPANS)}")
                took = them if isinstance(them, str) else f"drawn after {them.page_ms / 1e3:.0f} s"
                before = f"; {count:,} were {took}"
            tell("MLflow's", them)
            tell("ours", us)
            # MLflow's page may still be busy.
            browser.close()


def ours(page: Page, url: str, count: int) -> Figures:
    empty_bytes = sum(heap_bytes(page))
    page.goto(f"{url}bench.html")
    data_bytes = page.evaluate(f"bench.prepare({count})")
    painted_ms, _ = page.evaluate("bench.show()")
    page.evaluate("bench.openAll()")
    return Figures(
        data_bytes,
        code_bytes=len(bundled("view.js").encode()),
        painted_ms=painted_ms,
        heap_bytes=sum(heap_bytes(page)) - empty_bytes,
        elements=page.evaluate("bench.elements()"),
        frames_ms=wheeled(page, page.locator("[role=treegrid]").element_handle()),
    )


def theirs(page: Page, uri: str, trace_id: str, last_name: str) -> Figures | str:
    """The figures of MLflow's view, or why there are none."""
    empty_bytes = sum(heap_bytes(page))
    try:
        address = f"{uri}/static-files/lib/notebook-trace-renderer/index.html?trace_id={trace_id}&experiment_id=0"
        page.goto(address, wait_until="commit")
        drawn_ms = page.wait_for_function(DRAWN, arg=last_name, timeout=LIMIT_S * 1e3).json_value()
    except TimeoutError:
        return f"not drawn within {LIMIT_S} s"
    received_ms, data_bytes = page.evaluate(f"[{DATA}.responseEnd, {DATA}.encodedBodySize]")
    heap = sum(heap_bytes(page)) - empty_bytes
    scroller = page.evaluate_handle(SCROLLER).as_element()
    assert scroller is not None
    frames_ms, note = wheeled(page, scroller), ""
    if not frames_ms:
        # In MLflow 3.17 the box around the tree hides what is below its end.
        scroller.evaluate("element => { element.style.overflowY = 'auto'; }")
        frames_ms, note = wheeled(page, scroller), " (in a box that was made to scroll, which it does not)"
    return Figures(
        data_bytes,
        code_bytes=page.evaluate(f"{LOADED}.reduce((sum, entry) => sum + entry.encodedBodySize, 0)") - data_bytes,
        painted_ms=drawn_ms - received_ms,
        heap_bytes=heap,
        elements=page.evaluate("document.querySelectorAll('*').length"),
        frames_ms=frames_ms,
        page_ms=drawn_ms,
        note=note,
    )


def tell(who: str, figures: Figures | str) -> None:
    if isinstance(figures, str):
        return row(who, figures)
    page = f", {figures.page_ms:,.0f} from the request for its page" if figures.page_ms else ""
    row(who, f"{figures.painted_ms:,.0f} ms from its data to pixels{page}")
    row("", f"{figures.data_bytes:,} bytes of data, {figures.code_bytes:,} of code")
    row("", f"{figures.heap_bytes / 1e6:.1f} MB of heap with the code, {figures.elements:,} elements")
    scrolled = f"{percentiles(figures.frames_ms)} a frame" if figures.frames_ms else "it scrolls nothing"
    return row("", f"a wheel: {scrolled}{figures.note}")


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or COUNTS)
