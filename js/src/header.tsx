/** The header: how it stands, how long it took, what it cost. */

import type { VNode } from "preact";
import { Button } from "./button";
import { ThumbCount } from "./feedback";
import * as format from "./format";
import { useNow } from "./hooks";
import { MlflowLink } from "./links";
import { Sign, Warning } from "./sign";
import { ROOT } from "./tree";
import type { View } from "./view";
import type { Summary, WireTokens } from "./wire.gen";

const STATE = { running: "Running", ok: "Done", error: "Failed" } as const;

export function Header({ view }: { view: View }): VNode | null {
  const now_ns = useNow(view);
  const { summary } = view.store;
  if (summary === undefined) return null;
  const total = totalOf(summary.tokens);
  const trace = onlyTrace(view);
  const running = summary.state === "running" && view.isConnected();
  const paused = view.reading.paused_ns !== undefined;
  return (
    <header class="lt-header">
      <span class={`lt-state lt-is-${summary.state}`}>
        <i class="lt-dot" aria-hidden="true" />
        <b>{stateWord(view, summary)}</b> {time(summary, now_ns)}
      </span>
      <span>
        <b>{format.grouped(summary.calls)}</b> {summary.calls === 1 ? "LLM call" : "LLM calls"}
      </span>
      {total !== undefined && (
        <span title={exactTokens(summary.tokens)}>
          <b>{format.tokens(total)}</b> tokens
        </span>
      )}
      {summary.calls > 0 && <Cost summary={summary} />}
      {summary.errors > 0 && (
        <span class="lt-error">
          <Warning />
          {format.counted(summary.errors, "error")}
        </span>
      )}
      <ThumbCount view={view} />
      <span class="lt-right">
        {trace !== undefined && <MlflowLink view={view} trace={trace} />}
        {(running || paused) && (
          <Button
            title={paused ? "Let in what has come" : "Hold the view; the cell runs on"}
            onClick={() => view.pause(paused ? undefined : now_ns)}
          >
            {paused ? "Resume" : "Pause"}
          </Button>
        )}
        <Move view={view} />
        <Button
          title="Keys"
          aria-expanded={view.reading.keyList}
          onClick={() => view.read({ keyList: !view.reading.keyList })}
          sign="?"
          name="Keys"
        />
      </span>
      <Troubles texts={view.troubles()} />
    </header>
  );
}

function stateWord(view: View, { state }: Summary): string {
  if (view.reading.paused_ns !== undefined) return "Paused";
  return state === "running" && !view.isConnected() ? "Unfinished" : STATE[state];
}

/** In a row of its own: what it says matters more than the figures, and is longer. */
function Troubles({ texts }: { texts: readonly string[] }): VNode | null {
  if (texts.length === 0) return null;
  return (
    <p class="lt-troubles" role="note" aria-label="Storage">
      <Warning />
      {texts.join(" · ")}
    </p>
  );
}

function time(summary: Summary, now_ns: number): string {
  if (summary.state === "running") return format.ticking(now_ns);
  return format.duration(summary.duration_ns ?? now_ns);
}

/** Of many traces each has its link in the details. */
function onlyTrace({ store: { tree } }: View): string | undefined {
  const root = tree.first(ROOT);
  return root !== -1 && tree.count(ROOT) === 1 ? tree.node(root).row.trace : undefined;
}

/** Hidden by the style sheet where the view has one place only. */
function Move({ view }: { view: View }): VNode {
  const below = view.reading.placement === "below";
  return (
    <Button
      kind="lt-move"
      title={below ? "Show beside the cell's output, where it is wide" : "Show below the cell's output"}
      onClick={() => view.place(below ? "beside" : "below")}
    >
      <Sign>{below ? "⇥" : "⤓"}</Sign> {below ? "Beside" : "Below"}
    </Button>
  );
}

/** Never a silent partial sum: what has no price is said beside what has. */
function Cost({ summary: { cost_usd, unpriced, state } }: { summary: Summary }): VNode | null {
  const soFar = state === "running" ? " so far" : "";
  if (cost_usd === undefined) {
    return unpriced === 0 ? null : (
      <span title={`No price is known for ${format.counted(unpriced, "call")}`}>
        cost <b>n/a</b>, {format.grouped(unpriced)} unpriced
      </span>
    );
  }
  return (
    <span title={`$${cost_usd}`}>
      <b>
        {unpriced > 0 && "≥ "}
        {format.cost(cost_usd)}
      </b>
      {soFar}
      {unpriced > 0 && `, ${format.grouped(unpriced)} unpriced`}
    </span>
  );
}

export function totalOf(tokens: WireTokens): number | undefined {
  if (tokens.input === undefined && tokens.output === undefined) return undefined;
  return (tokens.input ?? 0) + (tokens.output ?? 0);
}

function exactTokens({ input, output, cached, reasoning }: WireTokens): string {
  const part = (count: number | undefined, word: string) => (count ? ` (${word} ${format.grouped(count)})` : "");
  return [
    input !== undefined && `in ${format.grouped(input)}${part(cached, "cached")}`,
    output !== undefined && `out ${format.grouped(output)}${part(reasoning, "reasoning")}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
