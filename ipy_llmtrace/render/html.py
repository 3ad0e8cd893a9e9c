"""A cell's spans as static HTML: for GitHub, nbviewer, exported and untrusted notebooks.

Only elements and inline styles that JupyterLab's sanitizer keeps; no script, nothing remote, no colour of its own for
text, so that it is legible on light and on dark pages. GitHub takes the styles away, so the tree is one of lists. Foreign
text stands in ``<code>`` and ``<pre>``, where MathJax leaves dollar signs alone, and without an empty line, where HTML in
Markdown would end and the text become Markdown. Durations stand in ``<time>``, prices and ids in ``<data>``, for
``nbval_sanitize.cfg``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from ..encoding.span_encoder import detail, error
from ..redaction.redactor import Redactor
from ..trace import tree
from ..trace.feedback import NAME, Feedback
from ..trace.gist import gist, title
from ..trace.span import Span
from ..wire import Message, Part
from . import format
from .repeats import repeats
from .table import table

Json = Any

_MAX_NESTED = 20
_STRING_CHARS = 2_000
_SECTION_CHARS = 4_000
_BODY_BYTES = 16_384
_FOOTER_BYTES = 800
_ROW_OVERHEAD_BYTES = 120
_MOST_SAID = 5
_GIST_CHARS = 100
_LIST = '<ul style="margin:0;padding-left:1.2em;list-style:none">'
_PRE = '<pre style="white-space:pre-wrap;overflow-wrap:break-word;margin:0 0 0 1.2em;max-height:24em;overflow:auto">'
_EMPTY_LINE = re.compile(r"\n(?=[^\S\n]*\n)")


def html(
    spans: Iterable[Span],
    label: str,
    redactor: Redactor | None = None,
    *,
    max_bytes: int = 100_000,
    notes: Sequence[str] = (),
    feedback: Iterable[Feedback] = (),
) -> str:
    """A tree of ``<details>`` with the essentials of each span, and inside them what went in and came out.

    Parameters
    ----------
    label
        What stands in the cell's prompt.
    redactor
        Without one, what is known to be a key by its form is left out.
    max_bytes
        Length in UTF-8. Over it, details are left out first (last those of failed spans and LLM calls), then the
        deepest rows, and the last line says how many. From 2 kB on it is kept, if the notes are short.
    notes
        Plain sentences below the tree.
    feedback
        Stands at its span, that on a trace at its roots.
    """
    redactor = redactor or Redactor({})
    arrived = list(spans)
    figures = map(_figure, format.figures(tree.summary(arrived)))
    header = " · ".join([f"<b>LLM trace, cell [{escape(format.one_line(label, 40))}]</b>", *figures])
    attached, unattached = tree.parted(tree.build(arrived))
    every = list(tree.walk([*attached, *unattached]))
    runs = repeats(every)
    further = {id(span) for run in runs.values() for span in run[1:]}
    order = [(depth, span) for depth, span in every if id(span) not in further]
    footer = [f"Trace {_ids(span for depth, span in every if depth == 0)}"] if order else []
    footer += [_escaped(format.visible(redactor.text(note))) for note in notes]
    left = max_bytes - _FOOTER_BYTES - _size(header) - sum(map(_size, footer))
    said: dict[tuple[str, str | None], list[Feedback]] = {}
    for given in feedback:
        said.setdefault((given.trace_id, given.span_id), []).append(given)
    rows, left = _rows(order, said, redactor, left, runs)
    shown = [(depth, span) for depth, span in order if id(span) in rows]
    bodies, without = _bodies([span for _, span in shown], redactor, left, runs)
    hidden = [other for _, span in order if id(span) not in rows for other in runs.get(id(span), [span])]
    footer += _cut(len(hidden), without, sum(span.status == "error" for span in hidden))
    lines = "".join(f'<div style="opacity:.75">{line}</div>' for line in footer)
    return f"<details open><summary>{header}</summary>{_headed(shown, rows, bodies)}{lines}</details>"


def _rows(
    order: list[tuple[int, Span]],
    said: dict[tuple[str, str | None], list[Feedback]],
    redactor: Redactor,
    left: int,
    runs: dict[int, list[Span]],
) -> tuple[dict[int, str], int]:
    """Rows by ``id()``, the highest levels first, as far as they fit, and the bytes that are left."""
    rows: dict[int, str] = {}
    for depth, span in sorted(order, key=lambda item: item[0]):
        run = runs.get(id(span), [span])
        given = [one for s in run for one in said.get((s.trace_id, None if s.parent_id is None else s.span_id), [])]
        row = _row(depth, span, redactor) if len(run) == 1 else _run_row(run, redactor)
        row = " · ".join([row, *_opinions(given, redactor)])
        left -= _size(row) + _ROW_OVERHEAD_BYTES
        if left < 0:
            break
        rows[id(span)] = row
    return rows, left


def _bodies(spans: list[Span], redactor: Redactor, left: int, runs: dict[int, list[Span]]) -> tuple[dict[int, str], int]:
    """Bodies by ``id()`` as far as they fit, failures and calls first, and how many spans go without."""
    bodies: dict[int, str] = {}
    ranked = sorted(spans, key=lambda span: 0 if span.status == "error" else 1 if span.type in tree.CALL_TYPES else 2)
    for done, span in enumerate(ranked):
        run = runs.get(id(span))
        body = _body(span, redactor) if run is None else _run_body(run, redactor)
        left -= _size(body)
        if left < 0:
            return bodies, sum(len(runs.get(id(other), [other])) for other in ranked[done:])
        bodies[id(span)] = body
    return bodies, 0


def _headed(shown: list[tuple[int, Span]], rows: dict[int, str], bodies: dict[int, str]) -> str:
    """The rows as nested lists, those of the unattached under a heading of their own."""
    end = next((at for at, (depth, span) in enumerate(shown) if depth == 0 and span.parent_id is not None), len(shown))
    heading = f"<div>{tree.UNATTACHED}</div>" if shown[end:] else ""
    return _nested(shown[:end], rows, bodies) + heading + _nested(shown[end:], rows, bodies)


def _nested(shown: list[tuple[int, Span]], rows: dict[int, str], bodies: dict[int, str]) -> str:
    """The rows as nested lists. Browsers end nesting somewhere: rows below `_MAX_NESTED` stand side by side."""
    if not shown:
        return ""
    pieces: list[str] = []
    depths = [min(depth, _MAX_NESTED) for depth, _ in shown]
    above = -1
    for (_, span), depth, following in zip(shown, depths, [*depths[1:], 0], strict=False):
        pieces.append("</ul></details></li>" * (above - depth))
        row, body = rows[id(span)], bodies.get(id(span), "")
        if following > depth:
            pieces.append(f"<li><details open><summary>{row}</summary>{_LIST}{body}")
        elif body:
            pieces.append(f"<li><details><summary>{row}</summary>{_LIST}{body}</ul></details></li>")
        else:
            pieces.append(f"<li>{row}</li>")
        above = depth
    pieces.append("</ul></details></li>" * above)
    return f"{_LIST}{''.join(pieces)}</ul>"


def _run_row(run: list[Span], redactor: Redactor) -> str:
    """The row of many like spans: how many, what they come to, and how many failed."""
    total = tree.summary(run)
    parts = [f"{_code(title(run[0], redactor), 120)} × {len(run):,}", *map(_figure, format.figures(total)[1:])]
    if run[0].type != "UNKNOWN":
        parts[0] = f"{escape(format.one_line(redactor.text(run[0].type), 20))} {parts[0]}"
    return " · ".join(parts)


def _run_body(run: list[Span], redactor: Redactor) -> str:
    shown, rows = table(run, redactor)
    left_out = len(run) - rows
    more = f"<li>… {format.count(left_out, 'more span')}</li>" if left_out else ""
    return f"<li>{shown}</li>{more}"


def _row(depth: int, span: Span, redactor: Redactor) -> str:
    named = title(span, redactor)
    parts = [_code(named, 120)]
    if span.type != "UNKNOWN":
        parts[0] = f"{escape(format.one_line(redactor.text(span.type), 20))} {parts[0]}"
    if depth > _MAX_NESTED:
        parts[0] = f"{depth}› {parts[0]}"
    if happened := gist(span, redactor):
        parts[0] += f" {_code(happened, _GIST_CHARS)}"
    if span.model and named != span.model:
        parts.append(_code(redactor.text(span.model), 80))
    parts += map(_figure, format.span_figures(span))
    failure = error(span)
    if failure is not None:
        why = f"{failure['type']}: {failure['message']}" if failure["message"] else failure["type"]
        parts.append(f"<b>✗ {_code(redactor.text(why), 300)}</b>")
    return " · ".join(parts)


def _opinions(given: Sequence[Feedback], redactor: Redactor) -> list[str]:
    more = [f"… {len(given) - _MOST_SAID:,} more"] if given[_MOST_SAID:] else []
    return [_opinion(one, redactor) for one in given[:_MOST_SAID]] + more


def _opinion(given: Feedback, redactor: Redactor) -> str:
    value = redactor.value(given.value)
    parts = ["👍" if value is True else "👎" if value is False else _code(_written(value), 120)]
    if given.name != NAME:
        parts.insert(0, _code(redactor.text(given.name), 80))
    if given.comment:
        parts.append(_code(redactor.text(given.comment), 300))
    return " ".join(parts)


def _body(span: Span, redactor: Redactor) -> str:
    """What went in and came out, folded; a chat by its messages."""
    found = detail(span, redactor, span.start_ns, _STRING_CHARS)
    sections: list[str] = []
    if "error" in found and found["error"].get("stack"):
        sections.append(_fold("stack", found["error"].get("stack", "")))
    if "chat" in found:
        messages = found["chat"]["messages"] + found["chat"]["replies"]
        sections += [_fold(_title(message), _said(message)) for message in messages]
    else:
        sections += [_fold(name, _written(found.get(name))) for name in ("inputs", "outputs") if name in found]
    return "".join(_fitting(sections))


def _fitting(sections: list[str]) -> list[str]:
    """The first section and as many of the last ones as fit, with a line for those between."""
    left = _BODY_BYTES - sum(map(_size, sections[:1]))
    kept: list[str] = []
    for section in reversed(sections[1:]):
        left -= _size(section)
        if left < 0:
            break
        kept.insert(0, section)
    missing = len(sections[1:]) - len(kept)
    gap = [f"<li>… {format.count(missing, 'part')} left out</li>"] if missing else []
    return sections[:1] + gap + kept


def _title(message: Message) -> str:
    calls = [call["name"] for call in message.get("tool_calls", [])]
    name = message.get("name") or message.get("tool_call_id")
    return message["role"] + (f" ({name})" if name else "") + (f" → {', '.join(calls)}" if calls else "")


def _said(message: Message) -> str:
    said = [_part(part) for part in message["parts"]]
    said += [f"{call['name']}({call['arguments']})" for call in message.get("tool_calls", [])]
    return "\n".join(said)


def _part(part: Part) -> str:
    if part["kind"] == "other":
        return _written(part.get("value"))
    if part["kind"] in ("image", "audio"):
        url = part.get("url", "")
        return f"[{part['kind']}: {url.partition(',')[0] if url.startswith('data:') else url}]"
    return f"[reasoning] {part.get('text', '')}" if part["kind"] == "reasoning" else part.get("text", "")


def _written(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _fold(title: str, content: str) -> str:
    content = format.visible(content)
    if len(content) > _SECTION_CHARS:
        content = f"{content[:_SECTION_CHARS]}… [first {_SECTION_CHARS:,} of {len(content):,} characters]"
    return f"<li><details><summary>{_code(title, 80)}</summary>{_PRE}{_escaped(content)}</pre></details></li>"


def _escaped(text: str) -> str:
    return _EMPTY_LINE.sub("&#10;", escape(text))


def _code(text: str, max_chars: int) -> str:
    return f"<code>{escape(format.one_line(text, max_chars))}</code>"


def _figure(figure: format.Figure) -> str:
    element, text = figure
    return f"<{element}>{escape(text)}</{element}>" if element else escape(text)


def _ids(roots: Iterable[Span]) -> str:
    ids = list(dict.fromkeys(span.trace_id for span in roots))
    more = f", … ({len(ids):,})" if ids[3:] else ""
    return ", ".join(f"<data>{escape(format.one_line(trace_id, 40))}</data>" for trace_id in ids[:3]) + more


def _cut(rows: int, details: int, failed: int) -> list[str]:
    said = [f"the details of {format.count(details, 'span')}"] if details else []
    said += [f"{format.count(rows, 'span')}" + (f" ({failed:,} of them failed)" if failed else "")] if rows else []
    return [f"Left out for size: {' and '.join(said)}."] if said else []


def _size(text: str) -> int:
    return len(text.encode())
