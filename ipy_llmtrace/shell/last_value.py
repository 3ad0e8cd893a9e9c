"""Traces of MLflow's as a cell's last value, or in ``display``: shown in our view."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import importlib
from typing import Any, Protocol, TypeGuard

from IPython.utils.dir2 import get_real_method

from ..cells.cell_trace import CellTrace
from ..cells.from_store import of_traces
from ..guard import Guard

MAX_TRACES = 200
"""How many traces one value shows, the first of it; more are no longer looked at one by one."""

_TYPES = ("mlflow.entities.trace.Trace", "pandas.DataFrame", "pandas.core.frame.DataFrame", "builtins.list")


class TraceDisplay(Protocol):
    """Shows a trace as a value, as `ipy_llmtrace.views.display.Display` does."""

    def result(self, cell: CellTrace) -> dict[str, Any] | None:
        """The MIME bundle of a trace that is the running cell's last value; ``None``: show the value as it is."""
        ...


class LastValue:
    """Formats MLflow's traces, lists of them, and the data frames of ``mlflow.search_traces``, from `install` to `remove`.

    Whatever else has these types, and a type that the user has a formatter for, stays as it is.

    Parameters
    ----------
    display_formatter
        IPython's.
    display
        Makes the MIME bundles.
    guard
        Keeps what fails in here out of the user's cell: the value is then shown as it would be without us, too.
    """

    def __init__(self, display_formatter: Any, display: TraceDisplay, guard: Guard) -> None:
        self._bundles: Any = display_formatter.mimebundle_formatter
        self._others = [formatter for mime, formatter in display_formatter.formatters.items() if mime != "text/plain"]
        self._trace_of = guard(trace_of)
        self._bundle = guard(display.result)

    def install(self) -> None:
        for name in _TYPES:
            if not any(_has(formatter, name) for formatter in (self._bundles, *self._others)):
                self._bundles.for_type(name, self._format)

    def remove(self) -> None:
        for name in _TYPES:
            if _has(self._bundles, name) and self._bundles.lookup_by_type(name) == self._format:
                self._bundles.pop(name)

    def _format(self, value: Any) -> Any:
        trace = self._trace_of(value)
        # The user's formatter may have come after `install`.
        theirs = trace is not None and any(_has(formatter, type(value)) for formatter in self._others)
        bundle = None if trace is None or theirs else self._bundle(trace)
        if bundle is not None:
            return bundle
        # As IPython itself does where no formatter is known.
        own = get_real_method(value, "_repr_mimebundle_")
        return None if own is None else own(include=None, exclude=None)


def trace_of(value: Any) -> CellTrace | None:
    """What MLflow's trace, list of traces, or data frame of traces holds; ``None`` for anything else, and for traces that
    were fetched without their spans."""
    name, found = _traces(value)
    if not found:
        return None
    past = importlib.import_module("..recorder.stored_traces", __package__)
    try:
        traces = [past.from_json(t) if isinstance(t, str) else t for t in found[:MAX_TRACES]]
    except ValueError:
        return None
    of_all = f"{MAX_TRACES} of {len(found):,} traces" if len(found) > MAX_TRACES else name
    shown = of_traces(traces, of_all)
    return shown if shown.roots else None


def _traces(value: Any) -> tuple[str, list[Any]]:
    """A name for ``value``, and MLflow's traces in it, as they are or in JSON."""
    if _is_trace(value):
        return value.info.trace_id, [value]
    if isinstance(value, list):
        found: list[Any] = value
        if not all(map(_is_trace, found)):
            return "", []
    elif "trace_id" in (columns := getattr(value, "columns", ())) and "trace" in columns:
        found = list(value["trace"])
        if not all(isinstance(item, str) or _is_trace(item) for item in found):
            return "", []
    else:
        return "", []
    return "1 trace" if len(found) == 1 else f"{len(found):,} traces", found


def _is_trace(value: Any) -> TypeGuard[Any]:
    # Known by name: who has one has imported mlflow, and nobody else should.
    kind = type(value)
    return kind.__name__ == "Trace" and kind.__module__ == "mlflow.entities.trace"


def _has(formatter: Any, kind: Any) -> bool:
    try:
        formatter.lookup_by_type(kind)
    except KeyError:
        return False
    return True
