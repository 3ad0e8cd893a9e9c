"""Which spans hold some words in their messages, inputs, outputs, attributes or events: what the browser has no room for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from ..clock import monotonic
from ..encoding.span_encoder import whole
from ..trace.span import Span
from ..wire import WIRE_VERSION, SearchReply

MAX_S = 2.0
"""How long a search may keep the kernel from its work."""

_BASE64 = re.compile(r"(?:data:[\w/+.;=-]{1,200};base64,)?[A-Za-z0-9+/]{256}", re.ASCII)
"""An image, say: any short word is somewhere in it."""


def search(
    spans: Iterable[Span],
    words: Sequence[str],
    attributes: Sequence[tuple[str, str]],
    number: int,
    max_s: float = MAX_S,
    now_s: Callable[[], float] = monotonic,
) -> SearchReply:
    """The ids of the spans that hold all of ``words`` and ``attributes`` (lower case), as far as ``max_s`` seconds suffice.

    An attribute is its key and its value as the view shows it, in which ``*`` stands for anything.
    """
    reply = SearchReply(v=WIRE_VERSION, kind="search", number=number, ids=[])
    end_s = now_s() + max_s
    all_spans = list(spans)
    for looked_at, span in enumerate(all_spans):
        if now_s() > end_s:
            reply["note"] = f"only the first {looked_at:,} of {len(all_spans):,} spans were searched, for {max_s:g} s"
            break
        if all(_has(span, *attribute) for attribute in attributes) and _holds(span, words):
            reply["ids"].append(span.span_id)
    return reply


def _holds(span: Span, words: Sequence[str]) -> bool:
    missing = list(words)
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
        elif value is not None and not (isinstance(value, str) and _BASE64.match(value)):
            text = str(value).lower()
            missing = [word for word in missing if word not in text]
    return not missing


def _has(span: Span, key: str, value: str) -> bool:
    return any(name.lower() == key and _fits(_shown(held).lower(), value) for name, held in span.attributes.items())


def _shown(value: Any) -> str:
    """A value as the view has it: text as it is, anything else as JSON, in which JavaScript writes 1.0 as 1."""
    value = whole(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _fits(text: str, pattern: str) -> bool:
    """Whether ``text`` is ``pattern``, in which ``*`` stands for anything. A regular expression may take for ever."""
    first, *parts = pattern.split("*")
    if not parts:
        return text == pattern
    if not text.startswith(first):
        return False
    at = len(first)
    *middle, last = parts
    for part in middle:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return text.endswith(last) and len(text) - len(last) >= at
