"""Gemini's reply in the pieces of its stream, each of which is a ``GenerateContentResponse``.

Format: https://ai.google.dev/api/generate-content
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from typing import Any

from .. import payload
from ..prices import chat_of_tokens
from .streamed_reply import Words


class GeminiReply:
    """A response that grows, candidate by candidate."""

    def __init__(self) -> None:
        self.failure = ""
        self._response: dict[str, Any] = {}
        self._candidates: dict[int, dict[str, Any]] = {}

    def take(self, piece: Any) -> Words:
        if "error" in piece:
            self.failure = payload.error_text(piece["error"]) or "error"
        # Each piece tells anew what is not said by a candidate; the usage is the one so far.
        self._response |= {name: value for name, value in piece.items() if name not in ("candidates", "error")}
        words = Words()
        candidates = piece.get("candidates")
        for candidate in candidates if isinstance(candidates, list) else []:
            if isinstance(candidate, dict):
                index = candidate.get("index")
                brought = self._grow(index if isinstance(index, int) else 0, candidate)
                words = brought if not index else Words(words.text, words.thought, words.content or brought.content)
        return words

    def whole(self, built: Any = None) -> Any:
        return self.partial() if self.failure else self._content()

    def partial(self) -> Any:
        found = self._content()
        return None if found is None else {name: value for name, value in found.items() if name != "usageMetadata"}

    def priced(self) -> Any:
        return chat_of_tokens(self.whole())

    def _content(self) -> dict[str, Any] | None:
        if not self._response and not self._candidates:
            return None
        return {"candidates": [candidate for _, candidate in sorted(self._candidates.items())], **self._response}

    def _grow(self, index: int, piece: dict[str, Any]) -> Words:
        content = piece.get("content")
        content = content if isinstance(content, dict) else {}
        parts = content.get("parts")
        parts = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
        candidate = self._candidates.setdefault(index, {"content": {"parts": []}})
        candidate |= {name: value for name, value in piece.items() if name != "content"}
        candidate["content"] |= {name: value for name, value in content.items() if name != "parts"}
        for part in parts:
            _add(candidate["content"]["parts"], part)
        texts = [(part.get("thought") is True, part["text"]) for part in parts if isinstance(part.get("text"), str)]
        said = {kind: "".join(text for thought, text in texts if thought is kind) for kind in (False, True)}
        return Words(said[False], said[True], content=any(part.get("text") != "" for part in parts))


def _add(parts: list[dict[str, Any]], part: dict[str, Any]) -> None:
    """A text goes on where the last part is text of its kind."""
    last = parts[-1] if parts else {}
    both_text = all(set(each) <= {"text", "thought"} and isinstance(each.get("text"), str) for each in (last, part))
    if both_text and last.get("thought") == part.get("thought"):
        parts[-1] = {**last, "text": last["text"] + part["text"]}
    else:
        parts.append(part)
