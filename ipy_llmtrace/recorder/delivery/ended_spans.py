"""What MLflow has finished, as records for the spool.

It does what MLflow's own exporter does with ended spans (``mlflow/tracing/export/mlflow_v3.py``), up to the calls to the store:
each span as it ends, and the trace's own record when the root and all other spans have ended.

MLflow internals relied on: ``InMemoryTraceManager``, ``ManagerTrace``, ``Span.to_dict``, ``Span._attachments``,
``TraceInfo.to_dict``, the display handler.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false
from __future__ import annotations

import base64
import copy
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mlflow.tracing.processor.mlflow_v3
from mlflow.entities import Span
from mlflow.tracing.constant import TraceTagKey
from mlflow.tracing.display import get_display_handler
from mlflow.tracing.export.inference_table import maybe_add_trace_to_serving_buffer
from mlflow.tracing.fluent import _EVAL_REQUEST_ID_TO_TRACE_ID
from mlflow.tracing.trace_manager import InMemoryTraceManager
from mlflow.tracing.utils import TraceJSONEncoder, encode_span_id, maybe_get_request_id
from opentelemetry.sdk.trace import ReadableSpan

from ...trace.lone_surrogates import may_hold_lone, replaced_in_json, replaced_within
from .. import token_estimates
from ..mlflow_spans import read
from . import trace_sizes
from .spool_record import Record

_WRITER = TraceJSONEncoder()

_sizes: weakref.WeakKeyDictionary[ReadableSpan, int] = weakref.WeakKeyDictionary()
"""How long each span is in JSON, for its trace's record."""


@dataclass(slots=True)
class EndedSpan:
    """``experiment`` as in `ipy_llmtrace.recorder.delivery.experiments`; ``None`` is MLflow's default one."""

    span: Any
    trace_id: str
    experiment: str | None
    workspace: str | None


@dataclass(slots=True)
class EndedTrace:
    trace: Any
    prompts: Sequence[Any]
    workspace: str | None

    @property
    def trace_id(self) -> str:
        return str(self.trace.info.trace_id)


class Collector:
    """Takes ended spans over from MLflow's memory, for one store."""

    def __init__(self) -> None:
        self._roots: dict[int, ReadableSpan] = {}

    def collect(self, spans: Sequence[ReadableSpan]) -> list[EndedSpan | EndedTrace]:
        """What of ``spans`` is to be stored. Nothing here waits for anything: it may run on the user's thread."""
        manager: Any = InMemoryTraceManager.get_instance()
        found: list[EndedSpan | EndedTrace] = []
        touched: dict[int, None] = {}
        for span in spans:
            context = span.context
            assert context is not None
            found += _span(manager, span)
            touched[context.trace_id] = None
            if span.parent is None:
                self._roots[context.trace_id] = span
        for otel_id in touched:
            if otel_id in self._roots and not manager.has_open_spans(otel_id):
                del self._roots[otel_id]
                found += _trace(manager.pop_trace(otel_id))
        return found

    def unfinished(self) -> list[EndedTrace]:
        """The traces whose root has ended while another span runs on, as they are now."""
        manager: Any = InMemoryTraceManager.get_instance()
        found: list[EndedTrace] = []
        for otel_id in list(self._roots):
            with manager.get_trace(manager.get_mlflow_trace_id_from_otel_id(otel_id)) as trace:
                if trace is None:
                    self._roots.pop(otel_id, None)
                else:
                    whole = trace.to_mlflow_trace()
                    # MLflow does not load a trace with fewer spans than its record counts.
                    whole.data.spans = [span for span in whole.data.spans if span.end_time_ns is not None]
                    found.append(EndedTrace(whole, list(trace.prompts), trace.workspace))
        return found


def record(ended: EndedSpan | EndedTrace) -> Record:
    """``ended`` in JSON, with binary attachments in base64."""
    if isinstance(ended, EndedTrace):
        info = _whole_characters(ended.trace.info).to_dict()
        found = trace_sizes.metadata(len(_WRITER.encode(info)), [_size(span) for span in ended.trace.data.spans])
        info.setdefault("trace_metadata", {}).update(found)
        body: dict[str, Any] = {"trace": info, "workspace": ended.workspace}
        if ended.prompts:
            body["prompts"] = [(prompt.name, prompt.version) for prompt in ended.prompts]
        return Record("trace", ended.trace.info.trace_id, _WRITER.encode(body).encode())
    span = ended.span
    body = {"experiment": ended.experiment, "workspace": ended.workspace}
    resource = dict(span._span.resource.attributes)
    if not all(name.startswith("telemetry.sdk.") for name in resource):
        body["resource"] = resource
    if span._attachments:
        body["attachments"] = {
            name: base64.b64encode(attachment.content_bytes).decode() for name, attachment in span._attachments.items()
        }
    return Record("span", ended.trace_id, f'{{"span": {_written(span)}, {_WRITER.encode(body)[1:]}'.encode())


def _written(span: Any) -> str:
    """A span in JSON, without lone surrogates."""
    found = span.to_dict()
    found["attributes"].update(token_estimates.written(span._span, found["attributes"], read))
    text = _WRITER.encode(found)
    if may_hold_lone(text):
        texts = {name: replaced_in_json(value) for name, value in found["attributes"].items() if isinstance(value, str)}
        found["attributes"] |= texts
        text = _WRITER.encode(replaced_within(found))
    _sizes[span._span] = len(text)
    return text


def _size(span: Any) -> int:
    return _sizes.get(span._span) or len(_written(span))


def _whole_characters(info: Any) -> Any:
    """A trace's info that protobuf takes: without lone surrogates."""
    found = copy.copy(info)
    for name in ("request_preview", "response_preview", "tags", "trace_metadata"):
        setattr(found, name, replaced_within(getattr(info, name)))
    return found


def _span(manager: Any, ended: ReadableSpan) -> list[EndedSpan]:
    context = ended.context
    assert context is not None
    trace_id = manager.get_mlflow_trace_id_from_otel_id(context.trace_id)
    live = manager.get_span_from_id(trace_id, encode_span_id(context.span_id)) if trace_id else None
    # MLflow forgets a trace that is open too long; what has ended of it is stored all the same.
    span = Span(ended) if live is None else live.to_immutable_span()
    experiment = workspace = None
    if trace_id is not None:
        with manager.get_trace(trace_id) as trace:
            if trace is not None:
                workspace = trace.workspace
                # The part of a distributed trace has no experiment of its own.
                experiment = trace.info.experiment_id if trace.info.trace_location is not None else None
    if experiment is None:
        processor_module: Any = mlflow.tracing.processor.mlflow_v3
        experiment = processor_module.get_experiment_id_for_trace(ended)
    # A span that began after the end of its trace is none to MLflow.
    return [EndedSpan(span, span.trace_id, experiment, workspace)] if span.trace_id else []


def _trace(found: Any) -> list[EndedSpan | EndedTrace]:
    if found is None:
        return []
    info = found.trace.info
    if evaluated := info.tags.get(TraceTagKey.EVAL_REQUEST_ID):
        _EVAL_REQUEST_ID_TO_TRACE_ID[evaluated] = info.trace_id
    if not maybe_get_request_id(is_evaluate=True):
        get_display_handler().display_traces([found.trace])
    maybe_add_trace_to_serving_buffer(found.trace)
    return [EndedTrace(found.trace, found.prompts, found.workspace)]
