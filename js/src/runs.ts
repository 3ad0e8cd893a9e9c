/** Which siblings stand under a parent, and how: in which order, which of them at all, and like ones as one row. */

import { costOf, tokensOf } from "./rollup";
import type { SpanNode } from "./tree";

export type Order = "start" | "duration" | "tokens" | "cost";

/** Neighbours of the same name and type, which stand as one row that opens. */
export interface Run {
  readonly id: string;
  readonly nodes: readonly SpanNode[];
}

export interface Arrangement {
  readonly order: Order;
  /** Only these spans stand; undefined: all. */
  readonly keep: ReadonlySet<SpanNode> | undefined;
  /** Whether like neighbours stand as one. */
  readonly folds: boolean;
}

export const AS_THEY_CAME: Arrangement = { order: "start", keep: undefined, folds: false };

const LEAST_LIKE = 5;

export const isRun = (item: SpanNode | Run): item is Run => "nodes" in item;

/** What stands under a parent whose children are `nodes`, from top to bottom. */
export function arranged(nodes: readonly SpanNode[], { order, keep, folds }: Arrangement): readonly (SpanNode | Run)[] {
  const kept = keep === undefined ? nodes : nodes.filter((node) => keep.has(node));
  if (order !== "start") return kept.toSorted((a, b) => measureOf(b, order) - measureOf(a, order));
  return folds && kept.length >= LEAST_LIKE ? withRuns(kept) : kept;
}

/** By what spans are sorted, largest first; one that runs stands above all. */
function measureOf({ row, total }: SpanNode, order: Order): number {
  if (order === "tokens") return tokensOf(total) ?? -1;
  if (order === "cost") return costOf(total) ?? -1;
  return row.end_ns === undefined ? Number.MAX_VALUE : row.end_ns - row.start_ns;
}

function withRuns(nodes: readonly SpanNode[]): (SpanNode | Run)[] {
  const items: (SpanNode | Run)[] = [];
  for (let from = 0, to = 0; from < nodes.length; from = to) {
    const first = nodes[from] as SpanNode;
    for (to = from + 1; to < nodes.length && isLike(first, nodes[to] as SpanNode); ) to++;
    if (to - from >= LEAST_LIKE) items.push({ id: `${first.id}…`, nodes: nodes.slice(from, to) });
    else for (let at = from; at < to; at++) items.push(nodes[at] as SpanNode);
  }
  return items;
}

const isLike = (a: SpanNode, b: SpanNode): boolean => a.row.name === b.row.name && a.row.type === b.row.type;

/** What a run comes to. Durations are those of the spans that have ended. */
export interface RunSums {
  readonly count: number;
  readonly failed: number;
  readonly running: number;
  readonly sum_ns: number;
  readonly p50_ns: number | undefined;
  readonly tokens: number | undefined;
  readonly cost_usd: number | undefined;
  readonly unpriced: number;
  readonly start_ns: number;
  readonly end_ns: number | undefined;
}

export function sumsOf({ nodes }: Run): RunSums {
  const durations: number[] = [];
  let failed = 0;
  let tokens: number | undefined;
  let cost_usd: number | undefined;
  let unpriced = 0;
  let end_ns = 0;
  for (const { row, total } of nodes) {
    if (row.end_ns !== undefined) durations.push(row.end_ns - row.start_ns);
    end_ns = Math.max(end_ns, row.end_ns ?? row.start_ns);
    failed += total.failed > 0 ? 1 : 0;
    unpriced += total.unpriced;
    tokens = plus(tokens, tokensOf(total));
    cost_usd = plus(cost_usd, costOf(total));
  }
  durations.sort((a, b) => a - b);
  const running = nodes.length - durations.length;
  return {
    count: nodes.length,
    failed,
    running,
    sum_ns: durations.reduce((sum, each) => sum + each, 0),
    p50_ns: durations[durations.length >> 1],
    tokens,
    cost_usd,
    unpriced,
    start_ns: nodes[0]?.row.start_ns ?? 0,
    end_ns: running > 0 ? undefined : end_ns,
  };
}

const plus = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : a + b;
