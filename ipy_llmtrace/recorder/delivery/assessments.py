"""Feedback as the spool takes it, and as MLflow has it: its assessments.

MLflow internals relied on: ``TracingClient`` with ``get_trace_info``, ``log_assessment`` and ``delete_assessment``, on which
MLflow's ``log_feedback`` and ``delete_assessment`` rest; those go to one store only, the active one.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import dataclasses
import json
from time import time_ns
from typing import Any

from mlflow.entities import AssessmentSource, AssessmentSourceType, Trace
from mlflow.entities import Feedback as MlflowFeedback
from mlflow.tracing.trace_manager import InMemoryTraceManager

from ...trace.feedback import Feedback
from ...trace.lone_surrogates import replaced_within
from .spool_record import Record


def record(feedback: Feedback) -> Record:
    """As the spool takes it."""
    given = replaced_within(dataclasses.asdict(feedback))
    body = {"feedback": given, "time_ms": time_ns() // 1_000_000, "workspace": None}
    return Record("feedback", feedback.trace_id, json.dumps(body).encode())


def put(client: Any, body: dict[str, Any]) -> None:
    """Store a record of `record`, in place of what the same person has said of the same before; done twice, it is there
    once."""
    feedback = Feedback(**body["feedback"])
    for known in client.get_trace_info(feedback.trace_id).assessments:
        if _is_feedback(known) and _read(known, feedback.trace_id).subject == feedback.subject:
            client.delete_assessment(feedback.trace_id, known.assessment_id)
    if feedback.value is not None:
        client.log_assessment(
            feedback.trace_id,
            MlflowFeedback(
                name=feedback.name,
                value=feedback.value,
                rationale=feedback.comment,
                source=AssessmentSource(AssessmentSourceType.HUMAN, feedback.by),
                span_id=feedback.span_id,
                create_time_ms=body["time_ms"],
                last_update_time_ms=body["time_ms"],
            ),
        )


def on(trace: Trace) -> list[Feedback]:
    """What a trace of MLflow's has."""
    return [_read(known, trace.info.trace_id) for known in trace.info.assessments if _is_feedback(known)]


def is_open(trace_id: str) -> bool:
    """Whether a trace has not been handed on to its store."""
    manager: Any = InMemoryTraceManager.get_instance()
    with manager.get_trace(trace_id) as trace:
        return trace is not None


def _is_feedback(known: Any) -> bool:
    return isinstance(known, MlflowFeedback) and known.valid is not False and known.error is None


def _read(known: Any, trace_id: str) -> Feedback:
    by = known.source.source_id if known.source is not None else ""
    return Feedback(trace_id, known.span_id or None, known.name, known.value, known.rationale or None, by)
