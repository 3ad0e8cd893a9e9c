"""Secrets that are known by what stands before them: ``password: ...``, ``Authorization: Bearer ...``, ``://user:...@``.

Each pattern begins with a literal, so that the scan for it is one fast pass, and every repetition has an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .key_rules import is_words
from .secret import Secret

_NAMED = r"(?:api[_-]?key|(?:access|account|private|secret|subscription)[_-]?key|authorization|passw(?:or)?d|passphrase|secret)"
_HITS = re.compile(
    r"""[apst](?:pi[_-]?key|(?:ccess|ccount|rivate|ecret|ubscription)[_-]?key|uthorization|assw(?:or)?d|assphrase|ecret|oken|wd)
    (?:\\?["']\]?)? (?:\ {0,2}[:=]\*{0,2}\ {0,2}|\ is\ )
    (?=(?P<quoted>\\?["'][^"'\s\\])|[^\s]{0,63}\d)""",
    re.VERBOSE | re.ASCII,
)
"""A name, an assignment, and a value in quotes or with a digit. For lower case: a pattern that takes both is slower by far, and
so is one that does not begin with a set of characters."""

_PARTS_OF_NAMES = ("key", "token", "secret", "passw", "passphrase", "authorization", "pwd")

# After PGPASSWORD= in a shell line or a connection string, or password: in YAML or prose, values are short; not an attribute,
# nor a call, a path, a URL, or the name of an algorithm.
_PASSWORD = r"""(?!\[redacted)
    (?!(?-i:[a-z_]\w{0,60}(?:\.\w|[(\[]))) (?![\w.~-]{0,60}/[\w.-]{1,60}/) (?!\w{1,20}://)
    (?!(?:sha|base64|argon2|pbkdf2|bcrypt|scrypt|varchar|utf)[\d-])
    (?=[^\s&;,"'()`]{0,64}\d) [^\s&;,"'()\[\]{}<>$\\`]{6,256}"""

_PASSWORDS = re.compile(
    rf"""(?P<keep> (?-i:[Pp]assw(?:or)?d)(?:\ {{0,2}}[:=]\*{{0,2}}\ {{0,2}}|\ is\ )`?
      | (?-i:PASSW(?:OR)?D)\ {{0,2}}[:=]\ {{0,2}} | (?<![\w.])pwd=) {_PASSWORD}""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
# "api_key": "..." inside a text: a tool's arguments, a quoted request, a dict in an error message.
_QUOTED = re.compile(
    rf"""(?P<keep>{_NAMED}(?P<quote>\\?["'])\ {{0,2}}[:=]\ {{0,2}}(?P=quote))
    (?!\[redacted|\$?\{{|os\.environ/) (?: (?!(?P=quote)) (?: \\. | [^\\\n] ) ){{1,4096}}""",
    re.IGNORECASE | re.VERBOSE,
)
# password: "..." in YAML and code, a value of letters too; not a placeholder, nor a template.
_QUOTED_PASSWORD = re.compile(
    r"""(?P<keep>passw(?:or)?d\ {0,2}[:=]\ {0,2}(?P<quote>\\?["'])) (?!\[redacted) (?![$<{%*])
    (?![a-z_-]{0,40}(?:password|passwd|required|optional|string)) (?!(?-i:[A-Z_]{1,60})(?P=quote))
    [^\s"'\\]{6,256} (?=(?P=quote))""",
    re.IGNORECASE | re.VERBOSE,
)
# secret_key: ... with a short value that is no word and no name with a number at its end.
_SHORT = re.compile(
    r"""(?P<keep>(?:(?:api|access|private|secret)[_-]?key|(?<=client)secret|(?<=client[_-])secret|passphrase)
    \ {0,2}[:=]\ {0,2}(?:\\?["'])?)
    (?!(?-i:[a-z]{1,40}(?:_[a-z]{1,40}){0,8}_?v?\d{0,4})(?![\w+/=~!@#%^*]))
    (?!your_) (?=[^\d\s]{0,60}\d)(?=[^a-z\s]{0,60}[a-z]) (?P<bare>[\w+/=~!@#%^*]{8,256}) (?![\w.(\[-])""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
# api_key="..." in code, a value of letters too, if it is long and of both cases.
_QUOTED_LETTERS = re.compile(
    rf"""(?P<keep>{_NAMED}(?:["']\])?\ {{0,2}}[:=]\ {{0,2}}(?P<quote>\\?["']))
    (?=(?-i:[^"']{{0,255}}[a-z]))(?=(?-i:[^"']{{0,255}}[A-Z])) [\w.~+/-]{{20,4096}}={{0,2}}(?=(?P=quote))""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
# api_key=... in a query, X-Api-Key: ... in a header, TOKEN=... in a shell line. Code and prose have few digits there;
# the second line leaves out what reads as the attribute of an object, the third placeholders and paths.
_BARE = re.compile(
    rf"""(?P<keep>(?:{_NAMED}|token)\\?["']?\ {{0,2}}[:=]\ {{0,2}}\\?["']?(?:basic\ )?)
    (?!(?-i:(?:[a-z_][a-z_0-9]{{0,30}}\.){{1,8}}[a-z_][a-z_0-9]{{0,60}})(?![\w.~+/-]))
    (?!your[_-]|os\.environ/|(?:/[a-z_-]{{2,20}}){{2}})
    (?=[\w.~+/-]{{0,255}}\d) (?P<bare>[\w.~+/-]{{16,4096}}={{0,2}}) (?![\w.~+/(\[-])""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)

_OF_QUOTED = (
    (_QUOTED, "secret"),
    (_QUOTED_PASSWORD, "secret"),
    (_SHORT, "secret"),
    (_QUOTED_LETTERS, "secret"),
    (_BARE, "secret"),
)
_OF_PASSWORDS = ((_PASSWORDS, "password"), (_SHORT, "secret"), (_BARE, "secret"))
_OF_BARE = ((_SHORT, "secret"), (_BARE, "secret"))

_BLOCKS = (
    (
        "private key",
        "-----BEGIN ",
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----)){0,16384}"
            r"(?:-----END [A-Z ]{0,40}KEY(?: BLOCK)?-----)?"
        ),
    ),
    (
        "private key",
        "PuTTY-User-Key-File-",
        re.compile(
            r"PuTTY-User-Key-File-\d: (?:[\w-]{1,64}(?:\r?\n|(?:\\r)?\\n)"
            r"|[\w-]{1,32}: [^\n\\]{0,256}(?:\r?\n|(?:\\r)?\\n)|[A-Za-z0-9+/=]{1,128}(?:\r?\n|(?:\\r)?\\n)){1,100}"
            r"(?:Private-MAC: [0-9a-f]{0,64})?"
        ),
    ),
)
_MARKED = (
    *_BLOCKS,
    ("secret", "key=", re.compile(r"(?P<keep>[?&]key=)(?=[\w-]{0,255}\d)[\w.~-]{20,256}", re.ASCII)),
    ("token", "earer ", re.compile(r"(?P<keep>earer {1,4})(?=[^\s\"']{0,255}\d)[\w.~+/=-]{12,4096}", re.ASCII)),
    # Letters alone, too, after the name of the header and of a scheme; placeholders are words in capitals.
    (
        "secret",
        "uthorization",
        re.compile(
            r"""(?P<keep>uthorization\\?["']?\ {0,2}[:=]\ {0,2}\\?["']?(?i:bearer|basic|token|api-?key|negotiate|digest)\ )
            (?![A-Z_]{1,256}(?![\w.~+/=-])) [\w.~+/-]{16,4096}={0,2} (?![\w.~+/(\[-])""",
            re.ASCII | re.VERBOSE,
        ),
    ),
    ("cookie", "ookie: ", re.compile(r"(?P<keep>ookie: {1,4}[\w.-]{1,64}=)(?!\[redacted)[^\s;,\"'\\<>{}$]{8,4096}", re.ASCII)),
    ("signature", "sig=", re.compile(r"(?P<keep>[?&]sig=)[\w%.~+/=-]{16,4096}", re.ASCII)),
    (
        "signature",
        "X-",
        re.compile(r"(?P<keep>[?&]X-(?:Amz|Goog)-(?:Signature|Security-Token)=)[\w%.~+/=-]{16,4096}", re.ASCII),
    ),
    ("token", "://", re.compile(r"(?P<keep>://)(?=[A-Za-z-]{0,255}\d)[\w-]{20,256}(?=@[\w\[])", re.ASCII)),
    ("password", "://", re.compile(r"(?P<keep>://[^\s/?#@:\"'<>]{0,256}:)(?!\$?\{)[^\s/?#@\"'<>]{1,256}(?=@[\w\[])")),
    (
        "password",
        "ogin ",
        re.compile(r"(?P<keep>ogin [\w.@+-]{1,128}\s{1,9}(?:account \S{1,128}\s{1,9})?password )[^\s$<{]{4,256}"),
    ),
    ("password", "ogin ", re.compile(r"(?P<keep>ogin [\w.@+-]{1,128}\\n\s{0,9}password )[^\s$<{\\\"']{4,256}")),
    ("webhook", "ooks", re.compile(r"(?P<keep>ooks\.slack\.com/(?:services|workflows|triggers)/)[\w/+]{24,128}", re.ASCII)),
    ("webhook", "ooks", re.compile(r"(?P<keep>ooks/\d{17,20}/)[\w-]{60,80}(?![\w-])", re.ASCII)),
    ("webhook", "webhookb2/", re.compile(r"(?P<keep>webhookb2/)[\w@/-]{60,256}", re.ASCII)),
)

_CURL_CHARS = 512
_CURL_USER = re.compile(r"(?P<keep> (?:-u|--user)[ =]['\"]?[\w.@-]{1,64}:)[^\s'\"$<{]{4,128}")


def named(text: str) -> Iterator[Secret]:
    """The secrets in ``text`` that a name, a header, or a URL tells."""
    for kind, literal, pattern in _MARKED:
        if literal in text:
            group = "keep" if "keep" in pattern.groupindex else 0
            for match in pattern.finditer(text):
                yield Secret(match.end(group) if group else match.start(), match.end(), kind)
    if "curl" in text:
        yield from _curl_users(text)
    lower = _lower(text)
    if any(map(lower.__contains__, _PARTS_OF_NAMES)):
        yield from _assigned(text, lower)


def _assigned(text: str, lower: str) -> Iterator[Secret]:
    done = 0
    for hit in _HITS.finditer(lower):
        start = hit.start()
        if start < done:
            continue
        quoted = hit.end("quoted") > 0
        for pattern, kind in _OF_QUOTED if quoted else _OF_PASSWORDS if lower[start] == "p" else _OF_BARE:
            match = pattern.match(text, start)
            if match is not None and not (pattern.groups > 1 and is_words(match.groupdict().get("bare") or "")):
                done = match.end()
                yield Secret(match.end("keep"), done, kind)
                break


def _curl_users(text: str) -> Iterator[Secret]:
    for match in _CURL_USER.finditer(text):
        start = text.rfind("curl", max(0, match.start() - _CURL_CHARS), match.start())
        if start >= 0 and "\n" not in text[start : match.start()]:
            yield Secret(match.end("keep"), match.end(), "password")


def _lower(text: str) -> str:
    # The one character whose lower case is longer.
    return (text.replace("İ", "I") if not text.isascii() else text).lower()
