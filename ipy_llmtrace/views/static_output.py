"""What stands beside a cell's live view in the same output, for whatever runs no widgets: its trace as HTML and as text."""

from __future__ import annotations

from collections.abc import Sequence

from ..cells.cell_trace import CellTrace
from ..redaction.redactor import Redactor
from ..render import html, text

_LINE_BYTES = 200
"""What a line of the text takes at most."""


def static_forms(cell: CellTrace, redactor: Redactor, max_bytes: int, notes: Sequence[str]) -> dict[str, str]:
    """Both by MIME type, in ``max_bytes`` of a notebook file together; ``notes`` are plain sentences below the tree."""
    redactor.refresh()
    plain = text.text(cell.spans, cell.label, redactor=redactor, max_lines=min(200, max_bytes // 2 // _LINE_BYTES))
    # Quotation marks take two bytes in a notebook file.
    html_bytes = int((max_bytes - len(plain.encode())) * 0.9)
    inert = html.html(cell.spans, cell.label, redactor, max_bytes=html_bytes, notes=notes, feedback=cell.given.all())
    return {"text/plain": "\n".join([plain, *(f"… {note}" for note in notes)]), "text/html": inert}
