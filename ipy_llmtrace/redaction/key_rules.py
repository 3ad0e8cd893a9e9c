"""Keys that are known by their form: gitleaks' rules, and our own for what those lack.

gitleaks is made for files of source code in a repository. Ours are the keys of model providers, whose forms it lacks or
takes too narrowly, and places in which a file of code has no key: prose, a URL's path, an error message.
"""

from __future__ import annotations

import json
import re
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple, cast

from .secret import Secret

MIN_KEY_CHARS = 15
"""The shortest word that may be a key, or the longest part of one that has dots."""

_DIGIT = re.compile(r"\d")
_WORDS = re.compile(
    r"(?:[a-z]{2,24}|\d{1,8}|[a-z]{2,16}\d{1,4}|\d{1,4}[a-z]{1,4})"
    r"(?:[-_+./](?:[a-z]{1,24}|\d{1,8}|[a-z]{1,16}\d{1,4}|\d{1,4}[a-z]{1,4})){1,16}"
)


def is_words(text: str) -> bool:
    """Whether a text is words and numbers with signs between them, as names in code and addresses are: ``docs-link-2024``."""
    return _WORDS.fullmatch(text) is not None


class KeyRule(NamedTuple):
    """A pattern for a key, compiled when its literal is first met: most never are.

    Attributes
    ----------
    entropy_bits
        Shannon's entropy a character that gitleaks asks for. Here the number of different characters has to allow it, which
        takes a tenth of the time and tells random characters from a placeholder as well.
    no_words
        Whether a text of `is_words` is none.
    """

    kind: str
    pattern: str
    entropy_bits: float = 0
    no_words: bool = False

    def at(self, text: str, start: int, literal: str) -> Secret | None:
        match = _compiled(self.pattern).match(text, start)
        if match is None:
            return None
        found = match.group()
        if len(set(found)) < 2**self.entropy_bits or (self.no_words and is_words(found[len(literal) :])):
            return None
        if len(literal) < 3 and _DIGIT.search(found, len(literal)) is None:
            return None
        return Secret(start, match.end(), self.kind)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _own(kind: str, literals: str, rest: str, *, no_words: bool = False) -> list[tuple[str, KeyRule]]:
    return [(literal, KeyRule(kind, re.escape(literal) + rest, no_words=no_words)) for literal in literals.split()]


_END = r"(?![\w-])"
_OWN: list[tuple[str, KeyRule]] = [
    *_own("JWT", "eyJ", r"[\w-]{8,8192}\.eyJ[\w-]{8,16384}\.[\w-]{0,2048}"),
    *_own("Anthropic key", "sk-ant-", r"[\w-]{16,256}"),
    *_own("API key", "sk-proj- sk-svcacct- sk-admin- sk-lf- sk-or-v1-", r"(?=[\w-]{0,255}\d)[\w-]{16,256}"),
    *_own("API key", "sk-", r"(?=[\w-]{0,255}\d)[\w-]{16,256}", no_words=True),
    *_own("Google key", "AIza", rf"[\w-]{{35}}{_END}"),
    *_own("Google key", "AQ.", rf"[\w-]{{40,128}}{_END}"),
    *_own("Groq key", "gsk_", r"[A-Za-z0-9]{20,128}"),
    *_own("Hugging Face token", "hf_", r"[A-Za-z0-9]{20,64}(?!\w)"),
    *_own("xAI key", "xai-", r"[A-Za-z0-9]{20,128}"),
    *_own("GitHub token", "github_pat_", r"\w{22,255}"),
    *_own("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9]{30,255}"),
    *_own("AWS key id", "AKIA ASIA", rf"[A-Z0-9]{{16}}{_END}"),
    *_own("AWS Bedrock key", "ABSK", rf"[A-Za-z0-9+/]{{40,512}}={{0,2}}{_END}"),
    *_own("Slack token", "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xapp-", r"[A-Za-z0-9-]{10,256}"),
    *_own("Google token", "ya29.", r"[\w-]{20,2048}"),
    *_own("Google client secret", "GOCSPX-", rf"[\w-]{{28}}{_END}"),
    *_own("Perplexity key", "pplx-", r"[A-Za-z0-9]{32,128}"),
    *_own("Replicate token", "r8_", r"[A-Za-z0-9]{37}(?!\w)"),
    *_own("Fireworks key", "fw_", r"(?=[A-Za-z]{0,127}\d)[A-Za-z0-9]{20,128}(?!\w)"),
    *_own("NVIDIA key", "nvapi-", r"[\w-]{60,128}"),
    *_own("Databricks token", "dapi", r"[0-9a-f]{32}(?:-\d)?(?!\w)"),
    *_own("Cerebras key", "csk-", r"[a-z0-9]{40,128}"),
    *_own("Tavily key", "tvly-", r"(?=[\w-]{0,127}\d)[\w-]{20,128}", no_words=True),
    *_own("LangSmith key", "lsv2_pt_ lsv2_sk_", r"[0-9a-f]{32}_[0-9a-f]{10}"),
    *_own("Llama Cloud key", "llx-", r"[A-Za-z0-9]{40,64}(?!\w)"),
    *_own("Logfire token", "pylf_v1_", r"(?:[a-z]{2,4}_)?[A-Za-z0-9]{40,64}(?!\w)"),
    *_own("Weights & Biases key", "wandb_v1_", r"\w{40,256}"),
    *_own("Pinecone key", "pcsk_", r"\w{40,128}"),
    *_own("Voyage key", "pa-", rf"(?=[\w-]{{0,42}}\d)[\w-]{{43}}{_END}", no_words=True),
    *_own("GitLab token", "glpat- glrt- gldt-", r"[\w-]{20,128}"),
    *_own("Stripe key", "sk_live_ rk_live_ sk_test_ rk_test_", r"[A-Za-z0-9]{16,128}"),
    *_own("SendGrid key", "SG.", r"[\w-]{22}\.[\w-]{43}"),
    *_own("npm token", "npm_", r"[A-Za-z0-9]{36}(?!\w)"),
    *_own("PyPI token", "pypi-AgE", r"[\w-]{50,512}"),
    *_own("Together key", "tgp_v1_", r"[\w-]{40,64}"),
    *_own("ElevenLabs key", "sk_", r"[0-9a-f]{48}(?!\w)"),
    *_own("Jina key", "jina_", r"[A-Za-z0-9]{40,128}(?!\w)"),
    *_own("Friendli token", "flp_", r"[A-Za-z0-9]{40,64}(?!\w)"),
    *_own("Anyscale key", "esecret_", r"[a-z0-9]{24,64}(?!\w)"),
    *_own("Predibase token", "pb_", r"(?=[A-Za-z-]{0,63}\d)[A-Za-z0-9-]{22,64}(?!\w)", no_words=True),
    *_own("Firecrawl key", "fc-", r"[0-9a-f]{32}(?!\w)"),
    *_own("E2B key", "e2b_", r"[0-9a-f]{40}(?!\w)"),
    *_own("Apify token", "apify_api_", r"[A-Za-z0-9]{30,64}(?!\w)"),
    *_own("Vault token", "hvs.", r"[\w-]{24,256}"),
    *_own("Linear key", "lin_api_", r"[A-Za-z0-9]{40}(?!\w)"),
    *_own("Notion token", "ntn_", r"[A-Za-z0-9]{40,64}(?!\w)"),
    *_own("Figma token", "figd_", r"[\w-]{40,64}"),
    *_own("Shopify token", "shpat_ shpss_ shpca_ shppa_", r"[0-9a-fA-F]{32}(?!\w)"),
    *_own("Stripe secret", "whsec_", r"[A-Za-z0-9+/]{32,64}"),
    *_own("DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", r"[0-9a-f]{64}"),
    *_own("PostHog key", "phc_ phx_", r"[A-Za-z0-9]{40,64}(?!\w)"),
    *_own("Supabase key", "sbp_", r"[0-9a-f]{40}(?!\w)"),
    *_own("Supabase key", "sb_secret_", r"[\w-]{22,64}"),
    *_own("Sentry token", "sntrys_", r"[\w+/=-]{40,1024}"),
    *_own("Docker token", "dckr_pat_ dckr_oat_", r"[\w-]{20,64}"),
    *_own("Atlassian token", "ATATT3x ATCTT3x ATSTT3x", r"[\w=-]{40,512}"),
    *_own("Bitbucket app password", "ATBB", rf"[A-Za-z0-9]{{28,32}}{_END}"),
    *_own("Grafana token", "glc_ glsa_", r"\w{32,512}={0,3}"),
    *_own("New Relic key", "NRAK- NRAA-", rf"[A-Z0-9]{{27}}{_END}"),
    *_own("Fly.io token", "fo1_ fm2_", r"[\w+/-]{40,2048}={0,3}"),
    *_own("Render key", "rnd_", r"[A-Za-z0-9]{20,64}(?!\w)"),
    *_own("Postman key", "PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}"),
    *_own("Tailscale key", "tskey-", r"(?=[\w-]{0,127}\d)[\w-]{20,128}", no_words=True),
    *_own("1Password token", "ops_eyJ", r"[\w+/=-]{40,4096}"),
    *_own("Square secret", "sq0csp- sq0atp-", r"[\w-]{22,64}"),
    *_own("age key", "AGE-SECRET-KEY-1", r"[A-Z0-9]{58}"),
    *_own("CircleCI token", "CCIPAT_ CCIPRJ_", r"[A-Za-z0-9]{16,32}_[0-9a-f]{40}"),
    *_own("Twilio key", "SK", rf"[0-9a-f]{{32}}{_END}"),
    *_own("Mailgun key", "key-", rf"[0-9a-f]{{32}}{_END}"),
    *_own("Netlify token", "nfp_", r"[A-Za-z0-9]{36,64}(?!\w)"),
    *_own("Vercel key", "vck_ vcp_", r"[A-Za-z0-9]{24,64}(?!\w)"),
    *_own("Azure client secret", "Q~", r"(?<=\dQ~)[\w~.-]{31,34}(?![\w~.-])"),
    # After the number of a bot.
    *_own("Telegram token", "AA", rf"(?:(?<=\d{{10}}:AA)|(?<=\d{{9}}:AA)|(?<=\d{{8}}:AA))[\w-]{{33}}{_END}"),
    *_own("Terraform token", "atlasv1.", r"[\w=-]{60,70}"),
    *_own("Sourcegraph token", "sgp_", r"(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40}(?!\w)"),
]

_SHAPES: tuple[tuple[str, str], ...] = (
    ("Mailchimp key", rf"[0-9a-f]{{32}}-us\d{{1,2}}{_END}"),
    ("Mailgun key", rf"[0-9a-f]{{32}}-[0-9a-f]{{8}}-[0-9a-f]{{8}}{_END}"),
    ("Discord token", r"[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6,7}\.[\w-]{27,42}" + _END),
)
"""Keys that begin with no fixed text."""

EMBEDDED = re.compile(
    r"""sk-(?:
      (?P<anthropic>ant-[\w-]{16,256})
    | (?:proj|svcacct|admin|lf|or-v1)-(?=[\w-]{0,63}\d)[\w-]{16,256}
    | (?<=[/_]sk-)[0-9a-f]{32,64}(?![\w-])
    | (?<![aeiuAEIU]sk-)(?<![\w-]{24}sk-) (?=[A-Za-z]{0,63}\d)(?=[a-z0-9]{0,63}[A-Z])(?=[A-Z0-9]{0,63}[a-z])
      [A-Za-z0-9]{20,256}(?![\w-]))""",
    re.ASCII | re.VERBOSE,
)
"""OpenAI's and Anthropic's keys glued to a path or a word. What a kind begins with is no part of a word; ``sk-`` alone is
(``task-``, ``disk-``), and what follows it must be random."""

_SIGNS = re.compile(r"[.~:]")


class KeyRules:
    """All rules, found by the first two characters of a long word, or the last two before it."""

    def __init__(self, gitleaks: dict[str, Any]) -> None:
        self._of_heads: dict[str, list[tuple[str, KeyRule]]] = {}
        self._of_tails: dict[str, list[tuple[int, str, KeyRule]]] = {}
        self._shape_kinds, self._shape_patterns = map(list, zip(*_SHAPES, strict=True))
        rules = list(_OWN)
        for rule in gitleaks["keys"]:
            # s.…: where no long word begins, a word has to.
            pattern = rf"\b{rule['pattern']}" if any(map(_SIGNS.search, rule["literals"])) else rule["pattern"]
            key = KeyRule(rule["kind"], pattern, rule.get("entropy", 0))
            rules += [(literal, key) for literal in rule["literals"]]
            if not rule["literals"]:
                self._shape_kinds.append(key.kind)
                self._shape_patterns.append(key.pattern)
        for literal, key in rules:
            # SG.…: the long word begins behind the literal's last sign.
            before = max((match.end() for match in _SIGNS.finditer(literal)), default=0)
            if before:
                self._of_tails.setdefault(literal[:before][-2:], []).append((before, literal, key))
            else:
                self._of_heads.setdefault(literal[:2], []).append((literal, key))

    @cached_property
    def _shapes(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?P<kind{n}>{pattern})" for n, pattern in enumerate(self._shape_patterns)), re.ASCII)

    def at(self, text: str, start: int) -> Secret | None:
        """The key that begins at ``start``, where a word begins."""
        for literal, rule in self._of_heads.get(text[start : start + 2], ()):
            if text.startswith(literal, start) and (found := rule.at(text, start, literal)) is not None:
                return found
        match = self._shapes.match(text, start)
        if match is None:
            return None
        kind = next(n for n in range(len(self._shape_kinds)) if match[f"kind{n}"] is not None)
        return Secret(start, match.end(), self._shape_kinds[kind])

    def across(self, text: str, start: int) -> Secret | None:
        """The key with a dot or another sign in its literal whose first long word begins at ``start``."""
        for before, literal, rule in self._of_tails.get(text[start - 2 : start] if start >= 2 else "", ()):
            begin = start - before
            if begin >= 0 and text.startswith(literal, begin) and (found := rule.at(text, begin, literal)) is not None:
                return found
        return None

    def patterns(self) -> list[str]:
        """Every pattern, for the test that none is without an end."""
        of_tails = (rule.pattern for rules in self._of_tails.values() for _, _, rule in rules)
        return [*self._shape_patterns, *(rule.pattern for rules in self._of_heads.values() for _, rule in rules), *of_tails]


@lru_cache(maxsize=1)
def gitleaks_rules() -> dict[str, Any]:
    """``gitleaks/rules.json``."""
    return cast(
        dict[str, Any], json.loads(files("ipy_llmtrace.redaction").joinpath("gitleaks/rules.json").read_text(encoding="utf-8"))
    )


@lru_cache(maxsize=1)
def key_rules() -> KeyRules:
    """The rules, read when first needed."""
    return KeyRules(gitleaks_rules())
