"""What LiteLLM says that a reply cost.

LiteLLM internals relied on: ``Logging.response_cost_calculator`` and ``.cost_breakdown``.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import token_usage
from . import litellm_log
from .library import litellm

Price = Callable[[Any], tuple[Any, Any]]
"""Gives LiteLLM's cost of a reply in US dollars, and its parts; ``None`` where it knows none."""


def price_of(logging: Any) -> Price:
    """The prices of a call, by LiteLLM's logging object of it."""

    def price(reply: Any) -> tuple[Any, Any]:
        if reply is None:
            return None, None
        try:
            with litellm_log.quiet():
                return logging.response_cost_calculator(result=reply), getattr(logging, "cost_breakdown", None)
        except Exception:  # it calculates with whatever the server sent
            return None, None

    return price


def chat_of_tokens(reply: Any) -> Any:
    """A chat completion that took what a reply of another form did, for LiteLLM to price; ``None`` where it does not tell."""
    tokens = token_usage.read(reply)
    if tokens is None or tokens.input is None or tokens.output is None:
        return None
    usage = litellm.Usage(
        prompt_tokens=tokens.input,
        completion_tokens=tokens.output,
        total_tokens=tokens.input + tokens.output,
        prompt_tokens_details={"cached_tokens": tokens.cached or 0},
        completion_tokens_details={"reasoning_tokens": tokens.reasoning or 0},
    )
    model = reply.get("model") or reply.get("modelVersion")
    return litellm.ModelResponse(model=model if isinstance(model, str) else None, usage=usage)
