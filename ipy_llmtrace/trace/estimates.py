"""The attributes of a span that hold an estimate: LiteLLM's own token count and its price, where the server sent no counts.

Their names are ours, so that nobody takes them for what MLflow calls the token usage and the cost of a span.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .message_parts import as_dict
from .span import Tokens

TOKENS = "llmtrace.estimated_tokens"
"""The counts, as in MLflow's ``mlflow.chat.tokenUsage``."""

COST_USD = "llmtrace.estimated_cost_usd"

Json = Any


def written(tokens: Tokens, cost_usd: float | None) -> dict[str, Json]:
    """An estimate as attributes; ``cost_usd`` is ``None`` where the model has no known price."""
    counts = {"input_tokens": tokens.input, "output_tokens": tokens.output, "total_tokens": tokens.total}
    found: dict[str, Json] = {TOKENS: {name: count for name, count in counts.items() if count is not None}}
    return found if cost_usd is None else {**found, COST_USD: cost_usd}


def read_tokens(attributes: Mapping[str, Json]) -> Tokens | None:
    """The estimated counts in a span's attributes; ``None`` without any."""
    counts = as_dict(attributes.get(TOKENS))
    found = Tokens(input=_count(counts.get("input_tokens")), output=_count(counts.get("output_tokens")))
    return None if found.total is None else found


def read_cost_usd(attributes: Mapping[str, Json]) -> float | None:
    """The estimated cost in a span's attributes; ``None`` without one."""
    value = attributes.get(COST_USD)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
