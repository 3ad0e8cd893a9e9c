"""Order, depth and sums of a cell's spans.

Pure, and iterative throughout: an agent's recursion can be deeper than Python's stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, overload

from .span import Span, Tokens

UNATTACHED = "Unattached spans"
"""The heading of those whose parents are not there."""

CALL_TYPES = frozenset({"LLM", "CHAT_MODEL", "EMBEDDING"})
"""MLflow's types of the spans that ask a model."""

_OTHER_REQUESTS = frozenset({"TOOL", "AGENT"})
"""Types of the spans below which a call is another request than the call above."""

_Key = tuple[str, str]
_Children = dict[int, list[Span]]


# Not frozen: one is made for every span of a cell, and a frozen one takes three times as long to make.
@dataclass(slots=True)
class Rollup:
    """Sums over a span and all below it. The estimated ones are of calls that the others know nothing of.

    Parameters
    ----------
    calls
        Requests to a model. Where a library's call span stands above that of the library below it, the lower one counts.
    tokens, cost_usd
        ``None`` where nothing is known.
    estimated_tokens, estimated_cost_usd
        Of the calls for which the server sent no token counts; ``None`` where nothing is estimated.
    uncounted
        How many calls have estimated tokens.
    unpriced
        Calls that ended without a known or an estimated price. A call that failed without using tokens has no price to know.
    errors
        Failed spans without a failed child: where failures began.
    """

    calls: int = 0
    errors: int = 0
    tokens: Tokens | None = None
    cost_usd: float | None = None
    unpriced: int = 0
    estimated_tokens: Tokens | None = None
    estimated_cost_usd: float | None = None
    uncounted: int = 0


@dataclass(slots=True, frozen=True)
class Summary:
    """The header's figures; ``duration_ns`` is ``None`` while a span runs, the rest as in `Rollup`."""

    state: Literal["running", "ok", "error"]
    spans: int
    calls: int
    errors: int
    tokens: Tokens
    cost_usd: float | None
    unpriced: int
    start_ns: int
    duration_ns: int | None
    estimated_tokens: Tokens | None = None
    estimated_cost_usd: float | None = None
    uncounted: int = 0

    @property
    def shown_tokens(self) -> int | None:
        """Input plus output of all calls, estimated or not; ``None`` where nothing is known of any."""
        return _plus(self.tokens, self.estimated_tokens or Tokens()).total

    @property
    def shown_cost_usd(self) -> float | None:
        """The cost of all calls, estimated or not; ``None`` where none has a price."""
        return _total(self.cost_usd, self.estimated_cost_usd)


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

    Own tokens and costs of a span above calls repeat those of the calls, and count only where those are unknown. So do those of
    a call span that stands above another one of the same request: a library's own span of what it has LiteLLM do, say. A call
    below a tool or an agent is another request than the call above that.
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
        estimated_tokens=total.estimated_tokens,
        estimated_cost_usd=total.estimated_cost_usd,
        uncounted=total.uncounted,
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
    asks: dict[int, bool] = {}
    for span in reversed(order):
        below = children[id(span)]
        asked_below = any(asks[id(child)] for child in below)
        is_call = span.type in CALL_TYPES
        asks[id(span)] = is_call or (asked_below and span.type not in _OTHER_REQUESTS)
        own = _own(span, below)
        if below:
            total = _add(sums[id(child)] for child in below)
            own = _add((own, total)) if is_call and not asked_below else _repeated(own, total)
        sums[id(span)] = own
    return sums


def _own(span: Span, children: list[Span]) -> Rollup:
    is_call = span.type in CALL_TYPES
    used = span.tokens or span.estimated_tokens
    billed = span.status == "ok" or (span.status == "error" and used is not None and bool(used.total))
    priced = span.cost_usd is not None or span.estimated_cost_usd is not None
    return Rollup(
        calls=int(is_call),
        errors=int(span.status == "error" and not any(child.status == "error" for child in children)),
        tokens=span.tokens,
        cost_usd=span.cost_usd,
        unpriced=int(is_call and billed and not priced),
        estimated_tokens=span.estimated_tokens,
        estimated_cost_usd=span.estimated_cost_usd,
        uncounted=int(span.estimated_tokens is not None),
    )


def _repeated(own: Rollup, below: Rollup) -> Rollup:
    """The sums of a span whose own figures repeat what is below it, as far as that is known there."""
    counts = below if below.tokens is not None or below.estimated_tokens is not None else own
    is_priced = below.cost_usd is not None or below.estimated_cost_usd is not None or below.unpriced
    prices = below if is_priced else own
    return Rollup(
        calls=below.calls or own.calls,
        errors=own.errors + below.errors,
        tokens=counts.tokens,
        cost_usd=prices.cost_usd,
        unpriced=prices.unpriced,
        estimated_tokens=counts.estimated_tokens,
        estimated_cost_usd=prices.estimated_cost_usd,
        uncounted=counts.uncounted,
    )


def _add(parts: Iterable[Rollup]) -> Rollup:
    calls = errors = unpriced = uncounted = 0
    tokens: Tokens | None = None
    estimated_tokens: Tokens | None = None
    cost_usd: float | None = None
    estimated_cost_usd: float | None = None
    for part in parts:
        calls += part.calls
        errors += part.errors
        unpriced += part.unpriced
        uncounted += part.uncounted
        tokens = _plus(tokens, part.tokens)
        estimated_tokens = _plus(estimated_tokens, part.estimated_tokens)
        cost_usd = _total(cost_usd, part.cost_usd)
        estimated_cost_usd = _total(estimated_cost_usd, part.estimated_cost_usd)
    return Rollup(calls, errors, tokens, cost_usd, unpriced, estimated_tokens, estimated_cost_usd, uncounted)


@overload
def _plus(a: Tokens, b: Tokens | None) -> Tokens: ...
@overload
def _plus(a: Tokens | None, b: Tokens | None) -> Tokens | None: ...
def _plus(a: Tokens | None, b: Tokens | None) -> Tokens | None:
    return b if a is None else a if b is None else a + b


def _total(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else a + b
