"""Lives in the kernel that a row runs in, and writes down what happens, in its order, one JSON line each: spans that begin
and end, what the row's code asked and when it had its result. It is the same whether we or plain autolog trace, and
knows nothing of either.

A row's code says ``with ask() as q:`` around a call and ``q("...")`` for its messages, which carry a tag: by that tag the
call's spans, its requests and its result are found again.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
import threading
import time
import uuid
from types import TracebackType
from typing import Any, Self

import comm
import httpx
import litellm
import mlflow
import mlflow.litellm
import mlflow.tracing.provider as provider
from IPython import get_ipython
from litellm.integrations.mlflow import MlflowLogger
from litellm.litellm_core_utils.streaming_handler import CustomStreamWrapper
from mlflow.tracing.client import TracingClient
from mlflow.tracing.display.display_handler import IPythonTraceDisplayHandler
from opentelemetry.sdk.trace import SpanProcessor

MODE = os.environ["MATRIX_MODE"]
URL = os.environ["MATRIX_URL"]
OTHER_URI = os.environ["MATRIX_OTHER_URI"]
ROOT = URL.removesuffix("/v1")
M = "openai/gpt-4o-mini"
base: dict[str, Any] = {"api_base": URL, "api_key": "demo"}
kw: dict[str, Any] = {"model": M, **base}
CALLBACK_LISTS = (
    "callbacks",
    "input_callback",
    "success_callback",
    "failure_callback",
    "_async_success_callback",
    "_async_failure_callback",
)

_file = open(os.environ["MATRIX_LOG"], "a", encoding="utf-8")  # noqa: SIM115 - open as long as the kernel runs
_lock = threading.Lock()
_numbers = itertools.count()


def write(kind: str, **fields: Any) -> None:
    line = {"kind": kind, "time_ns": time.time_ns(), "number": next(_numbers), **fields}
    with _lock:
        _file.write(json.dumps(line, default=str) + "\n")
        _file.flush()


class Probe(SpanProcessor):
    """Writes every span's beginning and end."""

    def __init__(self) -> None:
        self.begun = 0
        self.open: dict[str, Any] = {}
        self.traces: dict[str, str] = {}

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        found = _span(span)
        self.begun += 1
        self.open[found["span"]] = span
        self.traces[found["trace"]] = mlflow.get_tracking_uri()
        write("start", **{name: found[name] for name in ("span", "trace", "parent", "name")})

    def on_end(self, span: Any) -> None:
        found = _span(span)
        self.open.pop(found["span"], None)
        write("end", **found)

    def shutdown(self) -> None:
        """MLflow shuts the processors of a provider down when it makes the next; this one serves them all."""


def _span(span: Any) -> dict[str, Any]:
    attributes = {name: _decoded(value) for name, value in dict(span.attributes or {}).items()}
    return {
        "span": f"{span.context.span_id:016x}",
        "trace": str(attributes.get("mlflow.traceRequestId") or f"tr-{span.context.trace_id:032x}"),
        "parent": f"{span.parent.span_id:016x}" if span.parent else None,
        "name": span.name,
        "status": span.status.status_code.name,
        "description": span.status.description or "",
        "events": [event.name for event in span.events],
        "attributes": attributes,
    }


def _decoded(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _install(probe: Probe) -> None:
    """MLflow makes new processors whenever its destination changes."""
    tracing: Any = provider
    original = tracing._get_span_processors

    def with_probe(disabled: bool = False) -> Any:
        processors = original(disabled=disabled)
        return [*processors, probe] if processors else processors

    tracing._get_span_processors = with_probe


probe = Probe()
_install(probe)
shell: Any = get_ipython()
_cell = ""


def _note_cell(info: Any) -> None:
    global _cell
    kernel = getattr(shell, "kernel", None)
    _cell = kernel.get_parent("shell")["header"]["msg_id"] if kernel else str(info.raw_cell).strip()


shell.events.register("pre_run_cell", _note_cell)


class Ask:
    """A call of the row's, or several of the same words; see `ask`."""

    def __init__(self, text: str, expected: dict[str, Any]) -> None:
        self._text = text
        self._expected = expected
        self._parent = expected.pop("parent", here)
        self.tag = f"q{uuid.uuid4().hex[:8]}"

    def __call__(self, text: str | None = None) -> list[dict[str, Any]]:
        return [{"role": "user", "content": self.text(text)}]

    def text(self, text: str | None = None) -> str:
        return f"{self.tag} {self._text if text is None else text}"

    def __enter__(self) -> Self:
        parent = here() if self._parent is here else self._parent
        write("ask", tag=self.tag, parent=parent, cell=_cell, expected=self._expected)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        write("left", tag=self.tag, error=kind.__name__ if kind else None)

    def got(self, reply: Any) -> Any:
        """The row has its result, which what is recorded is compared with; a stream's is the list of its pieces."""
        write("reply", tag=self.tag, **_said(reply))
        return reply


def ask(text: str = "hello", **expected: Any) -> Ask:
    """A call is about to be made, under the span that is active now.

    Parameters
    ----------
    text
        What is asked, if the row's code does not say.
    parent
        The id of the span that the call belongs under, where that is another than the active one (a thread has none by itself).
    cell
        The number (from 0) of the row's cell that causes it, where that is not the one which is running.
    until
        When the span must have ended: ``block``, ``cell`` (the running one) or ``row``.
    status, says
        How the call's span must end, ``OK`` or ``ERROR``, and a pattern for its description, where that does not follow from
        how the block is left.
    type
        MLflow's span type.
    calls, attempts
        How many calls are made with these words, and how many requests there are at least for one.
    usage, cache_hit
        Whether the server says how many tokens it took; whether the (last) reply is from LiteLLM's cache.
    """
    return Ask(text, expected)


def here() -> str | None:
    """The id of the active span."""
    span = mlflow.get_current_active_span()
    return span.span_id if span is not None else None


def expect_span(name: str, status: str = "OK", says: str = "") -> None:
    """The row's own span of this name ends like this."""
    write("expect_span", name=name, status=status, says=says)


def check(column: str, fine: bool, why: str) -> None:
    """A verdict of the row's own on ``column``."""
    write("check", column=column, fine=bool(fine), why=why)


def begun() -> int:
    """How many spans have begun."""
    return probe.begun


def switch(on: bool) -> None:
    """Tracing on or off, in this mode's own words."""
    if MODE == "ours":
        shell.run_line_magic("llmtrace", "on" if on else "off")
    else:
        mlflow.litellm.autolog(disable=not on, silent=True)


def reset() -> None:
    """Tracing anew, without any callback that a row has left."""
    switch(False)
    reset_callbacks()
    switch(True)


def reset_callbacks() -> None:
    """No callback of MLflow's or of a row's is left."""
    mlflow.litellm.autolog(disable=True, silent=True)
    for callbacks in (getattr(litellm, name) for name in CALLBACK_LISTS):
        callbacks[:] = [
            c for c in callbacks if c != "mlflow" and not isinstance(c, MlflowLogger) and type(c).__name__ != "Mine"
        ]


def footprint() -> dict[str, Any]:
    """What of the process tracing may change, in numbers."""
    return {
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "events": {name: len(callbacks) for name, callbacks in shell.events.callbacks.items()},
        "callbacks": {name: len(getattr(litellm, name)) for name in CALLBACK_LISTS},
        "finders": len(sys.meta_path),
        "comms": len(comm.get_comm_manager().comms),
        "processors": len(provider.provider.get()._active_span_processor._span_processors),
        "patched": [threading.Thread.start, httpx.Client.send, CustomStreamWrapper.__next__, provider._get_span_processors],
        "environment": {name: value for name, value in os.environ.items() if name.startswith("MLFLOW_")},
    }


def begin() -> None:
    """A row begins."""
    probe.open.clear()
    probe.traces.clear()


def finish() -> None:
    """A row has run: write which spans are open, and what the store has after a flush."""
    for span in list(probe.open.values()):
        write("open", **_span(span))
    if MODE == "ours":
        shell.run_line_magic("llmtrace", "flush")
    else:
        mlflow.flush_trace_async_logging()
    handler: Any = IPythonTraceDisplayHandler.get_instance()
    displays = dict(handler.traces_to_display)
    for trace_id, uri in probe.traces.items():
        try:
            stored = TracingClient(uri).get_trace(trace_id)
        except Exception as error:  # what the store says is the finding
            write("missing", trace=trace_id, why=f"{type(error).__name__}: {error}"[:200])
            continue
        for span in stored.data.spans if stored else []:
            write("stored", **_span(span._span))
    # Reading a trace makes MLflow show it beside the next cell.
    handler.traces_to_display = displays
    write("finished")


def _said(reply: Any) -> dict[str, Any]:
    """Text, usage and cost of a reply, as its caller finds them."""
    if isinstance(reply, list):
        return _said_in_pieces(reply)
    found = reply if isinstance(reply, dict) else reply.model_dump(warnings=False)
    texts = [part for choice in found.get("choices") or [] for part in _choice(choice)]
    texts += [part["text"] for part in found.get("content") or []]
    texts += [part["text"] for item in found.get("output") or [] for part in item.get("content") or [] if "text" in part]
    hidden = getattr(reply, "_hidden_params", None) or {}
    usage = getattr(reply, "usage", None)
    usage = usage.model_dump(warnings=False) if hasattr(usage, "model_dump") else found.get("usage")
    return {"texts": texts, "usage": usage, **({"cost": hidden["response_cost"]} if hidden.get("response_cost") else {})}


def _choice(choice: dict[str, Any]) -> list[str]:
    message = choice.get("message") or {}
    texts = [choice.get("text"), message.get("content"), message.get("reasoning_content")]
    return [t for t in texts if t] + [call["function"]["arguments"] for call in message.get("tool_calls") or []]


def _said_in_pieces(pieces: list[Any]) -> dict[str, Any]:
    if isinstance(pieces[0], bytes):
        lines = [json.loads(line[6:]) for line in b"".join(pieces).decode().splitlines() if line.startswith("data: {")]
        text = "".join(line["delta"].get("text", "") for line in lines if line["type"] == "content_block_delta")
        usage: dict[str, Any] = {}
        for line in lines:
            usage |= line.get("usage") or (line.get("message") or {}).get("usage") or {}
        return {"texts": [text], "usage": usage}
    completed = [piece.response for piece in pieces if getattr(piece, "type", "") == "response.completed"]
    if completed:
        return _said(completed[0])
    whole = litellm.stream_chunk_builder(pieces)
    usage = next((u.model_dump(warnings=False) for piece in pieces if (u := getattr(piece, "usage", None))), None)
    # Where the server did not count, LiteLLM guesses, and prices its guess.
    cost = litellm.completion_cost(whole) if usage else None
    return {**_said(whole), "usage": usage, "cost": cost}


def forget(library: str) -> dict[str, Any]:
    """Remove a library from ``sys.modules``, for the next import to make another copy; what was removed, for `put_back`."""
    removed = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == library}
    for name in removed:
        del sys.modules[name]
    return removed


def put_back(removed: dict[str, Any]) -> None:
    """Undo a `forget`."""
    forget(next(iter(removed)).partition(".")[0])
    sys.modules.update(removed)


def words(pieces: list[Any]) -> str:
    """The text of a chat stream's pieces."""
    return "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)


def named(text: str) -> str:
    """A name for an experiment or a file that is used once."""
    return re.sub(r"\W", "-", text) + uuid.uuid4().hex[:6]
