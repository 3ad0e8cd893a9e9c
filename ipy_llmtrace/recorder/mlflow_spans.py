"""The MLflow side: a span processor that sees every span begin and end, MLflow's spans read into ours, and the store.

MLflow internals relied on:

- ``mlflow.tracing.provider._get_span_processors``: MLflow makes a new list of processors on every ``set_tracking_uri``,
  ``set_experiment``, ``set_destination``, ``enable`` and ``reset``; a processor merely added to the provider is lost.
- ``mlflow.tracing.provider.provider`` with ``get()`` and ``once``, and the ``_active_span_processor`` of OpenTelemetry's
  ``TracerProvider``: to join a provider that exists already.
- ``mlflow.tracing.provider._IsolatedRandomIdGenerator.__del__``: it only keeps a set for forks in order.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from time import time_ns
from typing import Any, Protocol

import mlflow
import mlflow.tracing.provider as provider_module
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace import Span as OTelSpan
from opentelemetry.trace import StatusCode

from ..guard import Guard
from ..trace import estimates
from ..trace.span import Event, Json, Span, Status, Tokens
from . import attachments, token_estimates, token_usage
from . import trace_metadata as trace_labels
from .changes import Began, Ended
from .interruptions import INTERRUPTED
from .listener import Listener
from .open_spans import OpenSpans
from .patches import Patches

FIRST_TOKEN_EVENT = "first_token"
"""The name of the span event at the first piece of a streamed reply."""

_NOT_PARAMS = frozenset({"messages", "model", "input", "prompt", "contents", "systemInstruction", "tools", "functions"})


class SpanLeaver(Protocol):
    """Ends what a span leaves behind, as `ipy_llmtrace.recorder.recorder.Recorder` does."""

    def leaving_span(self, span_id: str, failure: str | None) -> None:
        """A span is ending, which MLflow does not know yet; ``failure`` describes how it failed, if it did."""
        ...


class SpanTap(SpanProcessor):
    """Sits before MLflow's own processors in every tracer provider that MLflow makes, until `remove`: what it ends when a
    span is left is in the trace before MLflow closes it.

    Parameters
    ----------
    listener
        Told of beginnings and ends on the thread that they happen on.
    leaver
        Told before MLflow that a span ends.
    """

    def __init__(self, listener: Listener, leaver: SpanLeaver, guard: Guard) -> None:
        self._listener = listener
        self._leaver = leaver
        self._guard = guard
        self._attached = guard(attachments.attached)
        self._patches = Patches()
        self._open = OpenSpans()
        self._active = False

    def install(self) -> None:
        """Join MLflow's current provider and every later one."""
        tracing: Any = provider_module
        self._active = True
        # MLflow's finaliser of the id generator that we ask for complains at exit, when its module's names are gone.
        tracing._IsolatedRandomIdGenerator.__del__ = _finalise_nothing
        self._patches.replace(tracing, "_get_span_processors", self._with_tap)
        if tracing.provider.once._done:
            _change_processors(tracing.provider.get(), lambda processors: (self, *processors))

    def remove(self) -> None:
        """Leave MLflow as it was; a provider made meanwhile loses us too."""
        tracing: Any = provider_module
        self._active = False
        self._patches.restore()
        if tracing.provider.once._done:
            _change_processors(tracing.provider.get(), lambda processors: tuple(p for p in processors if p is not self))

    def _with_tap(self, original: Any) -> Any:
        def get_span_processors(disabled: bool = False) -> list[SpanProcessor]:
            processors = original(disabled=disabled)
            return [self, *processors] if processors and self._active else processors

        return get_span_processors

    def on_start(self, span: OTelSpan, parent_context: Context | None = None) -> None:
        if not self._active:
            return
        try:
            parent, context = span.parent, span.get_span_context()
            assert context is not None
            span_id = f"{context.span_id:016x}"
            self._open.began(span_id, span)
            self._listener.take(
                Began(
                    span_id=span_id,
                    parent_id=None if parent is None else f"{parent.span_id:016x}",
                    read=lambda: token_estimates.added(read(span, self._attached(span))),
                )
            )
        except Exception as error:  # an exception here would cost the user the span
            self._guard.report("SpanTap.on_start", error)

    def on_end(self, span: ReadableSpan) -> None:
        context = span.context
        if not self._active or context is None:
            return
        try:
            span_id = f"{context.span_id:016x}"
            self._open.ended(span_id)
            self._leaver.leaving_span(span_id, span.status.description if span.status.status_code is StatusCode.ERROR else None)
            if span.parent is None:
                self._guard(self._label)(span, span_id)
            # Asked now: MLflow forgets them when the whole trace has ended.
            attached = self._attached(span)
            self._listener.take(Ended(span_id, lambda: token_estimates.added(read(span, attached))))
        except Exception as error:  # as above
            self._guard.report("SpanTap.on_end", error)

    def interrupted(self, span_ids: Container[str]) -> None:
        """The running code was interrupted: those of these spans that it has left open are told as ended by that, though
        to MLflow they are open still. If they end after all, that is told, too."""
        now_ns = time_ns()
        for span_id, span in self._open.left(span_ids).items():
            self._listener.take(Ended(span_id, functools.partial(self._read_interrupted, span, now_ns)))

    def _read_interrupted(self, span: ReadableSpan, end_ns: int) -> Span:
        found = token_estimates.added(read(span, self._attached(span)))
        return found if found.end_ns is not None else replace(found, end_ns=end_ns, status="error", message=INTERRUPTED)

    def has_open(self, trace_id: str) -> bool:
        """Whether a span of this trace is open, so that no store has the trace yet."""
        return self._open.has_of(trace_id)

    def _label(self, span: ReadableSpan, span_id: str) -> None:
        found = self._listener.trace_metadata(span_id)
        if found is not None:
            trace_labels.put(str(_decoded((span.attributes or {}).get("mlflow.traceRequestId"))), *found)

    def shutdown(self) -> None:
        """MLflow shuts the processors of a provider down when it makes the next; this one serves them all."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


def _finalise_nothing(generator: object) -> None:
    pass


def _change_processors(provider: Any, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> None:
    """Replace the processors of a provider; one that does not trace has none."""
    multi = getattr(provider, "_active_span_processor", None)
    if multi is not None:
        with multi._lock:
            multi._span_processors = change(multi._span_processors)


def read(span: ReadableSpan, attached: Mapping[str, Any] | None = None) -> Span:
    """Our record of an OpenTelemetry span of MLflow's, as it is now. Attribute values are JSON, as MLflow writes them; of what
    MLflow has taken out of them, ``attached`` is put back."""
    attributes = {key: _decoded(value) for key, value in dict(span.attributes or {}).items()}
    context = span.context
    assert context is not None
    events = [Event(e.name, e.timestamp, dict(e.attributes or {})) for e in span.events]
    if attached:
        for name in attributes.keys() & {"mlflow.spanInputs", "mlflow.spanOutputs"}:
            attributes[name] = attachments.put_back(attributes[name], attached)
    inputs, outputs = attributes.get("mlflow.spanInputs"), attributes.get("mlflow.spanOutputs")
    is_call = "litellm_call_id" in attributes
    return Span(
        span_id=f"{context.span_id:016x}",
        trace_id=str(attributes.get("mlflow.traceRequestId") or f"tr-{context.trace_id:032x}"),
        parent_id=f"{span.parent.span_id:016x}" if span.parent else None,
        name=span.name,
        start_ns=span.start_time or 0,
        type=str(attributes.get("mlflow.spanType") or "UNKNOWN"),
        end_ns=span.end_time,
        status=_status(span),
        message=_message(span, events),
        inputs=inputs,
        outputs=outputs,
        attributes=attributes,
        events=events,
        model=_text(attributes.get("mlflow.llm.model") or attributes.get("model")),
        provider=_text(attributes.get("mlflow.llm.provider") or attributes.get("custom_llm_provider")),
        params={k: v for k, v in inputs.items() if k not in _NOT_PARAMS} if is_call and isinstance(inputs, dict) else {},
        tokens=_tokens(attributes.get("mlflow.chat.tokenUsage"), outputs),
        cost_usd=_cost(attributes),
        estimated_tokens=estimates.read_tokens(attributes),
        estimated_cost_usd=estimates.read_cost_usd(attributes),
        first_token_ns=next((e.time_ns for e in events if e.name == FIRST_TOKEN_EVENT), None),
        size_chars=sum(len(value) for value in (span.attributes or {}).values() if isinstance(value, str))
        + attachments.size_chars(attached or {}),
    )


def _decoded(value: Any) -> Json:
    if not isinstance(value, str):
        return list(value) if isinstance(value, tuple) else value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):  # no JSON, or nested too deeply
        return value


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _status(span: ReadableSpan) -> Status:
    if span.end_time is None:
        return "running"
    return "error" if span.status.status_code is StatusCode.ERROR else "ok"


def _message(span: ReadableSpan, events: list[Event]) -> str:
    if span.status.status_code is not StatusCode.ERROR:
        return ""
    if span.status.description:
        return span.status.description
    failure = next((e.attributes for e in reversed(events) if e.name == "exception"), None)
    return f"{failure.get('exception.type')}: {failure.get('exception.message')}" if failure else ""


def _tokens(usage: Json, outputs: Json) -> Tokens | None:
    """From MLflow's token usage; the cached and reasoning parts also from the usage of the reply itself."""
    if not isinstance(usage, dict):
        return None
    told = token_usage.read(outputs) or Tokens()
    found = Tokens(
        input=token_usage.count(usage.get("input_tokens")),
        output=token_usage.count(usage.get("output_tokens")),
        cached=token_usage.count(usage.get("cache_read_input_tokens")) or told.cached,
        cache_write=token_usage.count(usage.get("cache_creation_input_tokens")) or None,
        reasoning=told.reasoning,
    )
    return found if found.input or found.output else None


def _cost(attributes: dict[str, Json]) -> float | None:
    cost = attributes.get("mlflow.llm.cost")
    return token_usage.cost_usd(cost.get("total_cost") if isinstance(cost, dict) else attributes.get("response_cost"))


def carry_span() -> contextlib.AbstractContextManager[object] | None:
    """What makes the caller's active span the active one in another thread; ``None`` without an active span."""
    span = mlflow.get_current_active_span()
    return None if span is None else provider_module.safe_set_span_in_context(span)


def flush() -> None:
    """Wait until MLflow's own exporters have sent every ended span, or given up on it."""
    mlflow.flush_trace_async_logging()
