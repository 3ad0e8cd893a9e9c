"""The long words of a text, found without looking at each character in Python.

A key is a long word, and long words are rare: to look for keys only where one begins makes the work on a text grow with its
length alone, however many rules there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_letters, digits


def alphabet(characters: str) -> bytes:
    """A table for ``bytes.translate`` that maps ``characters`` to ``a`` and all others to a space."""
    return bytes(ord("a") if chr(code) in characters else ord(" ") for code in range(256))


WORD = alphabet(ascii_letters + digits + "_-")
BASE64 = alphabet(ascii_letters + digits + "+/_-")


def single_bytes(text: str) -> bytes:
    """``text`` with one byte for each character, so that the places are the same; what has none in Latin-1 is ``?``."""
    return text.encode("latin-1", "replace")


def long_runs(characters: bytes, table: bytes, min_chars: int) -> Iterator[tuple[int, int]]:
    """Start and end of each longest run of at least ``min_chars`` characters of an alphabet.

    Parameters
    ----------
    characters
        A text as `single_bytes`.
    table
        The alphabet, as `alphabet` makes it.
    """
    marked = characters.translate(table)
    run = b"a" * min_chars
    start = marked.find(run)
    while start >= 0:
        end = marked.find(b" ", start + min_chars)
        if end < 0:
            end = len(marked)
        yield start, end
        start = marked.find(run, end)
