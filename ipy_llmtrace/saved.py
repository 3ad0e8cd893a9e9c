"""The part of a cell's snapshot that the notebook keeps: bounded in bytes, every row before any detail, and of the details
first what one looks for first."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from . import encode, tree, wire

SHORTENED_CHARS = (8_192, 1_024)
"""Lengths to which the strings in details are shortened, in this order, before any detail is left out."""

_ROWS_AT_ONCE = 50
_NOTES_BYTES = 400
_MISSES = 100
"""After so many details that did not fit, the room counts as full."""


def kept(snapshot: wire.Snapshot, max_bytes: int) -> wire.Snapshot:
    """``snapshot`` itself, or one that takes at most ``max_bytes`` in the notebook file and whose notes say what is missing.

    First long strings are shortened; then details are left out, last those of failed spans and of calls of models and
    tools; then rows, the deepest first. A detail that is too long for what is left does not keep a shorter one out.
    """
    if size_bytes(snapshot) <= max_bytes:
        return snapshot
    for limit_chars in SHORTENED_CHARS:
        snapshot = {**snapshot, "spans": [_shortened(span, limit_chars) for span in snapshot["spans"]]}
        if size_bytes(snapshot) <= max_bytes:
            return snapshot
    # Pieces are counted as if each were deflated by itself from where the one before ended, which is too much.
    share = 1.4
    while (taken := size_bytes(found := _fitting(snapshot, int(max_bytes * share)))) > max_bytes and share > 0.1:
        share *= min(0.9, max_bytes / taken)
    return found


def size_bytes(snapshot: wire.Snapshot) -> int:
    """What a snapshot takes in the notebook file: its JSON, or base64 of the deflated JSON."""
    packed = encode.pack(snapshot)
    if "deflate" in packed:
        return _base64_bytes(len(packed["deflate"]))
    return len(_json(packed.get("json", "")))


def _fitting(snapshot: wire.Snapshot, max_bytes: int) -> wire.Snapshot:
    spans = snapshot["spans"]
    room = _Room(max_bytes - _NOTES_BYTES)
    room.take({**snapshot, "spans": []})
    rows = _rows(spans, room)
    details: set[int] = set()
    misses = 0
    for index in sorted(rows, key=lambda index: _rank(spans[index]["row"])):
        detail = spans[index].get("detail")
        if detail is None or (misses < _MISSES and room.take(detail)):
            details.add(index)
        else:
            misses += 1
    shown = [_left_out(span) if index not in details else span for index, span in enumerate(spans) if index in rows]
    notes = [*snapshot["notes"], *_notes(len(spans) - len(rows), len(rows) - len(details))]
    return {**snapshot, "spans": shown, "notes": notes}


def _rows(spans: list[wire.SnapshotSpan], room: _Room) -> set[int]:
    """The indices of the rows that fit, parents before children."""
    found: set[int] = set()
    by_depth = sorted(range(len(spans)), key=_depths([span["row"] for span in spans]).__getitem__)
    for first in range(0, len(by_depth), _ROWS_AT_ONCE):
        together = by_depth[first : first + _ROWS_AT_ONCE]
        if not room.take([{"row": spans[index]["row"], "left_out": True} for index in together]):
            break
        found.update(together)
    return found


def _depths(rows: list[wire.Row]) -> list[int]:
    parents = {row["id"]: row.get("parent") for row in rows}
    depths: dict[str, int] = {}
    for row in rows:
        path = list(_unknown_above(row["id"], parents, depths))
        above = parents.get(path[-1]) if path else None
        depth = depths.get(above, -1) if above is not None else -1
        for span_id in reversed(path):
            depth += 1
            depths[span_id] = depth
    return [depths[row["id"]] for row in rows]


def _unknown_above(span_id: str, parents: dict[str, str | None], depths: dict[str, int]) -> Iterator[str]:
    """A span and those above it whose depth is not known yet; a cycle of parents ends where it began."""
    met: set[str] = set()
    at: str | None = span_id
    while at is not None and at in parents and at not in depths and at not in met:
        met.add(at)
        yield at
        at = parents[at]


def _rank(row: wire.Row) -> int:
    if row["status"] == "error":
        return 0
    return 1 if row["type"] in tree.CALL_TYPES or row["type"] == "TOOL" else 2


def _shortened(span: wire.SnapshotSpan, limit_chars: int) -> wire.SnapshotSpan:
    if "detail" not in span:
        return span
    return {**span, "detail": encode.shortened(span["detail"], limit_chars)}


def _left_out(span: wire.SnapshotSpan) -> wire.SnapshotSpan:
    return wire.SnapshotSpan(row=span["row"], left_out=True)


def _notes(rows: int, details: int) -> Iterable[str]:
    if rows:
        yield f"{rows:,} spans are not kept in this notebook, for their size (--max-saved)"
    if details:
        yield f"details of {details:,} spans are not kept in this notebook, for their size (--max-saved)"


class _Room:
    """Counts how much values take when they are deflated one after the other and written as base64."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._taken = 0
        self._stream = zlib.compressobj()

    def take(self, value: Any) -> bool:
        """Whether there was room for ``value``, which then is taken."""
        stream = self._stream.copy()
        data = stream.compress(_json(value)) + stream.flush(zlib.Z_SYNC_FLUSH)
        if _base64_bytes(self._taken + len(data)) > self._max_bytes:
            return False
        self._stream = stream
        self._taken += len(data)
        return True


def _base64_bytes(length: int) -> int:
    return -(-length // 3) * 4


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
