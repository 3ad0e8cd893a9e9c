"""Secrets out of whatever is shown, saved or exported.

A key in a prompt, in a header that an error message quotes, or in a tool's arguments would otherwise stay in the
notebook file. Every rule begins with a literal, so that a long text without it (a base64 image, a page of prose) costs
one fast scan, and every repetition is bounded.

The rules are our own because detect-secrets 1.5.0, the best kept source on PyPI, finds 22 of the 65 secrets in
``tests/corpus`` by its patterns (none of OpenAI's present keys, nor Anthropic's, Google's, Groq's or Hugging Face's), works
on lines of files instead of parts of a text, and takes 40 times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

Json = Any

MAX_LEVELS = 100
"""Values nested deeper than this are replaced by a sentence; Python's stack ends not far beyond."""

TOO_DEEP = f"[nested more than {MAX_LEVELS} levels deep]"

_MIN_VARIABLE_CHARS = 12
_REMEMBERED_CHARS = 1_000


def _key(kind: str, literal: str, rest: str) -> tuple[str, str, re.Pattern[str]]:
    """A rule for keys that begin with ``literal`` at the start of a word, also right after an escaped line break."""
    escaped = re.escape(literal)
    start = rf"(?:(?<![\w+/-]{escaped})|(?<=\\[nrt]{escaped}))"
    return kind, literal, re.compile(escaped + start + rest, re.ASCII)


_KEYS = (
    (
        "private key",
        "-----BEGIN ",
        re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]|-(?!----)){0,16384}(?:-----END [A-Z ]{0,40}KEY-----)?"),
    ),
    _key("JWT", "eyJ", r"[\w-]{8,8192}\.eyJ[\w-]{8,16384}\.[\w-]{0,2048}"),
    _key("Anthropic key", "sk-ant-", r"[\w-]{16,256}"),
    _key("API key", "sk-", r"(?=[\w-]{0,255}\d)[\w-]{16,256}"),
    _key("Google key", "AIza", r"[\w-]{35}(?![\w-])"),
    _key("Groq key", "gsk_", r"[A-Za-z0-9]{20,128}"),
    _key("Hugging Face token", "hf_", r"[A-Za-z0-9]{20,64}(?!\w)"),
    _key("xAI key", "xai-", r"[A-Za-z0-9]{20,128}"),
    _key("GitHub token", "github_pat_", r"\w{22,255}"),
    *(_key("GitHub token", f"gh{letter}_", r"[A-Za-z0-9]{30,255}") for letter in "pousr"),
    *(_key("AWS key id", start, r"[A-Z0-9]{16}(?![\w+/-])") for start in ("AKIA", "ASIA")),
    *(_key("Slack token", f"xox{letter}-", r"[A-Za-z0-9-]{10,256}") for letter in "abeoprs"),
    _key("Slack token", "xapp-", r"[A-Za-z0-9-]{10,256}"),
    _key("Google token", "ya29.", r"[\w-]{20,2048}"),
    _key("Google client secret", "GOCSPX-", r"[\w-]{28}(?![\w-])"),
    _key("Perplexity key", "pplx-", r"[A-Za-z0-9]{32,128}"),
    _key("Replicate token", "r8_", r"[A-Za-z0-9]{37}(?!\w)"),
    _key("Fireworks key", "fw_", r"(?=[A-Za-z]{0,127}\d)[A-Za-z0-9]{20,128}(?!\w)"),
    _key("NVIDIA key", "nvapi-", r"[\w-]{60,128}"),
    _key("Databricks token", "dapi", r"[0-9a-f]{32}(?:-\d)?(?!\w)"),
    _key("Cerebras key", "csk-", r"[a-z0-9]{40,128}"),
    _key("Tavily key", "tvly-", r"(?=[\w-]{0,127}\d)[\w-]{20,128}"),
    _key("LangSmith key", "lsv2_", r"(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    _key("Pinecone key", "pcsk_", r"\w{40,128}"),
    _key("Voyage key", "pa-", r"(?=[\w-]{0,42}\d)[\w-]{43}(?![\w-])"),
    _key("GitLab token", "glpat-", r"[\w-]{20,128}"),
    *(_key("Stripe key", start, r"[A-Za-z0-9]{16,128}") for start in ("sk_live_", "rk_live_", "sk_test_", "rk_test_")),
    _key("SendGrid key", "SG.", r"[\w-]{22}\.[\w-]{43}"),
    _key("npm token", "npm_", r"[A-Za-z0-9]{36}(?!\w)"),
    _key("PyPI token", "pypi-AgE", r"[\w-]{50,512}"),
    _key("DigitalOcean token", "dop_v1_", r"[0-9a-f]{64}"),
    ("secret", "key=", re.compile(r"(?P<keep>[?&]key=)(?=[\w-]{0,255}\d)[\w.~-]{20,256}", re.ASCII)),
    ("token", "earer ", re.compile(r"(?P<keep>earer {1,4})(?=[^\s\"']{0,255}\d)[\w.~+/=-]{12,4096}", re.ASCII)),
    ("password", "://", re.compile(r"(?P<keep>://[^\s/?#@:\"'<>]{0,256}:)[^\s/?#@\"'<>]{1,256}(?=@[\w\[])")),
)

_NAMED = r"(?:api[_-]?key|(?:access|account|private|secret)[_-]?key|authorization|passw(?:or)?d|passphrase|secret)"
_NAME_HINTS = (
    *("api_key", "api-key", "apikey", "access_key", "access-key", "accesskey", "private_key", "private-key", "privatekey"),
    *("account_key", "account-key", "accountkey"),
    *("secret", "authorization", "password", "passwd", "passphrase", "token:", "token=", "token :", "token =", 'token"'),
    *("token'", "token\\"),
)
_NAMED_VALUES = (
    # "api_key": "..." inside a text: a tool's arguments, a quoted request, a dict in an error message.
    re.compile(
        rf"""(?P<keep>{_NAMED}(?P<quote>\\?["'])\ {{0,2}}[:=]\ {{0,2}}(?P=quote))
        (?!\[redacted) (?: (?!(?P=quote)) (?: \\. | [^\\\n] ) ){{1,4096}}""",
        re.IGNORECASE | re.VERBOSE,
    ),
    # api_key=... in a query, X-Api-Key: ... in a header, TOKEN=... in a shell line. Code and prose have few digits there;
    # the second line leaves out what reads as the attribute of an object.
    re.compile(
        rf"""(?P<keep>(?:{_NAMED}|token)\\?["']?\ {{0,2}}[:=]\ {{0,2}}\\?["']?(?:basic\ )?)
        (?!(?-i:(?:[a-z_][a-z_0-9]{{0,30}}\.){{1,8}}[a-z_][a-z_0-9]{{0,60}})(?![\w.~+/-]))
        (?=[\w.~+/-]{{0,255}}\d) [\w.~+/-]{{16,4096}}={{0,2}} (?![\w.~+/(\[-])""",
        re.IGNORECASE | re.ASCII | re.VERBOSE,
    ),
)

_SECRET_ENDS = (
    *("apikey", "accesskey", "privatekey", "secretkey", "signingkey", "token", "secret", "cookie"),
    *("authorization", "password", "passwd", "passphrase", "credential", "credentials"),
)
_PLAIN_TOKENS = frozenset(
    {"bos", "cls", "end", "eos", "first", "last", "mask", "max", "pad", "sep", "special", "start", "stop", "unk"}
    | {"continuation", "next", "nextpage", "page", "prev"}
)
_VARIABLE = re.compile(r"(?:^|_)(?:API)?(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)")
_NO_SECRET_VARIABLE = re.compile(r"_(?:DIR|FILE|NAME|PATH|URI|URL)$")


class Redactor:
    """Replaces secrets by ``[redacted: KIND]``.

    Parameters
    ----------
    environ
        Environment variables. The values of those whose names look like a secret's (``..._KEY``, ``..._TOKEN``,
        ``..._SECRET``, ``..._PASSWORD``) and that have at least 12 characters are replaced wherever they stand.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._on = True
        self._environ = environ
        # An agent sends its history again with every call.
        self._remembered = lru_cache(maxsize=2048)(self._searched)
        self._variables: list[tuple[str, str]] = []
        self.refresh()

    def refresh(self) -> None:
        """Look at the environment again: a notebook often sets its keys after the redactor was made."""
        variables = sorted(_secret_variables(self._environ), key=lambda item: -len(item[1]))
        if variables != self._variables:
            self._variables = variables
            self._remembered.cache_clear()

    @classmethod
    def none(cls) -> Redactor:
        """A redactor that changes nothing."""
        redactor = cls({})
        redactor._on = False
        return redactor

    def text(self, text: str) -> str:
        """``text`` without secrets."""
        if not self._on:
            return text
        return self._remembered(text) if len(text) <= _REMEMBERED_CHARS else self._searched(text)

    def _searched(self, text: str) -> str:
        for name, value in self._variables:
            if value in text:
                text = text.replace(value, f"[redacted: {name}]")
        for kind, literal, pattern in _KEYS:
            if literal in text:
                text = pattern.sub(_replacement(kind), text)
        lower = text.lower()
        if any(hint in lower for hint in _NAME_HINTS):
            for pattern in _NAMED_VALUES:
                text = pattern.sub(_replacement("secret"), text)
        return text

    def value(self, value: Json) -> Json:
        """A copy of a JSON value without secrets; a string under a key that names a secret is replaced whole."""
        return self._value(value, 0) if self._on else value

    def _value(self, value: Json, level: int) -> Json:
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        if level == MAX_LEVELS:
            return TOO_DEEP
        if isinstance(value, dict):
            return self._members(cast(dict[Any, Any], value), level + 1)
        if isinstance(value, list | tuple):
            return [self._value(item, level + 1) for item in cast(list[Any], value)]
        return self.text(str(value))

    def _members(self, members: dict[Any, Any], level: int) -> dict[Any, Any]:
        redacted: dict[Any, Any] = {}
        for key, item in members.items():
            name = self.text(key) if isinstance(key, str) else key
            whole = f"[redacted: {name}]" if _names_secret(key, members) else None
            redacted[name] = self._value(item, level) if whole is None else self._secret(item, level, whole)
        return redacted

    def _secret(self, item: Json, level: int, whole: str) -> Json:
        if isinstance(item, str):
            return whole if item else item
        if isinstance(item, list) and level < MAX_LEVELS:
            return [self._secret(part, level + 1, whole) for part in cast(list[Any], item)]
        # An object: the schema of a parameter named "password", say.
        return self._value(item, level)


def _replacement(kind: str) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        return f"{match.groupdict().get('keep', '')}[redacted: {kind}]"

    return replace


def _secret_variables(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        secret = _VARIABLE.search(name.upper()) and not _NO_SECRET_VARIABLE.search(name.upper())
        if secret and len(value) >= _MIN_VARIABLE_CHARS:
            yield name, value


def _names_secret(key: Any, members: dict[Any, Any]) -> bool:
    # {"token": " the", "logprob": -0.1} is a piece of a reply.
    return isinstance(key, str) and _is_secret_name(key) and not (key == "token" and "logprob" in members)


@lru_cache(maxsize=4096)
def _is_secret_name(key: str) -> bool:
    name = re.sub(r"[^a-z0-9]", "", key[:200].lower())
    return name.endswith(_SECRET_ENDS) and name.removesuffix("token") not in _PLAIN_TOKENS
