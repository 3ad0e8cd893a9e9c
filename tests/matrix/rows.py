"""Every row of the matrix, in the order of the table."""

from __future__ import annotations

import rows_calls
import rows_endings
import rows_places

ROWS = sorted([*rows_calls.ROWS, *rows_places.ROWS, *rows_endings.ROWS], key=lambda row: int(row.group.split()[0]))
