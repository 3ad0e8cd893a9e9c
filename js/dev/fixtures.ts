/** Traces to look at: the agent of the README, a failed call, one call. */

import { WIRE_VERSION } from "../src/wire/envelope";
import type { Chat, Detail, Message, Packed, Row, Snapshot, Summary } from "../src/wire/types.gen";
import { columnsOf, packed, type Sent } from "./columns";

const S = 1e9;
export const TRACE = "tr-5f0c1b2a9d8e4f7c8a6b3d2e1f0a9b8c";
const SYSTEM =
  "You are a travel planner. Use the tools for every price. Keep within the budget.\nAnswer in short lines, one for each day.";

export const say = (role: string, text: string, more: Partial<Message> = {}): Message => ({
  role,
  parts: text === "" ? [] : [{ kind: "text", text }],
  ...more,
});

const question: Message[] = [
  say("system", SYSTEM),
  say("user", "Three days in Lisbon in May, under 600 euros, from Vienna."),
];
const asking = say("assistant", "", {
  tool_calls: [
    {
      id: "call_1",
      name: "search_flights",
      arguments: '{"origin": "VIE", "to": "LIS", "month": "May", "max_eur": 200}',
    },
    { id: "call_2", name: "search_hotels", arguments: '{"city": "Lisbon", "nights": 2, "near": "Rossio"}' },
  ],
});
const answers: Message[] = [
  say("tool", '{"flights": [{"carrier": "TAP", "eur": 178, "days": "Thu-Sun"}, {"carrier": "FR", "eur": 142}]}', {
    tool_call_id: "call_1",
  }),
  say("tool", "HTTPError 503 from hotels.example: service busy. Cached list: 4 hotels from 54 € a night.", {
    tool_call_id: "call_2",
  }),
];
const ranking = say(
  "assistant",
  "Two of these fit. I will rank them by distance to **Rossio** and keep the flight under 180 €.",
  { tool_calls: [{ id: "call_3", name: "rank", arguments: '{"by": "distance", "limit": 12}' }] },
);
const ranked = say("tool", "1. Casa do Rossio, 300 m, 58 €\n2. Pensão Alfama, 900 m, 54 €", { tool_call_id: "call_3" });
export const PLAN = `Here is a plan within your budget.

| Day | What | € |
|---|---|---:|
| 1 | **Alfama** on foot, then the miradouros; tram 28 only before nine | 35 |
| 2 | Belém in the morning, *LX Factory* after | 48 |
| 3 | Sintra by train, \`Rossio\` to \`Sintra\` | 41 |

- Flight: TAP, Thursday to Sunday, 178 €
- Two nights at **Casa do Rossio**: 116 €

That leaves about 180 € for food. See [the tram map](https://example.org/tram28).`;

const chat = (messages: Message[], replies: Message[], finish_reason?: string): Chat =>
  finish_reason === undefined ? { messages, replies } : { messages, replies, finish_reason };

const ids: Record<string, string> = {
  run: "a1",
  first: "b1",
  flights: "c1",
  hotels: "c2",
  second: "b2",
  rank: "d1",
  last: "b3",
};

const row = (
  id: string,
  name: string,
  type: string,
  start_s: number,
  end_s: number | undefined,
  more: Partial<Row> = {},
): Row => ({
  id: ids[id] ?? id,
  trace: TRACE,
  name,
  type,
  status: end_s === undefined ? "running" : "ok",
  start_ns: start_s * S,
  ...(end_s === undefined ? {} : { end_ns: end_s * S }),
  ...(id === "run" ? {} : { parent: ids.run as string }),
  ...more,
});

/** A message as OpenAI's API has it. */
const sent = ({ role, parts, tool_calls, tool_call_id }: Message) => ({
  role,
  content: parts.map(({ text }) => text).join("") || null,
  ...(tool_call_id !== undefined && { tool_call_id }),
  ...(tool_calls !== undefined && {
    tool_calls: tool_calls.map(({ id, ...called }) => ({ id, type: "function", function: called })),
  }),
});

export const llm = { model: "gpt-4o-mini", provider: "openai", streamed: true };
const llmDetail = (conversation: Chat): Detail => ({
  chat: conversation,
  params: { temperature: 0.2, max_tokens: 800 },
  inputs: { temperature: 0.2, max_tokens: 800, messages: conversation.messages.map(sent) },
  outputs: {
    choices: conversation.replies.map((reply, index) => ({ index, message: sent(reply) })),
    id: "chatcmpl-1",
    object: "chat.completion",
  },
  attributes: { "gen_ai.system": "openai", "mlflow.llm.model": "gpt-4o-mini", "llm.request.id": "chatcmpl-1" },
  ...(conversation.finish_reason === undefined
    ? {}
    : { events: [{ name: "first_token", time_ns: 0.5 * S, attributes: { chunk: 1 } }] }),
});

/** The agent run of the README, ended or while its last reply streams. */
export function agentSpans(ended: boolean): Sent[] {
  const list: Sent[] = [
    {
      row: row("run", "plan_trip.run", "AGENT", 0, ended ? 6.21 : undefined),
      detail: {
        inputs: {
          question: "three days in Lisbon, under 600 euros",
          budget_eur: 600,
          tools: ["flights", "hotels", "rank"],
        },
        ...(ended ? { outputs: PLAN } : {}),
      },
    },
    {
      row: row("first", "completion", "LLM", 0.05, 1.23, {
        ...llm,
        first_token_ns: 0.42 * S,
        tokens: { input: 348, output: 64 },
        tool_calls: 2,
        cost_usd: 0.000_312,
      }),
      detail: llmDetail(chat(question, [asking], "tool_calls")),
    },
    {
      row: row("flights", "search_flights", "TOOL", 1.27, 1.91),
      detail: {
        inputs: { origin: "VIE", to: "LIS", month: "May", max_eur: 200 },
        outputs: { flights: [{ carrier: "TAP", eur: 178 }] },
      },
    },
    {
      row: row("hotels", "search_hotels", "TOOL", 1.27, 2.19, {
        status: "error",
        message: "HTTPError: 503 Service Unavailable, retried",
      }),
      detail: {
        inputs: { city: "Lisbon", nights: 2, near: "Rossio" },
        error: {
          type: "HTTPError",
          message: "503 Server Error: Service Unavailable for url: https://hotels.example/v1/search?city=Lisbon",
          stack: STACK,
        },
        events: [
          {
            name: "exception",
            time_ns: 2.18 * S,
            attributes: { "exception.type": "HTTPError", "exception.message": "503" },
          },
        ],
      },
    },
    {
      row: row("second", "completion", "LLM", 2.23, 3.7, {
        ...llm,
        first_token_ns: 2.54 * S,
        tokens: { input: 1011, output: 193, cached: 768 },
        tool_calls: 1,
        cost_usd: 0.001_104,
      }),
      detail: llmDetail(chat([...question, asking, ...answers], [ranking], "tool_calls")),
    },
    { row: row("rank", "rank", "CHAIN", 3.73, 3.96), detail: { inputs: { by: "distance", limit: 12 } } },
    {
      row: row("last", "completion", "LLM", 3.98, ended ? 6.2 : undefined, {
        ...llm,
        first_token_ns: 4.24 * S,
        ...(ended ? { tokens: { input: 1262, output: 241, cached: 1011 }, cost_usd: 0.002_784 } : {}),
      }),
      detail: {
        ...llmDetail(
          chat(
            [...question, asking, ...answers, ranking, ranked],
            ended ? [say("assistant", PLAN)] : [],
            ended ? "stop" : undefined,
          ),
        ),
        cut: 2,
      },
    },
  ];
  for (let index = 0; index < 3; index++) {
    list.push({
      row: row(`e${index}`, "distance", "TOOL", 3.74 + index * 0.07, 3.8 + index * 0.07, {
        parent: ids.rank as string,
      }),
      detail: { inputs: { hotel: index } },
    });
  }
  return list;
}

const STACK = `Traceback (most recent call last):
  File "/home/me/trips/tools.py", line 41, in search_hotels
    reply.raise_for_status()
  File "/opt/python/site-packages/requests/models.py", line 1024, in raise_for_status
    raise HTTPError(http_error_msg, response=self)
requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://hotels.example/v1/search?city=Lisbon`;

export const summary = (state: Summary["state"], more: Partial<Summary> = {}): Summary => ({
  state,
  spans: 10,
  calls: 3,
  errors: 1,
  tokens: { input: 2621, output: 498, cached: 1779 },
  cost_usd: 0.0042,
  unpriced: 0,
  ...more,
});

export const snapshotOf = (
  label: string,
  spans: readonly Sent[],
  sum: Summary,
  seq = 0,
  origin_ms = Date.now(),
): Packed => {
  const notes = ["experiment “trips”", "sqlite:///mlflow.db", "kept in this notebook, 14 kB"];
  const cell = { label, execution_count: Number(label) };
  const links = [{ url: "{ui:store}/#/traces/{trace}" }];
  const rows = columnsOf(spans);
  const snapshot: Snapshot = { v: WIRE_VERSION, seq, cell, origin_ms, rows, summary: sum, notes, links };
  return packed(snapshot, spans);
};

/** A cell that fails: a call over the context window. */
export function failedSpans(): Sent[] {
  const message =
    "litellm.ContextWindowExceededError: This model's maximum context length is 8192 tokens, your messages have 9120";
  return [
    {
      row: row("f1", "litellm-completion", "LLM", 0, 0.183, {
        parent: undefined,
        model: "gpt-3.5-turbo",
        provider: "openai",
        status: "error",
        message,
      } as Partial<Row>),
      detail: {
        chat: chat([say("user", "Summarise this log:\n\n".concat("GET /health 200 1 ms\n".repeat(60)))], []),
        params: { temperature: 1 },
        error: { type: "ContextWindowExceededError", message, stack: STACK },
      },
    },
  ];
}

/** One call without a price. */
export function singleSpan(): Sent[] {
  const text = "A **span** is one timed operation; a *trace* is the tree of spans that one request caused.";
  return [
    {
      row: row("s1", "litellm-completion", "LLM", 0, 0.84, {
        model: "llama3.2:1b",
        provider: "ollama",
        tokens: { input: 24, output: 21 },
      }),
      detail: llmDetail(chat([say("user", "What is a span?")], [say("assistant", text)], "length")),
    },
  ].map(({ row: { parent: _, ...rest }, detail }) => ({ row: rest, detail }));
}

/** Two short calls with a long wait between them. */
export function gapSpans(): Sent[] {
  const { parent: _, ...poll } = row("poll", "poll", "CHAIN", 0, 100);
  const asks = [0, 96].map((start_s, index) =>
    row(`ask${index}`, "ask", "TOOL", start_s, start_s + 4, { parent: "poll" }),
  );
  return [poll, ...asks].map((each) => ({ row: each }));
}

/** A search that found two documents. */
export function documentSpans(): Sent[] {
  const { parent: _, ...found } = row("search", "search_docs", "RETRIEVER", 0, 0.12);
  const document = (text: string, doc_uri: string, score: number) => ({
    page_content: text,
    metadata: { doc_uri, chapter: "Concepts" },
    id: doc_uri,
    score,
  });
  const outputs = [
    document("A **span** is one timed operation.\n\nIt has a name, a type and a status.", "guide/spans.md", 0.91),
    document("A trace is a tree of spans.", "guide/traces.md", 0.4),
  ];
  return [{ row: found, detail: { inputs: { query: "span" }, outputs } }];
}
