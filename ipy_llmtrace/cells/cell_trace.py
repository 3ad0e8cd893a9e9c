"""What one execution of a cell did: its spans, and what they amount to."""

from __future__ import annotations

import contextvars
import importlib
import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..export import files
from ..options import UsageMistake
from ..recorder import Change, Ended, Streamed
from ..recorder.code_identity import current_task
from ..redaction.redactor import Redactor
from ..render import html, text
from ..trace import tree
from ..trace.feedback import NAME, Feedback, Given, user
from ..trace.span import Span, Status, Tokens
from .freed_spans import Fetch, Kept

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


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
    tracking_uri
        Of the store that got its traces, as far as that is known.
    experiments
        Of traces that were fetched from that store: the ids of their experiments.
    takes_feedback
        Whether an MLflow store has its traces, or will, and with them what is said of them.
    size_chars
        What its spans in memory hold, as `Span.size_chars`.

    The spans of an old cell are fetched from the store when they are asked for; ``LookupError`` when it has them no more.
    """

    def __init__(self, execution_count: int | None, cell_id: str | None, source: str = "") -> None:
        self.execution_count = execution_count
        self.cell_id = cell_id
        self.source = source
        self.finished = False
        self.given = Given()
        self._label = ""
        self._context = contextvars.copy_context()
        self._task = current_task()
        self._spans: dict[str, Span] = {}
        self._roots: list[Span] | None = []
        self._kept: Kept | None = None
        self.tracking_uri: str | None = None
        self.experiments: dict[str, str] = {}
        self.takes_feedback = True
        self.size_chars = 0
        self._lock = threading.RLock()

    @classmethod
    def of(cls, spans: Iterable[Span], label: str, given: Iterable[Feedback] = ()) -> CellTrace:
        """Spans that no cell of this session made, those of a file, and the feedback on them; ``label`` stands where the
        cell's number would."""
        trace = cls(None, None)
        trace.finished = True
        trace.given = Given(given)
        trace._label = label
        trace._spans = {span.span_id: span for span in spans}
        trace._roots = None
        return trace

    @property
    def label(self) -> str:
        """What stands in the prompt's brackets."""
        return self._label if self.execution_count is None else str(self.execution_count)

    @property
    def roots(self) -> list[Span]:
        """The spans without a parent, by start; the others are their `Span.children`."""
        while True:
            self.recall()
            with self._lock:
                if self._kept is not None:
                    continue  # freed again meanwhile
                if self._roots is None:
                    self._roots = tree.build(self._spans.values())
                return self._roots

    @property
    def spans(self) -> list[Span]:
        """Every span, parents before children, siblings by start."""
        return [span for _, span in tree.walk(self.roots)]

    @property
    def traces(self) -> list[str]:
        """The MLflow trace ids, by start."""
        with self._lock:
            if self._kept is not None:
                return list(self._kept.ids)
        return list(dict.fromkeys(span.trace_id for span in self.roots))

    @property
    def summary(self) -> tree.Summary:
        with self._lock:
            if self._kept is not None:
                return self._kept.summary
        return tree.summary(self.roots)

    @property
    def tokens(self) -> Tokens:
        """Summed over the LLM calls."""
        return self.summary.tokens

    @property
    def cost_usd(self) -> float | None:
        """Summed over the calls that have a price; ``None`` if none has."""
        return self.summary.cost_usd

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
        with self._lock:
            return any(span.end_ns is None for span in self._spans.values())

    def span(self, span_id: str) -> Span | None:
        """One span; of an old cell, nothing but its trace is fetched. Raises ``LookupError`` when the store has it no more."""
        with self._lock:
            kept, found = self._kept, self._spans.get(span_id)
        return found if found is not None or kept is None else kept.span(span_id)

    @property
    def in_memory(self) -> bool:
        """Whether its spans are; those of an old cell are not."""
        return self._kept is None

    @property
    def span_ids(self) -> list[str]:
        """Of the spans in memory; none of an old cell."""
        with self._lock:
            return list(self._spans)

    def free(self, fetch: Fetch) -> None:
        """Keep the sums only, and ``fetch`` the spans when somebody asks for them."""
        with self._lock:
            self._kept = Kept.of(self.spans, fetch)
            self._spans, self._roots, self.size_chars = {}, [], 0

    def recall(self) -> None:
        """Have the spans in memory again; the store may take its time. Raises `Gone`."""
        kept = self._kept
        if kept is None:
            return
        spans = kept.spans()  # without the lock: what happens meanwhile does not wait for a store
        with self._lock:
            if self._kept is kept:
                self._spans = {span.span_id: span for span in spans} | self._spans
                self._kept, self._roots = None, None
                self.size_chars = sum(span.size_chars for span in self._spans.values())

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
        """A pandas DataFrame with a row a span: ids, name, type, status, model, tokens, ``cost_usd``, ``duration_s``, and the
        error's ``message``. A notebook shows and keeps it: it has no secrets, which `spans` have."""
        import pandas as pd

        return pd.DataFrame([_record(span) for span in self.spans])

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
        return f"<CellTrace [{self.label}]: {self._kept.summary.spans if self._kept else len(self._spans)} spans>"

    def _repr_html_(self) -> str:
        return self.to_html()

    def apply(self, changes: Iterable[Change]) -> tuple[list[Span], list[Streamed]]:
        """Take changes in; the spans that began, changed or ended by them, and what was streamed to spans still running.
        Nothing is fetched for it."""
        touched: dict[str, Span] = {}
        streamed: list[Streamed] = []
        changes = list(changes)
        # What a span is when it has ended, its end alone knows in full: MLflow may have forgotten its attachments.
        ends = {change.span_id: change for change in changes if isinstance(change, Ended)}
        with self._lock:
            for change in changes:
                if isinstance(change, Streamed):
                    span = self._spans.get(change.span_id)
                    if span is not None and span.end_ns is None:
                        span.text += change.text
                        if span.first_token_ns is None:
                            span.first_token_ns = change.time_ns
                            touched[span.span_id] = span
                        streamed.append(change)
                    continue
                if isinstance(change, Ended) and (seen := touched.get(change.span_id)) is not None and seen.end_ns is not None:
                    continue  # it was read when it had ended already
                span = ends.get(change.span_id, change).read()
                before = self._spans.get(span.span_id)
                if before is not None:
                    span.text = before.text
                    self.size_chars -= before.size_chars
                self.size_chars += span.size_chars
                self._spans[span.span_id] = touched[span.span_id] = span
                self._roots = None
        return list(touched.values()), [s for s in streamed if s.span_id not in touched]

    @property
    def interrupting(self) -> bool:
        """Whether the cell's own task is being cancelled; nothing but an interrupt does that."""
        task = self._task() if self._task is not None else None
        return task is not None and task.cancelling() > 0

    def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Call ``function`` in the cell's context, so that what it displays is the cell's output."""
        return self._context.copy().run(function, *args, **kwargs)


def _record(span: Span) -> dict[str, Any]:
    tokens = span.tokens or Tokens()
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
        "duration_s": None if span.duration_ns is None else span.duration_ns / 1e9,
        "message": redacted(span.message),
    }
