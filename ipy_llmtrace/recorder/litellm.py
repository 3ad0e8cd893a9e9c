"""The LiteLLM side: an MLflow span for every call, from its first moment to its true end.

LiteLLM's own ``MlflowLogger`` makes the span after the reply. `LiveLogger` is a subclass of it: ``mlflow.litellm.autolog()``
takes any ``MlflowLogger`` among LiteLLM's callbacks for its own and adds none, so autolog stays the switch. The span begins
in ``log_pre_api_call`` and ends in the first of LiteLLM's hooks that is early enough: for a synchronous call the success
event (which autolog makes inline), for an asynchronous one ``async_post_call_success_deployment_hook``, for a failure the
failure event.

LiteLLM internals relied on: ``CustomStreamWrapper.__next__``, ``__anext__`` and its ``logging_obj``, ``chunks`` and
``messages`` (streams have no public hook that is called in the caller's order and before the caller has the chunk).
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import litellm
import mlflow
from litellm.integrations.custom_logger import CustomLogger
from litellm.integrations.mlflow import MlflowLogger
from litellm.litellm_core_utils.streaming_handler import CustomStreamWrapper
from mlflow import litellm as mlflow_litellm
from mlflow.entities import SpanEvent, SpanStatus, SpanStatusCode, SpanType
from mlflow.utils.autologging_utils import autologging_is_disabled

from ..guard import Guard
from .changes import Streamed
from .mlflow import FIRST_TOKEN_EVENT

REMEMBERED_CALLS = 4096
"""How many ended calls are remembered, so that an event of theirs that comes late makes no second span."""

CALLBACK_LISTS = (
    "callbacks",
    "input_callback",
    "success_callback",
    "failure_callback",
    "_async_success_callback",
    "_async_failure_callback",
)
_OURS = CALLBACK_LISTS[:4]

_SECRET_PARAMS = frozenset({"extra_headers", "headers", "api_key", "aws_secret_access_key", "aws_session_token"})


def check() -> None:
    """Raise ``AttributeError``, naming what is missing, unless LiteLLM has what this module relies on."""
    for owner, name in (
        (CustomStreamWrapper, "__next__"),
        (CustomStreamWrapper, "__anext__"),
        *((litellm, n) for n in CALLBACK_LISTS),
    ):
        getattr(owner, name)


class Call:
    """One LiteLLM call and its span."""

    def __init__(self, span: Any, span_id: str) -> None:
        self.span = span
        self.span_id = span_id
        self.ended = False
        self.first_chunk_seen = False
        self.lock = threading.Lock()

    def end_once(self) -> bool:
        """True for the first caller only: several hooks of LiteLLM report the same end."""
        with self.lock:
            first, self.ended = not self.ended, True
            return first


class LiveLogger(MlflowLogger):
    """LiteLLM's MLflow logger, live.

    Parameters
    ----------
    streamed
        Told of every piece of text of a streamed reply, on the caller's thread.
    """

    def __init__(self, streamed: Callable[[Streamed], None], guard: Guard) -> None:
        # Not MlflowLogger's: it makes an MlflowClient, which opens the store, and we do not use it.
        CustomLogger.__init__(self)
        self._streamed = streamed
        self._guard = guard
        self._calls: OrderedDict[str, Call] = OrderedDict()
        self._displaced: list[tuple[str, Any]] = []
        self._patched: dict[str, tuple[Any, Any]] = {}
        self._lock = threading.Lock()

    # -- on and off ---------------------------------------------------------------------------------------------------

    def install(self) -> None:
        """Take the place of whatever MLflow logger there is, and switch ``mlflow.litellm.autolog()`` on."""
        self._attach()
        mlflow_litellm.autolog(silent=True)
        # LiteLLM prints "Give Feedback / Get Help" into the cell with every failed call; the exception says it all.
        self._debug_info = litellm.suppress_debug_info
        litellm.suppress_debug_info = True
        self._patch("__next__", self._next_patch)
        self._patch("__anext__", self._anext_patch)

    def remove(self) -> None:
        """Leave LiteLLM as it was before `install`: autolog stays on only if the user had it on."""
        for name, (original, patch) in self._patched.items():
            if getattr(CustomStreamWrapper, name) is patch:
                setattr(CustomStreamWrapper, name, original)
        self._patched.clear()
        litellm.suppress_debug_info = self._debug_info
        displaced, self._displaced = self._displaced, []
        if not displaced:
            mlflow_litellm.autolog(disable=True, silent=True)
        for name in CALLBACK_LISTS:
            callbacks = getattr(litellm, name)
            # autolog(disable=True) forgets the asynchronous lists, and what it leaves there keeps tracing.
            callbacks[:] = [c for c in callbacks if c is not self and (displaced or not _is_mlflow(c))]
            callbacks.extend(c for where, c in displaced if where == name)

    def close_open_calls(self, wanted: Callable[[str], bool], reason: str) -> None:
        """End as failed, because of ``reason``, the open calls whose span id is ``wanted``."""
        with self._lock:
            open_calls = [c for c in self._calls.values() if not c.ended and wanted(c.span_id)]
        for call in open_calls:
            self._fail(call, None, reason)

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

    def _patch(self, name: str, make: Callable[[Any], Any]) -> None:
        original = getattr(CustomStreamWrapper, name)
        patch = make(original)
        setattr(CustomStreamWrapper, name, patch)
        self._patched[name] = (original, patch)

    # -- LiteLLM's hooks; each is guarded, for LiteLLM logs a traceback into the user's cell otherwise -------------------

    def log_pre_api_call(self, model: str, messages: Any, kwargs: dict[str, Any]) -> None:
        if not autologging_is_disabled("litellm"):
            self._guard(self._begin)(kwargs)

    def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._guard(self._on_success)(kwargs, response_obj, start_time)

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._guard(self._on_success)(kwargs, response_obj, start_time)

    def log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._guard(self._on_failure)(kwargs, start_time)

    async def async_log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._guard(self._on_failure)(kwargs, start_time)

    async def async_post_call_success_deployment_hook(self, request_data: Any, response: Any, call_type: Any) -> None:
        self._guard(self._on_reply)(request_data, response)

    # -- a call's life ------------------------------------------------------------------------------------------------

    def _begin(self, kwargs: Mapping[str, Any], start_time: Any = None) -> Call | None:
        call_id = str(kwargs.get("litellm_call_id"))
        known = self._calls.get(call_id)
        if known is not None and not known.ended:
            return known
        self._attach()
        call_type = str(kwargs.get("call_type") or "completion")
        span = mlflow.start_span_no_context(
            name=f"litellm-{call_type}",
            span_type=_span_type(call_type),
            parent_span=mlflow.get_current_active_span(),
            inputs=_inputs(kwargs),
            attributes=_attributes(kwargs),
            tags=self._transform_tag_list_to_dict(_request_tags(kwargs)),
            start_time_ns=int(start_time.timestamp() * 1e9) if start_time else None,
        )
        call = Call(span, span.span_id)
        with self._lock:
            self._calls[call_id] = call
            while len(self._calls) > REMEMBERED_CALLS:
                self._calls.popitem(last=False)
        return call

    def _on_success(self, kwargs: Mapping[str, Any], response: Any, start_time: Any) -> None:
        call = self._calls.get(str(kwargs.get("litellm_call_id")))
        if kwargs.get("stream"):
            # This event comes for every chunk, too; only the last has the whole reply.
            response = kwargs.get("complete_streaming_response") or kwargs.get("async_complete_streaming_response")
            if response is None:
                return
        if call is None and kwargs.get("cache_hit") and not autologging_is_disabled("litellm"):
            # No request was sent, so there was no earlier moment to begin at. Any other event without a call is a late one,
            # of a call made before we were on.
            call = self._begin(kwargs, start_time)
        if call is not None:
            payload = kwargs.get("standard_logging_object") or {}
            self._succeed(call, kwargs, response, kwargs.get("response_cost"), payload.get("cost_breakdown"))

    def _on_reply(self, request: Mapping[str, Any], response: Any) -> None:
        call = self._calls.get(str(request.get("litellm_call_id")))
        if call is None or call.ended or isinstance(response, CustomStreamWrapper):
            return
        logging = request.get("litellm_logging_obj")
        if logging is not None:  # absent at the end of a responses stream, whose success event comes in time
            self._succeed_with(call, logging, response)

    def _on_failure(self, kwargs: Mapping[str, Any], start_time: Any) -> None:
        call = self._calls.get(str(kwargs.get("litellm_call_id")))
        if call is None and not autologging_is_disabled("litellm"):
            # It failed before a request was made: an unknown provider, say.
            call = self._begin(kwargs, start_time)
        if call is not None and not call.first_chunk_seen:  # else the stream itself ends it, with what had come
            self._fail(call, kwargs.get("exception"))

    def _succeed_with(self, call: Call, logging: Any, response: Any) -> None:
        """End with the cost that LiteLLM's logging object works out, where its success event would be too late."""
        cost = logging.response_cost_calculator(result=response)
        self._succeed(call, logging.model_call_details, response, cost, getattr(logging, "cost_breakdown", None))

    def _succeed(self, call: Call, kwargs: Mapping[str, Any], response: Any, cost: Any, costs: Any) -> None:
        if not call.end_once():
            return
        outputs = _json(response)
        usage, cache_hit = _usage(outputs), bool(kwargs.get("cache_hit"))
        if usage is None and not cache_hit:
            cost = None  # LiteLLM prices unknown tokens as none
        attributes = {
            "cache_hit": cache_hit,
            "mlflow.chat.tokenUsage": usage,
            "response_cost": cost,
            "mlflow.llm.cost": _costs(cost, costs),
        }
        call.span.end(outputs=outputs, attributes={k: v for k, v in attributes.items() if v is not None}, status="OK")

    def _fail(self, call: Call, error: BaseException | None, reason: str = "") -> None:
        if not call.end_once():
            return
        if isinstance(error, BaseException):
            call.span.add_event(SpanEvent.from_exception(error))  # pyright: ignore[reportArgumentType]
        description = reason or (f"{type(error).__name__}: {error}" if error is not None else "failed")
        call.span.end(status=SpanStatus(SpanStatusCode.ERROR, description))

    # -- streams ------------------------------------------------------------------------------------------------------

    def _next_patch(self, original: Any) -> Any:
        def __next__(stream: Any) -> Any:
            try:
                chunk = original(stream)
            except BaseException as error:
                self._guard(self._on_stream_end)(stream, error)
                raise
            self._guard(self._on_chunk)(stream, chunk)
            return chunk

        return __next__

    def _anext_patch(self, original: Any) -> Any:
        async def __anext__(stream: Any) -> Any:
            try:
                chunk = await original(stream)
            except BaseException as error:
                self._guard(self._on_stream_end)(stream, error)
                raise
            self._guard(self._on_chunk)(stream, chunk)
            return chunk

        return __anext__

    def _call_of(self, stream: Any) -> Call | None:
        call = self._calls.get(str(getattr(stream.logging_obj, "litellm_call_id", None)))
        return None if call is None or call.ended else call

    def _on_chunk(self, stream: Any, chunk: Any) -> None:
        call = self._call_of(stream)
        if call is None:
            return
        now_ns = time.time_ns()
        if not call.first_chunk_seen:
            call.first_chunk_seen = True
            call.span.add_event(SpanEvent(FIRST_TOKEN_EVENT, now_ns))
        text = _chunk_text(chunk)
        if text:
            self._streamed(Streamed(call.span_id, text, now_ns))

    def _on_stream_end(self, stream: Any, error: BaseException) -> None:
        call = self._call_of(stream)
        if call is None:
            return
        if not isinstance(error, StopIteration | StopAsyncIteration):
            call.span.set_outputs(_assembled(stream))
            self._fail(call, error)
            return
        # The success event of an asynchronous stream comes after the caller has seen the end.
        reply = litellm.stream_chunk_builder(stream.chunks, messages=stream.messages)
        self._succeed_with(call, stream.logging_obj, reply)


def _is_mlflow(callback: Any) -> bool:
    return callback == "mlflow" or isinstance(callback, MlflowLogger)


def _span_type(call_type: str) -> str:
    return SpanType.EMBEDDING if "embedding" in call_type else SpanType.LLM


def _inputs(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked, in the caller's terms, and the request's parameters."""
    params = {k: v for k, v in (kwargs.get("optional_params") or {}).items() if k not in _SECRET_PARAMS and v != {}}
    call_type = str(kwargs.get("call_type") or "")
    if ("completion" in call_type and "text" not in call_type) or "anthropic" in call_type:
        asked = {"messages": kwargs.get("messages")}
    else:
        asked = {"input": kwargs.get("input") or kwargs.get("messages")}
    if kwargs.get("tools") and "tools" not in params:
        asked["tools"] = kwargs["tools"]
    return {**asked, **params}


def _attributes(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {
        "litellm_call_id": kwargs.get("litellm_call_id"),
        "call_type": kwargs.get("call_type"),
        "model": kwargs.get("model"),
        "custom_llm_provider": kwargs.get("custom_llm_provider"),
        "api_base": (kwargs.get("litellm_params") or {}).get("api_base"),
        "request_tags": _request_tags(kwargs) or None,
        "mlflow.llm.model": kwargs.get("model"),
        "mlflow.llm.provider": kwargs.get("custom_llm_provider"),
        "mlflow.chat.tools": (kwargs.get("optional_params") or {}).get("tools"),
    }
    return {k: v for k, v in attributes.items() if v is not None}


def _request_tags(kwargs: Mapping[str, Any]) -> list[str]:
    metadata = (kwargs.get("litellm_params") or {}).get("metadata") or {}
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _usage(outputs: Any) -> dict[str, int] | None:
    """The reply's ``usage`` in MLflow's terms; ``None`` where the provider sent none (LiteLLM fills in zeros)."""
    usage = outputs.get("usage") if isinstance(outputs, dict) else None
    if not isinstance(usage, dict):
        return None
    counts = {
        "input_tokens": usage.get("prompt_tokens", usage.get("input_tokens")) or 0,
        "output_tokens": usage.get("completion_tokens", usage.get("output_tokens")) or 0,
    }
    if not any(counts.values()):
        return None
    counts["total_tokens"] = usage.get("total_tokens") or sum(counts.values())
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    parts = {
        "cache_read_input_tokens": usage.get("cache_read_input_tokens") or details.get("cached_tokens"),
        "cache_creation_input_tokens": usage.get("cache_creation_input_tokens") or details.get("cache_creation_tokens"),
    }
    return counts | {k: v for k, v in parts.items() if v}


def _costs(cost: Any, breakdown: Any) -> dict[str, float] | None:
    """LiteLLM's cost in MLflow's terms, so that MLflow does not compute another one."""
    if not isinstance(cost, int | float) or not isinstance(breakdown, dict):
        return None
    parts = {"input_cost": breakdown.get("input_cost") or 0.0, "output_cost": breakdown.get("output_cost") or 0.0}
    return {**parts, "total_cost": cost}


def _chunk_text(chunk: Any) -> str:
    choices = getattr(chunk, "choices", None)
    delta = getattr(choices[0], "delta", None) if choices else None
    if delta is not None:
        return getattr(delta, "content", None) or ""
    return getattr(choices[0], "text", None) or "" if choices else ""


def _assembled(stream: Any) -> dict[str, Any] | None:
    """What came before a stream broke."""
    try:
        reply = litellm.stream_chunk_builder(stream.chunks, messages=stream.messages)
    except Exception:  # the builder rejects some partial replies; the error itself is what matters then
        return None
    return _json(reply)


def _json(reply: Any) -> Any:
    # LiteLLM's reply classes hold values of other types than they declare; pydantic would warn in the user's cell.
    return reply.model_dump(warnings=False) if hasattr(reply, "model_dump") else reply
