/** Traces of many spans. */

import type { Detail, Row } from "../src/wire/types.gen";
import type { Sent } from "./columns";
import { llm, say, TRACE } from "./fixtures";

const KINDS = ["LLM", "TOOL", "RETRIEVER", "LLM", "EMBEDDING", "PARSER"] as const;
const AGENT_SPANS = 100;

/** Ids and times as a tracer makes them: without a pattern that would deflate. */
const mixed = (index: number): number => Math.imul(index + 1, 0x9e3779b1) >>> 0;
const idOf = (index: number): string =>
  [mixed(index), mixed(index ^ 0x5bd1e995)].map((half) => half.toString(16).padStart(8, "0")).join("");

/** One evaluation of agents with a hundred spans each. */
export function manySpans(count: number): Sent[] {
  const spans: Sent[] = [];
  for (let index = 0; index < count; index++) spans.push({ row: spanOf(index, count) });
  return spans;
}

/** Span number `index` of an evaluation that has `count` so far. */
export function spanOf(index: number, count: number): Row {
  const start_ns = index * 1e7 + (mixed(index) % 1e6);
  const common = { id: idOf(index), trace: TRACE, status: "ok", start_ns } as const;
  if (index === 0) return { ...common, name: "evaluate", type: "CHAIN", start_ns: 0, end_ns: count * 1e7 };
  const agent = index % AGENT_SPANS === 1;
  const parent = idOf(agent ? 0 : index - ((index - 1) % AGENT_SPANS));
  const type = agent ? "AGENT" : (KINDS[index % KINDS.length] as string);
  const name = agent ? `case ${Math.ceil(index / AGENT_SPANS)}` : type.toLowerCase();
  const end_ns = start_ns + (agent ? 99e7 : 9e6 - (mixed(index + 7) % 1e6));
  const row: Row = { ...common, parent, name, type, end_ns };
  if (index % 97 === 0) return { ...row, status: "error", message: "TimeoutError: no answer in 10 s" };
  if (type !== "LLM") return row;
  const tokens = { input: 400, output: mixed(index) % 90 };
  return { ...row, model: "gpt-4o-mini", tokens, cost_usd: (mixed(index) % 9000) / 1e8 };
}

/** One agent with so many searches, of which some fail, between two calls of a model. */
export function likeSpans(count: number): Sent[] {
  const end_ns = count * 0.12e9 + 2e9;
  const rows: Row[] = [
    { id: "i", trace: TRACE, name: "index", type: "AGENT", status: "ok", start_ns: 0, end_ns },
    {
      id: "i0",
      trace: TRACE,
      parent: "i",
      name: "completion",
      type: "LLM",
      status: "ok",
      start_ns: 0,
      end_ns: 1e9,
      ...llm,
    },
  ];
  for (let index = 0; index < count; index++) {
    const start_ns = 1e9 + index * 0.12e9;
    const failed = index % 80 === 40;
    rows.push({
      id: `i${index + 1}`,
      trace: TRACE,
      parent: "i",
      name: "search_docs",
      type: "RETRIEVER",
      status: failed ? "error" : "ok",
      ...(failed ? { message: "TimeoutError: no answer in 10 s" } : {}),
      start_ns,
      end_ns: start_ns + (80 + (index % 7) * 10) * 1e6,
    });
  }
  rows.push({
    id: "i-last",
    trace: TRACE,
    parent: "i",
    name: "completion",
    type: "LLM",
    status: "ok",
    start_ns: end_ns - 1e9,
    end_ns,
    ...llm,
  });
  return rows.map((row) => ({ row }));
}

/** Spans with much of each kind in their details, by what that is; the last one is running and has most. */
export function bulkySpans(): Sent[] {
  const list = <Value>(length: number, make: (index: number) => Value): Value[] =>
    Array.from({ length }, (_, index) => make(index));
  const fields = (length: number) => Object.fromEntries(list(length, (index) => [`field ${index}`, index]));
  const events = (length: number) =>
    list(length, (index) => ({ name: `event ${index}`, time_ns: (index * 1e9) / length, attributes: fields(2) }));
  const messages = list(2000, (index) => say(index % 2 === 0 ? "user" : "assistant", `message ${index}`));
  const documents = list(500, (index) => ({ page_content: `document ${index}`, metadata: { source: `${index}.md` } }));
  const inputs = list(1000, () => fields(200));
  const table = `| a | b |\n|---|---|\n${"| **1** | 2 |\n".repeat(500)}`;
  const calls = list(1000, (index) => ({ id: `${index}`, name: `tool_${index}`, arguments: '{"a": 1}' }));
  const details: Record<string, [type: string, detail: Detail]> = {
    events: ["CHAIN", { events: events(3000) }],
    attributes: ["CHAIN", { attributes: fields(3000) }],
    messages: ["LLM", { chat: { messages, replies: [] } }],
    "messages again": ["LLM", { chat: { messages, replies: [say("assistant", "the reply")] } }],
    tables: ["LLM", { chat: { messages: list(20, () => say("user", table)), replies: [] } }],
    calls: ["LLM", { chat: { messages: [], replies: [say("assistant", "", { tool_calls: calls })] } }],
    documents: ["RETRIEVER", { outputs: documents }],
    values: ["CHAIN", { inputs, outputs: fields(3000) }],
    running: ["CHAIN", { events: events(150_000) }],
  };
  return Object.entries(details).map(([name, [type, detail]], index) => ({
    row: {
      ...{ id: name, trace: TRACE, name, type, start_ns: index },
      ...(name === "running" ? { status: "running" } : { status: "ok", end_ns: 1e9 }),
    },
    detail,
  }));
}
