"""Values that are secrets because of the name before them, in gitleaks' rules: ``fastly_key = "..."``.

The value has no sign of its own but its alphabet and length, so it is looked at first (a long word with a digit), then the
name before it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from .key_rules import gitleaks_rules
from .secret import Secret

_BEFORE_CHARS = 60
_BEFORE = re.compile(r"""[`'"\s=]{0,5}(?:=|>|=:{1,3}|\|\||:|>=|=\?|,)['"\s]{0,3}(?P<name>[ \t\w.-]{1,45})""", re.ASCII)
"""An assignment and the name before it, backwards."""

_CALL = re.compile(
    r"(?:client(?:v\d)?|openai|anthropic|mistral\w{0,8}|groq|cohere|together|replicate|login|log_in|authenticate|auth"
    r"|set_?(?:api_?)?key|api_?key\w{0,12}|access_?token|bearer)\(\s{0,9}[rub]?[\"']\Z",
    re.ASCII | re.IGNORECASE,
)
"""A call that takes a key as its first argument: ``cohere.Client("...")``."""

_QUOTED = frozenset({"('", '("', "r'", 'r"', "u'", 'u"', "b'", 'b"', " '", ' "', "\n'", '\n"'})
_RANDOM = re.compile(
    r"(?=[A-Za-z_-]{0,63}\d)(?=[^A-Z]{0,63}[A-Z]|[0-9a-f]{32})(?=[^a-z]{0,63}[a-z])[\w-]{20,256}(?=[\"'])", re.ASCII
)
_HEX_KEY = re.compile(r"[0-9a-f]{40}(?![\w-])")
_WANDB = re.compile(r"wandb(?:\.login\(|[ .]login )[^\n]{0,60}\Z")
"""Weights & Biases' keys are as long as a git commit and have its alphabet: ``wandb login ...`` tells."""


class ServiceRule(NamedTuple):
    """A gitleaks rule: names, and the value's pattern."""

    kind: str
    names: re.Pattern[str]
    value: str
    entropy_bits: float


class ServiceRules:
    """gitleaks' rules for named values."""

    def __init__(self) -> None:
        self._rules = [
            ServiceRule(
                rule["kind"], re.compile(rule["names"], re.IGNORECASE | re.ASCII), rule["value"], rule.get("entropy", 0)
            )
            for rule in gitleaks_rules()["named"]
        ]
        self._any = re.compile("|".join(f"(?:{rule.names.pattern})" for rule in self._rules), re.IGNORECASE | re.ASCII)
        self._of_name = lru_cache(maxsize=4096)(self._named)

    def at(self, text: str, start: int) -> Secret | None:
        """The value at ``start``, where a word begins, if a service's name is assigned it."""
        match = _BEFORE.match(text[max(0, start - _BEFORE_CHARS) : start][::-1])
        if match is None:
            return None
        for rule in self._of_name(match["name"]):
            if value := _compiled(rule.value).match(text, start):
                found = value.group()
                digits = sum(character.isdigit() for character in found)
                if 2 <= digits < len(found) and len(set(found)) >= 2**rule.entropy_bits:
                    return Secret(start, value.end(), rule.kind)
        return None

    def _named(self, backwards: str) -> tuple[ServiceRule, ...]:
        name = backwards[::-1]
        return tuple(rule for rule in self._rules if rule.names.search(name)) if self._any.search(name) else ()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@lru_cache(maxsize=1)
def service_rules() -> ServiceRules:
    """The rules, read when first needed."""
    return ServiceRules()


def argument_at(text: str, start: int) -> Secret | None:
    """The key at ``start``, if it is the first argument of a call that takes one."""
    if (
        text[start - 2 : start] in _QUOTED
        and (match := _RANDOM.match(text, start))
        and _CALL.search(text, max(0, start - 40), start)
    ):
        return Secret(start, match.end(), "API key")
    if (match := _HEX_KEY.match(text, start)) and _WANDB.search(text, max(0, start - 80), start):
        return Secret(start, match.end(), "Weights & Biases key")
    return None
