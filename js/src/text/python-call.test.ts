import { expect, test } from "vitest";
import { treeOf } from "../../dev/trees";
import { SpanNode } from "../store/span-node";
import type { Detail, Row } from "../wire/types.gen";
import { literal, pythonCall } from "./python-call";

const UNRECORDED = "# Not recorded: keys (LiteLLM takes them from the environment), headers, timeouts.\n";

function nodeOf(row: Partial<Row>, detail: Detail) {
  const tree = treeOf({ id: "1", trace: "t", name: "x", type: "LLM", status: "ok", start_ns: 0, ...row });
  tree.packs.set(0, detail);
  return new SpanNode(tree, 0);
}

test("a completion is what makes it again", () => {
  const node = nodeOf(
    { model: "gpt-4o-mini", provider: "openai" },
    { inputs: { messages: [{ role: "user", content: 'Say "hi"\n' }], temperature: 0.2, stream: true } },
  );
  expect(pythonCall(node)).toBe(`${UNRECORDED}import litellm

response = litellm.completion(
    model="openai/gpt-4o-mini",
    messages=[{"role": "user", "content": "Say \\"hi\\"\\n"}],
    temperature=0.2,
    stream=True,
)
`);
});

test.each([
  ["openrouter", "openai/gpt-4o", "openrouter/openai/gpt-4o"],
  ["openai", "openai/gpt-4o", "openai/gpt-4o"],
  [undefined, "gpt-4o", "gpt-4o"],
])("by the provider %s, %s is called as %s", (provider, model, called) =>
  expect(pythonCall(nodeOf({ model, ...(provider && { provider }) }, { inputs: { messages: [] } }))).toContain(
    `    model="${called}",\n`,
  ),
);

test.each([
  ["EMBEDDING", { input: ["a"] }, "litellm.embedding("],
  ["LLM", { prompt: "a" }, "litellm.text_completion("],
  ["LLM", { input: "a" }, "litellm.responses("],
])("of type %s with %j it calls %s", (type, inputs, called) =>
  expect(pythonCall(nodeOf({ type, model: "m" }, { inputs }))).toContain(called),
);

test.each([
  ["LLM", "aimage_generation", { prompt: "a cat" }, "image_generation"],
  ["LLM", "moderation", { input: "a" }, "moderation"],
  ["LLM", "aspeech", { input: "a" }, "speech"],
  ["LLM", "transcription", { input: "a" }, "transcription"],
  ["RERANKER", "arerank", { query: "a", documents: [] }, "rerank"],
  ["LLM", "atext_completion", { prompt: "a" }, "text_completion"],
  ["LLM", "acompletion", { messages: [] }, "completion"],
  ["LLM", "anthropic_messages", { messages: [] }, "completion"],
  ["LLM", "os.system", { messages: [] }, "completion"],
  ["LLM", "completion(", { input: "a" }, "responses"],
  ["LLM", 1, { prompt: "a" }, "text_completion"],
])("of type %s, recorded as %s with %j, it calls %s", (type, call_type, inputs, called) =>
  expect(pythonCall(nodeOf({ type }, { inputs, attributes: { call_type } }))).toContain(
    `\n\nresponse = litellm.${called}(\n`,
  ),
);

test("the model of a moderation is called by its own name", () => {
  const recorded = { inputs: { input: "a" }, attributes: { call_type: "amoderation" } };
  expect(pythonCall(nodeOf({ model: "omni", provider: "openai" }, recorded))).toContain('    model="omni",\n');
});

test.each([
  [[[{ role: "user" }]], '    messages=[{"role": "user"}],\n'],
  [[[], []], "    messages=[[], []],\n"],
  [[], "    messages=[],\n"],
  ["text", '    messages="text",\n'],
])("of the messages %j it gives one conversation", (messages, given) =>
  expect(pythonCall(nodeOf({ type: "CHAT_MODEL" }, { inputs: { temperature: 1, messages } }))).toContain(given),
);

test("the model that was asked for is called where no other is known", () => {
  expect(pythonCall(nodeOf({}, { inputs: { model: "gpt-4o", messages: [] } }))).toContain('    model="gpt-4o",\n');
  expect(pythonCall(nodeOf({ model: "m" }, { inputs: { model: "gpt-4o", messages: [] } }))).not.toContain("gpt-4o");
});

test.each([
  ["TOOL", { messages: [] }],
  ["LLM", "text"],
  ["LLM", undefined],
  ["LLM", { other: 1 }],
])("there is none for type %s with %j", (type, inputs) =>
  expect(pythonCall(nodeOf({ type }, { inputs }))).toBeUndefined(),
);

test.each([
  ["http://127.0.0.1:4000/v1/", '    api_base="http://127.0.0.1:4000/v1",\n'],
  ["http://127.0.0.1:4000/v1/responses", '    api_base="http://127.0.0.1:4000/v1",\n'],
  ["http://127.0.0.1:4000/v1/messages", '    api_base="http://127.0.0.1:4000",\n'],
  ["http://localhost:11434/api/chat", '    api_base="http://localhost:11434",\n'],
  ["https://models.example/v1/models/gemini:generateContent?key=*****1234", '# Sent to "https://models.example/'],
])("a call to %s goes there again, or says where it went", (api_base, says) => {
  const text = pythonCall(nodeOf({ model: "m" }, { inputs: { messages: [] }, attributes: { api_base } }));
  expect(text).toContain(says);
  expect(text?.match(/^ {4}api_base=/gm)?.length ?? 0).toBe(says.startsWith("#") ? 0 : 1);
});

test("without an address there is none", () =>
  expect(pythonCall(nodeOf({}, { inputs: { messages: [] }, attributes: { api_base: "" } }))).not.toContain("api_base"));

test.each([
  [{ max_retries: 2 }, "num_retries"],
  [{ user: "abc… [first 3 of 1,200 characters]" }, "Long values are shortened"],
  [{ images: ["mlflow-attachment://a1?content_type=image%2Fpng"] }, "Put back"],
])("of %j it says what is to be known, and of nothing else", (more, says) => {
  const text = pythonCall(
    nodeOf({}, { inputs: { messages: [], ...more }, outputs: "x… [first 1 of 9 numbers]", cut: 1 }),
  );
  expect(text?.match(/^# .*/gm)).toEqual([UNRECORDED.trim(), expect.stringContaining(says)]);
});

test("names that are none in Python are passed, too", () => {
  const text = pythonCall(nodeOf({}, { inputs: { messages: [], "extra-key": 1, class: 2, None: 3, classes: 4 } }));
  expect(text).toContain('**{"extra-key": 1},');
  expect(text).toContain('**{"class": 2},');
  expect(text).toContain('**{"None": 3},');
  expect(text).toContain("    classes=4,");
});

test("values are written as Python has them, in several lines where one would be too long", () => {
  expect(literal({ t: "é 😀 \u007f \u0000\n", none: null, yes: true, no: false, empty: [{}, [], ""] })).toBe(
    '{"t": "é 😀 \\u007f \\u0000\\n", "none": None, "yes": True, "no": False, "empty": [{}, [], ""]}',
  );
  expect(literal("\u2028 \u202e é")).toBe('"\\u2028 \\u202e é"');
  expect(literal(Number.POSITIVE_INFINITY)).toBe('float("Infinity")');
  expect(literal(["a".repeat(60), { b: "b".repeat(60) }])).toBe(
    `[\n    "${"a".repeat(60)}",\n    {"b": "${"b".repeat(60)}"},\n]`,
  );
});
