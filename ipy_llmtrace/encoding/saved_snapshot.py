"""The part of a cell's snapshot that the notebook keeps: bounded in bytes, every row before any detail, and of the details
first what one looks for first. Each pass over the spans is linear, since a cell may have a hundred thousand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..trace import tree
from ..wire import Packed, Row
from .envelope import PLAIN_BYTES, base64_bytes, chunked, deflate, file_bytes
from .snapshot import Encoded, Snapshot, shortened

SHORTENED_CHARS = (8_192, 1_024)
"""Lengths to which the strings in details are shortened, in this order, before any detail is left out."""

_HEAD_BYTES = 24
"""What the head says of a chunk of details."""

_NOTES_BYTES = 300
"""What the notes about what is missing take."""

_MISSES = 100
"""After so many details that did not fit, the room counts as full."""


def kept(snapshot: Snapshot, max_bytes: int) -> Packed:
    """The snapshot, packed, in at most ``max_bytes`` of the notebook file; its notes say what is missing.

    First long strings are shortened; then details are left out, last those of failed spans and of calls of models and
    tools; then rows, the deepest first. A detail that is too long for what is left does not keep a shorter one out.
    """
    plain_bytes = min(PLAIN_BYTES, max_bytes)
    rows, room_bytes = _fitting_rows(snapshot, max_bytes - _NOTES_BYTES)
    if len(rows) == len(snapshot.spans):
        for limit_chars in (None, *SHORTENED_CHARS):
            if _fit(_details(rows, limit_chars), max(room_bytes + _NOTES_BYTES, plain_bytes)):
                short = [shortened(span, limit_chars) for span in rows]
                packed = replace(snapshot, spans=short).packed(plain_bytes)
                if file_bytes(packed) <= max_bytes:
                    return packed
    chosen = _fitting_details(rows, room_bytes)
    while True:
        short = {index: shortened(rows[index], SHORTENED_CHARS[-1]) for index in chosen}
        shown = [short.get(index) or _left_out(span) for index, span in enumerate(rows)]
        missing = _notes(len(snapshot.spans) - len(rows), sum(span.detail is None for span in shown))
        packed = replace(snapshot, spans=shown, notes=[*snapshot.notes, *missing]).packed(plain_bytes)
        if not chosen or file_bytes(packed) <= max_bytes:
            return packed
        del chosen[-max(1, len(chosen) // 20) :]


def _fitting_rows(snapshot: Snapshot, max_bytes: int) -> tuple[Sequence[Encoded], int]:
    """The spans whose rows fit, parents before children and else in their order, and the room that is left."""
    rows = snapshot.spans
    by_depth: list[int] = []
    while (left := max_bytes - _rows_bytes(snapshot, rows)) < 0 and rows:
        if not by_depth:
            depths = _depths([span.row for span in rows])
            by_depth = sorted(range(len(rows)), key=depths.__getitem__)
        fit = int(len(rows) * max_bytes / (max_bytes - left) * 0.98)
        rows = [snapshot.spans[index] for index in sorted(by_depth[: max(0, min(fit, len(rows) - 1))])]
    return rows, left


def _rows_bytes(snapshot: Snapshot, rows: Sequence[Encoded]) -> int:
    return file_bytes(replace(snapshot, spans=[_left_out(span) for span in rows]).packed(plain_bytes=0))


def _fit(lines: Iterable[str], room_bytes: int) -> bool:
    """Whether details, deflated, take no more than the room."""
    taken = 0
    for chunk in chunked(lines):
        taken += _chunk_bytes(chunk)
        if taken > room_bytes:
            return False
    return True


def _fitting_details(rows: Sequence[Encoded], room_bytes: int) -> list[int]:
    """The indices of the spans whose details fit, shortened; those first that matter most."""
    ranked = sorted((index for index, span in enumerate(rows) if span.detail), key=lambda index: _rank(rows[index].row))
    lines = _details([rows[index] for index in ranked], SHORTENED_CHARS[-1])
    chosen: list[int] = []
    at = misses = 0
    for chunk in chunked(lines):
        stack = [(at, chunk)]
        at += len(chunk)
        while stack and misses < _MISSES:
            first, part = stack.pop()
            if (needed := _chunk_bytes(part)) <= room_bytes:
                room_bytes -= needed
                chosen += ranked[first : first + len(part)]
            elif len(part) > 1:
                half = len(part) // 2
                stack += [(first + half, part[half:]), (first, part[:half])]
            else:
                misses += 1
        if misses >= _MISSES:
            break
    return chosen


def _details(spans: Iterable[Encoded], limit_chars: int | None) -> Iterator[str]:
    """The details that there are, shortened as they are asked for: most of a large trace's are not."""
    for span in spans:
        if span.detail:
            yield shortened(span, limit_chars).detail or ""


def _chunk_bytes(lines: Sequence[str]) -> int:
    return base64_bytes(len(deflate(lines))) + _HEAD_BYTES


def _depths(rows: list[Row]) -> list[int]:
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


def _rank(row: Row) -> int:
    if row["status"] == "error":
        return 0
    return 1 if row["type"] in tree.CALL_TYPES or row["type"] == "TOOL" else 2


def _left_out(span: Encoded) -> Encoded:
    return Encoded(span.row, None if span.detail else span.detail)


def _notes(rows: int, details: int) -> Iterator[str]:
    if rows:
        yield f"{rows:,} spans are not kept in this notebook, for their size (--max-saved)"
    if details:
        yield f"details of {details:,} spans are not kept in this notebook, for their size (--max-saved)"
