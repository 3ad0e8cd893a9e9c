"""The words in a request that steer its reply; the package's docstring lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

_NUMBER = re.compile(r"\d+(\.\d+)?")


@dataclass(slots=True)
class Directives:
    """What a request asks of its reply; times in seconds, sizes in tokens unless named otherwise.

    ``fail`` is an HTTP status or ``"disconnect"``; ``fail_first`` counts the requests with ``fail_key`` that fail with
    ``fail_first_status``; ``die_after`` of 0 is half of the reply. ``error_after`` is when a stream says that it failed,
    ``odd_usage`` a key of `odd_values.ODD_COUNTS`, ``mutate`` the number of a `mutations` damage.
    """

    fail: int | str | None = None
    fail_first: int = 0
    fail_first_status: int = 500
    fail_key: str = ""
    slow_s: float = 0
    hang_s: float | None = None
    stall_s: float = 0
    die_after: int | None = None
    usage: bool = True
    cached: int | None = None
    reasoning: int = 0
    length_chars: int | None = None
    echo: str | None = None
    parallel_tools: bool = False
    error_after: int | None = None
    empty: bool = False
    citations: int = 0
    odd_usage: str | None = None
    nested_depth: int = 0
    mutate: int | None = None


def read(model: str, text: str) -> Directives:
    """Directives from the model's name, then from the text, which wins."""
    found = Directives()
    if model.endswith("does-not-exist"):
        found.fail = 404
    names = model.split("+")
    _read_words(found, names)
    text, echo, echoed = text.partition("echo:")
    if echo:
        found.echo = echoed
    words = text.split()
    _read_words(found, words)
    if any("die" in (end[0], end[-1]) for end in (names, words) if end):
        found.die_after = 0
    return found


def base_model(model: str) -> str:
    """The model's name without directives: ``gpt-4o-mini+slow:2`` is ``gpt-4o-mini``."""
    return model.partition("+")[0]


def _read_words(found: Directives, words: list[str]) -> None:
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        name, *values = word.split(":")
        if name == "fail-times" and len(values) >= 2 and values[0].isdigit() and values[1].isdigit():
            found.fail_first, found.fail_first_status = int(values[0]), int(values[1])
            found.fail_key = values[2] if len(values) > 2 else following
        elif values == ["disconnect"] and name == "fail":
            found.fail = "disconnect"
        elif name == "usage" and len(values) == 1:
            found.odd_usage = values[0]
        elif len(values) == 1 and _NUMBER.fullmatch(values[0]):
            _set_number(found, name, float(values[0]))
        elif word == "no-usage":
            found.usage = False
        elif word == "parallel-tools":
            found.parallel_tools = True
        elif word == "no-words":
            found.empty = True


def _set_number(found: Directives, name: str, value: float) -> None:
    match name:
        case "fail":
            found.fail = int(value)
        case "slow":
            found.slow_s = value
        case "hang":
            found.hang_s = value
        case "stall":
            found.stall_s = value
        case "die":
            found.die_after = int(value)
        case "cached":
            found.cached = int(value)
        case "reasoning":
            found.reasoning = int(value)
        case "length":
            found.length_chars = int(value)
        case "error-after":
            found.error_after = int(value)
        case "cite":
            found.citations = int(value)
        case "nested":
            found.nested_depth = int(value)
        case "mutate":
            found.mutate = int(value)
        case _:
            pass
