"""Which spans hold some words in their messages, inputs, outputs, attributes or events: what the browser has no room for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from .span import Span
from .wire import WIRE_VERSION, SearchReply

_ATTRIBUTE = re.compile(r"attr\.([^=]+)=(.*)", re.DOTALL)

MAX_S = 2.0
"""How long a search may keep the kernel from its work."""


def search(
    spans: Iterable[Span],
    words: Sequence[str],
    number: int,
    max_s: float = MAX_S,
    now_s: Callable[[], float] = time.monotonic,
) -> SearchReply:
    """The ids of the spans that hold all of ``words`` (lower case), as far as ``max_s`` seconds suffice.

    ``attr.KEY=VALUE`` among them is held by a span with such an attribute; ``*`` in the value stands for anything.
    """
    reply = SearchReply(v=WIRE_VERSION, kind="search", number=number, ids=[])
    end_s = now_s() + max_s
    all_spans = list(spans)
    for looked_at, span in enumerate(all_spans):
        if now_s() > end_s:
            reply["note"] = f"only the first {looked_at:,} of {len(all_spans):,} spans were searched, for {max_s:g} s"
            break
        if _holds(span, words):
            reply["ids"].append(span.span_id)
    return reply


def _holds(span: Span, words: Sequence[str]) -> bool:
    missing: list[str] = []
    for word in words:
        attribute = _ATTRIBUTE.fullmatch(word)
        if attribute is None:
            missing.append(word)
        elif not _has(span, *attribute.groups()):
            return False
    stack: list[Any] = [
        span.name,
        span.model,
        span.provider,
        span.message,
        span.text,
        span.inputs,
        span.outputs,
        span.attributes,
    ]
    stack += [event.attributes for event in span.events]
    while stack and missing:
        value = stack.pop()
        if isinstance(value, dict):
            for key, member in cast(dict[Any, Any], value).items():
                stack += [key, member]
        elif isinstance(value, list | tuple):
            stack.extend(cast(list[Any], value))
        elif value is not None:
            text = str(value).lower()
            missing = [word for word in missing if word not in text]
    return not missing


def _has(span: Span, key: str, value: str) -> bool:
    pattern = re.compile(".*".join(map(re.escape, value.split("*"))), re.DOTALL)
    return any(name.lower() == key and pattern.fullmatch(str(held).lower()) for name, held in span.attributes.items())
