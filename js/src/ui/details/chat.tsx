/** The conversation of an LLM call: what it was sent, folded where that repeats the call before, and what came back. */

import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { SpanNode } from "../../store/span-node";
import { asMarkdown, callBefore, callsById, repeated, shortened } from "../../text/chat-history";
import { readChat } from "../../text/checked-conversation";
import * as format from "../../text/format";
import type { View } from "../../view/view";
import type { Chat as Conversation, Message, ToolCall } from "../../wire/types.gen";
import { CopyButton } from "../controls/copy-button";
import { Fold } from "../controls/fold";
import { usePieces } from "../controls/long-list";
import { linesIn, MessageView } from "./message";
import { asWritten } from "./raw-toggle";

export function Chat({ view, node }: { view: View; node: SpanNode }): VNode {
  const { store } = view;
  const [written, switchButton] = asWritten(view, "Chat", "Markdown", "written");
  const raw = node.detail?.chat;
  const chat = useMemo(() => readChat(raw), [raw]);
  const messages = chat?.messages ?? [];
  const replies = repliesOf(node, chat);
  const [same, before] = useMemo(() => {
    const found = callBefore(node);
    return [repeated(readChat(found?.call.detail?.chat), messages), found] as const;
  }, [node.id, chat, store.tree.shape, store.tree.packs.unpacked]);
  const calls = callsById(messages);
  const streaming = node.row.status === "running";
  return (
    <div class="lt-chat">
      {same > 0 && before && (
        <Fold
          kind="lt-earlier"
          label={`${format.counted(same, "earlier message")}, same as in LLM call ${before.number}, ${shortened(before.call.row.name, 80)}`}
        >
          <Messages messages={messages.slice(0, same)} calls={calls} raw={written} />
        </Fold>
      )}
      <Messages messages={messages.slice(same)} calls={calls} raw={written} />
      {replies.map((message, index) => (
        <MessageView
          key={`out ${index}`}
          message={message}
          calls={calls}
          raw={written}
          reply={replies.length > 1 ? `choice ${index + 1}` : "reply"}
          streaming={streaming}
        />
      ))}
      {streaming && replies.length === 0 && <p class="lt-note">Waiting for the first token.</p>}
      <div class="lt-tools">
        {switchButton}
        <CopyButton text={() => asMarkdown([...messages, ...replies])} label="Copy as Markdown" />
      </div>
    </div>
  );
}

interface MessagesProps {
  messages: readonly Message[];
  calls: ReadonlyMap<string, ToolCall>;
  raw: boolean;
}

/** Messages, of many the newest. */
function Messages({ messages, calls, raw }: MessagesProps): VNode {
  const [shown, earlier] = usePieces(messages, linesIn, "earlier messages");
  return (
    <>
      {earlier && <div class="lt-earlier">{earlier}</div>}
      {shown.map((message, index) => (
        <MessageView key={index - shown.length} message={message} calls={calls} raw={raw} />
      ))}
    </>
  );
}

/** What came back; while it streams, the text so far. */
function repliesOf(node: SpanNode, chat: Conversation | undefined): readonly Message[] {
  const replies = chat?.replies ?? [];
  if (node.text === "" || (replies.length > 0 && node.row.status !== "running")) return replies;
  return [{ role: "assistant", parts: [{ kind: "text", text: node.text }] }];
}
