"""What all that follows LiteLLM's calls shares."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mlflow.entities import SpanEvent

from ...guard import Guard
from ..changes import Streamed
from ..code_identity import Runner
from ..mlflow_spans import FIRST_TOKEN_EVENT
from .calls import Call, Calls


@dataclass(frozen=True, slots=True)
class Tracing:
    """The calls, and how what happens to them is taken; `LiveLogger` makes the one there is. Its functions do not raise.

    Attributes
    ----------
    streamed
        Told of every piece of text of a streamed reply, on the reader's thread.
    why
        The description of a span that an exception ended, where that is not the exception itself: ``interrupted``, ...
    on
        Whether LiteLLM is being traced now.
    guard
        Around whatever runs within the user's calls.
    """

    streamed: Callable[[Streamed], None]
    why: Callable[[BaseException], str | None]
    on: Callable[[], bool | None]
    guard: Guard
    calls: Calls = field(default_factory=Calls)

    def came(self, call: Call, text: str) -> None:
        """A piece of a streamed reply has come to its reader, who is the caller; it brings ``text``."""
        now_ns = time.time_ns()
        if not call.chunks:
            call.span.add_event(SpanEvent(FIRST_TOKEN_EVENT, now_ns))
        call.chunks += 1
        call.reader = Runner()
        if text:
            self.streamed(Streamed(call.span_id, text, now_ns))
