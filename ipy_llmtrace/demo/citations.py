"""The sources that a reply cites when it is asked to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Citation:
    """A source; ``text`` is what is quoted of it."""

    url: str
    title: str
    text: str


def cite(count: int) -> tuple[Citation, ...]:
    """So many sources, on a host that does not exist."""
    numbers = range(1, count + 1)
    return tuple(Citation(f"https://source-{n}.invalid/", f"Source {n}", f"What source {n} says.") for n in numbers)
