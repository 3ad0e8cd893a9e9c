"""Secrets out of whatever is shown, saved or exported.

A key in a prompt, in a header that an error message quotes, or in a tool's arguments would otherwise stay in the
notebook file. What is known by its form is in `secret_forms`; what is known by its name, or because the environment holds it,
is found here.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote, quote_plus

from .secret_patterns import KEYS, NAME_HINTS, NAMED_VALUES

Json = Any

MAX_LEVELS = 100
"""Values nested deeper than this are replaced by a sentence; Python's stack ends not far beyond."""

TOO_DEEP = f"[nested more than {MAX_LEVELS} levels deep]"

_MIN_VARIABLE_CHARS = 12
_REMEMBERED_CHARS = 1_000

_COLOURS = re.compile(
    r"(?:\x1b|\\x1b|\\u001b|\\033|\\e)\[[\d;:]{0,32}[A-Za-z]|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)", re.IGNORECASE
)
_ESCAPES = ("\x1b", "\\x1b", "\\x1B", "\\u001b", "\\u001B", "\\033", "\\e[")
"""A terminal's sequences, raw or escaped: they stand before a key, or in the midst of one, and vanish where it is shown."""

_BREAK = re.compile(r"[\s\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uff01-\uff65]")
"""What no secret has in it: white space, and the characters of scripts that do without."""

_BASE64 = re.compile(r"(?:data:[\w/+.;=-]{1,200};base64,)?[A-Za-z0-9+/]+={0,2}", re.ASCII)
"""Nothing but base64: an image, say. Each form of a key needs a sign or the end of a word, which it has none of inside; to look
for them all takes a tenth of a second a megabyte."""

_SECRET_ENDS = (
    *("apikey", "accesskey", "privatekey", "secretkey", "signingkey", "subscriptionkey", "token", "secret", "cookie"),
    *("authorization", "password", "passwd", "passphrase", "credential", "credentials"),
)
_PLAIN_TOKENS = frozenset(
    {"bos", "cls", "end", "eos", "first", "last", "mask", "max", "pad", "sep", "special", "start", "stop", "unk"}
    | {"continuation", "next", "nextpage", "page", "prev"}
)
_VARIABLE = re.compile(r"(?:^|_)(?:API)?(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)")
_HEADER = re.compile(r"(?:proxy-)?authorization|(?:set-)?cookie|(?:[\w-]{1,60}-)?(?:api-key|token|secret)", re.IGNORECASE)
_NAMES_OF_PAIRS = ("name", "key", "header")
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
        self._names: dict[str, str] = {}
        self._values: list[str] = []
        self.generation = 0
        """Grows by one whenever other secrets are known: what was redacted before may hold them."""
        self.refresh()

    @classmethod
    def of_process(cls) -> Redactor:
        """The one that knows what the environment of this process holds, and what it has held."""
        redactor = _of_process()
        redactor.refresh()
        return redactor

    def refresh(self) -> None:
        """Look at the environment again: a notebook often sets its keys after the redactor was made, and what it has unset
        is a secret still."""
        found = dict(_secret_variables(self._environ))
        if found.keys() <= self._names.keys():
            return
        self._names = {**found, **self._names}
        self._values = sorted(self._names, key=len, reverse=True)
        self.generation += 1
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

    def settled(self, text: str) -> str:
        """The beginning of a text that is still coming, up to where a secret may be half there."""
        if not self._on:
            return text
        end = len(text)
        while end > 0 and not _BREAK.match(text, end - 1):
            end -= 1
        text = text[:end]
        for value in self._values:
            # A passphrase with spaces: one of its beginnings may be the end of what there is.
            begun = (n for n in range(min(len(value) - 1, len(text)), 0, -1) if text.endswith(value[:n]))
            if _BREAK.search(value) and (length := next(begun, 0)):
                return text[:-length]
        return text

    def _searched(self, text: str) -> str:
        if any(escape in text for escape in _ESCAPES):
            plain = _COLOURS.sub("", text)
            shown = self._replaced(plain)
            if shown != plain:
                return shown
        return self._replaced(text)

    def _replaced(self, text: str) -> str:
        for value in self._values:
            if value in text:
                text = text.replace(value, f"[redacted: {self._names[value]}]")
        if len(text) > _REMEMBERED_CHARS and _BASE64.fullmatch(text):
            return text
        for kind, literal, pattern in KEYS:
            if literal in text:
                text = pattern.sub(_replacement(kind), text)
        lower = text.lower()
        if any(hint in lower for hint in NAME_HINTS):
            for pattern in NAMED_VALUES:
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
            return self._items(list(cast(list[Any], value)), level + 1)
        return self.text(str(value))

    def _items(self, items: list[Any], level: int) -> list[Any]:
        match items:
            case [str() as name, str() as value] if value and _HEADER.fullmatch(name):
                return [name, f"[redacted: {name}]"]
            case _:
                return [self._value(item, level) for item in items]

    def _members(self, members: dict[Any, Any], level: int) -> dict[Any, Any]:
        redacted: dict[Any, Any] = {}
        paired = next((members[key] for key in _NAMES_OF_PAIRS if _names_secret(members.get(key), members)), None)
        for key, item in members.items():
            name = self.text(key) if isinstance(key, str) else key
            secret = paired if paired is not None and key == "value" else name if _names_secret(key, members) else None
            whole = f"[redacted: {secret}]" if secret is not None else None
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


@lru_cache(maxsize=1)
def _of_process() -> Redactor:
    return Redactor(os.environ)


def _secret_variables(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The values, in each way in which they are written, and the names of their variables."""
    for name, value in environ.items():
        secret = _VARIABLE.search(name.upper()) and not _NO_SECRET_VARIABLE.search(name.upper())
        if secret and len(value) >= _MIN_VARIABLE_CHARS:
            escaped = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]
            for form in (value, *escaped, quote(value, safe=""), quote_plus(value)):
                yield form, name


def _names_secret(key: Any, members: dict[Any, Any]) -> bool:
    # {"token": " the", "logprob": -0.1} is a piece of a reply.
    return isinstance(key, str) and _is_secret_name(key) and not (key == "token" and "logprob" in members)


@lru_cache(maxsize=4096)
def _is_secret_name(key: str) -> bool:
    name = re.sub(r"[^a-z0-9]", "", key[:200].lower())
    return name.endswith(_SECRET_ENDS) and name.removesuffix("token") not in _PLAIN_TOKENS
