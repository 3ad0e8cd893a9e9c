"""What the view takes of the browser with 100 to 100,000 spans, in headless Chromium on a page without a kernel.

It prints, and fails on nothing: ``python tests/bench/view.py [COUNT ...]``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from frames import WHEEL_PX, record, recorded, wheeled
from playwright.sync_api import Page, ViewportSize, sync_playwright

JS = Path(__file__).parents[2] / "js"
COUNTS = (100, 1_000, 10_000, 100_000)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WINDOW: ViewportSize = {"width": 1400, "height": 900}
SETTLES_MS = 1000
LIVE_S = 5
QUERIES = ("timeout type:tool", "-status:ok retriever", "case 7 tokens>400")
FEW = 8
"""Up to so many spans there is no search."""

WHOLE_AIMS = {1_000: "<= 100 ms after the data", 100_000: "<= 500 ms with decoding"}
DECODED_AIMS = {100_000: "<= 250 ms after decoding"}
KEY_AIM = "within a frame or two"


def main(counts: Sequence[int]) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("the bench needs Chromium: tests/browser/install-chromium.sh")
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for count in counts:
            for what in measure, first_key:
                page = browser.new_page(viewport=WINDOW)
                page.goto(f"{url}bench.html")
                what(page, count)
                page.close()
        browser.close()


def measure(page: Page, count: int) -> None:
    busy = Busy(page)

    def ask(call: str) -> Any:
        return page.evaluate(f"bench.{call}")

    def frames(name: str, times_ms: Sequence[float]) -> None:
        if times_ms:
            row(name, f"{percentiles(times_ms)}; {busy.lap_ms() / len(times_ms):.1f} busy", "p99 <= 33 ms a frame")

    heading(f"{count:,} spans")
    state_bytes = ask(f"prepare({count})")
    row("state, deflated", f"{state_bytes:,} bytes, {state_bytes / count:.0f} a span")
    before = heap_bytes(page)
    # The browser itself has come up by then, as it has for one who runs a cell.
    page.wait_for_timeout(SETTLES_MS)
    busy.lap_ms()
    shows: list[tuple[float, float]] = [ask("show()")]
    first_busy_ms = busy.lap_ms()
    used, buffers = ((now - then) / 1e6 for now, then in zip(heap_bytes(page), before, strict=True))
    shows += [ask("show()") for _ in range(2)]
    whole, decoded = zip(*shows, strict=True)
    row("from state to pixels", f"{first_and_again(whole)}; {first_busy_ms:.0f} busy", WHOLE_AIMS.get(count, ""))
    row("of it after decoding", first_and_again(decoded), DECODED_AIMS.get(count, ""))
    row("heap, with buffers", f"{used + buffers:.1f} MB, {buffers:.1f} of it buffers", "<= 20 MB at 100,000")
    row("all rows opened", f"{ask('openAll()'):.0f} ms, {ask('rows()'):,} rows")
    row("elements", f"{ask('elements()'):,}", "<= 600")
    busy.lap_ms()
    frames(f"a wheel, {WHEEL_PX} px a frame", wheeled(page, page.locator("[role=treegrid]").element_handle()))
    frames("jumps of the scroll bar", ask("jump(200)"))
    if count > FEW:
        record(page, "keydown")
        keys_ms = type_keys(page, [key for query in QUERIES for key in (*query, *["Backspace"] * len(query))])
        frames("typing in the search", recorded(page))
        row(f"{len(keys_ms)} keys, each to its pixels", percentiles(keys_ms), KEY_AIM)
    row("a click to its details", f"{ask('details()'):.0f} ms", "<= 50 ms")
    for name, followed in {"1,000 spans a second come": "false", "1,000 rows a second, followed": "true"}.items():
        # As many as at first, without those that have come.
        ask("show()")
        ask("openAll()")
        if followed == "true":
            ask("follow()")
        busy.lap_ms()
        times_ms, sent_bytes = ask(f"live(1000, {LIVE_S}, {followed})")
        frames(name, times_ms)
        a_second = sent_bytes / LIVE_S
        row("", f"{a_second:,.0f} bytes a second, {a_second / 1000:.0f} a span; {ask('rows()'):,} rows then")


def type_keys(page: Page, keys: Iterable[str]) -> list[float]:
    """Type into the search, each key as soon as the one before has been answered; from each to its pixels, in ms."""
    page.focus("[type=search]")
    page.evaluate("bench.timeKeys()")
    times_ms: list[float] = []
    for key in keys:
        page.keyboard.press(key)
        times_ms.append(page.evaluate("bench.keyShown()"))
    return times_ms


def first_key(page: Page, count: int) -> None:
    """In a page where nothing else has been done yet."""
    if count <= FEW:
        return
    page.evaluate(f"bench.prepare({count})")
    page.evaluate("bench.show()")
    row("the first key in a new page", f"{type_keys(page, QUERIES[0][0])[0]:.0f} ms to its pixels", KEY_AIM)


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


def heap_bytes(page: Page) -> tuple[int, int]:
    """V8's heap after a collection, and the buffers of typed arrays; neither nodes of the page nor pixels are in it."""
    session: Any = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage: Any = session.send("Runtime.getHeapUsage")
    return int(usage["usedSize"]), int(usage["backingStorageSize"])


def first_and_again(times_ms: Sequence[float]) -> str:
    first, *again = (f"{time_ms:.0f}" for time_ms in times_ms)
    return f"{first} ms, again {' and '.join(again)}"


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
