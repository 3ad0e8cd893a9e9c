"""Texts with a secret that does not stand there as it is: signs that nobody sees are in its midst, or it is in base64."""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate

from .long_runs import BASE64, long_runs
from .secret import Secret

_COLOUR_TEXT = (
    r"[\x1b\\](?:(?:(?<=\x1b)|[xX]1[bB]|[uU]001[bB]|033|[eE])\[[\d;:]{0,32}[A-Za-z]"
    r"|(?<=\x1b)\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\))"
)
_COLOUR = re.compile(_COLOUR_TEXT)
"""A terminal's sequences, raw or escaped: they stand before a key, or in the midst of one, and vanish where it is shown."""

_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff"
)
"""The characters that Unicode calls default-ignorable, and those of direction."""

_HINT = re.compile(rf"[{_IGNORABLE}\x1b\\]")
_UNSEEN = re.compile(f"[{_IGNORABLE}]+|{_COLOUR_TEXT}")

_MIN_BASE64_CHARS = 24
_TRIED_BASE64_CHARS = 24
_MOST_STARTS = 4
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_TEXT = bytes(range(32, 127)) + b"\t\n\r"

Find = Callable[[str], list[Secret]]


def split_up(text: str, find: Find) -> Iterator[Secret]:
    """The secrets that ``find`` finds when what nobody sees is taken out of ``text``."""
    unseen = _COLOUR if text.isascii() else _UNSEEN
    if (hint := _HINT.search(text)) is None or unseen.search(text, hint.start()) is None:
        return
    found = find(unseen.sub("", text))
    if not found:
        return
    gaps = [match.span() for match in unseen.finditer(text)]
    removed = [0, *accumulate(end - start for start, end in gaps)]
    at = [start - before for (start, _), before in zip(gaps, removed[:-1], strict=True)]
    for start, end, kind in found:
        # A gap at the start stands before the secret, one at its end behind it.
        yield Secret(start + removed[bisect_right(at, start)], end - 1 + removed[bisect_right(at, end - 1)] + 1, kind)


def in_base64(text: str, characters: bytes, find: Find) -> Iterator[Secret]:
    """The words of ``text`` that are base64 of a text in which ``find`` finds a secret, each as a whole."""
    for run_start, end in long_runs(characters, BASE64, _MIN_BASE64_CHARS):
        for start in _starts(text, run_start, end):
            decoded = _decoded(characters[start : start + _TRIED_BASE64_CHARS])
            if decoded is None or not (whole := _decoded(characters[start:end])):
                continue
            if found := find(whole):
                stop = end + len(text[end : end + 2]) - len(text[end : end + 2].lstrip("="))
                yield Secret(start, stop, f"{found[0].kind} in base64")
            break


def _starts(text: str, start: int, end: int) -> Iterator[int]:
    """Where base64 may begin in a run of its characters: a path may stand before it."""
    for _ in range(_MOST_STARTS):
        yield start
        start = text.find("/", start, end) + 1
        if start == 0 or end - start < _MIN_BASE64_CHARS:
            return


def _decoded(characters: bytes) -> str | None:
    """The text of which ``characters`` are the base64, or ``None`` if they are of none."""
    whole = characters[: len(characters) // 4 * 4] if len(characters) % 4 == 1 else characters + b"=" * (-len(characters) % 4)
    try:
        decoded = binascii.a2b_base64(whole.translate(_TO_STANDARD))
    except binascii.Error:
        return None
    return decoded.decode() if decoded.isascii() and not decoded.translate(None, _TEXT) else None
