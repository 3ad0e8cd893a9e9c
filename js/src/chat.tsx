/** The conversation of an LLM call: what it was sent, folded where that repeats the call before, and what came back. */

import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import { CopyButton } from "./copy";
import { MessageView } from "./message";
import { callBefore, callsById, plainText, repeated } from "./messages";
import type { SpanNode } from "./tree";
import type { View } from "./view";
import type { Message } from "./wire.gen";

export function Chat({ view, node }: { view: View; node: SpanNode }): VNode {
  const { reading, store } = view;
  const chat = node.detail?.chat;
  const messages = chat?.messages ?? [];
  const replies = repliesOf(node);
  const same = useMemo(
    () => repeated(callBefore(node, store.tree.nodes.values())?.detail?.chat, messages),
    [node, chat, store.tree.shape],
  );
  const [unfolded, setUnfolded] = useState(false);
  const calls = callsById(messages);
  const first = unfolded ? 0 : same;
  const streaming = node.row.status === "running";
  return (
    <div class="lt-chat">
      {same > 0 && (
        <button
          type="button"
          class="lt-fold lt-earlier"
          aria-expanded={unfolded}
          onClick={() => setUnfolded(!unfolded)}
        >
          <i class={unfolded ? "lt-chevron lt-open" : "lt-chevron"} aria-hidden="true" />
          {same === 1 ? "1 earlier message" : `${same} earlier messages`}, same as in the call before
        </button>
      )}
      {messages.slice(first).map((message, index) => (
        <MessageView key={`in ${first + index}`} message={message} calls={calls} raw={reading.raw} />
      ))}
      {replies.map((message, index) => (
        <MessageView
          key={`out ${index}`}
          message={message}
          calls={calls}
          raw={reading.raw}
          reply={replies.length > 1 ? `choice ${index + 1}` : "reply"}
          streaming={streaming}
        />
      ))}
      {streaming && replies.length === 0 && <p class="lt-note">Waiting for the first token.</p>}
      <div class="lt-tools">
        <button
          type="button"
          class="lt-button"
          aria-pressed={reading.raw}
          onClick={() => view.read({ raw: !reading.raw })}
        >
          {reading.raw ? "Show as Markdown" : "Show as written"}
        </button>
        <CopyButton text={() => [...messages, ...replies].map(asText).join("\n\n")} label="Copy conversation" />
      </div>
    </div>
  );
}

/** What came back; while it streams, the text so far. */
function repliesOf(node: SpanNode): readonly Message[] {
  const replies = node.detail?.chat?.replies ?? [];
  if (node.text === "" || (replies.length > 0 && node.row.status !== "running")) return replies;
  return [{ role: "assistant", parts: [{ kind: "text", text: node.text }] }];
}

function asText(message: Message): string {
  const calls = (message.tool_calls ?? []).map((call) => `${call.name}(${call.arguments})`);
  return [`${message.role}:`, plainText(message), ...calls].filter(Boolean).join("\n");
}
