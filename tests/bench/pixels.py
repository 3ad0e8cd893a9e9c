"""From the end of a span in the kernel to its pixels in a real JupyterLab, while the kernel's main thread is blocked.

It prints, and fails on nothing: ``python tests/bench/pixels.py``.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from view import ARGUMENTS, heading, percentiles, row

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

from driver import WINDOW, Notebook
from lab import Lab

SPANS = 60

# Both ends read the clock of one machine. After each span's end the main thread waits in one call that knows nothing of us.
CELL = f"""\
import json, time
from pathlib import Path
ends = {{}}
with mlflow.start_span("all"):
    for number in range({SPANS}):
        with mlflow.start_span(f"step {{number}}") as span:
            time.sleep(0.12)
        ends[span.span_id] = time.time() * 1e3
        time.sleep(0.17)
Path("ends.json").write_text(json.dumps(ends))"""

WATCH = """() => {
    const seen = window.benchSeen = {};
    const look = () => {
        for (const row of document.querySelectorAll("[data-span-id][data-status=ok]")) {
            const id = row.dataset.spanId;
            if (id in seen) continue;
            seen[id] = 0;
            // Changed within a frame: what was posted then runs when it has been painted.
            setTimeout(() => { seen[id] = performance.timeOrigin + performance.now(); }, 0);
        }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def main() -> None:
    heading(f"From a span's end in the kernel to its pixels in JupyterLab, {SPANS} spans, the main thread blocked")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        lab = Lab(Path(scratch) / "notebooks")
        lab.start()
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
            times_ms = measured(Notebook(browser.new_page(viewport=WINDOW), lab, "bench.ipynb"))
            browser.close()
        finally:
            lab.stop()
    row("time", percentiles(times_ms), "p95 <= 50 ms")


def measured(notebook: Notebook) -> list[float]:
    notebook.write("%load_ext ipy_llmtrace\n%llmtrace on\nimport mlflow\nwith mlflow.start_span('first'): pass", CELL)
    notebook.run(0)
    notebook.page.evaluate(WATCH)
    notebook.run(1)
    notebook.page.wait_for_function("count => Object.keys(benchSeen).length > count", arg=SPANS)
    seen: dict[str, float] = notebook.page.evaluate("benchSeen")
    ends: dict[str, float] = json.loads((notebook.lab.directory / "ends.json").read_text())
    return [seen[span_id] - ended_ms for span_id, ended_ms in ends.items()]


if __name__ == "__main__":
    main()
