"""A secret's place in a text."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple


class Secret(NamedTuple):
    """``text[start:end]`` is a secret of the ``kind``."""

    start: int
    end: int
    kind: str


def apart(secrets: Iterable[Secret]) -> list[Secret]:
    """``secrets`` in the order of the text, those that overlap as one, of the kind of the longest (the first of equals)."""
    merged: list[Secret] = []
    longest = 0
    for secret in sorted(secrets, key=itemgetter(0)):
        start, end, kind = secret
        if merged and start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Secret(last.start, max(last.end, end), kind if end - start > longest else last.kind)
            longest = max(longest, end - start)
        else:
            merged.append(secret)
            longest = end - start
    return merged


def replaced(text: str, secrets: Iterable[Secret]) -> str:
    """``text`` with ``[redacted: KIND]`` in the place of each of ``secrets``, which lie apart and in order."""
    parts: list[str] = []
    end = 0
    for secret in secrets:
        parts += (text[end : secret.start], f"[redacted: {secret.kind}]")
        end = secret.end
    return "".join((*parts, text[end:])) if end else text
