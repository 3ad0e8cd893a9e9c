"""What is set around MLflow while we are on, and put back by `off`: environment variables that it reads when it makes its
exporter, and the level of loggers that tell a notebook's reader nothing."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

EXPORT_SETTINGS: Mapping[str, str] = {
    # One worker and large batches lose nothing in a burst and are the fastest of the settings tried.
    "MLFLOW_ASYNC_TRACE_LOGGING_MAX_QUEUE_SIZE": "100000",
    "MLFLOW_ASYNC_TRACE_LOGGING_MAX_SPAN_BATCH_SIZE": "512",
    "MLFLOW_ASYNC_TRACE_LOGGING_MAX_WORKERS": "1",
    # Otherwise MLflow forgets the oldest of 1,000 open traces.
    "MLFLOW_TRACE_BUFFER_MAX_SIZE": "100000",
    # Otherwise random.seed() in a notebook makes MLflow repeat trace ids.
    "MLFLOW_TRACE_USE_ISOLATED_RANDOM_ID_GENERATOR": "true",
}


QUIET_LOGGERS = ("mlflow.store.db.utils", "alembic")
"""They report in the user's cell how the SQLite file is made."""


class Environment:
    """Sets environment variables and logger levels, never over one that is there, and takes back only its own."""

    def __init__(self) -> None:
        self._set: dict[str, str] = {}
        self._quieted: list[logging.Logger] = []

    def quiet(self) -> None:
        for logger in map(logging.getLogger, QUIET_LOGGERS):
            if logger.level == logging.NOTSET:
                logger.setLevel(logging.WARNING)
                self._quieted.append(logger)

    def set(self, variables: Mapping[str, str]) -> None:
        for name, value in variables.items():
            if name not in os.environ:
                os.environ[name] = self._set[name] = value

    def restore(self) -> None:
        for name, value in self._set.items():
            if os.environ.get(name) == value:
                del os.environ[name]
        self._set.clear()
        for logger in self._quieted:
            logger.setLevel(logging.NOTSET)
        self._quieted.clear()
