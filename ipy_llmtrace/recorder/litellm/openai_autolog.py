"""Keeps ``mlflow.openai.autolog()`` from making a second span of a call that LiteLLM sends with the openai package: its tokens
and its cost would count twice.

MLflow internals relied on: ``AutoLoggingConfig.init``, which says for each call of a flavor whether it is to be traced.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from mlflow.utils.autologging_utils.config import AutoLoggingConfig

from ...guard import Guard
from ..patches import Patches

_FLAVOR = "openai"


class OpenAIAutolog:
    """Watches MLflow ask whether to trace.

    Parameters
    ----------
    in_call
        Whether the caller is LiteLLM, within a call that has its span.
    """

    def __init__(self, in_call: Callable[[], bool], guard: Guard) -> None:
        self._in_call = in_call
        self._guard = guard

    def install(self, patches: Patches) -> None:
        patches.replace(AutoLoggingConfig, "init", self._init)

    def _init(self, original: Any) -> Any:
        def init(flavor_name: str) -> Any:
            config = original(flavor_name)
            if flavor_name == _FLAVOR and config.log_traces and self._guard(self._in_call)():
                return dataclasses.replace(config, log_traces=False)
            return config

        return init
