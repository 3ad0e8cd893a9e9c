"""MLflow's own server on a store, which has its UI: how it is started, and what its log says when it is not.

MLflow internals relied on: the options and variables of ``mlflow server``, its app in ``mlflow.server.fastapi_app``, what its
log says of a database of another version, and where its migrations are.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import os
import re
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import mlflow
from mlflow.utils.uri import is_databricks_uri

from ..tracking_uri import absolute
from . import mlflow_uri
from .delivery import sqlite_creation
from .delivery.failure_reasons import reason
from .delivery.mlflow_store import Unavailable

__all__ = ["Unavailable", "asgi_app", "command", "environment", "port_was_taken", "prepare", "store", "why_not"]

APP_NAME = "llmtrace"
"""The name of our app among MLflow's plugins."""

_MIGRATIONS = Path(mlflow.__file__).parent / "store" / "db_migrations" / "versions"


def store() -> str:
    """The tracking URI in use, the same in every directory."""
    return absolute(mlflow_uri.tracking_uri())


def prepare(tracking_uri: str) -> None:
    """Make the database, if there is none: the server would make it in place, and another process might do so at the time.

    Raises `Unavailable` where there can be none, or no server on it that is closed to others.
    """
    if not entry_points(group="mlflow.app", name=APP_NAME):
        # An editable installation of an older version: without the plugin the server would be open to every local page.
        raise Unavailable("MLflow does not know ipy_llmtrace's app: install ipy_llmtrace again")
    if is_databricks_uri(tracking_uri):
        raise Unavailable("Databricks shows its traces itself, in the workspace")
    try:
        with sqlite_creation.made(tracking_uri):
            pass
    except Exception as error:  # whatever SQLAlchemy and the file system raise
        raise Unavailable(reason(error, tracking_uri)) from error


def command(port: int) -> list[str]:
    """The server's command line; artifacts are where MLflow puts them without it."""
    served = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    served += ["--app-name", APP_NAME]
    return [sys.executable, "-m", "mlflow", "server", *served, "--no-serve-artifacts", "--default-artifact-root", "./mlruns"]


def environment(tracking_uri: str, *, proxied: bool = False) -> dict[str, str]:
    """The server's environment variables; the store is among them, because others can read a command line.

    Parameters
    ----------
    proxied
        A Jupyter server hands the requests on, with the page's own host and origin, which nobody knows here. Our app checks
        them; MLflow's own check, of names that it is told, would turn all of them away.
    """
    variables = {"MLFLOW_BACKEND_STORE_URI": tracking_uri, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    if proxied:
        variables |= {"MLFLOW_SERVER_ALLOWED_HOSTS": "*", "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": "*"}
    # What the user has set, but for the job execution: with that it does not answer for minutes on a small machine.
    kept = {name: value for name, value in os.environ.items() if name not in ("MLFLOW_TRACKING_URI", *list(variables)[:2])}
    return {**variables, **kept}


def asgi_app() -> Any:
    """MLflow's own app, as ``mlflow server`` serves it."""
    from mlflow.server.fastapi_app import app

    return app


def port_was_taken(log: str) -> bool:
    """Whether the server has ended because another process listens where it was to."""
    return re.search(r"address already in use|only one usage of each socket address", log, re.IGNORECASE) is not None


def why_not(log: str, tracking_uri: str) -> str:
    """Why the server has ended, in one line, from its log."""
    if found := re.search(r"out-of-date database schema \(found version (\w+)", log):
        # MLflow says the same of a database that is ahead of it.
        if any(_MIGRATIONS.glob(f"{found[1]}_*.py")):
            return f"an older MLflow made this store; back it up, then: mlflow db upgrade {tracking_uri}"
        return "a newer MLflow made this store: pip install -U mlflow"
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if re.search(r"(Error|Exception)\b.*: ", line)), lines[-1] if lines else "")
    return said[:300] or "it ended without a word"
