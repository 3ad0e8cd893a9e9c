"""Every row of the matrix, in the order of the table."""

from __future__ import annotations

import importlib.util
from pathlib import Path

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
    """Whether the module that a row needs is there. Its package is not imported to find out."""
    package, *path = row.extra.split(".")
    spec = importlib.util.find_spec(package) if package else None
    if spec is None or not path:
        return spec is not None or not row.extra
    return any(Path(place, *path).with_suffix(".py").exists() for place in spec.submodule_search_locations or ())
