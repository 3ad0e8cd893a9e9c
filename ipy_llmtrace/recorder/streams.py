"""Streamed replies: their first token, their text as it comes, and their end, also where nobody reads them to it.

LiteLLM has no public hook that is called for each piece in the reader's order, before the reader has it. So this module relies
on ``CustomStreamWrapper``: ``__next__``, ``__anext__``, ``__del__``, ``aclose``, ``logging_obj``, ``chunks``, ``messages``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

import litellm
from litellm.litellm_core_utils.streaming_handler import CustomStreamWrapper
from mlflow.entities import SpanEvent

from ..guard import Guard
from . import payload
from .calls import Call, Calls, Reader
from .changes import Streamed
from .mlflow import FIRST_TOKEN_EVENT
from .patches import Patches

ABANDONED_EVENT = "stream_abandoned"
"""The name of the span event at the moment a reader gave a stream up."""


class Streams:
    """Follows every `CustomStreamWrapper` of a known call.

    Parameters
    ----------
    streamed
        Told of every piece of text, on the reader's thread.
    why
        The description of a span that an exception ended, where that is not the exception itself: ``interrupted``, ...
    """

    def __init__(
        self, calls: Calls, streamed: Callable[[Streamed], None], why: Callable[[BaseException], str | None], guard: Guard
    ) -> None:
        self._calls = calls
        self._streamed = streamed
        self._why = why
        self._guard = guard
        self._dropped: deque[tuple[Call, Any, Any, int]] = deque()

    def install(self, patches: Patches) -> None:
        patches.replace(CustomStreamWrapper, "__next__", self._next)
        patches.replace(CustomStreamWrapper, "__anext__", self._anext)
        patches.replace(CustomStreamWrapper, "aclose", self._aclose)
        patches.replace(CustomStreamWrapper, "__del__", self._del)

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
            try:
                chunk = original(stream)
            except BaseException as error:
                self._guard(self._ended)(stream, error)
                raise
            self._guard(self._came)(stream, chunk)
            return chunk

        return __next__

    def _anext(self, original: Any) -> Any:
        async def __anext__(stream: Any) -> Any:
            try:
                chunk = await original(stream)
            except BaseException as error:
                self._guard(self._ended)(stream, error)
                raise
            self._guard(self._came)(stream, chunk)
            return chunk

        return __anext__

    def _aclose(self, original: Any) -> Any:
        async def aclose(stream: Any) -> Any:
            call = self._guard(self._call_of)(stream)
            if call is not None:
                self._guard(self.abandon)(call)
            return await original(stream)

        return aclose

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
        now_ns = time.time_ns()
        if not call.chunks:
            call.stream = weakref.ref(stream)
            call.span.add_event(SpanEvent(FIRST_TOKEN_EVENT, now_ns))
        call.chunks += 1
        call.reader = Reader()
        text = payload.chunk_text(chunk)
        if text:
            self._streamed(Streamed(call.span_id, text, now_ns))

    def _ended(self, stream: Any, error: BaseException) -> None:
        call = self._call_of(stream)
        if call is None:
            return
        if not isinstance(error, StopIteration | StopAsyncIteration):
            call.fail(error, self._why(error), _assembled(stream.chunks, stream.messages))
            return
        # The success event of an asynchronous stream comes after its reader has seen the end.
        reply = litellm.stream_chunk_builder(stream.chunks, messages=stream.messages)
        logging = stream.logging_obj
        cost_usd = logging.response_cost_calculator(result=reply)
        call.succeed(payload.plain(reply), cost_usd, getattr(logging, "cost_breakdown", None))

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
