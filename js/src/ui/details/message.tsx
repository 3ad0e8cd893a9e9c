/** One message of a conversation. */

import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { argumentsOf, parsed, plainText, shortened } from "../../text/chat-history";
import * as format from "../../text/format";
import { indented } from "../../text/plain-value";
import type { Message, Part, ToolCall } from "../../wire/types.gen";
import { Button } from "../controls/button";
import { Fold } from "../controls/fold";
import { usePieces } from "../controls/long-list";
import { Json } from "./json-tree";
import { LongText } from "./long-text";

const MOST_LINES = 12;
const MOST_CHARACTERS = 1400;
/** Of a folded text more is drawn than can be seen. */
const DRAWN_LINES = 30;
const DRAWN_CHARACTERS = 4000;

/** How many lines a message takes, for `usePieces`. */
export const linesIn = ({ parts, tool_calls = [] }: Message): number =>
  parts.reduce((lines, { text = "" }) => lines + 1 + text.split("\n", DRAWN_LINES).length / 5, 2) +
  2 * tool_calls.length;

interface MessageProps {
  message: Message;
  calls: ReadonlyMap<string, ToolCall>;
  raw: boolean;
  /** Set on what came back: how to name it. */
  reply?: string;
  streaming?: boolean;
}

export function MessageView({ message, calls, raw, reply, streaming = false }: MessageProps): VNode {
  const asked = message.tool_call_id === undefined ? undefined : calls.get(message.tool_call_id);
  const [toolCalls, more] = usePieces(message.tool_calls ?? []);
  const system = message.role === "system" || message.role === "developer";
  return (
    <div class={reply === undefined ? "lt-message" : "lt-message lt-reply"} data-role={message.role}>
      <div class="lt-role">
        {message.role}
        {asked === undefined && message.name !== undefined && <span>{message.name}</span>}
        {reply !== undefined && reply !== "reply" && <span>{reply}</span>}
      </div>
      <div class={streaming ? "lt-said lt-streaming" : "lt-said"}>
        {asked !== undefined && <Signature call={asked} answer />}
        <Folded text={plainText(message)} closed={system} off={streaming}>
          {(folded) =>
            message.parts.map((part, index) => (
              <PartView key={index} part={part} raw={raw} data={message.role === "tool"} folded={folded} />
            ))
          }
        </Folded>
        {toolCalls.map((call, index) => (
          <CallView key={call.id ?? index} call={call} />
        ))}
        {more}
      </div>
    </div>
  );
}

interface PartProps {
  part: Part;
  raw: boolean;
  /** Its text may be JSON, as what a tool answers often is. */
  data: boolean;
  /** Not all of its text can be seen. */
  folded: boolean;
}

/** One piece of a message. */
function PartView({ part, raw, data, folded }: PartProps): VNode | null {
  switch (part.kind) {
    case "text":
      if (data && !raw && typeof parsed(part.text ?? "") === "object") return <Json value={parsed(part.text ?? "")} />;
      return part.text ? <LongText text={folded ? beginning(part.text) : part.text} raw={raw} /> : null;
    case "reasoning":
      return (
        <Fold label={<small>Reasoning, {format.characters((part.text ?? "").length)}</small>}>
          <div class="lt-reasoning">
            <LongText text={part.text ?? ""} raw={raw} />
          </div>
        </Fold>
      );
    case "image":
    case "audio":
      return <Media kind={part.kind} url={part.url ?? ""} />;
    default: {
      const value = part.value ?? part.text ?? part.url ?? part;
      return raw ? <LongText text={indented(value)} raw /> : <Json value={value} />;
    }
  }
}

const beginning = (text: string): string => text.split("\n", DRAWN_LINES).join("\n").slice(0, DRAWN_CHARACTERS);

/** Images and sounds that are in the message itself, in forms that hold no script; shown when asked for. */
const HARMLESS = /^data:(?:image\/(?:png|jpeg|gif|webp|bmp|avif)|audio\/[\w.+-]+);base64,[A-Za-z0-9+/]+=*$/;

function Media({ kind, url }: { kind: "image" | "audio"; url: string }): VNode {
  const [shown, setShown] = useState(false);
  if (!HARMLESS.test(url)) {
    return (
      <p class="lt-dim lt-literal">
        [{kind}, not loaded] {urlWord(url)}
      </p>
    );
  }
  return (
    <p class="lt-literal">
      <Button kind="lt-link" aria-expanded={shown} onClick={() => setShown(!shown)}>
        {shown ? "hide" : "show"} {kind}, {format.characters(url.length)}
      </Button>
      {shown && kind === "image" && <img class="lt-image" src={url} alt="from the message" />}
      {shown && kind === "audio" && (
        // biome-ignore lint/a11y/useMediaCaption: there are no captions to a sound in a message
        <audio controls src={url} />
      )}
    </p>
  );
}

const urlWord = (url: string): string =>
  url.startsWith("data:") && url.length > 200
    ? `${url.slice(0, url.indexOf(",") + 1 || 40)}… ${format.characters(url.length)}`
    : url;

/** Long text is shown by its first lines; a `closed` one by its first line. */
interface FoldedProps {
  text: string;
  closed: boolean;
  off: boolean;
  children: (folded: boolean) => ComponentChildren;
}

function Folded(props: FoldedProps): VNode {
  const { text, closed, off, children } = props;
  const [open, setOpen] = useState(false);
  const lines = text.split("\n", 1000).length;
  const long = lines > MOST_LINES || text.length > MOST_CHARACTERS;
  const folds = !off && (long || (closed && (lines > 1 || text.length > 90)));
  if (!folds) return <div class="lt-text">{children(false)}</div>;
  return (
    <>
      <div class={open ? "lt-text" : closed ? "lt-text lt-one-line" : "lt-text lt-cut"}>
        {closed && !open ? text.trimStart().split("\n", 1)[0] : children(!open)}
      </div>
      <Button kind="lt-more" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? "show less" : lines > 1 ? `show all, ${format.counted(lines, "line")}` : "show all"}
      </Button>
    </>
  );
}

/** A tool call on one line; opened, its arguments as a tree. */
const CallView = ({ call }: { call: ToolCall }): VNode => (
  <div class="lt-call">
    <Fold label={<Signature call={call} />}>
      <Json value={parsed(call.arguments)} />
    </Fold>
  </div>
);

function Signature({ call, answer = false }: { call: ToolCall; answer?: boolean }): VNode {
  const list = argumentsOf(call);
  return (
    <code
      class={answer ? "lt-signature lt-answer" : "lt-signature"}
      title={shortened(`${call.name}(${call.arguments})`, MOST_CHARACTERS)}
    >
      {answer && "↳ "}
      <b>{call.name}</b>(
      {list === undefined
        ? call.arguments
        : list.map(({ name, value }, index) => (
            <>
              {index > 0 && ", "}
              <span class="lt-argument">{name}</span>={value}
            </>
          ))}
      )
    </code>
  );
}
