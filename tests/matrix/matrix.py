"""Runs rows in a real kernel, with us or with plain ``mlflow.litellm.autolog()`` tracing, and observes them."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from driven_kernel import Notebook, notebook
from row import Row
from terminal import Terminal, terminal
from verdict import Observed

from ipy_llmtrace import demo

Mode = Literal["ours", "plain"]
SETTLE_S = 2.0
"""How long after a row its spans may take to end and to be shown, where they do not by themselves."""

_CALL_ROW = re.compile("[├└]─ (?:LLM|EMBEDDING|RERANKER) ")
"""The beginning of a call's row in the printed tree."""

_NAMES = """
import asyncio, contextlib, random, sys, threading
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


class Terminals:
    """IPython in a terminal for rows of one mode."""

    def __init__(self, running: Terminal, requests: Requests, log: Path, mode: Mode) -> None:
        self._terminal = running
        self._requests = requests
        self._log = log
        for line in [*_NAMES.strip().splitlines(), *_SWITCH_ON[mode].splitlines()]:
            running.run(line)

    def run(self, row: Row) -> Observed:
        """Run a row and observe it: a cell shows its traces when the tree below it has as many calls as were asked there."""
        self._terminal.run("begin()")
        at_byte, at_request = self._log.stat().st_size, len(self._requests.stamped)
        printed = {cell: self._terminal.run(cell) for cell in row.cells}
        self._terminal.run("finish()")
        seen = Observed(
            entries=entries(self._log, at_byte), requests=self._requests.stamped[at_request:], cells=list(row.cells)
        )
        for cell, text in printed.items():
            asked = [e for e in seen.of("ask") if e["cell"] == cell]
            calls = sum(e["expected"].get("calls", 1) for e in asked)
            spans = [e for e in seen.of("end") if any(a["tag"] in json.dumps(e["attributes"]) for a in asked)]
            if "LLM trace, cell [" in text and len(_CALL_ROW.findall(text)) == calls:
                seen.shown[cell] = {span["trace"] for span in spans}
        return seen


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
                seen.cells.append(self._notebook.submit(cell, cell_id="again" if row.same_cell else None))
                if row.interrupt and number == len(row.cells) - 1:
                    self._interrupt(row, seen.cells[-1], at_request)
                self._notebook.wait(seen.cells[-1])
        self._settle(row, seen, at_byte)
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
            _until(lambda: len(self._requests.stamped) >= at_request + row.requests, 60)
        else:
            printed = self._notebook.cells[cell].printed
            self._notebook.until(lambda: bool(printed["stdout"]), 60)
            # Then it waits, for the rest of a stream.
            while (before := printed["stdout"]) and self._notebook.until(lambda: printed["stdout"] != before, 0.3):
                pass
        self._notebook.interrupt()

    def _settle(self, row: Row, seen: Observed, at_byte: int) -> None:
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
        _until(lambda: max(len(self._of(at_byte, "ask")), row.asks) == len(self._of(at_byte, "left")), 30)
        _until(settled, SETTLE_S)

    def _of(self, at_byte: int, kind: str) -> list[Any]:
        return [e for e in self._entries(at_byte) if e["kind"] == kind]

    def _entries(self, at_byte: int) -> list[dict[str, Any]]:
        return entries(self._log, at_byte)

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


def entries(log: Path, at_byte: int) -> list[dict[str, Any]]:
    """What the probe has written since ``at_byte``."""
    with log.open("rb") as file:
        file.seek(at_byte)
        return [json.loads(line) for line in file if line.endswith(b"\n")]


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


@contextmanager
def terminals(mode: Mode, directory: Path, tracking_uri: str) -> Iterator[Terminals]:
    """IPython in a terminal in ``directory``, tracing to ``tracking_uri``, with a demo server of its own."""
    log = directory / "terminal.jsonl"
    log.touch()
    requests = Requests()
    with demo.start(pace=0) as server:
        server.requests = requests
        with terminal(directory, environment(mode, server.url, log, tracking_uri)) as running:
            yield Terminals(running, requests, log, mode)


def environment(mode: Mode, url: str, log: Path, tracking_uri: str) -> dict[str, str]:
    """What a kernel needs, and no setting of MLflow's or LiteLLM's but the destination."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LITELLM_", "LLMTRACE"))}
    # Another address of the same kind, for what changes it: of a server, another name.
    other = tracking_uri.replace("127.0.0.1", "localhost") if "://127" in tracking_uri else f"{tracking_uri}.other"
    paths = [str(Path(__file__).parent), *sys.path]
    return inherited | {
        "MATRIX_MODE": mode,
        "MATRIX_URL": url,
        "MATRIX_LOG": str(log),
        "MATRIX_OTHER_URI": other,
        "MLFLOW_TRACKING_URI": tracking_uri,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "OPENAI_API_KEY": "demo",
        "OPENAI_BASE_URL": url,
        "PYTHONPATH": os.pathsep.join(p for p in paths if p),
    }
