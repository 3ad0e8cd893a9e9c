"""Many like spans as one HTML table: what was asked, what came back, tokens, cost, duration and failure of each."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..encoding.span_encoder import error
from ..redaction.redactor import Redactor
from ..trace.gist import exchange
from ..trace.span import Span
from . import format

TABLE_BYTES = 16_000
"""Longest table, in UTF-8: failed spans first, then the others in their order, as far as they fit."""

_CELL_CHARS = 60


def table(spans: Sequence[Span], redactor: Redactor, max_bytes: int = TABLE_BYTES) -> tuple[str, int]:
    """The table and how many of ``spans`` it shows, in at most ``max_bytes``."""
    rows: dict[int, str] = {}
    left = max_bytes - 400
    for number in sorted(range(len(spans)), key=lambda number: spans[number].status != "error"):
        row = _row(number + 1, spans[number], redactor)
        left -= len(row.encode())
        if left < 0:
            break
        rows[number] = row
    head = "".join(f"<th>{name}</th>" for name in ("", "input", "output", "tokens", "cost", "time", ""))
    body = "".join(rows[number] for number in sorted(rows))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>", len(rows)


def _row(number: int, span: Span, redactor: Redactor) -> str:
    asked, answered = exchange(span, redactor)
    cells = [str(number), _code(asked), _code(answered), _tokens(span)]
    price = format.span_cost(span)
    cells.append("" if price is None else f"<data>{escape(price)}</data>")
    cells.append("… running" if span.duration_ns is None else f"<time>{format.duration(span.duration_ns)}</time>")
    failure = error(span)
    why = "" if failure is None else redactor.text(f"{failure['type']}: {failure['message']}")
    cells.append(f"<b>✗ {_code(why, 2 * _CELL_CHARS)}</b>" if failure else "")
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _tokens(span: Span) -> str:
    counted = span.tokens or span.estimated_tokens
    if counted is None or counted.total is None:
        return ""
    return format.approximate(f"{counted.total:,}", estimated=span.tokens is None)


def _code(text: str, max_chars: int = _CELL_CHARS) -> str:
    return f"<code>{escape(format.one_line(text, max_chars))}</code>" if text else ""
