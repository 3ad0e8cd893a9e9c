"""Streamed replies: their first token, their text as it comes, and their end, also where nobody reads them to it.

LiteLLM has no public hook that is called for each piece in the reader's order, before the reader has it. So this module relies
on ``CustomStreamWrapper``: ``__next__``, ``__anext__``, ``__del__``, ``aclose``, ``close`` (since LiteLLM 1.110),
``logging_obj``, ``chunks``, ``messages``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import contextvars
import time
import weakref
from collections import deque
from typing import Any

import litellm
from litellm.litellm_core_utils.streaming_handler import CustomStreamWrapper

from ..patches import Patches
from . import payload
from .calls import Call
from .shared import Tracing

ABANDONED_EVENT = "stream_abandoned"
"""The name of the span event at the moment a reader gave a stream up."""


_reading: contextvars.ContextVar[int | None] = contextvars.ContextVar("llmtrace_reading", default=None)
"""The id of the stream whose next piece is being waited for. Not the stream: tasks that begin meanwhile would keep it."""


class Streams:
    """Follows every `CustomStreamWrapper` of a known call."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        self._calls = tracing.calls
        self._guard = tracing.guard
        self._dropped: deque[tuple[Call, Any, Any, int]] = deque()

    def install(self, patches: Patches) -> None:
        patches.replace(CustomStreamWrapper, "__next__", self._next)
        patches.replace(CustomStreamWrapper, "__anext__", self._anext)
        patches.replace(CustomStreamWrapper, "aclose", self._aclose)
        patches.replace(CustomStreamWrapper, "__del__", self._del)
        if hasattr(CustomStreamWrapper, "close"):
            patches.replace(CustomStreamWrapper, "close", self._close)

    def read(self, call: Call, reply: Any) -> Any:
        """What LiteLLM has put together of a call's stream, as plain values, without the tokens that it estimates where the
        provider sent no usage."""
        found = payload.plain(reply)
        stream = call.stream() if call.stream is not None else None
        if stream is not None and all(getattr(chunk, "usage", None) is None for chunk in stream.chunks):
            found.pop("usage", None)
        return found

    def end_dropped(self) -> None:
        """End the calls whose streams were dropped unread."""
        while self._dropped:
            call, chunks, messages, dropped_ns = self._dropped.popleft()
            call.succeed(_assembled(chunks, messages), event=ABANDONED_EVENT, end_ns=dropped_ns)

    def abandon(self, call: Call, why: str | None = None) -> None:
        """End a call whose reader has left it; ``why`` where that was not by its own will."""
        stream = call.stream() if call.stream is not None else None
        outputs = None if stream is None else _assembled(stream.chunks, stream.messages)
        if why is None:
            call.succeed(outputs, event=ABANDONED_EVENT)
        else:
            call.fail(None, why, outputs)

    def _next(self, original: Any) -> Any:
        def __next__(stream: Any) -> Any:
            _reading.set(id(stream))
            try:
                chunk = original(stream)
            except BaseException as error:
                self._guard(self._ended)(stream, error)
                raise
            finally:
                _reading.set(None)
            self._guard(self._came)(stream, chunk)
            return chunk

        return __next__

    def _anext(self, original: Any) -> Any:
        async def __anext__(stream: Any) -> Any:
            _reading.set(id(stream))
            try:
                chunk = await original(stream)
            except BaseException as error:
                self._guard(self._ended)(stream, error)
                raise
            finally:
                _reading.set(None)
            self._guard(self._came)(stream, chunk)
            return chunk

        return __anext__

    def _aclose(self, original: Any) -> Any:
        async def aclose(stream: Any) -> Any:
            self._guard(self._closed)(stream)
            return await original(stream)

        return aclose

    def _close(self, original: Any) -> Any:
        def close(stream: Any) -> Any:
            self._guard(self._closed)(stream)
            return original(stream)

        return close

    def _del(self, original: Any) -> Any:
        def __del__(stream: Any) -> None:
            self._guard(self._drop)(stream)
            original(stream)

        return __del__

    def _call_of(self, stream: Any) -> Call | None:
        # A stream whose constructor failed has no logging object.
        call = self._calls.get(getattr(getattr(stream, "logging_obj", None), "litellm_call_id", None))
        return None if call is None or call.ended else call

    def _came(self, stream: Any, chunk: Any) -> None:
        call = self._call_of(stream)
        if call is None:
            return
        if call.stream is None:
            call.stream = weakref.ref(stream)
        self._tracing.came(call, payload.chunk_text(chunk))

    def _ended(self, stream: Any, error: BaseException) -> None:
        call = self._call_of(stream)
        if call is None:
            return
        if not isinstance(error, StopIteration | StopAsyncIteration):
            call.fail(error, self._tracing.why(error), _assembled(stream.chunks, stream.messages))
            return
        # The success event of an asynchronous stream comes after its reader has seen the end.
        reply = litellm.stream_chunk_builder(stream.chunks, messages=stream.messages)
        logging = stream.logging_obj
        cost_usd = logging.response_cost_calculator(result=reply)
        call.succeed(self.read(call, reply), cost_usd, getattr(logging, "cost_breakdown", None))

    def _closed(self, stream: Any) -> None:
        """The reader closes its stream; LiteLLM does so by itself, while it is being read, when it ends or fails."""
        call = self._call_of(stream)
        if call is not None and _reading.get() != id(stream):
            self.abandon(call)

    def _drop(self, stream: Any) -> None:
        """Only noted: a finaliser can run in the middle of anything, also while MLflow holds a lock."""
        call = self._call_of(stream)
        if call is not None:
            self._dropped.append((call, stream.chunks, stream.messages, time.time_ns()))


def _assembled(chunks: Any, messages: Any) -> dict[str, Any] | None:
    """What had come of a stream that was not read to its end."""
    try:
        reply = litellm.stream_chunk_builder(chunks, messages=messages)
    except Exception:  # the builder rejects some partial replies; that the stream ended is what matters then
        return None
    if reply is None:
        return None
    found = payload.plain(reply)
    # The builder makes up what only the last piece would have told.
    for choice in found.get("choices", ()):
        choice["finish_reason"] = None
    found.pop("usage", None)
    return found
