"""Anthropic's message in the events of its stream.

Events: https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import json
from typing import Any

from .. import payload
from .streamed_reply import NOTHING, Words

_SENT_IN_PIECES = "partial_json"


class MessageReply:
    """A message that grows, in the form of a reply that was not streamed."""

    def __init__(self) -> None:
        self.failure = ""
        self._message: dict[str, Any] = {}
        self._blocks: dict[int, dict[str, Any]] = {}
        self._ended = False

    def take(self, piece: Any) -> Words:
        """Take the next event in."""
        match piece.get("type"):
            case "message_start":
                self._message = {**self._message, **_object(piece.get("message"))}
            case "content_block_start":
                self._blocks[_number(piece.get("index"))] = dict(_object(piece.get("content_block")))
            case "content_block_delta":
                block = self._blocks.setdefault(_number(piece.get("index")), {"type": "text"})
                return _grow(block, _object(piece.get("delta")))
            case "message_delta":
                usage = {**_object(self._message.get("usage")), **_object(piece.get("usage"))}
                self._message = {**self._message, **_object(piece.get("delta")), "usage": usage}
            case "message_stop":
                self._ended = True
            case "error":
                self.failure = payload.error_text(piece.get("error")) or "error"
            case _:
                pass
        return NOTHING

    def whole(self, built: Any = None) -> Any:
        return self._content() if self._ended else self.partial()

    def partial(self) -> Any:
        found = self._content()
        # Its beginning counts the first token only.
        return None if found is None else {name: value for name, value in found.items() if name != "usage"}

    def priced(self) -> Any:
        return self._content() if self._ended else None

    def _content(self) -> dict[str, Any] | None:
        if not self._message and not self._blocks:
            return None
        return {**self._message, "content": [_done(block) for _, block in sorted(self._blocks.items())]}


def _grow(block: dict[str, Any], delta: dict[str, Any]) -> Words:
    """Texts go on; of what is no text, each is one more."""
    for name, value in delta.items():
        if name == "type":
            continue
        if isinstance(value, str):
            before = block.get(name)
            block[name] = (before if isinstance(before, str) else "") + value
        elif value is not None:
            before = block.get(f"{name}s")
            block[f"{name}s"] = [*(before if isinstance(before, list) else []), value]
    text, thought = delta.get("text"), delta.get("thinking")
    return Words(text if isinstance(text, str) else "", thought if isinstance(thought, str) else "", content=True)


def _done(block: dict[str, Any]) -> dict[str, Any]:
    if _SENT_IN_PIECES not in block:
        return block
    written = block[_SENT_IN_PIECES]
    found = {name: value for name, value in block.items() if name != _SENT_IN_PIECES}
    try:
        return {**found, "input": json.loads(written)}
    except (ValueError, RecursionError):  # it was broken off
        return {**found, "input": written} if written else found


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
