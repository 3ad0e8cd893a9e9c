"""The contract between the kernel and the browser. The TypeScript types in ``js/src/wire/types.gen.ts`` are generated from it
(``make types``); a test fails when they are stale.

Kernel to browser: the trait ``troubles`` of the ``App`` holds plain sentences about what cannot be stored at present, ``ui``
the address of an MLflow UI that lives as long as the kernel, if one runs; the trait ``snapshot`` of a ``TraceView`` holds a
`Packed` `Snapshot`; custom messages are a `Packed` `Delta`, `DetailReply` or `SearchReply`. Browser to kernel: custom messages
`Here`, `Resync`, `DetailRequest`, `SearchRequest`, `FeedbackRequest`.

Times are nanoseconds after the snapshot's ``origin_ms``, because nanoseconds since 1970 do not fit a JavaScript number.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

WIRE_VERSION = 2

Json = Any


class WireTokens(TypedDict):
    """Absent is unknown. ``cached`` and ``cache_write`` are parts of ``input``, ``reasoning`` of ``output``."""

    input: NotRequired[int]
    output: NotRequired[int]
    cached: NotRequired[int]
    cache_write: NotRequired[int]
    reasoning: NotRequired[int]


class Row(TypedDict):
    """What a row of the tree and its bar need. ``end_ns`` is absent while the span runs; ``tool_calls`` counts those that its
    replies ask for. ``estimated_tokens`` (input and output) is LiteLLM's own count where the server sent no token counts, and
    ``estimated_cost_usd`` what they would cost; ``tokens`` and ``cost_usd`` are absent then. On the wire rows are `Columns`."""

    id: str
    trace: str
    parent: NotRequired[str]
    name: str
    type: str
    status: Literal["running", "ok", "error"]
    message: NotRequired[str]
    start_ns: int
    end_ns: NotRequired[int]
    first_token_ns: NotRequired[int]
    model: NotRequired[str]
    provider: NotRequired[str]
    tokens: NotRequired[WireTokens]
    cost_usd: NotRequired[float]
    estimated_tokens: NotRequired[WireTokens]
    estimated_cost_usd: NotRequired[float]
    tool_calls: NotRequired[int]


class Columns(TypedDict):
    """Rows, a list for each field: item *n* of every list is row *n*'s, ``null`` where that has none. A list is absent where it
    would hold nothing else (``status``: nothing but ``ok``; ``detail``: nothing but 1).

    ``trace``, ``name``, ``type``, ``message``, ``model`` and ``provider`` are places in ``texts``. A ``parent`` is the number
    of its row, or an id when it is not among these. ``start_ns`` counts from the start of the row before, ``end_ns`` and
    ``first_token_ns`` from the row's own start. ``detail`` is 1 where the next of the message's details is the row's, 0
    where there is none, 2 where it was left out for its size: ask with `DetailRequest`.
    """

    texts: list[str]
    id: list[str]
    parent: NotRequired[list[int | str | None]]
    trace: list[int]
    name: list[int]
    type: list[int]
    status: NotRequired[list[Literal["running", "ok", "error"]]]
    message: NotRequired[list[int | None]]
    start_ns: list[int]
    end_ns: NotRequired[list[int | None]]
    first_token_ns: NotRequired[list[int | None]]
    model: NotRequired[list[int | None]]
    provider: NotRequired[list[int | None]]
    input: NotRequired[list[int | None]]
    output: NotRequired[list[int | None]]
    cached: NotRequired[list[int | None]]
    cache_write: NotRequired[list[int | None]]
    reasoning: NotRequired[list[int | None]]
    cost_usd: NotRequired[list[float | None]]
    estimated_input: NotRequired[list[int | None]]
    estimated_output: NotRequired[list[int | None]]
    estimated_cost_usd: NotRequired[list[float | None]]
    tool_calls: NotRequired[list[int | None]]
    detail: NotRequired[list[Literal[0, 1, 2]]]


class Part(TypedDict):
    """A piece of a message: ``text`` and ``reasoning`` have ``text``, ``image`` and ``audio`` ``url``, ``other`` ``value``."""

    kind: Literal["text", "reasoning", "image", "audio", "other"]
    text: NotRequired[str]
    url: NotRequired[str]
    value: NotRequired[Json]


class ToolCall(TypedDict):
    """``arguments`` is what the model wrote: JSON text, or not."""

    id: NotRequired[str]
    name: str
    arguments: str


class Message(TypedDict):
    role: str
    parts: list[Part]
    name: NotRequired[str]
    tool_calls: NotRequired[list[ToolCall]]
    tool_call_id: NotRequired[str]


class Chat(TypedDict):
    """``messages`` went to the model, ``replies`` came back (one a choice)."""

    messages: list[Message]
    replies: list[Message]
    finish_reason: NotRequired[str]


class WireEvent(TypedDict):
    name: str
    time_ns: int
    attributes: dict[str, Json]


class SpanError(TypedDict):
    type: str
    message: str
    stack: NotRequired[str]


class Detail(TypedDict):
    """What the detail pane shows of a span; absent parts are empty. ``cut`` counts the strings that were shortened: ask with
    `DetailRequest` for the whole."""

    inputs: NotRequired[Json]
    outputs: NotRequired[Json]
    attributes: NotRequired[dict[str, Json]]
    events: NotRequired[list[WireEvent]]
    params: NotRequired[dict[str, Json]]
    chat: NotRequired[Chat]
    error: NotRequired[SpanError]
    text: NotRequired[str]
    cut: NotRequired[int]


class TextChange(TypedDict):
    """More text of a streamed reply, to be appended."""

    id: str
    text: str


class Summary(TypedDict):
    """The header. ``calls`` counts the requests to models; ``unpriced`` those of them that ended without a known or estimated
    price. ``cost_usd`` is absent when no call has a price. ``duration_ns`` is absent while the cell's spans run.

    ``estimated_tokens`` and ``estimated_cost_usd`` sum up the ``uncounted`` calls, for which the server sent no token counts.
    """

    state: Literal["running", "ok", "error"]
    spans: int
    calls: int
    errors: int
    tokens: WireTokens
    cost_usd: NotRequired[float]
    unpriced: int
    estimated_tokens: NotRequired[WireTokens]
    estimated_cost_usd: NotRequired[float]
    uncounted: NotRequired[int]
    duration_ns: NotRequired[int]


class Cell(TypedDict):
    """``label`` stands in the accessible name ``LLM trace, cell [label]``."""

    label: str
    execution_count: NotRequired[int]
    cell_id: NotRequired[str]


class Chunk(TypedDict):
    """So many details, deflated together into so many bytes."""

    details: int
    bytes: int


class TraceLink(TypedDict):
    """Where traces can be seen beside the notebook: ``{trace}`` in ``url`` stands for a trace id, ``{ui:NAME}`` at its
    beginning for the address of this name in the trait ``ui`` of the ``App``; while that has none, there is no link. A link
    without ``traces`` is for all."""

    url: str
    traces: NotRequired[list[str]]


class Snapshot(TypedDict):
    """Everything known of a cell's spans after the delta numbered ``seq`` (0: before the first). The details of ``rows`` follow
    it in the envelope, in the ``chunks`` if it is deflated.

    ``notes`` are plain sentences for the footer: where the traces go, what was left out. ``links`` lead to MLflow's UI.
    """

    v: int
    seq: int
    cell: Cell
    origin_ms: float
    rows: Columns
    summary: Summary
    notes: list[str]
    links: NotRequired[list[TraceLink]]
    chunks: NotRequired[list[Chunk]]


class Delta(TypedDict):
    """Applies to a view whose last number was ``seq - 1``; lower ones are repeats, a higher one means a gap: `Resync`.

    ``rows`` are those of spans that began, changed or ended, whole; a detail replaces the one before, where a row has none
    that one stays.
    """

    v: int
    kind: Literal["delta"]
    seq: int
    rows: NotRequired[Columns]
    texts: NotRequired[list[TextChange]]
    summary: Summary
    chunks: NotRequired[list[Chunk]]


class DetailReply(TypedDict):
    """The whole detail of a span, or why there is none."""

    v: int
    kind: Literal["detail"]
    id: str
    detail: NotRequired[Detail]
    reason: NotRequired[str]


class SearchReply(TypedDict):
    """The ids of the spans whose texts hold all words asked for; ``note`` is a plain sentence about what was not searched."""

    v: int
    kind: Literal["search"]
    number: int
    ids: list[str]
    note: NotRequired[str]


class GivenFeedback(TypedDict):
    """What somebody thinks of a trace, or of a span in it. ``mine`` is what the user of this kernel said by thumbs; else
    ``by`` says who. The trait ``feedback`` of a ``TraceView`` holds a list of these."""

    trace: str
    span: NotRequired[str]
    name: str
    value: Json
    comment: NotRequired[str]
    mine: NotRequired[bool]
    by: NotRequired[str]


class Packed(TypedDict):
    """An envelope: ``json`` is the value as JSON, and each detail on a line of its own below it, as JSON, too. What is long is
    binary: ``deflate`` is zlib of the value, ``details`` its chunks of details, each zlib of their lines. A message has the two
    as its buffers; a notebook that a page has saved has them as base64.

    Details stay packed in the page until they are looked at. JSON within JSON, because a notebook file would put every leaf
    of a value on a line of its own, with its indentation.
    """

    v: int
    json: NotRequired[str]
    deflate: NotRequired[bytes]
    details: NotRequired[bytes]


class UiAddresses(TypedDict):
    """The addresses of MLflow's UIs that live as long as the kernel, by the names that links have for their stores."""

    kind: Literal["uis"]
    addresses: dict[str, str]


class Here(TypedDict):
    """A view has rendered the delta or snapshot numbered ``seq``; the `App`, that it is loaded."""

    kind: Literal["here"]
    seq: int


class Resync(TypedDict):
    """A delta was missed: send a snapshot."""

    kind: Literal["resync"]


class PlainViewRequest(TypedDict):
    """The page cannot import the deflated view: put the plain one into the App's ``_esm``."""

    kind: Literal["plain_view"]


class DetailRequest(TypedDict):
    kind: Literal["detail"]
    id: str


class SearchRequest(TypedDict):
    """Search the messages, inputs, outputs and attributes of all spans. All of ``words`` must be in them, and each of
    ``attributes``, a key and its value, in which ``*`` stands for anything; all in lower case. ``number`` comes back with
    the answer."""

    kind: Literal["search"]
    number: int
    words: list[str]
    attributes: list[tuple[str, str]]


class FeedbackRequest(TypedDict):
    """The user's thumb on a trace, or on a span in it; without ``value`` it is taken back. The trait ``feedback`` changes when
    it is."""

    kind: Literal["feedback"]
    trace: str
    span: NotRequired[str]
    value: NotRequired[bool]
    comment: NotRequired[str]
