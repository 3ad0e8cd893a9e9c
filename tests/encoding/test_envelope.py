"""Envelopes: readable while they are short, deflated in chunks when they are long."""

from __future__ import annotations

import json
import zlib

import pytest
from envelopes import opened

from ipy_llmtrace.encoding import envelope
from ipy_llmtrace.wire import WIRE_VERSION, Packed


def test_a_short_value_is_text_with_each_detail_on_a_line_below_it():
    assert envelope.pack({"é": 1}, ['{"a":2}', '{"b":"\\n"}']) == {
        "v": WIRE_VERSION,
        "json": '{"é":1}\n{"a":2}\n{"b":"\\n"}',
    }


def test_the_limit_counts_bytes():
    assert "json" in envelope.pack({"text": "ü" * 8_000})
    packed = envelope.pack({"text": "ü" * 9_000})
    assert packed.keys() == {"v", "deflate"}
    assert opened(packed) == ({"text": "ü" * 9_000}, [])


@pytest.mark.parametrize("chars", [100, 30_000, 100_000])
def test_long_details_are_deflated_in_chunks_that_can_be_opened_alone(chars: int):
    details = [json.dumps({"number": number, "text": "x" * chars}) for number in range(20)]
    packed = envelope.pack({"a": 1}, details, plain_bytes=1_000)
    assert opened(packed) == ({"a": 1}, details)
    chunks = json.loads(zlib.decompress(packed.get("deflate", b"")))["chunks"]
    assert len(chunks) == {100: 1, 30_000: 10, 100_000: 20}[chars]


def test_what_json_does_not_have_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        envelope.pack({"a": float("nan")})


def test_the_bytes_in_a_file_are_those_of_base64():
    packed = Packed(v=WIRE_VERSION, deflate=b"1234", details=b"123")
    assert envelope.file_bytes(packed) == 8 + 4
    assert envelope.file_bytes(Packed(v=WIRE_VERSION, json="é")) == 2
