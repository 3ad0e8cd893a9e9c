"""Runs rows in a real kernel, with us or with plain ``mlflow.litellm.autolog()`` tracing, and observes them."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from notebook import Notebook, notebook
from row import Row
from verdict import Observed

from ipy_llmtrace import demo

Mode = Literal["ours", "plain"]
SETTLE_S = 2.0
"""How long after a row its spans may take to end and to be shown, where they do not by themselves."""

_NAMES = """
import asyncio, contextlib, random, threading
from concurrent.futures import ThreadPoolExecutor
from probe import *
"""
_SWITCH_ON = {"ours": "%load_ext ipy_llmtrace\n%llmtrace on", "plain": "mlflow.litellm.autolog(silent=True)"}


class Requests(list[Any]):
    """The server's requests, which are stamped as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.stamped: list[tuple[int, Any]] = []

    def append(self, received: Any) -> None:
        self.stamped.append((time.time_ns(), received.body))
        super().append(received)


class Matrix:
    """One kernel for rows of one mode."""

    def __init__(self, mode: Mode, running: Notebook, requests: Requests, log: Path) -> None:
        self._mode = mode
        self._notebook = running
        self._requests = requests
        self._log = log
        self._set_up()

    def run(self, row: Row) -> Observed:
        """Run a row and observe it."""
        seen = Observed()
        if row.restart:
            self._notebook.restart()
            self._set_up()
        self._run_silently("begin()")
        at_byte, at_request = self._log.stat().st_size, len(self._requests.stamped)
        if row.together:
            seen.cells = [self._notebook.submit(cell) for cell in row.cells]
            for cell in seen.cells:
                self._notebook.wait(cell)
        else:
            for number, cell in enumerate(row.cells):
                seen.cells.append(self._notebook.submit(cell))
                if row.interrupt and number == len(row.cells) - 1:
                    self._interrupt(row, seen.cells[-1], at_request)
                self._notebook.wait(seen.cells[-1])
        self._settle(seen, at_byte)
        self._run_silently("finish()")
        if row.clean:
            self._notebook.run(row.clean)
        self._observe(row, seen, at_byte, at_request)
        return seen

    def _set_up(self) -> None:
        self._run_silently("%xmode Minimal")
        found = self._notebook.run(_NAMES + _SWITCH_ON[self._mode])
        if found.error:
            raise RuntimeError(f"the kernel cannot be set up: {found.printed['stderr'][-2000:]}{found.error}")

    def _run_silently(self, code: str) -> None:
        self._notebook.run(code, silent=True)

    def _interrupt(self, row: Row, cell: str, at_request: int) -> None:
        if row.interrupt == "request":
            _until(lambda: len(self._requests.stamped) > at_request, 60)
        else:
            printed = self._notebook.cells[cell].printed
            self._notebook.until(lambda: bool(printed["stdout"]), 60)
            # Then it waits, for the rest of a stream.
            while (before := printed["stdout"]) and self._notebook.until(lambda: printed["stdout"] != before, 0.3):
                pass
        self._notebook.interrupt()

    def _settle(self, seen: Observed, at_byte: int) -> None:
        """Wait until every call that was asked has been left, its span has ended and a cell shows it; not for ever."""

        def settled() -> bool:
            seen.entries = self._entries(at_byte)
            shown = {trace for cell in list(self._notebook.cells.values()) for trace in cell.traces}
            ended = {e["trace"] for e in seen.of("end")}
            left = {e["tag"] for e in seen.of("left")}
            recorded = json.dumps([e["attributes"].get("mlflow.spanInputs") for e in seen.of("end")])
            asked = [e["tag"] for e in seen.of("ask")]
            begun = {e["span"] for e in seen.of("start")} == {e["span"] for e in seen.of("end")}
            return begun and ended <= shown and all(tag in left and tag in recorded for tag in asked)

        # What the row itself waits for comes first.
        _until(lambda: len(self._of(at_byte, "ask")) == len(self._of(at_byte, "left")), 30)
        _until(settled, SETTLE_S)

    def _of(self, at_byte: int, kind: str) -> list[Any]:
        return [e for e in self._entries(at_byte) if e["kind"] == kind]

    def _entries(self, at_byte: int) -> list[dict[str, Any]]:
        with self._log.open("rb") as file:
            file.seek(at_byte)
            return [json.loads(line) for line in file if line.endswith(b"\n")]

    def _observe(self, row: Row, seen: Observed, at_byte: int, at_request: int) -> None:
        seen.entries = self._entries(at_byte)
        seen.requests = self._requests.stamped[at_request:]
        if not seen.of("finished"):
            seen.errors.append("the probe could not read the store")
        for message_id, cell in list(self._notebook.cells.items()):
            seen.shown[message_id] = cell.traces
        for message_id in seen.cells:
            cell = self._notebook.cells[message_id]
            seen.replied_ns[message_id] = cell.replied_ns
            if cell.error and not row.interrupt:
                seen.errors.append(f"the row's code raised {cell.error}: {cell.printed['stderr'][-300:]}")


def _until(condition: Any, timeout_s: float) -> bool:
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def matrix(mode: Mode, directory: Path, tracking_uri: str) -> Iterator[Matrix]:
    """A kernel in ``directory``, tracing to ``tracking_uri``, with a demo server of its own."""
    log = directory / "probe.jsonl"
    log.touch()
    requests = Requests()
    with demo.start(pace=0) as server:
        server.requests = requests
        with notebook(directory, environment(mode, server.url, log, tracking_uri)) as running:
            yield Matrix(mode, running, requests, log)


def environment(mode: Mode, url: str, log: Path, tracking_uri: str) -> dict[str, str]:
    """What a kernel needs, and no setting of MLflow's or LiteLLM's but the destination."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LITELLM_", "LLMTRACE"))}
    paths = [str(Path(__file__).parent), *sys.path]
    return inherited | {
        "MATRIX_MODE": mode,
        "MATRIX_URL": url,
        "MATRIX_LOG": str(log),
        "MLFLOW_TRACKING_URI": tracking_uri,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "OPENAI_API_KEY": "demo",
        "OPENAI_BASE_URL": url,
        "PYTHONPATH": os.pathsep.join(p for p in paths if p),
    }
