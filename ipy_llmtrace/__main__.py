"""``python -m ipy_llmtrace nbval-sanitize [--merge MINE]``: patterns for ``pytest --nbval --nbval-sanitize-with``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from .file_replacement import replace_file

SHIPPED = Path(__file__).with_name("nbval_sanitize.cfg")


def main(arguments: list[str] | None = None) -> None:
    """Print the path of a sanitize file that covers what differs between two runs of a notebook."""
    parser = argparse.ArgumentParser(prog="python -m ipy_llmtrace")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    sanitize = commands.add_parser(
        "nbval-sanitize", help="print the path of a sanitize file for nbval", description=main.__doc__
    )
    sanitize.add_argument(
        "--merge", metavar="MINE", type=Path, help="join it with a sanitize file of your own, since nbval takes one"
    )
    mine: Path | None = parser.parse_args(arguments).merge
    if mine is None:
        print(SHIPPED)
        return
    try:
        print(_merged(mine))
    except OSError as failure:
        parser.error(f"cannot read {mine}: {failure.strerror}")


def _merged(mine: Path) -> Path:
    # nbval keeps a dict in file order: the user's patterns run first, over the outputs as they are.
    joined = f"{mine.read_text(encoding='utf-8').rstrip()}\n\n{SHIPPED.read_text(encoding='utf-8')}"
    path = Path(tempfile.mkdtemp(prefix="ipy_llmtrace-")) / mine.name
    replace_file(path, [joined.encode()])
    return path


if __name__ == "__main__":
    main()
