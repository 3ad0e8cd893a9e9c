"""In which store and experiment each trace is, for the links into MLflow's UI.

MLflow decides on a trace's experiment when the trace begins, and says it to nobody before the store has the trace.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MAX_TRACES = 10_000
"""Of so many traces the place is remembered, the newest."""


class TraceLocations:
    """The stores and experiments of the traces that began in this process."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, Callable[[], str | None]]] = {}

    def noting(
        self,
        experiment_for: Callable[[Any], str | None],
        store: Callable[[], str],
        resolved: Callable[[str, str], str | None],
    ) -> Callable[[Any], str | None]:
        """``experiment_for``, MLflow's question at the beginning of a trace, and the answer is noted.

        Parameters
        ----------
        store
            The tracking URI of the store that will get the trace.
        resolved
            The id of an experiment of a store, as `.experiments.named_later` gives it; ``None`` while nobody knows it.
        """

        def noted(span: Any) -> str | None:
            experiment = experiment_for(span)
            uri = store()
            self._found[f"tr-{span.context.trace_id:032x}"] = uri, lambda: resolved(uri, experiment or "0")
            if len(self._found) > MAX_TRACES:
                del self._found[next(iter(self._found))]
            return experiment

        return noted

    def of(self, trace_id: str) -> tuple[str, str | None] | None:
        """The tracking URI of the trace's store, and the id of its experiment, ``None`` while nobody knows it; ``None`` where
        the trace is not of this process."""
        found = self._found.get(trace_id)
        return None if found is None else (found[0], found[1]())


def url(ui: str, experiment_id: str) -> str:
    """Where MLflow's UI at the address ``ui`` shows a trace of an experiment; ``{trace}`` stands for its id. MLflow's UI has
    no address for a span (3.17, 3.18). Of its two lists of traces each reads a name of its own, as in MLflow's own links."""
    return f"{ui}/#/experiments/{experiment_id}/traces?selectedEvaluationId={{trace}}&traceId={{trace}}"
