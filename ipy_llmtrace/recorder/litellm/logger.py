"""The LiteLLM side: an MLflow span for every call, from its first moment to its true end.

LiteLLM's own ``MlflowLogger`` makes the span after the reply. `LiveLogger` is a subclass of it: ``mlflow.litellm.autolog()``
takes any ``MlflowLogger`` among LiteLLM's callbacks for its own and adds none, so autolog stays the switch. The span begins
in ``log_pre_api_call`` and ends in the first of LiteLLM's hooks that is early enough: for a synchronous call the success
event (which autolog makes inline), for an asynchronous one when it is left, for a stream when it has been read, for a failure
the failure event. Where there is no hook, `Streams` and `EntryAndExit` patch.

LiteLLM internals relied on: the lists of callbacks in `CALLBACK_LISTS`, and ``Logging.model_call_details``,
``.response_cost_calculator`` and ``.cost_breakdown``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import threading
from collections.abc import Container, Mapping
from typing import Any

from litellm.integrations.custom_logger import CustomLogger
from litellm.integrations.mlflow import MlflowLogger
from mlflow import litellm as mlflow_litellm

from ...guard import Guard
from ...own_frames import remove_own_frames
from ..interruptions import Interruptions
from ..listener import Listener
from ..patches import Patches
from . import litellm_log, payload
from .calls import Call
from .custom_handlers import CustomHandlers
from .entered_calls import is_entered
from .entry_and_exit import EntryAndExit
from .http_requests import HttpRequests
from .library import litellm
from .moderation import ModerationCalls
from .openai_autolog import OpenAIAutolog
from .retries import Retries
from .shared import Tracing
from .streams import Streams

CALLBACK_LISTS = (
    "callbacks",
    "input_callback",
    "success_callback",
    "failure_callback",
    "_async_success_callback",
    "_async_failure_callback",
)
_OURS = CALLBACK_LISTS[:4]


class LiveLogger(MlflowLogger):
    """LiteLLM's MLflow logger, live."""

    def __init__(self, listener: Listener, interruptions: Interruptions, guard: Guard) -> None:
        # Not MlflowLogger's: it makes an MlflowClient, which opens the store, and we do not use it.
        CustomLogger.__init__(self)
        self._guard = guard
        self._tracing = tracing = Tracing(listener, interruptions, guard)
        self._calls = tracing.calls
        self._streams = Streams(tracing)
        self._retries = Retries(tracing, self._streams)
        self._requests = HttpRequests(guard)
        self._entry_and_exit = EntryAndExit(tracing, self._retries, self._requests, self._streams, guard(self.attach))
        self._patches = Patches()
        self._displaced: list[tuple[str, Any]] = []

    def install(self) -> None:
        """Take the place of whatever MLflow logger there is, and switch ``mlflow.litellm.autolog()`` on.

        Raises ``AttributeError``, with nothing installed, where LiteLLM lacks something relied on.
        """
        self._tracing.installed = True
        try:
            litellm_log.install()
            self._streams.install()
            self._retries.install(self._patches)
            self._entry_and_exit.install(self._patches)
            self._requests.install(self._patches)
            ModerationCalls(self._tracing).install(self._patches)
            CustomHandlers(self._tracing, self._requests, self._begin).install(self._patches)
            OpenAIAutolog(self._requests, self._guard).install(self._patches)
            self._attach()
        except AttributeError:
            self._detach()
            raise
        mlflow_litellm.autolog(silent=True)

    def reinstall(self) -> None:
        """Once more, as LiteLLM's own module was executed again: its lists and functions are new. Calls go on."""
        self._detach()
        self.install()

    def attach(self) -> None:
        """A call is entered: be in LiteLLM's lists, as the user may have made new ones."""
        if self._tracing.on():
            self._attach()

    def remove(self) -> None:
        """Leave LiteLLM as it was before `install`: autolog stays on only if the user had it on."""
        keep_on = bool(self._displaced)
        if not keep_on:
            mlflow_litellm.autolog(disable=True, silent=True)
        self._detach()
        if not keep_on:
            for name in CALLBACK_LISTS:
                # autolog(disable=True) forgets the asynchronous lists, and what it leaves there keeps tracing.
                callbacks = getattr(litellm, name)
                callbacks[:] = [c for c in callbacks if not _is_mlflow(c)]

    def leave_cell(self, span_ids: Container[str], why: str | None) -> None:
        """The running code leaves the cell with these spans: end its calls that nothing will end any more."""
        self._streams.end_dropped()
        self._leave([call for call in self._calls.open() if call.span_id in span_ids], why)

    def leave_span(self, span_id: str, why: str | None) -> None:
        """The running code leaves a span: end the calls under it that nothing will end any more."""
        self._streams.end_dropped()
        self._leave(self._calls.under(span_id), why)

    def _leave(self, calls: list[Call], why: str | None) -> None:
        thread = threading.get_ident()
        for call in calls:
            if call.ended or not call.reader.has_left(thread):
                continue
            if call.replied:
                call.succeed(payload.plain(call.reply))
            elif call.stream is not None or call.span.inputs.get("stream"):
                self._streams.abandon(call, why)
            else:
                call.fail(None, why or "left unfinished")

    def _attach(self) -> None:
        """Be in LiteLLM's lists, alone of MLflow's kind: another one would make a second span of every call."""
        for name in CALLBACK_LISTS:
            callbacks = getattr(litellm, name)
            others = [c for c in callbacks if c is not self and _is_mlflow(c)]
            if others:
                self._displaced.extend((name, c) for c in others)
                callbacks[:] = [c for c in callbacks if c not in others]
            if name in _OURS and self not in callbacks:
                callbacks.append(self)

    def _detach(self) -> None:
        self._tracing.installed = False
        self._patches.restore()
        self._streams.remove()
        self._entry_and_exit.remove()
        litellm_log.remove()
        displaced, self._displaced = self._displaced, []
        for name in CALLBACK_LISTS:
            callbacks = getattr(litellm, name, [])
            callbacks[:] = [c for c in callbacks if c is not self]
            callbacks.extend(c for where, c in displaced if where == name and c not in callbacks)

    # -- LiteLLM's hooks; each is guarded, for LiteLLM logs a traceback into the user's cell otherwise --

    def log_pre_api_call(self, model: str, messages: Any, kwargs: dict[str, Any]) -> None:
        if self._tracing.on():
            self._guard(self._begin)(kwargs)

    def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._guard(self._on_success)(kwargs, response_obj)

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._guard(self._on_success)(kwargs, response_obj)

    def log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._guard(self._on_failure)(kwargs, start_time)

    async def async_log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._guard(self._on_failure)(kwargs, start_time)

    def _begin(self, details: Mapping[str, Any]) -> None:
        self._streams.end_dropped()
        call = self._calls.get(details.get("litellm_call_id"))
        if call is None or call.ended:
            call = self._calls.begin(details)
        self._requests.current.set(call)

    def _on_success(self, details: Mapping[str, Any], response: Any) -> None:
        call = self._calls.get(details.get("litellm_call_id"))
        if details.get("stream"):
            # This event comes for every chunk, too; only the last has the whole reply.
            response = details.get("complete_streaming_response") or details.get("async_complete_streaming_response")
        # An event without a call is a late one, of a call made before we were on.
        if call is None or call.ended or response is None:
            return
        breakdown = (details.get("standard_logging_object") or {}).get("cost_breakdown")
        told = response, details.get("response_cost"), breakdown
        if call.stream is not None:
            call.told = told
        elif not is_entered(str(details.get("litellm_call_id"))):
            call.succeed(payload.plain(call.reply if call.replied else response), *told[1:])

    def _on_failure(self, details: Mapping[str, Any], start_time: Any) -> None:
        call = self._calls.get(details.get("litellm_call_id"))
        error = details.get("exception")
        if isinstance(error, BaseException):
            remove_own_frames(error)  # what LiteLLM logs of it, and the user's code gets, is as without us
        if call is None and self._tracing.on():
            # It failed before a request was made: an unknown provider, say.
            call = self._calls.begin(details, int(start_time.timestamp() * 1e9))
        # A stream is ended by its reader's error, with what had come.
        if call is not None and call.stream is None:
            self._retries.failed(call, error)


def _is_mlflow(callback: Any) -> bool:
    return callback == "mlflow" or isinstance(callback, MlflowLogger)
