"""Calls that a handler of the user's answers (``litellm.CustomLLM``): their spans begin before the handler runs, and are active
while it does, so that what it calls itself is below.

LiteLLM makes no request for such a call, and tells no callback that it begins.

LiteLLM internals relied on: ``ProviderConfigManager.get_custom_llm_handler``, before LiteLLM 1.110
``litellm.main.custom_chat_llm_router`` (for chat only); they give the handler, which is called with ``logging_obj``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from litellm import utils
from mlflow.tracing.provider import safe_set_span_in_context

from ..patches import Patches
from .calls import Call
from .http_requests import HttpRequests
from .library import litellm
from .shared import Tracing

_METHODS = frozenset(
    f"{prefix}{name}"
    for prefix in ("", "a")
    for name in ("completion", "streaming", "embedding", "image_generation", "image_edit")
)


class CustomHandlers:
    """Watches the user's handlers.

    Parameters
    ----------
    begin
        Begins the call of LiteLLM's details of it, unless it has begun.
    """

    def __init__(self, tracing: Tracing, requests: HttpRequests, begin: Callable[[Mapping[str, Any]], None]) -> None:
        self._tracing = tracing
        self._guard = tracing.guard
        self._requests = requests
        self._begin = begin

    def install(self, patches: Patches) -> None:
        if hasattr(utils.ProviderConfigManager, "get_custom_llm_handler"):
            patches.replace(utils.ProviderConfigManager, "get_custom_llm_handler", self._get_custom_llm_handler)
        else:
            patches.replace(litellm.main, "custom_chat_llm_router", self._custom_chat_llm_router)

    def _get_custom_llm_handler(self, original: Any) -> Any:
        @functools.wraps(original)
        def get_custom_llm_handler(*args: Any, **kwargs: Any) -> Any:
            handler = original(*args, **kwargs)
            return handler if handler is None else _Followed(handler, self._guard(self._follow))

        return get_custom_llm_handler

    def _custom_chat_llm_router(self, original: Any) -> Any:
        @functools.wraps(original)
        def custom_chat_llm_router(*args: Any, **kwargs: Any) -> Any:
            method = original(*args, **kwargs)
            return self._guard(self._follow)(method) or method

        return custom_chat_llm_router

    def _follow(self, method: Any) -> Any:
        """A method of a handler, within the span of its call."""

        @functools.wraps(method)
        def followed(*args: Any, **kwargs: Any) -> Any:
            call = self._guard(self._begun)(kwargs)
            if call is None:
                return method(*args, **kwargs)
            with self._inside(call):
                result = method(*args, **kwargs)
            if inspect.isawaitable(result):
                return self._awaited(call, result)
            if hasattr(result, "__anext__"):
                return _AsyncPieces(result, functools.partial(self._inside, call))
            return _Pieces(result, functools.partial(self._inside, call)) if hasattr(result, "__next__") else result

        return followed

    def _begun(self, kwargs: Mapping[str, Any]) -> Call | None:
        logging = kwargs.get("logging_obj")
        if logging is None or not self._tracing.on():
            return None
        self._begin(logging.model_call_details)
        return self._tracing.calls.get(logging.litellm_call_id)

    async def _awaited(self, call: Call, result: Any) -> Any:
        with self._inside(call):
            return await result

    @contextmanager
    def _inside(self, call: Call) -> Iterator[None]:
        """Where the handler runs: what it calls and sends belongs to ``call``."""
        with self._requests.inside(), self._guard(safe_set_span_in_context)(call.span) or nullcontext():
            self._requests.current.set(call)
            yield


class _Followed:
    """A handler, whose calls are followed."""

    def __init__(self, handler: Any, follow: Callable[[Any], Any]) -> None:
        self._handler = handler
        self._follow = follow

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._handler, name)
        return (self._follow(found) if name in _METHODS else None) or found


class _Pieces:
    """What a handler streams, each piece made inside its call."""

    def __init__(self, pieces: Any, inside: Any) -> None:
        self._pieces = pieces
        self._inside = inside

    def __iter__(self) -> _Pieces:
        return self

    def __next__(self) -> Any:
        with self._inside():
            return next(self._pieces)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pieces, name)


class _AsyncPieces:
    """As `_Pieces`, asynchronous."""

    def __init__(self, pieces: Any, inside: Any) -> None:
        self._pieces = pieces
        self._inside = inside

    def __aiter__(self) -> _AsyncPieces:
        return self

    async def __anext__(self) -> Any:
        with self._inside():
            return await anext(self._pieces)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pieces, name)
