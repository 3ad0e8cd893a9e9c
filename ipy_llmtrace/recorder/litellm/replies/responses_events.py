"""Event streams of OpenAI's Responses API, which LiteLLM hands on as objects, a class an event.

Events: https://platform.openai.com/docs/api-reference/responses-streaming
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from typing import Any

from ... import plain_values
from .. import payload
from .streamed_reply import NOTHING, Words

_LAST = frozenset({"response.completed", "response.incomplete", "response.failed"})
_TEXTS = {
    "response.output_text.delta": ("output_text", "text"),
    "response.refusal.delta": ("refusal", "refusal"),
    "response.reasoning_text.delta": ("reasoning_text", "text"),
    "response.reasoning_summary_text.delta": ("summary_text", "text"),
}


class ResponsesReply:
    """A response that grows, item by item."""

    def __init__(self) -> None:
        self.failure = ""
        self._response: Any = None
        self._ended = False
        self._items: dict[int, _Item] = {}

    def take(self, piece: Any) -> Words:
        kind = _member(piece, "type")
        kind = str(getattr(kind, "value", kind))
        if kind in ("response.created", *_LAST):
            self._response = _member(piece, "response")
            self._ended = kind in _LAST
            if kind == "response.failed":
                self.failure = payload.failure(self.whole()) or payload.error_text(_plain_member(piece, "error")) or "failed"
        elif kind == "error":
            self.failure = payload.error_text(_plain_member(piece, "error")) or _text(_member(piece, "message")) or "error"
        elif kind in ("response.output_item.added", "response.output_item.done"):
            self._item(piece).known = _plain_member(piece, "item")
        elif kind in _TEXTS:
            return self._grow(piece, kind)
        elif kind.endswith(".delta"):
            self._item(piece).arguments += _text(_member(piece, "delta"))
            return Words(content=True)
        return NOTHING

    def whole(self, built: Any = None) -> Any:
        return payload.plain(self._response) if self._ended else self.partial()

    def partial(self) -> Any:
        found = payload.plain(self._response)
        if self._ended or not isinstance(found, dict):
            return found
        output = [item.content() for _, item in sorted(self._items.items())]
        # Its beginning says that it is being made.
        return {**{name: value for name, value in found.items() if name not in ("usage", "status")}, "output": output}

    def priced(self) -> Any:
        return self._response if self._ended else None

    def _grow(self, piece: Any, kind: str) -> Words:
        delta = _text(_member(piece, "delta"))
        part_type, key = _TEXTS[kind]
        part = _number(_member(piece, "summary_index" if part_type == "summary_text" else "content_index"))
        self._item(piece).say(part_type, key, part, delta)
        thought = "reasoning" in kind
        return Words("" if thought else delta, delta if thought else "", content=bool(delta))

    def _item(self, piece: Any) -> _Item:
        return self._items.setdefault(_number(_member(piece, "output_index")), _Item())


class _Item:
    """An item of a response's output: as it was announced, and what has been said of it since."""

    def __init__(self) -> None:
        self.known: Any = None
        self.arguments = ""
        self._parts: dict[tuple[str, int], dict[str, str]] = {}

    def say(self, part_type: str, key: str, part: int, delta: str) -> None:
        said = self._parts.setdefault((part_type, part), {"type": part_type, key: ""})
        said[key] += delta

    def content(self) -> Any:
        known: dict[str, Any] = self.known if isinstance(self.known, dict) else {"type": "message", "role": "assistant"}
        summary = [part for (kind, _), part in self._parts.items() if kind == "summary_text"]
        content = [part for (kind, _), part in self._parts.items() if kind != "summary_text"]
        grown: dict[str, Any] = {"summary": summary, "content": content, "arguments": self.arguments}
        # What was announced is empty until it is done.
        return {**known, **{name: value for name, value in grown.items() if value and not known.get(name)}}


def _member(piece: Any, name: str) -> Any:
    return piece.get(name) if isinstance(piece, dict) else getattr(piece, name, None)


def _plain_member(piece: Any, name: str) -> Any:
    return plain_values.plain(_member(piece, name))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
