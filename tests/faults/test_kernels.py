"""Jupyter shuts a kernel down, restarts it or kills it while traces are still to be stored."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from processes import spooled, stored

pytestmark = pytest.mark.processes

BURST = """
%load_ext ipy_llmtrace
%llmtrace on --view off
import mlflow
for index in range({}):
    with mlflow.start_span("call") as span:
        span.set_inputs({{"index": index}})
"""

WRITTEN = """
import glob
while sum(open(path, "rb").read().count(b" trace tr-") for path in glob.glob("spool/*.jsonl")) < {}:
    pass
"""


class Notebook:
    """A kernel as Jupyter runs one."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self._client: BlockingKernelClient | None = None

    def run(self, source: str) -> str:
        """Execute a cell: what it printed, on either stream."""
        if self._client is None:
            self._client = self.manager.blocking_client()
            self._client.start_channels()
            self._client.wait_for_ready(timeout=60)
        printed: list[str] = []

        def keep(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
            assert message["msg_type"] != "error", "\n".join(content["traceback"])

        self._client.execute_interactive(source, output_hook=keep, timeout=120)
        return "".join(printed)

    def gone(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
            self._client = None


@contextmanager
def notebook(directory: Path) -> Iterator[Notebook]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(
        cwd=str(directory),
        env=environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "LLMTRACE_SPOOL": str(directory / "spool")},
        extra_arguments=["--log-level=ERROR"],
    )
    opened = Notebook(manager)
    try:
        yield opened
    finally:
        opened.gone()
        if manager.is_alive():
            manager.shutdown_kernel(now=True)


EARLIER = """
import time
session = get_ipython().magics_manager.registry["LlmtraceMagics"].session
while not session.delivery_status().earlier:
    time.sleep(0.01)
%llmtrace
"""


def test_a_burst_outlives_a_kernel_that_is_killed(tmp_path: Path) -> None:
    with notebook(tmp_path) as opened:
        assert opened.run(BURST.format(200)).startswith("llmtrace is on")
        opened.run(WRITTEN.format(200))
        opened.manager.restart_kernel(now=True)
        opened.gone()
        assert len(stored(tmp_path / "mlflow.db")) < 200

        opened.run(BURST.format(0))
        assert "delivering 200 traces from an earlier kernel" in opened.run(EARLIER)
        flushed = opened.run("%llmtrace flush")
        assert "traces to store" in flushed
        assert flushed.endswith("llmtrace: the store has everything\n")

    assert list(stored(tmp_path / "mlflow.db").values()) == [1] * 200
    assert spooled(tmp_path) == []


@pytest.mark.slow
def test_a_burst_outlives_an_ordinary_restart(tmp_path: Path) -> None:
    with notebook(tmp_path) as opened:
        opened.run(BURST.format(200))
        opened.manager.restart_kernel(now=False)
        opened.gone()
        opened.run(BURST.format(1))
        assert opened.run("%llmtrace flush").endswith("llmtrace: the store has everything\n")

    assert list(stored(tmp_path / "mlflow.db").values()) == [1] * 201
    assert spooled(tmp_path) == []


def test_restart_and_run_all_stores_everything_once_though_nothing_had_been_stored_before_the_restart(tmp_path: Path) -> None:
    cells = (BURST.format(0), BURST.format(50))
    with notebook(tmp_path) as opened:
        opened.run(BURST.format(1) + "%llmtrace flush")
        with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            for cell in cells:
                opened.run(cell)
            opened.manager.restart_kernel(now=False)
            opened.gone()
            other.execute("ROLLBACK")
        assert len(stored(tmp_path / "mlflow.db")) == 1
        for cell in cells:
            opened.run(cell)
        assert opened.run("%llmtrace flush").endswith("llmtrace: the store has everything\n")

    assert list(stored(tmp_path / "mlflow.db").values()) == [1] * 101
    assert spooled(tmp_path) == []


def test_two_kernels_begin_a_store_together_and_neither_takes_what_the_other_has_still_to_store(tmp_path: Path) -> None:
    with notebook(tmp_path) as one, notebook(tmp_path) as two:
        for opened in (one, two):
            opened.run(BURST.format(50))
        for opened in (one, two):
            assert "earlier kernel" not in opened.run("%llmtrace")
            assert opened.run("%llmtrace flush").endswith("llmtrace: the store has everything\n")

    assert list(stored(tmp_path / "mlflow.db").values()) == [1] * 100
    assert spooled(tmp_path) == []


def test_a_small_cell_is_stored_before_its_kernel_has_shut_down(tmp_path: Path) -> None:
    with notebook(tmp_path) as opened:
        opened.run(BURST.format(1) + "%llmtrace flush")
        opened.run(BURST.format(3))
        opened.manager.shutdown_kernel(now=False)

    assert len(stored(tmp_path / "mlflow.db")) == 4
    assert spooled(tmp_path) == []
