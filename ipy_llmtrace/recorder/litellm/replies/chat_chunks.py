"""Streams of chat and text completions, put together by LiteLLM as it does for its own callbacks.

LiteLLM internals relied on: ``CustomStreamWrapper.chunks``, the pieces as they came, with the usage that the reader does not
get, and ``.messages``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from typing import Any

from .. import litellm_log, payload
from ..library import litellm
from ..prices import chat_of_tokens
from .chat_assembly import assembled
from .streamed_reply import NOTHING, Words

_CONTENTS = (
    *("content", "reasoning_content", "reasoning", "tool_calls", "function_call", "audio", "images", "refusal"),
    *("thinking_blocks", "annotations"),
)


class ChatReply:
    """A stream of ``chat.completion.chunk`` or ``text_completion`` pieces.

    Parameters
    ----------
    stream
        The stream that they come from; not kept.
    """

    failure = ""

    def __init__(self, stream: Any) -> None:
        self._kept: list[Any] | None = getattr(stream, "chunks", None) or None
        self._messages = getattr(stream, "messages", None)
        self._seen: list[Any] = []
        self._built: Any = None
        self._unbuildable = False

    def take(self, piece: Any) -> Words:
        """The words of the first choice: one after the other, several would be no text."""
        if self._kept is None:
            self._seen.append(piece)
        choices = getattr(piece, "choices", None)
        if not isinstance(choices, list) or not choices:
            return NOTHING
        first: Any = next((choice for choice in choices if not getattr(choice, "index", 0)), None)
        text, thought = _said(first) if first is not None else ("", "")
        return Words(text, thought, content=bool(text or thought) or any(map(_brings, choices)))

    def whole(self, built: Any = None) -> Any:
        if self._built is None and hasattr(built, "choices"):
            self._built = built
        found = self._put_together()
        if isinstance(found, dict) and all(getattr(chunk, "usage", None) is None for chunk in self._chunks):
            found.pop("usage", None)  # LiteLLM's own count, where the server sent none
        return found

    def partial(self) -> Any:
        found = self._put_together()
        if not isinstance(found, dict):
            return None
        # The builder makes up what only the last piece would have told.
        for choice in found.get("choices") or ():
            choice["finish_reason"] = None
        found.pop("usage", None)
        return found

    def priced(self) -> Any:
        found = self._put_together()
        return chat_of_tokens(found) if self._built is None else self._built

    def _put_together(self) -> Any:
        if self._built is None and not self._unbuildable:
            try:
                with litellm_log.quiet():
                    self._built = litellm.stream_chunk_builder(self._chunks, messages=self._messages)
            except Exception:  # it rejects some replies: sound, and whatever has an odd value
                self._unbuildable = True
        if self._built is None:
            return assembled([payload.plain(chunk) for chunk in self._chunks])
        return payload.plain(self._built)

    @property
    def _chunks(self) -> list[Any]:
        return self._seen if self._kept is None else self._kept


def _said(choice: Any) -> tuple[str, str]:
    delta = getattr(choice, "delta", None)
    if delta is None:
        return _text(getattr(choice, "text", None)), ""
    audio = getattr(delta, "audio", None)
    spoken = audio.get("transcript") if isinstance(audio, dict) else getattr(audio, "transcript", None)
    thought = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
    return _text(getattr(delta, "content", None)) + _text(spoken), _text(thought)


def _brings(choice: Any) -> bool:
    delta = getattr(choice, "delta", None)
    return any(getattr(delta, name, None) for name in _CONTENTS) or bool(getattr(choice, "text", None))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
