"""``make bench``: what tracing costs in time, in memory, in bytes of the notebook, and in messages to the browser.

It prints, and fails on nothing: figures depend on the machine, and what matters is how they stand to each other. The aim of
each, where there is one, is printed beside it.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import calls
import memory
import nbformat
from cells import CALL, ON, TIMED, WORDS, WORDS_CHARS
from front_end import front_end, peak_per_second
from nbclient import NotebookClient
from report import heading, row

from ipy_llmtrace import demo
from ipy_llmtrace.bundle import bundled
from ipy_llmtrace.views.cell_view import WIDGET_MIME

STATE_MIME = "application/vnd.jupyter.widget-state+json"

FRESH_KERNELS = 5
SPANS = 1000
ARRIVING_S = 5
BUNDLE_BYTES = 110_000
CELL_COUNTS = (1, 10, 50)

LOAD_AND_ON = "get_ipython().run_line_magic('load_ext', 'ipy_llmtrace')\nget_ipython().run_line_magic('llmtrace', 'on')"
NO_OP_SPANS = """\
@mlflow.trace
def step(number): {pause}
@mlflow.trace
def steps():
    for number in range({count}): step(number)
steps()"""

ARRIVING = f"""\
@mlflow.trace
def step(number): pass
@mlflow.trace
def steps():
    due_s = time.perf_counter()
    for number in range({SPANS * ARRIVING_S}):
        step(number)
        due_s += 1 / {SPANS}
        time.sleep(max(0, due_s - time.perf_counter()))
steps()"""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, demo.start(pace=0) as server:
        environment = os.environ | {
            "OPENAI_API_KEY": "demo",
            "OPENAI_BASE_URL": server.url,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }
        bench = Bench(Path(scratch), environment)
        bench.load_and_on()
        calls.measure(bench.directory, environment)
        memory.measure(bench.directory, environment)
        bench.notebook_bytes(server.model)
        bench.traffic()
        bench.bundle_size()


class Bench:
    """The measurements, in the order in which they are printed.

    Parameters
    ----------
    scratch
        A directory; each kernel works in one of its own below it, so that each store begins empty.
    """

    def __init__(self, scratch: Path, environment: Mapping[str, str]) -> None:
        self._scratch = scratch
        self._environment = environment

    def load_and_on(self) -> None:
        heading(f"%load_ext + %llmtrace on, in a fresh kernel (median of {FRESH_KERNELS})")
        times_s: list[float] = []
        for _ in range(FRESH_KERNELS):
            with front_end(self.directory(), self._environment) as kernel:
                times_s.append(kernel.value(TIMED.format(LOAD_AND_ON)))
        row("time", f"{statistics.median(times_s) * 1e3:,.0f} ms", "<= 150 ms")
        row("", f"from {min(times_s) * 1e3:,.0f} to {max(times_s) * 1e3:,.0f} ms")

    def notebook_bytes(self, model: str) -> None:
        heading(f"Bytes added to an executed notebook, cells of one call with {WORDS_CHARS}-character messages")
        words = f"length:{WORDS_CHARS} ".ljust(WORDS_CHARS, "x")
        call = f"litellm.completion({model!r}, [dict(role='user', content={words!r})]);"
        for count in CELL_COUNTS:
            notebook = self._executed([f"{ON}\nimport litellm", *[call] * count])
            parts = saved_parts(notebook)
            bundle_bytes = parts["bundle"]
            total = sum(len(nbformat.writes(n).encode()) * sign for n, sign in ((notebook, 1), (without_traces(notebook), -1)))
            parts["JSON around and between them"] = total - sum(parts.values())
            row(f"{count} cells", f"{total:,}", f"<= {bundle_bytes + count * 8000:,}" if count == max(CELL_COUNTS) else "")
            each = {name: size // count for name, size in parts.items() if name != "bundle"}
            row("", f"bundle {bundle_bytes:,}; a cell " + ", ".join(f"{name} {size:,}" for name, size in each.items()))

    def traffic(self) -> None:
        heading(f"To the browser for one cell with {SPANS:,} spans")
        sources = {
            "@mlflow.trace, at once": NO_OP_SPANS.format(count=SPANS, pause="pass"),
            "@mlflow.trace, 5 ms each": NO_OP_SPANS.format(count=SPANS, pause="time.sleep(0.005)"),
            "LiteLLM mock calls": f"for _ in range({SPANS}): {CALL}",
        }
        with front_end(self.directory(), self._environment) as kernel:
            kernel.run(f"{ON}\nimport litellm, mlflow, time\n{WORDS}\n{CALL}")
            for name, source in sources.items():
                shown = [message for message in kernel.run(source) if message.purpose]
                total = sum(message.size_bytes for message in shown)
                row(name, f"{total:,} bytes", "<= 1,000,000")
                sizes: dict[str, list[int]] = {}
                for message in shown:
                    sizes.setdefault(message.purpose, []).append(message.size_bytes)
                row("", ", ".join(f"{len(each)} {purpose} {sum(each):,}" for purpose, each in sizes.items()))
                row("", f"{peak_per_second(shown)} messages in the busiest second", "<= 60")
            deltas = [message for message in kernel.run(ARRIVING) if message.purpose == "deltas"]
            took_s = deltas[-1].time_s - deltas[0].time_s
            total = sum(message.size_bytes for message in deltas)
            heading(f"Deltas of a cell that makes {SPANS:,} spans a second, or as many as it can, for {ARRIVING_S} s")
            row("they came at", f"{SPANS * ARRIVING_S / took_s:,.0f} spans a second")
            row("on the wire", f"{total / took_s:,.0f} bytes a second, {total / SPANS / ARRIVING_S:,.0f} a span")
            row("", f"{len(deltas) / took_s:.0f} messages a second, {peak_per_second(deltas)} in the busiest", "<= 60")

    def bundle_size(self) -> None:
        heading("The bundle")
        row("in a notebook", f"{len(bundled('app.js').encode()):,} bytes", f"<= {BUNDLE_BYTES:,} bytes")
        row("inflated", f"{len(bundled('view.js').encode()):,} bytes")

    def directory(self) -> Path:
        """A new one, where a kernel's store begins empty."""
        return Path(tempfile.mkdtemp(dir=self._scratch))

    def _executed(self, sources: Iterable[str]) -> Any:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
        resources = {"metadata": {"path": str(self.directory())}}
        client = NotebookClient(notebook, kernel_name="python3", resources=resources, extra_arguments=["--log-level=ERROR"])
        return client.execute(env=dict(self._environment))


def saved_parts(notebook: Any) -> dict[str, int]:
    """Bytes of JSON by what they are for."""
    models = notebook.metadata.widgets[STATE_MIME]["state"].values()
    outputs = [output.data for cell in notebook.cells for output in cell.outputs if WIDGET_MIME in output.get("data", {})]
    return {
        "bundle": sum(json_bytes(model) for model in models if len(model["state"].get("_esm", "")) > 10_000),
        "widget state": sum(json_bytes(model) for model in models if len(model["state"].get("_esm", "")) <= 10_000),
        "HTML": sum(json_bytes(data["text/html"]) for data in outputs),
        "text": sum(json_bytes(data["text/plain"]) for data in outputs),
    }


def json_bytes(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def without_traces(notebook: Any) -> Any:
    bare = nbformat.from_dict(notebook)
    bare.metadata.pop("widgets")
    for cell in bare.cells:
        cell.outputs = [output for output in cell.outputs if WIDGET_MIME not in output.get("data", {})]
    return bare


if __name__ == "__main__":
    sys.exit(main())
