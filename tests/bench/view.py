"""What the view takes of the browser with 100 to 100,000 spans, in headless Chromium on a page without a kernel.

It prints, and fails on nothing: ``python tests/bench/view.py [COUNT ...]``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

JS = Path(__file__).parents[2] / "js"
COUNTS = (100, 1_000, 10_000, 100_000)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
TYPED = "timeout type:tool"
SETTLES_MS = 1000


def main(counts: Sequence[int]) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("the bench needs Chromium: tests/browser/install-chromium.sh")
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for count in counts:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.goto(f"{url}bench.html")
            measure(page, count)
            page.close()
        browser.close()


def measure(page: Page, count: int) -> None:
    busy = Busy(page)

    def ask(call: str) -> Any:
        return page.evaluate(f"bench.{call}")

    heading(f"{count:,} spans")
    state_bytes = ask(f"prepare({count})")
    row("state, deflated", f"{state_bytes:,} bytes, {state_bytes / count:.0f} a span")
    before = heap_bytes(page)
    # The browser itself has come up by then, as it has for one who runs a cell.
    page.wait_for_timeout(SETTLES_MS)
    busy.lap_ms()
    shows = [ask("show()")]
    first_busy_ms = busy.lap_ms()
    used, buffers = ((now - then) / 1e6 for now, then in zip(heap_bytes(page), before, strict=True))
    shows += [ask("show()") for _ in range(2)]
    times = f"{shows[0]:.0f} ms ({first_busy_ms:.0f} busy), again {shows[1]:.0f} and {shows[2]:.0f}"
    row("from state to pixels", times, paint_aim(count))
    row("inflating and parsing alone", f"{ask('unpack()'):.0f} ms")
    row("heap, with buffers", f"{used + buffers:.1f} MB, {buffers:.1f} of it buffers", "<= 20 MB at 100,000")
    row("all rows opened", f"{ask('openAll()'):.0f} ms, {ask('rows()'):,} rows")
    row("elements", f"{ask('elements()'):,}", "<= 600")
    for name, call in {
        "scrolling by 120 px a frame": "scroll(200, 120)",
        "jumps of the scroll bar": "scroll(200, undefined)",
        "1,000 spans a second come": "live(1000, 5)",
    }.items():
        busy.lap_ms()
        times_ms = ask(call)
        row(name, f"{percentiles(times_ms)}; {busy.lap_ms() / len(times_ms):.1f} busy", "p99 <= 33 ms a frame")
    if count > 8:
        row(f"typing {TYPED!r}", percentiles(ask(f"type({TYPED!r})")), "within a frame or two")
    row("a click to its details", f"{ask('details()'):.0f} ms", "<= 50 ms")


class Busy:
    """The time for which the page's main thread has had a processor: what other processes do does not count."""

    def __init__(self, page: Page) -> None:
        self._session: Any = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        self._last_s = 0.0

    def lap_ms(self) -> float:
        """Since it was asked last."""
        metrics: Any = self._session.send("Performance.getMetrics")["metrics"]
        now_s = next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")
        lap_s, self._last_s = now_s - self._last_s, now_s
        return lap_s * 1e3


def paint_aim(count: int) -> str:
    return {1_000: "<= 100 ms after the data", 100_000: "<= 500 ms with decoding"}.get(count, "")


def heap_bytes(page: Page) -> tuple[int, int]:
    """V8's heap after a collection, and the buffers of typed arrays; neither nodes of the page nor pixels are in it."""
    session: Any = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage: Any = session.send("Runtime.getHeapUsage")
    return int(usage["usedSize"]), int(usage["backingStorageSize"])


def percentiles(times_ms: Sequence[float]) -> str:
    ordered = sorted(times_ms)
    p50, p95, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.95, 0.99))
    return f"p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms"


def heading(text: str) -> None:
    print(f"\n{text}", flush=True)


def row(name: str, value: str, aim: str = "") -> None:
    print(f"  {name:<32} {value:<48} {aim}".rstrip(), flush=True)


@contextmanager
def served() -> Iterator[str]:
    """The address of the page, which is served as long as this is open."""
    server = subprocess.Popen(["node", "dev/serve.mjs"], cwd=JS, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        found = re.match(r"http://\S+", server.stdout.readline())
        assert found is not None, "the page is not served"
        yield found[0]
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or COUNTS)
