"""``make matrix``: the matrix twice on this machine, with us and with plain autolog; both tables go into notebooks/MATRIX.md.

Plain autolog gets what MLflow's own notebook display needs, a tracking server; we need none.
"""

from __future__ import annotations

import platform
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from matrix import Mode, matrix, terminals
from row import COLUMNS, Column, Row
from rows import ROWS, available
from servers import tracking_server
from verdict import Verdict, judge

Verdicts = dict[Column, Verdict]
TABLE = Path(__file__).parents[2] / "notebooks" / "MATRIX.md"


def main() -> int:
    rows = [row for row in ROWS if available(row)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        ours = run("ours", rows, Path(directory) / "ours", "")
        with tracking_server(Path(directory)) as server:
            server.wait()
            plain = run("plain", rows, Path(directory) / "plain", server.uri)
    TABLE.write_text(table(rows, ours, plain), encoding="utf-8")
    failed = [(row, column, verdict) for row in rows for column, verdict in ours[row.id].items() if verdict.fine is False]
    for row, column, verdict in failed:
        print(f"{row.id}: {COLUMNS[column]}: {'; '.join(verdict.whys)}")
    print("\n".join(totals(rows, ours, plain)))
    return 1 if failed else 0


def run(mode: Mode, rows: list[Row], directory: Path, uri: str) -> dict[str, Verdicts]:
    """Run all rows; ``uri`` is where the traces go, a new SQLite file if empty."""
    directory.mkdir()
    found: dict[str, Verdicts] = {}
    uri = uri or f"sqlite:///{directory}/mlflow.db"
    for terminal, start in ((False, matrix), (True, terminals)):
        with start(mode, directory, uri) as running:
            for row in (row for row in rows if row.terminal is terminal):
                if row.ours and mode == "plain":
                    found[row.id] = dict.fromkeys(COLUMNS, Verdict(None))
                    continue
                found[row.id] = judge(row, running.run(row))
                if terminal and mode == "plain":
                    found[row.id]["a"] = Verdict(None)  # MLflow shows nothing in a terminal
                print(f"{mode:5} {row.id:70} {marks(found[row.id])}", flush=True)
    return found


def marks(verdicts: Verdicts) -> str:
    return " ".join(map(str, verdicts.values()))


def table(rows: list[Row], ours: dict[str, Verdicts], plain: dict[str, Verdicts]) -> str:
    """The table, as Markdown."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("mlflow", "litellm", "ipython", "ipykernel"))
    letters = " ".join(COLUMNS)
    lines = [
        "# How a notebook calls a model, and what is recorded of it",
        "",
        "Written by `make matrix`, not by hand. Every row is run in a real kernel against the demo server, over HTTP, once",
        "with `%llmtrace on` and once with plain `mlflow.litellm.autolog()` and MLflow's own notebook display (which needs a",
        f"tracking server and gets one), on one machine in one run: Python {platform.python_version()}, {versions}.",
        "",
        *[f"- **{column}** {what}" for column, what in COLUMNS.items()],
        "",
        "✓ right, ✗ wrong, – makes no sense here.",
        "",
        *totals(rows, ours, plain),
        "",
        f"| | `%llmtrace on` {letters} | `mlflow.litellm.autolog()` {letters} | what plain autolog gets wrong |",
        "|---|---|---|---|",
    ]
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            lines.append(f"| **{group}** | | | |")
        whys = dict.fromkeys(why for verdict in plain[row.id].values() for why in verdict.whys)
        lines.append(f"| {row.name} | {marks(ours[row.id])} | {marks(plain[row.id])} | {_cell('; '.join(whys))} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    text = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return text if len(text) <= 160 else text[:159] + "…"


def totals(rows: list[Row], ours: dict[str, Verdicts], plain: dict[str, Verdicts]) -> list[str]:
    """How many rows and how many of their cells are right."""
    return [_total(name, [found[row.id] for row in rows]) for name, found in (("%llmtrace on", ours), ("plain autolog", plain))]


def _total(name: str, found: list[Verdicts]) -> str:
    judged = [[v.fine for v in verdicts.values() if v.fine is not None] for verdicts in found]
    judged = [fines for fines in judged if fines]
    cells = [fine for fines in judged for fine in fines]
    return (
        f"- `{name}`: {sum(all(fines) for fines in judged)} of {len(judged)} rows right, {sum(cells)} of {len(cells)} checks."
    )


if __name__ == "__main__":
    sys.exit(main())
