"""Traces that are stored, or that MLflow has handed out, as our spans.

MLflow internals relied on: ``Span._span``, the OpenTelemetry span within MLflow's, and ``Span._attachments``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false
from __future__ import annotations

import contextvars
import functools
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlflow.entities import Trace

from ..trace.feedback import Feedback
from ..trace.span import Span
from ..tracking_uri import masked
from . import attachments, mlflow_uri
from .delivery import assessments
from .delivery.experiments import Experiments
from .delivery.mlflow_store import Refused, Store, Unavailable
from .delivery.quiet_logging import quiet
from .mlflow_spans import read

READ_S = 20.0
"""How long a store may take to answer; MLflow by itself waits and tries again for minutes."""

THREAD_NAME = "llmtrace-read"


class NotRead(Exception):
    """A trace cannot be had from the store; the message is one line."""


def fetch(trace_id: str, limit_s: float = READ_S, tracking_uri: str | None = None) -> list[Span]:
    """The spans of a trace in a store; parameters and errors as of `fetch_trace`."""
    return spans_of(fetch_trace(trace_id, limit_s, tracking_uri))


def fetch_trace(trace_id: str, limit_s: float = READ_S, tracking_uri: str | None = None) -> Trace:
    """A trace in a store.

    Parameters
    ----------
    trace_id
        ``tr-`` and 32 hex digits.
    limit_s
        Seconds to wait for the store.
    tracking_uri
        The store; ``None``: the one that MLflow uses at present.

    Raises `NotRead`.
    """
    uri = tracking_uri or mlflow_uri.tracking_uri()
    found: list[Trace | Exception] = []

    def ask() -> None:
        with quiet(THREAD_NAME):
            try:
                store, trace = _stored(uri, trace_id)
                found.append(trace)
                # What holds the bytes may be another host, which does not answer: the trace is there all the same.
                attachments.fetch(trace.data.spans, functools.partial(store.attachment_of, trace))
            except Exception as error:  # told to the caller
                found.append(error)

    # A call of MLflow's cannot be given up, its thread can.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(ask,), name=THREAD_NAME, daemon=True)
    thread.start()
    thread.join(limit_s)
    if not found:
        raise NotRead(f"the store has not answered for {limit_s:g} s: {trace_id} in {masked(uri)}")
    answer = found[0]
    if isinstance(answer, Refused):
        why = "" if "not found" in str(answer) else f": {answer}"
        raise NotRead(f"no trace {trace_id} in this session, nor in {masked(uri)}{why}")
    if isinstance(answer, Unavailable):
        raise NotRead(f"{trace_id} is not a trace of this session, and the store cannot be asked: {answer}")
    if isinstance(answer, Exception):
        raise answer
    return answer


def spans_of(trace: Trace) -> list[Span]:
    """The spans of a trace that MLflow has handed out."""
    return [read(span._span, getattr(span, "_attachments", None)) for span in trace.data.spans]


def feedback_on(trace: Trace) -> list[Feedback]:
    """What people and programs have said of it and of its spans."""
    return assessments.on(trace)


def experiments_of(traces: Iterable[Trace]) -> dict[str, str]:
    """The ids of the experiments in which traces are, where MLflow keeps them in one, by the ids of the traces."""
    return {trace.info.trace_id: trace.info.experiment_id for trace in traces if trace.info.experiment_id}


def from_json(text: str) -> Trace:
    """A trace as MLflow writes it to JSON, into the ``trace`` column of its data frames. Raises ``ValueError`` when it is
    none."""
    try:
        trace = Trace.from_json(text)
        spans_of(trace)
        return trace
    except Exception as error:  # MLflow raises what it meets: KeyError, MlflowException, ...
        raise ValueError(f"not a trace: {error}") from error


def _stored(uri: str, trace_id: str) -> tuple[Store, Trace]:
    path = uri.removeprefix("sqlite:///")
    if path != uri and ":memory:" not in uri and "?" not in uri and not Path(path).exists():
        # MLflow would make it.
        raise Refused("there is no such file")
    store: Any = Store(uri, Experiments(uri))
    store.check()
    return store, store.get(trace_id)
