"""A spooled record, as a line of a file.

A line holds the CRC-32 of the rest, a kind, a trace id, and JSON: a damaged one is known for what it is, and costs no other.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

Kind = Literal["span", "trace", "feedback"]

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


@dataclass(slots=True, frozen=True)
class Record:
    """An ended span, the ``trace`` that says all of its spans have ended, or ``feedback`` on it. ``body`` is JSON."""

    kind: Kind
    trace_id: str
    body: bytes


@dataclass(slots=True, eq=False)
class Entry:
    """Where a record is: at ``offset`` of the file, or in memory. ``since`` is monotonic, in seconds."""

    kind: Kind
    trace_id: str
    since: float
    offset: int
    length: int
    memory: bytes | None = field(default=None, repr=False)


def as_line(kind: str, trace_id: str, body: bytes) -> bytes:
    rest = b"%s %s %s" % (kind.encode(), trace_id.encode(), body)
    return b"%08x %s\n" % (zlib.crc32(rest), rest)


def parsed(written: bytes) -> tuple[str, str, bytes] | None:
    """Kind, trace id and JSON of a whole line; ``None`` for anything else."""
    check, _, rest = written.rstrip(b"\n").partition(b" ")
    try:
        if not written.endswith(b"\n") or int(check, 16) != zlib.crc32(rest):
            return None
        kind, trace_id, body = rest.split(b" ", 2)
        return kind.decode(), trace_id.decode(), body
    except ValueError:  # no number, no three parts, no UTF-8
        return None


def kind_of(name: str) -> Kind | None:
    """The kind of record that a line's first word names; ``None`` if it names none."""
    return _KINDS.get(name)


def content(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a record; ``None`` if it holds anything else: a right checksum says nothing of who wrote it."""
    found = _json(body)
    return cast(dict[str, Any], found) if isinstance(found, dict) else None


def offsets(body: bytes) -> list[int] | None:
    """The offsets in a ``done`` record; ``None`` if it holds anything else."""
    found = _json(body)
    if not isinstance(found, list):
        return None
    items = cast(list[Any], found)
    return items if all(type(item) is int for item in items) else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
