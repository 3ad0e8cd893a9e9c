"""Keeps ``mlflow.openai.autolog()`` from making a second span of a call that LiteLLM sends with the openai package: its tokens
and its cost would count twice.

MLflow internals relied on: ``AutoLoggingConfig.init``, which says for each call of a flavor whether it is to be traced.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import dataclasses
from typing import Any

from mlflow.utils.autologging_utils.config import AutoLoggingConfig

from ...guard import Guard
from ..patches import Patches
from .http_requests import HttpRequests

_FLAVOR = "openai"


class OpenAIAutolog:
    """Watches MLflow ask whether to trace.

    Parameters
    ----------
    requests
        Knows whether the caller is LiteLLM, within a call that has its span.
    """

    def __init__(self, requests: HttpRequests, guard: Guard) -> None:
        self._requests = requests
        self._guard = guard

    def install(self, patches: Patches) -> None:
        patches.replace(AutoLoggingConfig, "init", self._init)

    def _init(self, original: Any) -> Any:
        def init(flavor_name: str) -> Any:
            config = original(flavor_name)
            if flavor_name == _FLAVOR and config.log_traces and self._guard(self._requests.in_call)():
                return dataclasses.replace(config, log_traces=False)
            return config

        return init
