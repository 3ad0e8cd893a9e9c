"""A kernel with a front-end that does what JupyterLab does: it says that it is there, answers views, and reads everything."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.manager import start_new_kernel

from ipy_llmtrace.views.cell_view import WIDGET_MIME

QUIET_MS = 700
"""How long nothing may come before a cell's messages are thought complete."""


@dataclass(frozen=True)
class Message:
    """What came on iopub. ``size_bytes`` counts header, parent, metadata, content and buffers; ``time_s`` is monotonic;
    ``caused_by`` is the id of the request."""

    kind: str
    caused_by: str
    size_bytes: int
    time_s: float
    content: Mapping[str, Any]

    @property
    def purpose(self) -> str:
        """What a view's message is for; empty for any other."""
        if self.kind == "comm_msg":
            return "states" if self.content["data"].get("method") == "update" else "deltas"
        return {"comm_open": "views", "display_data": "outputs", "update_display_data": "outputs"}.get(self.kind, "")


class FrontEnd:
    """Runs cells in one kernel."""

    def __init__(self, client: Any) -> None:
        self._client = client
        client.control_channel.send(client.session.msg("create_subshell_request"))
        self._subshell_id = client.get_control_msg(timeout=60)["content"]["subshell_id"]

    def run(self, source: str) -> list[Message]:
        """Execute a cell and return all that it sent. Raises `RuntimeError` with the traceback when it fails."""
        session, content = self._client.session, {"code": source, "silent": False, "store_history": True}
        request = session.msg(
            "execute_request", content | {"user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        )
        request["metadata"] = {"deletedCells": [], "cellId": request["header"]["msg_id"]}
        self._client.shell_channel.send(request)
        messages: list[Message] = []
        idle = False
        while (message := self._next(QUIET_MS if idle else 120_000)) is not None:
            messages.append(message)
            idle = idle or (
                message.caused_by == request["header"]["msg_id"] and message.content.get("execution_state") == "idle"
            )
            if message.kind == "error":
                raise RuntimeError("\n".join(message.content["traceback"]))
            view = message.content.get("data", {}).get(WIDGET_MIME) if message.kind == "display_data" else None
            if view is not None:
                self._answer(view["model_id"])
        while True:
            try:
                self._client.get_shell_msg(timeout=0)
            except Empty:
                return messages

    def value(self, source: str) -> Any:
        """The JSON that is the last line a cell prints."""
        printed = "".join(m.content["text"] for m in self.run(source) if m.content.get("name") == "stdout")
        return json.loads(printed.splitlines()[-1])

    def _next(self, timeout_ms: int) -> Message | None:
        channel = self._client.iopub_channel.socket
        if not channel.poll(timeout_ms):
            return None
        _, frames = self._client.session.feed_identities(channel.recv_multipart())
        message = self._client.session.deserialize(frames)
        size_bytes = sum(map(len, frames[1:]))
        caused_by = message["parent_header"].get("msg_id", "")
        return Message(message["msg_type"], caused_by, size_bytes, time.monotonic(), message["content"])

    def _answer(self, model_id: str) -> None:
        data = {"method": "custom", "content": {"kind": "here", "seq": 0}}
        message = self._client.session.msg("comm_msg", {"comm_id": model_id, "data": data})
        # As JupyterLab does by default: on a subshell it is heard while the cell runs.
        message["header"]["subshell_id"] = self._subshell_id
        self._client.shell_channel.send(message)


@contextmanager
def front_end(directory: Path, environment: Mapping[str, str]) -> Iterator[FrontEnd]:
    """A kernel in ``directory`` with ``environment`` and nothing else of this process's."""
    manager, client = start_new_kernel(
        kernel_name="python3", cwd=str(directory), env=dict(environment), extra_arguments=["--log-level=ERROR"]
    )
    try:
        yield FrontEnd(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def peak_per_second(messages: list[Message]) -> int:
    """The most messages within any one second."""
    times = [message.time_s for message in messages]
    return max((sum(1 for other in times[index:] if other < start + 1) for index, start in enumerate(times)), default=0)
