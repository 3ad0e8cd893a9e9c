"""The forms in which secrets stand in texts.

Every rule begins with a literal, so that a long text without it (a base64 image, a page of prose) costs one fast scan, and
every repetition is bounded.

The rules are our own because detect-secrets 1.5.0, the best kept source on PyPI, finds 22 of the 65 secrets in
``tests/corpus`` by its patterns (none of OpenAI's present keys, nor Anthropic's, Google's, Groq's or Hugging Face's), works
on lines of files instead of parts of a text, and takes 40 times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property


class Form:
    """A regular expression, compiled when it is first looked for: most never are, and all of them are a tenth of what
    ``%load_ext`` takes.

    Parameters
    ----------
    pattern, flags
        As for ``re.compile``.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._pattern = pattern
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern, self._flags)

    def sub(self, replacement: Callable[[re.Match[str]], str], text: str) -> str:
        """As ``re.Pattern.sub``."""
        return self._compiled.sub(replacement, text)


Rule = tuple[str, str, Form]
"""What is found, a literal without which it is not there, and its form; of a group ``keep`` the text stays."""


def _key(kind: str, literal: str, rest: str) -> Rule:
    """A rule for keys that begin with ``literal`` at the start of a word, also right after an escaped character (``\\n``,
    ``\\u0022``, ``%22``)."""
    escaped = re.escape(literal)
    start = rf"(?:(?<![\w+/-]{escaped})|(?<=\\[nrt]{escaped})|(?<=\\u[0-9a-fA-F]{{4}}{escaped})|(?<=%[0-9A-F]{{2}}{escaped}))"
    return kind, literal, Form(escaped + start + rest, re.ASCII)


# After PGPASSWORD= in a shell line or a connection string, or password: in YAML or prose, values are short; not an attribute,
# nor a call, a path, a URL, or the name of an algorithm.
_PASSWORD = r"""(?!\[redacted)
    (?![a-z_]\w{0,60}(?:\.\w|[(\[])) (?![\w.~-]{0,60}/[\w.-]{1,60}/) (?!\w{1,20}://)
    (?!(?i:sha|base64|argon2|pbkdf2|bcrypt|scrypt|varchar|utf)[\d-])
    (?=[^\s&;,"'()`]{0,64}\d) [^\s&;,"'()\[\]{}<>$\\`]{6,256}"""
_PASSWORDS = (
    ("assw", r"assw(?:or)?d(?:\ {0,2}[:=]\*{0,2}\ {0,2}|\ is\ )`?"),
    ("ASSW", r"ASSW(?:OR)?D\ {0,2}[:=]\ {0,2}"),
    ("wd=", r"wd=(?<![\w.][Pp]wd=)(?<=[Pp]wd=)"),
)

# What each of OpenAI's kinds begins with is no part of a word, wherever it stands.
_KINDS = ("sk-proj-", "sk-svcacct-", "sk-admin-", "sk-lf-", "sk-or-v1-")

# Glued to a path or a word; not to one that ends so (task-, disk-, desk-), nor within base64.
_GLUED = Form(
    r"""sk-(?<![aeiuAEIU]sk-)(?<![\w-]{24}sk-) (?=[A-Za-z]{0,63}\d)(?=[a-z0-9]{0,63}[A-Z])(?=[A-Z0-9]{0,63}[a-z])
    [A-Za-z0-9]{20,256}(?![\w-])""",
    re.ASCII | re.VERBOSE,
)

KEYS: tuple[Rule, ...] = (
    (
        "private key",
        "-----BEGIN ",
        Form(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----)){0,16384}"
            r"(?:-----END [A-Z ]{0,40}KEY(?: BLOCK)?-----)?"
        ),
    ),
    _key("JWT", "eyJ", r"[\w-]{8,8192}\.eyJ[\w-]{8,16384}\.[\w-]{0,2048}"),
    # These are no parts of words, wherever they stand.
    ("Anthropic key", "sk-ant-", Form(r"sk-ant-[\w-]{16,256}", re.ASCII)),
    *(("API key", start, Form(start + r"(?=[\w-]{0,255}\d)[\w-]{16,256}", re.ASCII)) for start in _KINDS),
    _key("API key", "sk-", r"(?=[\w-]{0,255}\d)[\w-]{16,256}"),
    ("API key", "sk-", Form(r"(?<=[/_])sk-[0-9a-f]{32,64}(?![\w-])", re.ASCII)),
    ("API key", "sk-", _GLUED),
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
    *(_key("GitLab token", start, r"[\w-]{20,128}") for start in ("glpat-", "glrt-", "gldt-")),
    *(_key("Stripe key", start, r"[A-Za-z0-9]{16,128}") for start in ("sk_live_", "rk_live_", "sk_test_", "rk_test_")),
    _key("SendGrid key", "SG.", r"[\w-]{22}\.[\w-]{43}"),
    _key("npm token", "npm_", r"[A-Za-z0-9]{36}(?!\w)"),
    _key("PyPI token", "pypi-AgE", r"[\w-]{50,512}"),
    _key("Together key", "tgp_v1_", r"[\w-]{40,64}"),
    _key("ElevenLabs key", "sk_", r"[0-9a-f]{48}(?!\w)"),
    _key("Jina key", "jina_", r"[A-Za-z0-9]{40,128}(?!\w)"),
    _key("Friendli token", "flp_", r"[A-Za-z0-9]{40,64}(?!\w)"),
    _key("Anyscale key", "esecret_", r"[a-z0-9]{24,64}(?!\w)"),
    _key("Predibase token", "pb_", r"(?=[A-Za-z-]{0,63}\d)[A-Za-z0-9-]{22,64}(?!\w)"),
    _key("Firecrawl key", "fc-", r"[0-9a-f]{32}(?!\w)"),
    _key("Vault token", "hvs.", r"[\w-]{24,256}"),
    _key("Linear key", "lin_api_", r"[A-Za-z0-9]{40}(?!\w)"),
    _key("Notion token", "ntn_", r"[A-Za-z0-9]{40,64}(?!\w)"),
    _key("Figma token", "figd_", r"[\w-]{40,64}"),
    _key("Shopify token", "shpat_", r"[0-9a-f]{32}(?!\w)"),
    _key("Stripe secret", "whsec_", r"[A-Za-z0-9+/]{32,64}"),
    ("Telegram token", ":AA", Form(r"(?<!\w)\d{8,10}:AA[\w-]{33}(?![\w-])", re.ASCII)),
    ("Azure client secret", "Q~", Form(r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])", re.ASCII)),
    _key("DigitalOcean token", "dop_v1_", r"[0-9a-f]{64}"),
    ("secret", "key=", Form(r"(?P<keep>[?&]key=)(?=[\w-]{0,255}\d)[\w.~-]{20,256}", re.ASCII)),
    ("token", "earer ", Form(r"(?P<keep>earer {1,4})(?=[^\s\"']{0,255}\d)[\w.~+/=-]{12,4096}", re.ASCII)),
    # Letters alone, too, after the name of the header and of a scheme; placeholders are words in capitals.
    (
        "secret",
        "uthorization",
        Form(
            r"""(?P<keep>uthorization\\?["']?\ {0,2}[:=]\ {0,2}\\?["']?(?i:bearer|basic|token|api-?key|negotiate|digest)\ )
            (?![A-Z_]{1,256}(?![\w.~+/=-])) [\w.~+/-]{16,4096}={0,2} (?![\w.~+/(\[-])""",
            re.ASCII | re.VERBOSE,
        ),
    ),
    ("cookie", "ookie: ", Form(r"(?P<keep>ookie: {1,4}[\w.-]{1,64}=)(?!\[redacted)[^\s;,\"'\\<>{}$]{8,4096}", re.ASCII)),
    ("password", "curl", Form(r"(?P<keep>curl\b[^\n]{0,512}? (?:-u|--user)[ =]['\"]?[\w.@-]{1,64}:)[^\s'\"$<{]{4,128}")),
    *(("password", literal, Form(f"(?P<keep>{name}){_PASSWORD}", re.VERBOSE)) for literal, name in _PASSWORDS),
    ("signature", "sig=", Form(r"(?P<keep>[?&]sig=)[\w%.~+/=-]{16,4096}", re.ASCII)),
    (
        "signature",
        "X-",
        Form(r"(?P<keep>[?&]X-(?:Amz|Goog)-(?:Signature|Security-Token)=)[\w%.~+/=-]{16,4096}", re.ASCII),
    ),
    ("token", "://", Form(r"(?P<keep>://)(?=[A-Za-z-]{0,255}\d)[\w-]{20,256}(?=@[\w\[])", re.ASCII)),
    ("password", "://", Form(r"(?P<keep>://[^\s/?#@:\"'<>]{0,256}:)(?!\$?\{)[^\s/?#@\"'<>]{1,256}(?=@[\w\[])")),
)

_NAMED = r"(?:api[_-]?key|(?:access|account|private|secret|subscription)[_-]?key|authorization|passw(?:or)?d|passphrase|secret)"
NAME_HINTS = (
    *("api_key", "api-key", "apikey", "access_key", "access-key", "accesskey", "private_key", "private-key", "privatekey"),
    *("account_key", "account-key", "accountkey", "subscription_key", "subscription-key", "subscriptionkey"),
    *("secret", "authorization", "password", "passwd", "passphrase", "token:", "token=", "token :", "token =", 'token"'),
    *("token'", "token\\"),
)
NAMED_VALUES = (
    # "api_key": "..." inside a text: a tool's arguments, a quoted request, a dict in an error message.
    Form(
        rf"""(?P<keep>{_NAMED}(?P<quote>\\?["'])\ {{0,2}}[:=]\ {{0,2}}(?P=quote))
        (?!\[redacted) (?: (?!(?P=quote)) (?: \\. | [^\\\n] ) ){{1,4096}}""",
        re.IGNORECASE | re.VERBOSE,
    ),
    # password: "..." in YAML and code, a value of letters too; not a placeholder, nor a template.
    Form(
        r"""(?P<keep>passw(?:or)?d\ {0,2}[:=]\ {0,2}(?P<quote>\\?["'])) (?!\[redacted) (?![$<{%*])
        (?![a-z_-]{0,40}(?:password|passwd|required|optional|string)) (?!(?-i:[A-Z_]{1,60})(?P=quote))
        [^\s"'\\]{6,256} (?=(?P=quote))""",
        re.IGNORECASE | re.VERBOSE,
    ),
    # secret_key: ... with a short value that is no word and no name with a number at its end.
    Form(
        r"""(?P<keep>(?:(?:api|access|private|secret)[_-]?key|client[_-]?secret|passphrase)
        \ {0,2}[:=]\ {0,2}(?:\\?["'])?)
        (?!(?-i:[a-z]{1,40}(?:_[a-z]{1,40}){0,8}_?v?\d{0,4})(?![\w+/=~!@#%^*]))
        (?!your_) (?=[^\d\s]{0,60}\d)(?=[^a-z\s]{0,60}[a-z]) [\w+/=~!@#%^*]{8,256} (?![\w.(\[-])""",
        re.IGNORECASE | re.ASCII | re.VERBOSE,
    ),
    # api_key="..." in code, a value of letters too, if it is long and of both cases.
    Form(
        rf"""(?P<keep>{_NAMED}(?:["']\])?\ {{0,2}}[:=]\ {{0,2}}(?P<quote>\\?["']))
        (?=(?-i:[^"']{{0,255}}[a-z]))(?=(?-i:[^"']{{0,255}}[A-Z])) [\w.~+/-]{{20,4096}}={{0,2}}(?=(?P=quote))""",
        re.IGNORECASE | re.ASCII | re.VERBOSE,
    ),
    # api_key=... in a query, X-Api-Key: ... in a header, TOKEN=... in a shell line. Code and prose have few digits there;
    # the second line leaves out what reads as the attribute of an object, the third placeholders and paths.
    Form(
        rf"""(?P<keep>(?:{_NAMED}|token)\\?["']?\ {{0,2}}[:=]\ {{0,2}}\\?["']?(?:basic\ )?)
        (?!(?-i:(?:[a-z_][a-z_0-9]{{0,30}}\.){{1,8}}[a-z_][a-z_0-9]{{0,60}})(?![\w.~+/-]))
        (?!your[_-]|(?:/[a-z_-]{{2,20}}){{2}})
        (?=[\w.~+/-]{{0,255}}\d) [\w.~+/-]{{16,4096}}={{0,2}} (?![\w.~+/(\[-])""",
        re.IGNORECASE | re.ASCII | re.VERBOSE,
    ),
)
