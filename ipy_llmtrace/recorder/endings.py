"""True endings for MLflow's own spans: MLflow looks at ``Exception`` only, so that a span which an interrupt or a cancellation
ended says OK, that of a generator which was closed early never ends, and that of one which failed does not say by what.

MLflow internals relied on: ``LiveSpan.end``, called in a ``finally`` of the code that the exception passes through, and
``mlflow.tracing.fluent._wrap_generator``, whose wrapper keeps the span in a local variable ``span``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import functools
import inspect
import sys
from time import time_ns
from types import FrameType
from typing import Any

import mlflow.tracing.fluent as fluent
from mlflow.entities import LiveSpan, SpanEvent, SpanStatus, SpanStatusCode

from ..guard import Guard
from ..own_frames import remove_own_frames
from .interruptions import Interruptions
from .patches import Patches

CLOSED_EVENT = "generator_closed"
"""The name of the span event at the moment a traced generator was closed before its end."""


class Endings:
    """Watches MLflow's spans end."""

    def __init__(self, interruptions: Interruptions, guard: Guard) -> None:
        self._interruptions = interruptions
        self._guard = guard

    def install(self, patches: Patches) -> None:
        patches.replace(LiveSpan, "end", self._end)
        patches.replace(fluent, "_wrap_generator", self._wrap_generator)

    def _end(self, original: Any) -> Any:
        @functools.wraps(original)
        def end(span: Any, *args: Any, **kwargs: Any) -> Any:
            error = sys.exc_info()[1]
            if isinstance(error, Exception):
                if kwargs.get("status") is SpanStatusCode.ERROR:  # how MLflow ends the span of a generator that fails
                    kwargs["status"] = self._guard(_failed)(error) or SpanStatusCode.ERROR
            elif error is not None and not isinstance(error, GeneratorExit):
                self._guard(self._blame)(span, error, sys._getframe(1))  # pyright: ignore[reportPrivateUsage]
            return original(span, *args, **kwargs)

        return end

    def _blame(self, span: Any, error: BaseException, ending: FrameType) -> None:
        """``error`` is in flight, unless the code that ends the span merely runs while it is being handled further out."""
        if span.status.status_code != SpanStatusCode.ERROR and _passed_through(error, ending):
            self._set(span, error)

    def _set(self, span: Any, error: BaseException) -> None:
        remove_own_frames(error)
        span.add_event(SpanEvent.from_exception(error))  # pyright: ignore[reportArgumentType]
        description = self._interruptions.description(error) or f"{type(error).__name__}: {error}"
        span.set_status(SpanStatus(SpanStatusCode.ERROR, description))

    def _wrap_generator(self, original: Any) -> Any:
        @functools.wraps(original)
        def wrap_generator(function: Any, *args: Any, **kwargs: Any) -> Any:
            traced = original(function, *args, **kwargs)
            make = self._closing if inspect.isgeneratorfunction(traced) else self._async_closing
            return functools.wraps(traced)(make(traced))

        return wrap_generator

    def _closing(self, traced: Any) -> Any:
        def closing(*args: Any, **kwargs: Any) -> Any:
            generator = traced(*args, **kwargs)
            span = None
            try:
                for value in generator:
                    span = span or generator.gi_frame.f_locals.get("span")
                    yield value
            except BaseException as error:
                self._guard(self._closed)(span, error)
                raise

        return closing

    def _async_closing(self, traced: Any) -> Any:
        async def closing(*args: Any, **kwargs: Any) -> Any:
            generator = traced(*args, **kwargs)
            span = None
            try:
                async for value in generator:
                    span = span or generator.ag_frame.f_locals.get("span")
                    yield value
            except BaseException as error:
                self._guard(self._closed)(span, error)
                raise

        return closing

    def _closed(self, span: Any, error: BaseException) -> None:
        if isinstance(error, Exception):
            return  # MLflow has ended the span
        span = span or _local_span(error)
        if span is None or span.end_time_ns is not None:
            return
        if isinstance(error, GeneratorExit):
            span.add_event(SpanEvent(CLOSED_EVENT, time_ns()))
        else:
            self._set(span, error)
        span.end()


def _failed(error: BaseException) -> SpanStatus:
    return SpanStatus(SpanStatusCode.ERROR, f"{type(error).__name__}: {error}")


def _passed_through(error: BaseException, frame: FrameType) -> bool:
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame is frame:
            return True
        traceback = traceback.tb_next
    return False


def _local_span(error: BaseException) -> Any:
    """The span of the traced generator that ``error`` came out of before it had yielded anything."""
    traceback = error.__traceback__
    while traceback is not None:
        found = traceback.tb_frame.f_locals.get("span")
        if isinstance(found, LiveSpan):
            return found
        traceback = traceback.tb_next
    return None
