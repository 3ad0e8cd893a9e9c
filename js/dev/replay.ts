/** Sends the agent run to a model as a kernel would, at its own pace. */

import { WIRE_VERSION } from "../src/wire/envelope";
import type { Delta, Row, Summary, TextChange } from "../src/wire/types.gen";
import { columnsOf, packed, type Sent } from "./columns";
import { agentSpans, PLAN, summary } from "./fixtures";
import type { FakeModel } from "./model";

interface Moment {
  at_ms: number;
  rows?: Sent[];
  texts?: TextChange[];
}

export function replay(model: FakeModel): void {
  const spans = agentSpans(true);
  const moments: Moment[] = [];
  for (const { row, detail } of spans) {
    const { end_ns, first_token_ns, tokens: _tokens, cost_usd: _cost, message: _message, ...rest } = row;
    const begun: Row = { ...rest, status: "running" };
    const sent =
      detail?.chat === undefined ? detail : { ...detail, chat: { messages: detail.chat.messages, replies: [] } };
    moments.push({ at_ms: row.start_ns / 1e6, rows: [{ row: begun, ...(sent && { detail: sent }) }] });
    if (first_token_ns !== undefined) {
      moments.push({ at_ms: first_token_ns / 1e6, rows: [{ row: { ...begun, first_token_ns } }] });
    }
    moments.push({ at_ms: (end_ns ?? 0) / 1e6, rows: [{ row, ...(detail && { detail }) }] });
  }
  for (let from = 0; from < PLAN.length; from += 8) {
    moments.push({ at_ms: 4260 + from * 2.6, texts: [{ id: "b3", text: PLAN.slice(from, from + 8) }] });
  }
  moments.sort((a, b) => a.at_ms - b.at_ms);
  const ended: Row[] = [];
  let seq = 0;
  for (const { at_ms, rows, texts } of moments) {
    setTimeout(() => {
      for (const { row } of rows ?? []) if (row.end_ns !== undefined) ended.push(row);
      const delta: Delta = {
        v: WIRE_VERSION,
        kind: "delta",
        seq: ++seq,
        ...(rows && { rows: columnsOf(rows) }),
        ...(texts && { texts }),
        summary: summaryOf(ended, ended.length === spans.length),
      };
      model.receive(packed(delta, rows));
    }, at_ms);
  }
}

function summaryOf(ended: readonly Row[], done: boolean): Summary {
  const sum = (pick: (row: Row) => number | undefined) => ended.reduce((total, row) => total + (pick(row) ?? 0), 0);
  return summary(done ? "ok" : "running", {
    spans: ended.length,
    calls: ended.filter((row) => row.type === "LLM").length,
    errors: ended.filter((row) => row.status === "error").length,
    tokens: { input: sum((row) => row.tokens?.input), output: sum((row) => row.tokens?.output) },
    cost_usd: sum((row) => row.cost_usd),
    ...(done ? { duration_ns: 6.21e9 } : {}),
  });
}
