import { describe, expect, test } from "vitest";
import { spanOf, treeOf } from "../../dev/trees";
import { SpanNode } from "../store/span-node";
import type { Chat, Message, Row } from "../wire/types.gen";
import { argumentsOf, callBefore, callsById, parsed, repeated } from "./chat-history";

const say = (role: string, text: string, more: Partial<Message> = {}): Message => ({
  role,
  parts: [{ kind: "text", text }],
  ...more,
});
const chat = (messages: Message[], replies: Message[] = []): Chat => ({ messages, replies });
const system = say("system", "Be short.");
const user = say("user", "Hello");

describe("messages that repeat the call before", () => {
  test("are counted from the first on, its reply among them", () => {
    const reply = say("assistant", "Hi");
    expect(repeated(chat([system, user], [reply]), [system, user, reply, say("user", "Again")])).toBe(3);
  });

  test("never take the last message in", () => {
    expect(repeated(chat([system, user]), [system, user])).toBe(1);
    expect(repeated(chat([user]), [user])).toBe(0);
  });

  test("end where one differs", () => {
    expect(repeated(chat([system, user]), [say("system", "Be long."), user, user])).toBe(0);
  });

  test("are the same without the reasoning and the ids that a client drops when it sends them again", () => {
    const call = { name: "rank", arguments: "{}" };
    const reply: Message = {
      role: "assistant",
      parts: [{ kind: "reasoning", text: "hm" }],
      tool_calls: [{ id: "1", ...call }],
    };
    const sent: Message = { role: "assistant", parts: [{ kind: "text", text: "" }], tool_calls: [call] };
    expect(repeated(chat([user], [reply]), [user, sent, say("tool", "ok")])).toBe(2);
  });

  test("need a call before", () => expect(repeated(undefined, [user, user])).toBe(0));
});

test("the call before is the last LLM call of the same trace that began earlier", () => {
  const row = (id: string, start_ns: number, more: Partial<Row> = {}): Row => ({
    ...{ id, trace: "t", name: id, type: "LLM", status: "ok", start_ns },
    ...more,
  });
  const tree = treeOf(
    row("first", 0),
    row("second", 1),
    row("tool", 2, { type: "TOOL" }),
    row("elsewhere", 2, { trace: "other" }),
    row("third", 3),
    row("fourth", 4),
  );
  for (const span of tree.order()) tree.packs.set(span, { chat: chat([user]) });
  const found = callBefore(new SpanNode(tree, spanOf(tree, "third")));
  expect([found?.call.id, found?.number]).toEqual(["second", 2]);
});

test("embeddings are no such calls, and of many without a conversation a few are looked at, once", async () => {
  const call = (id: string, type: string, start_ns: number): Row => {
    return { id, trace: "tr", name: id, type, status: "ok", start_ns, end_ns: start_ns + 1 };
  };
  const calls = Array.from({ length: 300 }, (_, at) => call(`c${at}`, at < 150 ? "LLM" : "EMBEDDING", at));
  const tree = treeOf(...calls, call("last", "LLM", 300));
  const unpacked: number[] = [];
  const chunks = calls.map((_, at) => ({
    count: 1,
    lines: async () => {
      unpacked.push(at);
      return ['{"inputs":1}'];
    },
  }));
  const give = tree.packs.take(chunks);
  for (const each of calls) give(spanOf(tree, each.id));
  for (let draw = 0; draw < 20; draw++) {
    expect(callBefore(new SpanNode(tree, spanOf(tree, "last")))).toBeUndefined();
    await new Promise((done) => setTimeout(done));
  }
  expect(unpacked).toEqual([149, 148, 147, 146]);
});

describe("tool calls", () => {
  test("are found by their ids", () => {
    const calls = callsById([say("assistant", "", { tool_calls: [{ id: "a", name: "f", arguments: "" }] }), user]);
    expect([...calls.keys()]).toEqual(["a"]);
  });

  test("show their arguments one by one, long ones shortened", () => {
    const call = { name: "f", arguments: `{"q": "${"x".repeat(99)}", "n": [1, 2]}` };
    expect(argumentsOf(call, 10)).toEqual([
      { name: "q", value: '"xxxxxxxx…' },
      { name: "n", value: "[1,2]" },
    ]);
  });

  test.each(["", "not json", "[1]", "3", "null", '{"a": 1'])(
    "whose arguments are %j stay as they were written",
    (text) => {
      expect(argumentsOf({ name: "f", arguments: text })).toBeUndefined();
    },
  );

  test("give their arguments as a value, or as the text that they are", () => {
    expect([parsed('{"a": 1}'), parsed("{a")]).toEqual([{ a: 1 }, "{a"]);
  });
});
