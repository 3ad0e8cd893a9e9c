"""The one record of a span between the recorder and every form of the view.

MLflow's spans become these at the recorder's border, once; nothing behind that border knows MLflow or LiteLLM.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ..redaction.redactor import Redactor

Json = Any
"""A value that ``json.dumps`` takes as it is: str, int, float, bool, None, and lists and dicts of these."""

Status = Literal["running", "ok", "error"]


@dataclass(slots=True, frozen=True)
class Tokens:
    """Token counts of one call, or summed over several; ``None`` is unknown, never zero.

    ``cached`` (read from a prompt cache) and ``cache_write`` are parts of ``input``; ``reasoning`` is a part of ``output``.
    """

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None

    @property
    def total(self) -> int | None:
        """Input plus output; ``None`` when neither is known."""
        if self.input is None and self.output is None:
            return None
        return (self.input or 0) + (self.output or 0)

    def __add__(self, other: Tokens) -> Tokens:
        def add(a: int | None, b: int | None) -> int | None:
            return b if a is None else a if b is None else a + b

        return Tokens(
            add(self.input, other.input),
            add(self.output, other.output),
            add(self.cached, other.cached),
            add(self.cache_write, other.cache_write),
            add(self.reasoning, other.reasoning),
        )


@dataclass(slots=True, frozen=True)
class Event:
    """Something that happened at one moment of a span; an ``exception`` event carries OpenTelemetry's attributes
    ``exception.type``, ``exception.message`` and ``exception.stacktrace``."""

    name: str
    time_ns: int
    attributes: dict[str, Json] = field(default_factory=dict[str, Json])


@dataclass(slots=True, eq=False, repr=False)
class Span:
    """One MLflow span, running or ended. Times are nanoseconds since the Unix epoch.

    Parameters
    ----------
    span_id, trace_id, parent_id
        MLflow's ids: 16 hex digits, ``tr-`` and 32 hex digits; ``parent_id`` is ``None`` on a root.
    type
        MLflow's span type: ``LLM``, ``EMBEDDING``, ``AGENT``, ``TOOL``, ``CHAIN``, ``RETRIEVER``, ``UNKNOWN``, ...
    message
        Why it failed (MLflow's status description), else empty.
    params
        Request parameters of an LLM call (``temperature``, ``max_tokens``, ...).
    cost_usd
        US dollars; ``None`` where no price is known.
    estimated_tokens, estimated_cost_usd
        LiteLLM's own count and what it would cost, where the server sent no token counts; ``tokens`` and ``cost_usd`` are
        unknown then.
    first_token_ns
        When the first piece of a streamed reply arrived.
    text
        What a streamed reply has brought so far.
    size_chars
        What MLflow's record of it takes: what it holds is worth about so much memory.
    """

    span_id: str
    trace_id: str
    parent_id: str | None
    name: str
    start_ns: int
    type: str = "UNKNOWN"
    end_ns: int | None = None
    status: Status = "running"
    message: str = ""
    inputs: Json = None
    outputs: Json = None
    attributes: dict[str, Json] = field(default_factory=dict[str, Json])
    events: list[Event] = field(default_factory=list[Event])
    model: str | None = None
    provider: str | None = None
    params: dict[str, Json] = field(default_factory=dict[str, Json])
    tokens: Tokens | None = None
    cost_usd: float | None = None
    estimated_tokens: Tokens | None = None
    estimated_cost_usd: float | None = None
    first_token_ns: int | None = None
    text: str = ""
    size_chars: int = 0
    children: list[Span] = field(default_factory=list["Span"])

    def __repr__(self) -> str:
        # Not the message: it may quote a key or hold terminal codes, and a notebook keeps what it prints.
        redacted = Redactor.of_process().text
        return f"<Span {redacted(self.name)!r} {redacted(self.type)} {self.status}>"

    @property
    def hidden_by(self) -> str | None:
        """The switch of LiteLLM's by which the user hides the messages; ``None`` if none does."""
        switch = self.attributes.get("llmtrace.hidden_by")
        return switch if isinstance(switch, str) else None

    @property
    def duration_ns(self) -> int | None:
        """From start to end; ``None`` while it runs."""
        return None if self.end_ns is None else self.end_ns - self.start_ns
