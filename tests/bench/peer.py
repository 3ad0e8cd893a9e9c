"""MLflow's own notebook renderer on traces as large as those of ``view.py``, from the request for its page to its pixels.

It prints, and fails on nothing: ``python tests/bench/peer.py [COUNT ...]``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import mlflow
from playwright.sync_api import Page, TimeoutError, sync_playwright
from view import ARGUMENTS, Busy, heading, row

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers import tracking_server

COUNTS = (100, 1_000)
MOST_MS = 120_000
AGENT_SPANS = 100


def main(counts: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory() as scratch, tracking_server(Path(scratch)) as server, sync_playwright() as playwright:
        server.wait()
        mlflow.set_tracking_uri(server.uri)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for count in counts:
            heading(f"MLflow's notebook renderer, {count:,} spans")
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            measure(page, server.uri, traced(count), f"case {count // AGENT_SPANS}")
            page.close()
        browser.close()


def traced(count: int) -> str:
    """The id of a trace like those of the view's bench, once the server has it."""
    with mlflow.start_span("evaluate"):
        for first in range(1, count, AGENT_SPANS):
            with mlflow.start_span(f"case {first // AGENT_SPANS + 1}", span_type="AGENT"):
                for index in range(first + 1, min(first + AGENT_SPANS, count)):
                    with mlflow.start_span("llm", span_type="LLM") as span:
                        span.set_inputs({"question": index})
    mlflow.flush_trace_async_logging()
    return str(mlflow.get_last_active_trace_id())


def measure(page: Page, uri: str, trace_id: str, last_name: str) -> None:
    busy = Busy(page)
    started = time.monotonic()
    page.goto(f"{uri}/static-files/lib/notebook-trace-renderer/index.html?trace_id={trace_id}&experiment_id=0")
    try:
        # Not innerText, which would have the page laid out each time.
        page.wait_for_function("name => document.body.textContent.includes(name)", arg=last_name, timeout=MOST_MS)
    except TimeoutError:
        row("from the request to pixels", f"not within {MOST_MS / 1e3:.0f} s")
        return
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")
    row("from the request to pixels", f"{(time.monotonic() - started) * 1e3:,.0f} ms ({busy.lap_ms():,.0f} busy)")
    row("elements", f"{page.evaluate('document.querySelectorAll(`*`).length'):,}")


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or COUNTS)
