"""A cell's spans as a tree of lines: for terminals, diffs and whatever shows neither widgets nor HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..encoding.span_encoder import error
from ..redaction.redactor import Redactor
from ..trace import tree
from ..trace.gist import gist, title
from ..trace.span import Span
from . import format
from .repeats import repeats

_MAX_DEPTH = 12
_VARYING_CHARS = 10
_GIST_CHARS = 60
_SHOWN_OF_RUN = 3
"""How many of many like spans have a line of their own; the failed ones have one in any case."""


def text(
    spans: Iterable[Span], label: str, redactor: Redactor | None = None, *, max_lines: int = 200, max_columns: int = 160
) -> str:
    """A header and a line a span.

    Parameters
    ----------
    label
        What stands in the cell's prompt.
    redactor
        Without one, what is known to be a key by its form is left out.
    max_lines
        Spans shown; the last line counts the others.
    max_columns
        Where a name and an error are cut so that a line stays within.
    """
    redactor = redactor or Redactor({})
    arrived = list(spans)
    figures = [figure for _, figure in format.figures(tree.summary(arrived))]
    lines = [" · ".join([f"LLM trace, cell [{format.one_line(label, 40)}]", *figures])]
    roots = tree.build(arrived)
    shown: set[int] = set()
    folded = _folded(roots)
    for prefix, span in _drawn(roots):
        if span is not None and id(span) in folded:
            shown.add(id(span))
            if run := folded[id(span)]:
                figures = [figure for _, figure in format.figures(tree.summary(run))[1:]]
                lines.append(prefix + " · ".join([f"… {len(run):,} more like these", *figures]))
            continue
        if len(shown) == max_lines:
            hidden = [other for _, other in tree.walk(roots) if id(other) not in shown]
            failed = sum(other.status == "error" for other in hidden)
            more = f"… {format.count(len(hidden), 'more span')}"
            lines.append(f"{more}, {failed:,} of them failed" if failed else more)
            break
        if span is None:
            lines.append(prefix + tree.UNATTACHED)
            continue
        lines.append(prefix + _line(span, redactor, max_columns - len(prefix)))
        shown.add(id(span))
    return "\n".join(lines)


def _folded(roots: list[Span]) -> dict[int, list[Span]]:
    """The spans that have no line of their own, by ``id()``: the last of each run with those that its line stands for."""
    found: dict[int, list[Span]] = {}
    for run in repeats(list(tree.walk(roots))).values():
        left_out = [span for span in run[_SHOWN_OF_RUN:] if span.status != "error"]
        found.update((id(span), []) for span in left_out)
        if left_out:
            found[id(left_out[-1])] = left_out
    return found


def _drawn(roots: list[Span]) -> Iterator[tuple[str, Span | None]]:
    """Each span and the branches drawn before it; below `_MAX_DEPTH` the depth is written instead. ``None`` is the heading
    above the unattached."""
    attached, unattached = tree.parted(roots)
    tops = [*attached, None] if unattached else attached
    stack: list[tuple[str, int, bool, Span | None]] = [("", 0, index == 0, span) for index, span in enumerate(reversed(tops))]
    while stack:
        indent, depth, last, span = stack.pop()
        yield (indent + ("└─ " if last else "├─ ") if depth < _MAX_DEPTH else f"{indent}{depth}› "), span
        below = indent + ("   " if last else "│  ") if depth < _MAX_DEPTH else indent
        children = unattached if span is None else span.children
        stack.extend((below, depth + 1, index == 0, child) for index, child in enumerate(reversed(children)))


def _line(span: Span, redactor: Redactor, columns: int) -> str:
    kind = "" if span.type == "UNKNOWN" else f"{format.one_line(redactor.text(span.type), 20)} "
    name = format.one_line(title(span, redactor), 80)
    model = [format.one_line(redactor.text(span.model), 60)] if span.model and span.model != name else []
    happened = format.one_line(gist(span, redactor), _GIST_CHARS)
    figures = format.span_figures(span)
    line = kind + " · ".join([f"{name} {happened}".rstrip(), *model, *(figure for _, figure in figures)])
    failure = error(span)
    if failure is None:
        return line
    why = redactor.text(f"{failure['type']}: {failure['message']}" if failure["message"] else failure["type"])
    # Cut at the same place in every run, however long the duration and the price are.
    varying = sum(_VARYING_CHARS - len(figure) for element, figure in figures if element)
    return f"{line} ✗ {format.one_line(why, max(columns - len(line) - varying - 3, 24))}"
