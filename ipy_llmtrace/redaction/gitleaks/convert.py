"""Converts gitleaks' configuration to the rules in ``rules.json``.

Run it when gitleaks has a new release, and commit what it writes::

    python -m ipy_llmtrace.redaction.gitleaks.convert PATH VERSION

``PATH`` is ``config/gitleaks.toml`` of gitleaks, or a gitleaks program, which has that file inside. The rules are
written for Go's RE2 and for files of source code; here they become patterns for Python's ``re`` that begin at a known place:

- a *key* begins with a fixed text (``ghp_``), or has a form that nothing else has, and is tried where a long word begins;
- a *named value* follows the name of a service and an assignment (``fastly_key = ...``), and is tried on the value.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from itertools import product
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, cast

sre, parser = cast(Any, _constants), cast(Any, _parser)

LEFT_OUT = {
    "generic-api-key": "its false alarms need gitleaks' list of 1,500 words; named_values.py has the names",
    "curl-auth-header": "named_values.py finds headers wherever they stand",
    "curl-auth-user": "named_values.py",
    "facebook-access-token": "begins with digits, and only counts in a file that speaks of Facebook",
    "hashicorp-tf-password": "named_values.py finds every password",
    "jwt": "key_rules.py",
    "jwt-base64": "disguises.py decodes base64",
    "kubernetes-secret-yaml": "matches a whole file",
    "microsoft-teams-webhook": "key_rules.py",
    "private-key": "key_rules.py, also of a text that ends within the key",
    "sidekiq-sensitive-url": "named_values.py finds every password in a URL",
    "slack-webhook-url": "key_rules.py",
    "sourcegraph-access-token": "one of its forms is any git commit; key_rules.py has the other",
}
_NO_SECRETS = re.compile(r"-(?:client-id|access-id|user-api-id|public-key|pub-key|pub-api-key|browser-api-token)$")
"""Rules for identifiers that a page or a request shows to everybody."""

_OPERATOR = r"""(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}"""
_NAMED = re.compile(
    r"^(?:\(\?i\))?\[\\w\.-\]\{0,50\}\?(?:\(\?i:\[\\w\.-\]\{0,50\}\?)?(?P<names>\(\?:.+?\))"
    + re.escape(r"""(?:[ \t\w.-]{0,20})[\s'"]{0,3}""")
    + r"\)?"
    + re.escape(_OPERATOR)
    + r"(?P<value>.+)$"
)
_END = r"""(?:[\x60'"\s;]|\\[nr]|$)"""
_WORD_END = r"(?![\w-])"
"""A rule's end. gitleaks wants a quote or white space there; in prose a full stop or a bracket may follow."""

_BOUNDS = ((r"\{(\d+),\}", r"{\1,4096}"), (r"(?<=[\]d])\+", "{1,256}"), (r"(?<=[\]d])\*", "{0,256}"))
"""No repetition without an end: the work on a key must not grow with what follows it."""

_MOST_LITERALS = 12


def convert(config: dict[str, Any], version: str) -> dict[str, Any]:
    """The rules as data: ``keys`` with the literals that they begin with, ``named`` with their names.

    Raises
    ------
    re.error
        If a pattern uses what Python has not: the script has to learn it, or the rule to be left out.
    """
    keys: list[dict[str, Any]] = []
    named: list[dict[str, Any]] = []
    for rule in config["rules"]:
        identity = rule["id"]
        if identity in LEFT_OUT or "path" in rule or _NO_SECRETS.search(identity):
            continue
        for pattern in _alternatives(rule["regex"]):
            found: dict[str, Any] = {"kind": identity.replace("-", " ")}
            if "entropy" in rule:
                found["entropy"] = rule["entropy"]
            if match := _NAMED.match(pattern):
                ignore_case = pattern.startswith("(?i)")
                found["names"] = _python(match["names"])
                found["value"] = _python(("(?i)" if ignore_case else "") + match["value"])
                named.append(found)
            else:
                found["pattern"] = _python(pattern)
                found["literals"] = _literals(found["pattern"])
                keys.append(found)
    return {"source": f"gitleaks {version}, config/gitleaks.toml", "licence": "MIT, see LICENSE", "keys": keys, "named": named}


def _alternatives(pattern: str) -> list[str]:
    # The one rule that is both (Atlassian's): what follows the first end is a key of its own.
    named, bar, key = pattern.partition(_END + "|")
    return [named + _END, key] if bar and _OPERATOR in named else [pattern]


def _python(pattern: str) -> str:
    """An RE2 pattern as one of Python's, without a condition on what comes before it."""
    pattern = pattern.replace("[[:alnum:]]", "[A-Za-z0-9]").replace(r"\z", r"\Z")
    for end in (_END.replace("$", r"$|\b"), _END, r"(?:[^\w-]|\Z)", r"(?:[^a-zA-Z0-9+/]|\Z)"):
        pattern = pattern.replace(end, _WORD_END)
    pattern = re.sub(r"\\b$", lambda _: _WORD_END, pattern)
    for unbounded, bounded in _BOUNDS:
        pattern = re.sub(unbounded, bounded, pattern)
    ignore_case = pattern.startswith("(?i)")
    pattern = re.sub(r"^(?:\(\?i\))?(?:\\b)?", "", pattern).replace(r"(\b(", "((")
    pattern = _scoped(pattern)
    pattern = f"(?i:{pattern})" if ignore_case else pattern
    re.compile(pattern)
    return pattern


def _scoped(pattern: str) -> str:
    """A flag within a pattern holds to the end of its group in RE2; Python wants a group of its own."""
    while (start := pattern.find("(?i)")) >= 0:
        depth, end, in_class = 0, start + 4, False
        while end < len(pattern) and (depth > 0 or pattern[end] != ")"):
            character = pattern[end]
            if character == "\\":
                end += 1
            elif in_class:
                in_class = character != "]"
            else:
                in_class = character == "["
                depth += {"(": 1, ")": -1}.get(character, 0)
            end += 1
        pattern = f"{pattern[:start]}(?i:{pattern[start + 4 : end]}){pattern[end:]}"
    return pattern


def _literals(pattern: str) -> list[str]:
    """The texts one of which each match begins with, in the case in which they are written; none if there are too many."""
    found, _ = _beginnings(parser.parse(pattern))
    return sorted(set(found)) if all(len(literal) >= 2 for literal in found) else []


def _beginnings(items: Any) -> tuple[list[str], bool]:
    """The literal beginnings of a parsed pattern, and whether they are the whole of it."""
    found = [""]
    for operation, argument in items:
        if operation is sre.LITERAL:
            parts, whole = [chr(argument)], True
        elif operation is sre.SUBPATTERN:
            parts, whole = _beginnings(argument[3])
        elif operation is sre.BRANCH:
            branches = [_beginnings(branch) for branch in argument[1]]
            parts, whole = [part for branch, _ in branches for part in branch], all(whole for _, whole in branches)
        elif operation is sre.IN and len(argument) <= 4 and all(kind is sre.LITERAL for kind, _ in argument):
            parts, whole = [chr(code) for _, code in argument], True
        else:
            return found, False
        if len(found) * len(parts) > _MOST_LITERALS:
            return found, False
        found = ["".join(pair) for pair in product(found, parts)]
        if not whole:
            return found, False
    return found, True


def read(path: Path) -> dict[str, Any]:
    """gitleaks' configuration from its file, or from a gitleaks program."""
    data = path.read_bytes()
    if not data.startswith(b"\x7fELF"):
        return tomllib.loads(data.decode())
    start = data.index(b"# This file has been auto-generated. Do not edit manually.")
    last_rule = list(re.finditer(rb'\n\[\[rules\]\]\nid = "[^"]+"\n(?:[a-zA-Z]+ = [^\n]*\n)+', data[start:]))[-1]
    return tomllib.loads(data[start : start + last_rule.end()].decode())


def main() -> None:
    path, version = sys.argv[1:]
    target = Path(__file__).with_name("rules.json")
    rules = convert(read(Path(path)), version)
    target.write_text(json.dumps(rules, indent=1) + "\n")
    print(f"{target}: {len(rules['keys'])} keys, {len(rules['named'])} named values")


if __name__ == "__main__":
    main()
