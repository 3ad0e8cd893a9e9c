"""Sends traces to the tracking server and experiment that the user asked *us* for, and gives MLflow back what it had.

MLflow internals relied on: ``mlflow.tracking._tracking_service.utils._tracking_uri`` and
``mlflow.tracking.fluent._active_experiment_id``, the only places that say "not set"; the public functions resolve a default.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import os
from typing import Any

import mlflow
import mlflow.tracking._tracking_service.utils as tracking_uris
import mlflow.tracking.fluent as fluent

_VARIABLES = ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME")


class Destination:
    """A tracking URI and an experiment, from `set` to `restore`; what is not asked for stays as the user has it."""

    def __init__(self) -> None:
        self._before: tuple[str | None, str | None, dict[str, str | None]] | None = None
        self._ours: tuple[str | None, str | None] = (None, None)

    def set(self, tracking_uri: str | None, experiment: str | None) -> None:
        """Send traces there. Raises what MLflow raises for a URI that it does not take; the experiment is made when it is
        first needed."""
        if tracking_uri is None and experiment is None:
            return
        uris, active = _modules()
        environ = {name: os.environ.get(name) for name in _VARIABLES}
        self._before = (uris._tracking_uri, active._active_experiment_id, environ)
        if tracking_uri is not None:
            # The active experiment is of the store before.
            active._active_experiment_id = None
            os.environ.pop("MLFLOW_EXPERIMENT_ID", None)
            os.environ.pop("MLFLOW_EXPERIMENT_NAME", None)
            mlflow.set_tracking_uri(tracking_uri)
        if experiment is not None:
            # Not set_experiment: it asks the server, and waits for minutes when that is dead.
            active._active_experiment_id = None
            os.environ.pop("MLFLOW_EXPERIMENT_ID", None)
            os.environ["MLFLOW_EXPERIMENT_NAME"] = experiment
        self._ours = (uris._tracking_uri, active._active_experiment_id)

    def restore(self) -> None:
        if self._before is None:
            return
        tracking_uri, experiment_id, environ = self._before
        self._before = None
        uris, active = _modules()
        # What the user has set meanwhile is theirs.
        if (uris._tracking_uri, active._active_experiment_id) != self._ours:
            return
        if uris._tracking_uri != tracking_uri:
            uris.set_tracking_uri(tracking_uri)
        active._active_experiment_id = experiment_id
        for name, value in environ.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _modules() -> tuple[Any, Any]:
    return tracking_uris, fluent
