"""The token counts and the cost that a reply tells, whatever its API. Pure.

A count is an integer from 0 on, or unknown: a server may send text, lists, ``1e400`` or less than nothing in its place.
"""

from __future__ import annotations

import math
from typing import Any, cast

from ..trace.span import Tokens

MAX_COUNT = 2**53 - 1
"""The largest count that the browser and every store hold exactly."""

Json = Any


def count(value: Json) -> int | None:
    """A token count as it was sent; ``None`` for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= MAX_COUNT and value == int(value) else None


def cost_usd(value: Json) -> float | None:
    """A cost in US dollars; ``None`` for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    found = float(value) if abs(value) <= MAX_COUNT else math.inf
    return found if 0 <= found < math.inf else None


def read(outputs: Json) -> Tokens | None:
    """What a reply says that it took; ``None`` where it says nothing, or only the zeros that LiteLLM fills in."""
    reply = _object(outputs)
    found = _gemini(_object(reply.get("usageMetadata"))) if "usageMetadata" in reply else _usage(_object(reply.get("usage")))
    return found if found.input or found.output else None


def is_filled_in(usage: Json) -> bool:
    """Whether a usage holds nothing but zeros, as LiteLLM makes one up where the server sent none."""
    names = ("prompt_tokens", "input_tokens", "completion_tokens", "output_tokens", "total_tokens")
    return isinstance(usage, dict) and all(_object(usage).get(name) in (None, 0) for name in names)


def _usage(usage: dict[str, Json]) -> Tokens:
    """OpenAI's form, of chats and of responses, and Anthropic's, which counts the cached tokens beside the input."""
    prompt = _object(usage.get("prompt_tokens_details") or usage.get("input_tokens_details"))
    completion = _object(usage.get("completion_tokens_details") or usage.get("output_tokens_details"))
    read_tokens, written = usage.get("cache_read_input_tokens"), usage.get("cache_creation_input_tokens")
    input_tokens = _first(usage, "prompt_tokens", "input_tokens")
    if "prompt_tokens" not in usage and not (read_tokens is None and written is None):
        input_tokens = _sum(usage.get("input_tokens"), read_tokens, written)
    return Tokens(
        input=input_tokens,
        output=_first(usage, "completion_tokens", "output_tokens"),
        cached=count(read_tokens) or count(prompt.get("cached_tokens")) or None,
        cache_write=count(written) or _first(prompt, "cache_creation_tokens", "cache_write_tokens") or None,
        reasoning=count(completion.get("reasoning_tokens")) or None,
    )


def _gemini(usage: dict[str, Json]) -> Tokens:
    """Gemini counts thoughts beside the reply's tokens, and what its tools brought beside the prompt's."""
    return Tokens(
        input=_sum(usage.get("promptTokenCount"), usage.get("toolUsePromptTokenCount")),
        output=_sum(usage.get("candidatesTokenCount"), usage.get("thoughtsTokenCount")),
        cached=count(usage.get("cachedContentTokenCount")) or None,
        reasoning=count(usage.get("thoughtsTokenCount")) or None,
    )


def _first(usage: dict[str, Json], *names: str) -> int | None:
    return next((count(usage[name]) for name in names if usage.get(name) is not None), None)


def _sum(*parts: Json) -> int | None:
    """The sum of what was sent; unknown where a part is no count, or where nothing was sent."""
    sent = [count(part) for part in parts if part is not None]
    return None if not sent or None in sent else count(sum(cast("list[int]", sent)))


def _object(value: Json) -> dict[str, Json]:
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}
