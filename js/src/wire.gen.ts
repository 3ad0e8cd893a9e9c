/** Made from ipy_llmtrace/wire.py by `npm run types`; change that file, not this one. */

export type WireVersion = 1;

/**
 * Every type of the contract, by name.
 */
export interface Wire {
  WireTokens?: WireTokens;
  Row?: Row;
  Part?: Part;
  ToolCall?: ToolCall;
  Message?: Message;
  Chat?: Chat;
  WireEvent?: WireEvent;
  SpanError?: SpanError;
  Detail?: Detail;
  SpanChange?: SpanChange;
  TextChange?: TextChange;
  Summary?: Summary;
  Cell?: Cell;
  SnapshotSpan?: SnapshotSpan;
  TraceLink?: TraceLink;
  Snapshot?: Snapshot;
  Delta?: Delta;
  DetailReply?: DetailReply;
  SearchReply?: SearchReply;
  Packed?: Packed;
  Here?: Here;
  Resync?: Resync;
  DetailRequest?: DetailRequest;
  SearchRequest?: SearchRequest;
  WireVersion?: WireVersion;
}
/**
 * Absent is unknown. ``cached`` and ``cache_write`` are parts of ``input``, ``reasoning`` of ``output``.
 */
export interface WireTokens {
  input?: number;
  output?: number;
  cached?: number;
  cache_write?: number;
  reasoning?: number;
}
/**
 * What a row of the tree and its bar need. ``end_ns`` is absent while the span runs.
 */
export interface Row {
  id: string;
  trace: string;
  parent?: string;
  name: string;
  type: string;
  status: "running" | "ok" | "error";
  message?: string;
  start_ns: number;
  end_ns?: number;
  first_token_ns?: number;
  model?: string;
  provider?: string;
  tokens?: WireTokens;
  cost_usd?: number;
  streamed?: boolean;
}
/**
 * A piece of a message: ``text`` and ``reasoning`` have ``text``, ``image`` and ``audio`` ``url``, ``other`` ``value``.
 */
export interface Part {
  kind: "text" | "reasoning" | "image" | "audio" | "other";
  text?: string;
  url?: string;
  value?: unknown;
}
/**
 * ``arguments`` is what the model wrote: JSON text, or not.
 */
export interface ToolCall {
  id?: string;
  name: string;
  arguments: string;
}
export interface Message {
  role: string;
  parts: Part[];
  name?: string;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
}
/**
 * ``messages`` went to the model, ``replies`` came back (one a choice).
 */
export interface Chat {
  messages: Message[];
  replies: Message[];
  finish_reason?: string;
}
export interface WireEvent {
  name: string;
  time_ns: number;
  attributes: {
    [k: string]: unknown;
  };
}
export interface SpanError {
  type: string;
  message: string;
  stack?: string;
}
/**
 * What the detail pane shows of a span; absent parts are empty. ``cut`` counts the strings that were shortened: ask with
 * `DetailRequest` for the whole.
 */
export interface Detail {
  inputs?: unknown;
  outputs?: unknown;
  attributes?: {
    [k: string]: unknown;
  };
  events?: WireEvent[];
  params?: {
    [k: string]: unknown;
  };
  chat?: Chat;
  error?: SpanError;
  text?: string;
  cut?: number;
}
/**
 * A span began, changed or ended: the whole row again. A ``detail`` replaces the one before, an absent one leaves it.
 */
export interface SpanChange {
  op: "span";
  row: Row;
  detail?: Detail;
}
/**
 * More text of a streamed reply, to be appended.
 */
export interface TextChange {
  op: "text";
  id: string;
  text: string;
}
/**
 * The header. ``calls`` counts LLM and embedding spans; ``unpriced`` those of them that ended without a known price.
 * ``cost_usd`` is absent when no call has a price. ``duration_ns`` is absent while the cell's spans run.
 */
export interface Summary {
  state: "running" | "ok" | "error";
  spans: number;
  calls: number;
  errors: number;
  tokens: WireTokens;
  cost_usd?: number;
  unpriced: number;
  duration_ns?: number;
}
/**
 * ``label`` stands in the accessible name ``LLM trace, cell [label]``.
 */
export interface Cell {
  label: string;
  execution_count?: number;
  cell_id?: string;
}
/**
 * ``left_out``: there is a detail, which the notebook does not keep for its size; ask with `DetailRequest`.
 */
export interface SnapshotSpan {
  row: Row;
  detail?: Detail;
  left_out?: boolean;
}
/**
 * Where traces can be seen beside the notebook: ``{trace}`` in ``url`` stands for a trace id, ``{ui}`` for the trait
 * ``ui`` of the ``App``. A link without ``traces`` is for all that no other link names.
 */
export interface TraceLink {
  url: string;
  traces?: string[];
}
/**
 * Everything known of a cell's spans after the delta numbered ``seq`` (0: before the first).
 *
 * ``notes`` are plain sentences for the footer: where the traces go, what was left out. ``links`` lead to MLflow's UI.
 */
export interface Snapshot {
  v: number;
  seq: number;
  cell: Cell;
  origin_ms: number;
  spans: SnapshotSpan[];
  summary: Summary;
  notes: string[];
  links?: TraceLink[];
}
/**
 * Applies to a view whose last number was ``seq - 1``; lower ones are repeats, a higher one means a gap: `Resync`.
 */
export interface Delta {
  v: number;
  kind: "delta";
  seq: number;
  changes: (SpanChange | TextChange)[];
  summary: Summary;
}
/**
 * The whole detail of a span, or why there is none.
 */
export interface DetailReply {
  v: number;
  kind: "detail";
  id: string;
  detail?: Detail;
  reason?: string;
}
/**
 * The ids of the spans whose texts hold all words asked for; ``note`` is a plain sentence about what was not searched.
 */
export interface SearchReply {
  v: number;
  kind: "search";
  number: number;
  ids: string[];
  note?: string;
}
/**
 * An envelope: ``json`` is the value as JSON; ``deflate`` is zlib of that, a binary buffer, used when it is long.
 *
 * JSON within JSON, because a notebook file would put every leaf of a value on a line of its own, with its indentation.
 */
export interface Packed {
  v: number;
  json?: string;
  deflate?: DataView;
}
/**
 * A view has rendered the delta or snapshot numbered ``seq``.
 */
export interface Here {
  kind: "here";
  seq: number;
}
/**
 * A delta was missed: send a snapshot.
 */
export interface Resync {
  kind: "resync";
}
export interface DetailRequest {
  kind: "detail";
  id: string;
}
/**
 * Search the messages, inputs, outputs and attributes of all spans. ``words`` are in lower case; ``number`` comes back
 * with the answer.
 */
export interface SearchRequest {
  kind: "search";
  number: number;
  words: string[];
}
