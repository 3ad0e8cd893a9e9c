"""OpenAI's embeddings: the sum of a random direction for each word, so that texts that share words are near each other.

Format: https://platform.openai.com/docs/api-reference/embeddings
"""

from __future__ import annotations

import base64
import math
import random
import re
import struct
from functools import lru_cache

from .prompt import Body, Json, Prompt, Reply, Stamp, Turn, as_list

DIMENSIONS = 1536


def read(body: Body) -> Prompt:
    """The request body of ``POST /v1/embeddings``: each input is a turn."""
    given: Json = body["input"]
    texts = [given] if _is_tokens(given) else as_list(given)
    turns = tuple(Turn("user", text if isinstance(text, str) else str(text)) for text in texts)
    return Prompt(body["model"], turns, options=body)


def write(prompt: Prompt, reply: Reply, stamp: Stamp) -> Body:
    """The list of vectors, of floats or of base64 (little-endian 32-bit floats) as ``encoding_format`` asks."""
    dimensions = prompt.options.get("dimensions") or DIMENSIONS
    vectors = [embed(turn.text, dimensions) for turn in prompt.turns]
    as_base64 = prompt.options.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _encode(vector) if as_base64 else vector}
        for index, vector in enumerate(vectors)
    ]
    usage = reply.usage and {"prompt_tokens": reply.usage.input, "total_tokens": reply.usage.input}
    return {"object": "list", "data": data, "model": prompt.model} | ({"usage": usage} if usage else {})


def embed(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A vector of length 1 that depends on the words of ``text`` alone."""
    words = re.findall(r"\w+", text.lower()) or [""]
    total = [sum(values) for values in zip(*(_direction(word, dimensions) for word in words), strict=True)]
    norm = math.hypot(*total)
    return [value / norm for value in total]


@lru_cache(maxsize=1024)
def _direction(word: str, dimensions: int) -> tuple[float, ...]:
    # A generator of its own: the user's random.seed() must change nothing here, nor the other way round.
    generator = random.Random(word)
    return tuple(generator.uniform(-1, 1) for _ in range(dimensions))


def _encode(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _is_tokens(given: Json) -> bool:
    return all(isinstance(token, int) for token in as_list(given))
