"""Texts with a secret that must not be shown or saved, and texts that only look like it.

The secrets have the forms that their issuers document and random characters, the same ones each time; they are put together
here, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
import uuid

_rng = random.Random()
_ALNUM = string.ascii_letters + string.digits


def _random(count: int, alphabet: str = _ALNUM) -> str:
    """Random characters, a letter, a capital and a digit among them, as in any of this length."""
    needed = [c for c in ("7", "Q", "k") if c in alphabet][:count]
    rest = [_rng.choice(alphabet) for _ in range(count - len(needed))]
    return "".join(rest[: count // 2] + needed + rest[count // 2 :])


def _hex(count: int) -> str:
    return _random(count, string.hexdigits[:16])


def _jwt() -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": "1234567890", "name": "Ann", "iat": 1_516_239_022}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, _random(43, _ALNUM + "-_")])


def _pem(kind: str) -> str:
    body = "\n".join(_random(64, _ALNUM + "+/") for _ in range(6))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _putty() -> str:
    lines = "\n".join(_random(64, _ALNUM + "+/") for _ in range(4))
    return (
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ann@host\nPublic-Lines: 2\n"
        f"{_random(64)}\n{_random(20)}==\nPrivate-Lines: 4\n{lines}\nPrivate-MAC: {_hex(64)}"
    )


def secrets() -> list[tuple[str, str, str]]:
    """(what it is, a text with it, the secret in that text)."""
    _rng.seed(1)
    found: list[tuple[str, str, str]] = []

    def add(name: str, text: str, secret: str) -> None:
        found.append((name, text.format(secret) if "{}" in text else text, secret))

    bare = "the key is {} and it works"
    for name, secret in [
        ("OpenAI", "sk-" + _random(48)),
        ("OpenAI project", "sk-proj-" + _random(74, _ALNUM + "-_") + "T3Blbk" + "FJ" + _random(74, _ALNUM + "-_")),
        ("OpenAI service account", "sk-svcacct-" + _random(60, _ALNUM + "-_")),
        ("OpenAI admin", "sk-admin-" + _random(58, _ALNUM + "-_")),
        ("OpenRouter", "sk-or-v1-" + _hex(64)),
        ("Anthropic", "sk-ant-api03-" + _random(93, _ALNUM + "-_") + "AA"),
        ("Anthropic admin", "sk-ant-admin01-" + _random(93, _ALNUM + "-_") + "AA"),
        ("DeepSeek", "sk-" + _hex(32)),
        ("LiteLLM proxy", "sk-" + _random(22, _ALNUM + "-_")),
        ("Langfuse", "sk-lf-" + str(uuid.UUID(int=_rng.getrandbits(128)))),
        ("Stability", "sk-" + _random(48)),
        ("Google", "AI" + "zaSy" + _random(33, _ALNUM + "-_")),
        ("Google OAuth", "ya29." + _random(120, _ALNUM + "-_")),
        ("Google OAuth client", "GOCSPX-" + _random(28, _ALNUM + "-_")),
        ("Groq", "gsk_" + _random(52)),
        ("Hugging Face", "hf_" + _random(34)),
        ("xAI", "xai-" + _random(80)),
        ("Perplexity", "pplx-" + _random(48)),
        ("Replicate", "r8_" + _random(37)),
        ("Fireworks", "fw_" + _random(24)),
        ("NVIDIA", "nvapi-" + _random(64, _ALNUM + "-_")),
        ("Databricks", "dapi" + _hex(32)),
        ("Cerebras", "csk-" + _random(48, string.ascii_lowercase + string.digits)),
        ("Tavily", "tvly-" + _random(32)),
        ("LangSmith", "lsv2_pt_" + _hex(32) + "_" + _hex(10)),
        ("Pinecone", "pcsk_" + _random(60)),
        ("Voyage", "pa-" + _random(43, _ALNUM + "-_")),
        ("GitHub", "gh" + "p_" + _random(36)),
        ("GitHub app", "gh" + "s_" + _random(36)),
        ("GitHub fine-grained", "github_" + "pat_" + _random(22) + "_" + _random(59)),
        ("GitLab", "glpat-" + _random(20, _ALNUM + "-_")),
        ("AWS key id", "AK" + "IA" + _random(16, string.ascii_uppercase + "234567")),
        ("AWS session", "AS" + "IA" + _random(16, string.ascii_uppercase + "234567")),
        ("Slack bot", "xo" + "xb-" + _random(12, string.digits) + "-" + _random(12, string.digits) + "-" + _random(24)),
        ("Slack user", "xo" + "xp-" + _random(12, string.digits) + "-" + _random(32)),
        ("Slack app", "xa" + "pp-1-A" + _random(10) + "-" + _random(13, string.digits) + "-" + _hex(64)),
        ("Stripe", "sk" + "_live_" + _random(24)),
        ("Stripe restricted", "rk" + "_live_" + _random(24)),
        ("SendGrid", "SG." + _random(22, _ALNUM + "-_") + "." + _random(43, _ALNUM + "-_")),
        ("npm", "np" + "m_" + _random(36)),
        ("PyPI", "pypi-AgEIcHlwaS5vcmc" + _random(80, _ALNUM + "-_")),
        ("DigitalOcean", "dop_v1_" + _hex(64)),
        ("Together", "tgp_" + "v1_" + _random(43, _ALNUM + "-_")),
        ("ElevenLabs", "sk" + "_" + _hex(48)),
        ("Jina", "jina" + "_" + _hex(32) + _random(28)),
        ("Vault", "hv" + "s." + _random(90, _ALNUM + "-_")),
        ("Linear", "lin_" + "api_" + _random(40)),
        ("Notion", "nt" + "n_" + _random(46)),
        ("Figma", "fig" + "d_" + _random(40, _ALNUM + "-_")),
        ("Shopify", "shp" + "at_" + _hex(32)),
        ("Firecrawl", "fc" + "-" + _hex(32)),
        ("AWS Bedrock", "AB" + "SK" + _random(128, _ALNUM + "+/") + "=="),
        ("Weights & Biases of 2025", "wandb" + "_v1_" + _random(70)),
        ("PostHog", "ph" + "c_" + _random(43)),
        ("Supabase", "sb" + "p_" + _hex(40)),
        (
            "Sentry organisation",
            "sntry" + "s_" + base64.b64encode(b'{"iat":1700000000.1,"url":"https://sentry.io"}').decode() + "_" + _random(43),
        ),
        ("Docker", "dckr" + "_pat_" + _random(27, _ALNUM + "-_")),
        ("Atlassian", "ATAT" + "T3xFfGF0" + _random(180, _ALNUM + "-_=")),
        ("Grafana cloud", "gl" + "c_" + base64.b64encode(b'{"o":"123456","n":"a-token","k":"abcdef0123","m":{}}').decode()),
        ("Grafana service account", "gl" + "sa_" + _random(32) + "_" + _hex(8)),
        ("New Relic", "NR" + "AK-" + _random(27, string.ascii_uppercase + string.digits)),
        ("Fly.io", "fo" + "1_" + _random(43, _ALNUM + "-_")),
        ("Fly.io macaroon", "fm" + "2_" + _random(200, _ALNUM + "+/")),
        ("Render", "rn" + "d_" + _random(28)),
        ("Postman", "PM" + "AK-" + _hex(24) + "-" + _hex(34)),
        ("Tailscale", "tsk" + "ey-auth-" + _random(12) + "-" + _random(32)),
        ("1Password", "op" + "s_eyJ" + _random(300)),
        ("DigitalOcean OAuth", "doo" + "_v1_" + _hex(64)),
        ("Shopify shared", "shp" + "ss_" + _hex(32)),
        ("Square", "sq0" + "csp-" + _random(43, _ALNUM + "-_")),
        ("age", "AGE-SECRET-" + "KEY-1" + _random(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")),
        ("Mailgun", "ke" + "y-" + _hex(32)),
        ("Mailgun of 2022", _hex(32) + "-" + _hex(8) + "-" + _hex(8)),
        ("Mailchimp", _hex(32) + "-us12"),
        ("Twilio", "S" + "K" + _hex(32)),
        ("Discord", "MT" + _random(24) + "." + "G" + _random(5) + "." + _random(38, _ALNUM + "-_")),
        ("CircleCI", "CCI" + "PAT_" + _random(22) + "_" + _hex(40)),
        ("Telegram", _random(10, string.digits) + ":A" + "A" + _random(33, _ALNUM + "-_")),
        ("Azure client secret", _random(3) + "8Q" + "~" + _random(34, _ALNUM + "-_.")),
        ("JWT", _jwt()),
        ("RSA private key", _pem("RSA ")),
        ("OpenSSH private key", _pem("OPENSSH ")),
        ("private key", _pem("")),
    ]:
        add(name, bare, secret)
    for name, text, secret in [
        ("bearer", "Authorization: Bearer {}", _random(40)),
        ("bearer in JSON", '{{"headers": {{"authorization": "Bearer {}"}}}}', _random(40)),
        ("basic", "Authorization: Basic {}", base64.b64encode(b"ann:hunter2hunter2").decode().rstrip("=")),
        ("Azure header", "api-key: {}", _hex(32)),
        ("Azure storage", "AccountName=x;AccountKey={};EndpointSuffix=core.windows.net", _random(86, _ALNUM + "+/") + "=="),
        ("Anthropic header", "x-api-key: {}", _random(40)),
        ("query", "https://api.example/v1?api_key={}&q=1", _hex(32)),
        ("query, key of Google's", "https://g.example/v1beta/models:generate?key={}", _random(39)),
        ("database URL", "postgresql://ann:{}@db.example:5432/x", _random(16)),
        ("proxy URL", "http://ann:{}@proxy.example:8080", "hunter2"),
        ("redis URL", "redis://:{}@cache.example:6379/0", _random(20)),
        ("dictionary", "{{'api_key': '{}', 'n': 1}}", _random(20)),
        ("keyword", 'client = Client(api_key="{}")', _random(32)),
        ("environment line", "export MISTRAL_API_KEY={}", _random(32)),
        ("AWS secret", "aws_secret_access_key = {}", _random(40, _ALNUM + "+/")),
        ("password in JSON", '{{"user": "ann", "password": "{}"}}', "correct horse battery"),
        ("escaped JSON", '{{\\"client_secret\\": \\"{}\\"}}', _random(24)),
        ("Discord, by its name", "bot token={}", "MTk" + _random(21) + "." + "Cl" + _random(4) + "." + _random(27)),
        ("cookie", "Set-Cookie: session_token={}; HttpOnly", _hex(64)),
        ("cookie of another name", "Cookie: sid={}; theme=dark", _random(24)),
        ("bearer of letters", "Authorization: Bearer {}", _random(32, string.ascii_lowercase)),
        ("curl's user", "curl -s -u ann:{} https://api.example", "hunter2"),
        ("password of libpq", "PGPASSWORD={} psql -h db.example", "hunter2"),
        ("token as a URL's user", "https://{}@git.example/ann/x.git", _random(40)),
        ("Azure SAS", "https://x.blob.core.windows.net/c?sv=2022-11-02&sig={}", _random(43) + "%3D"),
        ("AWS signed URL", "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature={}", _hex(64)),
        ("Azure API Management", "Ocp-Apim-Subscription-Key: {}", _hex(32)),
        ("keyword of letters", "completion(api_key='{}')", _random(32, string.ascii_letters)),
        ("environment assignment", 'os.environ["COHERE_API_KEY"] = "{}"', _random(40, string.ascii_letters)),
        ("after a colour", "\x1b[1;33m{}\x1b[0m", "sk-" + _random(48)),
        ("within colours", "\x1b[33m{}\x1b[0m", "sk-" + _random(20) + "\x1b[1m" + _random(28)),
        ("after an escaped colour", '"\\u001b[33m{}\\u001b[0m"', "gsk_" + _random(52)),
        ("in a percent-encoded query", "q=%7B%22key%22%3A%22{}%22%7D", "sk-" + _random(48)),
        ("after an escaped character", "key\\u003d{}", "sk-" + _random(48)),
        ("in a path", "/v1/keys/{}/usage", "sk-" + "proj-" + _random(74, _ALNUM + "-_")),
        ("old, in a path", "/v1/keys/{}/usage", "sk-" + _random(48)),
        ("hexadecimal, in a path", "/v1/keys/{}/usage", "sk-" + _hex(32)),
        ("glued to a word", "mykey{} works", "sk-" + _random(48)),
        ("glued to a name", "key_{}", "sk-" + _random(48)),
        ("of a service account, glued", "key{}", "sk-" + "svcacct-" + _random(60, _ALNUM + "-_")),
        ("password in YAML", "db:\n  user: ann\n  password: {}\n  port: 5432", "hunter2"),
        ("quoted password in YAML", 'password: "{}"', "swordfish"),
        ("quoted password in code", "connect(user='ann', password='{}')", "swordfish"),
        ("password of an ini file", "[db]\npassword = {}\n", "s3cr3t!pass"),
        ("passwd", "user=ann;passwd={}", "hunter2"),
        ("password in a list", "- **Password:** {}", "hunter2"),
        ("password as code", "Password: `{}`, then enter", "hunter2"),
        ("password in a sentence", "The password is {} and the door is red", "hunter2"),
        ("password of a connection string", "Server=db;Uid=ann;Pwd={};", "hunter2"),
        ("secret key in YAML", "secret_key: {}", _random(14)),
        ("client secret in YAML", 'client-secret: "{}"', _random(12)),
        ("passphrase in YAML", "passphrase: {}", "k3ep!thisS4fe"),
        ("quoted key of letters in YAML", 'api_key: "{}"', _random(32, string.ascii_letters)),
        ("positional key", 'co = cohere.Client("{}")', _random(40)),
        ("positional key of two lines", "client = AsyncOpenAI(\n    '{}'\n)", _random(40)),
        ("Weights & Biases in a shell", "wandb login {}", _hex(40)),
        ("Weights & Biases in code", 'wandb.login(key="{}")', _hex(40)),
        ("netrc", "machine api.wandb.ai\n  login user\n  password {}\n", _hex(40)),
        ("netrc in a line", "machine git.example login ann password {}", "correct-horse"),
        ("PuTTY", "{}", _putty()),
        ("PuTTY in JSON", '{{"file": "{}"}}', json.dumps(_putty())[1:-1]),
        ("Slack webhook", "https://hooks.slack.com/services/{}", "T0" + _random(9) + "/B0" + _random(9) + "/" + _random(24)),
        ("Discord webhook", "https://discord.com/api/webhooks/1234567890123456789/{}", _random(68, _ALNUM + "-_")),
        ("split by zero-width spaces", "the key is {} and it works", "sk-" + _random(20) + "\u200b" + _random(28)),
        ("split in its beginning", "the key is {} and it works", "s\u200bk-pr\u200coj-" + _random(20) + "\u2060" + _random(28)),
        ("split by a byte order mark", "key: {}", "gh" + "p_" + _random(10) + "\ufeff" + _random(26)),
        ("split by soft hyphens", "key: {}", "gsk" + "_" + "\u00ad".join(_random(13) for _ in range(4))),
        ("in base64", "echo {} | base64 -d", _base64("sk-" + "proj-" + _random(74))),
        ("in base64 after a path", "secrets/{}", _base64("OPENAI_API_KEY=sk-" + _random(48))),
        ("in base64 of a Kubernetes secret", "data:\n  password: x\n  key: {}", _base64("gh" + "p_" + _random(36) + "\n")),
        ("in base64 of base64", "{}", _base64(_base64("gh" + "p_" + _random(36)))),
        ("a service's name before it", 'fastly_api_key = "{}"', _random(32, string.ascii_lowercase + string.digits)),
        ("a service's name in JSON", '{{"datadog": "{}"}}', _random(40, string.ascii_lowercase + string.digits)),
        ("Heroku", "HEROKU_API={}", str(uuid.UUID(int=_rng.getrandbits(128)))),
        ("after a slash", "https://x.example/v1/{}/usage", "gsk" + "_" + _random(52)),
    ]:
        add(
            name,
            text.replace("{{", "\0").replace("}}", "\1").replace("{}", secret).replace("\0", "{").replace("\1", "}"),
            secret,
        )
    return found


def lookalikes() -> list[tuple[str, str]]:
    """(what it is, a text that must stay as it is)."""
    _rng.seed(2)
    pixel = base64.b64encode(bytes(_rng.getrandbits(8) for _ in range(300))).decode()
    vector = str([round(_rng.uniform(-1, 1), 6) for _ in range(30)])
    found = [
        (f"hash {name}", hashlib.new(name, b"x").hexdigest())
        for name in ("md5", "sha1", "sha224", "sha256", "sha512", "blake2b")
    ]
    found += [(f"uuid {n}", str(uuid.UUID(int=_rng.getrandbits(128), version=4))) for n in range(4)]
    found += [
        ("git commit", f"commit {_hex(40)}\nAuthor: Ann <ann@example.org>"),
        ("git range", f"{_hex(7)}..{_hex(7)}"),
        ("docker digest", f"python@sha256:{_hex(64)}"),
        ("integrity", f'integrity="sha512-{_random(86, _ALNUM + "+/")}=="'),
        ("pip hash", f"--hash=sha256:{_hex(64)}"),
        ("trace id", f"tr-{_hex(32)}"),
        ("traceparent", f"00-{_hex(32)}-{_hex(16)}-01"),
        ("request id", f"req_{_random(24)}"),
        ("completion id", f"chatcmpl-{_random(29)}"),
        ("response id", f"resp_{_hex(50)}"),
        ("tool call id", f"call_{_random(24)}"),
        ("Anthropic message id", f"msg_01{_random(22)}"),
        ("tool use id", f"toolu_01{_random(22)}"),
        ("file id", f"file-{_random(24)}"),
        ("assistant id", f"asst_{_random(24)}"),
        ("fingerprint", f"fp_{_hex(10)}"),
        ("batch id", f"batch_{_hex(32)}"),
        ("image", f"data:image/png;base64,iVBORw0KGgo{pixel}"),
        ("audio", f"UklGR{pixel}"),
        ("base64 of text", base64.b64encode(b"The quick brown fox jumps over the lazy dog. " * 4).decode()),
        ("embedding", vector),
        ("public key", f"-----BEGIN PUBLIC KEY-----\n{_random(64, _ALNUM + '+/')}\n-----END PUBLIC KEY-----"),
        ("certificate", f"-----BEGIN CERTIFICATE-----\n{_random(64, _ALNUM + '+/')}\n-----END CERTIFICATE-----"),
        ("ssh public key", f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5{_random(48)} ann@host"),
        ("environment lookup", 'api_key = os.environ["OPENAI_API_KEY"]'),
        ("placeholder", 'api_key="YOUR_API_KEY_HERE"'),
        ("shell variable", "curl -H 'Authorization: Bearer $OPENAI_API_KEY'"),
        ("template", "Authorization: Bearer {token}"),
        ("angle placeholder", "x-api-key: <your-key>"),
        ("stars", "api_key: ********"),
        ("redacted before", "api_key: [redacted: secret]"),
        ("function", "token = tokenizer.encode_batch2(text)"),
        ("attribute", "self.token = request.session.token_for_user_id2"),
        ("token counts", '{"prompt_tokens": 1204, "completion_tokens": 88, "total_tokens": 1292}'),
        ("max tokens", "max_tokens=4096, stop_token_ids=[50256]"),
        ("special tokens", '{"bos_token": "<s>", "eos_token": "</s>", "pad_token": "[PAD]"}'),
        ("logprobs", '[{"token": " the", "logprob": -0.123}, {"token": " a", "logprob": -2.3}]'),
        ("schema", '{"properties": {"password": {"type": "string"}}, "required": ["password"]}'),
        ("prose of secrets", "The secret: there is none. A password: something you forget. Token of thanks."),
        ("prose with numbers", "Key findings 2024: revenue rose 12.5% to $1,234,567 in Q3."),
        ("bearer prose", "The bearer of this letter 1234 may pass"),
        ("hyphened words", "ask-me-anything-about-2024-or-later and risk-adjusted-return-on-capital-2025"),
        ("package", "pip install scikit-learn==1.5.2 sk-dist==0.1.9"),
        ("path", "/usr/lib/python3.11/site-packages/sklearn/ensemble/_hist_gradient_boosting/grower2.py"),
        ("URL with port", "https://example.org:8080/path@2x.png"),
        ("URL with id", f"https://example.org/items/{_hex(24)}?page=2&sort=asc"),
        ("S3 URL", "s3://bucket-name-2024/prefix/part-00000-of-00128.parquet"),
        ("mail", "ann.smith+label2024@example.org"),
        ("ARN", "arn:aws:iam::123456789012:role/Service-Role-2024"),
        ("model id", "us.anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("model path", "meta-llama/Llama-3.1-70B-Instruct-AWQ-INT4"),
        ("versions", "numpy 2.1.3, torch 2.5.1+cu124, CUDA 12.4.131"),
        ("time stamps", "2026-11-23T15:04:05.123456789Z 1790000000000000001"),
        ("coordinates", "POINT(38.736946 -9.142685) 38°44'13.0\"N"),
        ("minified code", "!function(e,t){var n=t.key||7,r=e.token?1:0;return n+r}(window,{key:12})"),
        ("CSS", ".sk-circle12{animation:sk-circleFadeDelay 1.2s infinite ease-in-out both}"),
        ("SQL", "SELECT token_id, secret_level FROM t WHERE key = 'a1' AND password_hash IS NOT NULL"),
        ("ISBN and phone", "ISBN 978-3-16-148410-0, +1-202-555-0143"),
        ("DNA", "ATGGCCATTGTAATGGGCCGCTGAAAGGGTGCCCGATAG" * 2),
        ("Latin", "Lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor"),
        ("company in a path", "https://news.example/sk-hynix-2024-earnings-report-summary"),
        ("header in prose", "Authorization: role-based-access-control"),
        ("scheme in prose", "Authorization: Bearer authentication is required"),
        ("password of an object", "connect(password=settings2.database.password)"),
        ("password of a call", "connect(password=getpass1('db'))"),
        ("password placeholder", "postgres://ann:${DB_PASSWORD1}@db/x password=<YOUR_PASSWORD_1>"),
        ("curl with variables", "curl -u $NAME:$PASS https://x.example"),
        ("user of a container", "docker run -u 1000:1000 ubuntu:22.04"),
        ("task id", f"task-{_hex(32)}, disk-{_random(24)}, desk-{uuid.UUID(int=_rng.getrandbits(128))}"),
        ("base64 for URLs", base64.urlsafe_b64encode(_rng.randbytes(30_000)).decode()),
        ("password's algorithm", "password: sha256, passwords: argon2id; the password is base64-encoded"),
        ("password's rules", "Password: 8 to 64 characters, password: at least 12, the password is 100% yours"),
        ("password's label", 'labels = {password: "Enter your password", passwd: "password", user: "User 1"}'),
        ("password's type", "def login(user: str, password: str = Field(min_length=8), passwd: Annotated[str, 8]): ..."),
        ("password's file", "password: /run/secrets/db1/password, passwd: file:///etc/passwd2"),
        ("password's address", "Forgot your password: https://example.org/reset2"),
        ("password of a template", 'password: "{{ vault_password2 }}", password: ${PASSWORD_2}, password: "%(password1)s"'),
        ("key's reference", "secret_key: my_secret_v2, api_key: k8s-secret-2, access_key: settings.access_key2"),
        ("key's type", 'secret_key: SecretStr, api_key: "YOUR_API_KEY_2024", client_secret: Optional[str]'),
        ("directory", "PWD=/home/ann/project2 cwd=/srv/app2"),
        ("cookie prose", "Cookie: a small text that a site stores"),
        ("mail address in a URL", "sftp://ann-smith@files.example.org/in"),
        ("coloured words", "\x1b[31mrisk-adjusted-return-on-capital-2025\x1b[0m"),
        ("size of a signature", "https://x.example/?sig=on&size=3"),
        ("embedding model", "jina_embeddings_v3_base_en_retrieval_passage_0123"),
        ("class of a page", '<a class="sk-estimator-doc-link sk-estimator-html-doc-link-2024abc" href="#">'),
        ("class of a page, bare", "sk-estimator-html-doc-link-2024abc"),
        ("id of a page", '<div id="sk-container-id-1" class="sk-top-container"><pre>LogisticRegression()</pre></div>'),
        ("access key of a page", "accesskey: alt+shift+1234"),
        ("access key of a button", '<button accesskey="s2" title="Save [alt+shift+s]">Save</button>'),
        ("package with a number", "pip install sk-learn-contrib-py-earth-2024 pa-xml-to-json-converter-v2-2019"),
        ("npm packages", "npm install @types/node@20.11.5 npm_config_registry fw_utils_2023 rnd_generator_v2"),
        ("conda build", "pytorch-2.5.1-py3.11_cuda12.4_cudnn9.1.0_0.tar.bz2"),
        ("wheel", "scikit_learn-1.5.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
        ("hash in a URL", f"https://files.example.org/packages/{_hex(2)}/{_hex(2)}/{_hex(60)}/numpy-2.1.3.tar.gz"),
        ("hash in a query", f"https://cdn.example.org/app.js?v={_hex(32)}"),
        ("hashed file", f"/static/js/main.{_hex(8)}.chunk.js /assets/index-{_random(8)}.css"),
        ("uuid in a URL", f"https://app.example.org/project/{uuid.UUID(int=_rng.getrandbits(128), version=4)}/runs"),
        ("uuid in JSON", f'{{"session": "{uuid.UUID(int=_rng.getrandbits(128), version=4)}", "heroku_region": "eu"}}'),
        ("uuid as a key", f'{{"key": "{uuid.UUID(int=_rng.getrandbits(128), version=4)}"}}'),
        ("PNG", "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + _rng.randbytes(4_000)).decode()),
        ("JPEG", base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF" + _rng.randbytes(4_000)).decode()),
        ("SVG", "data:image/svg+xml;base64," + _base64('<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"/>')),
        ("base64 of JSON", _base64('{"next": "page-2", "offset": 400, "sort": ["name", "created_at"]}')),
        ("cursor of a page", f'"next_cursor": "{_base64("created_at:2024-11-05T12:34:56Z,id:123456")}"'),
        ("Bedrock model", "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-20250514-v1:0"),
        ("fine-tuned model", f"ft:gpt-4o-mini-2024-07-18:acme-corp:support-bot-v3:{_random(8)}"),
        ("Hugging Face model", "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"),
        ("quantised model", "TheBloke/Mixtral-8x7B-Instruct-v0.1-GPTQ:gptq-4bit-32g-actorder_True"),
        ("pinned action", f"uses: actions/checkout@{_hex(40)} # v4.2.2"),
        ("pinned requirement", f"git+https://github.com/example/project.git@{_hex(40)}#egg=project"),
        ("tree of git", f"tree {_hex(40)}\nparent {_hex(40)}\nauthor Ann <ann@example.org> 1731500000 +0100"),
        ("file mode of git", f"100644 blob {_hex(40)}\tREADME.md"),
        ("etag", f'ETag: W/"{_hex(32)}-{_hex(4)}"'),
        ("ray id", f"cf-ray: {_hex(16)}-LIS, x-request-id: req_{_hex(32)}"),
        ("span and trace in a log", f"trace_id={_hex(32)} span_id={_hex(16)} sampled=true"),
        ("run of an experiment", f"mlruns/0/{_hex(32)}/artifacts/model/MLmodel"),
        ("experiment in a URL", f"http://127.0.0.1:5000/#/experiments/123456789012345678/runs/{_hex(32)}"),
        ("linear in a model", "linear_1: Linear(in_features=768, out_features=3072, bias=True)"),
        ("page of a service", f"linear: https://linear.app/acme/issue/ENG-1234 discord: https://discord.gg/{_random(8)}"),
        ("hash of a block", f"0x{_hex(64)} mined by 0x{_hex(40)}"),
        ("Java class", "org.springframework.beans.factory.support.DefaultListableBeanFactory2$DependencyObjectProvider"),
        ("C++ symbol", "_ZNSt6vectorIiSaIiEE17_M_realloc_insertIJRKiEEEvN9__gnu_cxx17__normal_iteratorIPiS1_EEDpOT_"),
        ("Kubernetes pod", f"payment-service-{_hex(10)}-{_random(5, string.ascii_lowercase)} 2/2 Running 0 3d4h"),
        ("CUDA error", "CUDA_ERROR_ILLEGAL_ADDRESS at /pytorch/aten/src/ATen/native/cuda/IndexKernel.cu:92"),
        ("login in prose", "You can login with your password reset in 24 hours; the machine is api2, login name ann"),
        ("right-to-left marks", "\u202bشلوم 2024\u202c and ze\u00adro-wi\u200bdth-jo\u200diner words 2024"),
        ("emoji", "👩\u200d💻 wrote sk\u200bills-matrix-for-2024-and-after"),
        ("chess", "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O Be7 6. Re1 b5 7. Bb3 d6"),
    ]
    return found
