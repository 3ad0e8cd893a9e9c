"""What all that follows LiteLLM's calls shares."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from time import time_ns

from mlflow.entities import SpanEvent
from mlflow.utils.autologging_utils import autologging_is_disabled

from ...guard import Guard
from ..changes import Streamed
from ..code_identity import Runner
from ..interruptions import Interruptions
from ..listener import Listener
from ..mlflow_spans import FIRST_TOKEN_EVENT
from .calls import Call, Calls
from .replies.streamed_reply import Words


class Tracing:
    """The open calls and what every hook needs for them; `LiveLogger` makes the one instance. `on` and `why` do not raise.

    Attributes
    ----------
    calls
        Every call, open or ended a while ago.
    guard
        Around whatever runs within the user's calls.
    installed
        Whether the hooks are in place.
    """

    def __init__(self, listener: Listener, interruptions: Interruptions, guard: Guard) -> None:
        self._listener = listener
        self._interruptions = interruptions
        self.guard = guard
        self.calls = Calls(listener)
        self.installed: bool = False

    def on(self) -> bool:
        """Whether LiteLLM is being traced: the user may switch MLflow's autolog off meanwhile."""
        return self.installed and self.guard(autologging_is_disabled)("litellm") is False

    def why(self, error: BaseException) -> str | None:
        """The description of a span that ``error`` ended; ``None`` if the error itself describes it."""
        return self.guard(self._interruptions.description)(error)

    def came(self, call: Call, words: Words) -> None:
        """A piece of a streamed reply has come to its reader, who is the caller; it brings ``words``."""
        now_ns = time_ns()
        call.reader = Runner()
        if not call.makes_requests or not words.content:
            return
        if not call.pieces:
            call.span.add_event(SpanEvent(FIRST_TOKEN_EVENT, now_ns))
        call.pieces += 1
        text = call.live_text(words)
        # Spans that are not recorded have no id.
        if text and call.span_id and call.hidden_by is None:
            self._listener.take(Streamed(call.span_id, text, now_ns))
