"""Secrets are found where they stand, and nothing else is."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import uuid
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.guard import say
from ipy_llmtrace.redaction.redactor import MAX_LEVELS, TOO_DEEP, Redactor
from ipy_llmtrace.trace.span import Span

# Put together here, so that no scanner takes this file for a leak.
LETTERS = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3gH5"
SECRETS = {
    "API key": ["sk-" + LETTERS, "sk-proj-" + LETTERS + "_x-" + LETTERS],
    "Anthropic key": ["sk-ant-api03-" + LETTERS],
    "Google key": ["AI" + "za" + LETTERS[:35]],
    "Groq key": ["gsk_" + LETTERS],
    "Hugging Face token": ["hf_" + LETTERS],
    "xAI key": ["xai-" + LETTERS],
    "GitHub token": ["ghp_" + LETTERS, "github_pat_" + LETTERS],
    "AWS key id": ["AK" + "IA" + "ABCDEFGHIJ234567"],
    "Slack token": ["xo" + "xb-" + LETTERS],
    "JWT": [".".join(["eyJ" + LETTERS, "eyJ" + LETTERS, LETTERS])],
    "private key": [f"-----BEGIN RSA PRIVATE KEY-----\n{LETTERS}\n-----END RSA PRIVATE KEY-----"],
}

redact = Redactor({})


@pytest.mark.parametrize(("kind", "secret"), [(kind, secret) for kind, found in SECRETS.items() for secret in found])
def test_a_providers_key_is_found_wherever_it_stands(kind: str, secret: str):
    surroundings = ["{}", "use {}, please", "key={}", '{{"x": "{}"}}', "({})", "line\n{}\nline", r"a\n{}\n", "`{}`"]
    for around in surroundings:
        assert redact.text(around.format(secret)) == around.format(f"[redacted: {kind}]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abcdef123456789", "Authorization: Bearer [redacted: token]"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZDE=", "Authorization: Basic [redacted: secret]"),
        ("postgres://ann:hunter2@db:5432/x", "postgres://ann:[redacted: password]@db:5432/x"),
        ("https://x.io/v1?api_key=abcdef0123456789&b=1", "https://x.io/v1?api_key=[redacted: secret]&b=1"),
        ("The password is hunter2. Enter", "The password is [redacted: password] Enter"),
        ("X-Api-Key: abcdef0123456789", "X-Api-Key: [redacted: secret]"),
        ("export HUB_TOKEN='abcdef0123456789'", "export HUB_TOKEN='[redacted: secret]'"),
        ('{"user": "ann", "password": "hunter2"}', '{"user": "ann", "password": "[redacted: secret]"}'),
        ("{'api_key': 'a\\'b', 'n': 1}", "{'api_key': '[redacted: secret]', 'n': 1}"),
        (r'"{\"client_secret\": \"x y\", \"n\": 1}"', r'"{\"client_secret\": \"[redacted: secret]\", \"n\": 1}"'),
    ],
)
def test_named_secrets_inside_a_text_are_found_and_their_names_stay(text: str, expected: str):
    assert redact.text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        str(uuid.UUID(int=2**127 + 12345)),
        hashlib.sha1(b"commit").hexdigest(),
        hashlib.sha256(b"layer").hexdigest(),
        "The bearer of this letter, the secret: nothing. A token of thanks; ask-me-anything-about-2024-or-later",
        "pip install scikit-learn==1.5.2 risk-adjusted-return-on-capital-2025",
        'api_key = os.environ["OPENAI_API_KEY"]',
        "token = tokenizer.encode_batch2(text)",
        '{"max_tokens": 4096, "prompt_tokens": 1204, "total_tokens": 12345678901234567890}',
        '{"type": "object", "properties": {"password": {"type": "string"}}, "required": ["password"]}',
        "https://example.org:8080/path@2x.png and mail ann@example.org",
        "tr-" + "0123456789abcdef" * 2,
    ],
)
def test_what_is_no_secret_is_left_alone(text: str):
    assert redact.text(text) == text


def test_base64_is_left_alone():
    rng = random.Random(0)
    for _ in range(20):
        image = "data:image/png;base64," + base64.b64encode(rng.randbytes(50_000)).decode()
        assert redact.text(image) == image


def test_in_base64_what_the_environment_holds_is_found_and_beside_it_every_key():
    known = Redactor({"MY_TOKEN": "Zm9vYmFyYmF6"})
    image = f"data:image/png;base64,{'iVBOR' * 300}Zm9vYmFyYmF6{'AAAA' * 300}=="
    assert "Zm9vYmFyYmF6" not in known.text(image)
    for key in ("AKIAIOSFODNN7EXAMPLE", "sk-proj-" + "Ab1" * 12):
        for text in (f"{'AAAA' * 300} {key}", f"{key} {'AAAA' * 300}", f"data:image/png;base64,{'AAAA' * 300}, {key}"):
            assert key not in known.text(text)


def test_text_made_to_slow_the_patterns_down_comes_back():
    for piece in (
        "sk-",
        "eyJ",
        "eyJa.",
        "-----BEGIN PRIVATE KEY-----",
        "earer ",
        "://a:",
        "password",
        "password: /",
        "password: a",
        "secret_key: a",
        "secret_key: a_",
        'token="',
        '"api_key": "',
    ):
        redact.text(piece * 20_000)


def test_strings_under_a_secrets_name_are_replaced_whole():
    value = {
        "api_key": "abc",
        "headers": {"X-Api-Key": "abc", "Authorization": ["abc", "def"], "Content-Type": "json"},
        "clientSecret": "abc",
        "github_token": "abc",
        "password": None,
        "secret": "",
    }
    assert redact.value(value) == {
        "api_key": "[redacted: api_key]",
        "headers": {
            "X-Api-Key": "[redacted: X-Api-Key]",
            "Authorization": ["[redacted: Authorization]", "[redacted: Authorization]"],
            "Content-Type": "json",
        },
        "clientSecret": "[redacted: clientSecret]",
        "github_token": "[redacted: github_token]",
        "password": None,
        "secret": "",
    }


@pytest.mark.parametrize(
    "value",
    [
        {"max_tokens": 5, "prompt_tokens": 3, "total_tokens": 8, "token_count": "8", "max_token": "4"},
        {"eos_token": "<eos>", "next_page_token": "p2", "stop_token": "."},
        {"content": [{"token": " the", "logprob": -0.1, "bytes": [32]}]},
        {"properties": {"password": {"type": "string", "description": "The user's"}}, "required": ["password"]},
        {"key": "value", "keys": ["a"], "secret_santa": "ann"},
    ],
)
def test_names_that_only_look_like_a_secrets_are_left_alone(value: dict[str, Any]):
    assert redact.value(value) == value


def test_values_of_secret_environment_variables_are_found_anywhere():
    environ = {
        "MY_SERVICE_KEY": "correct horse battery",
        "DB_PASSWORD": "correct horse",
        "SHORT_TOKEN": "short",
        "SSH_KEY_PATH": "/home/ann/.ssh/id",
        "EDITOR": "visual studio code",
        "KEYBOARD": "international",
    }
    text = "correct horse battery, correct horse; short; /home/ann/.ssh/id; visual studio code; international"
    assert Redactor(environ).text(text) == (
        "[redacted: MY_SERVICE_KEY], [redacted: DB_PASSWORD]; short; /home/ann/.ssh/id; visual studio code; international"
    )


def test_a_variables_value_is_found_in_each_way_of_writing_it():
    value = 'correct "horse"\n& staple'
    redactor = Redactor({"DB_PASSWORD": value})
    for written in (value, json.dumps({"x": value}), repr([value]), quote(value, safe=""), quote_plus(value)):
        shown = redactor.text(written)
        assert "[redacted: DB_PASSWORD]" in shown
        assert "staple" not in shown


def test_what_the_environment_has_held_stays_a_secret():
    environ = {"MY_SERVICE_KEY": "correct horse battery"}
    redactor = Redactor(environ)
    environ["MY_SERVICE_KEY"] = "another horse altogether"
    redactor.refresh()
    del environ["MY_SERVICE_KEY"]
    redactor.refresh()
    text = "correct horse battery, another horse altogether"
    assert redactor.text(text) == "[redacted: MY_SERVICE_KEY], [redacted: MY_SERVICE_KEY]"


def test_headers_and_fields_that_are_pairs_are_found_by_their_names():
    value = {
        "headers": [["Authorization", "Basic abc"], ("X-Api-Key", "abc"), ["Accept", "json"]],
        "fields": [
            {"name": "password", "value": "hunter2"},
            {"key": "client_secret", "value": "abc"},
            {"name": "q", "value": "a"},
        ],
        "required": ["password", "email"],
        "parameters": {"name": "password", "type": "string"},
    }
    assert redact.value(value) == {
        "headers": [["Authorization", "[redacted: Authorization]"], ["X-Api-Key", "[redacted: X-Api-Key]"], ["Accept", "json"]],
        "fields": [
            {"name": "password", "value": "[redacted: password]"},
            {"key": "client_secret", "value": "[redacted: client_secret]"},
            {"name": "q", "value": "a"},
        ],
        "required": ["password", "email"],
        "parameters": {"name": "password", "type": "string"},
    }


def test_colours_stay_where_there_is_no_secret():
    coloured = "\x1b[31mred\x1b[0m [key] \\u001b[1mbold"
    assert redact.text(coloured) == coloured


PIECES = [
    "the key is sk-" + LETTERS + " and that is all",
    'password: "correct horse battery"\nAuthorization: Bearer ' + LETTERS + "\n",
    f"-----BEGIN PRIVATE KEY-----\n{LETTERS}\n{LETTERS}\n-----END PRIVATE KEY-----\nafter",
    "log in with correct horse battery today",
    "密钥：sk-" + LETTERS + "，请保密。谢谢",
]


@pytest.mark.parametrize("text", PIECES)
@pytest.mark.parametrize("size", [1, 3, 7])
def test_no_part_of_a_secret_is_shown_of_a_text_that_comes_in_pieces(text: str, size: int):
    redactor = Redactor({"DB_PASSPHRASE_SECRET": "correct horse battery"})
    stream = redactor.stream()
    for end in range(0, len(text) + 1, size):
        stream.advance(text[:end])
        assert not any(part in stream.shown for part in (LETTERS[:6], "correct", "horse", "battery"))


def test_a_text_that_comes_in_pieces_is_shown_as_far_as_its_words_and_characters_are_whole():
    for text, shown in [
        ("one two thr", "one two "),
        ("天空是蓝色的 because", "天空是蓝色的 "),
        ("天空是蓝", "天空是蓝"),
        ("", ""),
    ]:
        stream = redact.stream()
        stream.advance(text)
        assert stream.shown == shown
    everything = Redactor.none().stream()
    everything.advance("one two thr")
    assert everything.shown == "one two thr"


def test_what_a_notebook_prints_of_us_has_no_secret(capsys: pytest.CaptureFixture[str]):
    secret = "sk-" + LETTERS
    said = {"message": f"wrong key {secret}", "model": secret, "type": secret}
    span = Span("1", "tr-1", None, secret, 0, end_ns=1, status="error", **said)
    trace = CellTrace.of([span], "3")
    say(f"llmtrace: it failed with {secret}")
    printed = [str(trace), repr(trace), trace.to_html(), repr(span), trace.to_frame().to_string(), capsys.readouterr().err]
    assert [secret in text for text in printed] == [False] * 6
    assert sum("[redacted: API key]" in text for text in printed) == 5
    assert trace.spans[0].message.endswith(secret)


def test_secrets_in_keys_and_tuples_and_foreign_objects_are_found():
    secret = "sk-" + LETTERS

    class Foreign:
        def __str__(self) -> str:
            return secret

    kind = "[redacted: API key]"
    assert redact.value({secret: (secret, Foreign()), 1: True}) == {kind: [kind, kind], 1: True}


def test_values_are_cut_where_they_nest_too_deep():
    value: Any = "bottom"
    for _ in range(5_000):
        value = [value]
    cut = redact.value(value)
    for _ in range(MAX_LEVELS):
        cut = cut[0]
    assert cut == TOO_DEEP


def test_redaction_can_be_switched_off():
    off = Redactor.none()
    assert off.text("sk-" + LETTERS) == "sk-" + LETTERS
    assert off.value({"password": "hunter2"}) == {"password": "hunter2"}


def test_redaction_changes_nothing_that_is_redacted():
    for secrets in SECRETS.values():
        once = redact.text(f'{{"api_key": "{secrets[0]}", "note": "{secrets[0]}"}}')
        assert redact.text(once) == once
