"""What redaction costs: milliseconds for a text of 1 MB, natural and adversarial, and for a stream in 4,000 pieces.

Aim: 150 ms for 1 MB, whatever stands in it.
"""

from __future__ import annotations

import base64
import json
import random
import string
import time
from collections.abc import Callable, Iterator

from report import heading, row

from ipy_llmtrace.redaction.redactor import Redactor

MEGABYTE = 1_000_000
AIM_MS = 150
PIECES = 4_000
RUNS = 3

_PROSE = "The quick brown fox jumps over the lazy dog, and so it goes in the land of nod. "
_CODE = (
    'def compute_weighted_average2(values: list[float], *, api_key: str | None = None) -> float:\n    return sum(values)["x"]\n'
)
ADVERSARIAL = {
    "curl curl": "curl ",
    "curl's users": "curl -u a:bcde ",
    "names of secrets": "password= api_key=a ",
    "names with values": "api_key=abcdef1 ",
    "passwords": "password=hunter2 ",
    "names without spaces": "password=api_key=secret=",
    "sk-sk-": "sk-",
    "sk-proj-sk-proj-": "sk-proj-",
    "OpenAI's keys": "sk-proj-Ab1Cd2Ef3Gh4Ij5Kl6 ",
    "long words": "abcdefghijklmno1 ",
    "dotted words": "SG.abcdefghijklmno1.",
    "assigned words": 'fastly="abcdefghijklmnop1" ',
    "quotes": '\'"\\"',
    "quoted names": '"api_key":"',
    "begun keys": "-----BEGIN PRIVATE KEY-----",
    "begun tokens": "eyJabcdefgh.",
    "users in URLs": "://a:",
    "logins": "login a password ",
    "unseen characters": "a\u200b",
    "colours": "\x1b[31ma",
    "non-Latin": "天空是蓝色的",
    "bearers": "earer earer 1",
}


def texts() -> Iterator[tuple[str, str]]:
    """(what it is, 1 MB of it)."""
    rng = random.Random(1)

    def filled(piece: str) -> str:
        return (piece * (MEGABYTE // len(piece) + 1))[:MEGABYTE]

    records = [
        {
            "id": f"chatcmpl-{rng.getrandbits(120):x}",
            "role": "user",
            "content": _PROSE,
            "scores": [rng.random() for _ in range(5)],
        }
        for _ in range(5_000)
    ]
    yield "prose", filled(_PROSE)
    yield "code", filled(_CODE)
    yield "JSON", json.dumps(records)[:MEGABYTE]
    yield "nested JSON", filled('{"a": [{"b": "c"}, ')
    yield "JSON in JSON", json.dumps(json.dumps(json.dumps(records[:2_000])))[:MEGABYTE]
    yield "image in base64", base64.b64encode(rng.randbytes(MEGABYTE * 3 // 4)).decode()
    yield "text in base64", base64.b64encode(filled(_PROSE)[: MEGABYTE * 3 // 4].encode()).decode()
    yield "one word", "".join(rng.choices(string.ascii_letters + string.digits, k=MEGABYTE))
    yield "no space", "".join(rng.choices(string.ascii_letters + string.digits + "=/&?._-:", k=MEGABYTE))
    for name, piece in ADVERSARIAL.items():
        yield name, filled(piece)


def cpu_ms(work: Callable[[], object]) -> float:
    """The least CPU time of a few runs: other processes do not count."""
    took: list[float] = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        took.append(1e3 * (time.process_time() - began))
    return min(took)


def stream(pieces: list[str]) -> None:
    followed, text = Redactor({}).stream(), ""
    for piece in pieces:
        text += piece
        followed.advance(text)


def main() -> None:
    heading("Redaction, CPU")
    redactor = Redactor({})
    redactor.text("x" * 2_000)
    for name, text in texts():
        row(f"1 MB, {name}", f"{cpu_ms(lambda text=text: redactor.text(text)):.0f} ms", f"<= {AIM_MS} ms")
    for name, piece in (("words", "word "), ("one word", "word"), ("a private key", "-----BEGIN PRIVATE KEY-----\nMIIE\n")):
        pieces = [piece[n % len(piece) :][:4] or " " for n in range(PIECES)]
        row(f"{PIECES:,} pieces, {name}", f"{cpu_ms(lambda pieces=pieces: stream(pieces)):.0f} ms")


if __name__ == "__main__":
    main()
