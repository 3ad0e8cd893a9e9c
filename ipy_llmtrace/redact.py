"""Secrets out of whatever is shown, saved or exported.

A key in a prompt, in a header that an error message quotes, or in a tool's arguments would otherwise stay in the notebook
file. Every rule begins with a literal, so that a long text without it (a base64 image, a page of prose) costs one fast
scan, and every repetition is bounded.
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


def _key(kind: str, literal: str, rest: str) -> tuple[str, str, re.Pattern[str]]:
    """A rule for keys that begin with ``literal`` at the start of a word, also right after an escaped line break."""
    escaped = re.escape(literal)
    start = rf"(?:(?<![\w+/-]{escaped})|(?<=\\[nrt]{escaped}))"
    return kind, literal, re.compile(escaped + start + rest, re.ASCII)


_KEYS = (
    (
        "private key",
        "-----BEGIN ",
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]{0,16384}?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"
        ),
    ),
    _key("JWT", "eyJ", r"[\w-]{8,8192}\.eyJ[\w-]{8,16384}\.[\w-]{0,2048}"),
    _key("Anthropic key", "sk-ant-", r"[\w-]{16,256}"),
    _key("API key", "sk-", r"(?=[\w-]{0,255}\d)[A-Za-z0-9][\w-]{15,255}"),
    _key("Google key", "AIza", r"[\w-]{35}(?![\w-])"),
    _key("Groq key", "gsk_", r"[A-Za-z0-9]{20,128}"),
    _key("Hugging Face token", "hf_", r"[A-Za-z0-9]{20,64}(?!\w)"),
    _key("xAI key", "xai-", r"[A-Za-z0-9]{20,128}"),
    _key("GitHub token", "github_pat_", r"\w{22,255}"),
    *(_key("GitHub token", f"gh{letter}_", r"[A-Za-z0-9]{30,255}") for letter in "pousr"),
    *(_key("AWS key id", start, r"[A-Z0-9]{16}(?![\w+/-])") for start in ("AKIA", "ASIA")),
    *(
        _key("Slack token", start, r"[A-Za-z0-9-]{10,256}")
        for start in ("xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "xapp-")
    ),
    ("token", "earer ", re.compile(r"(?P<keep>earer {1,4})(?=[^\s\"']{0,255}\d)[\w.~+/=-]{12,4096}", re.ASCII)),
    ("password", "://", re.compile(r"(?P<keep>://[^\s/?#@:\"'<>]{0,256}:)[^\s/?#@\"'<>]{1,256}(?=@[\w\[])")),
)

_NAMED = r"(?:api[_-]?key|(?:access|private|secret)[_-]?key|authorization|passw(?:or)?d|passphrase|secret)"
_NAME_HINTS = (
    "key",
    "Key",
    "KEY",
    "uthoriz",
    "UTHORIZ",
    "assw",
    "ASSW",
    "assph",
    "ASSPH",
    "ecret",
    "ECRET",
    "oken",
    "OKEN",
)
_NAMED_VALUES = (
    # "api_key": "..." inside a text: a tool's arguments, a quoted request, a dict in an error message.
    re.compile(
        rf"(?P<keep>{_NAMED}(?P<q>\\?[\"']) {{0,2}}[:=] {{0,2}}(?P=q))(?!\[redacted)(?:(?!(?P=q))[^\\\n]|\\[^\"'\n]|\\(?!(?P=q))[\"']){{1,4096}}",
        re.IGNORECASE,
    ),
    # api_key=... in a query, X-Api-Key: ... in a header, TOKEN=... in a shell line; a digit, since code and prose have none.
    re.compile(
        rf"(?P<keep>(?:{_NAMED}|token)\\?[\"']? {{0,2}}[:=] {{0,2}}\\?[\"']?)(?=[\w.~+/-]{{0,255}}\d)[\w.~+/-]{{16,4096}}(?![\w.~+/(\[-])",
        re.IGNORECASE | re.ASCII,
    ),
)

_SECRET_ENDS = tuple(
    "apikey accesskey privatekey secretkey signingkey authorization password passwd passphrase secret credential credentials "
    "cookie token".split()
)
_PLAIN_TOKENS = frozenset(
    "bos cls continuation end eos first last mask max nextpage next pad page prev sep special start stop unk".split()
)
_VARIABLE = re.compile(r"(?:^|_)(?:API)?(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)")
_NO_SECRET_VARIABLE = re.compile(r"_(?:DIR|FILE|NAME|PATH|URI|URL)$")


class Redactor:
    """Replaces secrets by ``[redacted: KIND]``.

    Parameters
    ----------
    environ
        Environment variables. The values of those whose names look like a secret's (``..._KEY``, ``..._TOKEN``, ``..._SECRET``,
        ``..._PASSWORD``) and that have at least 12 characters are replaced wherever they stand.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._on = True
        self._variables = sorted(_secret_variables(environ), key=lambda item: -len(item[1]))

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
        for name, value in self._variables:
            if value in text:
                text = text.replace(value, f"[redacted: {name}]")
        for kind, literal, pattern in _KEYS:
            if literal in text:
                text = pattern.sub(_replacement(kind), text)
        if any(hint in text for hint in _NAME_HINTS):
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
            secret = _names_secret(key, members)
            shown = self.text(key) if isinstance(key, str) else key
            if secret and item and isinstance(item, str):
                redacted[shown] = f"[redacted: {shown}]"
            elif secret and isinstance(item, list):
                redacted[shown] = [
                    f"[redacted: {shown}]" if isinstance(part, str) else self._value(part, level)
                    for part in cast(list[Any], item)
                ]
            else:
                redacted[shown] = self._value(item, level)
        return redacted


def _replacement(kind: str) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        return f"{match.groupdict().get('keep', '')}[redacted: {kind}]"

    return replace


def _secret_variables(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if (
            len(value) >= _MIN_VARIABLE_CHARS
            and _VARIABLE.search(name.upper())
            and not _NO_SECRET_VARIABLE.search(name.upper())
        ):
            yield name, value


def _names_secret(key: Any, members: dict[Any, Any]) -> bool:
    # {"token": " the", "logprob": -0.1} is a piece of a reply.
    return isinstance(key, str) and _is_secret_name(key) and not (key == "token" and "logprob" in members)


@lru_cache(maxsize=4096)
def _is_secret_name(key: str) -> bool:
    name = re.sub(r"[^a-z0-9]", "", key[:200].lower())
    return name.endswith(_SECRET_ENDS) and name.removesuffix("token") not in _PLAIN_TOKENS
