"""Opens envelopes as the browser does."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from typing import Any

from ipy_llmtrace.wire import Packed


def opened(packed: Packed) -> tuple[Any, list[str]]:
    """The value and the lines of the details, as the browser unpacks them."""
    if "json" in packed:
        head, *lines = packed["json"].split("\n")
        return json.loads(head), lines
    value = json.loads(zlib.decompress(packed.get("deflate", b"")))
    details, lines = packed.get("details", b""), []
    for chunk in value.pop("chunks", []):
        lines += zlib.decompress(details[: chunk["bytes"]]).decode().split("\n")
        details = details[chunk["bytes"] :]
        assert len(lines) >= chunk["details"]
    assert details == b""
    return value, lines


def kept(model: Any) -> Any:
    """The snapshot that a notebook file keeps of a view, and its details; its bytes are buffers when no page has saved it."""
    snapshot = dict(model["state"]["snapshot"])
    snapshot.update({buffer["path"][1]: buffer["data"] for buffer in model.get("buffers", [])})
    binary = {name: b64decode(snapshot[name]) for name in ("deflate", "details") if name in snapshot}
    head, lines = opened({**snapshot, **binary})
    return {**head, "details": lines}
