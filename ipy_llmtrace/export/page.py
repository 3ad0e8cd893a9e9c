"""One self-contained page that shows a trace as the notebook does: opens from disk, loads nothing.

The page's content policy allows its own script, by hash, and no request to anywhere; the trace stands in it as inert
JSON. Without JavaScript the static form shows.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Sequence
from html import escape
from typing import Any

from .. import wire
from ..encoding import span_encoder
from ..encoding.envelope import json_text
from ..encoding.snapshot import Snapshot, encoded
from ..redaction.redactor import Redactor
from ..render import format, html
from ..trace import tree
from ..trace.feedback import Feedback
from ..trace.span import Span

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main id="trace">{static}</main>
<script type="application/json" id="traits">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""

_STYLE = "body{margin:1rem;font:13px/1.5 system-ui,sans-serif}"


def page(
    spans: Sequence[Span],
    label: str,
    redactor: Redactor,
    script: str,
    style: str,
    *,
    notes: Sequence[str] = (),
    feedback: Sequence[Feedback] = (),
) -> str:
    """The page, with every span and the whole of its details, redacted.

    Parameters
    ----------
    label
        What stands in the cell's prompt.
    script, style
        The page's JavaScript module and style sheet (``page.js`` and ``page.css``).
    feedback
        What was said of the spans and their traces.

    Raises
    ------
    ValueError
        The script would end the element it stands in.
    """
    if "</script" in script.lower():
        raise ValueError("the page's script has </script in it, which would end its element")
    origin_ns = min((span.start_ns for span in spans), default=0)
    cell = wire.Cell(label=label)
    whole = [encoded(span, origin_ns, redactor, limit_chars=None) for span in spans]
    total = tree.summary(spans)
    snapshot = Snapshot(whole, cell, 1, origin_ns, total, span_encoder.notes(notes, redactor)).packed(plain_bytes=sys.maxsize)
    said = [span_encoder.opinion(given, redactor) for given in feedback]
    return _PAGE.format(
        policy=_policy(script),
        title=escape(format.one_line(f"LLM trace, cell [{label}]", 80)),
        style=_STYLE + style,
        static=html.html(spans, label, redactor, notes=notes, feedback=feedback),
        data=_inert({"snapshot": snapshot, "feedback": said, "placement": "below"}),
        script=script,
    )


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # Images and sounds that are in the trace itself are data: URLs; base-uri and form-action do not fall back to default-src.
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _inert(value: Any) -> str:
    """JSON that cannot end the element it stands in."""
    return json_text(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
