"""``%llmtrace`` and ``%%llmtrace``: parse, call the session, print one line."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import Any

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import cell_magic
from IPython.core.magic import Magics, line_cell_magic, magics_class

from .cells.cell_trace import CellTrace
from .export import files
from .options import STAYS_OFF, Options, Parser, UsageMistake, add_options, switched_off_by_environment
from .redaction.redactor import Redactor
from .render import format
from .session import Session
from .trace.tree import Summary

MAX_LISTED = 10
"""How many files and kinds of failures the status names."""

_RUNNING_CELL = "__running_cell__"
_REF = "a trace id (of any session, from the store), a cell's number (3 or In[3]), or -1 for the newest"


def _cell_parser() -> Parser:
    parser = Parser(prog="%%llmtrace", description="Trace this cell only, whether tracing is on or off otherwise.")
    add_options(parser)
    return parser


def _on_parser() -> Parser:
    parser = Parser(prog="%llmtrace on", description="Trace every cell until `off`.")
    add_options(parser)
    return parser


def _parser() -> Parser:
    parser = Parser(
        prog="%llmtrace",
        description="Trace what cells do with LLMs, and show it beside their output. Without a word: whether it is on, where "
        "traces go, and what this session has used.",
        epilog="%%llmtrace [options of `on`] at the top of a cell traces that cell only.",
    )
    commands = parser.add_subparsers(dest="command", metavar="{on,off,show,last,export,flush,ui}", parser_class=Parser)
    add_options(commands.add_parser("on", prog="%llmtrace on", help="trace every cell until `off`"))
    commands.add_parser("off", prog="%llmtrace off", help="trace nothing more, and leave nothing behind")
    show = commands.add_parser("show", prog="%llmtrace show", help="show a cell's trace again, here")
    show.add_argument("ref", nargs="?", default="-1", help=f"{_REF}; or an OTLP/JSON file (.json)")
    commands.add_parser("last", prog="%llmtrace last", help="return the newest CellTrace: t = %%llmtrace last")
    export = commands.add_parser("export", prog="%llmtrace export", help="write a cell's trace to a file, without secrets")
    export.add_argument("path", metavar="PATH", help="a page that opens by itself (.html), or OTLP/JSON (.json)")
    export.add_argument("ref", nargs="?", default="-1", help=_REF)
    flush = commands.add_parser("flush", prog="%llmtrace flush", help="wait until the store has every trace")
    flush.add_argument("--discard", action="store_true", help="first delete the files that %%llmtrace lists as set aside")
    commands.add_parser("ui", prog="%llmtrace ui", help="serve MLflow's UI of the store on this machine, and show a link to it")
    return parser


@magics_class
class LlmtraceMagics(Magics):
    """The magics of one shell, and its session."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._shell = shell
        self.session = Session(shell)
        self._parser = _parser()
        self._cell_parser = _cell_parser()

    @line_cell_magic
    def llmtrace(self, line: str, cell: str | None = None) -> CellTrace | None:
        try:
            # Only code that calls run_cell_magic itself has a cell here; a cell's first line is rewritten by `one_cell`.
            return self._run(line) if cell is None else self._one_cell(line, cell)
        except UsageMistake as mistake:
            if not str(mistake):
                return None
            raise UsageError(str(mistake)) from None

    def _run(self, line: str) -> CellTrace | None:
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageMistake(f"%llmtrace: {error}: {line}") from None
        if words[:1] in (["-h"], ["--help"]):
            print(self.llmtrace.__doc__)
            return None
        if words[:1] == [_RUNNING_CELL]:
            self._switch_on(Options(**vars(self._cell_parser.parse_args(words[1:]))), one_cell=True)
            return None
        arguments = vars(self._parser.parse_args(words))
        command = arguments.pop("command")
        if command == "last":
            return self.session.cell("-1")
        if command == "show":
            self.session.show(self._found(arguments["ref"]))
        elif command == "export":
            cell = self.session.cell(arguments["ref"])
            redactor, feedback = self.session.redactor(), cell.given.all()
            print(f"written: {files.save(arguments['path'], cell.spans, cell.label, redactor, feedback)}")
        elif command == "off":
            self.session.end()
            print("llmtrace is off")
        elif command == "flush":
            if arguments["discard"]:
                print(Redactor.of_process().text(_discarded()))
            print(Redactor.of_process().text(self._flush()))
        elif command == "ui":
            self.session.open_ui()
        elif command is None:
            print(Redactor.of_process().text(self._status()))
        else:
            self._switch_on(Options(**arguments), one_cell=False)
        return None

    def _found(self, reference: str) -> CellTrace:
        """The trace in an OTLP/JSON file, or of a cell."""
        if reference.lower().endswith(".json"):
            found = CellTrace.of(files.load(reference), os.path.basename(reference))
            found.takes_feedback = False
            return found
        return self.session.cell(reference)

    def _switch_on(self, options: Options, *, one_cell: bool) -> None:
        if switched_off_by_environment():
            print(STAYS_OFF)
        elif one_cell:
            self.session.trace_running_cell(options)
        else:
            self.session.switch_on(options)
            print(f"llmtrace is on: traces show {_WHERE[options.view]} and go to {self.session.notes.destination()}")

    def _one_cell(self, line: str, cell: str) -> None:
        if line.strip() in ("-h", "--help"):
            print(self._cell_parser.format_help())
            return
        self._run(f"{_RUNNING_CELL} {line}")
        self._shell.run_cell(cell, store_history=False).raise_error()

    def _flush(self) -> str:
        def progress(left: int) -> None:
            print(f"\rllmtrace: {left:,} traces to store ", end="", flush=True)

        left = self.session.flush(progress)
        lines = [*([self.session.notes.all_stored()] if left.settled else []), *left.lines(), *_set_aside()]
        return "\r" + "; ".join(["llmtrace: " + line for line in lines])

    def _stored(self) -> list[str]:
        """Whether the last traces have arrived."""
        self.session.look()
        lines = self.session.delivery_status().lines()
        stored = [self.session.notes.all_stored()] if self.session.cells.traced else []
        return [*(lines or stored), *_set_aside()]

    def _failed(self) -> list[str]:
        """What has failed within the package."""
        failures = self.session.failures()
        if not failures:
            return []
        more = [f"{len(failures) - MAX_LISTED:,} more kinds"] if len(failures) > MAX_LISTED else []
        return ["failures of llmtrace itself: " + ", ".join([*map(str, failures[:MAX_LISTED]), *more])]

    def _status(self) -> str:
        self.session.drain()
        cells = self.session.cells.traced
        sums = [cell.summary for cell in cells]
        state = "on" if self.session.on else "off"
        return (
            f"llmtrace is {state} · traces go to {self.session.notes.destination()} (prompts in clear) · this session: "
            f"{format.count(len(cells), 'cell')}, {format.count(sum(s.calls for s in sums), 'LLM call')}, {_used(sums)}, "
            f"{format.count(sum(s.errors for s in sums), 'error')}"
            + "".join(f" · {line}" for line in [*self.session.hooked(), *self._stored(), *self._failed()])
        )


def _used(sums: Sequence[Summary]) -> str:
    """Tokens and cost of several cells, with ``≈`` where they have an estimate in them."""
    tokens = format.count(sum(s.shown_tokens or 0 for s in sums), "token")
    cost = format.cost(sum(s.shown_cost_usd or 0.0 for s in sums))
    uncounted = sum(s.uncounted for s in sums)
    if not uncounted:
        return f"{tokens}, {cost}"
    estimated_cost = any(s.estimated_cost_usd is not None for s in sums)
    figures = [format.approximate(tokens, estimated=True), format.approximate(cost, estimated=estimated_cost)]
    return f"{', '.join(figures)} ({format.NO_COUNTS} for {format.count(uncounted, 'call')})"


def _set_aside() -> list[str]:
    """What lies among the files of undelivered traces and is not used."""
    from .recorder.delivery.spool_directory import spools_of_user  # not before it is needed: %load_ext is to be quick

    found = [str(one) for one in spools_of_user().set_aside()]
    if not found:
        return []
    more = [f"and {len(found) - MAX_LISTED:,} more"] if len(found) > MAX_LISTED else []
    listed = "; ".join(found[:MAX_LISTED] + more)
    return [f"set aside: {listed} (%llmtrace flush --discard deletes {'it' if len(found) == 1 else 'them'})"]


def _discarded() -> str:
    from .recorder.delivery.spool_directory import spools_of_user

    deleted, failures = spools_of_user().discard()
    return "; ".join([f"llmtrace: {format.count(deleted, 'file')} deleted", *map(str, failures)])


_WHERE = {
    "beside": "beside each cell's output",
    "below": "below each cell's output",
    "text": "as text",
    "off": "nowhere",
}

# So that %llmtrace? and %llmtrace -h say the same.
LlmtraceMagics.llmtrace.__doc__ = f"{_parser().format_help()}\n{_on_parser().format_help()}"


def one_cell(lines: list[str]) -> list[str]:
    """An input transformer: the first line ``%%llmtrace ...`` becomes a call, so that the rest runs as an ordinary cell, with
    its own ``await``, its last value shown, and true line numbers in tracebacks."""
    blank = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if blank:
        return [*lines[:blank], *one_cell(lines[blank:])]
    if not lines or not lines[0].startswith("%%llmtrace"):
        return lines
    words = lines[0].removeprefix("%%llmtrace")
    if words[:1] not in ("", " ", "\t", "\n") or words.strip() in ("?", "??", "-h", "--help"):
        return lines
    call = f"get_ipython().run_line_magic('llmtrace', {_RUNNING_CELL + ' ' + words.strip()!r})\n"
    return [call, *cell_magic(lines[1:])]
