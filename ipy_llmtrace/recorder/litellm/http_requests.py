"""The requests of a call: which call is being made here, and an event for each request of one that needed more than one.

Of httpx, this relies on the public ``Client.send`` and ``AsyncClient.send``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import contextlib
import contextvars
import functools
from collections.abc import Callable, Iterator
from time import time_ns
from typing import Any

import httpx
from mlflow.entities import SpanEvent

from ...guard import Guard
from ..patches import Patches
from .calls import Call

REQUEST_EVENT = "request"
"""The name of the span event at each request of a call that needed more than one."""


class HttpRequests:
    """Watches requests being sent.

    Attributes
    ----------
    current
        The call that LiteLLM is making in this context.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self.current: contextvars.ContextVar[Call | None] = contextvars.ContextVar("llmtrace_call", default=None)

    def install(self, patches: Patches) -> None:
        patches.replace(httpx.Client, "send", self._send)
        patches.replace(httpx.AsyncClient, "send", self._async_send)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Around a function of LiteLLM's: the call that begins within is no longer the current one after it."""
        before = self.current.get()
        try:
            yield
        finally:
            self.current.set(before)

    def in_call(self) -> bool:
        """Whether the caller is LiteLLM, within a call that has its span."""
        call = self.current.get()
        return call is not None and not call.ended

    def _send(self, original: Any) -> Any:
        @functools.wraps(original)
        def send(client: Any, request: Any, **kwargs: Any) -> Any:
            with self._watched() as sent:
                response = original(client, request, **kwargs)
            sent(response.status_code)
            return response

        return send

    def _async_send(self, original: Any) -> Any:
        @functools.wraps(original)
        async def send(client: Any, request: Any, **kwargs: Any) -> Any:
            with self._watched() as sent:
                response = await original(client, request, **kwargs)
            sent(response.status_code)
            return response

        return send

    @contextlib.contextmanager
    def _watched(self) -> Iterator[Callable[[int | str], None]]:
        """Around a request; gives what takes its status."""
        sent = functools.partial(self._guard(self._sent), self._guard(self._sending)())
        try:
            yield sent
        except BaseException as error:
            sent(f"{type(error).__name__}: {error}")
            raise

    def _sending(self) -> Call | None:
        call = self.current.get()
        if call is None or call.ended:
            return None
        call.requests += 1
        return call

    def _sent(self, call: Call | None, outcome: int | str) -> None:
        """Each request of a call that needs another: the failed ones, and those that follow a failed one."""
        if call is not None and not call.ended and (call.requests > 1 or not isinstance(outcome, int) or outcome >= 400):
            event = SpanEvent(REQUEST_EVENT, time_ns(), {"number": call.requests, "outcome": outcome})
            call.span.add_event(event)
