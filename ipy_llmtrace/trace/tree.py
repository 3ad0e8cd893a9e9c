"""Order, depth and sums of a cell's spans.

Pure, and iterative throughout: an agent's recursion can be deeper than Python's stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from .span import Span, Tokens

UNATTACHED = "Unattached spans"
"""The heading of those whose parents are not there."""

CALL_TYPES = frozenset({"LLM", "CHAT_MODEL", "EMBEDDING"})
"""MLflow's types of the spans that ask a model."""

_Key = tuple[str, str]
_Children = dict[int, list[Span]]


@dataclass(slots=True, frozen=True)
class Rollup:
    """Sums over a span and all below it.

    Parameters
    ----------
    calls
        Calls of a model. A call span directly under another is an attempt of the same call and not counted again.
    tokens, cost_usd
        ``None`` where nothing is known.
    unpriced
        Calls that ended without a known price. A call that failed without using tokens has no price to know.
    errors
        Failed spans without a failed child: where failures began.
    """

    calls: int = 0
    errors: int = 0
    tokens: Tokens | None = None
    cost_usd: float | None = None
    unpriced: int = 0


@dataclass(slots=True, frozen=True)
class Summary:
    """What a cell's header says; ``duration_ns`` is ``None`` while a span runs, ``cost_usd`` when no price is known."""

    state: Literal["running", "ok", "error"]
    spans: int
    calls: int
    errors: int
    tokens: Tokens
    cost_usd: float | None
    unpriced: int
    start_ns: int
    duration_ns: int | None


def build(spans: Iterable[Span]) -> list[Span]:
    """Fill the ``children`` of every span and return the roots, both by start and then by arrival.

    A span whose parent is not among ``spans`` is a root. Of a cycle of parents, the span that started first is one. The
    roots of a tree stand for all that is in it.
    """
    arrived = _all(spans)
    roots, children = _arranged(arrived)
    for span in arrived:
        span.children = children[id(span)]
    return roots


def parted(roots: Iterable[Span]) -> tuple[list[Span], list[Span]]:
    """The roots that are meant to be some, and the unattached: those of which the parent is not there."""
    tops = list(roots)
    return [span for span in tops if span.parent_id is None], [span for span in tops if span.parent_id is not None]


def walk(roots: Iterable[Span]) -> Iterator[tuple[int, Span]]:
    """Every span below ``roots`` with its depth (roots: 0), parents before children, siblings in order."""
    stack = [(0, span) for span in reversed(list(roots))]
    while stack:
        depth, span = stack.pop()
        yield depth, span
        stack.extend((depth + 1, child) for child in reversed(span.children))


def rollup(roots: Iterable[Span]) -> dict[str, Rollup]:
    """Sums per span id, for trees made by `build`.

    Own tokens and costs of an agent, a chain or the like are a roll-up of the calls below it, and count only where
    those are unknown. Those of a call count instead of its attempts'.
    """
    tops = list(roots)
    children = {id(span): span.children for _, span in walk(tops)}
    sums = _sums(tops, children)
    return {span.span_id: sums[id(span)] for _, span in walk(tops)}


def summary(spans: Iterable[Span]) -> Summary:
    """Sums over a cell's spans, taken as `build` takes them; changes none of them."""
    arrived = _all(spans)
    roots, children = _arranged(arrived)
    sums = _sums(roots, children)
    total = _add(sums[id(root)] for root in roots)
    running = any(span.end_ns is None for span in arrived)
    start_ns = min((span.start_ns for span in arrived), default=0)
    end_ns = max((span.end_ns for span in arrived if span.end_ns is not None), default=0)
    failed = any(root.status == "error" for root in roots)
    return Summary(
        state="running" if running else "error" if failed else "ok",
        spans=len(arrived),
        calls=total.calls,
        errors=total.errors,
        tokens=total.tokens or Tokens(),
        cost_usd=total.cost_usd,
        unpriced=total.unpriced,
        start_ns=start_ns,
        duration_ns=None if running else end_ns - start_ns,
    )


def _start(span: Span) -> int:
    return span.start_ns


def _all(spans: Iterable[Span]) -> list[Span]:
    """``spans`` and what is below them; a child that is given anew replaces the one that an older tree holds."""
    found = list(spans)
    known = {(span.trace_id, span.span_id) for span in found}
    for span in found:
        for child in span.children:
            key = (child.trace_id, child.span_id)
            if key not in known:
                known.add(key)
                found.append(child)
    return found


def _arranged(arrived: list[Span]) -> tuple[list[Span], _Children]:
    parents = _parents(arrived)
    children: _Children = {id(span): [] for span in arrived}
    roots: list[Span] = []
    for span in sorted(arrived, key=_start):
        parent = parents.get(id(span))
        (roots if parent is None else children[id(parent)]).append(span)
    return roots, children


def _parents(arrived: list[Span]) -> dict[int, Span]:
    """The parent of each span that has one here, by ``id()``.

    Ids can repeat (``random.seed`` in the user's code repeats MLflow's), so a parent is the newest of that id which
    came before the child, else any.
    """
    newest: dict[_Key, Span] = {}
    parents: dict[int, Span] = {}
    early: list[tuple[Span, _Key]] = []
    for span in arrived:
        if span.parent_id is not None:
            key = (span.trace_id, span.parent_id)
            if key in newest:
                parents[id(span)] = newest[key]
            else:
                early.append((span, key))
        newest[(span.trace_id, span.span_id)] = span
    parents.update((id(span), newest[key]) for span, key in early if key in newest)
    _break_cycles(arrived, parents)
    return parents


def _break_cycles(arrived: list[Span], parents: dict[int, Span]) -> None:
    done: set[int] = set()
    for span in arrived:
        path: dict[int, Span] = {}
        here: Span | None = span
        while here is not None and id(here) not in done and id(here) not in path:
            path[id(here)] = here
            here = parents.get(id(here))
        if here is not None and id(here) in path:
            cycle = list(path.values())[list(path).index(id(here)) :]
            del parents[id(min(cycle, key=_start))]
        done.update(path)


def _sums(roots: list[Span], children: _Children) -> dict[int, Rollup]:
    order = list(roots)
    for span in order:
        order.extend(children[id(span)])
    sums: dict[int, Rollup] = {}
    for span in reversed(order):
        below = children[id(span)]
        sums[id(span)] = _call(span, below, sums) if span.type in CALL_TYPES else _step(span, below, sums)
    return sums


def _step(span: Span, children: list[Span], sums: dict[int, Rollup]) -> Rollup:
    below = _add(sums[id(child)] for child in children)
    return Rollup(
        below.calls,
        below.errors + _begins_failure(span, children),
        span.tokens if below.tokens is None else below.tokens,
        span.cost_usd if below.cost_usd is None else below.cost_usd,
        below.unpriced,
    )


def _call(span: Span, children: list[Span], sums: dict[int, Rollup]) -> Rollup:
    attempts = _add(sums[id(child)] for child in children if child.type in CALL_TYPES)
    other = _add(sums[id(child)] for child in children if child.type not in CALL_TYPES)
    tokens = attempts.tokens if span.tokens is None else span.tokens
    cost_usd = attempts.cost_usd if span.cost_usd is None else span.cost_usd
    billed = span.status == "ok" or (span.status == "error" and tokens is not None and bool(tokens.total))
    own = Rollup(1, _begins_failure(span, children) + attempts.errors, tokens, cost_usd, int(billed and cost_usd is None))
    return _add((own, other))


def _begins_failure(span: Span, children: list[Span]) -> bool:
    return span.status == "error" and not any(child.status == "error" for child in children)


def _add(parts: Iterable[Rollup]) -> Rollup:
    calls = errors = unpriced = 0
    tokens: Tokens | None = None
    cost_usd: float | None = None
    for part in parts:
        calls += part.calls
        errors += part.errors
        unpriced += part.unpriced
        tokens = _plus(tokens, part.tokens)
        if part.cost_usd is not None:
            cost_usd = part.cost_usd + (cost_usd or 0.0)
    return Rollup(calls, errors, tokens, cost_usd, unpriced)


def _plus(a: Tokens | None, b: Tokens | None) -> Tokens | None:
    return b if a is None else a if b is None else a + b
