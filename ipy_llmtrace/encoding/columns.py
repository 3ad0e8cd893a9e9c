"""Rows as the wire has them: a list for each field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from ..wire import Columns, Row

_TEXTS = ("trace", "name", "type", "message", "model", "provider")
_ALWAYS = ("texts", "id", "trace", "name", "type", "start_ns")
_TOKENS = ("input", "output", "cached", "cache_write", "reasoning")
_ESTIMATED = ("input", "output")


def columns(rows: Sequence[Row], details: Sequence[int]) -> Columns:
    """The rows, with what there is of each one's detail: 0, 1 or 2, as `Columns` says."""
    given = cast(Sequence[dict[str, Any]], rows)
    texts: dict[str, int] = {}
    number = {row["id"]: index for index, row in enumerate(rows)}
    tokens: list[dict[str, int]] = [row.get("tokens") or {} for row in given]
    found: dict[str, Any] = {"texts": [], "id": list(number) if len(number) == len(rows) else [row["id"] for row in rows]}
    found["parent"] = [None if (parent := row.get("parent")) is None else number.get(parent, parent) for row in given]
    for name in _TEXTS:
        found[name] = [None if (text := row.get(name)) is None else texts.setdefault(text, len(texts)) for row in given]
    found["status"] = [row["status"] for row in rows]
    starts = [row["start_ns"] for row in rows]
    found["start_ns"] = [after - before for before, after in zip([0, *starts], starts, strict=False)]
    for name in ("end_ns", "first_token_ns"):
        found[name] = [None if (at := row.get(name)) is None else at - row["start_ns"] for row in given]
    for name in _TOKENS:
        found[name] = [counts.get(name) for counts in tokens]
    estimates: list[dict[str, int]] = [row.get("estimated_tokens") or {} for row in given]
    for name in _ESTIMATED:
        found[f"estimated_{name}"] = [counts.get(name) for counts in estimates]
    for name in ("cost_usd", "estimated_cost_usd", "tool_calls"):
        found[name] = [row.get(name) for row in given]
    found["detail"] = list(details)
    found["texts"] = list(texts)
    plain = {"status": "ok", "detail": 1}
    kept = {name: values for name, values in found.items() if name in _ALWAYS or values.count(plain.get(name)) < len(values)}
    return cast(Columns, kept)
