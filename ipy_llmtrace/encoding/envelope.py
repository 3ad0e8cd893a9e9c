"""The envelope in which values cross to the browser and lie in the notebook: text while it is short, else deflated."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..trace.lone_surrogates import replaced
from ..wire import WIRE_VERSION, Chunk, Packed

PLAIN_BYTES = 16_384
"""What is longer than this is deflated; what is not can be read, and searched, in a notebook file."""

CHUNK_CHARS = 65_536
"""Details are deflated together up to so many characters: whoever looks at one inflates its chunk."""

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def json_text(value: Any) -> str:
    """``value`` as JSON on one line, without lone surrogates: a file's name and a model's keys may have some. Raises
    ``ValueError`` for what JSON does not have, such as NaN."""
    return replaced(_JSON.encode(value))


def pack(value: Mapping[str, Any], details: Sequence[str] = (), plain_bytes: int = PLAIN_BYTES) -> Packed:
    """The envelope of a value and of details, each of them JSON on one line; deflated if they take more than
    ``plain_bytes`` in UTF-8 together."""
    head = json_text(value)
    if len(head) + sum(map(len, details)) <= plain_bytes:
        text = "\n".join([head, *details])
        if len(text.encode()) <= plain_bytes:
            return Packed(v=WIRE_VERSION, json=text)
    if not details:
        return Packed(v=WIRE_VERSION, deflate=zlib.compress(head.encode()))
    chunks: list[Chunk] = []
    deflated: list[bytes] = []
    for lines in chunked(details):
        deflated.append(deflate(lines))
        chunks.append(Chunk(details=len(lines), bytes=len(deflated[-1])))
    head = json_text({**value, "chunks": chunks})
    return Packed(v=WIRE_VERSION, deflate=zlib.compress(head.encode()), details=b"".join(deflated))


def chunked(details: Iterable[str]) -> Iterator[list[str]]:
    """The details in lists of up to `CHUNK_CHARS` characters; one that is longer stands alone."""
    lines: list[str] = []
    chars = 0
    for line in details:
        if lines and chars + len(line) > CHUNK_CHARS:
            yield lines
            lines, chars = [], 0
        lines.append(line)
        chars += len(line)
    if lines:
        yield lines


def deflate(lines: Iterable[str]) -> bytes:
    """A chunk."""
    return zlib.compress("\n".join(lines).encode())


def file_bytes(packed: Packed) -> int:
    """What an envelope takes in a notebook file, where binary is base64."""
    binary = (packed.get("deflate", b""), packed.get("details", b""))
    return len(packed.get("json", "").encode()) + sum(base64_bytes(len(data)) for data in binary)


def base64_bytes(length: int) -> int:
    return -(-length // 3) * 4
