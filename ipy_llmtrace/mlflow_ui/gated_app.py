"""MLflow's server behind the gate: what ``mlflow server --app-name llmtrace`` serves.

The entry point ``mlflow.app`` in pyproject.toml names it, which is MLflow's public way to serve an app of one's own.
"""

from __future__ import annotations

import os

from ..recorder.mlflow_server import asgi_app
from .gate import Gate, Keys

app = Gate(asgi_app, Keys.of(os.environ))
