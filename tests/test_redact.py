"""Secrets are found where they stand, and nothing else is."""

from __future__ import annotations

import base64
import hashlib
import random
import uuid
from typing import Any

import pytest

from ipy_llmtrace.redact import MAX_LEVELS, TOO_DEEP, Redactor

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


def test_text_made_to_slow_the_patterns_down_comes_back():
    for piece in (
        "sk-",
        "eyJ",
        "eyJa.",
        "-----BEGIN PRIVATE KEY-----",
        "earer ",
        "://a:",
        "password",
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
