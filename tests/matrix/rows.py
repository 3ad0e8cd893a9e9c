"""Every row of the matrix, in the order of the table."""

from __future__ import annotations

import importlib.util

import rows_calls
import rows_endings
import rows_places
import rows_switches
import rows_terminal
from row import Row

ROWS = sorted(
    [*rows_calls.ROWS, *rows_places.ROWS, *rows_endings.ROWS, *rows_switches.ROWS, *rows_terminal.ROWS],
    key=lambda row: int(row.group.split()[0]),
)


def available(row: Row) -> bool:
    """Whether the package that a row needs is there."""
    return not row.extra or importlib.util.find_spec(row.extra) is not None
