"""A real kernel, driven as a front-end does it: outputs go to the cell whose message they answer, also those that come when it
has run, and updates of a display to the cell that shows it."""

from __future__ import annotations

import queue
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

TIMEOUT_S = 120
_TRACE_ID = re.compile(r"tr-[0-9a-f]{32}")


@dataclass
class Cell:
    """One execution of a cell: ``outputs`` are MIME bundles, ``printed`` by stream; ``replied_ns`` (Unix) is its end."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    printed: dict[str, str] = field(default_factory=lambda: {"stdout": "", "stderr": ""})
    error: str | None = None
    idle: bool = False
    replied_ns: int = 0

    @property
    def traces(self) -> set[str]:
        """The trace ids that stand in its outputs."""
        return {trace_id for bundle in self.outputs for trace_id in _TRACE_ID.findall(str(bundle.get("text/html", "")))}


class Notebook:
    """A kernel and the cells that it has executed, by the id of their message."""

    def __init__(self, manager: KernelManager) -> None:
        self._manager = manager
        self.cells: dict[str, Cell] = {}
        self._displays: dict[str, list[dict[str, Any]]] = {}
        self._changed = threading.Condition()
        self._connect()

    def _connect(self) -> None:
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=TIMEOUT_S)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(self._client, self._stop), daemon=True)
        self._thread.start()

    def _disconnect(self) -> None:
        self._stop.set()
        self._thread.join()
        self._client.stop_channels()

    def submit(self, code: str, *, silent: bool = False, cell_id: str | None = None) -> str:
        """Send a cell to be executed, in a message like JupyterLab's; its id."""
        content = {"code": code, "silent": silent, "store_history": not silent, "allow_stdin": False, "stop_on_error": True}
        metadata = {} if silent else {"deletedCells": [], "cellId": cell_id or uuid.uuid4().hex}
        message = self._client.session.msg("execute_request", content, metadata=metadata)
        message_id = message["header"]["msg_id"]
        with self._changed:
            self.cells[message_id] = Cell()
        self._client.shell_channel.send(message)
        return message_id

    def wait(self, message_id: str) -> Cell:
        """Wait until the cell has been executed."""
        cell = self.cells[message_id]
        end = time.monotonic() + TIMEOUT_S
        while not cell.replied_ns:
            if time.monotonic() > end:
                raise TimeoutError(f"a cell has not been executed within {TIMEOUT_S} s")
            try:
                # A reply that is there already can escape a longer wait.
                reply = self._client.get_shell_msg(timeout=1)
            except queue.Empty:
                continue
            answered = self.cells.get(reply["parent_header"].get("msg_id", ""))
            if answered is not None:
                answered.replied_ns = time.time_ns()
                answered.error = reply["content"].get("ename")
        self.until(lambda: cell.idle)
        return cell

    def run(self, code: str, *, silent: bool = False) -> Cell:
        return self.wait(self.submit(code, silent=silent))

    def until(self, condition: Callable[[], bool], timeout_s: float = TIMEOUT_S) -> bool:
        """Wait for a condition on the outputs; whether it came true."""
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def restart(self) -> None:
        self._disconnect()
        self._manager.restart_kernel(now=True)
        self._connect()

    def close(self) -> None:
        self._disconnect()
        self._manager.shutdown_kernel(now=True)

    def _listen(self, client: Any, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                message = client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                continue
            with self._changed:
                self._take(message["msg_type"], message["content"], self.cells.get(message["parent_header"].get("msg_id", "")))
                self._changed.notify_all()

    def _take(self, kind: str, content: dict[str, Any], cell: Cell | None) -> None:
        display_id = content.get("transient", {}).get("display_id")
        if kind == "update_display_data":
            for bundle in self._displays.get(display_id, []):
                bundle.clear()
                bundle.update(content["data"])
        if cell is None:
            return
        if kind in ("display_data", "execute_result"):
            cell.outputs.append(dict(content["data"]))
            if display_id:
                self._displays.setdefault(display_id, []).append(cell.outputs[-1])
        elif kind == "stream":
            cell.printed[content["name"]] += content["text"]
        elif kind == "status" and content["execution_state"] == "idle":
            cell.idle = True


@contextmanager
def notebook(directory: Path, environment: Mapping[str, str]) -> Iterator[Notebook]:
    """A kernel in ``directory`` with ``environment`` alone."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=dict(environment), cwd=str(directory), extra_arguments=["--log-level=ERROR"])
    try:
        running = Notebook(manager)
    except BaseException:
        manager.shutdown_kernel(now=True)
        raise
    try:
        yield running
    finally:
        running.close()
