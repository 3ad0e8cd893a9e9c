"""gitleaks' rules as this package has them, and the script that converts them."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from ipy_llmtrace.redaction.gitleaks.convert import LEFT_OUT, convert
from ipy_llmtrace.redaction.key_rules import gitleaks_rules

NAMED = (
    r"""(?i)[\w.-]{0,50}?(?:acme)(?:[ \t\w.-]{0,20})[\s'"]{0,3}"""
    r"""(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}([a-z0-9]{32})(?:[\x60'"\s;]|\\[nr]|$)"""
)
CONFIG = r"""
[[rules]]
id = "a-key"
regex = '''\b(ak[12]_(?i)[a-z0-9]{20,})(?:[\x60'"\s;]|\\[nr]|$)'''
entropy = 3
keywords = ["ak"]

[[rules]]
id = "a-token"
regex = '''NAMED'''
keywords = ["acme"]

[[rules]]
id = "an-alphabet"
regex = '''pat[[:alnum:]]{14}(?:[^\w-]|\z)'''
keywords = ["pat"]

[[rules]]
id = "a-client-id"
regex = '''id_[0-9]{16}'''
keywords = ["id_"]

[[rules]]
id = "of-a-file"
path = '''\.php$'''
regex = '''x'''
keywords = ["x"]

[[rules]]
id = "jwt"
regex = '''x'''
keywords = ["ey"]
"""


def test_patterns_of_re2_are_converted_and_identifiers_are_left_out():
    rules = convert(tomllib.loads(CONFIG.replace("NAMED", NAMED)), "v1")
    assert rules["keys"] == [
        {
            "kind": "a key",
            "entropy": 3,
            "pattern": r"(ak[12]_(?i:[a-z0-9]{20,4096}))(?![\w-])",
            "literals": ["ak1_", "ak2_"],
        },
        {"kind": "an alphabet", "pattern": r"pat[A-Za-z0-9]{14}(?![\w-])", "literals": ["pat"]},
    ]
    assert rules["named"] == [{"kind": "a token", "names": "(?:acme)", "value": r"(?i:([a-z0-9]{32})(?![\w-]))"}]


def test_the_rules_of_the_package_are_whole_and_have_their_licence():
    rules = gitleaks_rules()
    assert len(rules["keys"]) > 100
    assert len(rules["named"]) > 80
    assert not {name.replace("-", " ") for name in LEFT_OUT} & {rule["kind"] for rule in rules["keys"]}
    assert "Permission is hereby granted" in files("ipy_llmtrace.redaction.gitleaks").joinpath("LICENSE").read_text()
