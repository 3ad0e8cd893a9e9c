"""Takes the place of MLflow's exporter: what ends goes into the `Outbox` instead of MLflow's queue.

MLflow's exporter cannot be kept and merely watched: it keeps what has ended in memory only, drops what its queues do not
hold, logs what the store does not take and forgets it, makes the database on the user's thread, and waits for the store there
whenever the experiment changes. MLflow's span processor stays, and with it what MLflow does when spans begin and end. Of what
goes by OTLP, MLflow's own processor is left out. Exports to Databricks, Unity Catalog and inference tables are left to MLflow.

MLflow internals relied on: ``mlflow.tracing.provider._get_mlflow_span_processor``, which makes processor and exporter for a
tracking URI; ``MlflowV3SpanProcessor(span_exporter, export_metrics, use_batch_processor)`` with ``span_exporter`` and
``_batch_delegate``; ``_async_queue.flush`` of an exporter, which MLflow's own flush calls; ``should_use_otlp_exporter`` and
``_initialize_tracer_provider`` of ``mlflow.tracing.provider``, and that `OtelSpanProcessor` is what it makes for OTLP;
``mlflow.tracing.processor.mlflow_v3.get_experiment_id_for_trace``; ``mlflow.tracing.utils.truncation._get_max_length``, which
remembers its first answer.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false
from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import mlflow.tracing.processor.mlflow_v3 as processor_module
import mlflow.tracing.provider as provider_module
from mlflow.tracing.export.mlflow_v3 import MlflowV3SpanExporter
from mlflow.tracing.processor.mlflow_v3 import MlflowV3SpanProcessor
from mlflow.tracing.processor.otel import OtelSpanProcessor
from mlflow.tracing.trace_manager import InMemoryTraceManager
from mlflow.tracing.utils import maybe_get_request_id, truncation
from mlflow.tracing.utils.otlp import should_export_otlp_metrics
from mlflow.utils.uri import is_databricks_uri
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from ...tracking_uri import absolute
from .. import mlflow_uri
from ..patches import Patches
from .experiments import named_later
from .otlp_endpoint import Otlp
from .outbox import Outbox
from .trace_locations import TraceLocations


class InternalsChanged(Exception):
    """MLflow is not what this was written for; the message says where."""


class SpoolingExporter(SpanExporter):
    """Hands ended spans to the outbox; once that is closed, and during MLflow's evaluations, to MLflow's own exporter.

    Parameters
    ----------
    tracking_uri
        The store's address.
    plain
        MLflow's exporter, if there is one already; it is made when needed.
    """

    def __init__(self, tracking_uri: str, outbox: Outbox, plain: SpanExporter | None = None) -> None:
        self.tracking_uri = tracking_uri
        self._outbox = outbox
        self.plain = plain
        self._async_queue = _Flush(self)
        # MLflow asks for the tracking URI when the first trace ends, and loses it if the working directory is gone by then.
        with contextlib.suppress(Exception):
            truncation._get_max_length()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        # An evaluation reads its traces back at once.
        if self._outbox.closed or maybe_get_request_id(is_evaluate=True):
            if self.plain is None:
                self.plain = MlflowV3SpanExporter(self.tracking_uri)
            self.plain.export(spans)
        else:
            for span in spans:
                self._outbox.put(self.tracking_uri, span)
        return SpanExportResult.SUCCESS

    def flush(self, terminate: bool) -> None:
        self._outbox.flush(lambda left: None)
        queue = getattr(self.plain, "_async_queue", None)
        if queue is not None:
            queue.flush(terminate=terminate)


class _Flush:
    """What ``mlflow.flush_trace_async_logging`` looks for on an exporter."""

    def __init__(self, exporter: SpoolingExporter) -> None:
        self._exporter = exporter

    def flush(self, terminate: bool = False) -> None:
        self._exporter.flush(terminate)


def install(outbox: Outbox, choose_otlp: Callable[[], Otlp | None], patches: Patches, trace_locations: TraceLocations) -> None:
    """Send what ends from now on to ``outbox``, also in the tracer provider that exists already, until ``patches`` are
    restored and the outbox is closed; then `give_back`. Raises `InternalsChanged`, and then has changed nothing.

    Parameters
    ----------
    choose_otlp
        What is to go by OTLP; asked now, and whenever MLflow would ask itself.
    trace_locations
        Where is noted where the traces are that begin from now on.
    """
    check()
    outbox.otlp = choose_otlp()
    patches.replace(provider_module, "_get_mlflow_span_processor", lambda original: _spooling(original, outbox))
    patches.replace(provider_module, "should_use_otlp_exporter", lambda ask: _left_to_us(ask, outbox, choose_otlp))
    patches.replace(
        processor_module,
        "get_experiment_id_for_trace",
        lambda ask: trace_locations.noting(named_later(ask), _current_store, outbox.experiment_id),
    )
    if any(isinstance(processor, OtelSpanProcessor) for processor in _processors()):
        provider_module._initialize_tracer_provider()
    for processor in _processors():
        exporter = getattr(processor, "span_exporter", None)
        if type(processor) is not MlflowV3SpanProcessor:
            continue
        if type(exporter) is MlflowV3SpanExporter:
            _take_over(processor, exporter._client.tracking_uri, exporter, outbox, patches)
        elif isinstance(exporter, SpoolingExporter):
            _take_over(processor, exporter.tracking_uri, exporter.plain, outbox, patches)


def deliver_leftovers(outbox: Outbox) -> None:
    """Store what dead processes left for the store that MLflow writes to at present."""
    uri = mlflow_uri.tracking_uri()
    if not is_databricks_uri(uri):
        outbox.deliver_leftovers(absolute(uri))


def check() -> None:
    """Raise `InternalsChanged` when MLflow lacks what this relies on."""
    expected: list[tuple[Any, str, tuple[str, ...]]] = [
        (provider_module, "_get_mlflow_span_processor", ("tracking_uri",)),
        (provider_module, "should_use_otlp_exporter", ()),
        (provider_module, "_initialize_tracer_provider", ("disabled",)),
        (MlflowV3SpanProcessor, "__init__", ("self", "span_exporter", "export_metrics", "use_batch_processor")),
        (MlflowV3SpanExporter, "__init__", ("self", "tracking_uri")),
        (processor_module, "get_experiment_id_for_trace", ("span",)),
        (InMemoryTraceManager, "pop_trace", ("self", "otel_trace_id")),
        (InMemoryTraceManager, "has_open_spans", ("self", "otel_trace_id")),
        (InMemoryTraceManager, "get_span_from_id", ("self", "trace_id", "span_id")),
        (InMemoryTraceManager, "get_mlflow_trace_id_from_otel_id", ("self", "otel_trace_id")),
    ]
    for owner, name, parameters in expected:
        where = f"{owner.__name__}.{name}"
        found = getattr(owner, name, None)
        if found is None:
            raise InternalsChanged(f"{where} is gone")
        if tuple(inspect.signature(found).parameters) != parameters:
            raise InternalsChanged(f"{where} takes other arguments")


def give_back() -> None:
    """What goes by OTLP without us, MLflow sends again."""
    tracing: Any = provider_module
    if tracing.should_use_otlp_exporter() and _processors():
        tracing._initialize_tracer_provider()


def _processors() -> tuple[Any, ...]:
    tracing: Any = provider_module
    current = tracing.provider.get() if tracing.provider.once._done else None
    return tuple(getattr(getattr(current, "_active_span_processor", None), "_span_processors", ()))


def _current_store() -> str:
    """The store of what begins now: it is settled when MLflow makes its processor, not when the tracking URI is asked for."""
    exporters = [getattr(processor, "span_exporter", None) for processor in _processors()]
    ours = next((exporter.tracking_uri for exporter in exporters if isinstance(exporter, SpoolingExporter)), None)
    return ours or absolute(mlflow_uri.tracking_uri())


def _left_to_us(ask: Callable[[], bool], outbox: Outbox, choose_otlp: Callable[[], Otlp | None]) -> Callable[[], bool]:
    def should_use_otlp_exporter() -> bool:
        if outbox.closed or is_databricks_uri(mlflow_uri.tracking_uri()):
            return ask()
        outbox.otlp = choose_otlp()
        return False

    return should_use_otlp_exporter


def _spooling(original: Callable[..., Any], outbox: Outbox) -> Callable[..., Any]:
    def get_mlflow_span_processor(tracking_uri: str) -> Any:
        if outbox.closed or is_databricks_uri(tracking_uri):
            return original(tracking_uri)
        return MlflowV3SpanProcessor(
            span_exporter=SpoolingExporter(absolute(tracking_uri), outbox),
            export_metrics=should_export_otlp_metrics(),
            use_batch_processor=False,
        )

    return get_mlflow_span_processor


def _take_over(processor: Any, uri: str, plain: SpanExporter | None, outbox: Outbox, patches: Patches) -> None:
    """Put ours before the exporter and the batches of a processor that was made before us, or by us before the last off."""
    if is_databricks_uri(uri):
        return
    exporter = SpoolingExporter(absolute(uri), outbox, plain)
    patches.replace(processor, "_batch_delegate", lambda batches: None)
    patches.replace(processor, "span_exporter", lambda plain: exporter)
