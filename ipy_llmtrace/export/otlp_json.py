"""A cell's spans as OTLP/JSON, which OpenTelemetry's tools and MLflow take, and back.

The form is https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids in hex, 64-bit integers as strings.
Attributes are MLflow's own, structured as MLflow exports them; what other tools look for has OpenTelemetry's GenAI names
beside them (https://opentelemetry.io/docs/specs/semconv/gen-ai/).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, cast

from ..redaction.redactor import Redactor
from ..trace import estimates
from ..trace.lone_surrogates import replaced
from ..trace.message_parts import as_dict, as_list
from ..trace.span import Event, Span, Status, Tokens

Json = Any

_SCOPE = "ipy_llmtrace"
_OK, _ERROR = 1, 2
_MAX_LEVELS = 100
_INT64 = 2**63
_TOKENS = {
    "gen_ai.usage.input_tokens": "input",
    "gen_ai.usage.output_tokens": "output",
    "gen_ai.usage.cache_read.input_tokens": "cached",
    "gen_ai.usage.cache_creation.input_tokens": "cache_write",
    "gen_ai.usage.reasoning.output_tokens": "reasoning",
}
_COST = "llmtrace.cost_usd"
_PARAMS = "llmtrace.params"
_FIRST_TOKEN = "llmtrace.first_token_unix_nano"
_OWN = frozenset({"gen_ai.request.model", "gen_ai.provider.name", _COST, _PARAMS, _FIRST_TOKEN, *_TOKENS})


def export(spans: Iterable[Span], redactor: Redactor) -> dict[str, Json]:
    """An ``ExportTraceServiceRequest``; secrets are left out."""
    scope = {"scope": {"name": _SCOPE}, "spans": [_span(span, redactor) for span in spans]}
    resource = {"attributes": _attributes({"service.name": _SCOPE})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}


def read(data: Json) -> list[Span]:
    """The spans of an ``ExportTraceServiceRequest`` of any tool, in the order of the file.

    Raises ``ValueError`` when there are none.
    """
    found: list[Span] = []
    for resource in as_list(as_dict(data).get("resourceSpans")):
        for scope in as_list(as_dict(resource).get("scopeSpans")):
            found += [_read(as_dict(span)) for span in as_list(as_dict(scope).get("spans"))]
    if not found:
        raise ValueError("it has no OTLP spans (resourceSpans)")
    return found


def _span(span: Span, redactor: Redactor) -> dict[str, Json]:
    attributes = {**span.attributes, **_known(span)}
    if span.inputs is not None:
        attributes["mlflow.spanInputs"] = span.inputs
    if span.outputs is not None:
        attributes["mlflow.spanOutputs"] = span.outputs
    written: dict[str, Json] = {
        "traceId": span.trace_id.removeprefix("tr-"),
        "spanId": span.span_id,
        "name": redactor.text(span.name),
        "kind": 1,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns or 0),
        "attributes": _attributes(redactor.value(attributes)),
        "events": [_event(event, redactor) for event in span.events],
        "status": {},
    }
    if span.parent_id is not None:
        written["parentSpanId"] = span.parent_id
    if span.status != "running":
        message = {"message": redactor.text(span.message)} if span.message else {}
        written["status"] = {"code": _ERROR if span.status == "error" else _OK, **message}
    return written


def _known(span: Span) -> dict[str, Json]:
    tokens = span.tokens or Tokens()
    known = {
        "mlflow.spanType": span.type,
        "gen_ai.request.model": span.model,
        "gen_ai.provider.name": span.provider,
        _COST: span.cost_usd,
        _PARAMS: span.params or None,
        _FIRST_TOKEN: span.first_token_ns,
        **{name: getattr(tokens, part) for name, part in _TOKENS.items()},
    }
    return {name: value for name, value in known.items() if value is not None}


def _event(event: Event, redactor: Redactor) -> dict[str, Json]:
    attributes = _attributes(redactor.value(event.attributes))
    return {"timeUnixNano": str(event.time_ns), "name": redactor.text(event.name), "attributes": attributes}


def _attributes(values: dict[str, Json]) -> list[dict[str, Json]]:
    return [{"key": str(name), "value": _any_value(value, 0)} for name, value in values.items()]


def _any_value(value: Json, level: int) -> dict[str, Json]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int) and -_INT64 <= value < _INT64:
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value if math.isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")}
    if isinstance(value, list | tuple) and level < _MAX_LEVELS:
        return {"arrayValue": {"values": [_any_value(item, level + 1) for item in cast(list[Json], value)]}}
    if isinstance(value, dict) and level < _MAX_LEVELS:
        members = cast(dict[Any, Json], value).items()
        return {"kvlistValue": {"values": [{"key": str(key), "value": _any_value(item, level + 1)} for key, item in members]}}
    return {} if value is None else {"stringValue": replaced(str(cast(object, value)))}


def _read(span: dict[str, Json]) -> Span:
    attributes = _read_attributes(span.get("attributes"))
    status = as_dict(span.get("status"))
    end_ns = _int(span.get("endTimeUnixNano")) or None
    tokens = {part: _int(attributes.get(name)) for name, part in _TOKENS.items() if name in attributes}
    return Span(
        span_id=str(span.get("spanId", "")),
        trace_id=f"tr-{span.get('traceId', '')}",
        parent_id=str(span["parentSpanId"]) if span.get("parentSpanId") else None,
        name=str(span.get("name", "")),
        start_ns=_int(span.get("startTimeUnixNano")),
        type=str(attributes.get("mlflow.spanType") or ("LLM" if tokens else "UNKNOWN")),
        end_ns=end_ns,
        status=_read_status(status.get("code"), end_ns),
        message=str(status.get("message") or ""),
        inputs=attributes.get("mlflow.spanInputs"),
        outputs=attributes.get("mlflow.spanOutputs"),
        attributes={name: value for name, value in attributes.items() if name not in _OWN},
        events=[_read_event(as_dict(event)) for event in as_list(span.get("events"))],
        model=_text(attributes.get("gen_ai.request.model") or attributes.get("mlflow.llm.model")),
        provider=_text(attributes.get("gen_ai.provider.name") or attributes.get("mlflow.llm.provider")),
        params=as_dict(attributes.get(_PARAMS)),
        tokens=Tokens(**tokens) if tokens else None,
        cost_usd=_cost(attributes),
        estimated_tokens=estimates.read_tokens(attributes),
        estimated_cost_usd=estimates.read_cost_usd(attributes),
        first_token_ns=_int(attributes.get(_FIRST_TOKEN)) or None,
    )


def _read_status(code: Json, end_ns: int | None) -> Status:
    if end_ns is None:
        return "running"
    return "error" if code in (_ERROR, "STATUS_CODE_ERROR") else "ok"


def _read_event(event: dict[str, Json]) -> Event:
    return Event(str(event.get("name", "")), _int(event.get("timeUnixNano")), _read_attributes(event.get("attributes")))


def _read_attributes(pairs: Json) -> dict[str, Json]:
    return {str(as_dict(pair).get("key", "")): _value(as_dict(pair).get("value"), 0) for pair in as_list(pairs)}


def _value(written: Json, level: int) -> Json:
    """A value of an ``AnyValue``; what is no such thing is nothing."""
    kind, value = next(iter(as_dict(written).items()), ("", None))
    if kind == "intValue":
        return _int(value)
    if kind == "doubleValue":
        return float(value) if isinstance(value, int | float | str) else None
    if kind == "arrayValue" and level < _MAX_LEVELS:
        return [_value(item, level + 1) for item in as_list(as_dict(value).get("values"))]
    if kind == "kvlistValue" and level < _MAX_LEVELS:
        pairs = [as_dict(pair) for pair in as_list(as_dict(value).get("values"))]
        return {str(pair.get("key", "")): _value(pair.get("value"), level + 1) for pair in pairs}
    return value if isinstance(value, str | bool) else None


def _int(value: Json) -> int:
    """64-bit integers are strings in OTLP/JSON, and numbers where a tool is lax."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _cost(attributes: dict[str, Json]) -> float | None:
    cost = attributes.get(_COST, as_dict(attributes.get("mlflow.llm.cost")).get("total_cost"))
    return float(cost) if isinstance(cost, int | float) else None
