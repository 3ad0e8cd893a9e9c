/** Made from ipy_llmtrace/wire.py by `npm run types`; change that file, not this one. */

export type WireVersion = 2;

/**
 * Every type of the contract, by name.
 */
export interface Wire {
  WireTokens?: WireTokens;
  Row?: Row;
  Columns?: Columns;
  Part?: Part;
  ToolCall?: ToolCall;
  Message?: Message;
  Chat?: Chat;
  WireEvent?: WireEvent;
  SpanError?: SpanError;
  Detail?: Detail;
  TextChange?: TextChange;
  Summary?: Summary;
  Cell?: Cell;
  Chunk?: Chunk;
  TraceLink?: TraceLink;
  Snapshot?: Snapshot;
  Delta?: Delta;
  DetailReply?: DetailReply;
  SearchReply?: SearchReply;
  GivenFeedback?: GivenFeedback;
  Packed?: Packed;
  UiAddresses?: UiAddresses;
  Here?: Here;
  Resync?: Resync;
  PlainViewRequest?: PlainViewRequest;
  DetailRequest?: DetailRequest;
  SearchRequest?: SearchRequest;
  FeedbackRequest?: FeedbackRequest;
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
 * What a row of the tree and its bar need. ``end_ns`` is absent while the span runs; ``tool_calls`` counts those that its
 * replies ask for. ``estimated_tokens`` (input and output) is LiteLLM's own count where the server sent no token counts, and
 * ``estimated_cost_usd`` what they would cost; ``tokens`` and ``cost_usd`` are absent then. On the wire rows are `Columns`.
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
  estimated_tokens?: WireTokens;
  estimated_cost_usd?: number;
  tool_calls?: number;
}
/**
 * Rows, a list for each field: item *n* of every list is row *n*'s, ``null`` where that has none. A list is absent where it
 * would hold nothing else (``status``: nothing but ``ok``; ``detail``: nothing but 1).
 *
 * ``trace``, ``name``, ``type``, ``message``, ``model`` and ``provider`` are places in ``texts``. A ``parent`` is the number
 * of its row, or an id when it is not among these. ``start_ns`` counts from the start of the row before, ``end_ns`` and
 * ``first_token_ns`` from the row's own start. ``detail`` is 1 where the next of the message's details is the row's, 0
 * where there is none, 2 where it was left out for its size: ask with `DetailRequest`.
 */
export interface Columns {
  texts: string[];
  id: string[];
  parent?: (number | string | null)[];
  trace: number[];
  name: number[];
  type: number[];
  status?: ("running" | "ok" | "error")[];
  message?: (number | null)[];
  start_ns: number[];
  end_ns?: (number | null)[];
  first_token_ns?: (number | null)[];
  model?: (number | null)[];
  provider?: (number | null)[];
  input?: (number | null)[];
  output?: (number | null)[];
  cached?: (number | null)[];
  cache_write?: (number | null)[];
  reasoning?: (number | null)[];
  cost_usd?: (number | null)[];
  estimated_input?: (number | null)[];
  estimated_output?: (number | null)[];
  estimated_cost_usd?: (number | null)[];
  tool_calls?: (number | null)[];
  detail?: (0 | 1 | 2)[];
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
 * More text of a streamed reply, to be appended.
 */
export interface TextChange {
  id: string;
  text: string;
}
/**
 * The header. ``calls`` counts the requests to models; ``unpriced`` those of them that ended without a known or estimated
 * price. ``cost_usd`` is absent when no call has a price. ``duration_ns`` is absent while the cell's spans run.
 *
 * ``estimated_tokens`` and ``estimated_cost_usd`` sum up the ``uncounted`` calls, for which the server sent no token counts.
 */
export interface Summary {
  state: "running" | "ok" | "error";
  spans: number;
  calls: number;
  errors: number;
  tokens: WireTokens;
  cost_usd?: number;
  unpriced: number;
  estimated_tokens?: WireTokens;
  estimated_cost_usd?: number;
  uncounted?: number;
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
 * So many details, deflated together into so many bytes.
 */
export interface Chunk {
  details: number;
  bytes: number;
}
/**
 * Where traces can be seen beside the notebook: ``{trace}`` in ``url`` stands for a trace id, ``{ui:NAME}`` at its
 * beginning for the address of this name in the trait ``ui`` of the ``App``; while that has none, there is no link. A link
 * without ``traces`` is for all.
 */
export interface TraceLink {
  url: string;
  traces?: string[];
}
/**
 * Everything known of a cell's spans after the delta numbered ``seq`` (0: before the first). The details of ``rows`` follow
 * it in the envelope, in the ``chunks`` if it is deflated.
 *
 * ``notes`` are plain sentences for the footer: where the traces go, what was left out. ``links`` lead to MLflow's UI.
 */
export interface Snapshot {
  v: number;
  seq: number;
  cell: Cell;
  origin_ms: number;
  rows: Columns;
  summary: Summary;
  notes: string[];
  links?: TraceLink[];
  chunks?: Chunk[];
}
/**
 * Applies to a view whose last number was ``seq - 1``; lower ones are repeats, a higher one means a gap: `Resync`.
 *
 * ``rows`` are those of spans that began, changed or ended, whole; a detail replaces the one before, where a row has none
 * that one stays.
 */
export interface Delta {
  v: number;
  kind: "delta";
  seq: number;
  rows?: Columns;
  texts?: TextChange[];
  summary: Summary;
  chunks?: Chunk[];
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
 * What somebody thinks of a trace, or of a span in it. ``mine`` is what the user of this kernel said by thumbs; else
 * ``by`` says who. The trait ``feedback`` of a ``TraceView`` holds a list of these.
 */
export interface GivenFeedback {
  trace: string;
  span?: string;
  name: string;
  value: unknown;
  comment?: string;
  mine?: boolean;
  by?: string;
}
/**
 * An envelope: ``json`` is the value as JSON, and each detail on a line of its own below it, as JSON, too. What is long is
 * binary: ``deflate`` is zlib of the value, ``details`` its chunks of details, each zlib of their lines. A message has the two
 * as its buffers; a notebook that a page has saved has them as base64.
 *
 * Details stay packed in the page until they are looked at. JSON within JSON, because a notebook file would put every leaf
 * of a value on a line of its own, with its indentation.
 */
export interface Packed {
  v: number;
  json?: string;
  deflate?: DataView;
  details?: DataView;
}
/**
 * The addresses of MLflow's UIs that live as long as the kernel, by the names that links have for their stores.
 */
export interface UiAddresses {
  kind: "uis";
  addresses: {
    [k: string]: string;
  };
}
/**
 * A view has rendered the delta or snapshot numbered ``seq``; the `App`, that it is loaded.
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
/**
 * The page cannot import the deflated view: put the plain one into the App's ``_esm``.
 */
export interface PlainViewRequest {
  kind: "plain_view";
}
export interface DetailRequest {
  kind: "detail";
  id: string;
}
/**
 * Search the messages, inputs, outputs and attributes of all spans. All of ``words`` must be in them, and each of
 * ``attributes``, a key and its value, in which ``*`` stands for anything; all in lower case. ``number`` comes back with
 * the answer.
 */
export interface SearchRequest {
  kind: "search";
  number: number;
  words: string[];
  attributes: [string, string][];
}
/**
 * The user's thumb on a trace, or on a span in it; without ``value`` it is taken back. The trait ``feedback`` changes when
 * it is.
 */
export interface FeedbackRequest {
  kind: "feedback";
  trace: string;
  span?: string;
  value?: boolean;
  comment?: string;
}
