"""Values that JSON and MLflow cannot take as they are."""

from __future__ import annotations

import json
from typing import Any

import pydantic
import pytest

from ipy_llmtrace.recorder.plain_values import MAX_DEPTH, bounded, plain


class Reply(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    text: str = "hi"


class Bad:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def nested(depth: int) -> Any:
    found: Any = []
    for _ in range(depth):
        found = [found]
    return found


def test_a_reply_is_what_its_class_says():
    assert plain(Reply(more=1)) == {"text": "hi", "more": 1}  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize("depth", [500, 100_000])
def test_what_is_too_deep_is_left_out(depth: int):
    found = bounded(plain(Reply(deep=nested(depth))))  # pyright: ignore[reportCallIssue]
    assert found["text"] == "hi"
    assert f"nested deeper than {MAX_DEPTH} levels" in json.dumps(found)


def test_a_cycle_ends():
    cycle: list[Any] = []
    cycle.append(cycle)
    assert "nested deeper" in json.dumps(bounded(cycle))


def test_everything_becomes_json():
    value = {1: (1, 2.5), "set": {3}, "bytes": b"x", "model": Reply(), "bad": Bad(), Bad(): None}
    assert bounded(value) == {
        "1": [1, 2.5],
        "set": [3],
        "bytes": "b'x'",
        "model": {"text": "hi"},
        "bad": "[Bad]",
        "[Bad]": None,
    }
