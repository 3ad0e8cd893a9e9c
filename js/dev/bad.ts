/** What no kernel should send and some will: spans and messages that break what everyone relies on. */

import type { Chat, Detail, Row, SpanError } from "../src/wire/types.gen";
import type { Sent } from "./columns";

const S = 1e9;
export const LEVELS = 1000;
const LONG_NAME = "long ".repeat(2000);
const LARGE = 10_000_000;

const span = (id: string, name: string, start_s: number, end_s: number, more: Partial<Row> = {}): Row => ({
  id,
  trace: "tr-bad",
  name,
  type: "TOOL",
  status: "ok",
  start_ns: start_s * S,
  end_ns: end_s * S,
  ...more,
});

/** Parents that never come or go round in circles, clocks that go back, text that is too long or is none. */
export function badSpans(): Sent[] {
  const root = span("root", "root", 0, 2, { type: "AGENT" });
  const rows: Row[] = [
    span("orphan", "orphan", 0.2, 0.4, { parent: "never-came" }),
    span("self", "its own parent", 0.3, 0.4, { parent: "self" }),
    span("cycle-1", "first of a circle", 0.4, 0.5, { parent: "cycle-2" }),
    span("cycle-2", "second of a circle", 0.4, 0.5, { parent: "cycle-1" }),
    span("back", "ends before it begins", 1, 0.6, { parent: "root" }),
    span("early", "begins before its parent", -0.5, 0.1, { parent: "root" }),
    span("late", "ends after its parent", 1.9, 2.6, { parent: "root" }),
    span("zero", "takes no time", 0.7, 0.7, { parent: "root", status: "error" }),
    span("never", "ends never", 0.7, Number.NaN, { parent: "root" }),
    span("long", LONG_NAME, 0.8, 0.9, { parent: "root" }),
    span("nameless", "", 0.8, 0.9, { parent: "root" }),
    span("type", "of an unknown type", 0.9, 1, { parent: "root", type: "QUANTUM <LEAP>" }),
    span("half", "half a character \ud83d", 1, 1.1, { parent: "root", message: "\udc00 and \ud800", status: "error" }),
    span("numbers", "numbers that are none", 1.1, 1.2, {
      parent: "root",
      type: "LLM",
      cost_usd: Number.NaN,
      tokens: { input: Number.POSITIVE_INFINITY, output: -3 },
    }),
  ];
  const details: Record<string, Detail> = {
    long: { inputs: { text: "x".repeat(LARGE) }, attributes: { [LONG_NAME]: "y".repeat(LARGE) } },
    half: { inputs: "\ud83d", outputs: { "\ud800": ["\udfff"] } },
    type: { inputs: nested(LEVELS), attributes: { __proto__: 1, constructor: "c", toString: null } },
    zero: { error: "KEPT, though it is only text" as unknown as SpanError },
    back: { events: [{ name: "before the beginning", time_ns: -S, attributes: {} }] },
  };
  const spans: Sent[] = [root, ...rows].map((row) => {
    const detail = details[row.id];
    return detail === undefined ? { row } : { row, detail };
  });
  for (let level = 0; level < LEVELS; level++) {
    const parent = level === 0 ? "root" : `deep-${level - 1}`;
    spans.push({ row: span(`deep-${level}`, `level ${level + 1}`, 1.2, 1.9, { parent, type: "CHAIN" }) });
  }
  return spans;
}

function nested(levels: number): unknown {
  let value: unknown = "the innermost";
  for (let level = 0; level < levels; level++) value = { deeper: value };
  return value;
}

/** Conversations in forms that nobody has agreed on; each holds the word KEPT, which must not be lost. */
export function oddSpans(): Sent[] {
  const chats: Record<string, unknown> = {
    "messages are text": { messages: "KEPT", replies: [] },
    "messages are an object": { messages: { role: "user", content: "KEPT" }, replies: [] },
    "messages are null": { messages: null, replies: [{ role: "assistant", parts: [{ kind: "text", text: "KEPT" }] }] },
    "no replies": { messages: [{ role: "user", parts: [{ kind: "text", text: "KEPT" }] }] },
    "a message is text": { messages: ["KEPT"], replies: [] },
    "a message is null": { messages: [null, { role: "user", parts: [{ kind: "text", text: "KEPT" }] }], replies: [] },
    "no parts": { messages: [{ role: "user", content: "KEPT" }], replies: [] },
    "parts are text": { messages: [{ role: "user", parts: "KEPT" }], replies: [] },
    "an unknown part": {
      messages: [{ role: "user", parts: [{ kind: "hologram", value: { of: "KEPT" } }] }],
      replies: [],
    },
    "text that is a number": { messages: [{ role: "KEPT", parts: [{ kind: "text", text: 42 }] }], replies: [] },
    "an image elsewhere": {
      messages: [{ role: "user", parts: [{ kind: "image", url: "https://pictures.example/KEPT.png" }] }],
      replies: [],
    },
    "turned round": {
      messages: [
        {
          role: "user",
          parts: [
            {
              kind: "text",
              text: "KEPT \u202e[moc.knab](https://hostile.invalid/) and `edoc` Hello\u{e0048}\u{e0069}",
            },
          ],
          name: "eman\u2067",
        },
      ],
      replies: [],
    },
    "no role": { messages: [{ parts: [{ kind: "text", text: "KEPT" }] }], replies: [] },
    "tool calls are an object": {
      messages: [{ role: "assistant", parts: [], tool_calls: { name: "KEPT" } }],
      replies: [],
    },
    "arguments are an object": {
      messages: [{ role: "assistant", parts: [], tool_calls: [{ name: "call", arguments: { text: "KEPT" } }] }],
      replies: [],
    },
    "arguments are broken": {
      messages: [{ role: "assistant", parts: [], tool_calls: [{ name: "call", arguments: '{"text": "KEPT' }] }],
      replies: [],
    },
  };
  return Object.entries(chats).map(([name, chat], index) => ({
    row: span(`odd-${index}`, name, index / 10, index / 10 + 0.1, { type: "LLM" }),
    detail: { chat: chat as Chat },
  }));
}
