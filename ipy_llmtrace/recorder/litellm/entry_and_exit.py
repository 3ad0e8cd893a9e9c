"""Where a call is entered and left, which LiteLLM's callbacks do not tell: interrupts and cancellations, replies from its
cache, and functions that send their request without a word.

LiteLLM internals relied on:

- the decorator ``litellm.utils.client`` keeps the function it wraps in a closure variable ``original_function``; it is replaced
  there, so that a ``completion`` that the user imported by name before we were on is covered, too;
- ``Logging.success_handler`` is called when a synchronous call is left, inline as autolog has it;
- ``LLMCachingHandler.sync_get_cache`` and ``async_get_cache`` return the cached reply as ``cached_result``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from time import time_ns
from types import CellType, FunctionType
from typing import Any

from litellm.caching.caching_handler import LLMCachingHandler
from litellm.litellm_core_utils.litellm_logging import Logging

from ..patches import Patches
from . import payload
from .calls import call_id
from .entered_calls import entered
from .http_requests import HttpRequests
from .library import litellm
from .prices import price_of
from .retries import Retries
from .shared import Tracing
from .streams import Streams, is_stream

_WRAPPED = "original_function"
_WATCHED = "_llmtrace_watched"


class EntryAndExit:
    """Watches calls being entered and left.

    Parameters
    ----------
    entering
        Called when a call is entered, before LiteLLM asks any callback. It does not raise.
    """

    def __init__(
        self,
        tracing: Tracing,
        retries: Retries,
        requests: HttpRequests,
        streams: Streams,
        entering: Callable[[], None],
    ) -> None:
        self._entering = entering
        self._tracing = tracing
        self._calls = tracing.calls
        self._guard = tracing.guard
        self._retries = retries
        self._requests = requests
        self._streams = streams
        self._wrapped: list[tuple[CellType, Any, Any]] = []

    def install(self, patches: Patches) -> None:
        for function in _decorated():
            self._wrap(function)
        patches.replace(litellm.utils, "client", self._client)
        patches.replace(Logging, "success_handler", self._success_handler)
        patches.replace(LLMCachingHandler, "sync_get_cache", self._sync_get_cache)
        patches.replace(LLMCachingHandler, "async_get_cache", self._async_get_cache)

    def remove(self) -> None:
        for cell, original, watched in self._wrapped:
            if cell.cell_contents is watched:
                cell.cell_contents = original
        self._wrapped.clear()

    # -- entering and leaving -----------------------------------------------------------------------------------------

    def _client(self, original: Any) -> Any:
        @functools.wraps(original)
        def client(function: Any) -> Any:
            decorated = original(function)
            self._wrap(decorated)
            return decorated

        return client

    def _wrap(self, function: Any) -> None:
        cell = _cell(function)
        # One of another copy of LiteLLM, for which another logger was made, has its span from that.
        if cell is None or hasattr(cell.cell_contents, _WATCHED):
            return
        original = cell.cell_contents
        watched = self._watched_async(original) if inspect.iscoroutinefunction(original) else self._watched(original)
        setattr(watched, _WATCHED, True)
        cell.cell_contents = watched
        self._wrapped.append((cell, original, watched))

    def _watched(self, original: Any) -> Any:
        @functools.wraps(original)
        def watched(*args: Any, **kwargs: Any) -> Any:
            self._entering()
            if kwargs.get("fallbacks"):
                with self._retries.grouped("litellm-fallbacks", kwargs) as take:
                    result = original(*args, **kwargs)
                    if not inspect.isawaitable(result):
                        take(result)
                return result
            now_ns = time_ns()
            with entered(call_id(kwargs), now_ns) as outermost:
                try:
                    with self._requests.inside():
                        result = original(*args, **kwargs)
                except BaseException as error:
                    self._guard(self._left)(kwargs, error)
                    raise
            if not inspect.isawaitable(result):
                self._guard(self._returned)(kwargs, result, now_ns, outermost)
            return result

        return watched

    def _watched_async(self, original: Any) -> Any:
        @functools.wraps(original)
        async def watched(*args: Any, **kwargs: Any) -> Any:
            self._entering()
            if kwargs.get("fallbacks"):
                with self._retries.grouped("litellm-fallbacks", kwargs) as take:
                    result = await original(*args, **kwargs)
                    take(result)
                return result
            now_ns = time_ns()
            with entered(call_id(kwargs), now_ns) as outermost:
                try:
                    with self._requests.inside():
                        result = await original(*args, **kwargs)
                except BaseException as error:
                    self._guard(self._left)(kwargs, error)
                    raise
            self._guard(self._returned)(kwargs, result, now_ns, outermost)
            return result

        return watched

    def _left(self, kwargs: Mapping[str, Any], error: BaseException) -> None:
        """LiteLLM reports an ``Exception`` itself, after its retries."""
        self._retries.expect(kwargs)
        call = self._calls.of(kwargs)
        if call is not None and not isinstance(error, Exception):
            call.fail(error, self._tracing.why(error))

    def _returned(self, kwargs: Mapping[str, Any], result: Any, entered_ns: int, outermost: bool) -> None:
        logging, call = kwargs.get("litellm_logging_obj"), self._calls.of(kwargs)
        if call is None and logging is not None and outermost and self._tracing.on():
            # Some of LiteLLM's functions send their request without saying so before.
            call = self._calls.begin(logging.model_call_details, entered_ns)
        if call is None or call.ended:
            return
        if is_stream(result):
            self._streams.follow(call, result, price_of(logging))
        elif outermost:
            call.replied, call.reply = True, result

    def _success_handler(self, original: Any) -> Any:
        @functools.wraps(original)
        def success_handler(logging: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return original(logging, *args, **kwargs)
            finally:
                # LiteLLM tells no callback of a reply in which it finds something odd; its caller has it all the same.
                self._guard(self._retries.left)(logging)

        return success_handler

    # -- LiteLLM's cache ----------------------------------------------------------------------------------------------

    def _sync_get_cache(self, original: Any) -> Any:
        @functools.wraps(original)
        def sync_get_cache(handler: Any, *args: Any, **kwargs: Any) -> Any:
            found = original(handler, *args, **kwargs)
            self._guard(self._hit)(kwargs, found)
            return found

        return sync_get_cache

    def _async_get_cache(self, original: Any) -> Any:
        @functools.wraps(original)
        async def async_get_cache(handler: Any, *args: Any, **kwargs: Any) -> Any:
            found = await original(handler, *args, **kwargs)
            self._guard(self._hit)(kwargs, found)
            return found

        return async_get_cache

    def _hit(self, arguments: Mapping[str, Any], found: Any) -> None:
        reply = getattr(found, "cached_result", None) if self._tracing.on() else None
        if reply is None:
            reply = getattr(found, "final_embedding_cached_response", None)
            if not (self._tracing.on() and getattr(found, "embedding_all_elements_cache_hit", False)):
                return
        logging = arguments["logging_obj"]
        start_ns = int(arguments["start_time"].timestamp() * 1e9)
        call = self._calls.begin(logging.model_call_details, start_ns)
        call.cache_hit = True
        if is_stream(reply):
            self._streams.follow(call, reply, price_of(logging))
        else:
            call.succeed(payload.plain(reply))


def _decorated() -> list[FunctionType]:
    """Every function of LiteLLM's that ``client`` decorates."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("litellm")]
    found = {id(f): f for module in modules for f in list(vars(module).values()) if isinstance(f, FunctionType) and _cell(f)}
    return list(found.values())


def _cell(function: FunctionType) -> CellType | None:
    names = function.__code__.co_freevars
    return (function.__closure__ or ())[names.index(_WRAPPED)] if _WRAPPED in names else None
