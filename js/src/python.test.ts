import { expect, test } from "vitest";
import { treeOf } from "../dev/trees";
import { literal, pythonCall } from "./python";
import type { Detail, Row } from "./wire.gen";

function nodeOf(row: Partial<Row>, detail: Detail) {
  const tree = treeOf({ id: "1", trace: "t", name: "x", type: "LLM", status: "ok", start_ns: 0, ...row });
  tree.details.set(0, detail);
  return tree.node(0);
}

test("a completion is what makes it again", () => {
  const node = nodeOf(
    { model: "gpt-4o-mini", provider: "openai" },
    { inputs: { messages: [{ role: "user", content: 'Say "hi"\n' }], temperature: 0.2, stream: true } },
  );
  expect(pythonCall(node)).toBe(`import litellm

response = litellm.completion(
    model="openai/gpt-4o-mini",
    messages=[{"role": "user", "content": "Say \\"hi\\"\\n"}],
    temperature=0.2,
    stream=True,
)
`);
});

test.each([
  ["EMBEDDING", { input: ["a"] }, "litellm.embedding("],
  ["LLM", { prompt: "a" }, "litellm.text_completion("],
  ["LLM", { input: "a" }, "litellm.responses("],
])("of type %s with %j it calls %s", (type, inputs, called) =>
  expect(pythonCall(nodeOf({ type, model: "m" }, { inputs }))).toContain(called),
);

test.each([
  ["TOOL", { messages: [] }],
  ["LLM", "text"],
  ["LLM", undefined],
  ["LLM", { other: 1 }],
])("there is none for type %s with %j", (type, inputs) =>
  expect(pythonCall(nodeOf({ type }, { inputs }))).toBeUndefined(),
);

test("says when values are shortened, and passes names that are none in Python", () => {
  const text = pythonCall(nodeOf({}, { inputs: { messages: [], "extra-key": 1, class: 2 }, cut: 1 }));
  expect(text).toMatch(/^# Long values are shortened/);
  expect(text).toContain('**{"extra-key": 1},');
  expect(text).toContain('**{"class": 2},');
});

test("values are written as Python has them, in several lines where one would be too long", () => {
  expect(literal({ t: "é 😀 \u007f \u0000\n", none: null, yes: true, no: false, empty: [{}, [], ""] })).toBe(
    '{"t": "é 😀 \\x7f \\u0000\\n", "none": None, "yes": True, "no": False, "empty": [{}, [], ""]}',
  );
  expect(literal(["a".repeat(60), { b: "b".repeat(60) }])).toBe(
    `[\n    "${"a".repeat(60)}",\n    {"b": "${"b".repeat(60)}"},\n]`,
  );
});
