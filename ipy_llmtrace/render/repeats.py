"""Many like spans one after another, such as the calls of a loop: the static forms show them as one table, or in one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ..trace.span import Span

MIN_REPEATS = 20
"""From how many like spans on they are shown together; fewer stand one by one, with their messages."""


def repeats(order: Sequence[tuple[int, Span]]) -> dict[int, list[Span]]:
    """Runs of at least `MIN_REPEATS` adjacent siblings without children that have the same type and name.

    Parameters
    ----------
    order
        Depths and spans as `tree.walk` gives them.

    Returns
    -------
    dict
        Each run by the ``id()`` of its first span.
    """
    found: dict[int, list[Span]] = {}
    for run in _alike(order):
        if len(run) >= MIN_REPEATS:
            found[id(run[0])] = run
    return found


def _alike(order: Sequence[tuple[int, Span]]) -> Iterator[list[Span]]:
    """Siblings that stand side by side are so in the order of the walk, too, where they have no children."""
    for kind, members in groupby(order, key=lambda item: _kind(*item)):
        if kind is not None:
            yield [span for _, span in members]


def _kind(depth: int, span: Span) -> tuple[int, str | None, str, str] | None:
    return None if span.children else (depth, span.parent_id, span.type, span.name)
