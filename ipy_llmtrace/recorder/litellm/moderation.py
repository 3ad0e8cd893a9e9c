"""The one call of LiteLLM's that tells nobody of itself: the synchronous ``litellm.moderation``.

It is followed under that name only; ``from litellm import moderation`` before we are on keeps the original.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import functools
import uuid
from typing import Any

from ..patches import Patches
from . import payload
from .calls import Call
from .library import litellm
from .shared import Tracing


class ModerationCalls:
    """Watches ``litellm.moderation``."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        self._calls = tracing.calls
        self._guard = tracing.guard

    def install(self, patches: Patches) -> None:
        patches.replace(litellm, "moderation", self._moderation)

    def _moderation(self, original: Any) -> Any:
        @functools.wraps(original)
        def moderation(*args: Any, **kwargs: Any) -> Any:
            call = self._guard(self._begin)(*args, **kwargs) if self._tracing.on() else None
            try:
                reply = original(*args, **kwargs)
            except BaseException as error:
                if call is not None:
                    self._guard(call.fail)(error, self._tracing.why(error))
                raise
            if call is not None:
                self._guard(lambda: call.succeed(payload.plain(reply)))()
            return reply

        return moderation

    def _begin(self, input: Any = None, model: str | None = None, *args: Any, **kwargs: Any) -> Call:
        details = {"call_type": "moderation", "input": input, "model": model, "custom_llm_provider": "openai"}
        found = {**details, "litellm_call_id": str(uuid.uuid4()), "litellm_params": {"api_base": kwargs.get("api_base")}}
        return self._calls.begin(found)
