"""Where spans go by OTLP: what is asked for, and OpenTelemetry's and MLflow's environment variables.

https://opentelemetry.io/docs/specs/otel/protocol/exporter/ names the variables, and
https://mlflow.org/docs/latest/genai/tracing/opentelemetry/export/ what MLflow makes of them. Two defaults differ here: MLflow's
protocol is gRPC whatever the URL looks like, and its export to a collector takes the place of its own store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Literal, cast
from urllib.parse import urlsplit

from ...tracking_uri import masked

Protocol = Literal["grpc", "http/protobuf"]

_TRACES_PATH = "/v1/traces"
_SCHEME = "otlp+"
_PACKAGES: Mapping[Protocol, str] = {
    "grpc": "opentelemetry-exporter-otlp-proto-grpc",
    "http/protobuf": "opentelemetry-exporter-otlp-proto-http",
}


@dataclass(slots=True, frozen=True)
class Endpoint:
    """An OTLP receiver of traces."""

    url: str
    protocol: Protocol

    @property
    def address(self) -> str:
        """Its name among the stores of the spool."""
        return f"{_SCHEME}{self.protocol}:{self.url}"

    def __str__(self) -> str:
        return f"{masked(self.url)} (OTLP, {self.protocol})"


@dataclass(slots=True, frozen=True)
class Otlp:
    """What goes by OTLP; ``only``: and not to MLflow's store."""

    endpoint: Endpoint
    only: bool


def at(address: str) -> Endpoint | None:
    """The endpoint of this `Endpoint.address`; ``None`` for an MLflow tracking URI."""
    if not address.startswith(_SCHEME):
        return None
    protocol, _, url = address.removeprefix(_SCHEME).partition(":")
    return Endpoint(url, cast(Protocol, protocol))


def wanted(url: str | None, only: bool, environ: Mapping[str, str]) -> Otlp | None:
    """What is to go by OTLP: to ``url`` if given, else to where the environment says; ``None``: nothing.

    Raises ``ValueError``, with what to do, where that cannot be.
    """
    said = environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if url is None:
        if not _truth(environ.get("MLFLOW_ENABLE_OTLP_EXPORTER"), default=True):
            if only:
                raise ValueError("MLFLOW_ENABLE_OTLP_EXPORTER switches the environment's collector off: give a URL with --otlp")
            return None
        url = environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    if url:
        endpoint = _endpoint(url, said)
    elif base := environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        endpoint = _endpoint(base, said)
        if endpoint.protocol == "http/protobuf" and not endpoint.url.endswith(_TRACES_PATH):
            endpoint = Endpoint(endpoint.url.rstrip("/") + _TRACES_PATH, endpoint.protocol)
    elif only:
        raise ValueError("there is no collector: give its URL with --otlp, or in OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    else:
        return None
    try:
        metadata.version(_PACKAGES[endpoint.protocol])
    except metadata.PackageNotFoundError:
        raise ValueError(f"{endpoint.protocol} needs a package: pip install 'ipy-llmtrace[otlp]'") from None
    return Otlp(endpoint, only or not _truth(environ.get("MLFLOW_TRACE_ENABLE_OTLP_DUAL_EXPORT"), default=True))


def _endpoint(url: str, said: str | None) -> Endpoint:
    if said not in (None, *_PACKAGES):
        raise ValueError(f"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL={said} is neither grpc nor http/protobuf")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{masked(url)} is no URL: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{masked(url)} is no URL such as http://localhost:4318/v1/traces or http://localhost:4317")
    looks_http = port != 4317 and (port == 4318 or parts.path.rstrip("/").endswith(_TRACES_PATH))
    protocol = said if said else "http/protobuf" if looks_http else "grpc"
    if protocol == "http/protobuf" and parts.path in ("", "/"):
        url = url.rstrip("/") + _TRACES_PATH
    return Endpoint(url, protocol)


def _truth(value: str | None, *, default: bool) -> bool:
    """As MLflow reads its switches."""
    return default if value is None else value.lower() in ("true", "1")
