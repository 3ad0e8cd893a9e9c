"""``make scale``: many kernels at once against one MLflow server on PostgreSQL, all on this machine; writes notebooks/SCALE.md.

    python tests/bench/scale.py [--kernels 20] [--traces 50]

Run by hand. Each kernel traces as fast as it can, with the view off, and flushes. What the database holds is then counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil
import sqlalchemy
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from postgres import postgres
from servers import TrackingServer, tracking_server

PAGE = Path(__file__).parents[2] / "notebooks" / "SCALE.md"
CHILDREN = 4
WAIT_S = 1_200

PATIENT = ("--uvicorn-opts", "--timeout-worker-healthcheck 120")
"""Otherwise workers that need more than 5 s to start on a busy machine are ended and started again, for good."""

SETUP = """
%load_ext ipy_llmtrace
%llmtrace on --view off --tracking-uri {uri} --experiment scale
import json, time, mlflow
def trace(index):
    with mlflow.start_span("agent", span_type="AGENT") as span:
        span.set_inputs({{"question": "q" * 500, "index": index}})
        for child in range({children}):
            with mlflow.start_span("call", span_type="LLM") as call:
                call.set_inputs({{"messages": [{{"role": "user", "content": "m" * 1000}}]}})
                call.set_outputs({{"reply": "r" * 1000}})
        span.set_outputs({{"answer": "a" * 500}})
trace(-1)
%llmtrace flush"""

RUN = """
began = time.perf_counter()
for index in range({traces}): trace(index)
print(json.dumps(time.perf_counter() - began))
%llmtrace flush"""


@dataclass
class Figures:
    """``seconds`` from the first trace until all kernels have flushed; ``cores`` by who used them."""

    kernels: int
    workers: int
    traces: int
    seconds: float
    ms_per_trace: float
    lost: int
    lost_spans: int
    cores: dict[str, float]

    def row(self) -> str:
        used = " | ".join(f"{self.cores[name]:.2f}" for name in ("server", "PostgreSQL", "kernels"))
        return (
            f"| {self.kernels} | {self.workers} | {self.traces:,} | {self.traces / self.seconds:.1f} | {self.seconds:.0f} s | "
            f"{self.ms_per_trace:.1f} ms | {self.lost} / {self.lost_spans} | {used} |"
        )


@contextmanager
def started(directory: Path, uri: str, count: int) -> Iterator[tuple[list[KernelManager], list[BlockingKernelClient]]]:
    """Kernels that trace to ``uri``, each with a spool of its own."""
    with ExitStack() as stack:
        managers: list[KernelManager] = []
        for index in range(count):
            manager = KernelManager(kernel_name="python3")
            environ = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
            environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "LLMTRACE_SPOOL": str(directory / f"spool-{index}")}
            manager.start_kernel(cwd=str(directory), env=environ, extra_arguments=["--log-level=ERROR"])
            stack.callback(manager.shutdown_kernel, now=True)
            managers.append(manager)
        clients = [manager.blocking_client() for manager in managers]
        for client in clients:
            client.start_channels()
            stack.callback(client.stop_channels)
            client.wait_for_ready(timeout=WAIT_S)
        yield managers, clients


def executed(clients: list[BlockingKernelClient], source: str) -> list[str]:
    """What ``source``, run in all of them at once, has printed."""
    requests = [client.execute(source) for client in clients]
    return [_printed(client, request) for client, request in zip(clients, requests, strict=True)]


def _printed(client: BlockingKernelClient, request: str) -> str:
    text = ""
    while True:
        message = client.get_iopub_msg(timeout=WAIT_S)
        if message["parent_header"].get("msg_id") != request:
            continue
        content = message["content"]
        if message["msg_type"] == "error":
            raise RuntimeError("\n".join(content["traceback"]))
        if message["msg_type"] == "stream":
            text += content["text"]
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            return text


def cpu_s(processes: list[psutil.Process]) -> float:
    """The CPU time of these processes and their children so far."""
    total = 0.0
    for process in processes:
        for one in [process, *process.children(recursive=True)]:
            try:
                times = one.cpu_times()
                total += times.user + times.system
            except psutil.NoSuchProcess:
                continue
    return total


def measured(count: int, traces: int, workers: int) -> Figures:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory,
        postgres() as database,
        tracking_server(Path(directory), database=database, workers=workers, options=PATIENT) as server,
    ):
        server.wait()
        with started(Path(directory), server.uri, count) as (managers, clients):
            for said in executed(clients, SETUP.format(uri=server.uri, children=CHILDREN)):
                assert said.endswith("the store has everything\n"), said
            who = parts(server, managers)
            before = {name: cpu_s(processes) for name, processes in who.items()}
            began = time.perf_counter()
            printed = executed(clients, RUN.format(traces=traces))
            seconds = time.perf_counter() - began
            cores = {name: (cpu_s(processes) - before[name]) / seconds for name, processes in who.items()}
            own_s = [float(json.loads(text.splitlines()[0])) for text in printed]
        held, held_spans = stored(database)
    wanted = count * (traces + 1)
    return Figures(
        kernels=count,
        workers=workers,
        traces=count * traces,
        seconds=seconds,
        ms_per_trace=1e3 * sum(own_s) / (count * traces),
        lost=wanted - held,
        lost_spans=wanted * (CHILDREN + 1) - held_spans,
        cores=cores,
    )


def parts(server: TrackingServer, managers: list[KernelManager]) -> dict[str, list[psutil.Process]]:
    postmaster = [process for process in psutil.process_iter(["name", "ppid"]) if process.info["name"] == "postgres"]
    return {
        "server": [psutil.Process(server.process.pid)],
        "PostgreSQL": [process for process in postmaster if process.info["ppid"] == 1],
        "kernels": [psutil.Process(manager.provisioner.pid) for manager in managers],
    }


def stored(database: str) -> tuple[int, int]:
    engine = sqlalchemy.create_engine(database)
    with engine.connect() as connection:
        traces = connection.execute(
            sqlalchemy.text("SELECT count(*) FROM trace_info WHERE trace_name IS NOT NULL")
        ).scalar_one()
        spans = connection.execute(sqlalchemy.text("SELECT count(*) FROM spans")).scalar_one()
    engine.dispose()
    return int(traces), int(spans)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kernels", type=int, default=20)
    arguments.add_argument("--traces", type=int, default=50, help="of each kernel")
    asked = arguments.parse_args()
    rows: list[str] = []
    for count, workers in ((1, 1), (asked.kernels, 1), (asked.kernels, 4)):
        rows.append(measured(count, asked.traces, workers).row())
        print(rows[-1], flush=True)
    versions = f"mlflow {metadata.version('mlflow')}, Python {platform.python_version()}, {os.cpu_count()} cores"
    head, _, rest = PAGE.read_text("utf-8").partition("<!-- figures -->\n")
    _, _, tail = rest.partition("<!-- end of figures -->\n")
    table = "\n".join([f"{versions}; load average {os.getloadavg()[2]:.0f}; one run each.\n", *HEAD, *rows])
    PAGE.write_text(f"{head}<!-- figures -->\n{table}\n<!-- end of figures -->\n{tail}", "utf-8")


HEAD = (
    "| kernels | server workers | traces | traces/s | until stored | a trace in its cell | lost traces / spans | "
    "cores: server | PostgreSQL | kernels |",
    "|---|---|---|---|---|---|---|---|---|---|",
)

if __name__ == "__main__":
    main()
