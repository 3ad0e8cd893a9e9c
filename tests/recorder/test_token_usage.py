"""Token counts of every API, and of servers that send none."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ipy_llmtrace.demo.odd_values import ODD_COUNTS
from ipy_llmtrace.recorder import token_usage
from ipy_llmtrace.trace.span import Tokens

ODD = [float("inf") if kind == "infinite" else value for kind, value in ODD_COUNTS.items()]


@pytest.mark.parametrize("value", [*ODD, math.nan, 2**53, 1e300, -math.inf])
def test_what_is_no_integer_from_zero_on_is_unknown(value: Any):
    assert token_usage.count(value) is None
    tokens = token_usage.read({"usage": {"prompt_tokens": value, "completion_tokens": 3}})
    assert tokens == Tokens(input=None, output=3)


@pytest.mark.parametrize(("value", "count"), [(0, 0), (7, 7), (7.0, 7), (2**53 - 1, 2**53 - 1)])
def test_a_count_is_an_integer(value: Any, count: int):
    assert token_usage.count(value) == count


@pytest.mark.parametrize(("value", "cost"), [(0, 0.0), (0.5, 0.5), (-1, None), (math.inf, None), ("1", None), (10**400, None)])
def test_a_cost_is_a_finite_number(value: Any, cost: float | None):
    assert token_usage.cost_usd(value) == cost


@pytest.mark.parametrize(
    ("outputs", "tokens"),
    [
        (
            {
                "usage": {
                    "prompt_tokens": 9,
                    "completion_tokens": 5,
                    "prompt_tokens_details": {"cached_tokens": 4},
                    "completion_tokens_details": {"reasoning_tokens": 2},
                }
            },
            Tokens(9, 5, 4, None, 2),
        ),
        (
            {"usage": {"input_tokens": 9, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 4}}},
            Tokens(9, 5, 4),
        ),
        # Anthropic counts what is cached beside the input, LiteLLM's form of the same reply within it.
        (
            {
                "usage": {
                    "input_tokens": 12,
                    "cache_read_input_tokens": 2300,
                    "cache_creation_input_tokens": 0,
                    "output_tokens": 5,
                }
            },
            Tokens(2312, 5, 2300),
        ),
        (
            {"usage": {"prompt_tokens": 2312, "cache_read_input_tokens": 2300, "completion_tokens": 5}},
            Tokens(2312, 5, 2300),
        ),
        ({"usage": {"input_tokens": 12, "cache_read_input_tokens": "many", "output_tokens": 5}}, Tokens(None, 5)),
        (
            {"usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 5, "thoughtsTokenCount": 2}},
            Tokens(9, 7, None, None, 2),
        ),
        ({"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}}, None),
        ({"usage": None}, None),
        ({"usage": "many"}, None),
        ({"usageMetadata": [1]}, None),
        (None, None),
        ("text", None),
    ],
)
def test_each_api_tells_its_tokens_its_own_way(outputs: Any, tokens: Tokens | None):
    assert token_usage.read(outputs) == tokens
