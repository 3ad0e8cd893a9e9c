/** What the kernel does: spans to columns and lines of JSON, in an envelope. */

import type { Columns, Detail, Packed, Row } from "../src/wire/types.gen";

/** A span as the fixtures have it; `left_out`: there is a detail, which is not sent. */
export interface Sent {
  row: Row;
  detail?: Detail;
  left_out?: boolean;
}

const ALWAYS = new Set(["id", "trace", "name", "type", "start_ns"]);

export function columnsOf(spans: readonly Sent[]): Columns {
  const texts = new Map<string, number>();
  const place = (text: string | undefined) => {
    if (text === undefined) return null;
    if (!texts.has(text)) texts.set(text, texts.size);
    return texts.get(text) as number;
  };
  const rows = spans.map(({ row }) => row);
  const numbers = new Map(rows.map(({ id }, index) => [id, index]));
  const after = (row: Row, at_ns: number | undefined) => (at_ns === undefined ? null : at_ns - row.start_ns);
  const all = {
    id: rows.map(({ id }) => id),
    parent: rows.map(({ parent }) => (parent === undefined ? null : (numbers.get(parent) ?? parent))),
    status: rows.map(({ status }) => status),
    start_ns: rows.map(({ start_ns }, index) => start_ns - (rows[index - 1]?.start_ns ?? 0)),
    end_ns: rows.map((row) => after(row, row.end_ns)),
    first_token_ns: rows.map((row) => after(row, row.first_token_ns)),
    cost_usd: rows.map(({ cost_usd }) => cost_usd ?? null),
    estimated_input: rows.map(({ estimated_tokens }) => estimated_tokens?.input ?? null),
    estimated_output: rows.map(({ estimated_tokens }) => estimated_tokens?.output ?? null),
    estimated_cost_usd: rows.map(({ estimated_cost_usd }) => estimated_cost_usd ?? null),
    tool_calls: rows.map(({ tool_calls }) => tool_calls ?? null),
    detail: spans.map(({ detail, left_out }) => (left_out ? 2 : detail === undefined ? 0 : 1)),
    ...Object.fromEntries(
      (["trace", "name", "type", "message", "model", "provider"] as const).map((name) => [
        name,
        rows.map((row) => place(row[name])),
      ]),
    ),
    ...Object.fromEntries(
      (["input", "output", "cached", "cache_write", "reasoning"] as const).map((name) => [
        name,
        rows.map((row) => row.tokens?.[name] ?? null),
      ]),
    ),
  };
  const plain: Record<string, unknown> = { status: "ok", detail: 1 };
  const told = Object.entries<unknown[]>(all).filter(
    ([name, values]) => ALWAYS.has(name) || values.some((value) => value !== (plain[name] ?? null)),
  );
  return { texts: [...texts.keys()], ...Object.fromEntries(told) } as unknown as Columns;
}

export const linesOf = (spans: readonly Sent[]): string[] =>
  spans.flatMap(({ detail, left_out }) => (detail === undefined || left_out ? [] : [JSON.stringify(detail)]));

/** The envelope of a value and the details of spans, as text. */
export const packed = (value: { v: number }, spans: readonly Sent[] = []): Packed => ({
  v: value.v,
  json: [JSON.stringify(value), ...linesOf(spans)].join("\n"),
});
