"""What one execution of a cell did: its spans, and what they amount to."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..export import files
from ..options import UsageMistake
from ..recorder import Change, Streamed
from ..redaction.redactor import Redactor
from ..render import html, text
from ..trace import tree
from ..trace.feedback import NAME, Feedback, Given, user
from ..trace.lone_surrogates import replaced_within
from ..trace.span import Span, Status, Tokens
from .cell_spans import CellSpans
from .execution import Execution

if TYPE_CHECKING:
    import pandas as pd


class CellTrace:
    """What one execution of a cell did: its spans, live while they run.

    Attributes
    ----------
    execution_count
        The number in the cell's prompt, ``In [3]``; ``None`` where the shell has none.
    cell_id
        The notebook's id of the cell; ``None`` where the front-end sends none.
    source
        The cell's code, as far as it is known.
    messages_hidden
        Whether it made a call whose messages the user hides by LiteLLM's switches.
    tracking_uri
        Of the store that got its traces, as far as that is known.
    experiments
        Of traces that were fetched from that store: the ids of their experiments.
    takes_feedback
        Whether an MLflow store has its traces, or will, and with them what is said of them.
    memory
        Its spans.
    execution
        The code that ran it.

    The spans of an old cell are fetched from the store when they are asked for; ``LookupError`` when it has them no more.
    """

    def __init__(self, execution_count: int | None, cell_id: str | None, source: str = "") -> None:
        self.execution_count = execution_count
        self.cell_id = cell_id
        self.source = source
        self.messages_hidden = False
        self.finished = False
        self.given = Given()
        self.memory = CellSpans()
        self.execution = Execution()
        self._label = ""
        self.tracking_uri: str | None = None
        self.experiments: dict[str, str] = {}
        self.takes_feedback = True

    @classmethod
    def of(cls, spans: Iterable[Span], label: str, given: Iterable[Feedback] = ()) -> CellTrace:
        """Spans that no cell of this session made, those of a file, and the feedback on them; ``label`` stands where the
        cell's number would."""
        trace = cls(None, None)
        trace.finished = True
        trace.given = Given(given)
        trace._label = label
        trace.memory = CellSpans(spans)
        return trace

    @property
    def label(self) -> str:
        """What stands in the prompt's brackets."""
        return self._label if self.execution_count is None else str(self.execution_count)

    @property
    def roots(self) -> list[Span]:
        """The spans without a parent, by start; the others are their `Span.children`."""
        return self.memory.roots

    @property
    def spans(self) -> list[Span]:
        """Every span, parents before children, siblings by start."""
        return [span for _, span in tree.walk(self.roots)]

    @property
    def traces(self) -> list[str]:
        """The MLflow trace ids, by start."""
        return self.memory.traces

    @property
    def summary(self) -> tree.Summary:
        return self.memory.summary

    @property
    def tokens(self) -> Tokens:
        """Summed over the LLM calls, as the servers counted them."""
        return self.summary.tokens

    @property
    def cost_usd(self) -> float | None:
        """Summed over the calls that have a price; ``None`` if none has."""
        return self.summary.cost_usd

    @property
    def estimated_tokens(self) -> Tokens | None:
        """LiteLLM's own count, summed over the calls for which the server sent no token counts; ``None`` if there are none."""
        return self.summary.estimated_tokens

    @property
    def estimated_cost_usd(self) -> float | None:
        """What the calls of `estimated_tokens` would cost, summed over those that have a price; ``None`` if none has."""
        return self.summary.estimated_cost_usd

    @property
    def duration_s(self) -> float | None:
        """Seconds from the first span's start to the last one's end; ``None`` while one runs."""
        duration_ns = self.summary.duration_ns
        return None if duration_ns is None else duration_ns / 1e9

    @property
    def errors(self) -> list[Span]:
        """The failed spans."""
        return [span for span in self.spans if span.status == "error"]

    @property
    def running(self) -> bool:
        """Whether a span still runs."""
        return self.memory.running

    @property
    def in_memory(self) -> bool:
        """Whether the spans are in memory; those of an old cell are not."""
        return self.memory.in_memory

    def apply(self, changes: Iterable[Change]) -> tuple[list[Span], list[Streamed]]:
        """As `CellSpans.apply`."""
        return self.memory.apply(changes)

    def span(self, span_id: str) -> Span | None:
        """One span; of an old cell only its trace is fetched. Raises ``LookupError`` when the store has it no more."""
        return self.memory.span(span_id)

    def find(self, name: str | None = None, type: str | None = None, status: Status | None = None) -> list[Span]:
        """The spans with this name, MLflow span type and status (``running``, ``ok``, ``error``); all that are given count."""
        return [
            span
            for span in self.spans
            if name in (None, span.name) and type in (None, span.type) and status in (None, span.status)
        ]

    def feedback(self, value: Any, comment: str | None = None, span: Span | None = None, name: str = NAME) -> None:
        """Say what you think of the cell's trace, or of a span in it. The view shows it, and MLflow's store gets it, as from
        ``mlflow.log_feedback``, when it has the trace.

        Parameters
        ----------
        value
            ``True`` or ``False`` (thumbs), a number, a text, or a list or dict of these; ``None`` takes back what you said.
        span
            One of `spans`; a root stands for its trace. Needed when the cell has several traces.
        name
            What it is about: you have one opinion of a name.

        Raises ``ValueError`` when it is not clear what is meant, and ``TypeError`` for a value that is not of these types.
        """
        json.dumps(value, allow_nan=False)
        if not self.takes_feedback:
            raise ValueError(f"no MLflow store has the trace of cell {self.label}, and feedback goes there")
        traces = self.traces
        if span is None and len(traces) != 1:
            raise ValueError(
                f"cell {self.label} has {len(traces)} traces: name a span of the one you mean, feedback(..., span=)"
            )
        if span is not None and span.trace_id not in traces:
            raise ValueError(f"{span!r} is not a span of cell {self.label}")
        trace_id = traces[0] if span is None else span.trace_id
        span_id = None if span is None or span.parent_id is None else span.span_id
        self.give(Feedback(trace_id, span_id, name, value, comment, user()))

    def give(self, feedback: Feedback) -> None:
        """As `feedback`, of what it makes."""
        # Imported by name, and not before it is needed: it imports mlflow.
        importlib.import_module("..recorder.delivery.give_feedback", __package__).give(feedback, self.tracking_uri)
        self.given.put(feedback)

    def to_frame(self) -> pd.DataFrame:
        """A pandas DataFrame with a row a span: ids, name, type, status, model, tokens and ``cost_usd``, measured and
        estimated, ``duration_s``, and the error's ``message``. A notebook shows and keeps it: it has no secrets, which `spans`
        have."""
        import pandas as pd

        # pandas keeps text as UTF-8, which has no lone surrogates.
        return pd.DataFrame([replaced_within(_record(span)) for span in self.spans])

    def to_html(self) -> str:
        """The static form: inert HTML."""
        return html.html(self.spans, self.label, Redactor.of_process(), feedback=self.given.all())

    def save(self, path: str | Path) -> Path:
        """Write the trace without secrets, as a page of its own (``.html``) or as OTLP/JSON (``.json``); the absolute path.

        Raises ``ValueError`` with a line that says what to do when the path has another ending or cannot be written.
        """
        try:
            return files.save(path, self.spans, self.label, Redactor.of_process(), self.given.all())
        except UsageMistake as mistake:
            raise ValueError(str(mistake)) from None

    def __str__(self) -> str:
        return text.text(self.spans, self.label, Redactor.of_process())

    def __repr__(self) -> str:
        return f"<CellTrace [{self.label}]: {len(self.memory)} spans>"

    def _repr_html_(self) -> str:
        return self.to_html()


def _record(span: Span) -> dict[str, Any]:
    tokens, estimated = span.tokens or Tokens(), span.estimated_tokens or Tokens()
    redacted = Redactor.of_process().text
    return {
        "span_id": span.span_id,
        "parent_id": span.parent_id,
        "trace_id": span.trace_id,
        "name": redacted(span.name),
        "type": redacted(span.type),
        "status": span.status,
        "model": redacted(span.model) if span.model else span.model,
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cost_usd": span.cost_usd,
        "estimated_input_tokens": estimated.input,
        "estimated_output_tokens": estimated.output,
        "estimated_cost_usd": span.estimated_cost_usd,
        "duration_s": None if span.duration_ns is None else span.duration_ns / 1e9,
        "message": redacted(span.message),
    }
