/** The line of facts above an LLM call's details. */

import type { ComponentChildren, VNode } from "preact";
import type { SpanNode } from "../../store/span-node";
import { shortened } from "../../text/chat-history";
import { readChat } from "../../text/checked-conversation";
import * as format from "../../text/format";
import { plain } from "../../text/plain-value";
import type { Row } from "../../wire/types.gen";
import { Warning } from "../controls/sign";

export function Facts({ node }: { node: SpanNode }): VNode {
  const { row, detail } = node;
  const tokens = row.tokens ?? {};
  const rate = tokensPerSecond(node);
  const stopped = readChat(detail?.chat)?.finish_reason;
  return (
    <div class="lt-facts">
      {row.model !== undefined && (
        <span>
          <b>{row.model}</b> {row.provider}
        </span>
      )}
      {Object.entries(detail?.params ?? {}).map(([name, value]) => (
        <Fact key={name} name={name}>
          {shortened(plain(value), 40)}
        </Fact>
      ))}
      {tokens.input !== undefined && (
        <Fact name="in" more={[partOf(tokens.cached, "cached"), partOf(tokens.cache_write, "cache write")]}>
          {format.grouped(tokens.input)}
        </Fact>
      )}
      {tokens.output !== undefined && (
        <Fact name="out" more={partOf(tokens.reasoning, "reasoning")}>
          {format.grouped(tokens.output)}
        </Fact>
      )}
      <Estimate row={row} />
      {row.first_token_ns !== undefined && (
        <Fact name="first token">{format.duration(row.first_token_ns - row.start_ns)}</Fact>
      )}
      {rate !== undefined && (
        <span>
          <b>{format.grouped(rate)}</b> tokens/s
        </span>
      )}
      {row.cost_usd !== undefined && <Fact name="cost">{format.cost(row.cost_usd)}</Fact>}
      {stopped !== undefined && <Stopped reason={stopped} />}
    </div>
  );
}

function Fact({
  name,
  more,
  children,
}: {
  name: string;
  more?: ComponentChildren;
  children: ComponentChildren;
}): VNode {
  return (
    <span>
      {name} <b>{children}</b>
      {more}
    </span>
  );
}

const partOf = (count: number | undefined, word: string): VNode | undefined =>
  count ? (
    <>
      {" "}
      ({word} <b>{format.grouped(count)}</b>)
    </>
  ) : undefined;

/** What there is to say where the server sent no token counts. */
function Estimate({ row: { estimated_tokens, estimated_cost_usd } }: { row: Row }): VNode | null {
  if (estimated_tokens === undefined) return null;
  const { input, output } = estimated_tokens;
  return (
    <>
      {input !== undefined && <Fact name="in">≈ {format.grouped(input)}</Fact>}
      {output !== undefined && <Fact name="out">≈ {format.grouped(output)}</Fact>}
      {estimated_cost_usd !== undefined && <Fact name="cost">≈ {format.cost(estimated_cost_usd)}</Fact>}
      <span>the server sent no token counts, ≈ is LiteLLM's own count</span>
    </>
  );
}

/** A reply that was cut short is the reason of many a bad result, so it stands out. */
function Stopped({ reason }: { reason: string }): VNode {
  const cut = reason === "length" || reason === "max_tokens";
  return (
    <span class={cut ? "lt-error" : undefined}>
      {cut && <Warning />}stopped: <b>{reason}</b>
      {cut && ", the reply is cut short"}
    </span>
  );
}

/** Output tokens over the time they took: from the first token on where that is known. */
function tokensPerSecond({ row }: SpanNode): number | undefined {
  const output = row.tokens?.output;
  if (output === undefined || row.end_ns === undefined || row.type === "EMBEDDING") return undefined;
  const taken_ns = row.end_ns - (row.first_token_ns ?? row.start_ns);
  return taken_ns > 1e6 && output > 1 ? output / (taken_ns / 1e9) : undefined;
}
