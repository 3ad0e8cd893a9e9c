"""The text of a stream without secrets, at a cost that grows with what is new."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .secret import Secret

_BREAK = re.compile(r"[\s\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff01-\uff65]")
"""What no secret has in it: white space, and the characters of scripts that do without."""

_BEFORE_CHARS = 640
"""How much of what was shown is looked at again: a name may stand so far before its value, as in a line of curl's."""

_GROWTH = 8
"""What is held back is looked at again when it has grown by one part in so many: half of a long key comes in many pieces."""


class RedactedStream:
    """Follows a text that grows, and tells what of it can be shown.

    Parameters
    ----------
    find
        Finds the secrets in a text, apart and in order; ``None`` shows everything.
    generation
        Which secrets ``find`` knows: when others are known, another stream has to begin.
    phrases
        Known secrets with white space inside: one of their beginnings may be the end of what there is.
    """

    def __init__(self, find: Callable[[str], list[Secret]] | None, generation: int, phrases: Sequence[str] = ()) -> None:
        self.shown = ""
        """What can be shown of the text until now: it only grows."""
        self.generation = generation
        self._find = find
        self._phrases = phrases
        self._seen = 0
        self._due = 0

    def advance(self, text: str) -> None:
        """Look at the new end of ``text``, the whole text until now. It is held back as far as half a secret may be there."""
        if self._find is None:
            self.shown = text
        elif len(text) >= self._due:
            self.shown += self._settled(text, self._find)
            held_back = len(text) - self._seen
            self._due = len(text) + held_back // _GROWTH if held_back > _BEFORE_CHARS else 0

    def _settled(self, text: str, find: Callable[[str], list[Secret]]) -> str:
        settled = self._whole_words(text)
        if settled == self._seen:
            return ""
        first = max(0, self._seen - _BEFORE_CHARS)
        parts: list[str] = []
        at = self._seen
        for secret in find(text[first:]):
            start, end = secret.start + first, secret.end + first
            if end <= at:
                continue
            if end > settled or end == len(text):
                # It may go on.
                settled = min(settled, max(start, at))
                break
            parts += (text[at : max(start, at)], f"[redacted: {secret.kind}]")
            at = end
        self._seen = max(at, settled)
        return "".join((*parts, text[at:settled]))

    def _whole_words(self, text: str) -> int:
        end = len(text)
        while end > self._seen and not _BREAK.match(text, end - 1):
            end -= 1
        for phrase in self._phrases:
            least = max(self._seen, end - len(phrase) + 1)
            begun = next((start for start in range(least, end) if phrase.startswith(text[start:end])), end)
            end = min(end, begun)
        return end
