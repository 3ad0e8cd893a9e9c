/**
 * A conversation as the chat pane relies on it. Providers invent forms, and what a notebook kept may have been edited: a
 * message of another form than agreed stands in its place as it came, so that nothing is dropped.
 */

import { isRecord, isText } from "../wire/shapes";
import type { Chat, Message } from "../wire/types.gen";

/** Undefined when there is none. */
export function readChat(chat: unknown): Chat | undefined {
  if (chat === undefined || chat === null) return undefined;
  if (!isRecord(chat)) return { messages: [raw(chat)], replies: [] };
  const { messages, replies, finish_reason } = chat;
  return {
    messages: listOf(messages),
    replies: listOf(replies),
    ...(isText(finish_reason) ? { finish_reason } : {}),
  };
}

function listOf(value: unknown): Message[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map((each) => (isMessage(each) ? each : raw(each))) : [raw(value)];
}

const raw = (value: unknown): Message => ({ role: "?", parts: [{ kind: "other", value }] });

function isMessage(value: unknown): value is Message {
  if (!isRecord(value)) return false;
  const { role, parts, tool_calls, name, tool_call_id } = value;
  return (
    isText(role) &&
    Array.isArray(parts) &&
    parts.every(isPart) &&
    (tool_calls === undefined || (Array.isArray(tool_calls) && tool_calls.every(isToolCall))) &&
    [name, tool_call_id].every(isTextOrAbsent)
  );
}

const isPart = (part: unknown): boolean =>
  isRecord(part) && isText(part.kind) && [part.text, part.url].every(isTextOrAbsent);

const isToolCall = (call: unknown): boolean => isRecord(call) && isText(call.name) && isText(call.arguments);

const isTextOrAbsent = (value: unknown): boolean => value === undefined || isText(value);
