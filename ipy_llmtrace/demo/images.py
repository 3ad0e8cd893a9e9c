"""OpenAI's image generation: a small square of one colour, which the prompt decides.

Format: https://platform.openai.com/docs/api-reference/images
"""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib

from .prompt import Body, Prompt, Reply, Stamp, Turn

SIZE_PX = 16


def read(body: Body) -> Prompt:
    """The request body of ``POST /v1/images/generations``."""
    return Prompt(body.get("model", "gpt-image-1"), (Turn("user", body["prompt"]),), choices=body.get("n") or 1)


def write(prompt: Prompt, reply: Reply, stamp: Stamp) -> Body:
    """The images as base64 PNG, whatever form was asked for: there is no place that a URL could lead to."""
    image = base64.b64encode(png(hashlib.sha256(prompt.question.encode()).digest()[:3])).decode()
    usage = reply.usage and {
        "input_tokens": reply.usage.input,
        "input_tokens_details": {"text_tokens": reply.usage.input, "image_tokens": 0},
        "output_tokens": 272 * prompt.choices,
        "total_tokens": reply.usage.input + 272 * prompt.choices,
    }
    images = {"created": stamp.created_s, "data": [{"b64_json": image}] * prompt.choices}
    return images | ({"usage": usage} if usage else {})


def png(rgb: bytes) -> bytes:
    """A PNG of `SIZE_PX` squared in one colour (red, green, blue)."""
    rows = (b"\0" + rgb * SIZE_PX) * SIZE_PX
    header = struct.pack(">IIBBBBB", SIZE_PX, SIZE_PX, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
