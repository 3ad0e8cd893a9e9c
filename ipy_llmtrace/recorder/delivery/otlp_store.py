"""Sends spooled spans to an OTLP receiver, by OpenTelemetry's own exporters, which read headers, certificates, compression and
time limit from the environment.

MLflow's way to a collector keeps what has ended in memory, drops what its queue does not hold, and complains in the user's cell
while the collector is down. Here a collector is one more store to deliver to. A span may come twice, after a crash.

Relied on beyond the exporters' interface: they tell why an export has failed to their loggers only (`_LOGGERS`).
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false
from __future__ import annotations

import logging
import os
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from mlflow.entities import Span
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from ...tracking_uri import masked
from .mlflow_store import Refused, Unavailable
from .otlp_endpoint import Endpoint
from .otlp_genai import translated

CONNECT_S = 5.0
"""How long a receiver may take to accept a connection; the exporters would try again for longer."""

MAX_REQUEST_CHARS = 2_000_000
"""How much text goes in one request: a gRPC receiver takes 4 MiB by default."""

DEFAULT_SERVICE_NAME = "ipy_llmtrace"

_LOGGERS = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.exporter.otlp.proto.grpc.exporter",
)
_REFUSALS = frozenset({"400", "413", "422", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"})
_HINTS = {
    "401": "check OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "403": "check OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "404": "check the path of the URL",
    "405": "check the path of the URL",
    "UNAUTHENTICATED": "check OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "PERMISSION_DENIED": "check OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "UNIMPLEMENTED": "it may want OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf",
}


class OtlpStore:
    """An OTLP receiver, in the place of a `Store`."""

    whole_traces_only = False

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.place = masked(endpoint.url)
        self._known: SpanExporter | None = None
        self._sent: set[tuple[str, str]] = set()
        self.turn = threading.Lock()

    def check(self) -> None:
        """Raise `Unavailable` when nobody listens, sooner than the exporter would."""
        if self._behind_proxy():
            return
        parts = urlsplit(self._endpoint.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((host, port), CONNECT_S).close()
        except ConnectionRefusedError:
            raise Unavailable(f"nothing listens at {host}:{port}") from None
        except TimeoutError:
            raise Unavailable(f"{host}:{port} does not answer") from None
        except OSError as error:
            raise Unavailable(f"{host}:{port}: {error.strerror or error}") from None

    def _behind_proxy(self) -> bool:
        """Whether the exporter goes through a proxy of the environment, and the receiver may not be reached otherwise."""
        parts = urlsplit(self._endpoint.url)
        names = {"grpc", "https", "http"} if self._endpoint.protocol == "grpc" else {parts.scheme, "all"}
        return not names.isdisjoint(getproxies()) and not proxy_bypass(parts.hostname or "")

    def put(self, records: Sequence[dict[str, Any]]) -> None:
        """Send the spans among ``records``. Raises `Unavailable` or `Refused`; some may have been sent, and are not again."""
        spans = [span for record in records if "span" in record for span in [_read(record)] if _key(span) not in self._sent]
        for batch in _batches(spans):
            self._export(batch)
            self._sent.update(map(_key, batch))
        self._sent.clear()

    def _export(self, spans: Sequence[ReadableSpan]) -> None:
        try:
            exporter = self._exporter()
        except ImportError as error:
            raise Unavailable(f"{error.name} is not installed: pip install 'ipy-llmtrace[otlp]'") from error
        with _heard() as said:
            try:
                if exporter.export(spans) is SpanExportResult.SUCCESS:
                    return
            except Exception as error:  # an exporter raises what its transport does
                raise Unavailable(f"{type(error).__name__}: {error}") from error
        code, reason = _failure(said)
        raise (Refused if code in _REFUSALS else Unavailable)(reason)

    def _exporter(self) -> SpanExporter:
        if self._known is None:
            exporter: Any
            if self._endpoint.protocol == "grpc":
                from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as exporter
            else:
                from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as exporter
            self._known = exporter(endpoint=self._endpoint.url)
        assert self._known is not None
        return self._known


def _read(record: dict[str, Any]) -> ReadableSpan:
    found = Span.from_dict(record["span"])._span
    asked = OTELResourceDetector().detect().attributes if "OTEL_SERVICE_NAME" in os.environ else {}
    attributes = {"service.name": DEFAULT_SERVICE_NAME, **asked, **(record.get("resource") or {})}
    return translated(found, Resource(attributes))


def _key(span: ReadableSpan) -> tuple[str, str]:
    assert span.context is not None
    return f"{span.context.trace_id:x}", f"{span.context.span_id:x}"


def _batches(spans: Sequence[ReadableSpan]) -> Iterator[list[ReadableSpan]]:
    batch: list[ReadableSpan] = []
    chars = 0
    for span in spans:
        size = sum(len(str(value)) for value in dict(span.attributes or {}).values())
        if batch and chars + size > MAX_REQUEST_CHARS:
            yield batch
            batch, chars = [], 0
        batch.append(span)
        chars += size
    if batch:
        yield batch


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What the exporters say on this thread, kept out of the user's cell."""
    said: list[str] = []
    thread = threading.get_ident()

    def listen(record: logging.LogRecord) -> bool:
        if record.thread != thread:
            return True
        said.append(record.getMessage())
        return False

    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        # Before a filter of theirs that drops what has been said before.
        logger.filters.insert(0, listen)
    try:
        yield said
    finally:
        for logger in loggers:
            logger.removeFilter(listen)


def _failure(said: Sequence[str]) -> tuple[str, str]:
    """The code of a failed export, and why it failed, in one short line."""
    for line in reversed(said):
        if match := re.search(r"code: (?:StatusCode\.)?(\w+), (?:error details|reason): (.*)", line, re.DOTALL):
            code, detail = match[1], match[2].strip().splitlines()[0] if match[2].strip() else ""
            if code != "None":
                hint = _HINTS.get(code)
                return code, f"the collector answers {code}" + (f": {hint}" if hint else f" ({detail[:120]})" if detail else "")
            return "", detail[:160]
    return "", said[-1].splitlines()[0][:160] if said else "the collector does not take it"
