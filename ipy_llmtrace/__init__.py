"""See what every notebook cell does with LLMs: the MLflow span tree of its LiteLLM calls, live, beside its output.

%load_ext ipy_llmtrace
%llmtrace on
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cells.cell_trace import CellTrace
    from .trace.span import Span
    from .widget import TraceView

__version__ = "0.1.0"

__all__ = ["CellTrace", "Span", "TraceView", "cell", "disable", "enable", "last", "show"]

_MAGIC = "llmtrace"


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext ipy_llmtrace``: the magics are there; nothing is traced yet."""
    from .magic import LlmtraceMagics, one_cell

    if "LlmtraceMagics" in shell.magics_manager.registry:
        return
    shell.register_magics(LlmtraceMagics)
    # First, before IPython turns a cell magic into a call.
    shell.input_transformers_cleanup.insert(0, one_cell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext ipy_llmtrace``: off, and nothing stays behind."""
    from .magic import one_cell

    magics = shell.magics_manager.registry.pop("LlmtraceMagics", None)
    if magics is None:
        return
    magics.session.unload()
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(_MAGIC, None)
    while one_cell in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(one_cell)


def enable(**options: Any) -> None:
    """``%llmtrace on``, from code; loads the extension if need be.

    Parameters
    ----------
    **options
        As `ipy_llmtrace.options.Options`: ``view``, ``experiment``, ``tracking_uri``, ``threads``, ``redact``,
        ``max_saved_bytes``, ``otlp``, ``otlp_only``.

    Raises
    ------
    ValueError
        There is no such view, or nothing can go to that tracking URI or OTLP endpoint; the message is one line.
    """
    from . import options as choices

    wanted = choices.Options(**options)
    if choices.switched_off_by_environment():
        print(choices.STAYS_OFF)
        return
    try:
        _session(load=True).switch_on(wanted)
    except choices.UsageMistake as mistake:
        raise ValueError(str(mistake)) from None


def disable() -> None:
    """``%llmtrace off``, from code."""
    _session().end()


def last() -> CellTrace:
    """The newest cell's trace. Raises ``LookupError`` when no cell has one."""
    return cell(-1)


def cell(ref: int | str) -> CellTrace:
    """The trace of one cell.

    Parameters
    ----------
    ref
        An execution count (``3``, ``"In[3]"``), ``-1`` for the newest, ``-2`` for the one before, or a trace id (``"tr-…"``).

    Raises
    ------
    LookupError
        There is no such trace; the message says what there is.
    """
    from .options import UsageMistake

    try:
        return _session().cell(str(ref))
    except UsageMistake as mistake:
        raise LookupError(str(mistake)) from None


def show(trace: Any) -> None:
    """Show a trace in the running cell's output.

    Parameters
    ----------
    trace
        A `CellTrace`, what `cell` takes, an ``mlflow.entities.Trace``, a list of them, or a data frame of
        ``mlflow.search_traces``.

    Raises
    ------
    LookupError
        As `cell`.
    TypeError
        It is nothing of these.
    """
    from .cells.cell_trace import CellTrace
    from .shell.last_value import trace_of

    found = cell(trace) if isinstance(trace, int | str) else trace if isinstance(trace, CellTrace) else trace_of(trace)
    if found is None:
        raise TypeError(f"a {type(trace).__name__} without the spans of a trace cannot be shown")
    _session().show(found)


def _session(load: bool = False) -> Any:
    from IPython import get_ipython  # pyright: ignore[reportPrivateImportUsage]

    shell = get_ipython()
    if shell is None:
        raise RuntimeError("ipy_llmtrace works in IPython and Jupyter only")
    if load:
        shell.extension_manager.load_extension("ipy_llmtrace")
    magics = shell.magics_manager.registry.get("LlmtraceMagics")
    if magics is None:
        raise RuntimeError("ipy_llmtrace is not loaded: %load_ext ipy_llmtrace, then %llmtrace on")
    return magics.session


def __getattr__(name: str) -> Any:
    if name == "CellTrace":
        from .cells.cell_trace import CellTrace

        return CellTrace
    if name == "Span":
        from .trace.span import Span

        return Span
    if name == "TraceView":
        from .widget import TraceView

        return TraceView
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
