"""``make scale``: many kernels at once against one MLflow server on PostgreSQL, all on this machine; writes notebooks/SCALE.md.

    python tests/bench/scale.py [--kernels 20] [--traces 100] [--workers 1 2 4]

Run by hand, on a machine that does nothing else. Each kernel traces as fast as it can, with the view off, and flushes. What the
database holds is then counted. One kernel alone comes first; the kernels are the same in all runs, the server is a new one.
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
from servers import tracking_server

PAGE = Path(__file__).parents[2] / "notebooks" / "SCALE.md"
CHILDREN = 4
WAIT_S = 1_200
PARTS = ("server", "PostgreSQL", "kernels", "others")
FULL = 0.9
"""What part of a core, or of all cores, in use on average makes it full: the beginning and the end of a run are less busy."""

PATIENT = ("--uvicorn-opts", "--timeout-worker-healthcheck 120")
"""Otherwise workers that need more than 5 s to start on a busy machine are ended and started again, for good."""

SETUP = """
%load_ext ipy_llmtrace
import json, time, mlflow
session = get_ipython().magics_manager.registry["LlmtraceMagics"].session
def trace(index):
    with mlflow.start_span("agent", span_type="AGENT") as span:
        span.set_inputs({{"question": "q" * 500, "index": index}})
        for child in range({children}):
            with mlflow.start_span("call", span_type="LLM") as call:
                call.set_inputs({{"messages": [{{"role": "user", "content": "m" * 1000}}]}})
                call.set_outputs({{"reply": "r" * 1000}})
        span.set_outputs({{"answer": "a" * 500}})
def stored():
    held_up = 0
    while session.flush(lambda left: None).waiting: held_up += 1
    return held_up"""

WARM_UP = """
%llmtrace on --view off --tracking-uri {uri} --experiment scale
trace(-1)
print(stored())"""

RUN = """
began = time.perf_counter()
for index in range({traces}): trace(index)
traced_s = time.perf_counter() - began
print(json.dumps([traced_s, stored()]))"""


@dataclass
class Figures:
    """``seconds`` from the first trace until all kernels have flushed; ``cores`` by who used them, ``busiest`` those of the
    server's busiest process; ``held_up``: how often a kernel was told that the server takes nothing at present."""

    kernels: int
    workers: int
    traces: int
    seconds: float
    ms_per_trace: float
    lost: int
    lost_spans: int
    held_up: int
    cores: dict[str, float]
    busiest: float

    def row(self) -> str:
        used = " | ".join(f"{self.cores[name]:.2f}" for name in PARTS)
        return (
            f"| {self.kernels} | {self.workers} | {self.traces:,} | {self.traces / self.seconds:.1f} | {self.seconds:.0f} s | "
            f"{self.ms_per_trace:.1f} ms | {self.lost} / {self.lost_spans} | {used} | {self.busiest:.2f} |"
        )

    def finding(self) -> str:
        """What was full in this run, by what was measured."""
        who = f"{self.kernels} kernel{'s' * (self.kernels > 1)}, {self.workers} worker{'s' * (self.workers > 1)}"
        busy, all_cores = sum(self.cores.values()), os.cpu_count() or 1
        parts = ", ".join(f"{name} {self.cores[name]:.2f}" for name in sorted(PARTS, key=lambda name: -self.cores[name]))
        if self.busiest >= FULL:
            full = f"a server process, which can use one core and used {self.busiest:.2f}"
        elif busy >= FULL * all_cores:
            full = f"the machine, with {busy:.2f} of its {all_cores} cores in use"
        else:
            full = f"nothing: {busy:.2f} of {all_cores} cores in use, the busiest server process at {self.busiest:.2f}"
        held_up = f"; a kernel was told {self.held_up} times that the server takes nothing just now" if self.held_up else ""
        return f"- {who}: full was {full} ({parts}){held_up}."


@contextmanager
def started(directory: Path, count: int) -> Iterator[tuple[list[KernelManager], list[BlockingKernelClient]]]:
    """Kernels, each with a spool of its own."""
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


@dataclass
class Used:
    """The CPU seconds used so far: by part, of each of the server's processes, and of the whole machine."""

    at: float
    parts: dict[str, float]
    server: dict[int, float]
    machine: float

    @classmethod
    def now(cls, who: dict[str, psutil.Process | list[psutil.Process]]) -> Used:
        each = {name: cpu_s(found if isinstance(found, list) else [found]) for name, found in who.items()}
        parts = {name: sum(found.values()) for name, found in each.items()}
        return cls(time.perf_counter(), parts, each["server"], machine_cpu_s())

    def cores_since(self, before: Used) -> tuple[dict[str, float], float]:
        """The cores used since, by part, and by the busiest of the server's processes."""
        seconds = self.at - before.at
        cores = {name: (self.parts[name] - before.parts[name]) / seconds for name in self.parts}
        cores["others"] = max(0.0, (self.machine - before.machine) / seconds - sum(cores.values()))
        return cores, max((used - before.server.get(pid, 0.0)) / seconds for pid, used in self.server.items())


def machine_cpu_s() -> float:
    times = psutil.cpu_times()._asdict()
    # A guest's time is in ``user`` already.
    return sum(used_s for name, used_s in times.items() if name not in ("idle", "iowait", "guest", "guest_nice"))


def cpu_s(processes: list[psutil.Process]) -> dict[int, float]:
    """The CPU seconds of these processes and of all below them, where one that has ended counts with the one that waited for
    it."""
    found: dict[int, float] = {}
    for process in processes:
        for one in [process, *process.children(recursive=True)]:
            try:
                times = one.cpu_times()
            except psutil.NoSuchProcess:
                continue
            found[one.pid] = times.user + times.system + times.children_user + times.children_system
    return found


def measured(
    directory: Path,
    database: str,
    managers: list[KernelManager],
    clients: list[BlockingKernelClient],
    traces: int,
    workers: int,
) -> Figures:
    """All of ``clients`` at once against a new server with so many workers, on a new database."""
    fresh = new_database(database)
    with tracking_server(directory, database=fresh, workers=workers, options=PATIENT) as server:
        server.wait()
        executed(clients, WARM_UP.format(uri=server.uri))
        who: dict[str, psutil.Process | list[psutil.Process]] = {
            "server": psutil.Process(server.process.pid),
            "PostgreSQL": postmaster(database),
            "kernels": [psutil.Process(manager.provisioner.pid) for manager in managers[: len(clients)]],
        }
        before = Used.now(who)
        printed = [json.loads(text) for text in executed(clients, RUN.format(traces=traces))]
        after = Used.now(who)
        held, held_spans = held_by(fresh)
    wanted = len(clients) * (traces + 1)
    cores, busiest = after.cores_since(before)
    return Figures(
        kernels=len(clients),
        workers=workers,
        traces=len(clients) * traces,
        seconds=after.at - before.at,
        ms_per_trace=1e3 * sum(traced_s for traced_s, _ in printed) / (len(clients) * traces),
        lost=wanted - held,
        lost_spans=wanted * (CHILDREN + 1) - held_spans,
        held_up=sum(held_up for _, held_up in printed),
        cores=cores,
        busiest=busiest,
    )


def postmaster(database: str) -> psutil.Process:
    """The process that has started all others of this PostgreSQL; another may run on the machine."""
    port = f"port={sqlalchemy.make_url(database).port}"
    found = [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and port in (process.info["cmdline"] or ())
    ]
    return found[0]


def new_database(database: str) -> str:
    name = f"scale_{time.time_ns()}"
    engine = sqlalchemy.create_engine(database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return sqlalchemy.make_url(database).set(database=name).render_as_string(hide_password=False)


def held_by(database: str) -> tuple[int, int]:
    """How many traces and spans it has."""
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
    arguments.add_argument("--traces", type=int, default=100, help="of each kernel")
    arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="of the server, one run each")
    arguments.add_argument("--page", type=Path, default=PAGE, help="what is written; it has to have the marks of the figures")
    asked = arguments.parse_args()
    runs: list[Figures] = []
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory,
        postgres() as database,
        started(Path(directory), asked.kernels) as (managers, clients),
    ):
        executed(clients, SETUP.format(children=CHILDREN))
        for some, workers in [(clients[:1], 1), *((clients, workers) for workers in asked.workers)]:
            runs.append(measured(Path(directory), database, managers, some, asked.traces, workers))
            print(runs[-1].row(), runs[-1].finding(), sep="\n", flush=True)
    versions = f"mlflow {metadata.version('mlflow')}, Python {platform.python_version()}, {os.cpu_count()} cores"
    head, _, rest = asked.page.read_text("utf-8").partition("<!-- figures -->\n")
    _, _, tail = rest.partition("<!-- end of figures -->\n")
    rows, findings = [run.row() for run in runs], [run.finding() for run in runs]
    table = "\n".join([f"{versions}; one run each.\n", *HEAD, *rows, "\nWhat was full, by the cores in use:\n", *findings])
    asked.page.write_text(f"{head}<!-- figures -->\n{table}\n<!-- end of figures -->\n{tail}", "utf-8")


HEAD = (
    "| kernels | server workers | traces | traces/s | until stored | a trace in its cell | lost traces / spans | "
    "cores: server | PostgreSQL | kernels | others | busiest server process |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|",
)

if __name__ == "__main__":
    main()
