"""Streamed replies: their first token, their text as it comes, and their end, also where nobody reads them to it.

Whatever stream a function of LiteLLM's returns is followed, by the object that its caller reads: a call of the Responses API,
say, whose events LiteLLM turns into those of a chat, is followed by the latter. What the pieces bring is read off them in
`StreamedReply`.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import functools
import weakref
from collections import deque
from collections.abc import Callable
from time import time_ns
from typing import Any

from litellm.litellm_core_utils.streaming_handler import CustomStreamWrapper

from .calls import Call
from .prices import Price
from .replies.chat_chunks import ChatReply
from .replies.event_bytes import EventBytes
from .replies.responses_events import ResponsesReply
from .replies.streamed_reply import StreamedReply, UnknownReply, Words
from .shared import Tracing
from .stream_classes import StreamClasses

_PRICE = "_llmtrace_price"

ABANDONED_EVENT = "stream_abandoned"
"""The name of the span event at the moment a reader gave a stream up."""


class Followed:
    """A stream, what it has brought, and the calls whose reply it is: a call, and the group that it is an attempt in."""

    def __init__(self, stream: Any, dropped: Callable[[Followed], None]) -> None:
        self.stream = weakref.ref(stream, lambda _: dropped(self))
        self.owners: list[Call] = []
        self.reply: StreamedReply | None = None

    def take(self, stream: Any, piece: Any) -> Words:
        if self.reply is None:
            self.reply = _reply_in(stream, piece)
        return self.reply.take(piece)

    def open(self) -> list[Call]:
        return [call for call in self.owners if not call.ended]


class Streams:
    """Follows the streams of known calls."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        guard = tracing.guard
        self._followed: dict[int, Followed] = {}
        self._dropped: deque[tuple[Followed, int]] = deque()
        self._classes = StreamClasses(guard(self._came), guard(self._ended), guard(self._closed))

    def install(self) -> None:
        """Raises ``AttributeError`` where LiteLLM's streams cannot be read as they were."""
        for name in ("__next__", "__anext__"):
            getattr(CustomStreamWrapper, name)

    def remove(self) -> None:
        self._classes.remove()
        self._followed.clear()

    def follow(self, call: Call, stream: Any, price: Price | None = None) -> None:
        """``call`` ends when ``stream`` does; ``price`` is asked once, with what LiteLLM can price.

        Nothing is changed where a stream cannot be followed: then the call ends by what LiteLLM reports.
        """
        if not self._classes.watch(stream):
            return
        if price is not None:
            # Kept by the stream itself: LiteLLM's logging object, of which a price is asked, has the stream, and would keep one
            # that its reader has dropped.
            setattr(stream, _PRICE, price)
        if call.stream is not None:
            call.stream.owners.remove(call)  # what LiteLLM reads on its way is not what the caller gets
        followed = self._followed.get(id(stream))
        if followed is None:
            dropped = functools.partial(self._tracing.guard(self._drop), id(stream))
            followed = self._followed[id(stream)] = Followed(stream, dropped)
        followed.owners.append(call)
        call.stream = followed

    def end_dropped(self) -> None:
        """End the calls whose streams were dropped unread."""
        while self._dropped:
            followed, dropped_ns = self._dropped.popleft()
            for call in followed.open():
                self._abandon(call, followed, dropped_ns)

    def abandon(self, call: Call, why: str | None = None) -> None:
        """End a call whose reader has left it; ``why`` where that was not by its own will."""
        followed = call.stream
        if why is not None:
            call.fail(None, why, None if followed is None else self._partial(followed))
        elif followed is None:
            call.succeed(None, event=ABANDONED_EVENT)
        else:
            self._abandon(call, followed)

    def _abandon(self, call: Call, followed: Followed, end_ns: int | None = None) -> None:
        if call.told is not None:  # it was read to the end of the reply, if not to that of the stream
            self._succeed(call, followed)
        else:
            call.succeed(self._partial(followed), event=ABANDONED_EVENT, end_ns=end_ns)

    def _came(self, stream: Any, piece: Any) -> None:
        followed = self._followed.get(id(stream))
        owners = [] if followed is None else followed.open()
        if followed is None or not owners:
            return
        words = self._tracing.guard(followed.take)(stream, piece) or Words()
        for call in owners:
            self._tracing.came(call, words)

    def _ended(self, stream: Any, error: BaseException) -> None:
        followed = self._followed.get(id(stream))
        if followed is None:
            return
        self._followed.pop(id(stream), None)
        for call in followed.open():
            if isinstance(error, StopIteration | StopAsyncIteration):
                self._succeed(call, followed, getattr(stream, _PRICE, None))
            else:
                call.fail(error, self._tracing.why(error), self._partial(followed))

    def _succeed(self, call: Call, followed: Followed, price: Price | None = None) -> None:
        """A stream has been read to its end, which may be a failure that it tells itself."""
        guard, reply = self._tracing.guard, followed.reply or UnknownReply()
        built, cost_usd, breakdown = call.told or (None, None, None)
        outputs = guard(reply.whole)(built)
        if call.told is None and price is not None:
            cost_usd, breakdown = price(guard(reply.priced)())
        call.succeed(outputs, cost_usd, breakdown, failure=reply.failure)

    def _partial(self, followed: Followed) -> Any:
        return None if followed.reply is None else self._tracing.guard(followed.reply.partial)()

    def _closed(self, stream: Any) -> None:
        followed = self._followed.get(id(stream))
        for call in [] if followed is None else followed.open():
            self.abandon(call)

    def _drop(self, key: int, followed: Followed) -> None:
        """Only noted: a stream can be collected in the middle of anything, also while MLflow holds a lock."""
        self._followed.pop(key, None)
        self._dropped.append((followed, time_ns()))


def is_stream(reply: Any) -> bool:
    """Whether a reply of LiteLLM's comes in pieces."""
    return hasattr(reply, "__anext__") or hasattr(reply, "__next__")


def _reply_in(stream: Any, piece: Any) -> StreamedReply:
    """What reads the pieces of a stream, by what its first one is."""
    if isinstance(piece, bytes | bytearray | str):
        return EventBytes()
    if hasattr(piece, "choices"):
        return ChatReply(stream)
    kind = piece.get("type") if isinstance(piece, dict) else getattr(piece, "type", None)
    kind = str(getattr(kind, "value", kind))
    return ResponsesReply() if kind == "error" or kind.startswith("response.") else UnknownReply()
