"""The tracking URI that MLflow uses, also while MLflow cannot tell it."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import contextlib

import mlflow

_known = ["sqlite:///mlflow.db"]
"""The last one that MLflow told; before that, its default."""


def tracking_uri() -> str:
    """MLflow's tracking URI. MLflow raises where it is the default, a file in the working directory, and that directory is
    gone: then, the last one known."""
    with contextlib.suppress(OSError):
        _known[0] = str(mlflow.get_tracking_uri())
    return _known[0]
