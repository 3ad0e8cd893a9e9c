"""What it takes until the store has everything, and what is lost when the process ends first: MLflow's defaults and ours.

    python tests/bench/store.py [--scale 0.1]

Each line is of a process of its own with a new SQLite store; the setups take turns. ``SIGTERM`` comes 2.5 s into the flush, as
from Jupyter; ``SIGKILL`` 1 s after the last call; what the store holds is then counted after a second process has flushed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SIZES = {"calls": 1_000, "gather": 200, "traces": 3_000, "spans": 10_000}
CALLS_TO_DEAD_SERVER = 20
FLOOR_TRACES = 200

FLOOR = """
import json, sys, time
from mlflow import MlflowClient
from mlflow.tracing.client import TracingClient
traces = MlflowClient("sqlite:///mlflow.db").search_traces(["0"], max_results=int(sys.argv[1]))
client = TracingClient("sqlite:///floor.db")
for trace in traces:
    for tag in ("mlflow.artifactLocation", "mlflow.trace.spansLocation"):  # the other store's own
        trace.info.tags.pop(tag, None)
client.start_trace(traces[0].info)
began = time.perf_counter()
for trace in traces[1:]:
    client.start_trace(trace.info)
    client.log_spans("0", trace.data.spans)
print(json.dumps({"floor_ms": 1e3 * (time.perf_counter() - began) / len(traces[1:])}), flush=True)
"""
"""MLflow's store without anything around it."""


class Child:
    """A process of `store_child` in ``directory``, where its store, its spool and its warnings are."""

    def __init__(self, directory: Path, *command: object, uri: str | None = None) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
        environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        environ |= {"LLMTRACE_SPOOL": str(directory / "spool")} | ({"MLFLOW_TRACKING_URI": uri} if uri else {})
        self._stderr = directory / "stderr"
        with self._stderr.open("a") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, *map(str, command)],
                cwd=directory,
                env=environ,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def told(self, key: str) -> Any:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{") and key in (facts := json.loads(line)):
                return facts
        raise RuntimeError(f"the process ended without {key}:\n{self._stderr.read_text()}")

    def warnings(self) -> int:
        """Lines that a notebook's reader would see in red."""
        return sum("Alembic" not in line and "alembic" not in line for line in self._stderr.read_text().splitlines())


def traced(directory: Path, setup: str, load: str, number: int, uri: str | None = None) -> Child:
    return Child(directory, Path(__file__).with_name("store_child.py"), setup, load, number, uri=uri)


def stored(directory: Path) -> tuple[int, int]:
    """Traces with their own record, and spans of them."""
    if not (directory / "mlflow.db").exists():
        return 0, 0
    with contextlib.closing(sqlite3.connect(directory / "mlflow.db", timeout=60)) as connection:
        whole = "SELECT request_id FROM trace_info WHERE trace_name IS NOT NULL"
        (traces,) = connection.execute(f"SELECT count(*) FROM ({whole})").fetchone()
        (spans,) = connection.execute(f"SELECT count(*) FROM spans WHERE trace_id IN ({whole})").fetchone()
    return traces, spans


def flushed(setup: str, load: str, number: int) -> str:
    with tempfile.TemporaryDirectory() as directory, traced(Path(directory), setup, load, number) as child:
        calls, flush = child.told("mean_ms"), child.told("flush_s")
        child.process.wait()
        traces, spans = stored(Path(directory))
        line = f"{calls['mean_ms']:9.2f} {flush['flush_s']:8.1f} {traces:8,} {spans:8,} {child.warnings():9}"
    # The first call, which warms up, is not counted.
    wanted = (1, number + 1) if load == "spans" else (number, number)
    lost = wanted[0] - (traces - 1), wanted[1] - (spans - (2 if load == "spans" else 1))
    return f"{line}   {lost[0]:,} / {lost[1]:,}"


def killed(setup: str, number: int, how: signal.Signals, after_s: float) -> str:
    with tempfile.TemporaryDirectory() as directory:
        with traced(Path(directory), setup, "calls", number) as child:
            child.told("mean_ms")
            time.sleep(after_s)
            child.process.send_signal(how)
            child.process.wait()
        left, _ = stored(Path(directory))
        with traced(Path(directory), setup, "calls", 0) as child:
            child.told("flush_s")
            child.process.wait()
        traces, spans = stored(Path(directory))
    # Each of the two processes has made one more to warm up.
    return f"{left:9,} {traces - 2:8,} {spans - 2:8,}"


def floor_ms(number: int) -> float:
    """How long MLflow's SQLite store takes for a trace of one call."""
    with tempfile.TemporaryDirectory() as directory:
        with traced(Path(directory), "ours", "calls", number) as child:
            child.told("flush_s")
            child.process.wait()
        with Child(Path(directory), "-c", FLOOR, number) as child:
            return float(child.told("floor_ms")["floor_ms"])


def spool_ms(number: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as directory, traced(Path(directory), "ours", "calls", number) as child:
        facts = child.told("put_ms")
        return float(facts["put_ms"]), float(facts["written_ms"])


@contextlib.contextmanager
def port(*, listening: bool) -> Iterator[int]:
    """A port that refuses, or that accepts and stays silent."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        if listening:
            found.listen(64)
        yield found.getsockname()[1]


def with_dead_server(setup: str, *, silent: bool) -> str:
    with (
        port(listening=silent) as at,
        tempfile.TemporaryDirectory() as directory,
        traced(Path(directory), setup, "calls", CALLS_TO_DEAD_SERVER, f"http://127.0.0.1:{at}") as child,
    ):
        calls = child.told("mean_ms")
    return f"{calls['mean_ms']:9.2f} {calls['longest_ms']:9.2f}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scale", type=float, default=1.0, help="of 1,000 calls, 200 at once, 3,000 traces, 10,000 spans")
    scale = arguments.parse_args().scale
    sizes = {load: int(size * scale) for load, size in SIZES.items()}
    print(f"{'':28} {'ms/call':>9} {'flush s':>8} {'traces':>8} {'spans':>8} {'warnings':>9}   lost traces / spans (aim 0 / 0)")
    for load, number in sizes.items():
        for setup in ("mlflow", "ours"):
            print(f"{number:6,} {load:8} {setup:12} {flushed(setup, load, number)}", flush=True)
    number = min(FLOOR_TRACES, sizes["calls"])
    floor = floor_ms(number)
    print(f"\nThe floor: MLflow's SQLite store alone takes {floor:.1f} ms for a trace of one call: {floor:.1f} s for 1,000")
    put_ms, written_ms = spool_ms(sizes["calls"])
    print(f"The spool: {put_ms:.3f} ms a call on the user's thread, {written_ms:.3f} ms of CPU on ours (aim <= 0.2 together)")
    print(f"\n{'':28} {'then':>9} {'traces':>8} {'spans':>8}   (after the next process)")
    for how, after_s in ((signal.SIGTERM, 2.5), (signal.SIGKILL, 1.0)):
        for setup in ("mlflow", "ours"):
            print(f"{sizes['calls']:6,} {how.name:8} {setup:12} {killed(setup, sizes['calls'], how, after_s)}", flush=True)
    print(f"\n{'':28} {'ms/call':>9} {'longest':>9}   (ours: aim <= 50 ms more than without tracing)")
    for silent in (False, True):
        for setup in ("bare", "ours", "mlflow"):
            what = "silent server" if silent else "no server"
            print(f"{CALLS_TO_DEAD_SERVER:6} {what:14} {setup:6} {with_dead_server(setup, silent=silent)}", flush=True)


if __name__ == "__main__":
    main()
