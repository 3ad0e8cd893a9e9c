"""Which experiment a trace belongs to, without asking the server on the user's path.

Where an environment variable names the experiment, MLflow asks the tracking server for its id at the start of every trace,
and a dead server makes the user's call wait for minutes. Here such a trace carries the name until it is delivered.

MLflow internals relied on: ``mlflow.tracing.processor.mlflow_v3.get_experiment_id_for_trace``, what MLflow asks; and what
that asks in turn: ``mlflow.tracing.provider._MLFLOW_TRACE_USER_DESTINATION``, ``mlflow.tracking.fluent._active_experiment_id``,
``mlflow.tracking.fluent._get_latest_active_run``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false
from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import mlflow.tracing.provider as provider_module
import mlflow.tracking.fluent as fluent
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.tracing.constant import SpanAttributeKey
from mlflow.tracing.utils import get_otel_attribute

_BY_NAME = "by-name:"


def named_later(ask_mlflow: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    """A function that answers like ``ask_mlflow``, MLflow's ``get_experiment_id_for_trace``, and never asks a server."""

    # Without any choice MLflow looks each time whether it is on Databricks, which takes longer than all else of a span.
    default: list[str | None] = []

    def experiment_for(span: Any) -> str | None:
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
            if not default:
                default.append(ask_mlflow(span))
            return default[0]
        return ask_mlflow(span)

    return experiment_for


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

    def known(self, experiment: str) -> str | None:
        """As `resolve`, without asking the store: ``None`` where that would be needed."""
        return self._ids.get(experiment.removeprefix(_BY_NAME)) if experiment.startswith(_BY_NAME) else experiment

    def resolve(self, experiment: str | None) -> str:
        """The id of ``experiment``, an id or what `named_later` gave; one that is not there by its name is made."""
        if experiment is None:
            return "0"
        if not experiment.startswith(_BY_NAME):
            return experiment
        name = experiment.removeprefix(_BY_NAME)
        if name not in self._ids:
            self._ids[name] = self._found(name) or self._made(name)
        return self._ids[name]

    def _found(self, name: str) -> str | None:
        found = MlflowClient(self._uri).get_experiment_by_name(name)
        return str(found.experiment_id) if found else None

    def _made(self, name: str) -> str:
        try:
            return str(MlflowClient(self._uri).create_experiment(name))
        except MlflowException:
            # Another kernel may have made it meanwhile.
            if made := self._found(name):
                return made
            raise
