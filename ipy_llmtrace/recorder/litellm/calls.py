"""The open and the recently ended LiteLLM calls, each with its MLflow span."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from time import time_ns
from typing import TYPE_CHECKING, Any

import mlflow
from mlflow.entities import NoOpSpan, SpanEvent, SpanStatus, SpanStatusCode

from .. import token_usage
from ..code_identity import Runner
from ..listener import Listener
from . import payload, privacy
from .entered_calls import entered_ns
from .replies.streamed_reply import Words
from .span_values import described, write_attributes, write_exception, write_inputs, write_outputs

if TYPE_CHECKING:
    from .streams import Followed

REMEMBERED_CALLS = 4096
"""How many calls are remembered, so that an event that comes late makes no second span."""


_ENDED = NoOpSpan()


class Call:
    """One LiteLLM call.

    Attributes
    ----------
    failure
        Why it has ended as failed; empty if it has not.
    span
        Its live MLflow span; when it has ended, one that takes no more: the call is remembered, but not its messages.
    pieces
        How many pieces of a streamed reply have brought something of it.
    stream
        The stream that the caller reads, while there is one.
    told
        What LiteLLM has told of a streamed reply: the whole of it, its cost and the parts of that.
    reader
        The code that made it, or read its stream last.
    requests
        How many requests have been sent for it.
    cache_hit
        The reply is from LiteLLM's cache.
    replied, reply
        Whether a call that is not streamed has its reply, and what it will give its caller, once LiteLLM has priced it.
    retrying, may_retry
        LiteLLM is making, or will perhaps make, another attempt: a failure is not the end yet.
    error
        What the latest attempt failed by.
    hidden_by
        The switch of LiteLLM's that hides the messages; ``None`` if none does.
    """

    makes_requests = True

    def __init__(self, span: Any, hidden_by: str | None = None) -> None:
        self.span: Any = span
        self.hidden_by = hidden_by
        self.span_id: str = span.span_id
        self.parent_id: str | None = span.parent_id
        self.ended = False
        self.failure = ""
        self.pieces = 0
        self.requests = 0
        self.cache_hit = False
        self.replied = False
        self.reply: Any = None
        self.retrying = 0
        self.may_retry = False
        self.error: BaseException | None = None
        self.stream: Followed | None = None
        self.told: tuple[Any, Any, Any] | None = None
        self.reader = Runner()
        self.on_end: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._last_said = ""

    def live_text(self, words: Words) -> str:
        """The text of a piece as it is shown while the reply comes: thoughts and answer are paragraphs apart."""
        said = ""
        for kind, text in (("thought", words.thought), ("text", words.text)):
            if text:
                said += text if self._last_said in ("", kind) else f"\n\n{text}"
                self._last_said = kind
        return said

    def succeed(
        self,
        outputs: Any,
        cost_usd: Any = None,
        breakdown: Any = None,
        *,
        event: str = "",
        end_ns: int | None = None,
        failure: str = "",
    ) -> None:
        """End well, with a reply as plain values and LiteLLM's cost of it (``None``: no price is known); or as failed, where
        the reply itself says that it has.

        ``event`` names something to be said of the end; ``end_ns`` (Unix) is when it was, where that is not now; ``failure``
        is what a stream has said, where its reply does not.
        """
        if not self._first():
            return
        if event:
            self.span.add_event(SpanEvent(event, end_ns or time_ns()))
        said = failure or payload.failure(outputs)
        self.failure = said if not said or self.hidden_by is None else f"failed: hidden by {self.hidden_by}"
        # Of a reply that was not read to its end, LiteLLM estimates what it took.
        attributes = {"cache_hit": self.cache_hit} if event else self._measured(outputs, cost_usd, breakdown)
        self._end(outputs, attributes, end_ns)

    def fail(self, error: BaseException | None, reason: str | None = None, outputs: Any = None) -> None:
        """End as failed by ``error``, or for ``reason``, with what of a reply had come."""
        if not self._first():
            return
        if error is not None:
            write_exception(self.span, error, self.hidden_by)
        self.failure = reason or described(error, self.hidden_by)
        self._end(outputs, {})

    def _measured(self, outputs: Any, cost_usd: Any, breakdown: Any) -> dict[str, Any]:
        """What a reply took, as attributes."""
        usage = payload.usage(outputs)
        if self.cache_hit:
            cost_usd = 0.0
        elif usage is None:
            cost_usd = None  # LiteLLM prices unknown tokens as none
        found = {
            "cache_hit": self.cache_hit,
            "mlflow.chat.tokenUsage": usage,
            "response_cost": token_usage.cost_usd(cost_usd),
            "mlflow.llm.cost": payload.costs(cost_usd, {} if self.cache_hit else breakdown),
        }
        return {name: value for name, value in found.items() if value is not None}

    def _first(self) -> bool:
        """True once: several hooks of LiteLLM report the same end."""
        with self._lock:
            first, self.ended = not self.ended, True
            return first

    def _end(self, outputs: Any, attributes: dict[str, Any], end_ns: int | None = None) -> None:
        span, self.span = self.span, _ENDED
        status = SpanStatus(SpanStatusCode.ERROR, self.failure) if self.failure else SpanStatus(SpanStatusCode.OK)
        write_outputs(span, outputs if self.hidden_by is None else privacy.reply(outputs))
        span.end(attributes=attributes, status=status, end_time_ns=end_ns)
        follows, self.on_end = self.on_end, []
        self.error = self.stream = self.reply = self.told = None
        for follow in follows:
            follow()


class Group(Call):
    """A span around the attempts of one call of a router, or of one with ``fallbacks``; active while they are made.

    ``hidden_by`` as in `Call`.
    """

    makes_requests = False

    def __init__(self, name: str, asked: dict[str, Any], hidden_by: str | None = None) -> None:
        parent = mlflow.get_current_active_span()
        super().__init__(mlflow.start_span_no_context(name=name, span_type="CHAIN", parent_span=parent), hidden_by)
        write_inputs(self.span, asked if hidden_by is None else {"model": asked.get("model")})
        if hidden_by is not None:
            write_attributes(self.span, {privacy.HIDDEN_BY: hidden_by})

    def end_as(self, attempt: Call) -> None:
        """End as its last attempt has."""
        if attempt.failure:
            self.fail(None, attempt.failure)
        else:
            self.succeed(None)

    def _measured(self, outputs: Any, cost_usd: Any, breakdown: Any) -> dict[str, Any]:
        """Nothing: the attempts took it."""
        return {}


def call_id(kwargs: Mapping[str, Any]) -> str:
    """LiteLLM's id of the call that a function of its was entered for."""
    logging = kwargs.get("litellm_logging_obj")
    # Attempts at a call with fallbacks are given an id of their own, which their events do not use.
    return str(getattr(logging, "litellm_call_id", kwargs.get("litellm_call_id")))


class Calls:
    """Calls by LiteLLM's call id."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._calls: OrderedDict[str, Call] = OrderedDict()
        # By parent. Not by span id, which the spans that MLflow does not sample have none of.
        self._open: dict[str | None, dict[Call, None]] = {}
        self._lock = threading.Lock()

    def get(self, call_id: Any) -> Call | None:
        return self._calls.get(str(call_id))

    def of(self, kwargs: Mapping[str, Any]) -> Call | None:
        """The call that a function of LiteLLM's was entered for, by the arguments that LiteLLM added to the caller's."""
        return self.get(call_id(kwargs))

    def open(self) -> list[Call]:
        """The calls that have not ended."""
        with self._lock:
            return [call for siblings in self._open.values() for call in siblings]

    def under(self, span_id: str) -> list[Call]:
        """The calls directly under a span that have not ended, oldest first. Asked whenever a span ends."""
        if span_id not in self._open:
            return []
        with self._lock:
            return list(self._open.get(span_id, ()))

    def begin(self, details: Mapping[str, Any], start_ns: int | None = None) -> Call:
        """A call begins, under the active span; ``start_ns`` (Unix) where that was earlier than its function was entered."""
        if privacy.not_logged(details):
            return self.remember(details.get("litellm_call_id"), Call(NoOpSpan()))
        hidden_by = privacy.hidden_by(details)
        asked, attributes = payload.inputs(details), payload.attributes(details)
        if hidden_by is not None:
            asked = privacy.inputs(asked)
            attributes = {**attributes, "mlflow.chat.tools": None, privacy.HIDDEN_BY: hidden_by}
        call_type = str(details.get("call_type") or "completion")
        span = mlflow.start_span_no_context(
            name=f"litellm-{call_type}",
            span_type=payload.span_type(call_type),
            parent_span=mlflow.get_current_active_span(),
            tags={name: value for tag in payload.request_tags(details) for name, _, value in [tag.partition(":")]},
            start_time_ns=start_ns or entered_ns(str(details.get("litellm_call_id"))),
        )
        write_inputs(span, asked)
        write_attributes(span, {name: value for name, value in attributes.items() if value is not None})
        if hidden_by is not None:
            self._listener.messages_hidden(span.span_id)
        return self.remember(details.get("litellm_call_id"), Call(span, hidden_by))

    def remember(self, call_id: Any, call: Call) -> Call:
        with self._lock:
            self._calls[str(call_id)] = call
            self._open.setdefault(call.parent_id, {})[call] = None
            call.on_end.append(functools.partial(self._ended, call))
            self._calls.move_to_end(str(call_id))
            while len(self._calls) > REMEMBERED_CALLS:
                self._calls.popitem(last=False)
        return call

    def _ended(self, call: Call) -> None:
        with self._lock:
            siblings = self._open[call.parent_id]
            del siblings[call]
            if not siblings:
                del self._open[call.parent_id]
