"""A spooled record, as a line of a file.

A line holds the CRC-32 of the rest, a kind, a trace id, and JSON: a damaged one is known for what it is, and costs no other.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["span", "trace", "feedback"]


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
    except ValueError:
        return None
    kind, trace_id, body = rest.split(b" ", 2)
    return kind.decode(), trace_id.decode(), body
