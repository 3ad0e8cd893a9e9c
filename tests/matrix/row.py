"""One way in which a notebook calls a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Column = Literal["a", "b", "c", "d", "e", "f"]
COLUMNS: dict[Column, str] = {
    "a": "in the cell that caused it",
    "b": "under the span that was active",
    "c": "one span a call, from before the request to the result",
    "d": "true status and description",
    "e": "messages, parameters, output, tokens, cost",
    "f": "the same in the store",
}


@dataclass(frozen=True)
class Row:
    """Code for one or several notebook cells; see `probe` for the names it can use.

    Parameters
    ----------
    group
        The row's heading in the table.
    clean
        A last cell that puts back what the others changed; whatever happens, it runs, and nothing is expected of it.
    interrupt
        Interrupt the last cell when it has made a ``request``, or when it has ``printed`` something.
    requests
        How many requests it makes before it is interrupted.
    together
        Submit all cells at once, as Run All does.
    restart
        Restart the kernel before the row.
    same_cell
        All cells are one, executed again.
    asks
        How many ``ask()`` it comes to, where some come when its cells have run.
    ours
        It makes sense with us only.
    terminal
        In IPython in a terminal: a cell is one line.
    skip
        Columns that make no sense for it.
    extra
        A module beyond the tests' own that it needs.
    slow
        Only in ``make test-all``.
    """

    group: str
    name: str
    cells: tuple[str, ...]
    clean: str = ""
    interrupt: Literal["", "request", "printed"] = ""
    requests: int = 1
    together: bool = False
    restart: bool = False
    same_cell: bool = False
    asks: int = 0
    ours: bool = False
    terminal: bool = False
    skip: tuple[Column, ...] = ()
    extra: str = ""
    slow: bool = False

    @property
    def id(self) -> str:
        return f"{self.group}: {self.name}"


def row(group: str, name: str, *cells: str, **options: Any) -> Row:
    """A `Row`."""
    return Row(group, name, cells, **options)
