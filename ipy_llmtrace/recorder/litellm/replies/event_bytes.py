"""Event streams that LiteLLM hands on as bytes: Anthropic's messages and Gemini's candidates."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import json
from typing import Any

from .anthropic_events import MessageReply
from .gemini_pieces import GeminiReply
from .streamed_reply import NOTHING, UnknownReply, Words

_BEGINNINGS = (b"event:", b"data:", b":", b"id:", b"retry:")
"""What a stream of server-sent events begins with: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

_GEMINI = frozenset({"candidates", "usageMetadata", "promptFeedback", "error"})


class EventBytes:
    """The reply in the events of a stream of bytes; what is not server-sent events is let by."""

    def __init__(self) -> None:
        self._rest = b""
        self._reply: MessageReply | GeminiReply | UnknownReply | None = None

    @property
    def failure(self) -> str:
        return "" if self._reply is None else self._reply.failure

    def take(self, piece: Any) -> Words:
        data = piece.encode() if isinstance(piece, str) else bytes(piece)
        if self._reply is None and not self._rest and not data.lstrip().startswith(_BEGINNINGS):
            self._reply = UnknownReply()
        if isinstance(self._reply, UnknownReply):
            return Words(content=True)
        *lines, self._rest = (self._rest + data).split(b"\n")
        words = [self._event(line[5:]) for line in lines if line.startswith(b"data:")]
        return Words("".join(w.text for w in words), "".join(w.thought for w in words), any(w.content for w in words))

    def whole(self, built: Any = None) -> Any:
        return None if self._reply is None else self._reply.whole(built)

    def partial(self) -> Any:
        return None if self._reply is None else self._reply.partial()

    def priced(self) -> Any:
        return None if self._reply is None else self._reply.priced()

    def _event(self, data: bytes) -> Words:
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            return NOTHING
        if not isinstance(event, dict):
            return NOTHING
        if self._reply is None:
            self._reply = MessageReply() if "type" in event else GeminiReply() if _GEMINI & event.keys() else None
        return NOTHING if self._reply is None else self._reply.take(event)
