"""Which experiment a trace belongs to, without asking the server on the user's path.

Where an environment variable names the experiment, MLflow asks the tracking server for its id at the start of every trace, and a
dead server makes the user's call wait for minutes. Here such a trace carries the name until it is delivered.

MLflow internals relied on: ``mlflow.tracing.processor.mlflow_v3.get_experiment_id_for_trace``, what MLflow asks; and what
that asks in turn: ``mlflow.tracing.provider._MLFLOW_TRACE_USER_DESTINATION``, ``mlflow.tracking.fluent._active_experiment_id``,
``mlflow.tracking.fluent._get_latest_active_run``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false
from __future__ import annotations

import os
from typing import Any

import mlflow.tracing.processor.mlflow_v3 as processor_module
import mlflow.tracing.provider as provider_module
import mlflow.tracking.fluent as fluent
from mlflow.tracing.client import TracingClient
from mlflow.tracing.constant import SpanAttributeKey
from mlflow.tracing.utils import get_otel_attribute

_BY_NAME = "by-name:"


class ExperimentNames:
    """Stands in for MLflow's question, from `install` to `remove`."""

    def __init__(self) -> None:
        self._original: Any = None

    def install(self) -> None:
        module: Any = processor_module
        self._original, module.get_experiment_id_for_trace = module.get_experiment_id_for_trace, self._experiment_for

    def remove(self) -> None:
        module: Any = processor_module
        if module.get_experiment_id_for_trace == self._experiment_for:
            module.get_experiment_id_for_trace = self._original

    def _experiment_for(self, span: Any) -> str | None:
        known: Any = fluent
        chosen = (
            get_otel_attribute(span, SpanAttributeKey.EXPERIMENT_ID)
            or getattr(provider_module._MLFLOW_TRACE_USER_DESTINATION.get(), "experiment_id", None)
            or known._get_latest_active_run()
            or known._active_experiment_id
        )
        if not chosen:
            if name := os.environ.get("MLFLOW_EXPERIMENT_NAME"):
                return _BY_NAME + name
            if experiment_id := os.environ.get("MLFLOW_EXPERIMENT_ID"):
                return experiment_id
        return self._original(span)


class Experiments:
    """The experiments of one store, by name.

    Parameters
    ----------
    tracking_uri
        As MLflow's.
    """

    def __init__(self, tracking_uri: str) -> None:
        self._uri = tracking_uri
        self._ids: dict[str, str] = {}

    def resolve(self, experiment: str | None) -> str:
        """The id of ``experiment``, an id or what `ExperimentNames` gave; one that is not there by its name is made."""
        if experiment is None:
            return "0"
        if not experiment.startswith(_BY_NAME):
            return experiment
        name = experiment.removeprefix(_BY_NAME)
        if name not in self._ids:
            store: Any = TracingClient(self._uri).store
            found = store.get_experiment_by_name(name)
            self._ids[name] = str(
                found.experiment_id if found else store.create_experiment(name, artifact_location=None, tags=[])
            )
        return self._ids[name]
