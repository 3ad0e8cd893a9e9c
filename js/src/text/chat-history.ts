/** What the chat pane works out of messages: what repeats the call before, which call a tool's answer belongs to. */

import { isCall } from "../store/rollup";
import { SpanNode } from "../store/span-node";
import { isRecord } from "../wire/shapes";
import type { Chat, Message, Part, ToolCall } from "../wire/types.gen";

/** At so many calls without a conversation it is given up: of many, what was looked at first would be packed again. */
const MOST_LOOKS = 4;

/**
 * The LLM call of the same trace that began last before this one, and which one that is, from 1 on; undefined also while
 * it is not known.
 */
export function callBefore({ tree, span }: SpanNode): { call: SpanNode; number: number } | undefined {
  const { spans } = tree;
  const start_ns = spans.start_ns.get(span);
  let before: number[] = [];
  for (let other = 0; other < tree.size; other++) {
    if (spans.trace.get(other) !== spans.trace.get(span) || spans.start_ns.get(other) >= start_ns) continue;
    if (isCall(spans.texts.at(spans.type.get(other)) ?? "")) before.push(other);
  }
  before = before.sort((a, b) => spans.start_ns.get(b) - spans.start_ns.get(a));
  let looks = MOST_LOOKS;
  for (const [later, other] of before.entries()) {
    if (spans.texts.at(spans.type.get(other)) === "EMBEDDING") continue;
    const call = new SpanNode(tree, other);
    if (call.detail?.chat !== undefined) return { call, number: before.length - later };
    if (call.coming || --looks === 0) return undefined;
  }
  return undefined;
}

/** How many messages from the first on were in the call before too, sent or replied; the last one is never among them. */
export function repeated(before: Chat | undefined, messages: readonly Message[]): number {
  if (before === undefined) return 0;
  const said = [...before.messages, ...before.replies.slice(0, 1)];
  let same = 0;
  while (same < messages.length - 1 && same < said.length) {
    if (keyOf(said[same] as Message) !== keyOf(messages[same] as Message)) break;
    same++;
  }
  return same;
}

/** A message without what providers add or drop when it is sent again: ids, names, reasoning, empty pieces. */
function keyOf(message: Message): string {
  const pieces = message.parts
    .filter((part) => part.kind !== "reasoning" && !(part.kind === "text" && !part.text))
    .map((part) => [part.kind, part.text, part.url, part.value]);
  const calls = (message.tool_calls ?? []).map((call) => [call.name, call.arguments]);
  return JSON.stringify([message.role, pieces, calls]);
}

/** The tool calls of a conversation by their ids. */
export function callsById(messages: readonly Message[]): Map<string, ToolCall> {
  const calls = new Map<string, ToolCall>();
  for (const message of messages) {
    for (const call of message.tool_calls ?? []) if (call.id !== undefined) calls.set(call.id, call);
  }
  return calls;
}

export interface Argument {
  readonly name: string;
  readonly value: string;
}

/** The arguments of a call for its one line, each value as JSON, shortened; undefined when they are not a JSON object. */
export function argumentsOf(call: ToolCall, most_characters = 60): Argument[] | undefined {
  const value = parsed(call.arguments);
  if (!isRecord(value)) return undefined;
  return Object.entries(value).map(([name, part]) => ({
    name,
    value: shortened(JSON.stringify(part), most_characters),
  }));
}

/** The value that a model wrote as JSON, or its text when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function shortened(text: string, most_characters: number): string {
  return text.length <= most_characters ? text : `${text.slice(0, most_characters - 1)}…`;
}

/** A message's text, for copying and for the raw form. */
export const plainText = (message: Message): string =>
  message.parts
    .filter((part) => part.kind === "text")
    .map((part) => part.text ?? "")
    .join("\n\n");

/** A conversation as Markdown: who said it in bold, tool calls as code, what is no text as JSON. */
export const asMarkdown = (messages: readonly Message[]): string =>
  messages
    .map(({ role, name, parts, tool_calls = [] }) =>
      [
        `**${name === undefined ? role : `${role} ${name}`}**`,
        ...parts.map(partAsMarkdown),
        ...tool_calls.map((call) => fenced(`${call.name}(${call.arguments})`)),
      ]
        .filter(Boolean)
        .join("\n\n"),
    )
    .join("\n\n");

function partAsMarkdown({ kind, text, url, value }: Part): string {
  if (kind === "text") return text ?? "";
  if (kind === "reasoning") return (text ?? "").replaceAll(/^/gm, "> ");
  if (url !== undefined) return `[${kind}] ${shortened(url, 200)}`;
  return fenced(JSON.stringify(value ?? text, null, 2) ?? "", "json");
}

/** A fence longer than any in the text. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
