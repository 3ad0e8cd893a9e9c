"""Spans as the browser gets them (`ipy_llmtrace.wire`): redacted first, then shortened, always valid JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from .. import wire
from ..redaction.redactor import MAX_LEVELS, TOO_DEEP, Redactor
from ..trace import estimates, tree
from ..trace.conversation import conversation
from ..trace.feedback import NAME, Feedback, user
from ..trace.lone_surrogates import replaced
from ..trace.span import Event, Span, Tokens

Json = Any

LIMIT_CHARS = 65_536
"""Longest string in a detail that nobody asked for whole."""

_NAME_CHARS = 300
_MESSAGE_CHARS = 600
_MAX_NUMBERS = 64
_FIRST_NUMBERS = 8
_DATA_CHARS = 64
_MAX_SAFE_INTEGER = 2**53 - 1

_SHOWN_ATTRIBUTES = frozenset(
    {"mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.spanType", "mlflow.traceRequestId", "mlflow.message.format"}
    | {"mlflow.chat.messages", "mlflow.chat.tokenUsage", "raw_llm_response", "mlflow.spanLogLevel"}
    | {"mlflow.llm.cost", "mlflow.llm.model", "mlflow.llm.provider", estimates.TOKENS, estimates.COST_USD}
)
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_BASE64 = re.compile(r"data:|[\w+/-]{256}", re.ASCII)
_CUT = re.compile(r"… \[first [\d,]+ of ([\d,]+) characters\]$")
_CUT_CHARS = 60


def row(span: Span, origin_ns: int, redactor: Redactor) -> wire.Row:
    """What a row needs. The wire's times count from ``origin_ns``, in nanoseconds since the Unix epoch."""
    found = wire.Row(
        id=span.span_id,
        trace=span.trace_id,
        name=_line(span.name, _NAME_CHARS, redactor),
        type=_line(span.type, _NAME_CHARS, redactor),
        status=span.status,
        start_ns=span.start_ns - origin_ns,
    )
    if span.parent_id is not None:
        found["parent"] = span.parent_id
    failure = error(span)
    if failure is not None and failure["message"]:
        found["message"] = _line(failure["message"], _MESSAGE_CHARS, redactor)
    if span.end_ns is not None:
        found["end_ns"] = span.end_ns - origin_ns
    if span.first_token_ns is not None:
        found["first_token_ns"] = span.first_token_ns - origin_ns
    if span.model:
        found["model"] = _line(span.model, _NAME_CHARS, redactor)
    if span.provider:
        found["provider"] = _line(span.provider, _NAME_CHARS, redactor)
    if span.tokens is not None:
        found["tokens"] = _tokens(span.tokens)
    if span.cost_usd is not None and math.isfinite(span.cost_usd):
        found["cost_usd"] = span.cost_usd
    if span.estimated_tokens is not None:
        found["estimated_tokens"] = _tokens(span.estimated_tokens)
    if span.estimated_cost_usd is not None:
        found["estimated_cost_usd"] = span.estimated_cost_usd
    return found


def detail(span: Span, redactor: Redactor, origin_ns: int, limit_chars: int | None = LIMIT_CHARS) -> wire.Detail:
    """What the detail pane needs.

    Strings longer than ``limit_chars`` and long lists of numbers (embeddings) are shortened and counted in ``cut``;
    with ``None`` the whole is sent.
    """
    shortener = _Shortener(limit_chars)

    def fit(value: Json) -> Json:
        return shortener.fit(redactor.value(value))

    text = fit(span.text) if span.outputs is None else ""
    shown = replace(span, inputs=fit(span.inputs), outputs=fit(span.outputs), text=text)
    found = {
        "inputs": shown.inputs,
        "outputs": shown.outputs,
        "attributes": fit({key: value for key, value in span.attributes.items() if key not in _SHOWN_ATTRIBUTES}),
        "events": fit([_event(event, origin_ns, span) for event in span.events]),
        "params": fit(span.params),
        # Of what is shown, so that each message is searched for secrets once.
        "chat": conversation(shown),
        "error": fit(error(span)),
        "text": text,
        "cut": shortener.cut or None,
    }
    return cast(wire.Detail, {key: value for key, value in found.items() if value not in (None, "", {}, [])})


def whole(value: Json) -> Json:
    """A value as it stands in a detail of which nothing was shortened, but not redacted."""
    return _Shortener(None).fit(value)


def shortened(detail: wire.Detail, limit_chars: int) -> wire.Detail:
    """A detail with strings longer than ``limit_chars`` shortened, and counted in ``cut``."""
    shortener = _Shortener(limit_chars)
    found: dict[str, Any] = {name: shortener.fit(value) for name, value in detail.items() if name != "cut"}
    if cut := shortener.cut or detail.get("cut"):
        found["cut"] = cut
    return cast(wire.Detail, found)


def error(span: Span) -> wire.SpanError | None:
    """Why a span failed: its last ``exception`` event, else its status message; ``None`` when it did not fail."""
    if span.status != "error":
        return None
    event = _exception(span)
    if event is None:
        return wire.SpanError(type="Error", message=span.message)
    found = wire.SpanError(
        type=str(event.attributes.get("exception.type") or "Error"),
        message=str(event.attributes.get("exception.message") or span.message),
    )
    if stack := event.attributes.get("exception.stacktrace"):
        found["stack"] = str(stack)
    return found


def summary(total: tree.Summary) -> wire.Summary:
    """The header's figures."""
    found = wire.Summary(
        state=total.state,
        spans=total.spans,
        calls=total.calls,
        errors=total.errors,
        tokens=_tokens(total.tokens),
        unpriced=total.unpriced,
    )
    if total.cost_usd is not None and math.isfinite(total.cost_usd):
        found["cost_usd"] = total.cost_usd
    if total.estimated_tokens is not None:
        found["estimated_tokens"] = _tokens(total.estimated_tokens)
        found["uncounted"] = total.uncounted
    if total.estimated_cost_usd is not None:
        found["estimated_cost_usd"] = total.estimated_cost_usd
    if total.duration_ns is not None:
        found["duration_ns"] = total.duration_ns
    return found


def notes(sentences: Iterable[str], redactor: Redactor) -> list[str]:
    """Plain sentences for the footer."""
    return [replaced(redactor.text(sentence)) for sentence in sentences]


def opinion(given: Feedback, redactor: Redactor) -> wire.GivenFeedback:
    """Feedback as a view shows it."""
    found = wire.GivenFeedback(trace=given.trace_id, name=redactor.text(given.name), value=redactor.value(given.value))
    if given.span_id is not None:
        found["span"] = given.span_id
    if given.comment:
        found["comment"] = redactor.text(given.comment)
    if (given.name, given.by) == (NAME, user()):
        found["mine"] = True
    elif given.by:
        found["by"] = given.by
    return found


class _Shortener:
    """Fits values into JSON and into a limit, and counts what it shortened."""

    def __init__(self, limit_chars: int | None) -> None:
        self.cut = 0
        self._limit_chars = limit_chars

    def fit(self, value: Json, level: int = 0) -> Json:
        if isinstance(value, str):
            return self._string(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        if isinstance(value, int):
            return value if abs(value) <= _MAX_SAFE_INTEGER else _large(value)
        if level > MAX_LEVELS:
            return TOO_DEEP
        if isinstance(value, dict):
            members = cast(dict[Any, Any], value).items()
            return {self._string(str(key)): self.fit(member, level + 1) for key, member in members}
        if isinstance(value, list | tuple):
            return self._list(cast(list[Any], value), level)
        return self._string(str(value))

    def _string(self, text: str) -> str:
        text = replaced(text)
        if self._limit_chars is None or len(text) <= self._limit_chars:
            return text
        self.cut += 1
        # Half an image shows nothing.
        kept = min(_DATA_CHARS, self._limit_chars) if _BASE64.match(text) else self._limit_chars
        before = _CUT.search(text, len(text) - _CUT_CHARS if len(text) > _CUT_CHARS else 0)
        return f"{text[:kept]}… [first {kept:,} of {before[1] if before else f'{len(text):,}'} characters]"

    def _list(self, items: list[Any], level: int) -> list[Json]:
        numbers = len(items) > _MAX_NUMBERS and all(type(item) in (int, float) for item in items)
        if not numbers or self._limit_chars is None:
            return [self.fit(item, level + 1) for item in items]
        self.cut += 1
        first = [self.fit(item) for item in items[:_FIRST_NUMBERS]]
        return [*first, f"… [first {_FIRST_NUMBERS} of {len(items):,} numbers]"]


def _large(value: int) -> str:
    """An integer that JavaScript would round, as text; Python refuses to write out very long ones."""
    return str(value) if value.bit_length() < 1024 else f"[integer of {value.bit_length():,} bits]"


def _line(text: str, limit_chars: int, redactor: Redactor) -> str:
    text = replaced(redactor.text(text))
    return text if len(text) <= limit_chars else f"{text[: limit_chars - 1]}…"


def _tokens(tokens: Tokens) -> wire.WireTokens:
    counts = {name: getattr(tokens, name) for name in ("input", "output", "cached", "cache_write", "reasoning")}
    return cast(wire.WireTokens, {name: count for name, count in counts.items() if count is not None})


def _event(event: Event, origin_ns: int, span: Span) -> Json:
    attributes = event.attributes
    if span.status == "error" and event is _exception(span):
        attributes = {key: value for key, value in attributes.items() if key != "exception.stacktrace"}
    return {"name": event.name, "time_ns": event.time_ns - origin_ns, "attributes": attributes}


def _exception(span: Span) -> Event | None:
    return next((event for event in reversed(span.events) if event.name == "exception"), None)
