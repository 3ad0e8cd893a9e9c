/** The header: how it stands, how long it took, what it cost. */

import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { SpanNode } from "../../store/span-node";
import { ROOT, type Tree } from "../../store/tree";
import { shortened } from "../../text/chat-history";
import * as format from "../../text/format";
import { focusedSpan } from "../../view/focused-part";
import { useNow } from "../../view/hooks";
import { asJson } from "../../view/trace-json";
import type { View } from "../../view/view";
import type { Summary, WireTokens } from "../../wire/types.gen";
import { Button } from "../controls/button";
import { CopyButton } from "../controls/copy-button";
import { MlflowLink } from "../controls/mlflow-link";
import { Sign, Warning } from "../controls/sign";
import { ThumbCount } from "./thumb-count";

const STATE = { running: "Running", ok: "Done", error: "Failed" } as const;

export function Header({ view }: { view: View }): VNode | null {
  const now_ns = useNow(view);
  const { summary, tree } = view.store;
  const roots = useMemo(() => rootsOf(tree), [tree, tree.shape]);
  if (summary === undefined) return null;
  const tokens = shownTokens(summary);
  const trace = traceOf(view, roots);
  const running = summary.state === "running" && view.hasKernel();
  const paused = view.reading.paused_ns !== undefined;
  return (
    <header class="lt-header">
      <span class={`lt-state lt-is-${summary.state}`}>
        <i class="lt-dot" aria-hidden />
        <b>{stateWord(view, summary)}</b> {time(summary, now_ns)}
      </span>
      <span>
        <b>{format.grouped(summary.calls)}</b> {summary.calls === 1 ? "LLM call" : "LLM calls"}
      </span>
      {tokens !== undefined && (
        <span title={exactTokens(summary)}>
          <b>{tokens}</b> tokens
        </span>
      )}
      <Cost summary={summary} />
      {summary.errors > 0 && (
        <span class="lt-error">
          <Warning />
          {format.counted(summary.errors, "error")}
        </span>
      )}
      {!view.hasKernel() && <span>Not connected: saved view</span>}
      <ThumbCount view={view} />
      <span class="lt-right">
        <TracePicker view={view} roots={roots} />
        <CopyButton kind="lt-roomy" text={() => asJson(view)} label="JSON" title="Copy the trace as JSON (j)" />
        {trace !== undefined && (
          <>
            <CopyButton text={() => trace} label={shortened(trace, 8)} title="Copy the trace's id" />
            <MlflowLink view={view} trace={trace} />
          </>
        )}
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
  return state === "running" && !view.hasKernel() ? "Unfinished" : STATE[state];
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

/** More traces are not chosen from a list. */
const MOST_TRACES = 50;

/** The roots of the traces that have one each; none if there are too many. */
function rootsOf(tree: Tree): SpanNode[] {
  const roots = new Map<number, number>();
  for (const span of tree.childrenOf(ROOT)) {
    const trace = tree.spans.trace.get(span);
    roots.set(trace, roots.has(trace) ? -1 : span);
    if (roots.size > MOST_TRACES) return [];
  }
  return [...roots.values()].filter((span) => span !== -1).map((span) => new SpanNode(tree, span));
}

/** The trace that all in sight is of; of many each has its id and its link in the details. */
const traceOf = (view: View, roots: readonly SpanNode[]): string | undefined =>
  (focusedSpan(view) ?? (roots.length === 1 ? roots[0] : undefined))?.row.trace;

/** Lets one of a cell's traces be seen alone. */
function TracePicker({ view, roots }: { view: View; roots: readonly SpanNode[] }): VNode | null {
  if (roots.length < 2) return null;
  const { tree } = view.store;
  const top = focusedSpan(view);
  const chosen = top && roots.find(({ span }) => tree.isWithin(top.span, span));
  const choose = (id: string) => view.read({ focus: id === "" ? [] : [id], active: id, zoom: undefined });
  return (
    <select
      class="lt-button"
      aria-label="Trace"
      value={chosen?.id ?? ""}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      <option value="">all traces</option>
      {roots.map(({ id, row }, index) => (
        <option key={id} value={id}>
          {index + 1}: {row.name}
        </option>
      ))}
    </select>
  );
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
      <Sign>{below ? "⇥" : "⤓"}</Sign> <span class="lt-word">{below ? "Beside" : "Below"}</span>
    </Button>
  );
}

/** Never a silent partial sum: what has no price is said beside what has. */
function Cost({ summary }: { summary: Summary }): VNode | null {
  const { cost_usd, estimated_cost_usd, unpriced, state } = summary;
  const soFar = state === "running" ? " so far" : "";
  if (cost_usd === undefined && estimated_cost_usd === undefined) {
    return unpriced === 0 ? null : (
      <span title={`No price is known for ${format.counted(unpriced, "call")}`}>
        cost <b>n/a</b>, {format.grouped(unpriced)} unpriced
      </span>
    );
  }
  const is_estimated = estimated_cost_usd !== undefined;
  const all_usd = (cost_usd ?? 0) + (estimated_cost_usd ?? 0);
  return (
    <span title={is_estimated ? `$${all_usd}. ${format.uncounted(summary.uncounted ?? 0)}` : `$${all_usd}`}>
      <b>{format.approximate(format.atLeast(all_usd, unpriced), is_estimated)}</b>
      {soFar}
      {unpriced > 0 && `, ${format.grouped(unpriced)} unpriced`}
    </span>
  );
}

function shownTokens({ tokens, estimated_tokens }: Summary): string | undefined {
  const all = [tokens, estimated_tokens ?? {}];
  if (all.every(({ input, output }) => (input ?? output) === undefined)) return undefined;
  const sum = (name: "input" | "output") => all.reduce((total, counts) => total + (counts[name] ?? 0), 0);
  return format.approximate(format.inAndOut(sum("input"), sum("output")), estimated_tokens !== undefined);
}

function exactTokens({ tokens, estimated_tokens, uncounted }: Summary): string {
  const part = (count: number | undefined, word: string) => (count ? ` (${word} ${format.grouped(count)})` : "");
  const counts = ({ input, output, cached, reasoning }: WireTokens, mark: string) =>
    [
      input !== undefined && `in ${mark}${format.grouped(input)}${part(cached, "cached")}`,
      output !== undefined && `out ${mark}${format.grouped(output)}${part(reasoning, "reasoning")}`,
    ]
      .filter(Boolean)
      .join(" · ");
  const parts = [counts(tokens, "")];
  if (estimated_tokens !== undefined) parts.push(counts(estimated_tokens, "≈ "), format.uncounted(uncounted ?? 0));
  return parts.filter(Boolean).join(". ");
}
