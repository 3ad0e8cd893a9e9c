"""In which experiment each trace is, for the links into MLflow's UI.

MLflow decides on a trace's experiment when the trace begins, and says it to nobody before the store has the trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

MAX_TRACES = 10_000
"""Of so many traces the experiment is remembered, the newest."""


class Places:
    """The experiments of traces.

    Parameters
    ----------
    resolved
        The id of an experiment as `.experiments.named_later` gives it; ``None`` while nobody knows it.
    """

    def __init__(self, resolved: Callable[[str], str | None]) -> None:
        self._resolved = resolved
        self._experiments: dict[str, str] = {}

    def noting(self, experiment_for: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
        """``experiment_for``, MLflow's question at the beginning of a trace, and the answer is noted."""

        def noted(span: Any) -> str | None:
            experiment = experiment_for(span)
            self._experiments[f"tr-{span.context.trace_id:032x}"] = experiment or "0"
            if len(self._experiments) > MAX_TRACES:
                del self._experiments[next(iter(self._experiments))]
            return experiment

        return noted

    def addresses(self, ui: str, traces: Iterable[str]) -> list[tuple[str, list[str]]]:
        """Where MLflow's UI at ``ui`` shows traces: a URL, with ``{trace}`` for the trace's id, and the traces that it is for.
        The URL for most traces comes first; a trace of an experiment that is not known has none."""
        found: dict[str, list[str]] = {}
        for trace in traces:
            experiment = self._experiments.get(trace)
            if experiment is not None and (resolved := self._resolved(experiment)) is not None:
                found.setdefault(resolved, []).append(trace)
        return [
            (f"{ui.rstrip('/')}/#/experiments/{experiment}/traces?selectedEvaluationId={{trace}}", found[experiment])
            for experiment in sorted(found, key=lambda experiment: -len(found[experiment]))
        ]
