"""The work on a text grows with its length, and on a stream with what is new: counted, not timed."""

from __future__ import annotations

import random
import re
import string
import sys
from re import _parser  # type: ignore[attr-defined]
from typing import Any, cast

import pytest

from ipy_llmtrace.redaction import disguises, named_values, service_values
from ipy_llmtrace.redaction.key_rules import EMBEDDED, gitleaks_rules, key_rules
from ipy_llmtrace.redaction.redacted_stream import RedactedStream
from ipy_llmtrace.redaction.secret import Secret
from ipy_llmtrace.redaction.secret_scan import secrets

CHARS = 20_000
MOST_CALLS_A_CHAR = 8
MOST_MATCH_CHARS = 40_000

PIECES = {
    "curl curl": "curl ",
    "users": "curl -u a:bcde ",
    "names": "password= api_key=a ",
    "names with values": "api_key=abcdef1 ",
    "names without spaces": "password=api_key=secret=",
    "begun OpenAI keys": "sk-proj-",
    "long words": "abcdefghijklmno1 ",
    "dotted words": "SG.abcdefghijklmno1.",
    "assigned words": 'fastly="abcdefghijklmnop1" ',
    "quotes": '\'"\\"',
    "quoted names": '"api_key":"',
    "nested JSON": '{"a": [{"token": ',
    "begun keys": "-----BEGIN PRIVATE KEY-----",
    "begun tokens": "eyJabcdefgh.",
    "users in URLs": "://a:",
    "logins": "login a password ",
    "unseen characters": "a\u200b",
    "colours": "\x1b[31ma",
    "paths of base64": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4/",
}


def calls(text: str) -> int:
    """How many functions, Python's and C's, a search of ``text`` calls."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        secrets(text, {})
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", PIECES)
def test_twice_the_text_is_at_most_twice_the_work(name: str):
    text = PIECES[name] * (CHARS // len(PIECES[name]))
    secrets(text, {})
    once, twice = calls(text), calls(text + text)
    assert twice <= 2.1 * once + 100
    assert once <= MOST_CALLS_A_CHAR * len(text)


def test_random_text_without_spaces_is_no_more_work_than_its_length():
    text = "".join(random.Random(1).choices(string.ascii_letters + string.digits + "=/&?._-:", k=CHARS))
    secrets(text, {})
    assert calls(text + text) <= 2.1 * calls(text) + 100


def patterns() -> list[str]:
    of_modules = [
        value.pattern
        for module in (disguises, named_values, service_values)
        for value in vars(module).values()
        if isinstance(value, re.Pattern)
    ]
    marked = [pattern.pattern for _, _, pattern in named_values._MARKED]
    services = [rule["value"] for rule in gitleaks_rules()["named"]]
    return [*of_modules, *marked, *services, *key_rules().patterns(), EMBEDDED.pattern]


def test_no_pattern_looks_further_than_its_bound():
    # A character class without an end: what nobody sees, which is only ever taken away.
    without_end = {disguises._UNSEEN.pattern}
    parser = cast(Any, _parser)
    widest = {pattern: parser.parse(pattern, re.VERBOSE).getwidth()[1] for pattern in set(patterns()) - without_end}
    assert {pattern for pattern, chars in widest.items() if chars > MOST_MATCH_CHARS} == set()


class Counted:
    """``secrets``, and how many characters it was handed."""

    def __init__(self) -> None:
        self.chars = 0

    def __call__(self, text: str) -> list[Secret]:
        self.chars += len(text)
        return secrets(text, {})


@pytest.mark.parametrize(
    ("piece", "most_chars_a_piece"),
    [("word ", 800), ("word", 800), ("-----BEGIN PRIVATE KEY-----\nMIIE", 1_600), ('{"password": "a b c d e f g h', 1_600)],
)
def test_a_stream_costs_what_its_new_text_costs(piece: str, most_chars_a_piece: int):
    text, find = "", Counted()
    stream = RedactedStream(find, 0)
    for number in range(4_000):
        text += piece[number % len(piece)] * 4 if len(piece) < 6 else piece[4 * number % len(piece) :][:4]
        stream.advance(text)
    assert find.chars <= 4_000 * most_chars_a_piece
