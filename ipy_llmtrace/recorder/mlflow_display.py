"""MLflow's own display of traces in notebooks, which ours takes the place of.

MLflow internals relied on: ``mlflow.tracing.display.IPythonTraceDisplayHandler.disabled``, what MLflow's public
``disable_notebook_display`` and ``enable_notebook_display`` set; nothing public tells what it is.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from typing import Any

from mlflow.tracing.display import IPythonTraceDisplayHandler

from .patches import Patches


def switch_off(patches: Patches) -> None:
    """Until ``patches`` are restored, or the user switches it on or off."""
    # True to MLflow, and not the True that the user's own switching off would put here.
    ours: Any = object()
    patches.replace(IPythonTraceDisplayHandler, "disabled", lambda before: before or ours)
