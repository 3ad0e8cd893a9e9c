"""Finds the secrets in a text, in time that grows with its length alone.

A secret is known by its form (`key_rules`), by the service's name before it (`service_values`), by a name, a header or a URL
(`named_values`), or by one of these after a disguise is off (`disguises`). Rules are tried only where a long word begins, or
where a name stands; between those places the text is passed in a few fast scans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .disguises import in_base64, split_up
from .key_rules import EMBEDDED, MIN_KEY_CHARS, key_rules
from .long_runs import WORD, long_runs, single_bytes
from .named_values import named
from .secret import Secret, apart
from .service_values import argument_at, service_rules

_MIN_CHARS = 8
_MAX_DISGUISES = 2
"""How often a disguise is taken off: base64 of base64, or base64 split by colours."""

_VALUE_CHARS = 64
_ASSIGNED = frozenset("=:>,|\"'` \t\n")
_DIGIT = re.compile(r"\d", re.ASCII)
_ESCAPED_CHARS = {"u": 5, "x": 3, "n": 1, "r": 1, "t": 1}
"""An escaped character stands before a word as if it were its beginning: ``\\nsk-…``, ``\\u0022sk-…``."""


def secrets(text: str, known: Mapping[str, str], disguises: int = _MAX_DISGUISES) -> list[Secret]:
    """The secrets of ``text``, apart and in order.

    Parameters
    ----------
    known
        Texts that are secrets wherever they stand, and what each is called.
    """
    if len(text) < _MIN_CHARS:
        return []
    characters = single_bytes(text)
    found = [*_known(text, known), *_in_words(text, characters), *_embedded(text), *named(text)]
    if disguises:
        found += split_up(text, lambda seen: secrets(seen, known, disguises - 1))
        found += in_base64(text, characters, lambda decoded: secrets(decoded, known, disguises - 1))
    return apart(found)


def _known(text: str, known: Mapping[str, str]) -> Iterator[Secret]:
    for value, name in known.items():
        start = text.find(value)
        while start >= 0:
            yield Secret(start, start + len(value), name)
            start = text.find(value, start + len(value))


def _in_words(text: str, characters: bytes) -> Iterator[Secret]:
    rules, services = key_rules(), service_rules()
    done = 0
    for start, end in long_runs(characters, WORD, MIN_KEY_CHARS):
        if start < done or (text[start].isdigit() and text[start:end].isdigit()):
            continue
        found = rules.at(text, start) or rules.across(text, start)
        if found is None and start:
            before = text[start - 1]
            if before in "\\%" and (begin := start + _escaped_chars(before, text[start])) > start:
                found = rules.at(text, begin)
            elif before in _ASSIGNED and _DIGIT.search(text, start, min(end, start + _VALUE_CHARS)):
                found = services.at(text, start) or argument_at(text, start)
        if found is not None:
            done = found.end
            yield found


def _escaped_chars(before: str, first: str) -> int:
    return 2 if before == "%" else _ESCAPED_CHARS.get(first, 0)


def _embedded(text: str) -> Iterator[Secret]:
    for match in EMBEDDED.finditer(text) if "sk-" in text else ():
        yield Secret(match.start(), match.end(), "Anthropic key" if match["anthropic"] else "API key")
