"""What a trace is given beside its spans, so that it can be found by it: metadata and tags.

MLflow internals relied on: ``InMemoryTraceManager.get_trace``, the trace that MLflow has not finished yet; the limits in
``mlflow.tracing.constant``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlflow.tracing.constant import (
    MAX_CHARS_IN_TRACE_INFO_METADATA,
    MAX_CHARS_IN_TRACE_INFO_TAGS_VALUE,
    TraceMetadataKey,
)
from mlflow.tracing.trace_manager import InMemoryTraceManager

_MLFLOW_USER = "mlflow.user"


def put(trace_id: str, session_id: str, tags: Mapping[str, str]) -> None:
    """Label a trace whose root is ending. What the user has set stays; what MLflow's store would refuse for its length is
    shortened."""
    manager: Any = InMemoryTraceManager.get_instance()
    with manager.get_trace(trace_id) as trace:
        if trace is None:
            return
        metadata, known = trace.info.trace_metadata, trace.info.tags
        metadata.setdefault(TraceMetadataKey.TRACE_SESSION, _shortened(session_id, MAX_CHARS_IN_TRACE_INFO_METADATA))
        if user := metadata.get(_MLFLOW_USER):
            metadata.setdefault(TraceMetadataKey.TRACE_USER, user)
        for name, value in tags.items():
            known.setdefault(name, _shortened(value, MAX_CHARS_IN_TRACE_INFO_TAGS_VALUE))


def _shortened(text: str, most_chars: int) -> str:
    return text if len(text) <= most_chars else f"{text[: most_chars - 1]}…"
