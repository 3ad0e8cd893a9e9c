"""Secrets out of whatever is shown, saved or exported.

A key in a prompt, in a header that an error message quotes, or in a tool's arguments would otherwise stay in the
notebook file. `secret_scan` finds them in a text; here are those that the environment holds, and those that stand in a JSON
value under a name that tells.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote, quote_plus

from .redacted_stream import RedactedStream
from .secret import Secret, replaced

Json = Any

MAX_LEVELS = 100
"""Values nested deeper than this are replaced by a sentence; Python's stack ends not far beyond."""

TOO_DEEP = f"[nested more than {MAX_LEVELS} levels deep]"

_MIN_VARIABLE_CHARS = 12
_REMEMBERED_CHARS = 1_000

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

    def stream(self) -> RedactedStream:
        """Follows a text that grows, with the secrets that are known now."""
        if not self._on:
            return RedactedStream(None, self.generation)
        return RedactedStream(self._secrets, self.generation, [value for value in self._names if any(map(str.isspace, value))])

    def _secrets(self, text: str) -> list[Secret]:
        # Its patterns are compiled when it is imported, which would be a tenth of what %load_ext takes.
        from .secret_scan import secrets

        return secrets(text, self._names)

    def _searched(self, text: str) -> str:
        return replaced(text, self._secrets(text))

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
