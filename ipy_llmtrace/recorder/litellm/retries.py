"""Several attempts at one call: a router's or those of ``fallbacks`` are a group, LiteLLM's own retries are in the call's span.

LiteLLM internals relied on: ``RustCore._drive`` and ``._call_sync`` stand around all attempts of a router's call, before
LiteLLM 1.110 ``Router.async_function_with_fallbacks``; ``litellm.completion_with_retries`` and ``acompletion_with_retries``
around those after the first, with the same ``litellm_call_id``; ``litellm.utils._restore_correlation_context_if_supported`` is
called last of all when an asynchronous call is left.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from litellm import router
from mlflow.tracing.provider import safe_set_span_in_context

from ..patches import Patches
from . import payload, privacy
from .calls import Call, Group
from .entered_calls import is_entered
from .library import litellm
from .prices import price_of
from .shared import Tracing
from .streams import Streams, is_stream

# pyright: reportMissingImports=false
try:
    from litellm.router_rust.core import RustCore
except ImportError:  # before LiteLLM 1.110
    RustCore = None

_in_group: contextvars.ContextVar[bool] = contextvars.ContextVar("llmtrace_in_group", default=False)


class Retries:
    """Groups attempts, and tells a failed attempt from a failed call."""

    def __init__(self, tracing: Tracing, streams: Streams) -> None:
        self._tracing = tracing
        self._calls = tracing.calls
        self._guard = tracing.guard
        self._streams = streams

    def install(self, patches: Patches) -> None:
        if RustCore is None:
            patches.replace(router.Router, "async_function_with_fallbacks", self._router)
        else:
            patches.replace(RustCore, "_drive", self._drive)
            patches.replace(RustCore, "_call_sync", self._call_sync)
        patches.replace(litellm, "completion_with_retries", self._with_retries)
        patches.replace(litellm, "acompletion_with_retries", self._with_retries_async)
        patches.replace(litellm.utils, "_restore_correlation_context_if_supported", self._leave)

    def expect(self, kwargs: Mapping[str, Any]) -> None:
        """A call is entered: note whether LiteLLM would try again."""
        call = self._calls.of(kwargs)
        if call is not None:
            wanted = (kwargs.get("num_retries"), kwargs.get("retry_policy"), getattr(litellm, "num_retries", None))
            call.may_retry = any(wanted)

    def failed(self, call: Call, error: Any) -> None:
        """An attempt of ``call`` has failed; whether that is its end, `_leave` or the retries know."""
        call.error = error if isinstance(error, BaseException) else None
        if not call.retrying and not call.may_retry:
            self._fail(call)

    @contextmanager
    def grouped(self, name: str, kwargs: Mapping[str, Any]) -> Iterator[Callable[[Any], None]]:
        """A span around the attempts that are made within; gives what takes their result. None within another group."""
        group = None
        details = privacy.request_details(kwargs)
        if not _in_group.get() and self._tracing.on() and not privacy.not_logged(details):
            asked = {key: kwargs[key] for key in ("model", "messages", "input", "fallbacks") if kwargs.get(key) is not None}
            group = self._guard(Group)(name, asked, privacy.hidden_by(details))
        if group is None:
            yield _take_nothing
            return
        results: list[Any] = []
        token = _in_group.set(True)
        try:
            with self._guard(safe_set_span_in_context)(group.span) or nullcontext():
                yield results.append
        except BaseException as error:
            self._guard(group.fail)(error, self._tracing.why(error))
            raise
        finally:
            _in_group.reset(token)
        self._guard(self._end)(group, results)

    def _end(self, group: Group, results: list[Any]) -> None:
        """A group ends with its attempts, or with the stream that its caller is still to read: another attempt may follow
        while it is read."""
        result = results[0] if results else None
        if not is_stream(result):
            group.succeed(payload.plain(result))
            return
        self._streams.follow(group, result)
        if group.stream is not None:
            self._calls.remember(group.span_id, group)
        elif (reading := next(iter(self._calls.under(group.span_id)), None)) is not None:
            reading.on_end.append(functools.partial(group.end_as, reading))
        else:
            group.succeed(None)

    def _router(self, original: Any) -> Any:
        @functools.wraps(original)
        async def async_function_with_fallbacks(router: Any, *args: Any, **kwargs: Any) -> Any:
            with self.grouped("litellm-router", kwargs) as take:
                result = await original(router, *args, **kwargs)
                take(result)
            return result

        return async_function_with_fallbacks

    def _drive(self, original: Any) -> Any:
        @functools.wraps(original)
        async def drive(core: Any, plan: Any, request: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
            with self.grouped("litellm-router", request) as take:
                result = await original(core, plan, request, *args, **kwargs)
                take(result)
            return result

        return drive

    def _call_sync(self, original: Any) -> Any:
        @functools.wraps(original)
        def call_sync(core: Any, plan: Any, request: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
            with self.grouped("litellm-router", request) as take:
                result = original(core, plan, request, *args, **kwargs)
                take(result)
            return result

        return call_sync

    def _with_retries(self, original: Any) -> Any:
        @functools.wraps(original)
        def completion_with_retries(*args: Any, **kwargs: Any) -> Any:
            with self._retrying(kwargs):
                return original(*args, **kwargs)

        return completion_with_retries

    def _with_retries_async(self, original: Any) -> Any:
        @functools.wraps(original)
        async def acompletion_with_retries(*args: Any, **kwargs: Any) -> Any:
            with self._retrying(kwargs):
                return await original(*args, **kwargs)

        return acompletion_with_retries

    @contextmanager
    def _retrying(self, kwargs: Mapping[str, Any]) -> Iterator[None]:
        call = self._calls.of(kwargs)
        if call is None:
            yield
            return
        call.retrying += 1
        try:
            yield
        except BaseException as error:
            call.error = error
            if call.retrying == 1:
                self._guard(self._fail)(call)
            raise
        finally:
            call.retrying -= 1

    def _leave(self, original: Any) -> Any:
        @functools.wraps(original)
        def leave(logging: Any, *args: Any, **kwargs: Any) -> Any:
            self._guard(self.left)(logging)
            return original(logging, *args, **kwargs)

        return leave

    def left(self, logging: Any) -> None:
        """A call has been left, or an attempt at it."""
        call_id = str(getattr(logging, "litellm_call_id", None))
        call = self._calls.get(call_id)
        if call is None or call.ended or is_entered(call_id):
            return
        if call.replied:
            # LiteLLM has priced the reply just now and does not do it again, which is a fifth of what a call costs.
            call.succeed(payload.plain(call.reply), *price_of(logging)(call.reply))
        elif call.error is not None and not call.retrying:
            self._fail(call)

    def _fail(self, call: Call) -> None:
        call.fail(call.error, self._tracing.why(call.error) if call.error is not None else None)


def _take_nothing(result: Any) -> None:
    pass
