import { expect, test } from "vitest";
import { columnsOf, linesOf } from "../../dev/columns";
import type { ToKernel } from "../host/anywidget";
import { parse } from "../rows/search-query";
import { TraceStore } from "../store/trace-store";
import type { Chat, Detail } from "../wire/types.gen";
import { searchBodies } from "./message-search";
import type { View } from "./view";
import { type BodySearch, change, fresh } from "./view-state";

/** A view of spans by their names, each with its detail. */
function viewOf(details: Record<string, Detail>, connected = false) {
  const sent: ToKernel[] = [];
  const store = new TraceStore();
  const spans = Object.entries(details).map(([id, detail], start_ns) => ({
    row: { id, trace: "tr", name: id, type: "LLM", status: "ok" as const, start_ns, end_ns: 9 },
    detail,
  }));
  const lines = linesOf(spans);
  const summary = { state: "ok" as const, spans: 0, calls: 0, errors: 0, tokens: {}, unpriced: 0 };
  const head = { v: 2 as const, seq: 0, cell: { label: "1" }, origin_ms: 0, summary, notes: [] };
  store.applySnapshot({ ...head, rows: columnsOf(spans) }, [{ count: lines.length, lines: async () => lines }]);
  const reading = fresh();
  const view = {
    ...{ store, reading, hasKernel: () => connected },
    read: (changes: object) => change(reading, changes),
    send: (message: ToKernel) => sent.push(message),
  };
  const begin = async (text: string) => {
    const { deep } = parse(text);
    if (deep !== undefined) await searchBodies(view as unknown as View, deep);
  };
  return { begin, sent, reading, store };
}

/** A search in them; without a kernel it answers with the names. */
async function search(text: string, details: Record<string, Detail>, connected = false) {
  const { begin, sent, reading } = viewOf(details, connected);
  await begin(text);
  return { sent, ids: reading.bodies?.ids && [...reading.bodies.ids] };
}

test("a phrase is sought in texts, an attribute among attributes", async () => {
  const details = { said: { inputs: "what is attr.user=Ada?" }, has: { attributes: { user: "Ada" } } };
  expect((await search('"attr.user=ada"', details)).ids).toEqual(["said"]);
  expect((await search("attr.user=ada", details)).ids).toEqual(["has"]);
  expect((await search("attr.user=a* has", details)).ids).toEqual(["has"]);
});

test.each([
  ["True", "true"],
  [true, "true"],
  [null, "null"],
  [1.0, "1"],
  [[1, "É"], '[1,"é"]'],
  [{ a: { b: [null] } }, '{"a":{"b":[null]}}'],
])("the attribute %j is compared as it is shown: %s", async (value, shown) => {
  expect((await search(`attr.key=${shown}`, { one: { attributes: { key: value } } })).ids).toEqual(["one"]);
  expect((await search(`attr.key=${shown}.`, { one: { attributes: { key: value } } })).ids).toEqual([]);
});

test.each([
  ["role", true],
  ["lisbon user", true],
  ["2.5", true],
  ["true", true],
  ["refused", true],
  ["site-packages", true],
  ["gpt", true],
  ["parts", false],
  ["kind", false],
  ["messages", false],
  ["time_ns", false],
  ["null", false],
])("%s is sought in what was recorded, not in the view's own form of it", async (word, found) => {
  const said = { messages: [{ role: "user", parts: [{ kind: "text", text: "Lisbon" }] }], replies: [] } as const;
  const recorded: Detail = {
    inputs: [{ role: "user", content: "Lisbon" }, 2.5, true, null],
    chat: said as unknown as Chat,
    events: [{ name: "exception", time_ns: 1, attributes: { "exception.message": "refused" } }],
    error: { type: "E", message: "refused", stack: "in site-packages" },
  };
  expect((await search(word, { gpt: recorded })).ids).toEqual(found ? ["gpt"] : []);
});

test("the base64 of an image holds no words", async () => {
  const image = { inputs: `data:image/png;base64,${"catRAGzoo0".repeat(40)}`, outputs: "a dog" };
  expect((await search("cat", { image })).ids).toEqual([]);
  expect((await search("dog", { image })).ids).toEqual(["image"]);
});

test("only the last search without a kernel answers", async () => {
  const details = Object.fromEntries(Array.from({ length: 3 }, (_, index) => [`s${index}`, { inputs: `n${index}` }]));
  const { begin, reading } = viewOf(details);
  const first = begin("n1");
  reading.bodies = undefined; // another query was typed
  const second = begin("n2");
  await Promise.all([first, second]);
  expect([...((reading.bodies as BodySearch | undefined)?.ids ?? [])]).toEqual(["s2"]);
  reading.bodies = undefined;
  const third = begin("n1");
  reading.bodies = undefined; // stopped
  await third;
  expect(reading.bodies).toBeUndefined();
});

test("the kernel is asked again only after it has answered and more has come, and its answer stands meanwhile", async () => {
  const { begin, sent, reading, store } = viewOf({ one: {} }, true);
  await begin("lisbon");
  await begin("lisbon");
  expect(sent).toHaveLength(1);
  const answered = { ...(reading.bodies as BodySearch), ids: new Set(["one"]) };
  reading.bodies = answered;
  await begin("lisbon");
  expect(sent).toHaveLength(1);
  store.tree.version++;
  await begin("lisbon");
  expect(sent).toHaveLength(2);
  expect(reading.bodies).toMatchObject({ version: store.tree.version, previous: answered });
  expect(reading.bodies.ids).toBeUndefined();
});

test("the kernel is asked for both, if there is one", async () => {
  const { sent, ids } = await search('attr.user=a* lisbon "attr.x=1"', {}, true);
  expect(ids).toBeUndefined();
  expect(sent).toEqual([
    { kind: "search", number: expect.any(Number), words: ["lisbon", "attr.x=1"], attributes: [["user", "a*"]] },
  ]);
});
