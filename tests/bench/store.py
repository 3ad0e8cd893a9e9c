"""What it takes until the store has everything, and what is lost when the process ends first: MLflow's defaults and ours.

    python tests/bench/store.py [--scale 0.1]

Each figure is of a process of its own with a new SQLite store. ``SIGTERM`` comes 2.5 s into the flush, as from Jupyter;
``SIGKILL`` 1 s after the last call; what the store holds is then counted after a second process has flushed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOADS = ("calls", "traces", "spans")
SIZES = {"calls": 1_000, "traces": 3_000, "spans": 10_000}

CHILD = """
import json, os, sys, time
setup, load, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
if setup == "ours":
    from ipy_llmtrace.recorder import Recorder
    recorder = Recorder(lambda change: None, lambda: None, lambda: False, print)
    recorder.start()
import mlflow
if load == "calls":
    import litellm
    mlflow.litellm.autolog()
    messages = [{"role": "user", "content": "hello"}]
    def run(n):
        for _ in range(n):
            litellm.completion(model="gpt-4o-mini", messages=messages, mock_response="hello " * 20)
elif load == "traces":
    def run(n):
        for index in range(n):
            with mlflow.start_span("call") as span:
                span.set_inputs({"index": index})
else:
    def run(n):
        with mlflow.start_span("root"):
            for index in range(n):
                with mlflow.start_span("step") as span:
                    span.set_inputs({"index": index})
run(1)
began = time.perf_counter()
run(number)
print(json.dumps({"calls_s": time.perf_counter() - began}), flush=True)
began = time.perf_counter()
if setup == "ours":
    recorder.flush(lambda left: None)
mlflow.flush_trace_async_logging()
print(json.dumps({"flush_s": time.perf_counter() - began}), flush=True)
"""


def child(directory: Path, setup: str, load: str, number: int) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    environ |= {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LLMTRACE_SPOOL": str(directory / "spool"),
    }
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, setup, load, str(number)],
        cwd=directory,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def stored(directory: Path) -> tuple[int, int]:
    """Traces with their own record, and spans."""
    if not (directory / "mlflow.db").exists():
        return 0, 0
    with sqlite3.connect(directory / "mlflow.db", timeout=60) as connection:
        (traces,) = connection.execute("SELECT count(*) FROM trace_info WHERE trace_name IS NOT NULL").fetchone()
        (spans,) = connection.execute("SELECT count(*) FROM spans").fetchone()
    return traces, spans


def said(process: subprocess.Popen[str], key: str) -> float:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{") and key in (facts := json.loads(line)):
            return float(facts[key])
    raise RuntimeError(f"the process ended without {key}")


def flushed(setup: str, load: str, number: int) -> str:
    with tempfile.TemporaryDirectory() as directory, child(Path(directory), setup, load, number) as process:
        calls_s, flush_s = said(process, "calls_s"), said(process, "flush_s")
        process.wait()
        traces, spans = stored(Path(directory))
    return f"{1e3 * calls_s / number:8.2f} {flush_s:8.1f} {traces:8,} {spans:8,}"


def killed(setup: str, load: str, number: int, how: signal.Signals, after_s: float) -> str:
    with tempfile.TemporaryDirectory() as directory:
        with child(Path(directory), setup, load, number) as process:
            said(process, "calls_s")
            time.sleep(after_s)
            process.send_signal(how)
        left, _ = stored(Path(directory))
        with child(Path(directory), setup, load, 0) as process:
            said(process, "flush_s")
        traces, spans = stored(Path(directory))
    # The second process makes one trace of its own.
    return f"{left:8,} {traces - 1:8,} {spans - 1:8,}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scale", type=float, default=1.0, help="of the sizes 1,000 calls, 3,000 traces, 10,000 spans")
    scale = arguments.parse_args().scale
    print(f"{'':28} {'ms/call':>8} {'flush s':>8} {'traces':>8} {'spans':>8}")
    for load in LOADS:
        for setup in ("mlflow", "ours"):
            number = int(SIZES[load] * scale)
            print(f"{number:6,} {load:8} {setup:12} {flushed(setup, load, number)}", flush=True)
    print(f"\n{'':28} {'then':>8} {'traces':>8} {'spans':>8}   (after the next process)")
    number = int(SIZES["calls"] * scale)
    for how, after_s in ((signal.SIGTERM, 2.5), (signal.SIGKILL, 1.0)):
        for setup in ("mlflow", "ours"):
            print(f"{number:6,} {how.name:8} {setup:12} {killed(setup, 'calls', number, how, after_s)}", flush=True)


if __name__ == "__main__":
    main()
