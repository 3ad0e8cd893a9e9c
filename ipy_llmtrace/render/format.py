"""How figures and foreign text are written in the static forms.

What differs between two runs of a notebook (durations, prices) has one form each, which ``nbval_sanitize.cfg`` knows.
"""

from __future__ import annotations

import math
import re
from typing import Literal

from ..trace.span import Span
from ..trace.tree import Summary

_TERMINAL_SEQUENCES = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\))")
_SELECTOR = r"\u180b-\u180d\u180f\ufe00-\ufe0e\U000e0100-\U000e01ef"
_IGNORABLE = (
    rf"\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0{_SELECTOR}"
    r"\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_INVISIBLE = re.compile(
    # What emoji and scripts need stays: the tags of a flag, joiners and selectors of variants.
    r"(\U0001f3f4[\U000e0020-\U000e007f]{1,6}"
    rf"|(?<=[^ -~\s{_IGNORABLE}])[\u200c\u200d\ufe0f{_SELECTOR}]|\ufe0f(?=\u20e3))"
    rf"|[\x00-\x08\x0b-\x1f\x7f-\x9f\ufe0f\ud800-\udfff{_IGNORABLE}]"
)
_SPACES = re.compile(r"[\s\x85\u2028\u2029]+")

NO_COUNTS = "the server sent no token counts"
"""Why tokens are estimated."""

Figure = tuple[Literal["time", "data"] | None, str]
"""A figure and the HTML element it stands in, if it differs from run to run."""


def duration(duration_ns: int) -> str:
    """A number, a space, a unit: ``812 µs``, ``4.21 ms``, ``6.21 s``; from a minute on ``2 m 05 s``, ``1 h 02 m``."""
    if duration_ns >= 3_599_500_000_000:
        minutes = round(duration_ns / 60e9)
        return f"{minutes // 60} h {minutes % 60:02} m"
    if duration_ns >= 59_995_000_000:
        seconds = round(duration_ns / 1e9)
        return f"{seconds // 60} m {seconds % 60:02} s"
    for unit_ns, unit in ((1e9, "s"), (1e6, "ms")):
        if duration_ns >= unit_ns * 0.9995:
            amount = duration_ns / unit_ns
            return f"{amount:.{2 if amount < 9.995 else 1 if amount < 99.95 else 0}f} {unit}"
    return f"{max(duration_ns, 0) / 1e3:.0f} µs"


def cost(cost_usd: float) -> str:
    """US dollars with four significant digits and, up to ``$1,000``, at least two decimals: ``$0.0042``, ``$1.50``, ``$0``."""
    if not math.isfinite(cost_usd):
        return "n/a"
    if abs(cost_usd) >= 1000:
        return f"${cost_usd:,.0f}"
    if cost_usd == 0:
        return "$0"
    decimals = min(12, 3 - math.floor(math.log10(abs(cost_usd))))
    return "$" + re.sub(r"(\.\d\d+?)0+$", r"\1", f"{cost_usd:.{decimals}f}")


def count(number: int, noun: str) -> str:
    """``1 error``, ``1,204 tokens``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def figures(total: Summary) -> list[Figure]:
    """What a header says of a cell, in order."""
    if not total.spans:
        return [(None, "no spans")]
    parts: list[Figure] = [(None, count(total.calls, "LLM call") if total.calls else count(total.spans, "span"))]
    if total.shown_tokens is not None:
        parts.append((None, approximate(count(total.shown_tokens, "token"), estimated=bool(total.uncounted))))
    if total.unpriced:
        parts.append((None, f"cost n/a ({total.unpriced:,} unpriced)"))
    elif total.shown_cost_usd is not None:
        shown = cost(total.shown_cost_usd)
        parts.append(("data", approximate(shown, estimated=total.estimated_cost_usd is not None)))
    if total.uncounted:
        parts.append((None, f"{NO_COUNTS} for {count(total.uncounted, 'call')}"))
    parts.append(_elapsed(total.duration_ns))
    if total.errors:
        parts.append((None, count(total.errors, "error")))
    return parts


def span_figures(span: Span) -> list[Figure]:
    """What a row says of a span after its name and model, in order."""
    parts: list[Figure] = []
    if (tokens := span_tokens(span)) is not None:
        parts.append((None, tokens))
    if (price := span_cost(span)) is not None:
        parts.append(("data", price))
    parts.append(_elapsed(span.duration_ns))
    return parts


def span_tokens(span: Span) -> str | None:
    """How many tokens a span took, measured or estimated: ``12 tokens``, ``≈ 12 tokens``; ``None`` where nothing is known."""
    counted = span.tokens or span.estimated_tokens
    if counted is None or counted.total is None:
        return None
    return approximate(count(counted.total, "token"), estimated=span.tokens is None)


def span_cost(span: Span) -> str | None:
    """What a span cost, as `span_tokens`."""
    price = span.estimated_cost_usd if span.cost_usd is None else span.cost_usd
    return None if price is None else approximate(cost(price), estimated=span.cost_usd is None)


def approximate(figure: str, *, estimated: bool) -> str:
    """``≈ 12 tokens`` for a figure that is, or has in it, an estimate."""
    return f"≈ {figure}" if estimated else figure


def _elapsed(duration_ns: int | None) -> Figure:
    return (None, "… running") if duration_ns is None else ("time", duration(duration_ns))


def visible(text: str) -> str:
    r"""``text`` without terminal colours and links; other control, zero-width and bidi characters as ``\u202e``.

    What a model wrote could otherwise rewrite the terminal, or show one thing and mean another: tag characters spell a text
    that only another model reads.
    """
    return _INVISIBLE.sub(_escape, _TERMINAL_SEQUENCES.sub("", text))


def one_line(text: str, max_chars: int) -> str:
    """`visible` text with every run of white space as one space, cut with ``…``."""
    line = visible(_SPACES.sub(" ", _TERMINAL_SEQUENCES.sub("", text[: max_chars * 8])).strip())
    return line if len(line) <= max_chars and len(text) <= max_chars * 8 else f"{line[: max_chars - 1]}…"


def _escape(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
