"""Chunks of a chat completion put together where LiteLLM's own builder fails: streamed sound, and odd values. Pure."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, cast

Json = Any


def assembled(chunks: Sequence[Json]) -> dict[str, Json] | None:
    """The ``chat.completion`` that the plain ``chunks`` make; ``None`` where they make none."""
    known = [cast("dict[str, Json]", chunk) for chunk in chunks if isinstance(chunk, dict)]
    if not known:
        return None
    whole = {name: value for chunk in known for name, value in chunk.items() if name != "choices" and value is not None}
    choices: dict[int, dict[str, Json]] = {}
    for chunk in known:
        for piece in _objects(chunk.get("choices")):
            index = piece.get("index")
            _grow(choices.setdefault(index if isinstance(index, int) else 0, {"message": {}}), piece)
    found = [{"index": index, **choice} for index, choice in sorted(choices.items())]
    return {**whole, "object": "chat.completion", "choices": found}


def _grow(choice: dict[str, Json], piece: dict[str, Json]) -> None:
    delta = piece.get("delta")
    if isinstance(delta, dict):
        _join(choice["message"], cast("dict[str, Json]", delta))
    choice |= {name: value for name, value in piece.items() if name not in ("index", "delta") and value is not None}


def _join(message: dict[str, Json], delta: dict[str, Json]) -> None:
    """Texts go on, objects grow, the items of a list by their ``index``; of anything else the latest stands."""
    for name, value in delta.items():
        before = message.get(name)
        if value is None:
            continue
        if isinstance(value, str) and isinstance(before, str) and name not in ("role", "id", "type"):
            message[name] = _encoded(before, value) if name == "data" else before + value
        elif isinstance(value, dict) and isinstance(before, dict):
            _join(cast("dict[str, Json]", before), cast("dict[str, Json]", value))
        elif isinstance(value, dict):
            message[name] = dict(cast("dict[str, Json]", value))
        elif isinstance(value, list):
            message[name] = _extended(before, cast("list[Json]", value))
        else:
            message[name] = value


def _encoded(before: str, more: str) -> str:
    """Two pieces of a sound, each in base64 of its own, as one."""
    try:
        return base64.b64encode(base64.b64decode(before) + base64.b64decode(more)).decode()
    except ValueError:
        return before + more


def _extended(before: Json, more: list[Json]) -> list[Json]:
    items = cast("list[Json]", before) if isinstance(before, list) else []
    for each in more:
        same = next((item for item in _objects(items) if _place(item) is not None and _place(item) == _place(each)), None)
        if same is None:
            items.append(dict(cast("dict[str, Json]", each)) if isinstance(each, dict) else each)
        else:
            _join(same, cast("dict[str, Json]", each))
    return items


def _place(item: Json) -> Json:
    return cast("dict[str, Json]", item).get("index") if isinstance(item, dict) else None


def _objects(value: Json) -> list[dict[str, Json]]:
    items = cast("list[Json]", value) if isinstance(value, list) else []
    return [cast("dict[str, Json]", item) for item in items if isinstance(item, dict)]
